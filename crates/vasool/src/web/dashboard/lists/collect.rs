//! Lists of what comes in and goes back.

use serde_json::Value as Json;

use super::{Act, Filter, Input, InputKind, List, Method, Source, alone};
use crate::web::dashboard::shown::{Column, Of, Shown, at, text};

const STATUS_OF_ACCOUNT: &[(&str, &str)] =
    &[("", "any"), ("active", "active"), ("closed", "closed")];
const RECEIVERS: &[(&str, &str)] = &[
    ("", "any"),
    ("bank_account", "bank account"),
    ("vpa", "UPI address"),
    ("qr_code", "QR code"),
];
const YES_NO: &[(&str, &str)] = &[("", "any"), ("1", "yes"), ("0", "no")];
const SPEEDS: &[(&str, &str)] = &[("normal", "normal"), ("optimum", "as fast as possible")];

pub static PAYMENTS: List = List {
    name: "payments",
    title: "Payments",
    one: "Payment",
    about: "Every rupee that arrived or was asked for, newest first.",
    source: Source::Api("/v1/payments"),
    columns: &[
        Column::new("Payment", Of::Id("id")),
        Column::new("Amount", Of::Amount("amount")),
        Column::new("State", Of::State("status")),
        Column::wide("Method", Of::Text("method")),
        Column::wide("Bank reference", Of::Found(bank_reference)),
        Column::wide("Refunded", Of::Amount("amount_refunded")),
        Column::wide("Made", Of::Time("created_at")),
    ],
    filters: &[
        Filter { name: "va_transaction_id", label: "UTR or RRN", choices: &[] },
        Filter { name: "virtual_account", label: "Virtual account", choices: &[] },
        Filter { name: "contact", label: "Contact", choices: &[] },
    ],
    empty: (
        "No payment has arrived here. In the sandbox you are the payer, too.",
        Some(("console", "Pay into an account")),
    ),
    facts: &[
        Column::new("Fee, tax included", Of::Amount("fee")),
        Column::new("Tax", Of::Amount("tax")),
        Column::new("Order", Of::Id("order_id")),
        Column::new("Customer", Of::Id("customer_id")),
        Column::new("Mandate", Of::Id("token_id")),
        Column::new("Registration link", Of::Id("invoice_id")),
        Column::new("UPI address", Of::Text("vpa")),
        Column::new("E-mail", Of::Text("email")),
        Column::new("Contact", Of::Text("contact")),
        Column::new("Description", Of::Text("description")),
        Column::new("Why it failed", Of::Text("error_description")),
        Column::new("Reason", Of::Text("error_reason")),
    ],
    acts: &[
        Act {
            name: "refund",
            label: "Refund",
            about: "Sends money back to whoever paid.",
            method: Method::Post,
            path: "/v1/payments/{id}/refund",
            inputs: &[
                Input {
                    name: "amount",
                    label: "Amount in rupees",
                    kind: InputKind::Rupees,
                    hint: "Empty: everything that was not refunded yet.",
                },
                Input { name: "speed", label: "Speed", kind: InputKind::Choice(SPEEDS), hint: "" },
                Input { name: "receipt", label: "Receipt", kind: InputKind::Text, hint: "" },
            ],
            when: |entity| {
                at(entity, "status") == "captured"
                    && at(entity, "amount_refunded").as_i64() < at(entity, "amount").as_i64()
            },
            is_final: true,
            is_once: true,
        },
        Act {
            name: "capture",
            label: "Capture",
            about: "Takes the money that is authorised.",
            method: Method::Post,
            path: "/v1/payments/{id}/capture",
            inputs: &[Input {
                name: "amount",
                label: "Amount in rupees",
                kind: InputKind::Rupees,
                hint: "The whole amount of the payment.",
            }],
            when: |entity| at(entity, "status") == "authorized",
            is_final: true,
            is_once: false,
        },
    ],
    related: |entity| {
        text(entity, "order_id")
            .map(|id| ("Its order", format!("orders/{id}")))
            .into_iter()
            .collect()
    },
};

