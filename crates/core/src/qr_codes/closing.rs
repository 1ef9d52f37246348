//! Closing a code: by call, or at `close_by`. Source: common 13.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::command::Reply;
use crate::event::{EventKind, Snapshot};
use crate::id::QrCodeId;
use crate::qr_code::{CloseReason, QrCode, QrState};
use crate::timer::TimerKey;
use crate::working_set::{Decision, WorkingSet};

/// Closes a code at the merchant's wish; closing twice changes nothing. Rejects: `NotFound`.
pub fn close(set: &mut WorkingSet, ctx: &mut Context, id: QrCodeId) -> Decision<Reply> {
    let code = own(ctx, set.qr_code(&id)?, |row| row.scope)?;
    let code = close_if_due(set, ctx, code);
    if code.state != QrState::Active {
        return Ok(Reply::QrCode(code));
    }
    let code = write(set, code.closed(ctx.now.time, CloseReason::OnDemand));
    let snapshot = Snapshot { qr_code: Some(code.clone()), ..Snapshot::default() };
    ctx.announce(set, id.0, &[EventKind::QrCodeClosed], snapshot)?;
    Ok(Reply::QrCode(code))
}

/// The clock reached `close_by`. Nobody is told: the merchant chose the time. Source: common 10.4.
pub fn on_timer(set: &mut WorkingSet, ctx: &mut Context, id: QrCodeId) -> Decision<Reply> {
    match set.qr_code(&id)?.filter(|row| row.scope == ctx.scope.id) {
        Some(code) => {
            let code = close_if_due(set, ctx, code);
            // A timer that was looked at too early must come back.
            if let Some(at) = code.closes_at() {
                let key = TimerKey::CloseQrCode(id);
                set.set_timer(crate::timer::Timer { key, scope: code.scope, due: at.to_millis() });
            }
        }
        None => set.clear_timer(TimerKey::CloseQrCode(id)),
    }
    Ok(Reply::Done)
}

/// Writes down that a code has closed by itself when its time has come, so that there is no window
/// in which an expired code takes money.
pub(super) fn close_if_due(set: &mut WorkingSet, ctx: &Context, code: Arc<QrCode>) -> Arc<QrCode> {
    match code.closes_at() {
        Some(at) if at <= ctx.now.time => write(set, code.as_of(ctx.now.time)),
        _ => code,
    }
}

/// Writes a code, and clears its timer where it will not close any more.
pub(super) fn write(set: &mut WorkingSet, code: QrCode) -> Arc<QrCode> {
    if let QrState::Closed { .. } = code.state {
        set.clear_timer(TimerKey::CloseQrCode(code.id));
    }
    let code = Arc::new(code);
    set.put_qr_code(code.clone());
    code
}
