//! The bank's desk: signed forms, debits, ends of mandates and refunds that wait for a bank. Source:
//! sandbox 3, paper-nach 1, 12.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value as Json;
use vasool_core::bank_account::masked;
use vasool_core::nach_token::{Cancellable, NachState, NachToken};
use vasool_core::payment::{MandateRole, Payment};

use super::auto::Auto;
use super::phone::body;
use super::reasons::{self, Choice};
use super::{Shows, Tried, make, only_sandbox};
use crate::api::request::Path;
use crate::api::{payment_id, refund_id, token_id};
use crate::app::App;
use crate::format::{moment, rupees};
use crate::web::client::{Api, Call};
use crate::web::dashboard::place::{Desk, Place, nowhere};
use crate::web::session::{PageError, Role, SignedForm, SignedIn, form_page};

/// What the bank does: with what, the word of the API, and words for the trail.
const ACTIONS: [(&str, &str, &str); 9] = [
    ("mandates", "approve", "accept form"),
    ("mandates", "reject", "reject form"),
    ("mandates", "revoke", "revoke mandate"),
    ("mandates", "cancel_ok", "agree to end mandate"),
    ("mandates", "cancel_fail", "refuse to end mandate"),
    ("payments", "succeed", "honour debit"),
    ("payments", "fail", "return debit"),
    ("refunds", "process", "pay refund"),
    ("refunds", "fail", "refuse refund"),
];

#[derive(Template)]
#[template(path = "console/bank.html")]
struct BankPage {
    desk: Desk,
    base: String,
    /// Forms that wait for the bank.
    forms: Vec<Paper>,
    /// Mandates that it was asked to end.
    endings: Vec<Paper>,
    /// Those in force.
    mandates: Vec<Paper>,
    debits: Vec<Due>,
    refunds: Vec<Due>,
    auto: Auto,
    tried: Option<Tried>,
}

/// A mandate on paper.
struct Paper {
    token: String,
    payment: String,
    customer: String,
    holder: String,
    account: String,
    amount: String,
    made: String,
}

/// Money that waits.
struct Due {
    id: String,
    amount: String,
    about: String,
    made: String,
}

impl Shows for BankPage {
    fn tried(&self) -> Option<&Tried> {
        self.tried.as_ref()
    }
}

impl BankPage {
    fn problem_at_large(&self) -> Option<&str> {
        Some(&*self.tried()?.problem.as_ref()?.description)
    }

    fn here(&self) -> String {
        format!("{}/console/bank", self.base)
    }

    fn form_refusals() -> Vec<Choice> {
        reasons::form_refusals()
    }

    fn returns() -> Vec<Choice> {
        reasons::returns()
    }
}

/// `GET /dashboard/:account/test/console/bank`
pub async fn show_bank(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    show(&app, who, place, None).await
}

/// `POST /dashboard/:account/test/console/bank`: the bank decides, or the sandbox is told who answers.
pub async fn act_at_bank(
    State(app): State<App>,
    place: Place,
    Extension(api): Extension<Api>,
    form: SignedForm,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    form.who.require(Role::Operate)?;
    let SignedForm { who, fields } = form;
    let (call, words, target) = if fields.get("auto").is_empty() {
        let known = ACTIONS.iter().find(|(kind, action, _)| {
            *kind == fields.get("kind") && *action == fields.get("action")
        });
        let Some((kind, action, words)) = known else { return Err(nowhere()) };
        let id = id_of(kind, fields.get("id"))?;
        let call =
            Call::post(format!("/v1/sandbox/{kind}/{id}"), Json::Object(body(action, &fields)));
        (call, *words, id)
    } else {
        (Auto::call(&fields), "set auto", fields.get("auto").to_owned())
    };
    let called = make(&app, &api, &who, &place, (words, &target), &call).await?;
    let tried = Tried::of(&app, &call, &called, fields);
    // As it is after what was done.
    let place = Place::find(&app, &place.merchant.id.to_string(), "test").await?;
    show(&app, who, place, Some(tried)).await
}

/// The id of what an action is about: nothing else may get into the path of a call.
fn id_of(kind: &str, typed: &str) -> Result<String, PageError> {
    let id = match kind {
        "mandates" => token_id(typed).map(|id| id.to_string()),
        "payments" => payment_id(typed).map(|id| id.to_string()),
        _ => refund_id(typed).map(|id| id.to_string()),
    };
    id.map_err(|_| nowhere())
}

/// `GET /dashboard/:account/test/console/bank/scan/:payment`: the picture of a signed form.
pub async fn show_scan(
    State(app): State<App>,
    _: SignedIn,
    place: Place,
    Path((_, _, id)): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    let id = payment_id(&id).map_err(|_| nowhere())?;
    let scan = app.store.nach_scan(id).await?.filter(|scan| scan.scope == place.scope());
    let scan = scan.ok_or_else(nowhere)?;
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    Ok((StatusCode::OK, headers, scan.picture.to_vec()).into_response())
}

async fn show(
    app: &App,
    who: SignedIn,
    place: Place,
    tried: Option<Tried>,
) -> Result<Response, PageError> {
    let scope = place.scope();
    let ending = [Cancellable::Initiated, Cancellable::Confirmed].map(NachState::Cancelling);
    let papers = |rows: Vec<NachToken>| rows.iter().map(paper).collect();
    let payments = app.store.mandate_payments_open(scope).await?;
    let refunds = app.store.refunds_open(scope).await?;
    let page = BankPage {
        base: place.base(),
        forms: papers(app.store.nach_tokens_in(scope, &[NachState::Initiated]).await?),
        endings: papers(app.store.nach_tokens_in(scope, &ending).await?),
        mandates: papers(app.store.nach_tokens_in(scope, &[NachState::Confirmed]).await?),
        debits: payments.iter().filter(|row| waits(row)).map(debit).collect(),
        refunds: refunds
            .iter()
            .map(|row| Due {
                id: row.id.to_string(),
                amount: rupees(row.amount),
                about: row.payment.to_string(),
                made: moment(row.created_at),
            })
            .collect(),
        auto: Auto::of(&place),
        tried,
        desk: Desk::of(app, who, place, "console/bank"),
    };
    Ok(form_page(page.status(), &page))
}

fn paper(token: &NachToken) -> Paper {
    Paper {
        token: token.id.to_string(),
        payment: token.payment.to_string(),
        customer: token.customer.to_string(),
        holder: token.account.holder.clone(),
        account: format!("{}, {}", masked(&token.account.number), token.account.ifsc),
        amount: rupees(token.max_amount),
        made: moment(token.created_at),
    }
}

fn waits(payment: &Payment) -> bool {
    let role = payment.mandate.as_ref().map(|mandate| &mandate.role);
    payment.is_open() && matches!(role, Some(MandateRole::Presentation))
}

fn debit(payment: &Payment) -> Due {
    let token = payment.mandate.as_ref().map(|mandate| mandate.token.to_string());
    Due {
        id: payment.id.to_string(),
        amount: rupees(payment.amount),
        about: token.unwrap_or_default(),
        made: moment(payment.created_at),
    }
}
