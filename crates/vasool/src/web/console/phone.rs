//! The payer's phone: mandates that wait for their payer, and what the payer and the network do with
//! each. Source: sandbox 3, reserve-pay 8.4.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value as Json, json};
use vasool_core::id::TokenId;
use vasool_core::payment::{MandateRole, Payment};
use vasool_core::token::{Cancellable, Cancelling, Token, TokenState};
use vasool_store::reads::Page;

use super::auto::Auto;
use super::reasons::{self, Choice};
use super::screen::{Screen, Stage};
use super::{Shows, Tried, make, only_sandbox};
use crate::api::request::Path;
use crate::api::{payment_id, token_id};
use crate::app::App;
use crate::format::{moment, rupees};
use crate::web::client::{Api, Call};
use crate::web::dashboard::place::{Desk, Place, nowhere};
use crate::web::dashboard::shown::{Shown, text};
use crate::web::pretty::pretty;
use crate::web::session::{Fields, PageError, Role, SignedForm, SignedIn, form_page};

/// What payer and network do: the word of the API, and words for the trail.
const ACTIONS: [(&str, &str); 8] = [
    ("approve", "approve mandate"),
    ("reject", "decline mandate"),
    ("expire", "let mandate expire"),
    ("pause", "pause mandate"),
    ("resume", "resume mandate"),
    ("revoke", "revoke mandate"),
    ("cancel_ok", "agree to end mandate"),
    ("cancel_fail", "refuse to end mandate"),
];
/// What the network does with a debit.
const DECISIONS: [(&str, &str); 2] = [("succeed", "let debit pass"), ("fail", "fail debit")];
/// Payments of a mandate that are looked through for debits that wait.
const PAYMENTS: Page = Page { count: 100, skip: 0, from: None, to: None };
/// What is asked for where somebody wants to see a mandate, paise.
const ASKED: i64 = 200_000;

#[derive(Template)]
#[template(path = "console/phones.html")]
struct PhonesPage {
    desk: Desk,
    base: String,
    /// Mandates that wait for somebody.
    waiting: Vec<Row>,
    /// Those that payers can pause and end.
    active: Vec<Row>,
    auto: Auto,
    tried: Option<Tried>,
}

/// A mandate in a list.
struct Row {
    id: String,
    amount: String,
    state: Shown,
    made: String,
}

#[derive(Template)]
#[template(path = "console/phone.html")]
struct PhonePage {
    desk: Desk,
    base: String,
    id: String,
    screen: Screen,
    /// Where the merchant sends the payer.
    page: String,
    /// Debits that wait: id and amount.
    debits: Vec<(String, String)>,
    /// What the payer's app is told, and the call that tells it.
    told: (String, String),
    tried: Option<Tried>,
}

impl Shows for PhonesPage {
    fn tried(&self) -> Option<&Tried> {
        self.tried.as_ref()
    }
}

impl Shows for PhonePage {
    fn tried(&self) -> Option<&Tried> {
        self.tried.as_ref()
    }
}

impl PhonesPage {
    fn problem_at_large(&self) -> Option<&str> {
        Some(&*self.tried()?.problem.as_ref()?.description)
    }

    fn here(&self) -> String {
        format!("{}/console/phone", self.base)
    }
}

impl PhonePage {
    fn problem_at_large(&self) -> Option<&str> {
        let problem = self.tried()?.problem.as_ref()?;
        let field = problem.field.as_deref().unwrap_or_default();
        (!["vpa", "name", "reason"].contains(&field)).then_some(&*problem.description)
    }

    fn is_refused(&self) -> bool {
        self.tried().is_some_and(|tried| tried.problem.is_some())
    }

    fn declines() -> Vec<Choice> {
        reasons::declines()
    }

    fn debit_failures() -> Vec<Choice> {
        reasons::debit_failures()
    }
}

/// `GET /dashboard/:account/test/console/phone`
pub async fn show_phones(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    list(&app, who, place, None).await
}

