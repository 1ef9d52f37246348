//! Making and editing a code. Source: common 13.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::command::Reply;
use crate::customer::Notes;
use crate::event::{EventKind, Snapshot};
use crate::id::{CustomerId, QrCodeId};
use crate::money::Paise;
use crate::qr_code::{QrCode, QrKind, QrState, QrUsage};
use crate::rejection::Rejection;
use crate::short_link::{LinkTarget, ShortLink};
use crate::time::Time;
use crate::timer::{Timer, TimerKey};
use crate::working_set::{Decision, WorkingSet};

/// How far ahead `close_by` must be, seconds. Source: common 13.
const CLOSE_BY_LEAST: i64 = 120;
/// How far ahead it may be, and is where nothing was said, seconds. Source: common 13.
const CLOSE_BY_MOST: i64 = 7_200;

/// A code to make; its fields were checked when they were read.
#[derive(Clone, Debug)]
pub struct QrCodeDraft {
    /// See [`QrCode::kind`].
    pub kind: QrKind,
    /// See [`QrCode::usage`].
    pub usage: QrUsage,
    /// See [`QrCode::fixed_amount`].
    pub fixed_amount: Option<Paise>,
    /// See [`QrCode::name`].
    pub name: Option<String>,
    /// See [`QrCode::description`].
    pub description: Option<String>,
    /// See [`QrCode::customer`].
    pub customer: Option<CustomerId>,
    /// See [`QrCode::notes`].
    pub notes: Notes,
    /// See [`QrCode::close_by`]; without one a code for single use closes after two hours.
    pub close_by: Option<Time>,
}

/// Makes a code: row, short URL, closing timer and `qr_code.created` together.
/// Rejects: `NotFound` (customer), `QrCloseByOutside`.
pub fn create(set: &mut WorkingSet, ctx: &mut Context, draft: &QrCodeDraft) -> Decision<Reply> {
    if let Some(id) = draft.customer {
        own(ctx, set.customer(&id)?, |row| row.scope)?;
    }
    let close_by = close_by(ctx, draft)?;
    let id: QrCodeId = ctx.draw.id();
    let link = ShortLink::draw(ctx, LinkTarget::QrCode(id));
    let code = Arc::new(QrCode {
        id,
        scope: ctx.scope.id,
        name: draft.name.clone(),
        description: draft.description.clone(),
        kind: draft.kind,
        usage: draft.usage,
        fixed_amount: draft.fixed_amount,
        amount_received: Paise::ZERO,
        payments_received: 0,
        short_code: link.code.clone(),
        customer: draft.customer,
        notes: draft.notes.clone(),
        close_by,
        state: QrState::Active,
        created_at: ctx.now.time,
    });
    set.append().links.push(link);
    if let Some(at) = code.closes_at() {
        let key = TimerKey::CloseQrCode(id);
        set.set_timer(Timer { key, scope: code.scope, due: at.to_millis() });
    }
    set.put_qr_code(code.clone());
    let snapshot = Snapshot { qr_code: Some(code.clone()), ..Snapshot::default() };
    ctx.announce(set, id.0, &[EventKind::QrCodeCreated], snapshot)?;
    Ok(Reply::QrCode(code))
}

/// When the code closes by itself: only codes for single use do.
fn close_by(ctx: &Context, draft: &QrCodeDraft) -> Result<Option<Time>, Rejection> {
    let now = ctx.now.time;
    let (least, most) = (now.plus_seconds(CLOSE_BY_LEAST), now.plus_seconds(CLOSE_BY_MOST));
    match (draft.usage, draft.close_by) {
        (QrUsage::Multiple, _) => Ok(None),
        (QrUsage::Single, None) => Ok(Some(most)),
        (QrUsage::Single, Some(at)) if at < least || at > most => Err(Rejection::QrCloseByOutside),
        (QrUsage::Single, at) => Ok(at),
    }
}

/// Replaces the notes, in any state. Rejects: `NotFound`.
pub fn edit(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: QrCodeId,
    notes: &Notes,
) -> Decision<Reply> {
    let code = own(ctx, set.qr_code(&id)?, |row| row.scope)?;
    let edited = QrCode { notes: notes.clone(), ..code.as_of(ctx.now.time) };
    let code = super::closing::write(set, edited);
    Ok(Reply::QrCode(code))
}
