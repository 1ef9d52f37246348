//! Standalone QR codes: which commands come next, and what must hold of them.

use std::collections::BTreeMap;

use vasool_core::command::ScopedCommand;
use vasool_core::event::EventKind;
use vasool_core::id::{CustomerId, QrCodeId, RawId};
use vasool_core::money::Paise;
use vasool_core::payment::PaymentState;
use vasool_core::qr_code::{CloseReason, QrCode, QrKind, QrState, QrUsage};
use vasool_core::qr_codes::QrCodeDraft;
use vasool_core::scope::ScopeId;
use vasool_core::time::{Millis, Time};
use vasool_core::timer::TimerKey;
use vasool_store::memory::Data;

use crate::rng::Rng;

fn own(data: &Data, scope: ScopeId) -> Vec<&QrCode> {
    data.qr_codes.values().map(|(row, _)| &**row).filter(|row| row.scope == scope).collect()
}

/// Codes that money may be sent to, closed ones too.
pub fn payees(data: &Data, scope: ScopeId) -> Vec<QrCodeId> {
    own(data, scope).into_iter().map(|row| row.id).collect()
}

/// Makes, edits or closes a code.
pub fn command(rng: &mut Rng, data: &Data, scope: ScopeId, now: Time) -> ScopedCommand {
    match rng.pick(&own(data, scope)) {
        Some(code) if rng.percent(20) => ScopedCommand::CloseQrCode(code.id),
        Some(code) if rng.percent(15) => ScopedCommand::EditQrCode(code.id, vec![]),
        _ => ScopedCommand::CreateQrCode(draft(rng, data, scope, now)),
    }
}

/// Small amounts, so that payments now and then fit.
fn draft(rng: &mut Rng, data: &Data, scope: ScopeId, now: Time) -> QrCodeDraft {
    let is_single = rng.percent(50);
    let customers = data.customers.values().map(|(row, _)| row);
    let customers: Vec<CustomerId> =
        customers.filter(|row| row.scope == scope).map(|row| row.id).collect();
    QrCodeDraft {
        kind: if rng.percent(50) { QrKind::Upi } else { QrKind::Bharat },
        usage: if is_single { QrUsage::Single } else { QrUsage::Multiple },
        fixed_amount: Paise::new(rng.between(1, 4) * 1_000)
            .filter(|_| is_single || rng.percent(30)),
        name: None,
        description: None,
        customer: rng.pick(&customers).copied().filter(|_| rng.percent(40)),
        notes: vec![],
        close_by: (is_single && rng.percent(50)).then(|| now.plus_seconds(rng.between(100, 7_300))),
    }
}

/// Counters are the captured payments; a code for single use is paid once; what is closed takes
/// nothing; every change is told once.
pub fn check(data: &Data, told: &BTreeMap<(EventKind, RawId), usize>) {
    let mut paid: BTreeMap<QrCodeId, (i64, i64)> = BTreeMap::new();
    for (payment, _) in data.payments.values() {
        let Some(id) = payment.qr_code else { continue };
        let (code, _) = &data.qr_codes[&id];
        assert_eq!((payment.scope, payment.virtual_account), (code.scope, None));
        if let PaymentState::Captured { .. } = payment.state {
            let (sum, count) = paid.entry(id).or_default();
            (*sum, *count) = (*sum + payment.amount.get(), *count + 1);
            assert!(code.takes(payment.amount), "{} has another amount", payment.id);
            if let QrState::Closed { at, .. } = code.state {
                assert!(payment.created_at <= at, "no money after closing: {}", payment.id);
            }
        }
    }
    for (code, _) in data.qr_codes.values() {
        let (sum, count) = paid.get(&code.id).copied().unwrap_or_default();
        let counters = (code.amount_received.get(), code.payments_received);
        assert_eq!(counters, (sum, count), "counters of {}", code.id);
        let is_paid = matches!(code.state, QrState::Closed { reason: CloseReason::Paid, .. });
        if code.usage == QrUsage::Single {
            assert_eq!(i64::from(is_paid), count, "{} is paid once", code.id);
        } else {
            assert!(!is_paid && code.close_by.is_none(), "{} stays open", code.id);
        }
        let timed = data.timers.contains_key(&TimerKey::CloseQrCode(code.id));
        assert_eq!(timed, code.closes_at().is_some(), "timer of {}", code.id);
        let times = |kind| told.get(&(kind, code.id.0)).copied().unwrap_or(0);
        let by_hand = matches!(code.state, QrState::Closed { reason: CloseReason::OnDemand, .. });
        assert_eq!(times(EventKind::QrCodeCreated), 1, "{}", code.id);
        assert_eq!(times(EventKind::QrCodeClosed), usize::from(by_hand), "{}", code.id);
        assert_eq!(times(EventKind::QrCodeCredited) as i64, count, "{}", code.id);
    }
}

/// With the database well again, every code has closed whose time has come.
pub fn check_nothing_due(data: &Data, real: Millis) {
    for (code, _) in data.qr_codes.values() {
        let (tenant, _) = &data.tenants[&code.scope];
        let due = code.closes_at().is_some_and(|at| at <= tenant.now(real).to_time());
        assert!(tenant.retired || !due, "{} should have closed", code.id);
    }
}
