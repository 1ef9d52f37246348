//! Lists of mandates and how they come about.

use super::{Act, Filter, Input, InputKind, List, Method, Source, alone};
use crate::web::dashboard::shown::{Column, Of, at, text};

const METHODS: &[(&str, &str)] = &[("", "UPI Reserve Pay"), ("nach", "Paper NACH")];
const MEDIA: &[(&str, &str)] = &[("email", "e-mail"), ("sms", "SMS")];

pub static MANDATES: List = List {
    name: "mandates",
    title: "Mandates",
    one: "Mandate",
    about: "What customers allow to be debited: blocks by UPI, and forms signed on paper.",
    source: Source::Mandates,
    columns: &[
        Column::new("Mandate", Of::Id("id")),
        Column::new("State", Of::State("recurring_details.status")),
        Column::new("At most", Of::Amount("max_amount")),
        Column::wide("Blocked", Of::Amount("recurring_details.amount_blocked")),
        Column::wide("Debited", Of::Amount("recurring_details.amount_debited")),
        Column::wide("Customer", Of::Id("customer_id")),
        Column::wide("Made", Of::Time("created_at")),
    ],
    filters: &[
        Filter { name: "method", label: "Kind", choices: METHODS },
        Filter { name: "customer_id", label: "Customer", choices: &[] },
    ],
    empty: ("No mandate of this kind. The guides show how a customer gives one.", None),
    facts: &[
        Column::new("Order", Of::Id("order_id")),
        Column::new("Approved by payment", Of::Id("payment_id")),
        Column::new(
            "UPI address",
            Of::Found(|entity| {
                use crate::web::dashboard::shown::Shown;
                let part = |key| text(&entity["vpa"], key);
                part("username").zip(part("handle")).map_or(Shown::Nothing, |(name, handle)| {
                    Shown::Code(format!("{name}@{handle}"))
                })
            }),
        ),
        Column::new("Bank", Of::Text("bank")),
        Column::new("UMRN", Of::Text("umrn")),
        Column::new("Used last", Of::Time("used_at")),
        Column::new("Ends", Of::Time("expired_at")),
        Column::new("Why not", Of::Text("recurring_details.failure_reason")),
    ],
    acts: &[Act {
        name: "cancel",
        label: "Cancel",
        about: "Asks the bank to end it; what is still blocked is released.",
        method: Method::Put,
        path: "/v1/customers/{customer_id}/tokens/{id}/cancel",
        inputs: &[],
        when: |entity| {
            let status = text(entity, "recurring_details.status").unwrap_or_default();
            matches!(&*status, "confirmed" | "paused")
        },
        is_final: true,
        is_once: false,
    }],
    related: |entity| {
        let customer = text(entity, "customer_id");
        customer.map(|id| ("Its customer", format!("customers/{id}"))).into_iter().collect()
    },
};

pub static LINKS: List = List {
    name: "links",
    title: "Registration links",
    one: "Registration link",
    about: "Links by which customers sign a mandate on paper.",
    source: Source::Api("/v1/invoices"),
    columns: &[
        Column::new("Link", Of::Id("id")),
        Column::new("State", Of::State("status")),
        Column::wide("Customer", Of::Text("customer_details.name")),
        Column::wide("Receipt", Of::Text("receipt")),
        Column::wide("Ends", Of::Time("expire_by")),
        Column::wide("Made", Of::Time("created_at")),
    ],
    filters: &[
        Filter { name: "receipt", label: "Receipt", choices: &[] },
        Filter { name: "customer_id", label: "Customer", choices: &[] },
    ],
    empty: ("No link was made. POST /v1/subscription_registration/auth_links makes one.", None),
    facts: &[
        Column::new("Page for the customer", Of::Text("short_url")),
        Column::new("Form", Of::Text("nach_form_url")),
        Column::new("Customer", Of::Id("customer_id")),
        Column::new("Order", Of::Id("order_id")),
        Column::new("Payment", Of::Id("payment_id")),
        Column::new("Description", Of::Text("description")),
        Column::new("Mail", Of::State("email_status")),
        Column::new("SMS", Of::State("sms_status")),
    ],
    acts: &[
        Act {
            name: "notify",
            label: "Send again",
            about: "Sends the customer the link once more.",
            method: Method::Post,
            path: "/v1/invoices/{id}/notify_by/{medium}",
            inputs: &[Input {
                name: "medium",
                label: "By",
                kind: InputKind::Choice(MEDIA),
                hint: "",
            }],
            when: |entity| at(entity, "status") == "issued",
            is_final: false,
            is_once: false,
        },
        Act {
            name: "cancel",
            label: "Cancel",
            about: "The link leads nowhere from then on.",
            method: Method::Post,
            path: "/v1/invoices/{id}/cancel",
            inputs: &[],
            when: |entity| at(entity, "status") == "issued",
            is_final: true,
            is_once: false,
        },
    ],
    related: alone,
};

pub static BATCHES: List = List {
    name: "batches",
    title: "Batches",
    one: "Batch",
    about: "Files of many rows, and how far they are done.",
    source: Source::Api("/v1/batches"),
    columns: &[
        Column::new("Batch", Of::Id("id")),
        Column::new("Done", Of::Progress("processed_count", "total_count")),
        Column::new("State", Of::State("status")),
        Column::wide("Kind", Of::Text("type")),
        Column::wide("Succeeded", Of::Count("success_count")),
        Column::wide("Failed", Of::Count("failure_count")),
        Column::wide("Made", Of::Time("created_at")),
    ],
    filters: &[],
    empty: ("No file was uploaded. POST /v1/batches takes one.", None),
    facts: &[
        Column::new("Name", Of::Text("name")),
        Column::new("Starts", Of::Time("schedule")),
        Column::new("Finished", Of::Time("processed_at")),
    ],
    acts: &[],
    related: alone,
};
