//! What a merchant may choose in a mode. The same settings as `PATCH /v1/sandbox/settings`, and the
//! only page for those of live mode. Source: sandbox 8.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::settings::{SETTINGS, SettingKind, Settings};

use super::place::{Desk, Place};
use crate::app::App;
use crate::web::client::Problem;
use crate::web::session::{Fields, PageError, Role, SignedForm, SignedIn, form_page, trail};
use crate::wire::body::decode_body;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields as BodyFields;
use crate::wire::sandbox::{read_settings, settings_out};

#[derive(Template)]
#[template(path = "dashboard/settings.html")]
struct SettingsPage {
    desk: Desk,
    base: String,
    mode: &'static str,
    values: Json,
    /// Tells whether the settings are still those that the form showed.
    seen: String,
    typed: Option<Fields>,
    problem: Option<Problem>,
    is_saved: bool,
}

impl SettingsPage {
    fn may_change(&self) -> bool {
        self.desk.who.may(Role::Admin)
    }

    /// As it is shown in a field.
    fn value(&self, name: &str) -> String {
        if let Some(typed) = &self.typed {
            return typed.get(name).to_owned();
        }
        shown(&self.values[name])
    }

    fn is_on(&self, name: &str) -> bool {
        match &self.typed {
            Some(typed) => typed.get(name) == "true",
            None => self.values[name] == true,
        }
    }

    fn problem_of(&self, name: &str) -> Option<&str> {
        let problem = self.problem.as_ref()?;
        let field = problem.field.as_deref().unwrap_or_default();
        (field.split('.').next() == Some(name)).then_some(&*problem.description)
    }

    /// What is wrong with none of the fields.
    fn problem_at_large(&self) -> Option<&str> {
        let problem = self.problem.as_ref()?;
        let is_shown = SETTINGS.iter().any(|(name, _)| self.problem_of(name).is_some());
        (!is_shown).then_some(&*problem.description)
    }

    /// What is typed.
    fn fields() -> impl Iterator<Item = Setting> {
        Setting::all().filter(|setting| !setting.is_switch())
    }

    /// What is on or off.
    fn switches() -> impl Iterator<Item = Setting> {
        Setting::all().filter(Setting::is_switch)
    }
}

/// One setting on the page.
struct Setting {
    name: &'static str,
    kind: SettingKind,
}

/// Words for settings, where the name alone says little.
const LABELS: [(&str, &str); 24] = [
    ("auto", "Banks and networks of the sandbox answer by themselves"),
    ("auto_delay", "They take so many seconds"),
    ("billing_label", "Name that payers see"),
    ("va_bank", "Banks of new virtual accounts"),
    ("va_number_prefix", "Account numbers begin with"),
    ("va_custom_descriptor", "Merchants choose account numbers"),
    ("va_handle", "Four characters of vanity numbers"),
    ("vpa_namespace", "UPI addresses begin with"),
    ("vpa_merchant_prefix", "Then, behind the dot"),
    ("vpa_handle", "UPI addresses end in @"),
    ("vpa_in_test_mode", "UPI addresses in test mode"),
    ("va_qr_enabled", "QR codes as receivers"),
    ("upi_limit", "Largest UPI payment, paise"),
    ("va_dormancy_days", "Accounts close after so many days without a credit"),
    ("va_fee_bps", "Fee on virtual accounts, basis points"),
    ("qr_fee_bps", "Fee on QR codes, basis points"),
    ("upi_fee_bps", "Fee on debits by UPI, basis points"),
    ("nach_fee_bps", "Fee on debits by NACH, basis points"),
    ("approval_window", "Seconds a payer has to approve"),
    ("block_limit", "Largest block, paise"),
    ("amount_limit", "Largest order and payment, paise"),
    ("payment_capture", "Payments are captured at once"),
    ("refund_balance_check", "Refunds must be covered by what is owed"),
    ("strict_params", "Unknown parameters are refused"),
];

impl Setting {
    fn all() -> impl Iterator<Item = Setting> {
        SETTINGS.iter().map(|(name, kind)| Setting { name, kind: *kind })
    }

    fn is_switch(&self) -> bool {
        self.kind == SettingKind::Switch
    }

    fn is_number(&self) -> bool {
        matches!(self.kind, SettingKind::Integer(..))
    }

    fn label(&self) -> String {
        let known = LABELS.iter().find(|(name, _)| *name == self.name);
        known.map_or_else(|| self.name.replace('_', " "), |(_, words)| (*words).to_owned())
    }

    fn hint(&self) -> String {
        match self.kind {
            SettingKind::Integer(least, greatest) => format!("{least} to {greatest}"),
            SettingKind::Word(least, greatest) => {
                format!("{least} to {greatest} letters or digits")
            }
            SettingKind::OptionalWord(least, greatest) if least == greatest => {
                format!("{least} letters or digits, or nothing")
            }
            SettingKind::OptionalWord(least, greatest) => {
                format!("{least} to {greatest} letters or digits, or nothing")
            }
            SettingKind::Digits(count) => format!("{count} digits"),
            SettingKind::Label(length) => format!("at most {length} letters, or nothing"),
            SettingKind::Factor => "a decimal number above zero".to_owned(),
            SettingKind::Banks => {
                "one bank after the other, each as IFSC and name, separated by semicolons"
                    .to_owned()
            }
            SettingKind::Switch => String::new(),
        }
    }
}

