//! Paying in: by bank transfer or UPI, as anybody, once or twice. Source: sandbox 2.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value as Json, json};

use super::{Shows, Tried, make, only_sandbox};
use crate::app::App;
use crate::web::client::{Api, Call, Problem};
use crate::web::dashboard::paise;
use crate::web::dashboard::place::{Desk, Place};
use crate::web::dashboard::shown::{at, text};
use crate::web::session::{Fields, PageError, Role, SignedForm, SignedIn, form_page};

/// Open accounts that are offered.
const OFFERED: &str = "/v1/virtual_accounts?status=active&count=20";
/// Rails to account numbers.
const MODES: [&str; 4] = ["NEFT", "RTGS", "IMPS", "UPI"];
/// Who may pay: value and words.
const PAYERS: [(&str, &str); 4] = [
    ("usual", "Test Payer"),
    ("stranger", "a stranger: another name and account"),
    ("nobody", "unknown: the bank tells nothing of the payer"),
    ("own", "as typed below"),
];

#[derive(Template)]
#[template(path = "console/pay.html")]
struct PayPage {
    desk: Desk,
    base: String,
    /// What can be paid: address, and what it is.
    offered: Vec<(String, String)>,
    /// The address that stands in the field.
    payee: String,
    /// What became of the payment: result, reference, payment.
    outcome: Option<(String, String, Option<String>)>,
    tried: Option<Tried>,
}

impl Shows for PayPage {
    fn tried(&self) -> Option<&Tried> {
        self.tried.as_ref()
    }
}

impl PayPage {
    fn is_chosen(&self, name: &str, value: &str, usual: &str) -> bool {
        self.typed(name, usual) == value
    }

    fn modes() -> [&'static str; 4] {
        MODES
    }

    fn payers() -> [(&'static str, &'static str); 4] {
        PAYERS
    }

    /// A problem with none of the fields that are shown.
    fn problem_at_large(&self) -> Option<&str> {
        let problem = self.tried()?.problem.as_ref()?;
        let field = problem.field.as_deref().unwrap_or_default();
        let is_shown =
            ["payee", "amount", "utr", "payer.account_number", "payer.ifsc", "payer.vpa"];
        (!is_shown.contains(&field)).then_some(&*problem.description)
    }
}

/// `GET /dashboard/:account/test/console`
pub async fn show_pay(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
    Extension(api): Extension<Api>,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    show(&app, &api, who, place, None, None).await
}

/// `POST /dashboard/:account/test/console`
pub async fn pay(
    State(app): State<App>,
    place: Place,
    Extension(api): Extension<Api>,
    form: SignedForm,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    form.who.require(Role::Operate)?;
    let SignedForm { who, fields } = form;
    let call = match call_of(&fields) {
        Ok(call) => call,
        Err(problem) => {
            let tried = Tried::refused(fields, problem);
            return show(&app, &api, who, place, Some(tried), None).await;
        }
    };
    let target = fields.get("payee").trim().to_owned();
    let called = make(&app, &api, &who, &place, ("pay in", &target), &call).await?;
    let answer = called.json();
    let outcome = called.is_ok().then(|| {
        let word = |key| text(&answer, key);
        (
            word("result").unwrap_or_default(),
            word("reference").unwrap_or_default(),
            word("payment_id"),
        )
    });
    let mut tried = Tried::of(&app, &call, &called, fields);
    // The page calls these fields by one name.
    if let Some(problem) = &mut tried.problem
        && matches!(problem.field.as_deref(), Some("account_number" | "vpa" | "qr_code"))
    {
        problem.field = Some("payee".to_owned());
    }
    show(&app, &api, who, place, Some(tried), outcome).await
}

/// `POST /dashboard/:account/test/console/account`: a new account to pay into.
pub async fn open_account(
    State(app): State<App>,
    place: Place,
    Extension(api): Extension<Api>,
    form: SignedForm,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    form.who.require(Role::Operate)?;
    let body = json!({"receivers": {"types": ["bank_account", "vpa"]}, "description": "Opened in the console"});
    let call = Call::post("/v1/virtual_accounts", body);
    let called = make(&app, &api, &form.who, &place, ("open account", ""), &call).await?;
    let tried = Tried::of(&app, &call, &called, Fields::default());
    show(&app, &api, form.who, place, Some(tried), None).await
}

async fn show(
    app: &App,
    api: &Api,
    who: SignedIn,
    place: Place,
    tried: Option<Tried>,
    outcome: Option<(String, String, Option<String>)>,
) -> Result<Response, PageError> {
    let accounts = api.list(app, &place, OFFERED).await?;
    let offered: Vec<(String, String)> = accounts.iter().flat_map(addresses).collect();
    let typed =
        tried.as_ref().map(|tried| tried.typed.get("payee")).filter(|typed| !typed.is_empty());
    let payee =
        typed.map(str::to_owned).or_else(|| offered.first().map(|(payee, _)| payee.clone()));
    let page = PayPage {
        base: place.base(),
        offered,
        payee: payee.unwrap_or_default(),
        outcome,
        tried,
        desk: Desk::of(app, who, place, "console"),
    };
    Ok(form_page(page.status(), &page))
}

