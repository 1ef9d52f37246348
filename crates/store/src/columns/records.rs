//! Which columns each row has.

use vasool_core::customer::{Customer, identity};
use vasool_core::event::Event;
use vasool_core::ledger::Posting;
use vasool_core::money::{Fee, Paise};
use vasool_core::payment::{
    AccountType, BankTransfer, Method, Payer, Payment, PaymentState, TransferMode,
};
use vasool_core::refund::{Refund, RefundState};
use vasool_core::sandbox::{Fault, FaultKind, Message};
use vasool_core::scope::{Mode, Scope};
use vasool_core::tenant::{ApiKey, Merchant, Sealed, Tenant, TestClock};
use vasool_core::time::{Millis, Time};
use vasool_core::timer::{Timer, TimerKey};
use vasool_core::virtual_account::{VirtualAccount, VirtualAccountState};
use vasool_core::webhook::{Attempt, Delivery, DeliveryState, Endpoint, Outcome};
use vasool_core::working_set::Alert;

use super::Kind::{Bytes, Int, Text};
use super::encoding::*;
use super::{Cells, Record, Table, Value};
use crate::error::{StoreError, StoreResult};

macro_rules! table {
    ($name:literal, key $key:literal, $versioned:literal, [$($column:ident $kind:ident),* $(,)?]) => {
        &Table {
            name: $name,
            columns: &[$((stringify!($column), $kind)),*],
            key: $key,
            versioned: $versioned,
        }
    };
}

fn time(cells: &mut Cells) -> StoreResult<Time> {
    cells.int().map(Time)
}

fn opt_time(cells: &mut Cells) -> StoreResult<Option<Time>> {
    Ok(cells.opt_int()?.map(Time))
}

fn millis(cells: &mut Cells) -> StoreResult<Millis> {
    cells.int().map(Millis)
}

fn paise(cells: &mut Cells) -> StoreResult<Paise> {
    amount(cells.int()?)
}

fn amount(number: i64) -> StoreResult<Paise> {
    Paise::new(number).ok_or_else(|| StoreError::Corrupt(format!("{number} is not an amount")))
}

impl Record for Merchant {
    const TABLE: &'static Table = table!("merchants", key 1, true, [
        id Text, name Text, parent Text, live_scope Int, test_scope Int, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            (&self.name).into(),
            self.parent.as_ref().map(|id| &id.0).into(),
            self.live_scope.into(),
            self.test_scope.into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Merchant {
            id: cells.id()?,
            name: cells.text()?,
            parent: cells.opt_id()?,
            live_scope: cells.scope()?,
            test_scope: cells.scope()?,
            created_at: time(cells)?,
        })
    }
}

impl Record for ApiKey {
    const TABLE: &'static Table = table!("api_keys", key 1, true, [
        id Text, merchant Text, mode Text, secret Bytes, created_at Int, expires_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id).into(),
            (&self.merchant.0).into(),
            self.mode.as_str().into(),
            Value::Bytes(self.secret.0.as_slice().into()),
            self.created_at.0.into(),
            self.expires_at.map(|at| at.0).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(ApiKey {
            id: cells.id()?,
            merchant: cells.id()?,
            mode: cells.word(Mode::parse)?,
            secret: Sealed(cells.bytes()?),
            created_at: time(cells)?,
            expires_at: opt_time(cells)?,
        })
    }
}

impl Record for Tenant {
    const TABLE: &'static Table = table!("tenants", key 1, true, [
        scope Int, merchant Text, mode Text, merchant_name Text, epoch Int, retired Int,
        clock_offset_ms Int, clock_frozen_at_ms Int, settings Text, faults_armed Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            self.scope.id.into(),
            (&self.scope.merchant.0).into(),
            self.scope.mode.as_str().into(),
            (&self.merchant_name).into(),
            self.epoch.into(),
            self.retired.into(),
            self.clock.offset.into(),
            self.clock.frozen_at.map(|at| at.0).into(),
            write_settings(&self.settings, self.scope.mode).into(),
            self.faults_armed.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let scope =
            Scope { id: cells.scope()?, merchant: cells.id()?, mode: cells.word(Mode::parse)? };
        Ok(Tenant {
            scope,
            merchant_name: cells.text()?,
            epoch: cells.int()?,
            retired: cells.flag()?,
            clock: TestClock { offset: cells.int()?, frozen_at: cells.opt_int()?.map(Millis) },
            settings: read_settings(&cells.text()?, scope.mode)?,
            faults_armed: cells.int()?,
        })
    }
}

