//! The sandbox in a browser: everything a payer, a bank, a network or time can do, as forms. Each form
//! is a call of `/v1/sandbox`, and the page shows it as a shell would make it. Source: sandbox.

mod auto;
mod bank;
mod clock;
mod faults;
mod pay;
mod payer;
mod phone;
mod reasons;
mod screen;

use axum::http::StatusCode;
use axum::routing::{get, post};

use super::dashboard::place::{Place, nowhere};
use super::dashboard::run;
use super::pretty::pretty;
use crate::api::Route;
use crate::app::App;
use crate::web::client::{Api, Call, Called, Problem};
use crate::web::session::{Fields, PageError, SignedIn};

/// The pages of the console.
pub fn routes() -> Vec<Route> {
    vec![
        ("/dashboard/{account}/{mode}/console", get(pay::show_pay).post(pay::pay)),
        ("/dashboard/{account}/{mode}/console/account", post(pay::open_account)),
        (
            "/dashboard/{account}/{mode}/console/clock",
            get(clock::show_clock).post(clock::set_clock),
        ),
        ("/dashboard/{account}/{mode}/console/reset", post(clock::reset)),
        (
            "/dashboard/{account}/{mode}/console/faults",
            get(faults::show_faults).post(faults::arm_fault),
        ),
        ("/dashboard/{account}/{mode}/console/faults/clear", post(faults::clear_faults)),
        (
            "/dashboard/{account}/{mode}/console/phone",
            get(phone::show_phones).post(phone::change_phones),
        ),
        (
            "/dashboard/{account}/{mode}/console/phone/{token}",
            get(phone::show_phone).post(phone::act_on_phone),
        ),
        ("/dashboard/{account}/{mode}/console/bank", get(bank::show_bank).post(bank::act_at_bank)),
        ("/dashboard/{account}/{mode}/console/bank/scan/{payment}", get(bank::show_scan)),
    ]
}

/// The page of a payer, who has no account here.
pub fn payer_routes() -> Vec<Route> {
    vec![("/upi/{id}/phone", get(payer::show_phone).post(payer::act_on_phone))]
}

/// Refuses places where there is no sandbox.
fn only_sandbox(app: &App, place: &Place) -> Result<(), PageError> {
    if app.options.sandbox && place.is_test() { Ok(()) } else { Err(nowhere()) }
}

/// What somebody has just tried: shown above the form, with the same call as a shell makes it.
#[derive(Debug, Default)]
struct Tried {
    /// The call, if it came to one.
    curl: Option<String>,
    /// The answer, laid out.
    answer: Option<String>,
    /// Why it was not done.
    problem: Option<Problem>,
    /// What was typed.
    typed: Fields,
    status: StatusCode,
}

impl Tried {
    /// Nothing was called, because what was typed is wrong.
    fn refused(typed: Fields, problem: Problem) -> Tried {
        let (curl, answer, problem) = (None, None, Some(problem));
        Tried { curl, answer, problem, typed, status: StatusCode::BAD_REQUEST }
    }

    /// A call with its answer.
    fn of(app: &App, call: &Call, called: &Called, typed: Fields) -> Tried {
        let problem = called.problem();
        let status = match problem {
            None => StatusCode::OK,
            Some(_) => StatusCode::from_u16(called.status).unwrap_or(StatusCode::BAD_REQUEST),
        };
        let curl = Some(call.curl(&app.options.public_url));
        Tried { curl, answer: Some(pretty(&called.text)), problem, typed, status }
    }
}

/// Makes a call for somebody, into the trail.
async fn make(
    app: &App,
    api: &Api,
    who: &SignedIn,
    place: &Place,
    (action, target): (&str, &str),
    call: &Call,
) -> Result<Called, PageError> {
    run(app, api, who, place, action, target, call, call).await
}

/// What a page of the console shows of what was tried.
trait Shows {
    fn tried(&self) -> Option<&Tried>;

    fn status(&self) -> StatusCode {
        self.tried().map_or(StatusCode::OK, |tried| tried.status)
    }

    /// What stands in a field: what was typed, where it was refused; else what is usual there.
    fn typed(&self, name: &str, usual: &str) -> String {
        match self.tried() {
            Some(tried) => tried.typed.get(name).to_owned(),
            None => usual.to_owned(),
        }
    }

    /// What is wrong with a field.
    fn problem_of(&self, name: &str) -> Option<&str> {
        let problem = self.tried()?.problem.as_ref()?;
        (problem.field.as_deref() == Some(name)).then_some(&*problem.description)
    }
}
