//! Webhook bodies. Source: common 10.3 to 10.5, smart-collect 11.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use vasool_core::event::{EventKind, Occurrence, Snapshot};
use vasool_core::id::EventId;
use vasool_core::transfer::Payee;
use vasool_nach::day::timestamp;

use super::json_out::to_ascii;
use super::order::OrderOut;
use super::out::{Id, to_json};
use super::paper_nach::link::InvoiceOut;
use super::paper_nach::order::NachOrderOut;
use super::paper_nach::token::NachTokenOut;
use super::payment::PaymentOut;
use super::qr_code::QrCodeOut;
use super::refund::RefundOut;
use super::token::TokenOut;
use super::transfer::{BankTransferOut, UpiTransferOut};
use super::virtual_account::{Form, VirtualAccountOut};
use crate::format::rupees;

#[derive(Serialize)]
struct EventOut<'a> {
    entity: &'static str,
    account_id: Id<vasool_core::id::MerchantId>,
    event: &'static str,
    contains: &'static [&'static str],
    payload: Payload<'a>,
    created_at: i64,
}

/// The rows, what is told, and the base of short URLs.
struct Payload<'a>(&'a Snapshot, EventKind, &'a str);

#[derive(Serialize)]
struct Part<T> {
    entity: T,
}

/// The body of an event as every attempt sends it: compact JSON in pure ASCII.
pub fn body(occurrence: &Occurrence, kind: EventKind, public_url: &str) -> String {
    let snapshot = &occurrence.snapshot;
    to_ascii(to_json(&EventOut {
        entity: "event",
        account_id: Id(occurrence.scope.merchant),
        event: kind.as_str(),
        contains: contains(kind, snapshot),
        payload: Payload(snapshot, kind, public_url),
        created_at: occurrence.created_at.0,
    }))
}

