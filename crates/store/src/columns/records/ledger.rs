//! Columns of payments, the transfers that bring them, and the journal.

use vasool_core::failure::Failure;
use vasool_core::id::{CardId, RawId};
use vasool_core::ledger::Posting;
use vasool_core::money::{Fee, Paise};
use vasool_core::payment::{Card, MandateRole, MandateUse, Method, Payment, PaymentState};
use vasool_core::scope::ScopeId;
use vasool_core::time::Time;
use vasool_core::transfer::{AccountType, Payee, Payer, Transfer, TransferMode};

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_notes, write_notes};
use super::super::{Cells, Record, Table, Value};
use super::{amount_of, paise, table, time};
use crate::error::{StoreError, StoreResult};

impl Record for Payment {
    const TABLE: &'static Table = table!("payments", key 1, true, [
        id Text, scope Int, amount Int, method Text, status Text, fee Int, tax Int, refunded Int,
        description Text, email Text, contact Text, customer Text, notes Text,
        bank_reference Text, virtual_account Text, created_at Int, instrument Text, qr_code Text,
        order_id Text, token Text, connector Text, debit_sequence Int, approve_by Int,
        upi_transaction_id Text, failure Text, invoice Text
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let (status, fee, refunded) = match self.state {
            PaymentState::Created => ("created", None, Paise::ZERO),
            PaymentState::Failed(_) => ("failed", None, Paise::ZERO),
            PaymentState::Authorized => ("authorized", None, Paise::ZERO),
            PaymentState::Captured { fee, refunded } => ("captured", Some(fee), refunded),
            PaymentState::Returned => ("returned", None, self.amount),
        };
        let mandate = self.mandate.as_ref();
        let (sequence, until) = match mandate.map(|mandate| mandate.role) {
            Some(MandateRole::Debit { sequence }) => (Some(sequence), None),
            Some(MandateRole::Approval { until }) => (None, Some(until.0)),
            // Of a mandate on paper: debits have a number, which is zero, and registrations none.
            Some(MandateRole::Presentation) => (Some(0), None),
            Some(MandateRole::Registration) | None => (None, None),
        };
        let failure = match self.state {
            PaymentState::Failed(failure) => Some(failure.key().into_owned()),
            _ => None,
        };
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.amount.get().into(),
            match self.method {
                Method::BankTransfer => "bank_transfer".into(),
                Method::Upi { .. } => "upi".into(),
                Method::Card(_) => "card".into(),
                Method::Nach { .. } => "nach".into(),
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
            self.bank_reference.as_ref().into(),
            self.virtual_account.as_ref().map(|id| &id.0).into(),
            self.created_at.0.into(),
            match &self.method {
                Method::BankTransfer => Value::Null,
                Method::Upi { vpa } => vpa.as_ref().into(),
                Method::Card(card) => write_card(card).into(),
                Method::Nach { bank } => bank.into(),
            },
            self.qr_code.as_ref().map(|id| &id.0).into(),
            self.order.as_ref().map(|id| &id.0).into(),
            mandate.map(|mandate| &mandate.token.0).into(),
            mandate.map(|mandate| &mandate.connector).into(),
            sequence.into(),
            until.into(),
            mandate.and_then(|mandate| mandate.upi_transaction_id.as_ref()).into(),
            failure.into(),
            self.invoice.as_ref().map(|id| &id.0).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (id, scope, amount) = (cells.id()?, cells.scope()?, paise(cells)?);
        let method = cells.text()?;
        let status = cells.text()?;
        let (fee, tax, refunded) = (cells.opt_int()?, cells.opt_int()?, paise(cells)?);
        let state = match (status.as_str(), fee, tax) {
            ("created", None, None) => PaymentState::Created,
            // What it failed of is the last cell.
            ("failed", None, None) => PaymentState::Failed(Failure::Cancelled),
            ("authorized", None, None) => PaymentState::Authorized,
            ("captured", Some(fee), Some(tax)) => PaymentState::Captured {
                fee: Fee { fee: amount_of(fee)?, tax: amount_of(tax)? },
                refunded,
            },
            ("returned", None, None) => PaymentState::Returned,
            _ => return Err(StoreError::Corrupt(format!("status {status:?} of {id}"))),
        };
        let mut payment = Payment {
            id,
            scope,
            amount,
            method: Method::BankTransfer,
            state,
            description: cells.opt_text()?,
            email: cells.opt_text()?,
            contact: cells.opt_text()?,
            customer: cells.opt_id()?,
            notes: read_notes(&cells.text()?)?,
            bank_reference: cells.opt_text()?,
            virtual_account: cells.opt_id()?,
            created_at: time(cells)?,
            qr_code: None,
            order: None,
            invoice: None,
            mandate: None,
        };
        payment.method = match (method.as_str(), cells.opt_text()?) {
            ("bank_transfer", None) => Method::BankTransfer,
            ("upi", vpa) => Method::Upi { vpa },
            ("card", Some(card)) => Method::Card(read_card(&card)?),
            ("nach", Some(bank)) => Method::Nach { bank },
            _ => return Err(StoreError::Corrupt(format!("method {method:?} of {id}"))),
        };
        payment.qr_code = cells.opt_id()?;
        payment.order = cells.opt_id()?;
        payment.mandate = read_mandate(cells, &payment.method)?;
        let failure = cells.opt_word(Failure::parse)?;
        payment.invoice = cells.opt_id()?;
        payment.state = match (payment.state, failure) {
            (PaymentState::Failed(_), Some(failure)) => PaymentState::Failed(failure),
            (PaymentState::Failed(_), None) => {
                return Err(StoreError::Corrupt(format!("{id} failed of nothing")));
            }
            (state, _) => state,
        };
        Ok(payment)
    }
}

