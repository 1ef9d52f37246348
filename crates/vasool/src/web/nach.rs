//! The pages behind the short URLs of a mandate on paper: its form, and where the signed form is
//! uploaded. Source: paper-nach 5, 6.5.

use askama::Template;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use vasool_core::id::OrderId;
use vasool_core::invoice::{Invoice, InvoiceState};
use vasool_core::nach_form::{AccountKind, NachForm, Registration};
use vasool_core::order::{Order, OrderState};
use vasool_core::scope::{Mode, ScopeId};
use vasool_core::short_link::LinkTarget;
use vasool_core::tenant::Tenant;
use vasool_core::time::Time;
use vasool_nach::day::Day;
use vasool_nach::form::{AccountType, Action, DebitType, Form, render};
use vasool_nach::mandate::Frequency;

use super::{gone, page};
use crate::api::answer::Json;
use crate::api::paper_nach::take;
use crate::api::request::Path;
use crate::api::upload::ScanUpload;
use crate::app::App;
use crate::format::{day, rupees};
use crate::wire::banks::bank_name;
use crate::wire::error::ApiError;
use crate::wire::paper_nach::charge::TakenOut;
use crate::wire::paper_nach::form::short_url;

/// Printed where the operator has configured nothing.
const UTILITY_CODE: &str = "NACH00000000000000";
/// See [`UTILITY_CODE`].
const SPONSOR_CODE: &str = "VSUL0000001";

#[derive(Template)]
#[template(path = "nach.html")]
struct NachPage {
    merchant: String,
    is_test: bool,
    description: String,
    customer: String,
    bank: String,
    account: String,
    amount: String,
    ends: String,
    receipt: Option<String>,
    form_url: String,
    stage: Stage,
    /// What was wrong with the last upload.
    problem: Option<String>,
}