/// The addresses of an account, each with words for it.
fn addresses(account: &Json) -> Vec<(String, String)> {
    let about = text(account, "description").or_else(|| text(account, "id")).unwrap_or_default();
    let receivers = at(account, "receivers").as_array().map(Vec::as_slice).unwrap_or_default();
    let address = |row: &Json| text(row, "account_number").or_else(|| text(row, "address"));
    receivers.iter().filter_map(address).map(|address| (address, about.clone())).collect()
}

/// The call a form asks for: by UPI where the payee is an address or a QR code, else by bank transfer.
fn call_of(fields: &Fields) -> Result<Call, Problem> {
    let wrong = |field: &str, words: &str| Problem {
        description: words.to_owned(),
        field: Some(field.to_owned()),
    };
    let typed = |name: &str| Some(fields.get(name).trim()).filter(|typed| !typed.is_empty());
    let payee = typed("payee").ok_or_else(|| wrong("payee", "Who shall be paid?"))?;
    let amount = typed("amount").and_then(paise);
    let amount = amount.ok_or_else(|| wrong("amount", "An amount such as 2,390.00, please."))?;
    let mut body = Map::new();
    let is_upi = payee.contains('@') || payee.starts_with("qr_");
    let (path, key, reference) = match is_upi {
        true if payee.contains('@') => ("/v1/sandbox/upi_payments", "vpa", "rrn"),
        true => ("/v1/sandbox/upi_payments", "qr_code", "rrn"),
        false => ("/v1/sandbox/bank_transfers", "account_number", "utr"),
    };
    body.insert(key.to_owned(), payee.into());
    body.insert("amount".to_owned(), amount.into());
    if !is_upi {
        body.insert("mode".to_owned(), typed("mode").unwrap_or(MODES[0]).into());
    }
    if let Some(utr) = typed("utr") {
        body.insert(reference.to_owned(), utr.into());
    }
    if let Some(narration) = typed("narration") {
        body.insert("narration".to_owned(), narration.into());
    }
    if let Some(payer) = payer(fields, is_upi) {
        body.insert("payer".to_owned(), payer);
    }
    Ok(Call::post(path, Json::Object(body)))
}

/// Who pays; nothing for the usual payer.
fn payer(fields: &Fields, is_upi: bool) -> Option<Json> {
    match fields.get("payer") {
        "stranger" if is_upi => Some(json!({"vpa": "stranger@okaxis", "name": "Somebody Else"})),
        "stranger" => {
            let (number, ifsc) = ("500000000099", "HDFC0000060");
            Some(json!({"name": "Somebody Else", "account_number": number, "ifsc": ifsc}))
        }
        "nobody" => Some(Json::Null),
        "own" => {
            let names = [
                ("payer.name", "name"),
                ("payer.account_number", "account_number"),
                ("payer.ifsc", "ifsc"),
                ("payer.vpa", "vpa"),
            ];
            let own = names.into_iter().filter(|(_, key)| is_upi || *key != "vpa");
            let typed = own.map(|(name, key)| (key, fields.get(name).trim()));
            let given = typed.filter(|(_, typed)| !typed.is_empty());
            Some(Json::Object(given.map(|(key, typed)| (key.to_owned(), typed.into())).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(form: &str) -> (String, Json) {
        let call = call_of(&Fields::parse(form).unwrap()).unwrap();
        (call.path, call.body.unwrap())
    }

    #[test]
    fn the_payee_says_by_which_rail() {
        let (path, call) = body("payee=1112220001&amount=2,390.00&mode=RTGS&utr=X1&payer=usual");
        assert_eq!(path, "/v1/sandbox/bank_transfers");
        let want =
            json!({"account_number": "1112220001", "amount": 239_000, "mode": "RTGS", "utr": "X1"});
        assert_eq!(call, want);
        let (path, call) = body("payee=rent@icici&amount=1&mode=NEFT&utr=12&payer=nobody");
        assert_eq!(path, "/v1/sandbox/upi_payments");
        assert_eq!(call, json!({"vpa": "rent@icici", "amount": 100, "rrn": "12", "payer": null}));
        let (_, call) = body("payee=qr_1&amount=1&payer=own&payer.vpa=a@b&payer.name=");
        assert_eq!(call, json!({"qr_code": "qr_1", "amount": 100, "payer": {"vpa": "a@b"}}));
    }

    #[test]
    fn what_is_wrong_has_a_field() {
        for (form, field) in [("payee=&amount=1", "payee"), ("payee=1&amount=x", "amount")] {
            let problem = call_of(&Fields::parse(form).unwrap()).unwrap_err();
            assert_eq!(problem.field.as_deref(), Some(field));
        }
    }
}
