//! Payments and bank transfers on the wire. Source: common 8.1, smart-collect 3.

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use vasool_core::id::{CardId, PaymentId};
use vasool_core::money::Paise;
use vasool_core::nach_token::NachToken;
use vasool_core::payment::{Card, MandateRole, Method, Payment, PaymentState};
use vasool_core::refund::Refund;
use vasool_core::token::Token;

use super::out::{Collection, Id, NotesOut};
use super::paper_nach::token::NachTokenOut;
use super::refund::RefundOut;
use super::token::TokenOut;

/// What `expand[]` may name on payments. Source: common 4.2.
pub const EXPAND: &[&str] =
    &["card", "emi", "transaction", "transaction.settlement", "refunds", "offers", "token"];

/// The payment entity.
pub struct PaymentOut<'a> {
    /// The row.
    pub row: &'a Payment,
    /// In a webhook two more keys are printed. Source: common 8.1.
    pub in_webhook: bool,
    /// With `expand[]=refunds`.
    pub refunds: Option<&'a [Refund]>,
    /// With `expand[]=card`, and in webhooks.
    pub card: bool,
    /// With `expand[]=offers`.
    pub offers: bool,
    /// With `expand[]=transaction`.
    pub transaction: bool,
    /// With `expand[]=token`, where there is one.
    pub token: Option<&'a Token>,
    /// The same of a mandate on paper.
    pub nach_token: Option<&'a NachToken>,
}

impl<'a> PaymentOut<'a> {
    /// As the API answers it.
    pub fn plain(row: &'a Payment) -> PaymentOut<'a> {
        PaymentOut {
            row,
            in_webhook: false,
            refunds: None,
            card: false,
            offers: false,
            transaction: false,
            token: None,
            nach_token: None,
        }
    }

    /// As a webhook shows it.
    pub fn in_webhook(row: &'a Payment) -> PaymentOut<'a> {
        PaymentOut { in_webhook: true, card: true, ..PaymentOut::plain(row) }
    }
}

#[derive(Serialize)]
struct AcquirerOut<'a> {
    rrn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upi_transaction_id: Option<&'a str>,
}

#[derive(Serialize)]
struct NoReference {}

/// Only on payments by UPI. Source: common 8.1.
#[derive(Serialize)]
struct UpiOut<'a> {
    vpa: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<&'static str>,
}

impl Serialize for PaymentOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = self.row;
        let seen = Seen::of(row);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &Id(row.id))?;
        map.serialize_entry("entity", "payment")?;
        map.serialize_entry("amount", &row.amount.get())?;
        map.serialize_entry("currency", "INR")?;
        if self.in_webhook {
            map.serialize_entry("base_amount", &row.amount.get())?;
        }
        map.serialize_entry("status", seen.status)?;
        map.serialize_entry("order_id", &row.order.map(Id))?;
        map.serialize_entry("invoice_id", &row.invoice.map(Id))?;
        map.serialize_entry("international", &false)?;
        map.serialize_entry("method", method(&row.method))?;
        map.serialize_entry("amount_refunded", &seen.refunded)?;
        if self.in_webhook {
            map.serialize_entry("amount_transferred", &0)?;
        }
        map.serialize_entry("refund_status", &seen.refund_status)?;
        map.serialize_entry("captured", &seen.captured)?;
        // Events leave the description of a registration out. Source: paper-nach A14.
        let role = row.mandate.as_ref().map(|mandate| mandate.role);
        let is_told = !self.in_webhook || role != Some(MandateRole::Registration);
        map.serialize_entry("description", &row.description.as_ref().filter(|_| is_told))?;
        let (card, vpa) = match &row.method {
            Method::BankTransfer => (None, None),
            Method::Upi { vpa } => (None, vpa.as_deref()),
            Method::Card(card) => (Some(card), None),
            Method::Nach { .. } => (None, None),
        };
        map.serialize_entry("card_id", &card.map(|card| Id(card.id)))?;
        if let Some(card) = card.filter(|_| self.card) {
            map.serialize_entry("card", &CardOut::from(card))?;
        }
        let bank = match &row.method {
            Method::Nach { bank } => Some(bank),
            _ => None,
        };
        map.serialize_entry("bank", &bank)?;
        map.serialize_entry("wallet", &())?;
        map.serialize_entry("vpa", &vpa)?;
        map.serialize_entry("email", &row.email)?;
        map.serialize_entry("contact", &row.contact)?;
        if let Some(customer) = row.customer {
            map.serialize_entry("customer_id", &Id(customer))?;
        }
        if let Some(mandate) = &row.mandate {
            map.serialize_entry("token_id", &Id(mandate.token))?;
        }
        map.serialize_entry("notes", &NotesOut(&row.notes))?;
        map.serialize_entry("fee", &seen.fee)?;
        map.serialize_entry("tax", &seen.tax)?;
        let failure = match row.state {
            PaymentState::Failed(failure) => Some(failure.fields()),
            _ => None,
        };
        map.serialize_entry("error_code", &failure.map(|failure| failure.code.as_str()))?;
        map.serialize_entry("error_description", &failure.map(|failure| failure.description))?;
        map.serialize_entry("error_source", &failure.map(|failure| failure.source))?;
        map.serialize_entry("error_step", &failure.map(|failure| failure.step))?;
        map.serialize_entry("error_reason", &failure.map(|failure| failure.reason))?;
        let mandate = row.mandate.as_ref();
        let acquirer = AcquirerOut {
            rrn: row.bank_reference.as_deref(),
            upi_transaction_id: mandate.and_then(|mandate| mandate.upi_transaction_id.as_deref()),
        };
        match row.method {
            // NACH gives no reference. Source: paper-nach 11.2.
            Method::Nach { .. } => map.serialize_entry("acquirer_data", &NoReference {})?,
            _ => map.serialize_entry("acquirer_data", &acquirer)?,
        }
        map.serialize_entry("created_at", &row.created_at.0)?;
        if let Method::Upi { vpa } = &row.method {
            // A mandate is only ever approved from an intent link. Source: reserve-pay AMB-21.
            let flow = row.mandate.as_ref().map(|_| "intent");
            map.serialize_entry("upi", &UpiOut { vpa: vpa.as_deref(), flow })?;
        }
        if let Some(refunds) = self.refunds {
            let refunds = Collection::of(refunds.iter().map(RefundOut::from).collect());
            map.serialize_entry("refunds", &refunds)?;
        }
        if self.offers {
            map.serialize_entry("offers", &Collection::<()>::of(vec![]))?;
        }
        if self.transaction {
            map.serialize_entry("transaction", &TransactionOut::of(row, &seen))?;
        }
        if let Some(token) = self.token {
            map.serialize_entry("token", &TokenOut::plain(token))?;
        }
        if let Some(token) = self.nach_token {
            map.serialize_entry("token", &NachTokenOut::plain(token))?;
        }
        map.end()
    }
}

