//! The sandbox: clock, settings, faults, reset. Source: sandbox 5 to 9.

use std::sync::Arc;

use crate::apply::Context;
use crate::command::{ClockChange, FaultDraft, Reply};
use crate::event::EventKind;
use crate::rejection::Rejection;
use crate::sandbox::{FAULTS_MAX, Fault, FaultKind, FaultTarget, RailOperation};
use crate::scope::ScopeId;
use crate::settings::SettingValue;
use crate::tenant::{Merchant, Tenant};
use crate::webhook::{Delivery, DeliveryKey, DeliveryState, Endpoint};
use crate::working_set::{Decision, Lookup, WorkingSet};

/// Moves, stops or starts the merchant's clock; what falls due is fired by the engine's timer
/// loop before the call answers. Source: sandbox 5.
pub fn set_clock(set: &mut WorkingSet, ctx: &mut Context, change: ClockChange) -> Decision<Reply> {
    let mut tenant = Tenant::clone(&ctx.tenant);
    tenant.clock = match change {
        ClockChange::Advance(seconds) => tenant.clock.advanced(seconds),
        ClockChange::Freeze => tenant.clock.frozen(ctx.real),
        ClockChange::Thaw => tenant.clock.thawed(ctx.real),
    };
    Ok(put(set, tenant))
}

/// Changes settings, all or none. Rejects: `SettingInvalid` with the name. Source: sandbox 8.
pub fn change_settings(
    set: &mut WorkingSet,
    ctx: &mut Context,
    changes: &[(String, SettingValue)],
) -> Decision<Reply> {
    let mut tenant = Tenant::clone(&ctx.tenant);
    for (name, value) in changes {
        if !tenant.settings.set(name, value.clone()) {
            return Err(Rejection::SettingInvalid(name.clone()).into());
        }
    }
    if tenant.settings.va_dormancy_days != ctx.tenant.settings.va_dormancy_days {
        set.append().rearmed.push(ctx.scope.id);
    }
    Ok(put(set, tenant))
}

/// Arms a fault. Rejects: `TooManyFaults`. Source: sandbox 7.
pub fn arm_fault(set: &mut WorkingSet, ctx: &mut Context, draft: &FaultDraft) -> Decision<Reply> {
    let lookup = Lookup::Faults(ctx.scope.id);
    let mut ids = set.lookup(&lookup)?.clone();
    if ids.len() as i64 >= FAULTS_MAX {
        return Err(Rejection::TooManyFaults.into());
    }
    let fault = Fault {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        target: draft.target,
        kind: draft.kind,
        events: draft.events.clone(),
        operation: draft.operation,
        times: draft.times,
        seconds: draft.seconds,
        fired: 0,
        armed_at: ctx.now.millis,
        disarmed: false,
    };
    ids.push(fault.id.0);
    let tenant = Tenant { faults_armed: ids.len() as i64, ..Tenant::clone(&ctx.tenant) };
    set.set_lookup(lookup, ids);
    set.put_tenant(tenant);
    set.put_fault(fault.clone());
    Ok(Reply::Fault(Arc::new(fault)))
}

/// Disarms every fault. Source: sandbox 7.
pub fn disarm_faults(set: &mut WorkingSet, ctx: &mut Context) -> Decision<Reply> {
    for fault in set.faults_of(ctx.scope.id)? {
        set.put_fault(Fault { disarmed: true, ..Fault::clone(&fault) });
    }
    set.set_lookup(Lookup::Faults(ctx.scope.id), vec![]);
    set.put_tenant(Tenant { faults_armed: 0, ..Tenant::clone(&ctx.tenant) });
    Ok(Reply::Done)
}

/// Which armed fault a delivery meets; counts it, and puts a delayed delivery off. A delivery
/// meets a delay once. Source: sandbox 7.
pub fn meet_fault(
    set: &mut WorkingSet,
    ctx: &mut Context,
    key: DeliveryKey,
    event: EventKind,
) -> Decision<Reply> {
    let delivery = set.delivery(&key)?.filter(|row| row.scope == ctx.scope.id);
    let Some(delivery) = delivery else { return Ok(Reply::FaultMet(None)) };
    let met = set.faults_of(ctx.scope.id)?.into_iter().find(|fault| {
        let late = matches!(fault.kind, FaultKind::Delay | FaultKind::Reorder);
        fault.meets(event.as_str(), ctx.now.millis) && !(late && delivery.delayed)
    });
    let Some(fault) = met else { return Ok(Reply::FaultMet(None)) };
    let mut delivery = Delivery::clone(&delivery);
    if fault.kind == FaultKind::Delay {
        let due = ctx.now.millis.plus(fault.seconds * 1000);
        delivery.state = DeliveryState::Pending { due };
    }
    if matches!(fault.kind, FaultKind::Delay | FaultKind::Reorder) {
        delivery.delayed = true;
        set.put_delivery(delivery);
    }
    set.put_fault(Fault { fired: fault.fired + 1, ..Fault::clone(&fault) });
    Ok(Reply::FaultMet(Some((fault.id, fault.kind, fault.seconds))))
}

/// Which armed fault an answer of a rail meets; counts it. Source: sandbox 7.
pub fn meet_rail_fault(
    set: &mut WorkingSet,
    ctx: &mut Context,
    target: FaultTarget,
    operation: RailOperation,
) -> Decision<Reply> {
    let mut faults = set.faults_of(ctx.scope.id)?.into_iter();
    let met = faults.find(|fault| fault.meets_rail(target, operation, ctx.now.millis));
    let Some(fault) = met else { return Ok(Reply::FaultMet(None)) };
    set.put_fault(Fault { fired: fault.fired + 1, ..Fault::clone(&fault) });
    Ok(Reply::FaultMet(Some((fault.id, fault.kind, fault.seconds))))
}

/// Forgets the merchant's test data and settings: a new scope takes the place of the old one. Keys
/// and webhooks stay. Source: sandbox 9.
pub fn reset(set: &mut WorkingSet, ctx: &mut Context) -> Decision<Reply> {
    let merchant = set.merchant(&ctx.scope.merchant)?.ok_or(Rejection::NotFound)?;
    let mut merchant = Merchant::clone(&merchant);
    merchant.test_scope = ScopeId::drawn(ctx.scope.mode, ctx.draw.number());
    let scope = merchant.scope(ctx.scope.mode);
    let endpoints = set.endpoints_of(ctx.scope.id)?;
    set.set_lookup(Lookup::Endpoints(ctx.scope.id), vec![]);
    set.set_lookup(
        Lookup::Endpoints(scope.id),
        endpoints.iter().map(|endpoint| endpoint.id.0).collect(),
    );
    for endpoint in endpoints {
        set.put_endpoint(Endpoint { scope: scope.id, ..Endpoint::clone(&endpoint) });
    }
    let fresh = Tenant::new(scope, merchant.name.clone(), ctx.tenant.epoch + 1);
    set.put_tenant(Tenant { retired: true, ..Tenant::clone(&ctx.tenant) });
    set.put_tenant(fresh);
    set.put_merchant(merchant);
    Ok(Reply::Reset(scope))
}

fn put(set: &mut WorkingSet, tenant: Tenant) -> Reply {
    set.put_tenant(tenant.clone());
    Reply::Tenant(Arc::new(tenant))
}
