//! Lists of what merchants and operators are told.

use super::{Filter, List, Source, alone};
use crate::web::dashboard::shown::{Column, Of};

const CHANNELS: &[(&str, &str)] = &[("", "any"), ("email", "e-mail"), ("sms", "SMS")];

pub static EVENTS: List = List {
    name: "events",
    title: "Events",
    one: "Event",
    about: "What happened, as webhooks are told it; also where no webhook listens.",
    source: Source::Events,
    columns: &[
        Column::new("Event", Of::Text("event")),
        Column::new("About", Of::Id("about")),
        Column::wide(
            "Id",
            Of::Found(|entity| {
                use crate::web::dashboard::shown::{Shown, text};
                text(entity, "id").map_or(Shown::Nothing, |id| {
                    let path = format!("events/{id}");
                    Shown::Id(id, Some(path))
                })
            }),
        ),
        Column::new("When", Of::Time("created_at")),
    ],
    filters: &[],
    empty: (
        "Nothing has happened yet. Pay into an account, and the events appear.",
        Some(("console", "Pay into an account")),
    ),
    facts: &[],
    acts: &[],
    related: alone,
};

pub static DELIVERIES: List = List {
    name: "deliveries",
    title: "Deliveries",
    one: "Delivery",
    about: "Calls to webhooks, newest first: what was sent, what came back, when it is tried again.",
    source: Source::Deliveries,
    columns: &[
        Column::new("Event", Of::Found(super::super::rows::event_sent)),
        Column::new("Answer", Of::Found(super::super::rows::answer)),
        Column::wide("To", Of::Found(super::super::rows::sent_to)),
        Column::wide("Attempt", Of::Count("attempt")),
        Column::wide("Next try", Of::Time("next_attempt_at")),
        Column::new("When", Of::Time("created_at")),
    ],
    filters: &[
        Filter { name: "event", label: "Event", choices: &[] },
        Filter { name: "endpoint_id", label: "Webhook", choices: &[] },
    ],
    empty: (
        "No webhook was called. Say where events shall be sent.",
        Some(("webhooks", "Add a webhook")),
    ),
    facts: &[],
    acts: &[],
    related: alone,
};

pub static MESSAGES: List = List {
    name: "messages",
    title: "Messages",
    one: "Message",
    about: "Mails and SMS to customers. In test mode they stay here.",
    source: Source::Messages,
    columns: &[
        Column::new("To", Of::Text("to")),
        Column::new("Subject", Of::Text("subject")),
        Column::wide("Text", Of::Text("text")),
        Column::wide("By", Of::Text("channel")),
        Column::new("When", Of::Time("created_at")),
    ],
    filters: &[
        Filter { name: "to", label: "To", choices: &[] },
        Filter { name: "channel", label: "By", choices: CHANNELS },
    ],
    empty: ("No message was written. Registration links write some.", None),
    facts: &[],
    acts: &[],
    related: alone,
};

pub static ALERTS: List = List {
    name: "alerts",
    title: "Alerts",
    one: "Alert",
    about: "What somebody should look at: contradictions of banks, refused payouts, time-outs.",
    source: Source::Alerts,
    columns: &[
        Column::new("What", Of::Text("body")),
        Column::wide("Reference", Of::Id("reference")),
        Column::wide("Connector", Of::Text("connector")),
        Column::new("When", Of::Time("created_at")),
    ],
    filters: &[],
    empty: ("No alert. Everything went as it should.", None),
    facts: &[],
    acts: &[],
    related: alone,
};

/// For its export; the page of webhooks is `dashboard/webhooks.rs`.
pub static WEBHOOKS: List = List {
    name: "webhooks",
    title: "Webhooks",
    one: "Webhook",
    about: "Where events are sent.",
    source: Source::Api("/v1/webhooks"),
    columns: &[
        Column::new("Webhook", Of::Text("id")),
        Column::new("Address", Of::Found(super::super::rows::sent_to)),
        Column::new("Active", Of::Text("active")),
        Column::new("Mail", Of::Text("alert_email")),
        Column::new("Made", Of::Time("created_at")),
    ],
    filters: &[],
    empty: ("No webhook yet.", None),
    facts: &[],
    acts: &[],
    related: alone,
};

/// For its export; the page of keys is `dashboard/keys.rs`.
pub static KEYS: List = List {
    name: "keys",
    title: "API keys",
    one: "API key",
    about: "What programs sign in with.",
    source: Source::Keys,
    columns: &[
        Column::new("Key", Of::Text("id")),
        Column::new("Made", Of::Time("created_at")),
        Column::new("Expired", Of::Time("expires_at")),
    ],
    filters: &[],
    empty: ("No key yet.", None),
    facts: &[],
    acts: &[],
    related: alone,
};
