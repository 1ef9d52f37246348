//! Configuring webhooks and recording what became of deliveries. Source: common 10.

use std::sync::Arc;

use crate::apply::Context;
use crate::command::{EndpointDraft, EndpointEdit, Reply};
use crate::id::{EndpointId, EventId};
use crate::rejection::Rejection;
use crate::sandbox::Message;
use crate::time::DAY_SECONDS;
use crate::webhook::{
    Attempt, Delivery, DeliveryKey, DeliveryState, ENDPOINTS_MAX, Endpoint, Outcome,
    REPLAY_DAYS_MAX, REPLAYS_MAX, next_attempt,
};
use crate::working_set::{Decision, Lookup, Stop, WorkingSet};

/// Adds a webhook. Rejects: `TooManyEndpoints`.
pub fn create(set: &mut WorkingSet, ctx: &mut Context, draft: &EndpointDraft) -> Decision<Reply> {
    let lookup = Lookup::Endpoints(ctx.scope.id);
    let mut ids = set.lookup(&lookup)?.clone();
    if ids.len() >= ENDPOINTS_MAX {
        return Err(Rejection::TooManyEndpoints.into());
    }
    let mut endpoint = Endpoint {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        url: draft.url.clone(),
        alert_email: draft.alert_email.clone(),
        active: draft.active,
        disabled_at: (!draft.active).then_some(ctx.now.time),
        events: draft.events.clone(),
        secrets: vec![],
        created_at: ctx.now.time,
        updated_at: ctx.now.time,
    };
    if draft.secret.is_some() {
        endpoint.rotate_secret(draft.secret.clone());
    }
    ids.push(endpoint.id.0);
    set.set_lookup(lookup, ids);
    set.put_endpoint(endpoint.clone());
    Ok(Reply::Endpoint(Arc::new(endpoint)))
}

/// Changes a webhook. `active: true` after disabling re-enables it. Rejects: `NotFound`.
pub fn edit(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: EndpointId,
    edit: &EndpointEdit,
) -> Decision<Reply> {
    let mut endpoint = find(set, ctx, id)?;
    if let Some(url) = &edit.url {
        endpoint.url.clone_from(url);
    }
    if let Some(events) = &edit.events {
        endpoint.events.clone_from(events);
    }
    if let Some(secret) = &edit.secret {
        endpoint.rotate_secret(secret.clone());
    }
    if let Some(alert_email) = &edit.alert_email {
        endpoint.alert_email.clone_from(alert_email);
    }
    if let Some(active) = edit.active {
        set_active(&mut endpoint, ctx, active);
    }
    endpoint.updated_at = ctx.now.time;
    set.put_endpoint(endpoint.clone());
    Ok(Reply::Endpoint(Arc::new(endpoint)))
}

/// Removes a webhook; what was not delivered to it never will be. Rejects: `NotFound`.
pub fn delete(set: &mut WorkingSet, ctx: &mut Context, id: EndpointId) -> Decision<Reply> {
    find(set, ctx, id)?;
    let lookup = Lookup::Endpoints(ctx.scope.id);
    let left = set.lookup(&lookup)?.iter().copied().filter(|raw| *raw != id.0).collect();
    set.set_lookup(lookup, left);
    set.append().deleted_endpoints.push(id);
    Ok(Reply::Done)
}

/// Books an attempt: done, next try, or the end, which disables the webhook and mails its owner.
/// An attempt of a delivery that needs none any more changes nothing.
pub fn record_attempt(
    set: &mut WorkingSet,
    ctx: &mut Context,
    key: DeliveryKey,
    outcome: &Outcome,
) -> Decision<Reply> {
    let Some(delivery) = set.delivery(&key)?.filter(|row| row.scope == ctx.scope.id) else {
        return Ok(Reply::Done);
    };
    if !matches!(delivery.state, DeliveryState::Pending { .. }) {
        return Ok(Reply::Delivery(delivery));
    }
    let mut delivery = Delivery::clone(&delivery);
    delivery.attempts += 1;
    let next_at = if outcome.is_success() {
        delivery.state = DeliveryState::Delivered;
        None
    } else {
        let scale = ctx.tenant.settings.webhook_time_scale;
        let next = next_attempt(delivery.happened_at, delivery.attempts, ctx.now.millis, scale);
        delivery.state = match next {
            Some(due) => DeliveryState::Pending { due },
            None => DeliveryState::Undelivered,
        };
        // A failed replay of an old event is no reason to disable an endpoint that works.
        if next.is_none() && delivery.replays == 0 {
            give_up(set, ctx, key.1)?;
        }
        next
    };
    set.append().attempts.push(Attempt {
        event: key.0,
        endpoint: key.1,
        scope: ctx.scope.id,
        number: delivery.attempts,
        name: delivery.name,
        at: ctx.now.millis,
        outcome: outcome.clone(),
        next_at,
    });
    set.put_delivery(delivery.clone());
    Ok(Reply::Delivery(Arc::new(delivery)))
}

