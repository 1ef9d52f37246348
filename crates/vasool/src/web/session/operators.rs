//! Accounts of a server, as its admins manage them.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vasool_core::id::{OperatorId, RawId};
use vasool_core::time::Millis;
use vasool_store::operators::{Change, Operator};

use super::fields::{Field, email_of, name_of};
use super::form::SignedForm;
use super::{PageError, Role, SignedIn, form_page, link_for, link_url, redirect, token, trail};
use crate::api::request::Path;
use crate::app::App;
use crate::format::moment;
use crate::web::dashboard::place::Desk;

const PLACE: &str = "/dashboard/operators";

#[derive(Template)]
#[template(path = "session/operators.html")]
struct OperatorsPage {
    desk: Desk,
    operators: Vec<Operator>,
    email: Field,
    name: Field,
    role: Field,
    /// What could not be done.
    problem: &'static str,
    /// A link that was just made, and whose: shown this once.
    link: Option<(String, String)>,
}

impl OperatorsPage {
    async fn of(app: &App, who: SignedIn) -> Result<OperatorsPage, PageError> {
        Ok(OperatorsPage {
            operators: app.store.operators().await?,
            email: Field::default(),
            name: Field::default(),
            role: Field::of(Role::View.as_str()),
            problem: "",
            link: None,
            desk: Desk::of_server(app, who, "operators"),
        })
    }

    fn roles(&self) -> [Role; 3] {
        Role::ALL
    }

    fn is_chosen(&self, role: &Role) -> bool {
        role.as_str() == self.role.value
    }

    fn moment(&self, at: &Millis) -> String {
        moment(at.to_time())
    }
}

/// `GET /dashboard/operators`
pub async fn show_operators(State(app): State<App>, who: SignedIn) -> Result<Response, PageError> {
    who.require(Role::Admin)?;
    Ok(form_page(StatusCode::OK, &OperatorsPage::of(&app, who).await?))
}

/// `POST /dashboard/operators`: opens an account and shows its link.
pub async fn invite(State(app): State<App>, form: SignedForm) -> Result<Response, PageError> {
    let SignedForm { who, fields } = form;
    who.require(Role::Admin)?;
    let [email, name] = ["email", "name"].map(|name| fields.get(name));
    let read = (email_of(email), name_of(name), Role::parse(fields.get("role")));
    let mut problems = match &read {
        (Ok(_), Ok(_), Some(_)) => None,
        (email, name, role) => Some([
            email.as_ref().err().copied(),
            name.as_ref().err().copied(),
            role.is_none().then_some("Choose a role."),
        ]),
    };
    if let (Ok(email), Ok(name), Some(role)) = &read {
        let now = app.clock.now();
        let id: OperatorId = trail::new_id(&app.clock, now);
        let detail = format!("role {}", role.as_str());
        let row = trail::begin(&app, &who, "invite", email, &detail).await?;
        if app.store.create_operator(id, email, name, *role, now).await? {
            let link = link_for(&app.store, id, now).await?;
            trail::finish(&app, row, "done").await;
            return show_link(&app, who, email.clone(), &link).await;
        }
        trail::finish(&app, row, "refused: there is such an account").await;
        problems = Some([Some("There is an account with this e-mail."), None, None]);
    }
    let [wrong_email, wrong_name, wrong_role] = problems.unwrap_or_default();
    let mut page = OperatorsPage::of(&app, who).await?;
    page.email = Field::of(email).because(wrong_email);
    page.name = Field::of(name).because(wrong_name);
    page.role = Field::of(fields.get("role")).because(wrong_role);
    Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// `POST /dashboard/operators/:id/role`
pub async fn change_role(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, PageError> {
    let SignedForm { who, fields } = form;
    let operator = find(&app, &who, &id).await?;
    let Some(role) = Role::parse(fields.get("role")) else {
        return refuse(&app, who, "Choose a role.").await;
    };
    let detail = format!("from {} to {}", operator.role.as_str(), role.as_str());
    let row = trail::begin(&app, &who, "change role", &operator.email, &detail).await?;
    let now = app.clock.now();
    let changed = app.store.set_operator_role(operator.id, role, now, &holder()?).await?;
    tell(&app, who, row, changed).await
}

/// `POST /dashboard/operators/:id/disable`
pub async fn disable(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, PageError> {
    let who = form.who;
    let operator = find(&app, &who, &id).await?;
    let row = trail::begin(&app, &who, "disable operator", &operator.email, "").await?;
    let changed = app.store.disable_operator(operator.id, app.clock.now(), &holder()?).await?;
    tell(&app, who, row, changed).await
}

/// `POST /dashboard/operators/:id/enable`
pub async fn enable(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, PageError> {
    let who = form.who;
    let operator = find(&app, &who, &id).await?;
    let row = trail::begin(&app, &who, "enable operator", &operator.email, "").await?;
    app.store.enable_operator(operator.id).await?;
    tell(&app, who, row, Change::Made).await
}

/// `POST /dashboard/operators/:id/link`: a new link for who lost the password or the first link.
pub async fn renew_link(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, PageError> {
    let who = form.who;
    let operator = find(&app, &who, &id).await?;
    if operator.disabled.is_some() {
        return refuse(&app, who, "This account is disabled. Enable it first.").await;
    }
    let row = trail::begin(&app, &who, "make sign-in link", &operator.email, "").await?;
    let link = link_for(&app.store, operator.id, app.clock.now()).await?;
    trail::finish(&app, row, "done").await;
    show_link(&app, who, operator.email, &link).await
}

/// The account of a path, for an admin.
async fn find(app: &App, who: &SignedIn, id: &str) -> Result<Operator, PageError> {
    who.require(Role::Admin)?;
    let id = id.strip_prefix(OperatorId::PREFIX).and_then(RawId::parse).map(OperatorId);
    let operator = match id {
        Some(id) => app.store.operator(id).await?,
        None => None,
    };
    operator.ok_or_else(|| {
        let (title, text) = ("There is no such operator", "Nothing was changed.");
        PageError::new(StatusCode::NOT_FOUND, title, text, Some((PLACE, "All operators")))
    })
}

/// What became of a change: the list, or the list and why not.
async fn tell(
    app: &App,
    who: SignedIn,
    row: trail::TrailId,
    changed: Change,
) -> Result<Response, PageError> {
    let (outcome, problem) = match changed {
        Change::Made => {
            trail::finish(app, row, "done").await;
            return Ok(redirect(PLACE));
        }
        Change::LastAdmin => (
            "refused: the last admin",
            "This is the last admin who can sign in. Make someone else an admin first.",
        ),
        Change::Busy => (
            "refused: another change was under way",
            "Someone else changes operators at this moment. Try again.",
        ),
    };
    trail::finish(app, row, outcome).await;
    refuse(app, who, problem).await
}

async fn refuse(app: &App, who: SignedIn, problem: &'static str) -> Result<Response, PageError> {
    let page = OperatorsPage { problem, ..OperatorsPage::of(app, who).await? };
    Ok(form_page(StatusCode::CONFLICT, &page))
}

async fn show_link(
    app: &App,
    who: SignedIn,
    email: String,
    link: &token::Token,
) -> Result<Response, PageError> {
    let link = Some((email, link_url(&app.options.public_url, link)));
    let page = OperatorsPage { link, ..OperatorsPage::of(app, who).await? };
    Ok(form_page(StatusCode::OK, &page))
}

/// Names one change, for the lease that keeps two apart.
fn holder() -> Result<String, PageError> {
    token::Token::new().map(|token| token.as_str().to_owned())
}
