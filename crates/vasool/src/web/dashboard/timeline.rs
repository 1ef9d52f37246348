//! What became of an entity, in the order it happened: events, lines of the ledger, what rails
//! brought and were asked, and where events were sent.

use vasool_core::id::{EndpointId, EventId, RawId};
use vasool_core::instruction::{Instruction, InstructionState};
use vasool_core::time::Time;
use vasool_core::transfer::Transfer;
use vasool_core::webhook::{Attempt, Delivery, DeliveryState, Endpoint};
use vasool_store::PostingRow;

use super::place::Place;
use super::shown::Tone;
use super::trace::{Entity, Trace};
use super::webhooks::without_userinfo;
use crate::app::App;
use crate::format::{moment, rupees};
use crate::web::session::PageError;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, on the merchant's clock.
    pub at: Time,
    /// Which kind.
    pub kind: Kind,
    /// What, in a few words.
    pub title: String,
    /// What else there is to know.
    pub detail: String,
    /// How it went.
    pub tone: Tone,
    /// The page about it, behind the base of the place.
    pub path: Option<String>,
    /// The event's id, or that of what is booked or asked about: the order within a second, by what
    /// was made first.
    order: RawId,
}

/// Kinds of entries, in the order of their causes within a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A rail brought something, or was asked.
    Rail,
    /// A line of the journal.
    Ledger,
    /// A fact that merchants are told.
    Event,
    /// It was told.
    Webhook,
}

impl Kind {
    /// The word on the page.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Rail => "Rail",
            Kind::Ledger => "Ledger",
            Kind::Event => "Event",
            Kind::Webhook => "Webhook",
        }
    }
}

/// The history of an entity, oldest first.
pub async fn of(app: &App, place: &Place, entity: Entity) -> Result<Vec<Entry>, PageError> {
    let (store, scope) = (&app.store, place.scope());
    let Trace { beside, subjects, booked, payments } = entity.trace(store, scope).await?;
    let mut told = store.occurrences_beside(scope, &beside).await?;
    for subject in subjects {
        told.extend(store.occurrences_about(scope, subject, entity.raw()).await?);
    }
    told.retain(|occurrence| entity.is_told_by(occurrence));
    told.sort_by_key(|occurrence| occurrence.id);
    told.dedup_by_key(|occurrence| occurrence.id);
    let mut entries = vec![];
    let mut events: Vec<EventId> = vec![];
    for occurrence in &told {
        for (id, kind) in occurrence.events() {
            events.push(id);
            entries.push(Entry {
                at: occurrence.created_at,
                kind: Kind::Event,
                title: kind.as_str().to_owned(),
                detail: String::new(),
                tone: Tone::Plain,
                path: Some(format!("events/{id}")),
                order: id.0,
            });
        }
    }
    for payment in payments {
        if let (Some(transfer), Some(payment)) =
            (store.transfer(scope, payment).await?, store.payment(scope, payment).await?)
        {
            entries.push(arrival(&transfer, payment.created_at));
        }
    }
    entries.extend(store.postings_of(scope, &booked).await?.iter().map(posting));
    for instruction in store.instructions_of(scope, &booked).await? {
        let files = store.files_with(instruction.key.subject()).await?;
        entries.push(request(&instruction, files.into_iter().map(|(name, _)| name).collect()));
    }
    let endpoints = store.endpoints(scope).await?;
    let attempts = store.attempts_of(&events).await?;
    entries.extend(attempts.iter().map(|row| attempt(row, &endpoints)));
    let deliveries = store.deliveries_of(&events).await?;
    entries.extend(deliveries.iter().filter_map(|row| waiting(row, &endpoints)));
    entries.sort_by_key(|entry| (entry.at, entry.order, entry.kind));
    Ok(entries)
}

/// Where an event was sent.
pub async fn of_event(app: &App, place: &Place, id: &str) -> Result<Vec<Entry>, PageError> {
    let Some(id) = RawId::parse(id).map(EventId) else { return Ok(vec![]) };
    let endpoints = app.store.endpoints(place.scope()).await?;
    let attempts = app.store.attempts_of(&[id]).await?;
    let deliveries = app.store.deliveries_of(&[id]).await?;
    let tried = attempts.iter().map(|row| {
        let mut entry = attempt(row, &endpoints);
        entry.detail += &format!(" x-razorpay-event-id: {id}.");
        if let Some(signature) = &row.outcome.signature {
            entry.detail += &format!(" X-Razorpay-Signature: {signature}.");
        }
        entry
    });
    Ok(tried.chain(deliveries.iter().filter_map(|row| waiting(row, &endpoints))).collect())
}

