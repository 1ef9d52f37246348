//! Webhook bodies. Source: common 10.3 to 10.5, smart-collect 11.

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use vasool_core::event::{Event, Fact};

use super::json_out::to_ascii;
use super::out::{Id, to_json};
use super::payment::{BankTransferOut, PaymentOut, RefundOut};
use super::virtual_account::{Form, VirtualAccountOut};

#[derive(Serialize)]
struct EventOut<'a> {
    entity: &'static str,
    account_id: Id<vasool_core::id::MerchantId>,
    event: &'static str,
    contains: &'static [&'static str],
    payload: Payload<'a>,
    created_at: i64,
}

struct Payload<'a>(&'a Fact);

#[derive(Serialize)]
struct Part<T> {
    entity: T,
}

/// The body of an event as every attempt sends it: compact JSON in pure ASCII.
pub fn body(event: &Event) -> String {
    to_ascii(to_json(&EventOut {
        entity: "event",
        account_id: Id(event.scope.merchant),
        event: event.fact.name(),
        contains: contains(&event.fact),
        payload: Payload(&event.fact),
        created_at: event.created_at.0,
    }))
}

fn contains(fact: &Fact) -> &'static [&'static str] {
    match fact {
        Fact::PaymentAuthorized(_) | Fact::PaymentCaptured(_) => &["payment"],
        Fact::RefundCreated(..) | Fact::RefundProcessed(..) => &["refund", "payment"],
        Fact::VirtualAccountCreated(_) | Fact::VirtualAccountClosed(_) => &["virtual_account"],
        Fact::VirtualAccountCredited(..) => &["payment", "virtual_account", "bank_transfer"],
    }
}

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self.0 {
            Fact::PaymentAuthorized(payment) | Fact::PaymentCaptured(payment) => {
                map.serialize_entry("payment", &part(PaymentOut::in_webhook(payment)))?;
            }
            Fact::RefundCreated(refund, payment) | Fact::RefundProcessed(refund, payment) => {
                map.serialize_entry("refund", &part(RefundOut::from(&**refund)))?;
                map.serialize_entry("payment", &part(PaymentOut::in_webhook(payment)))?;
            }
            Fact::VirtualAccountCreated(account) => {
                let account = VirtualAccountOut(account, Form::Full);
                map.serialize_entry("virtual_account", &part(account))?;
            }
            Fact::VirtualAccountClosed(account) => {
                let account = VirtualAccountOut(account, Form::Closed);
                map.serialize_entry("virtual_account", &part(account))?;
            }
            Fact::VirtualAccountCredited(payment, account, transfer) => {
                map.serialize_entry("payment", &part(PaymentOut::in_webhook(payment)))?;
                let account = VirtualAccountOut(account, Form::Credited);
                map.serialize_entry("virtual_account", &part(account))?;
                let transfer = BankTransferOut::in_webhook(transfer);
                map.serialize_entry("bank_transfer", &part(transfer))?;
            }
        }
        map.end()
    }
}

fn part<T>(entity: T) -> Part<T> {
    Part { entity }
}