/// An event as a line of JSON for an operator: whose it is, and the body that webhooks get.
pub fn told(row: &Occurrence, id: EventId, kind: EventKind, public_url: &str) -> String {
    let (mode, body) = (row.scope.mode.as_str(), body(row, kind, public_url));
    // Ids and names need no escapes, and the body is JSON already.
    format!(r#"{{"event_id":"{id}","mode":"{mode}","body":{body}}}"#)
}

/// An event as a line for a person.
pub fn told_in_words(row: &Occurrence, id: EventId, kind: EventKind) -> String {
    let Snapshot { payment, refund, token, nach_token, virtual_account, .. } = &row.snapshot;
    let of_payment = || {
        let payment = payment.as_ref()?;
        Some((payment.id.to_string(), Some(payment.amount)))
    };
    let about = match contains(kind, &row.snapshot)[0] {
        "payment" => of_payment(),
        "refund" => refund.as_ref().map(|row| (row.id.to_string(), Some(row.amount))),
        "token" => {
            let paper = || nach_token.as_ref().map(|row| (row.id.to_string(), None));
            token.as_ref().map(|row| (row.id.to_string(), Some(row.amount))).or_else(paper)
        }
        "virtual_account" => virtual_account.as_ref().map(|row| (row.id.to_string(), None)),
        "qr_code" => row.snapshot.qr_code.as_ref().map(|row| (row.id.to_string(), None)),
        _ => row.snapshot.invoice.as_ref().map(|row| (row.id.to_string(), None)),
    };
    let (thing, amount) = about.unwrap_or_default();
    let at = timestamp(row.created_at).replace("+05:30", "").replace('T', " ");
    let (mode, merchant) = (row.scope.mode.as_str(), row.scope.merchant);
    let amount = amount.map(rupees).unwrap_or_default();
    let line = format!("{at}  {mode}  {merchant}  {id}  {:<28}  {thing:<20}", kind.as_str());
    format!("{line}  {amount}").trim_end().to_owned()
}

fn contains(kind: EventKind, snapshot: &Snapshot) -> &'static [&'static str] {
    match kind {
        EventKind::PaymentAuthorized | EventKind::PaymentCaptured | EventKind::PaymentFailed => {
            &["payment"]
        }
        EventKind::TokenConfirmed
        | EventKind::TokenRejected
        | EventKind::TokenPaused
        | EventKind::TokenResumed
        | EventKind::TokenCancellationInitiated
        | EventKind::TokenCancelled => &["token"],
        EventKind::OrderPaid => &["payment", "order"],
        EventKind::InvoicePaid => &["payment", "order", "invoice"],
        EventKind::InvoiceExpired => &["invoice"],
        EventKind::RefundCreated
        | EventKind::RefundProcessed
        | EventKind::RefundFailed
        | EventKind::RefundSpeedChanged => &["refund", "payment"],
        EventKind::VirtualAccountCreated | EventKind::VirtualAccountClosed => &["virtual_account"],
        EventKind::QrCodeCreated | EventKind::QrCodeClosed => &["qr_code"],
        EventKind::QrCodeCredited => &["payment", "qr_code"],
        // What brought the money is told too, unless it came through a QR code.
        EventKind::VirtualAccountCredited => match snapshot.transfer.as_ref().map(|row| &row.payee)
        {
            Some(Payee::Account(_)) => &["payment", "virtual_account", "bank_transfer"],
            Some(Payee::Vpa(_)) => &["payment", "virtual_account", "upi_transfer"],
            Some(Payee::Qr(_)) | None => &["payment", "virtual_account"],
        },
    }
}

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Payload(snapshot, kind, public_url) = self;
        let transfer = snapshot.transfer.as_deref();
        let mut map = serializer.serialize_map(None)?;
        for name in contains(*kind, snapshot) {
            match *name {
                "payment" => {
                    let payment = snapshot.payment_for(*kind);
                    part(&mut map, name, payment.as_deref().map(PaymentOut::in_webhook))?;
                }
                "order" => match (snapshot.order.as_deref(), snapshot.nach_form.as_deref()) {
                    (Some(order), Some(form)) => {
                        let order = NachOrderOut::in_webhook(order, form, public_url);
                        part(&mut map, name, Some(order))?;
                    }
                    (order, _) => part(&mut map, name, order.map(OrderOut::from))?,
                },
                "invoice" => {
                    let rows = snapshot.invoice.as_deref().zip(snapshot.nach_form.as_deref());
                    let shown =
                        rows.map(|(row, form)| InvoiceOut::in_webhook(row, form, public_url));
                    part(&mut map, name, shown)?;
                }
                "refund" => {
                    part(&mut map, name, snapshot.refund.as_deref().map(RefundOut::from))?;
                }
                "token" if snapshot.nach_token.is_some() => {
                    let token = snapshot.nach_token.as_deref();
                    part(&mut map, name, token.map(NachTokenOut::in_webhook))?;
                }
                "token" => {
                    let token = snapshot.token.as_deref();
                    part(&mut map, name, token.map(|row| TokenOut::in_webhook(row, *kind)))?;
                }
                "qr_code" => {
                    let code = snapshot.qr_code.as_deref();
                    part(&mut map, name, code.map(|row| QrCodeOut::of(row, public_url)))?;
                }
                "bank_transfer" => {
                    part(&mut map, name, transfer.map(BankTransferOut::in_webhook))?;
                }
                "upi_transfer" => part(&mut map, name, transfer.map(UpiTransferOut::in_webhook))?,
                _ => {
                    let form = match kind {
                        EventKind::VirtualAccountCredited => Form::Credited,
                        EventKind::VirtualAccountClosed => Form::Closed,
                        _ => Form::Full,
                    };
                    let account = snapshot.virtual_account.as_deref();
                    let account = account.map(|row| VirtualAccountOut { row, form, public_url });
                    part(&mut map, name, account)?;
                }
            }
        }
        map.end()
    }
}

fn part<M: SerializeMap, T: Serialize>(
    map: &mut M,
    name: &str,
    entity: Option<T>,
) -> Result<(), M::Error> {
    match entity {
        Some(entity) => map.serialize_entry(name, &Part { entity }),
        None => Ok(()),
    }
}
