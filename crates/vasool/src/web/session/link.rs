//! The page behind a one-time link: it sets a password and lets the person in. Looking at it does
//! not use it up, because mail programs and chats look at links, too.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use vasool_core::id::OperatorId;
use vasool_store::operators::{LinkState, Operator};

use super::entering::{enter, with_cookie};
use super::fields::{Field, email_of, name_of};
use super::form::same_site;
use super::{Fields, PageError, Role, form_page, next, password, redirect, token, trail};
use crate::app::App;

#[derive(Template)]
#[template(path = "session/link.html")]
struct LinkPage {
    /// The account's; `None` for the first person, who types it.
    account: Option<String>,
    email: Field,
    name: Field,
    password: Field,
}

/// `GET /sign-in/link/:token`
pub async fn show_link(State(app): State<App>, uri: Uri) -> Result<Response, PageError> {
    let operator = find(&app, &digest_of(&uri)).await?;
    let name = operator.as_ref().map_or("", |operator| &operator.name);
    let page = LinkPage {
        name: Field::of(name),
        account: operator.map(|operator| operator.email),
        email: Field::default(),
        password: Field::default(),
    };
    Ok(form_page(StatusCode::OK, &page))
}

/// `POST /sign-in/link/:token`
pub async fn use_link(State(app): State<App>, request: Request) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    same_site(&app, &parts.headers)?;
    let digest = digest_of(&parts.uri);
    let operator = find(&app, &digest).await?;
    let fields = Fields::read(body).await?;
    let email = match &operator {
        Some(operator) => Ok(operator.email.clone()),
        None => email_of(fields.get("email")),
    };
    let name = name_of(fields.get("name"));
    let problem = password::problem(fields.get("password"), email.as_deref().unwrap_or_default());
    let (Ok(email), Ok(name), None) = (&email, &name, problem) else {
        let page = LinkPage {
            account: operator.map(|operator| operator.email),
            email: Field::of(fields.get("email")).because(email.err()),
            name: Field::of(fields.get("name")).because(name.err()),
            password: Field::default().because(problem),
        };
        return Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let hash = app.passwords.hash(fields.get("password")).await?;
    // From here on the link is gone: of two people with the same one the other is told so.
    if !app.store.use_link(&digest, app.clock.now()).await? {
        return Err(gone(LinkState::Used));
    }
    let operator = match operator {
        Some(operator) => renew(&app, operator, name, &hash).await?,
        None => found(&app, email, name, &hash).await?,
    };
    let cookie = enter(&app, &operator, operator.epoch, &parts.headers).await?;
    Ok(with_cookie(redirect(next::HOME), cookie))
}

/// Gives an account its name and password.
async fn renew(
    app: &App,
    operator: Operator,
    name: &str,
    hash: &str,
) -> Result<Operator, PageError> {
    let row = trail::begin_as(app, &operator, "set password by link", &operator.email, "").await?;
    if !app.store.set_operator_password(operator.id, operator.epoch, hash).await? {
        trail::finish(app, row, "refused").await;
        return Err(gone(LinkState::Used));
    }
    app.store.rename_operator(operator.id, name).await?;
    trail::finish(app, row, "done").await;
    Ok(Operator { epoch: operator.epoch + 1, ..operator })
}

/// Makes the first account.
async fn found(app: &App, email: &str, name: &str, hash: &str) -> Result<Operator, PageError> {
    let now = app.clock.now();
    let operator = Operator {
        id: trail::new_id::<OperatorId>(&app.clock, now),
        email: email.to_owned(),
        name: name.to_owned(),
        role: Role::Admin,
        has_password: true,
        epoch: 1,
        created: now,
        disabled: None,
    };
    let row = trail::begin_as(app, &operator, "first sign-in", email, "role admin").await?;
    if !app.store.create_first_operator(operator.id, email, name, hash, now).await? {
        trail::finish(app, row, "refused: there is an account already").await;
        return Err(gone(LinkState::Used));
    }
    trail::finish(app, row, "done").await;
    Ok(operator)
}

/// Whose link it is, `None` for the first person's; or a page that says why it leads nowhere.
async fn find(app: &App, digest: &str) -> Result<Option<Operator>, PageError> {
    let Some(link) = app.store.link(digest, app.clock.now()).await? else {
        let text = "Check that it is all there: it ends with 64 letters and digits.";
        let title = "This link leads nowhere";
        return Err(PageError::new(StatusCode::NOT_FOUND, title, text, None));
    };
    match link.state {
        LinkState::Open => Ok(link.operator),
        closed => Err(gone(closed)),
    }
}

fn gone(state: LinkState) -> PageError {
    let title = match state {
        LinkState::Expired => "This link is too old",
        LinkState::Used | LinkState::Open => "This link was used already",
    };
    let text = "It works once, and for a day. Sign in with your password, or ask an admin of this \
                server for a new link; “vasool operators link” makes one, too.";
    PageError::new(StatusCode::GONE, title, text, Some(("/sign-in", "Sign in")))
}

/// What the database knows the link of an address by.
fn digest_of(uri: &Uri) -> String {
    token::digest(uri.path().rsplit('/').next().unwrap_or_default())
}
