//! Which commands come next.

use vasool_core::command::{
    ClockChange, EndpointDraft, EndpointEdit, InboundTransfer, OnDuplicate, ScopedCommand,
};
use vasool_core::customer::{CustomerDraft, CustomerEdit};
use vasool_core::id::{CustomerId, EndpointId, RawId, VirtualAccountId};
use vasool_core::money::Paise;
use vasool_core::payment::{AccountType, Payer, TransferMode};
use vasool_core::scope::ScopeId;
use vasool_core::settings::SettingValue;
use vasool_core::smart_collect::VirtualAccountDraft;
use vasool_core::tenant::Sealed;
use vasool_core::time::Time;
use vasool_core::webhook::{DeliveryState, Outcome};
use vasool_store::memory::Data;

use crate::rng::Rng;

/// What a bank has sent so far, to be repeated later.
#[derive(Default)]
pub struct Workload {
    sent: Vec<(ScopeId, InboundTransfer)>,
    references: u64,
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
            50..=63 => ScopedCommand::CreateVirtualAccount(self.account(rng, data, scope, now)),
            64..=69 => self.close(rng, data, scope),
            70..=75 => customer(rng, data, scope),
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
        let numbers: Vec<_> = data
            .virtual_accounts
            .values()
            .filter(|(row, _)| row.scope == scope)
            .filter_map(|(row, _)| row.account_number.clone())
            .collect();
        let account_number = match rng.pick(&numbers) {
            Some(number) if rng.percent(93) => number.clone(),
            _ => "9999999999999999".to_owned(),
        };
        self.references += 1;
        let mode = *rng.pick(&TransferMode::ALL).expect("four");
        let (least, most) = mode.limits();
        let transfer = InboundTransfer {
            connector: "sandbox".to_owned(),
            mode,
            bank_reference: Some(format!("REF{:09}", self.references)),
            account_number,
            ifsc: rng.percent(50).then(|| "RAZR0000001".to_owned()),
            amount: Paise::new(rng.between(least, most.unwrap_or(30_000_000))).expect("in range"),
            payer: rng.percent(85).then(|| Payer {
                name: Some("Payer".to_owned()),
                account_number: rng.percent(90).then(|| "001234567890".to_owned()),
                ifsc: None,
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
        VirtualAccountDraft {
            // A small pool, so that numbers collide, are freed and taken again.
            descriptor: rng.percent(40).then(|| format!("D{}", rng.below(4))),
            customer: rng.pick(&customers).copied().filter(|_| rng.percent(50)),
            close_by: rng.percent(40).then(|| now.plus_seconds(rng.between(600, 4_000))),
            ..VirtualAccountDraft::default()
        }
    }

    fn close(&mut self, rng: &mut Rng, data: &Data, scope: ScopeId) -> ScopedCommand {
        let accounts: Vec<VirtualAccountId> =
            ids(data.virtual_accounts.values().map(|(row, _)| (row.scope, row.id)), scope);
        match rng.pick(&accounts) {
            Some(id) => ScopedCommand::CloseVirtualAccount(*id),
            None => clock(rng),
        }
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
            events: ["payment.captured", "virtual_account.credited", "virtual_account.closed"]
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
    let (name, value) = match rng.below(3) {
        0 => ("va_dormancy_days", SettingValue::Integer(rng.between(0, 3) * 30)),
        1 => ("va_fee_bps", SettingValue::Integer(rng.between(0, 300))),
        _ => ("va_custom_descriptor", SettingValue::Switch(rng.percent(80))),
    };
    ScopedCommand::ChangeSettings(vec![(name.to_owned(), value)])
}
