//! Which commands come next.

use vasool_core::command::{ClockChange, EndpointDraft, EndpointEdit, OnDuplicate, ScopedCommand};
use vasool_core::customer::{CustomerDraft, CustomerEdit};
use vasool_core::id::{CustomerId, EndpointId, OrderId, RawId, VirtualAccountId};
use vasool_core::money::Paise;
use vasool_core::order::{CapturePlan, PartialPayment};
use vasool_core::orders::OrderDraft;
use vasool_core::receiver::QrMethods;
use vasool_core::scope::ScopeId;
use vasool_core::settings::SettingValue;
use vasool_core::smart_collect::{
    InboundTransfer, NumberDraft, PayerDraft, ReceiversDraft, VirtualAccountDraft,
    VirtualAccountEdit,
};
use vasool_core::tenant::Sealed;
use vasool_core::time::Time;
use vasool_core::transfer::{AccountType, Payee, Payer, TransferMode};
use vasool_core::webhook::{DeliveryState, Outcome};
use vasool_store::memory::Data;

use crate::rng::Rng;

/// What a bank has sent so far, to be repeated later.
#[derive(Default)]
pub struct Workload {
    sent: Vec<(ScopeId, InboundTransfer)>,
    references: u64,
    files: u64,
}

impl Workload {
    /// A command for a scope, from what is stored.
    pub fn next(&mut self, rng: &mut Rng, data: &Data, scope: ScopeId, now: Time) -> ScopedCommand {
        match rng.below(100) {
            0..=39 => ScopedCommand::ReceiveTransfer(self.transfer(rng, data, scope)),
            40..=49 => match crate::refunds::command(rng, data, scope) {
                Some(command) => command,
                None => ScopedCommand::ReceiveTransfer(self.transfer(rng, data, scope)),
            },
            50..=53 => crate::codes::command(rng, data, scope, now),
            54..=61 => ScopedCommand::CreateVirtualAccount(self.account(rng, data, scope, now)),
            62..=69 => change_account(rng, data, scope, now),
            70..=73 => customer(rng, data, scope),
            74 => {
                self.files += 1;
                crate::bulk::command(rng, data, scope, self.files)
            }
            75 => ScopedCommand::CreateOrder(order(rng)),
            76..=82 => clock(rng),
            83..=88 => attempt(rng, data, scope, now),
            89..=94 => endpoint(rng, data, scope),
            95..=97 => setting(rng),
            98 => ScopedCommand::ReplayEvents(
                any_endpoint(rng, data, scope),
                data.deliveries
                    .values()
                    .filter(|(row, _)| row.scope == scope)
                    .take(2)
                    .map(|(row, _)| row.event)
                    .collect(),
            ),
            _ => ScopedCommand::ResetSandbox,
        }
    }

    /// A bank message: new, or one that was sent before, now and then with another amount.
    fn transfer(&mut self, rng: &mut Rng, data: &Data, scope: ScopeId) -> InboundTransfer {
        if rng.percent(30) {
            let own: Vec<_> = self.sent.iter().filter(|(sent, _)| *sent == scope).collect();
            if let Some((_, again)) = rng.pick(&own) {
                let mut again = again.clone();
                if rng.percent(10) {
                    again.amount = Paise::new(again.amount.get() + 100).expect("small");
                }
                if rng.percent(10) {
                    again.bank_reference = again.bank_reference.map(|r| r.to_ascii_lowercase());
                }
                return again;
            }
        }
        let payees: Vec<Payee> = data
            .virtual_accounts
            .values()
            .filter(|(row, _)| row.scope == scope)
            .flat_map(|(row, _)| {
                let number = row.account_number.as_deref().map(Payee::account);
                let vpa = row.vpa.as_ref().map(|vpa| Payee::Vpa(vpa.address()));
                let qr = row.qr_code.as_ref().map(|qr| Payee::Qr(qr.id));
                [number, vpa, qr].into_iter().flatten()
            })
            .chain(crate::codes::payees(data, scope).into_iter().map(Payee::Qr))
            .collect();
        let payee = match rng.pick(&payees) {
            Some(payee) if rng.percent(93) => payee.clone(),
            _ => Payee::account("9999999999999999"),
        };
        self.references += 1;
        let mode = match payee {
            Payee::Account(_) => *rng.pick(&TransferMode::TO_ACCOUNT).expect("four"),
            Payee::Qr(_) if rng.percent(30) => TransferMode::Card,
            _ => TransferMode::Upi,
        };
        let (least, most) = mode.limits(10_000_000);
        let transfer = InboundTransfer {
            connector: "sandbox".to_owned(),
            mode,
            bank_reference: Some(format!("REF{:09}", self.references)),
            payee,
            ifsc: rng.percent(50).then(|| "RAZR0000001".to_owned()),
            amount: Paise::new(match least {
                100 if rng.percent(30) => rng.between(1, 4) * 1_000,
                _ => rng.between(least, most.unwrap_or(30_000_000)),
            })
            .expect("in range"),
            payer: rng.percent(85).then(|| Payer {
                name: Some("Payer".to_owned()),
                account_number: rng.percent(90).then(|| format!("00123456789{}", rng.below(2))),
                ifsc: None,
                vpa: rng.percent(80).then(|| "payer@bank".to_owned()),
                account_type: if rng.percent(10) { AccountType::Nre } else { AccountType::Savings },
            }),
            narration: None,
        };
        self.sent.push((scope, transfer.clone()));
        transfer
    }

