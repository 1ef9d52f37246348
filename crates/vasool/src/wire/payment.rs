//! Payments and bank transfers on the wire. Source: common 8.1, smart-collect 3.

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use vasool_core::id::{BankAccountId, BankTransferId, PaymentId, VirtualAccountId};
use vasool_core::money::Paise;
use vasool_core::payment::{BankTransfer, Method, Payer, Payment, PaymentState};
use vasool_core::refund::Refund;
use vasool_core::virtual_account::VirtualAccount;

use super::banks::bank_name;
use super::out::{Collection, Id, NotesOut};
use super::refund::RefundOut;
use super::virtual_account::{Form, VirtualAccountOut};

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
    /// With `expand[]=offers`.
    pub offers: bool,
    /// With `expand[]=transaction`.
    pub transaction: bool,
}

impl<'a> PaymentOut<'a> {
    /// As the API answers it.
    pub fn plain(row: &'a Payment) -> PaymentOut<'a> {
        PaymentOut { row, in_webhook: false, refunds: None, offers: false, transaction: false }
    }

    /// As a webhook shows it.
    pub fn in_webhook(row: &'a Payment) -> PaymentOut<'a> {
        PaymentOut { in_webhook: true, ..PaymentOut::plain(row) }
    }
}

#[derive(Serialize)]
struct AcquirerOut<'a> {
    rrn: &'a str,
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
        map.serialize_entry("order_id", &())?;
        map.serialize_entry("invoice_id", &())?;
        map.serialize_entry("international", &false)?;
        map.serialize_entry("method", method(row.method))?;
        map.serialize_entry("amount_refunded", &seen.refunded)?;
        if self.in_webhook {
            map.serialize_entry("amount_transferred", &0)?;
        }
        map.serialize_entry("refund_status", &seen.refund_status)?;
        map.serialize_entry("captured", &seen.captured)?;
        map.serialize_entry("description", &row.description)?;
        for absent in ["card_id", "bank", "wallet", "vpa"] {
            map.serialize_entry(absent, &())?;
        }
        map.serialize_entry("email", &row.email)?;
        map.serialize_entry("contact", &row.contact)?;
        if let Some(customer) = row.customer {
            map.serialize_entry("customer_id", &Id(customer))?;
        }
        map.serialize_entry("notes", &NotesOut(&row.notes))?;
        map.serialize_entry("fee", &seen.fee)?;
        map.serialize_entry("tax", &seen.tax)?;
        for absent in
            ["error_code", "error_description", "error_source", "error_step", "error_reason"]
        {
            map.serialize_entry(absent, &())?;
        }
        map.serialize_entry("acquirer_data", &AcquirerOut { rrn: &row.bank_reference })?;
        map.serialize_entry("created_at", &row.created_at.0)?;
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
            PaymentState::Authorized => Seen {
                status: "authorized",
                captured: false,
                refunded: 0,
                refund_status: None,
                fee: None,
                tax: None,
            },
            PaymentState::Captured { fee, refunded } => Seen {
                status: if refunded == row.amount { "refunded" } else { "captured" },
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
                fee: Some(0),
                tax: Some(0),
            },
        }
    }
}

fn method(method: Method) -> &'static str {
    match method {
        Method::BankTransfer => "bank_transfer",
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

/// The bank transfer entity. Source: smart-collect 3.4.
#[derive(Serialize)]
pub struct BankTransferOut<'a> {
    id: Id<BankTransferId>,
    entity: &'static str,
    payment_id: Id<PaymentId>,
    mode: &'static str,
    bank_reference: &'a str,
    amount: i64,
    payer_bank_account: Option<PayerOut<'a>>,
    virtual_account_id: Id<VirtualAccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_account: Option<VirtualAccountOut<'a>>,
}

#[derive(Serialize)]
struct PayerOut<'a> {
    id: Id<BankAccountId>,
    entity: &'static str,
    ifsc: Option<&'a str>,
    bank_name: Option<&'static str>,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<[(); 0]>,
    account_number: Option<&'a str>,
}

impl<'a> BankTransferOut<'a> {
    /// As the API answers it, with the account as it is now.
    pub fn full(row: &'a BankTransfer, account: &'a VirtualAccount) -> BankTransferOut<'a> {
        let account = VirtualAccountOut(account, Form::Full);
        BankTransferOut { virtual_account: Some(account), ..BankTransferOut::of(row, true) }
    }

    /// As a webhook shows it.
    pub fn in_webhook(row: &'a BankTransfer) -> BankTransferOut<'a> {
        BankTransferOut::of(row, false)
    }

    fn of(row: &'a BankTransfer, with_notes: bool) -> BankTransferOut<'a> {
        let payer = |(id, payer): &'a (BankAccountId, Payer)| PayerOut {
            id: Id(*id),
            entity: "bank_account",
            ifsc: payer.ifsc.as_deref(),
            bank_name: payer.ifsc.as_deref().and_then(bank_name),
            name: payer.name.as_deref(),
            notes: with_notes.then_some([]),
            account_number: payer.account_number.as_deref(),
        };
        BankTransferOut {
            id: Id(row.id),
            entity: "bank_transfer",
            payment_id: Id(row.payment),
            mode: row.mode.as_str(),
            bank_reference: &row.bank_reference,
            amount: row.amount.get(),
            payer_bank_account: row.payer.as_ref().map(payer),
            virtual_account_id: Id(row.virtual_account),
            virtual_account: None,
        }
    }
}