/// `POST /dashboard/:account/test/console/phone`: asks for a mandate, or sets who answers.
pub async fn change_phones(
    State(app): State<App>,
    place: Place,
    Extension(api): Extension<Api>,
    form: SignedForm,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    form.who.require(Role::Operate)?;
    let SignedForm { who, fields } = form;
    let tried = if fields.get("auto").is_empty() {
        ask(&app, &api, &who, &place).await?
    } else {
        let call = Auto::call(&fields);
        let called =
            make(&app, &api, &who, &place, ("set auto", fields.get("auto")), &call).await?;
        Tried::of(&app, &call, &called, fields)
    };
    // As it is after what was done.
    let place = Place::find(&app, &place.merchant.id.to_string(), "test").await?;
    list(&app, who, place, Some(tried)).await
}

/// A path, and the body that goes there after what these ids name was made.
type Step = (&'static str, fn(&[String]) -> Json);

/// The calls by which a merchant asks for a mandate.
const STEPS: [Step; 3] = [
    ("/v1/customers", |_| {
        json!({
            "name": "Meera Iyer", "contact": "9000012345", "email": "meera@example.com",
            "fail_existing": "0",
        })
    }),
    ("/v1/orders", |ids| {
        json!({
            "amount": ASKED, "currency": "INR", "customer_id": ids[0], "method": "upi",
            "token": {
                "max_amount": ASKED, "frequency": "as_presented",
                "type": "single_block_multiple_debit",
            },
        })
    }),
    ("/v1/payments/create/json", |ids| {
        json!({
            "amount": ASKED, "currency": "INR", "order_id": ids[1], "customer_id": ids[0],
            "method": "upi", "recurring": true, "upi": {"flow": "intent"},
            "contact": "9000012345", "email": "meera@example.com",
        })
    }),
];

async fn ask(app: &App, api: &Api, who: &SignedIn, place: &Place) -> Result<Tried, PageError> {
    let (mut ids, mut curls, mut tried) = (vec![], vec![], Tried::default());
    for (path, body) in STEPS {
        let call = Call::post(path, body(&ids));
        let called = make(app, api, who, place, ("ask for mandate", ""), &call).await?;
        tried = Tried::of(app, &call, &called, Fields::default());
        curls.extend(tried.curl.take());
        ids.push(text(&called.json(), "id").unwrap_or_default());
        if tried.problem.is_some() {
            break;
        }
    }
    Ok(Tried { curl: Some(curls.join("\n\n")), ..tried })
}

/// `GET /dashboard/:account/test/console/phone/:token`
pub async fn show_phone(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
    Extension(api): Extension<Api>,
    Path((_, _, id)): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    let token = find(&app, &place, &id).await?;
    show(&app, &api, who, place, token, None).await
}

/// `POST /dashboard/:account/test/console/phone/:token`: what the payer or the network does.
pub async fn act_on_phone(
    State(app): State<App>,
    place: Place,
    Extension(api): Extension<Api>,
    Path((_, _, id)): Path<(String, String, String)>,
    form: SignedForm,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    form.who.require(Role::Operate)?;
    let SignedForm { who, fields } = form;
    let token = find(&app, &place, &id).await?;
    let debit = fields.get("payment");
    let (target, path, actions): (String, String, &[_]) = if debit.is_empty() {
        let id = token.id.to_string();
        let path = format!("/v1/sandbox/mandates/{id}");
        (id, path, &ACTIONS)
    } else {
        let id = payment_id(debit).map_err(|_| nowhere())?.to_string();
        let path = format!("/v1/sandbox/payments/{id}");
        (id, path, &DECISIONS)
    };
    let known = actions.iter().find(|(action, _)| *action == fields.get("action"));
    let Some((action, words)) = known else { return Err(nowhere()) };
    let call = Call::post(path, Json::Object(body(action, &fields)));
    let called = make(&app, &api, &who, &place, (words, &target), &call).await?;
    let tried = Tried::of(&app, &call, &called, fields);
    let token = find(&app, &place, &id).await?;
    show(&app, &api, who, place, token, Some(tried)).await
}

/// An action as the API takes it; what was left empty is left out.
pub(super) fn body(action: &str, fields: &Fields) -> Map<String, Json> {
    let mut body = Map::new();
    body.insert("action".to_owned(), action.into());
    let typed = |name: &str| Some(fields.get(name).trim()).filter(|typed| !typed.is_empty());
    match action {
        "approve" => {
            for name in ["vpa", "name"] {
                if let Some(typed) = typed(name) {
                    body.insert(name.to_owned(), typed.into());
                }
            }
        }
        "reject" | "fail" => {
            if let Some(reason) = typed("reason") {
                let (reason, variant) = reason.split_once('.').unwrap_or((reason, ""));
                body.insert("reason".to_owned(), reason.into());
                if let Ok(variant) = variant.parse::<u8>() {
                    body.insert("variant".to_owned(), variant.into());
                }
            }
        }
        _ => {}
    }
    body
}

async fn find(app: &App, place: &Place, id: &str) -> Result<Token, PageError> {
    let id: TokenId = token_id(id).map_err(|_| nowhere())?;
    app.store.token(place.scope(), id).await?.ok_or_else(nowhere)
}

async fn list(
    app: &App,
    who: SignedIn,
    place: Place,
    tried: Option<Tried>,
) -> Result<Response, PageError> {
    let ending = |from| TokenState::Cancelling(Cancelling::ByMerchant(from));
    let waiting = [
        TokenState::Initiated,
        ending(Cancellable::Initiated),
        ending(Cancellable::Confirmed),
        ending(Cancellable::Paused),
        TokenState::Cancelling(Cancelling::Release),
    ];
    let rows = |tokens: Vec<Token>, wanted: &[TokenState]| {
        let tokens = tokens.into_iter().map(|token| token.as_of(place.now));
        // Time alone may have brought it elsewhere.
        let tokens = tokens.filter(|token| wanted.contains(&token.state));
        tokens
            .map(|token| Row {
                id: token.id.to_string(),
                amount: rupees(token.amount),
                state: Shown::state(token.state.told().to_owned()),
                made: moment(token.created_at),
            })
            .collect::<Vec<_>>()
    };
    let active = [TokenState::Confirmed, TokenState::Paused];
    let page = PhonesPage {
        waiting: rows(app.store.tokens_in(place.scope(), &waiting).await?, &waiting),
        active: rows(app.store.tokens_in(place.scope(), &active).await?, &active),
        base: place.base(),
        auto: Auto::of(&place),
        tried,
        desk: Desk::of(app, who, place, "console/phone"),
    };
    Ok(form_page(page.status(), &page))
}

async fn show(
    app: &App,
    api: &Api,
    who: SignedIn,
    place: Place,
    token: Token,
    tried: Option<Tried>,
) -> Result<Response, PageError> {
    let id = token.id.to_string();
    let call = Call::get(format!("/v1/sandbox/mandates/{id}"));
    let told = api.call(app, &place, &call).await?;
    let payments = app.store.payments_of_token(place.scope(), token.id, PAYMENTS).await?;
    let page = PhonePage {
        base: place.base(),
        screen: Screen::of(place.tenant.billing_label(), &token, place.now),
        page: format!("/upi/{}", token.payment),
        debits: payments.iter().filter(|row| waits(row)).map(debit).collect(),
        told: (call.curl(&app.options.public_url), pretty(&told.text)),
        id,
        tried,
        desk: Desk::of(app, who, place, "console/phone"),
    };
    Ok(form_page(page.status(), &page))
}

fn waits(payment: &Payment) -> bool {
    let role = payment.mandate.as_ref().map(|mandate| &mandate.role);
    payment.is_open() && matches!(role, Some(MandateRole::Debit { .. }))
}

fn debit(payment: &Payment) -> (String, String) {
    (payment.id.to_string(), rupees(payment.amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_actions_of_the_api() {
        let body = |action, form| Json::Object(body(action, &Fields::parse(form).unwrap()));
        let typed = "vpa=meera@upi&name=+&reason=payment_declined.2";
        assert_eq!(body("approve", typed), json!({"action": "approve", "vpa": "meera@upi"}));
        let want = json!({"action": "reject", "reason": "payment_declined", "variant": 2});
        assert_eq!(body("reject", typed), want);
        assert_eq!(body("fail", "reason=04"), json!({"action": "fail", "reason": "04"}));
        assert_eq!(body("expire", typed), json!({"action": "expire"}));
    }
}