/// A value as it is typed.
fn shown(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(banks) => {
            let bank = |bank: &Json| match bank["bank_name"].as_str() {
                Some(name) => format!("{} {name}", bank["ifsc"].as_str().unwrap_or_default()),
                None => bank["ifsc"].as_str().unwrap_or_default().to_owned(),
            };
            banks.iter().map(bank).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// A digest of settings.
fn seen(settings: &Settings) -> String {
    let digest = Sha256::digest(settings_out(settings).to_string());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// What is typed as the API takes it.
fn read(kind: SettingKind, typed: &str) -> Json {
    match kind {
        SettingKind::Switch => (typed == "true").into(),
        SettingKind::Banks => typed
            .split(';')
            .map(str::trim)
            .filter(|bank| !bank.is_empty())
            .map(|bank| {
                let (ifsc, name) = bank.split_once(' ').unwrap_or((bank, ""));
                let name = Some(name.trim()).filter(|name| !name.is_empty());
                json!({"ifsc": ifsc, "bank_name": name})
            })
            .collect(),
        SettingKind::Integer(..) => typed.parse::<i64>().map_or_else(|_| typed.into(), Json::from),
        _ => typed.into(),
    }
}

/// `GET /dashboard/:account/:mode/settings`
pub async fn show_settings(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
) -> Result<Response, PageError> {
    Ok(show(&app, who, place, None, StatusCode::OK))
}

fn show(
    app: &App,
    who: SignedIn,
    place: Place,
    refused: Option<(Fields, Problem)>,
    status: StatusCode,
) -> Response {
    let is_saved = refused.is_none() && status == StatusCode::ACCEPTED;
    let (typed, problem) = refused.unzip();
    let page = SettingsPage {
        base: place.base(),
        mode: place.tenant.scope.mode.as_str(),
        seen: seen(&place.tenant.settings),
        values: settings_out(&place.tenant.settings),
        typed,
        problem,
        is_saved,
        desk: Desk::of(app, who, place, "settings"),
    };
    form_page(if is_saved { StatusCode::OK } else { status }, &page)
}

/// The present settings, and why what was typed was not taken.
fn show_refused(app: &App, who: SignedIn, place: Place, problem: Problem) -> Response {
    let page = SettingsPage {
        base: place.base(),
        mode: place.tenant.scope.mode.as_str(),
        seen: seen(&place.tenant.settings),
        values: settings_out(&place.tenant.settings),
        typed: None,
        problem: Some(problem),
        is_saved: false,
        desk: Desk::of(app, who, place, "settings"),
    };
    form_page(StatusCode::CONFLICT, &page)
}

/// `POST /dashboard/:account/:mode/settings`: what differs is changed, all of it or nothing.
pub async fn change_settings(
    State(app): State<App>,
    place: Place,
    form: SignedForm,
) -> Result<Response, PageError> {
    form.who.require(Role::Admin)?;
    let values = settings_out(&place.tenant.settings);
    if form.fields.get("seen") != seen(&place.tenant.settings) {
        let description = "Somebody changed the settings meanwhile. These are the present ones.";
        let problem = Problem { description: description.to_owned(), field: None };
        return Ok(show_refused(&app, form.who, place, problem));
    }
    let mut changed = Map::new();
    for (name, kind) in SETTINGS {
        let typed = form.fields.get(name).trim();
        let is_same = match kind {
            SettingKind::Switch => values[*name] == (typed == "true"),
            _ => shown(&values[*name]) == typed,
        };
        if !is_same {
            changed.insert((*name).to_owned(), read(*kind, typed));
        }
    }
    let SignedForm { who, fields } = form;
    if changed.is_empty() {
        return Ok(show(&app, who, place, None, StatusCode::ACCEPTED));
    }
    let text = Json::Object(changed).to_string();
    let trail = trail::begin(&app, &who, "change settings", &place.base(), &text).await?;
    match change(&app, &place, &text).await {
        Ok(tenant) => {
            trail::finish(&app, trail, "done").await;
            app.keyring.forget(place.merchant.id);
            let place = Place { tenant, ..place };
            Ok(show(&app, who, place, None, StatusCode::ACCEPTED))
        }
        Err(error) => {
            trail::finish(&app, trail, &format!("refused: {}", error.description)).await;
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            let field = error.field.map(|field| field.into_owned());
            let problem = Problem { description: error.description.into_owned(), field };
            Ok(show(&app, who, place, Some((fields, problem)), status))
        }
    }
}

async fn change(
    app: &App,
    place: &Place,
    text: &str,
) -> Result<vasool_core::tenant::Tenant, ApiError> {
    let body = decode_body(Some("application/json"), text.as_bytes())?;
    let defaults = Settings::defaults(place.tenant.scope.mode);
    let changes = read_settings(&BodyFields::of_body(&body), &defaults)?;
    match app.submit(place.scope(), ScopedCommand::ChangeSettings(changes)).await? {
        Reply::Tenant(tenant) => Ok(vasool_core::tenant::Tenant::clone(&tenant)),
        _ => Err(ApiError::server_fault()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_is_of_a_setting() {
        for (name, _) in LABELS {
            assert!(SETTINGS.iter().any(|(known, _)| *known == name), "{name}");
        }
    }

    #[test]
    fn values_are_typed_as_they_are_shown() {
        let banks =
            json!([{"ifsc": "RAZR0000001", "bank_name": null}, {"ifsc": "A", "bank_name": "B C"}]);
        assert_eq!(shown(&banks), "RAZR0000001; A B C");
        assert_eq!(read(SettingKind::Banks, "RAZR0000001; A B C"), banks);
        assert_eq!(read(SettingKind::Integer(0, 9), "7"), json!(7));
        assert_eq!(read(SettingKind::Integer(0, 9), "x"), json!("x"));
        assert_eq!(read(SettingKind::Switch, ""), json!(false));
        assert_eq!(shown(&Json::Null), "");
    }
}