fn bank_reference(entity: &Json) -> Shown {
    let data = ["rrn", "bank_transaction_id", "upi_transaction_id", "transaction_id"];
    let found = data.iter().find_map(|key| text(&entity["acquirer_data"], key));
    found.map_or(Shown::Nothing, Shown::Code)
}

pub static VIRTUAL_ACCOUNTS: List = List {
    name: "virtual_accounts",
    title: "Virtual accounts",
    one: "Virtual account",
    about: "Account numbers and UPI addresses that customers pay into.",
    source: Source::Api("/v1/virtual_accounts"),
    columns: &[
        Column::new("Account", Of::Id("id")),
        Column::wide("Number or address", Of::Found(receiver)),
        Column::new("Paid in", Of::Amount("amount_paid")),
        Column::new("State", Of::State("status")),
        Column::wide("Description", Of::Text("description")),
        Column::wide("Opened", Of::Time("created_at")),
    ],
    filters: &[
        Filter { name: "status", label: "State", choices: STATUS_OF_ACCOUNT },
        Filter { name: "receiver_type", label: "Receiver", choices: RECEIVERS },
        Filter { name: "customer_id", label: "Customer", choices: &[] },
        Filter { name: "description", label: "Description, 4 letters or more", choices: &[] },
        Filter { name: "notes", label: "Notes", choices: &[] },
    ],
    empty: (
        "No virtual account is open. Open the first one and pay into it.",
        Some(("console", "Open one in the sandbox")),
    ),
    facts: &[
        Column::new("Numbers and addresses", Of::Found(receivers)),
        Column::new("Expected", Of::Amount("amount_expected")),
        Column::new("Customer", Of::Id("customer_id")),
        Column::new("Closes at", Of::Time("close_by")),
        Column::new("Closed", Of::Time("closed_at")),
        Column::new("Payers allowed", Of::Found(payers)),
    ],
    acts: &[Act {
        name: "close",
        label: "Close",
        about: "Nothing can be paid in any more; what still comes is sent back.",
        method: Method::Post,
        path: "/v1/virtual_accounts/{id}/close",
        inputs: &[],
        when: |entity| at(entity, "status") == "active",
        is_final: true,
        is_once: false,
    }],
    related: |entity| {
        let id = text(entity, "id").unwrap_or_default();
        vec![("Its payments", format!("payments?virtual_account={id}"))]
    },
};

fn address(receiver: &Json) -> Option<String> {
    let number = text(receiver, "account_number").map(|number| match text(receiver, "ifsc") {
        Some(ifsc) => format!("{number} · {ifsc}"),
        None => number,
    });
    number.or_else(|| text(receiver, "address")).or_else(|| text(receiver, "short_url"))
}

fn receiver(entity: &Json) -> Shown {
    address(&entity["receivers"][0]).map_or(Shown::Nothing, Shown::Code)
}