impl Record for Customer {
    const TABLE: &'static Table = table!("customers", key 1, true, [
        id Text, scope Int, identity Text, name Text, email Text, contact Text, gstin Text,
        notes Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            identity(self.email.as_deref(), self.contact.as_deref()).into(),
            self.name.as_ref().into(),
            self.email.as_ref().into(),
            self.contact.as_ref().into(),
            self.gstin.as_ref().into(),
            write_notes(&self.notes).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (id, scope) = (cells.id()?, cells.scope()?);
        // The identity follows from e-mail and contact.
        cells.value()?;
        Ok(Customer {
            id,
            scope,
            name: cells.opt_text()?,
            email: cells.opt_text()?,
            contact: cells.opt_text()?,
            gstin: cells.opt_text()?,
            notes: read_notes(&cells.text()?)?,
            created_at: time(cells)?,
        })
    }
}

impl Record for VirtualAccount {
    const TABLE: &'static Table = table!("virtual_accounts", key 1, true, [
        id Text, scope Int, address_space Int, account_number Text, state Text, closed_at Int,
        close_by Int, last_activity_at Int, name Text, description Text, amount_expected Int,
        amount_paid Int, notes Text, customer Text, banks Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let (state, closed_at) = match self.state {
            VirtualAccountState::Active => ("active", None),
            VirtualAccountState::Closed { at } => ("closed", Some(at.0)),
        };
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.scope.address_space().0.into(),
            self.account_number.as_ref().into(),
            state.into(),
            closed_at.into(),
            self.close_by.map(|at| at.0).into(),
            self.last_activity_at.0.into(),
            (&self.name).into(),
            self.description.as_ref().into(),
            self.amount_expected.map(Paise::get).into(),
            self.amount_paid.get().into(),
            write_notes(&self.notes).into(),
            self.customer.as_ref().map(|id| &id.0).into(),
            write_banks(&self.banks).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (id, scope) = (cells.id()?, cells.scope()?);
        // The address space follows from the scope.
        cells.int()?;
        let account_number = cells.opt_text()?;
        let (state, closed_at) = (cells.text()?, opt_time(cells)?);
        let state = match (state.as_str(), closed_at) {
            ("active", None) => VirtualAccountState::Active,
            ("closed", Some(at)) => VirtualAccountState::Closed { at },
            _ => return Err(StoreError::Corrupt(format!("state {state:?} of {id}"))),
        };
        Ok(VirtualAccount {
            id,
            scope,
            account_number,
            state,
            close_by: opt_time(cells)?,
            last_activity_at: time(cells)?,
            name: cells.text()?,
            description: cells.opt_text()?,
            amount_expected: cells.opt_int()?.map(amount).transpose()?,
            amount_paid: paise(cells)?,
            notes: read_notes(&cells.text()?)?,
            customer: cells.opt_id()?,
            banks: read_banks(&cells.text()?)?,
            created_at: time(cells)?,
        })
    }
}

impl Record for Payment {
    const TABLE: &'static Table = table!("payments", key 1, true, [
        id Text, scope Int, amount Int, method Text, status Text, fee Int, tax Int, refunded Int,
        description Text, email Text, contact Text, customer Text, notes Text,
        bank_reference Text, virtual_account Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let (status, fee, refunded) = match self.state {
            PaymentState::Authorized => ("authorized", None, Paise::ZERO),
            PaymentState::Captured { fee, refunded } => ("captured", Some(fee), refunded),
            PaymentState::Returned => ("returned", None, self.amount),
        };
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.amount.get().into(),
            match self.method {
                Method::BankTransfer => "bank_transfer".into(),
            },
            status.into(),
            fee.map(|fee| fee.fee.get()).into(),
            fee.map(|fee| fee.tax.get()).into(),
            refunded.get().into(),
            self.description.as_ref().into(),
            self.email.as_ref().into(),
            self.contact.as_ref().into(),
            self.customer.as_ref().map(|id| &id.0).into(),
            write_notes(&self.notes).into(),
            (&self.bank_reference).into(),
            (&self.virtual_account.0).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (id, scope, amount) = (cells.id()?, cells.scope()?, paise(cells)?);
        let method =
            cells.word(|word| (word == "bank_transfer").then_some(Method::BankTransfer))?;
        let status = cells.text()?;
        let (fee, tax, refunded) = (cells.opt_int()?, cells.opt_int()?, paise(cells)?);
        let state = match (status.as_str(), fee, tax) {
            ("authorized", None, None) => PaymentState::Authorized,
            ("captured", Some(fee), Some(tax)) => PaymentState::Captured {
                fee: Fee { fee: self::amount(fee)?, tax: self::amount(tax)? },
                refunded,
            },
            ("returned", None, None) => PaymentState::Returned,
            _ => return Err(StoreError::Corrupt(format!("status {status:?} of {id}"))),
        };
        Ok(Payment {
            id,
            scope,
            amount,
            method,
            state,
            description: cells.opt_text()?,
            email: cells.opt_text()?,
            contact: cells.opt_text()?,
            customer: cells.opt_id()?,
            notes: read_notes(&cells.text()?)?,
            bank_reference: cells.text()?,
            virtual_account: cells.id()?,
            created_at: time(cells)?,
        })
    }
}