/// Sends events again with the present secret, and re-enables the webhook. Source: common 10.3.
///
/// Rejects: `NotFound`, `EventAcknowledged`, `EventTooOld`, `TooManyReplays`.
pub fn replay(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: EndpointId,
    events: &[EventId],
) -> Decision<Reply> {
    let mut endpoint = find(set, ctx, id)?;
    let now = ctx.now;
    for event in events {
        let delivery = set
            .delivery(&(*event, id))?
            .filter(|row| row.scope == ctx.scope.id)
            .ok_or(Rejection::NotFound)?;
        let mut delivery = Delivery::clone(&delivery);
        if delivery.state == DeliveryState::Delivered {
            return Err(Rejection::EventAcknowledged.into());
        }
        if delivery.happened_at.to_time().plus_seconds(REPLAY_DAYS_MAX * DAY_SECONDS) < now.time {
            return Err(Rejection::EventTooOld.into());
        }
        if delivery.replays_since.plus_seconds(DAY_SECONDS) <= now.time {
            delivery.replays = 0;
            delivery.replays_since = now.time;
        }
        if delivery.replays >= REPLAYS_MAX {
            return Err(Rejection::TooManyReplays.into());
        }
        delivery.replays += 1;
        delivery.secret_version = endpoint.secret_version();
        delivery.state = DeliveryState::Pending { due: now.millis };
        set.put_delivery(delivery);
    }
    set_active(&mut endpoint, ctx, true);
    set.put_endpoint(endpoint);
    Ok(Reply::Replayed(events.len()))
}

fn find(set: &WorkingSet, ctx: &Context, id: EndpointId) -> Decision<Endpoint> {
    let endpoints = set.endpoints_of(ctx.scope.id)?;
    let endpoint = endpoints.iter().find(|endpoint| endpoint.id == id);
    Ok(Endpoint::clone(endpoint.ok_or(Rejection::NotFound)?))
}

fn set_active(endpoint: &mut Endpoint, ctx: &Context, active: bool) {
    if active {
        endpoint.disabled_at = None;
    } else if endpoint.active {
        endpoint.disabled_at = Some(ctx.now.time);
    }
    endpoint.active = active;
}

/// After the last failure: the webhook is disabled and its owner is mailed. Source: common 10.2.
fn give_up(set: &mut WorkingSet, ctx: &mut Context, id: EndpointId) -> Decision<()> {
    let mut endpoint = match find(set, ctx, id) {
        Ok(endpoint) => endpoint,
        // Deleted meanwhile.
        Err(Stop::Rejected(_)) => return Ok(()),
        Err(missing) => return Err(missing),
    };
    if !endpoint.active {
        return Ok(());
    }
    set_active(&mut endpoint, ctx, false);
    let message = Message {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        channel: "email",
        to: endpoint
            .alert_email
            .clone()
            .unwrap_or_else(|| format!("{}@merchant", ctx.scope.merchant)),
        subject: "Your webhook has been disabled".to_owned(),
        text: format!(
            "Deliveries to {} failed for 24 hours. The webhook {} of {} is disabled; events of \
             the time it is disabled are kept and can be sent again. Enable it once the receiver \
             answers.",
            endpoint.url, endpoint.id, ctx.tenant.merchant_name
        ),
        links: vec![endpoint.url.clone()],
        due: Message::due(ctx.scope.mode, ctx.now.millis),
        created_at: ctx.now.time,
    };
    set.append().messages.push(message);
    set.put_endpoint(endpoint);
    Ok(())
}
