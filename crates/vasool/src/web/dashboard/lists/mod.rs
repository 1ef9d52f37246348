//! What the dashboard lists: which columns, which filters, what an entity's page tells, and what can
//! be done there. A new list is one [`List`].

mod collect;
mod developers;
mod mandates;

use serde_json::Value as Json;

use super::shown::Column;

/// A list and the page of one of its entities.
pub struct List {
    /// Its name in paths.
    pub name: &'static str,
    /// What stands above it.
    pub title: &'static str,
    /// What one of it is called.
    pub one: &'static str,
    /// One sentence about it.
    pub about: &'static str,
    /// Where its rows come from.
    pub source: Source,
    /// Its columns.
    pub columns: &'static [Column],
    /// What can be asked of it.
    pub filters: &'static [Filter],
    /// What to say where there is nothing: a sentence, and a link of the place with its words.
    pub empty: (&'static str, Option<(&'static str, &'static str)>),
    /// What the page of an entity tells beside the columns.
    pub facts: &'static [Column],
    /// What can be done with an entity.
    pub acts: &'static [Act],
    /// Lists that go with an entity: words, and the path behind the base.
    pub related: fn(&Json) -> Vec<(&'static str, String)>,
}

/// Where rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A list of the API, with `count`, `skip`, `from` and `to`.
    Api(&'static str),
    /// The mandates of all customers, which the API lists by customer alone.
    Mandates,
    /// What was told, with or without a webhook.
    Events,
    /// Calls to webhooks.
    Deliveries,
    /// Mails and SMS.
    Messages,
    /// What operators were told.
    Alerts,
    /// API keys, without their secrets.
    Keys,
}

/// Something a list can be asked for.
pub struct Filter {
    /// Its name in the query, as the API has it.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What may be chosen (value and words); nothing for words of one's own.
    pub choices: &'static [(&'static str, &'static str)],
}

/// Something that can be done with an entity: a call of the API.
pub struct Act {
    /// Its name in paths and in the trail.
    pub name: &'static str,
    /// The words on the button.
    pub label: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// Method of the call.
    pub method: Method,
    /// Its path; `{id}` is the entity's id, `{x.y}` what the entity has there.
    pub path: &'static str,
    /// What can be typed.
    pub inputs: &'static [Input],
    /// Whether it can be done now.
    pub when: fn(&Json) -> bool,
    /// Whether it cannot be undone.
    pub is_final: bool,
    /// Whether the API takes a key that makes doing it twice harmless. Source: common 5.8.
    pub is_once: bool,
}

/// The method of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

/// Something that can be typed into a form of an [`Act`].
pub struct Input {
    /// The key of the body.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// How it is read.
    pub kind: InputKind,
    /// What stands below it.
    pub hint: &'static str,
}

/// How an input is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// Rupees with up to two decimals, sent as paise. Empty: not sent.
    Rupees,
    /// Words. Empty: not sent.
    Text,
    /// One of these (value and words).
    Choice(&'static [(&'static str, &'static str)]),
}

/// Every list.
pub static LISTS: &[&List] = &[
    &collect::PAYMENTS,
    &collect::VIRTUAL_ACCOUNTS,
    &collect::QR_CODES,
    &collect::REFUNDS,
    &collect::ORDERS,
    &collect::CUSTOMERS,
    &mandates::MANDATES,
    &mandates::LINKS,
    &mandates::BATCHES,
    &developers::EVENTS,
    &developers::DELIVERIES,
    &developers::MESSAGES,
    &developers::ALERTS,
    &developers::WEBHOOKS,
    &developers::KEYS,
];

impl List {
    /// The list of that name in paths.
    pub fn named(name: &str) -> Option<&'static List> {
        LISTS.iter().copied().find(|list| list.name == name)
    }

    /// An act of its entities.
    pub fn act(&self, name: &str) -> Option<&'static Act> {
        self.acts.iter().find(|act| act.name == name)
    }

    /// Whether many payments may belong to one of its entities.
    pub fn has_parts(&self) -> bool {
        matches!(
            self.name,
            "virtual_accounts" | "qr_codes" | "orders" | "mandates" | "links" | "customers"
        )
    }

    /// Whether its entities have pages of their own.
    pub fn has_pages(&self) -> bool {
        !matches!(self.name, "deliveries" | "messages" | "alerts" | "webhooks" | "keys")
    }
}

/// Nothing goes with an entity.
fn alone(_: &Json) -> Vec<(&'static str, String)> {
    vec![]
}

/// Prefixes of ids and the lists their pages belong to.
const PREFIXES: &[(&str, &str)] = &[
    ("pay_", "payments"),
    ("va_", "virtual_accounts"),
    ("qr_", "qr_codes"),
    ("rfnd_", "refunds"),
    ("order_", "orders"),
    ("cust_", "customers"),
    ("token_", "mandates"),
    ("inv_", "links"),
    ("batch_", "batches"),
];

/// Where the page of an id is, behind the base of the place; `None` where there is none.
pub fn entity_path(id: &str) -> Option<String> {
    let (prefix, list) = PREFIXES.iter().find(|(prefix, _)| id.starts_with(prefix))?;
    let rest = &id[prefix.len()..];
    let is_id = rest.len() == vasool_core::id::ID_LENGTH
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_id.then(|| format!("{list}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_to_their_pages() {
        let path = entity_path("order_00000000000001");
        assert_eq!(path.as_deref(), Some("orders/order_00000000000001"));
        for id in ["order_1", "ba_00000000000001", "order_../../../etc/x", "", "pay_é0000000000001"]
        {
            assert_eq!(entity_path(id), None, "{id}");
        }
    }

    #[test]
    fn names_are_unique_and_prefixes_lead_to_lists() {
        for (at, list) in LISTS.iter().enumerate() {
            assert!(LISTS[at + 1..].iter().all(|other| other.name != list.name), "{}", list.name);
        }
        assert!(PREFIXES.iter().all(|(_, list)| List::named(list).is_some()));
    }
}