fn arrival(transfer: &Transfer, at: Time) -> Entry {
    let Transfer { mode, bank_reference, amount, connector, payer, .. } = transfer;
    let payer = payer.as_ref().and_then(|(_, payer)| payer.name.clone());
    let payer = payer.map_or_else(String::new, |name| format!(" from {name}"));
    Entry {
        at,
        kind: Kind::Rail,
        title: format!("{} brought {}{payer}", mode.as_str(), rupees(*amount)),
        detail: format!("Reference {bank_reference}, reported by {connector}."),
        tone: Tone::Good,
        path: None,
        order: transfer.payment.0,
    }
}

fn posting(row: &PostingRow) -> Entry {
    Entry {
        at: row.posted_at,
        kind: Kind::Ledger,
        title: format!("{}: debit {}, credit {}", rupees(row.amount), row.debit, row.credit),
        detail: String::new(),
        tone: Tone::Plain,
        path: None,
        order: row.cause,
    }
}

fn request(row: &Instruction, files: Vec<String>) -> Entry {
    let what = match row.key.kind() {
        "pay_refund" => "pay the refund out",
        "authorise" => "have the mandate approved",
        "debit" => "debit the mandate",
        "revoke" => "end the mandate",
        "register" => "register the mandate",
        "present" => "present the debit",
        _ => "end the mandate on paper",
    };
    let (stands, tone) = match row.state {
        InstructionState::Done => ("decided", Tone::Plain),
        InstructionState::Ordered { .. } => ("to be given to the bank", Tone::Waiting),
        InstructionState::Pending { .. } => ("with the bank", Tone::Waiting),
        InstructionState::Unknown { .. } => ("the bank did not answer", Tone::Bad),
    };
    let times = if row.asked == 1 { "time" } else { "times" };
    let mut detail = format!("Asked {} {times}; {stands}.", row.asked);
    if let Some(answer) = &row.answer {
        detail += &format!(" Last answer: {answer}.");
    }
    if !files.is_empty() {
        detail += &format!(" In {}.", files.join(", "));
    }
    Entry {
        at: row.created_at.to_time(),
        kind: Kind::Rail,
        title: format!("Bank asked to {what}"),
        detail,
        tone,
        path: None,
        order: row.key.subject(),
    }
}

fn address(endpoint: EndpointId, endpoints: &[Endpoint]) -> String {
    let found = endpoints.iter().find(|row| row.id == endpoint);
    found.map_or_else(|| "a webhook that was deleted".to_owned(), |row| without_userinfo(&row.url))
}

fn attempt(row: &Attempt, endpoints: &[Endpoint]) -> Entry {
    let outcome = &row.outcome;
    let (answer, tone) = match (outcome.status, &outcome.error) {
        (Some(status), _) if (200..300).contains(&status) => {
            (format!("answered {status}"), Tone::Good)
        }
        (Some(status), _) => (format!("answered {status}"), Tone::Bad),
        (None, Some(error)) => (error.clone(), Tone::Bad),
        (None, None) => ("no answer".to_owned(), Tone::Bad),
    };
    let next = row.next_at.map(|at| format!(" Tried again at {}.", moment(at.to_time())));
    Entry {
        at: row.at.to_time(),
        kind: Kind::Webhook,
        title: format!("{} told: {answer}", row.name.as_str()),
        detail: format!(
            "Attempt {} to {}, {} ms.{}",
            row.number,
            address(row.endpoint, endpoints),
            outcome.took_ms,
            next.unwrap_or_default()
        ),
        tone,
        path: Some(format!("deliveries?endpoint_id={}", row.endpoint)),
        order: row.event.0,
    }
}

/// A delivery that nobody has tried yet.
fn waiting(row: &Delivery, endpoints: &[Endpoint]) -> Option<Entry> {
    let (words, tone) = match row.state {
        DeliveryState::Pending { .. } if row.attempts == 0 => ("about to be told", Tone::Waiting),
        DeliveryState::Undelivered if row.attempts == 0 => {
            ("not told: the webhook was disabled", Tone::Bad)
        }
        _ => return None,
    };
    Some(Entry {
        at: row.happened_at.to_time(),
        kind: Kind::Webhook,
        title: format!("{} {words}", row.name.as_str()),
        detail: format!("To {}.", address(row.endpoint, endpoints)),
        tone,
        path: None,
        order: row.event.0,
    })
}

#[cfg(test)]
mod tests {
    use vasool_core::money::Paise;
    use vasool_core::scope::ScopeId;

    use super::*;

    #[test]
    fn postings_read_aloud() {
        let row = PostingRow {
            cause: RawId::parse("00000000000001").unwrap(),
            cause_kind: "payment".to_owned(),
            line: 0,
            scope: ScopeId(1),
            debit: "bank:sandbox".to_owned(),
            credit: "merchant:payable".to_owned(),
            amount: Paise::new(239_000).unwrap(),
            posted_at: Time(7),
        };
        assert_eq!(posting(&row).title, "₹2,390.00: debit bank:sandbox, credit merchant:payable");
    }
}