impl Record for BankTransfer {
    const TABLE: &'static Table = table!("bank_transfers", key 1, true, [
        payment Text, id Text, scope Int, connector Text, mode Text, bank_reference Text,
        reference_key Text, amount Int, payee_account Text, payer_id Text, payer_name Text,
        payer_account Text, payer_ifsc Text, payer_account_type Text, virtual_account Text
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let payer = self.payer.as_ref().map(|(_, payer)| payer);
        vec![
            (&self.payment.0).into(),
            (&self.id.0).into(),
            self.scope.into(),
            (&self.connector).into(),
            self.mode.as_str().into(),
            (&self.bank_reference).into(),
            self.bank_reference.to_ascii_uppercase().into(),
            self.amount.get().into(),
            (&self.payee_account).into(),
            self.payer.as_ref().map(|(id, _)| &id.0).into(),
            payer.and_then(|payer| payer.name.as_ref()).into(),
            payer.and_then(|payer| payer.account_number.as_ref()).into(),
            payer.and_then(|payer| payer.ifsc.as_ref()).into(),
            payer.map(|payer| payer.account_type.as_str()).into(),
            (&self.virtual_account.0).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (payment, id, scope) = (cells.id()?, cells.id()?, cells.scope()?);
        let (connector, mode) = (cells.text()?, cells.word(TransferMode::parse)?);
        let bank_reference = cells.text()?;
        // The key follows from the reference.
        cells.text()?;
        let (amount, payee_account) = (paise(cells)?, cells.text()?);
        let payer_id = cells.opt_id()?;
        let mut payer = Payer {
            name: cells.opt_text()?,
            account_number: cells.opt_text()?,
            ifsc: cells.opt_text()?,
            account_type: AccountType::default(),
        };
        if let Some(word) = cells.opt_text()? {
            payer.account_type = AccountType::parse(&word)
                .ok_or_else(|| StoreError::Corrupt(format!("unknown word {word:?}")))?;
        }
        Ok(BankTransfer {
            payment,
            id,
            scope,
            connector,
            mode,
            bank_reference,
            amount,
            payee_account,
            payer: payer_id.map(|id| (id, payer)),
            virtual_account: cells.id()?,
        })
    }
}

impl Record for Refund {
    const TABLE: &'static Table = table!("refunds", key 1, true, [
        id Text, scope Int, payment Text, amount Int, status Text, notes Text, receipt Text,
        created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            (&self.payment.0).into(),
            self.amount.get().into(),
            match self.state {
                RefundState::Pending => "pending".into(),
                RefundState::Processed => "processed".into(),
            },
            write_notes(&self.notes).into(),
            self.receipt.as_ref().into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Refund {
            id: cells.id()?,
            scope: cells.scope()?,
            payment: cells.id()?,
            amount: paise(cells)?,
            state: cells.word(|word| match word {
                "pending" => Some(RefundState::Pending),
                "processed" => Some(RefundState::Processed),
                _ => None,
            })?,
            notes: read_notes(&cells.text()?)?,
            receipt: cells.opt_text()?,
            created_at: time(cells)?,
        })
    }
}

impl Record for Endpoint {
    const TABLE: &'static Table = table!("webhook_endpoints", key 1, true, [
        id Text, scope Int, url Text, alert_email Text, active Int, disabled_at Int, events Text,
        secrets Text, created_at Int, updated_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            (&self.url).into(),
            self.alert_email.as_ref().into(),
            self.active.into(),
            self.disabled_at.map(|at| at.0).into(),
            write_strings(&self.events).into(),
            write_secrets(&self.secrets).into(),
            self.created_at.0.into(),
            self.updated_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Endpoint {
            id: cells.id()?,
            scope: cells.scope()?,
            url: cells.text()?,
            alert_email: cells.opt_text()?,
            active: cells.flag()?,
            disabled_at: opt_time(cells)?,
            events: read_strings(&cells.text()?)?,
            secrets: read_secrets(&cells.text()?)?,
            created_at: time(cells)?,
            updated_at: time(cells)?,
        })
    }
}