/// What the page is about.
enum Stage {
    /// A scan can be sent.
    Open,
    /// The bank refused the last one; another can be sent.
    Rejected(&'static str),
    /// A scan is with the bank.
    Pending,
    /// The mandate is registered, by this payment.
    Done(String),
    /// The link is closed: how.
    Closed(&'static str),
}

/// Everything behind a short URL of an order.
struct Rows {
    tenant: Tenant,
    order: Order,
    form: NachForm,
    invoice: Option<Invoice>,
    now: Time,
}

impl Rows {
    async fn find(app: &App, scope: ScopeId, order: OrderId) -> Result<Option<Rows>, ApiError> {
        let tenant = app.store.tenant(scope).await?.filter(|tenant| !tenant.retired);
        let Some(tenant) = tenant else { return Ok(None) };
        let now = tenant.now(app.clock.now()).to_time();
        let Some(order) = app.store.order(scope, order).await? else { return Ok(None) };
        let Some(form) = app.store.nach_form(scope, order.id).await? else { return Ok(None) };
        let invoice = match form.invoice {
            Some(id) => app.store.invoice(scope, id).await?,
            None => None,
        };
        let invoice = invoice.map(|invoice| invoice.as_of(now, !order.open.is_empty()));
        Ok(Some(Rows { tenant, order, form, invoice, now }))
    }

    fn stage(&self, registered_by: Option<String>) -> Stage {
        let link = self.invoice.as_ref().map(|invoice| invoice.state);
        match (self.order.state, link, self.form.registration) {
            (OrderState::Paid, ..) => Stage::Done(registered_by.unwrap_or_default()),
            (_, Some(closed @ (InvoiceState::Cancelled(_) | InvoiceState::Expired(_))), _) => {
                Stage::Closed(closed.as_str())
            }
            _ if !self.order.open.is_empty() => Stage::Pending,
            _ if self.form.ends_at <= self.now => Stage::Closed("expired"),
            (_, _, Registration::Rejected(failure)) => Stage::Rejected(failure.told_of_mandate()),
            _ => Stage::Open,
        }
    }

    fn page(&self, app: &App, stage: Stage, problem: Option<String>) -> NachPage {
        let (form, invoice) = (&self.form, self.invoice.as_ref());
        let number = &form.account.number;
        let shown = number.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        NachPage {
            merchant: self.tenant.billing_label().to_owned(),
            is_test: self.tenant.scope.mode == Mode::Test,
            description: form.description.clone().unwrap_or_default(),
            customer: form.account.holder.clone(),
            bank: bank_name(&form.account.ifsc).unwrap_or(form.account.bank()).to_owned(),
            account: format!("XXXX{}", &number[shown..]),
            amount: rupees(form.max_amount),
            ends: match form.has_end {
                true => day(form.ends_at),
                false => "until cancelled".to_owned(),
            },
            receipt: match invoice {
                Some(invoice) => invoice.receipt.clone(),
                None => self.order.receipt.clone(),
            },
            form_url: short_url(&app.options.public_url, &form.form_code),
            stage,
            problem,
        }
    }
}

/// The form as PDF: the same bytes each time. Source: paper-nach 5.1, 5.2.
pub async fn form_pdf(
    app: &App,
    scope: ScopeId,
    order: OrderId,
) -> Result<Option<Response>, ApiError> {
    let Some(rows) = Rows::find(app, scope, order).await? else { return Ok(None) };
    let (form, settings) = (&rows.form, &rows.tenant.settings);
    let code = |own: &Option<String>, other: &str| own.clone().unwrap_or_else(|| other.to_owned());
    let printed = Form {
        order_id: order.to_string(),
        umrn: None,
        dated_on: Day::at(form.created_at),
        action: Action::Create,
        sponsor_bank: code(&settings.nach_sponsor_code, SPONSOR_CODE),
        utility_code: code(&settings.nach_utility_code, UTILITY_CODE),
        utility_name: rows.tenant.billing_label().to_owned(),
        account_type: match form.account.kind {
            AccountKind::Savings => AccountType::Savings,
            AccountKind::Current => AccountType::Current,
            AccountKind::CashCredit => AccountType::CashCredit,
            AccountKind::Nre => AccountType::SavingsNre,
            AccountKind::Nro => AccountType::SavingsNro,
        },
        account_number: form.account.number.clone(),
        bank_name: bank_name(&form.account.ifsc).unwrap_or(form.account.bank()).to_owned(),
        ifsc: form.account.ifsc.clone(),
        amount: form.max_amount,
        debit_type: DebitType::Maximum,
        frequency: Frequency::AsPresented,
        reference1: form.reference1.clone(),
        reference2: form.reference2.clone(),
        phone: form.contact.clone(),
        email: form.email.clone(),
        from: Day::at(form.created_at),
        to: form.has_end.then(|| Day::at(form.ends_at)),
        holder: form.account.holder.clone(),
    };
    let drawing = tokio::task::spawn_blocking(move || render(&printed));
    let pdf = drawing.await.map_err(|_| ApiError::server_fault())?.map_err(|error| {
        tracing::error!(%error, "a form could not be printed");
        ApiError::server_fault()
    })?;
    let name = format!("inline; filename=\"nach_{order}.pdf\"");
    let mut response = pdf.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(Some(response))
}

/// The page of an order. Source: paper-nach 5.3.
pub async fn upload_page(
    app: &App,
    scope: ScopeId,
    order: OrderId,
) -> Result<Option<Response>, ApiError> {
    show(app, scope, order, None, StatusCode::OK).await
}

async fn show(
    app: &App,
    scope: ScopeId,
    order: OrderId,
    problem: Option<String>,
    status: StatusCode,
) -> Result<Option<Response>, ApiError> {
    let Some(rows) = Rows::find(app, scope, order).await? else { return Ok(None) };
    let registered_by = match rows.order.state {
        OrderState::Paid => app.store.registration_of(scope, order).await?,
        _ => None,
    };
    let stage = rows.stage(registered_by.map(|payment| payment.to_string()));
    page(status, &rows.page(app, stage, problem)).map(Some)
}

/// `POST /i/:code`: the signed form from the page, without a key.
pub async fn upload_from_page(
    State(app): State<App>,
    Path(code): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let Some(link) = app.store.short_link(&code).await? else { return Ok(gone(&headers)) };
    let LinkTarget::NachUpload(order) = link.target else { return Ok(gone(&headers)) };
    let Some(rows) = Rows::find(&app, link.scope, order).await? else { return Ok(gone(&headers)) };
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let wants_json = accept.is_some_and(|accept| accept.contains("application/json"));
    let upload = ScanUpload::from_request(request, &app).await;
    let taken = match upload {
        Ok(upload) => {
            let file = upload.0.file.as_ref();
            take(&app, rows.tenant.scope, rows.now, order, file, "page").await
        }
        Err(error) => Err(error),
    };
    match taken {
        Ok(payment) if wants_json => {
            let secret = app.keyring.secret_of(rows.tenant.scope).await?;
            let sign = |message: &str| {
                secret.as_deref().map_or_else(String::new, |secret| {
                    crate::dispatch::signature::sign(secret, message.as_bytes())
                })
            };
            Ok(Json::of(&TakenOut::of(payment.id, order, sign)).into_response())
        }
        Ok(_) => {
            let page = show(&app, link.scope, order, None, StatusCode::OK).await?;
            Ok(page.unwrap_or_else(|| gone(&headers)))
        }
        Err(error) if wants_json => Err(error),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            let problem = Some(told(&error));
            let page = show(&app, link.scope, order, problem, status).await?;
            Ok(page.unwrap_or_else(|| gone(&headers)))
        }
    }
}

/// What to do about a refused upload, for a person.
fn told(error: &ApiError) -> String {
    let hint = match error.reason {
        "unknown_file_type" => "Please send a photograph or scan as JPEG or PNG.",
        "file_size_exceeds_limit" => "Please send a picture of at most 6 MB.",
        "image_not_clear" => {
            "Please take the picture again in good light, with the whole form in it."
        }
        "form_mismatch" => "This is the form of another order. Please download the form again.",
        "form_signature_missing" => "Please sign the form in the first box and send it again.",
        "form_data_mismatch" => "Please do not change what is printed on the form.",
        "form_status_pending" => "Your form is with the bank already.",
        "input_validation_failed" if error.field.as_deref() == Some("file") => {
            "Please choose a picture of the signed form."
        }
        _ => "",
    };
    match hint {
        "" => error.description.to_string(),
        hint => format!("{}. {hint}", error.description.trim_end_matches('.')),
    }
}