fn read_mandate(cells: &mut Cells, method: &Method) -> StoreResult<Option<MandateUse>> {
    let (token, connector) = (cells.opt_id()?, cells.opt_text()?);
    let (sequence, until) = (cells.opt_int()?, cells.opt_int()?);
    let upi_transaction_id = cells.opt_text()?;
    let (Some(token), Some(connector)) = (token, connector) else { return Ok(None) };
    let is_nach = matches!(method, Method::Nach { .. });
    let role = match (sequence, until) {
        (None, None) if is_nach => MandateRole::Registration,
        (Some(_), None) if is_nach => MandateRole::Presentation,
        (Some(sequence), None) => MandateRole::Debit { sequence },
        (None, Some(until)) => MandateRole::Approval { until: Time(until) },
        _ => return Err(StoreError::Corrupt("role of a payment of a mandate".to_owned())),
    };
    Ok(Some(MandateUse { token, connector, role, upi_transaction_id }))
}

fn write_card(card: &Card) -> String {
    let Card { id, name, last4, network, kind, issuer } = card;
    serde_json::json!((id.0.as_str(), name, last4, network, kind, issuer)).to_string()
}

fn read_card(text: &str) -> StoreResult<Card> {
    let corrupt = |error: &dyn std::fmt::Display| StoreError::Corrupt(error.to_string());
    let (id, name, last4, network, kind, issuer): (String, _, _, _, _, _) =
        serde_json::from_str(text).map_err(|error| corrupt(&error))?;
    let id = RawId::parse(&id).ok_or_else(|| corrupt(&"bad id"))?;
    Ok(Card { id: CardId(id), name, last4, network, kind, issuer })
}

impl Record for Transfer {
    const TABLE: &'static Table = table!("transfers", key 1, true, [
        payment Text, id Text, scope Int, connector Text, mode Text, bank_reference Text,
        reference_key Text, amount Int, payee Text, payer_id Text, payer_name Text,
        payer_account Text, payer_ifsc Text, payer_account_type Text, virtual_account Text,
        payer_vpa Text
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let payer = self.payer.as_ref().map(|(_, payer)| payer);
        vec![
            (&self.payment.0).into(),
            (&self.id).into(),
            self.scope.into(),
            (&self.connector).into(),
            self.mode.as_str().into(),
            (&self.bank_reference).into(),
            self.bank_reference.to_ascii_uppercase().into(),
            self.amount.get().into(),
            self.payee.to_text().into(),
            self.payer.as_ref().map(|(id, _)| &id.0).into(),
            payer.and_then(|payer| payer.name.as_ref()).into(),
            payer.and_then(|payer| payer.account_number.as_ref()).into(),
            payer.and_then(|payer| payer.ifsc.as_ref()).into(),
            payer.map(|payer| payer.account_type.as_str()).into(),
            self.virtual_account.as_ref().map(|id| &id.0).into(),
            payer.and_then(|payer| payer.vpa.as_ref()).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (payment, id, scope) = (cells.id()?, cells.id()?, cells.scope()?);
        let (connector, mode) = (cells.text()?, cells.word(TransferMode::parse)?);
        let bank_reference = cells.text()?;
        // The key follows from the reference.
        cells.text()?;
        let (amount, payee) = (paise(cells)?, Payee::parse(&cells.text()?));
        let payer_id = cells.opt_id()?;
        let mut payer = Payer {
            name: cells.opt_text()?,
            account_number: cells.opt_text()?,
            ifsc: cells.opt_text()?,
            vpa: None,
            account_type: AccountType::default(),
        };
        if let Some(word) = cells.opt_text()? {
            payer.account_type = AccountType::parse(&word)
                .ok_or_else(|| StoreError::Corrupt(format!("unknown word {word:?}")))?;
        }
        let virtual_account = cells.opt_id()?;
        payer.vpa = cells.opt_text()?;
        Ok(Transfer {
            payment,
            id,
            scope,
            connector,
            mode,
            bank_reference,
            amount,
            payee,
            payer: payer_id.map(|id| (id, payer)),
            virtual_account,
        })
    }
}

/// A posting as the journal holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingRow {
    /// The entity it is for, without prefix.
    pub cause: RawId,
    /// Its kind.
    pub cause_kind: String,
    /// Which line of that cause.
    pub line: i64,
    /// Whose books.
    pub scope: ScopeId,
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