impl Record for Delivery {
    const TABLE: &'static Table = table!("deliveries", key 2, true, [
        event Text, endpoint Text, scope Int, lane Int, subject Text, secret_version Int,
        happened_at_ms Int, attempts Int, replays Int, replays_since Int, delayed Int, state Text,
        due_ms Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let (state, due) = match self.state {
            DeliveryState::Pending { due } => ("pending", due.0),
            DeliveryState::Delivered => ("delivered", 0),
            DeliveryState::Undelivered => ("undelivered", 0),
        };
        vec![
            (&self.event.0).into(),
            (&self.endpoint.0).into(),
            self.scope.into(),
            self.scope.lane().0.into(),
            (&self.subject).into(),
            self.secret_version.into(),
            self.happened_at.0.into(),
            self.attempts.into(),
            self.replays.into(),
            self.replays_since.0.into(),
            self.delayed.into(),
            state.into(),
            due.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (event, endpoint, scope) = (cells.id()?, cells.id()?, cells.scope()?);
        // The lane follows from the scope.
        cells.int()?;
        let (subject, secret_version) = (cells.id()?, cells.int()?);
        let (happened_at, attempts) = (millis(cells)?, cells.int()?);
        let (replays, replays_since) = (cells.int()?, time(cells)?);
        let delayed = cells.flag()?;
        let (state, due) = (cells.text()?, millis(cells)?);
        let state = match state.as_str() {
            "pending" => DeliveryState::Pending { due },
            "delivered" => DeliveryState::Delivered,
            "undelivered" => DeliveryState::Undelivered,
            _ => return Err(StoreError::Corrupt(format!("state {state:?} of a delivery"))),
        };
        Ok(Delivery {
            event,
            endpoint,
            scope,
            subject,
            secret_version,
            happened_at,
            attempts,
            replays,
            replays_since,
            delayed,
            state,
        })
    }
}

impl Record for Fault {
    const TABLE: &'static Table = table!("faults", key 1, true, [
        id Text, scope Int, kind Text, events Text, times Int, seconds Int, fired Int,
        armed_at_ms Int, disarmed Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.kind.as_str().into(),
            write_strings(&self.events).into(),
            self.times.into(),
            self.seconds.into(),
            self.fired.into(),
            self.armed_at.0.into(),
            self.disarmed.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Fault {
            id: cells.id()?,
            scope: cells.scope()?,
            kind: cells.word(FaultKind::parse)?,
            events: read_strings(&cells.text()?)?,
            times: cells.int()?,
            seconds: cells.int()?,
            fired: cells.int()?,
            armed_at: millis(cells)?,
            disarmed: cells.flag()?,
        })
    }
}

/// An event with its body as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its id.
    pub id: vasool_core::id::EventId,
    /// Whose.
    pub scope: vasool_core::scope::ScopeId,
    /// Its name on the wire.
    pub name: String,
    /// What it is about.
    pub subject: vasool_core::id::RawId,
    /// On the merchant's clock.
    pub created_at: Time,
    /// The JSON that every attempt sends.
    pub body: String,
}

impl EventRow {
    /// The row of an event whose body was rendered.
    pub fn new(event: &Event, body: String) -> EventRow {
        EventRow {
            id: event.id,
            scope: event.scope.id,
            name: event.fact.name().to_owned(),
            subject: event.subject,
            created_at: event.created_at,
            body,
        }
    }
}

impl Record for EventRow {
    const TABLE: &'static Table = table!("events", key 1, false, [
        id Text, scope Int, name Text, subject Text, created_at Int, body Text
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            (&self.name).into(),
            (&self.subject).into(),
            self.created_at.0.into(),
            (&self.body).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(EventRow {
            id: cells.id()?,
            scope: cells.scope()?,
            name: cells.text()?,
            subject: cells.id()?,
            created_at: time(cells)?,
            body: cells.text()?,
        })
    }
}