/// What follows from a payment's state. Source: common 8.1, decisions 36.
struct Seen {
    status: &'static str,
    captured: bool,
    refunded: i64,
    refund_status: Option<&'static str>,
    fee: Option<i64>,
    tax: Option<i64>,
}

impl Seen {
    fn of(row: &Payment) -> Seen {
        match row.state {
            PaymentState::Created | PaymentState::Authorized | PaymentState::Failed(_) => Seen {
                status: row.state.told(row.amount),
                captured: false,
                refunded: 0,
                refund_status: None,
                fee: None,
                tax: None,
            },
            PaymentState::Captured { fee, refunded } => Seen {
                status: row.state.told(row.amount),
                captured: true,
                refunded: refunded.get(),
                refund_status: match refunded {
                    Paise::ZERO => None,
                    refunded if refunded == row.amount => Some("full"),
                    _ => Some("partial"),
                },
                fee: Some(fee.fee.get()),
                tax: Some(fee.tax.get()),
            },
            PaymentState::Returned => Seen {
                status: "refunded",
                captured: false,
                refunded: row.amount.get(),
                refund_status: Some("full"),
                // Null where nothing was ever captured but on its way to be.
                fee: row.mandate.is_none().then_some(0),
                tax: row.mandate.is_none().then_some(0),
            },
        }
    }
}

fn method(method: &Method) -> &'static str {
    match method {
        Method::BankTransfer => "bank_transfer",
        Method::Upi { .. } => "upi",
        Method::Card(_) => "card",
        Method::Nach { .. } => "nach",
    }
}

/// The card of a payment. Source: common 8.1.
#[derive(Serialize)]
pub struct CardOut<'a> {
    id: Id<CardId>,
    entity: &'static str,
    name: &'a str,
    last4: &'a str,
    network: &'a str,
    r#type: &'a str,
    issuer: &'a str,
    international: bool,
    emi: bool,
    sub_type: &'static str,
}

impl<'a> From<&'a Card> for CardOut<'a> {
    fn from(card: &'a Card) -> Self {
        CardOut {
            id: Id(card.id),
            entity: "card",
            name: &card.name,
            last4: &card.last4,
            network: &card.network,
            r#type: &card.kind,
            issuer: &card.issuer,
            international: false,
            emi: false,
            sub_type: "consumer",
        }
    }
}

/// The ledger row of a payment. Source: common 14.
#[derive(Serialize)]
struct TransactionOut {
    entity_id: Id<PaymentId>,
    r#type: &'static str,
    debit: i64,
    credit: i64,
    amount: i64,
    currency: &'static str,
    fee: i64,
    tax: i64,
    on_hold: bool,
    settled: bool,
    created_at: i64,
    settled_at: Option<i64>,
    settlement_id: Option<&'static str>,
    settlement: Option<()>,
}

impl TransactionOut {
    fn of(row: &Payment, seen: &Seen) -> TransactionOut {
        let (fee, tax) = (seen.fee.unwrap_or(0), seen.tax.unwrap_or(0));
        TransactionOut {
            entity_id: Id(row.id),
            r#type: "payment",
            debit: 0,
            credit: if seen.captured { row.amount.get() - fee } else { 0 },
            amount: row.amount.get(),
            currency: "INR",
            fee,
            tax,
            on_hold: false,
            settled: false,
            created_at: row.created_at.0,
            settled_at: None,
            settlement_id: None,
            settlement: None,
        }
    }
}