fn receivers(entity: &Json) -> Shown {
    let all = entity["receivers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let all: Vec<String> = all.iter().filter_map(address).collect();
    if all.is_empty() { Shown::Nothing } else { Shown::Code(all.join(", ")) }
}

fn payers(entity: &Json) -> Shown {
    match entity["allowed_payers"].as_array().map(Vec::len) {
        Some(count) if count > 0 => Shown::Text(format!("{count}, nobody else")),
        _ => Shown::Text("anybody".to_owned()),
    }
}

pub static QR_CODES: List = List {
    name: "qr_codes",
    title: "QR codes",
    one: "QR code",
    about: "Codes that stand alone and are paid by UPI.",
    source: Source::Api("/v1/payments/qr_codes"),
    columns: &[
        Column::new("Code", Of::Id("id")),
        Column::wide("Name", Of::Text("name")),
        Column::new("Received", Of::Amount("payments_amount_received")),
        Column::wide("Payments", Of::Count("payments_count_received")),
        Column::new("State", Of::State("status")),
        Column::wide("Usage", Of::Text("usage")),
        Column::wide("Made", Of::Time("created_at")),
    ],
    filters: &[Filter { name: "customer_id", label: "Customer", choices: &[] }],
    empty: ("No QR code was made. POST /v1/payments/qr_codes makes one.", None),
    facts: &[
        Column::new("Picture", Of::Text("image_url")),
        Column::new("Fixed amount", Of::Amount("payment_amount")),
        Column::new("Customer", Of::Id("customer_id")),
        Column::new("Closes at", Of::Time("close_by")),
        Column::new("Closed", Of::Time("closed_at")),
        Column::new("Why", Of::Text("close_reason")),
    ],
    acts: &[Act {
        name: "close",
        label: "Close",
        about: "Nobody can pay it any more.",
        method: Method::Post,
        path: "/v1/payments/qr_codes/{id}/close",
        inputs: &[],
        when: |entity| at(entity, "status") == "active",
        is_final: true,
        is_once: false,
    }],
    related: alone,
};

pub static REFUNDS: List = List {
    name: "refunds",
    title: "Refunds",
    one: "Refund",
    about: "Money on its way back to whoever paid.",
    source: Source::Api("/v1/refunds"),
    columns: &[
        Column::new("Refund", Of::Id("id")),
        Column::new("Amount", Of::Amount("amount")),
        Column::new("State", Of::State("status")),
        Column::wide("Payment", Of::Id("payment_id")),
        Column::wide("Speed", Of::Text("speed_processed")),
        Column::wide("Made", Of::Time("created_at")),
    ],
    filters: &[],
    empty: (
        "Nothing was refunded. The page of a payment has the button for it.",
        Some(("payments", "See payments")),
    ),
    facts: &[
        Column::new("Receipt", Of::Text("receipt")),
        Column::new("Bank reference", Of::Found(bank_reference)),
        Column::new("Speed asked for", Of::Text("speed_requested")),
    ],
    acts: &[],
    related: |entity| {
        let payment = text(entity, "payment_id");
        payment.map(|id| ("Its payment", format!("payments/{id}"))).into_iter().collect()
    },
};

pub static ORDERS: List = List {
    name: "orders",
    title: "Orders",
    one: "Order",
    about: "What customers owe, and what of it is paid.",
    source: Source::Api("/v1/orders"),
    columns: &[
        Column::new("Order", Of::Id("id")),
        Column::new("Amount", Of::Amount("amount")),
        Column::new("State", Of::State("status")),
        Column::wide("Paid", Of::Amount("amount_paid")),
        Column::wide("Receipt", Of::Text("receipt")),
        Column::wide("Attempts", Of::Count("attempts")),
        Column::wide("Made", Of::Time("created_at")),
    ],
    filters: &[
        Filter { name: "receipt", label: "Receipt", choices: &[] },
        Filter { name: "authorized", label: "Authorised", choices: YES_NO },
    ],
    empty: ("No order was made. POST /v1/orders makes one.", None),
    facts: &[
        Column::new("Due", Of::Amount("amount_due")),
        Column::new("Customer", Of::Id("customer_id")),
    ],
    acts: &[],
    related: alone,
};

pub static CUSTOMERS: List = List {
    name: "customers",
    title: "Customers",
    one: "Customer",
    about: "Who pays.",
    source: Source::Api("/v1/customers"),
    columns: &[
        Column::new("Customer", Of::Id("id")),
        Column::new("Name", Of::Text("name")),
        Column::wide("E-mail", Of::Text("email")),
        Column::wide("Contact", Of::Text("contact")),
        Column::wide("Made", Of::Time("created_at")),
    ],
    filters: &[
        Filter { name: "email", label: "E-mail", choices: &[] },
        Filter { name: "contact", label: "Contact", choices: &[] },
    ],
    empty: ("No customer is known. POST /v1/customers makes one.", None),
    facts: &[Column::new("GSTIN", Of::Text("gstin"))],
    acts: &[],
    related: |entity| {
        let id = text(entity, "id").unwrap_or_default();
        vec![
            ("Virtual accounts", format!("virtual_accounts?customer_id={id}")),
            ("QR codes", format!("qr_codes?customer_id={id}")),
            ("Mandates by UPI", format!("mandates?customer_id={id}")),
            ("Mandates on paper", format!("mandates?method=nach&customer_id={id}")),
            ("Registration links", format!("links?customer_id={id}")),
        ]
    },
};
