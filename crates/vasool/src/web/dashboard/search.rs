//! One field that finds anything by an id, a bank's reference, an account number, a UPI address, a
//! receipt or a UMRN. Every look goes through an index, so it is quick with a million accounts.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vasool_core::id::{EventId, RawId};
use vasool_store::reads::{InvoiceFilter, OrderFilter, Page, PaymentFilter};

use super::lists::entity_path;
use super::place::{Desk, Place};
use crate::api::request::Query;
use crate::app::App;
use crate::format::rupees;
use crate::web::session::{PageError, SignedIn, form_page, redirect};
use crate::wire::value::Value;

/// Finds of one kind that are shown.
const FINDS: Page = Page { count: 20, skip: 0, from: None, to: None };
/// Characters that are looked for.
const TEXT_MAX: usize = 120;

/// Something that was found.
struct Find {
    /// What it is.
    kind: &'static str,
    /// Its words.
    words: String,
    /// Its page behind the base.
    path: String,
}

#[derive(Template)]
#[template(path = "dashboard/search.html")]
struct SearchPage {
    desk: Desk,
    base: String,
    text: String,
    finds: Vec<Find>,
}

/// `GET /dashboard/:account/:mode/search?q=…`
pub async fn search(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
    query: Query,
) -> Result<Response, PageError> {
    let text: String = match query.decode()?.get("q") {
        Some(Value::Text(text)) => text.trim().chars().take(TEXT_MAX).collect(),
        _ => String::new(),
    };
    let base = place.base();
    if let Some(path) = entity_path(&text) {
        return Ok(redirect(&format!("{base}/{path}")));
    }
    let finds = if text.is_empty() { vec![] } else { find(&app, &place, &text).await? };
    // What leads to one place alone need not be chosen.
    if let [only] = finds.as_slice() {
        return Ok(redirect(&format!("{base}/{}", only.path)));
    }
    let page = SearchPage { desk: Desk::of(&app, who, place, "search"), base, text, finds };
    Ok(form_page(StatusCode::OK, &page))
}

async fn find(app: &App, place: &Place, text: &str) -> Result<Vec<Find>, PageError> {
    let (store, scope) = (&app.store, place.scope());
    let mut finds = vec![];
    if let Some(id) = RawId::parse(text) {
        let event = EventId(id);
        let row = store.occurrence(event).await?.filter(|row| row.scope.id == scope);
        if let Some(kind) = row.and_then(|row| row.kind_of(event)) {
            let words = format!("{} {text}", kind.as_str());
            finds.push(Find { kind: "Event", words, path: format!("events/{text}") });
        }
    }
    let reference = Some(text.to_owned());
    let filter = PaymentFilter { bank_reference: reference.clone(), ..PaymentFilter::default() };
    for row in store.payments(scope, filter, FINDS).await? {
        let words = format!("{} · {} · {text}", row.id, rupees(row.amount));
        finds.push(Find { kind: "Payment", words, path: format!("payments/{}", row.id) });
    }
    for row in store.refunds_by_reference(scope, text).await? {
        let words = format!("{} · {}", row.id, rupees(row.amount));
        finds.push(Find { kind: "Refund", words, path: format!("refunds/{}", row.id) });
    }
    for row in store.virtual_accounts_at(scope, text).await? {
        let words = format!("{} · {}", row.id, row.description.as_deref().unwrap_or(text));
        let path = format!("virtual_accounts/{}", row.id);
        finds.push(Find { kind: "Virtual account", words, path });
    }
    let filter = OrderFilter { receipt: reference.clone(), ..OrderFilter::default() };
    for row in store.orders(scope, filter, FINDS).await? {
        let words = format!("{} · {}", row.id, rupees(row.amount));
        finds.push(Find { kind: "Order", words, path: format!("orders/{}", row.id) });
    }
    let filter = InvoiceFilter { receipt: reference, ..InvoiceFilter::default() };
    for row in store.invoices(scope, filter, FINDS).await? {
        let path = format!("links/{}", row.id);
        finds.push(Find { kind: "Registration link", words: row.id.to_string(), path });
    }
    if let Some(row) = store.nach_token_by_umrn(scope, text).await? {
        let path = format!("mandates/{}", row.id);
        finds.push(Find { kind: "Mandate", words: row.id.to_string(), path });
    }
    Ok(finds)
}
