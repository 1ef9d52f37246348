//! Webhook bodies. Source: common 10.3 to 10.5, smart-collect 11.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use vasool_core::event::{EventKind, Occurrence};

use super::json_out::to_ascii;
use super::out::{Id, to_json};
use super::payment::{BankTransferOut, PaymentOut};
use super::refund::RefundOut;
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

struct Payload<'a>(&'a Occurrence, EventKind);

#[derive(Serialize)]
struct Part<T> {
    entity: T,
}

/// The body of an event as every attempt sends it: compact JSON in pure ASCII.
pub fn body(occurrence: &Occurrence, kind: EventKind) -> String {
    to_ascii(to_json(&EventOut {
        entity: "event",
        account_id: Id(occurrence.scope.merchant),
        event: kind.as_str(),
        contains: contains(kind),
        payload: Payload(occurrence, kind),
        created_at: occurrence.created_at.0,
    }))
}

fn contains(kind: EventKind) -> &'static [&'static str] {
    match kind {
        EventKind::PaymentAuthorized | EventKind::PaymentCaptured => &["payment"],
        EventKind::RefundCreated
        | EventKind::RefundProcessed
        | EventKind::RefundFailed
        | EventKind::RefundSpeedChanged => &["refund", "payment"],
        EventKind::VirtualAccountCreated | EventKind::VirtualAccountClosed => &["virtual_account"],
        EventKind::VirtualAccountCredited => &["payment", "virtual_account", "bank_transfer"],
    }
}

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Payload(Occurrence { snapshot, .. }, kind) = self;
        let mut map = serializer.serialize_map(None)?;
        for name in contains(*kind) {
            match *name {
                "payment" => {
                    let payment = snapshot.payment_for(*kind);
                    part(&mut map, name, payment.as_deref().map(PaymentOut::in_webhook))?;
                }
                "refund" => {
                    part(&mut map, name, snapshot.refund.as_deref().map(RefundOut::from))?;
                }
                "bank_transfer" => {
                    let transfer = snapshot.bank_transfer.as_deref();
                    part(&mut map, name, transfer.map(BankTransferOut::in_webhook))?;
                }
                _ => {
                    let form = match kind {
                        EventKind::VirtualAccountCredited => Form::Credited,
                        EventKind::VirtualAccountClosed => Form::Closed,
                        _ => Form::Full,
                    };
                    let account = snapshot.virtual_account.as_deref();
                    part(&mut map, name, account.map(|row| VirtualAccountOut(row, form)))?;
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