    fn account(
        &mut self,
        rng: &mut Rng,
        data: &Data,
        scope: ScopeId,
        now: Time,
    ) -> VirtualAccountDraft {
        let customers: Vec<CustomerId> =
            ids(data.customers.values().map(|(row, _)| (row.scope, row.id)), scope);
        let orders: Vec<OrderId> =
            ids(data.orders.values().map(|(row, _)| (row.scope, row.id)), scope);
        // A small pool, so that numbers and addresses collide, are freed and taken again.
        let number = NumberDraft {
            descriptor: rng.percent(40).then(|| format!("D{}", rng.below(4))),
            vanity: false,
        };
        let kinds = rng.below(8);
        let receivers = ReceiversDraft {
            bank_account: (kinds != 0).then_some(number),
            vpa: (kinds <= 2)
                .then(|| rng.percent(60).then(|| format!("descript0{}", rng.below(4)))),
            qr_code: (kinds == 2).then(QrMethods::default),
        };
        let is_plain = receivers.vpa.is_none() && receivers.qr_code.is_none();
        VirtualAccountDraft {
            allowed_payers: if is_plain && rng.percent(20) { vec![payer(rng)] } else { vec![] },
            receivers,
            order: rng.pick(&orders).copied().filter(|_| rng.percent(30)),
            customer: rng.pick(&customers).copied().filter(|_| rng.percent(50)),
            close_by: rng.percent(40).then(|| now.plus_seconds(rng.between(600, 4_000))),
            ..VirtualAccountDraft::default()
        }
    }
}

/// Small amounts, so that payments now and then fit.
fn order(rng: &mut Rng) -> OrderDraft {
    let receipt = rng.percent(50).then(|| format!("R{}", rng.below(6)));
    OrderDraft {
        amount: Paise::new(rng.between(1, 4) * 1_000).expect("small"),
        has_unique_receipt: receipt.is_some() && rng.percent(50),
        receipt,
        partial_payment: match rng.percent(50) {
            true => PartialPayment::Refused,
            false => PartialPayment::Allowed { first: Paise::ZERO },
        },
        capture: CapturePlan::default(),
        customer: None,
        mandate: None,
        nach: None,
        notes: vec![],
    }
}

fn payer(rng: &mut Rng) -> PayerDraft {
    let account_number = format!("00123456789{}", rng.below(2));
    PayerDraft { ifsc: "UTIB0000013".to_owned(), account_number }
}

/// Closes, edits, adds a receiver or a payer, or takes one off.
fn change_account(rng: &mut Rng, data: &Data, scope: ScopeId, now: Time) -> ScopedCommand {
    let own: Vec<_> =
        data.virtual_accounts.values().filter(|(row, _)| row.scope == scope).collect();
    let Some((account, _)) = rng.pick(&own) else { return clock(rng) };
    let id: VirtualAccountId = account.id;
    match rng.below(10) {
        0..=4 => ScopedCommand::CloseVirtualAccount(id),
        5 => {
            let close_by = rng.percent(60).then(|| now.plus_seconds(rng.between(600, 4_000)));
            let close = rng.percent(30);
            let edit = VirtualAccountEdit {
                close_by: Some(close_by),
                close,
                ..VirtualAccountEdit::default()
            };
            ScopedCommand::UpdateVirtualAccount(id, edit)
        }
        6 => {
            let vpa = Some(rng.percent(50).then(|| format!("descript0{}", rng.below(4))));
            ScopedCommand::AddReceivers(id, ReceiversDraft { vpa, ..ReceiversDraft::default() })
        }
        7 | 8 => ScopedCommand::AddPayer(id, Some(payer(rng))),
        _ => match account.allowed_payers.first() {
            Some(allowed) => ScopedCommand::RemovePayer(id, allowed.id),
            None => ScopedCommand::AddPayer(id, Some(payer(rng))),
        },
    }
}