/// A posting as the journal holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingRow {
    /// The entity it is for, without prefix.
    pub cause: vasool_core::id::RawId,
    /// Its kind.
    pub cause_kind: String,
    /// Which line of that cause.
    pub line: i64,
    /// Whose books.
    pub scope: vasool_core::scope::ScopeId,
    /// Name of the account that receives.
    pub debit: String,
    /// Name of the account that gives.
    pub credit: String,
    /// Above zero.
    pub amount: Paise,
    /// On the merchant's clock.
    pub posted_at: Time,
}

impl PostingRow {
    /// The row of a posting.
    pub fn new(posting: &Posting) -> PostingRow {
        PostingRow {
            cause: posting.cause.raw(),
            cause_kind: posting.cause.kind().to_owned(),
            line: posting.line,
            scope: posting.scope,
            debit: posting.debit.name(),
            credit: posting.credit.name(),
            amount: posting.amount,
            posted_at: posting.posted_at,
        }
    }
}

impl Record for PostingRow {
    const TABLE: &'static Table = table!("postings", key 3, false, [
        cause Text, cause_kind Text, line Int, scope Int, debit Text, credit Text, amount Int,
        posted_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.cause).into(),
            (&self.cause_kind).into(),
            self.line.into(),
            self.scope.into(),
            (&self.debit).into(),
            (&self.credit).into(),
            self.amount.get().into(),
            self.posted_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(PostingRow {
            cause: cells.id()?,
            cause_kind: cells.text()?,
            line: cells.int()?,
            scope: cells.scope()?,
            debit: cells.text()?,
            credit: cells.text()?,
            amount: paise(cells)?,
            posted_at: time(cells)?,
        })
    }
}

impl Record for Attempt {
    const TABLE: &'static Table = table!("attempts", key 3, false, [
        event Text, endpoint Text, number Int, scope Int, at_ms Int, status Int, error Text,
        took_ms Int, signature Text, next_at_ms Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.event.0).into(),
            (&self.endpoint.0).into(),
            self.number.into(),
            self.scope.into(),
            self.at.0.into(),
            self.outcome.status.map(i64::from).into(),
            self.outcome.error.as_ref().into(),
            self.outcome.took_ms.into(),
            self.outcome.signature.as_ref().into(),
            self.next_at.map(|at| at.0).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Attempt {
            event: cells.id()?,
            endpoint: cells.id()?,
            number: cells.int()?,
            scope: cells.scope()?,
            at: millis(cells)?,
            outcome: Outcome {
                status: cells.opt_int()?.and_then(|status| u16::try_from(status).ok()),
                error: cells.opt_text()?,
                took_ms: cells.int()?,
                signature: cells.opt_text()?,
            },
            next_at: cells.opt_int()?.map(Millis),
        })
    }
}

impl Record for Message {
    const TABLE: &'static Table = table!("messages", key 1, false, [
        id Text, scope Int, channel Text, recipient Text, subject Text, body Text, links Text,
        created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.channel.into(),
            (&self.to).into(),
            (&self.subject).into(),
            (&self.text).into(),
            write_strings(&self.links).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Message {
            id: cells.id()?,
            scope: cells.scope()?,
            channel: cells.word(|word| match word {
                "email" => Some("email"),
                "sms" => Some("sms"),
                _ => None,
            })?,
            to: cells.text()?,
            subject: cells.text()?,
            text: cells.text()?,
            links: read_strings(&cells.text()?)?,
            created_at: time(cells)?,
        })
    }
}

impl Record for Alert {
    const TABLE: &'static Table = table!("alerts", key 1, false, [
        id Text, scope Int, connector Text, reference Text, body Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id).into(),
            self.scope.into(),
            (&self.connector).into(),
            (&self.reference).into(),
            (&self.text).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Alert {
            id: cells.id()?,
            scope: cells.scope()?,
            connector: cells.text()?,
            reference: cells.text()?,
            text: cells.text()?,
            created_at: time(cells)?,
        })
    }
}

impl Record for Timer {
    const TABLE: &'static Table = table!("timers", key 2, false, [
        subject Text, kind Text, scope Int, lane Int, due_ms Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            self.key.subject().as_str().to_owned().into(),
            self.key.kind().into(),
            self.scope.into(),
            self.scope.lane().0.into(),
            self.due.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (subject, kind) = (cells.id()?, cells.text()?);
        let key = TimerKey::parse(&kind, subject)
            .ok_or_else(|| StoreError::Corrupt(format!("unknown timer {kind:?}")))?;
        let scope = cells.scope()?;
        // The lane follows from the scope.
        cells.int()?;
        Ok(Timer { key, scope, due: millis(cells)? })
    }
}