fn ids<T>(all: impl Iterator<Item = (ScopeId, T)>, scope: ScopeId) -> Vec<T> {
    all.filter(|(owner, _)| *owner == scope).map(|(_, id)| id).collect()
}

fn customer(rng: &mut Rng, data: &Data, scope: ScopeId) -> ScopedCommand {
    let email = Some(format!("person{}@example.test", rng.below(5)));
    let own: Vec<CustomerId> =
        ids(data.customers.values().map(|(row, _)| (row.scope, row.id)), scope);
    match rng.pick(&own) {
        Some(id) if rng.percent(40) => {
            let edit = CustomerEdit { email: Some(email), ..CustomerEdit::default() };
            ScopedCommand::EditCustomer(*id, edit)
        }
        _ => {
            let draft = CustomerDraft { email, ..CustomerDraft::default() };
            let on_duplicate =
                if rng.percent(50) { OnDuplicate::Refuse } else { OnDuplicate::AnswerExisting };
            ScopedCommand::CreateCustomer(draft, on_duplicate)
        }
    }
}

fn clock(rng: &mut Rng) -> ScopedCommand {
    ScopedCommand::SetClock(match rng.below(10) {
        0 => ClockChange::Freeze,
        1 | 2 => ClockChange::Thaw,
        3 => ClockChange::Advance(rng.between(80, 100) * 86_400),
        _ => ClockChange::Advance(rng.between(1, 3_000)),
    })
}

fn attempt(rng: &mut Rng, data: &Data, scope: ScopeId, now: Time) -> ScopedCommand {
    let pending: Vec<_> = data
        .deliveries
        .values()
        .filter(|(row, _)| row.scope == scope)
        .filter_map(|(row, _)| match row.state {
            DeliveryState::Pending { due } => Some((row.event, row.endpoint, due)),
            _ => None,
        })
        .collect();
    let Some((event, endpoint, due)) = rng.pick(&pending).copied() else { return clock(rng) };
    let status = if rng.percent(50) { 200 } else { 500 };
    let outcome = Outcome { status: Some(status), error: None, took_ms: 3, signature: None };
    ScopedCommand::RecordAttempt(event, endpoint, due.min(now.to_millis()), outcome)
}

fn any_endpoint(rng: &mut Rng, data: &Data, scope: ScopeId) -> EndpointId {
    let own: Vec<EndpointId> =
        ids(data.endpoints.values().map(|(row, _)| (row.scope, row.id)), scope);
    let nobody = RawId::parse("00000000000000").expect("an id");
    rng.pick(&own).copied().unwrap_or(EndpointId(nobody))
}

fn endpoint(rng: &mut Rng, data: &Data, scope: ScopeId) -> ScopedCommand {
    match rng.below(6) {
        0 => ScopedCommand::DeleteEndpoint(any_endpoint(rng, data, scope)),
        1 | 2 => ScopedCommand::EditEndpoint(
            any_endpoint(rng, data, scope),
            EndpointEdit {
                active: Some(rng.percent(70)),
                secret: rng.percent(30).then(|| Some(Sealed(vec![1]))),
                ..EndpointEdit::default()
            },
        ),
        _ => ScopedCommand::CreateEndpoint(EndpointDraft {
            url: "http://shop.example.test/hook".to_owned(),
            events: [
                "payment.captured",
                "virtual_account.credited",
                "virtual_account.closed",
                "qr_code.credited",
            ]
            .iter()
            .filter(|_| rng.percent(70))
            .map(|name| (*name).to_owned())
            .collect(),
            secret: None,
            alert_email: None,
            active: true,
        }),
    }
}

fn setting(rng: &mut Rng) -> ScopedCommand {
    let (name, value) = match rng.below(4) {
        0 => ("va_dormancy_days", SettingValue::Integer(rng.between(0, 3) * 30)),
        1 => ("va_fee_bps", SettingValue::Integer(rng.between(0, 300))),
        2 => ("qr_fee_bps", SettingValue::Integer(rng.between(0, 300))),
        _ => ("va_custom_descriptor", SettingValue::Switch(rng.percent(80))),
    };
    ScopedCommand::ChangeSettings(vec![(name.to_owned(), value)])
}
