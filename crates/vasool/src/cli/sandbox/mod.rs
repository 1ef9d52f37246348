//! `vasool sandbox …`: a developer's calls to a running server, over HTTP with a test key; and the
//! other side of rails.

mod calls;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::nach_bank::{self, NachBankArgs};
use super::table::{Side, Table, say_pairs};
use super::{CliResult, JsonArgs, say};
use crate::wire::sandbox_calls::{
    self, BankTransferCall, FaultCall, MandateCall, PaymentCall, RefundCall, UpiPaymentCall,
};
use crate::wire::shown::{Shown, shown};
use calls::{Call, Server};

/// Which server, and who asks.
#[derive(Debug, Args)]
pub struct ServerArgs {
    /// Where the server is.
    #[arg(long, env = "VASOOL_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The test key's id, `rzp_test_…`.
    #[arg(long, env = "VASOOL_KEY_ID")]
    key: Option<String>,
    /// The test key's secret.
    #[arg(long, env = "VASOOL_KEY_SECRET", hide_env_values = true)]
    secret: Option<String>,
    #[command(flatten)]
    output: JsonArgs,
}

/// One thing that the other side does.
#[derive(Debug, Subcommand)]
pub enum SandboxAction {
    /// Pay into a virtual account's account number.
    Pay(With<BankTransferCall>),
    /// Pay to a UPI address or a QR code.
    UpiPay(With<UpiPaymentCall>),
    /// Show the test clock, move it, stop it.
    Clock(With<ClockArgs>),
    /// Show a mandate as the payer's app does, or let payer, bank or network act on it.
    Mandate(With<About<MandateCall>>),
    /// Let the bank decide a pending debit.
    Payment(With<About<PaymentCall>>),
    /// Let the bank decide a refund.
    Refund(With<About<RefundCall>>),
    /// Make webhooks and rails go wrong on purpose.
    #[command(subcommand)]
    Faults(FaultsAction),
    /// List mails and SMS that would have gone out, newest first.
    Messages(With<MessagesArgs>),
    /// List webhook calls, newest first.
    Deliveries(With<DeliveriesArgs>),
    /// Show the merchant's settings, or change some.
    Settings(With<SettingsArgs>),
    /// Send events to a webhook again.
    Replay(With<ReplayArgs>),
    /// Open a merchant of one's own with its own data, clock and key.
    Merchant(With<MerchantArgs>),
    /// Forget the merchant's test data and settings, and set its clock to real time.
    Reset(With<Nothing>),
    /// Play sponsor bank, NPCI and payers' banks over a directory of files: acknowledge and answer
    /// everything that is there, once.
    NachBank(NachBankArgs),
}

/// A call and the server it goes to.
#[derive(Debug, Args)]
pub struct With<T: Args> {
    #[command(flatten)]
    call: T,
    #[command(flatten)]
    server: ServerArgs,
}

/// A call about one thing.
#[derive(Debug, Args)]
pub struct About<T: Args> {
    /// Its id.
    id: String,
    #[command(flatten)]
    call: T,
}

/// No further words.
#[derive(Debug, Args)]
pub struct Nothing {}

/// What the clock does.
#[derive(Debug, Args)]
pub struct ClockArgs {
    /// Move it forward, such as 45s, 15m, 6h or 90d; a bare number is seconds. Everything that
    /// falls due on the way has happened when this ends.
    #[arg(long, value_parser = seconds, value_name = "TIME")]
    advance: Option<i64>,
    /// Stop it.
    #[arg(long)]
    freeze: bool,
    /// Let it run again.
    #[arg(long, conflicts_with = "freeze")]
    thaw: bool,
}

/// Faults.
#[derive(Debug, Subcommand)]
pub enum FaultsAction {
    /// What is armed, and what has fired.
    List(With<Nothing>),
    /// Let the next calls go wrong.
    Arm(With<FaultCall>),
    /// Disarm all.
    Clear(With<Nothing>),
}

/// Which messages.
#[derive(Debug, Args)]
pub struct MessagesArgs {
    /// To this address or number.
    #[arg(long)]
    to: Option<String>,
    /// email or sms.
    #[arg(long)]
    channel: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 20)]
    count: u32,
}

/// Which calls.
#[derive(Debug, Args)]
pub struct DeliveriesArgs {
    /// Of this event, such as payment.captured.
    #[arg(long)]
    event: Option<String>,
    /// To this webhook.
    #[arg(long)]
    endpoint: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 20)]
    count: u32,
}

/// Which settings change.
#[derive(Debug, Args)]
pub struct SettingsArgs {
    /// `KEY=VALUE`; `null` sets the default back. All are changed or none.
    #[arg(value_parser = pair, value_name = "KEY=VALUE")]
    pairs: Vec<(String, String)>,
}

/// What is told again.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The webhook.
    endpoint: String,
    /// Ids of events, as `x-razorpay-event-id` and `vasool events tail` tell them.
    #[arg(required = true)]
    events: Vec<String>,
}

/// Who is opened.
#[derive(Debug, Args)]
pub struct MerchantArgs {
    /// Its name.
    #[arg(long)]
    name: String,
}

/// Does one call and prints the answer.
pub fn run(action: SandboxAction) -> CliResult {
    use FaultsAction::{Arm, Clear, List};
    use SandboxAction::*;
    let base = "/v1/sandbox";
    match action {
        Pay(with) => post(with, |call| (format!("{base}/bank_transfers"), Call::json(&call))),
        UpiPay(with) => post(with, |call| (format!("{base}/upi_payments"), Call::json(&call))),
        Clock(With { call, server }) => {
            let freeze = (call.freeze || call.thaw).then_some(call.freeze);
            let path = format!("{base}/clock");
            match (call.advance, freeze) {
                (None, None) => finish(&server, Call::get(path)),
                (advance, freeze) => {
                    finish(&server, Call::post(path, sandbox_calls::clock(advance, freeze)))
                }
            }
        }
        Mandate(With { call: About { id, call }, server }) => {
            let path = format!("{base}/mandates/{}", sandbox_calls::escaped(&id));
            match call.action {
                None => finish(&server, Call::get(path)),
                Some(_) => finish(&server, Call::post(path, Call::json(&call))),
            }
        }
        Payment(with) => steer(with, "payments", |call| Call::json(&call)),
        Refund(with) => steer(with, "refunds", |call| Call::json(&call)),
        Faults(List(with)) => finish(&with.server, Call::get(format!("{base}/faults"))),
        Faults(Arm(with)) => post(with, |call| (format!("{base}/faults"), Call::json(&call))),
        Faults(Clear(with)) => finish(&with.server, Call::delete(format!("{base}/faults"))),
        Messages(With { call, server }) => {
            let query = sandbox_calls::messages_query(call.to, call.channel, call.count);
            finish(&server, Call::get(format!("{base}/messages{query}")))
        }
        Deliveries(With { call, server }) => {
            let query = sandbox_calls::deliveries_query(call.event, call.endpoint, call.count);
            finish(&server, Call::get(format!("{base}/deliveries{query}")))
        }
        Settings(With { call, server }) => {
            let path = format!("{base}/settings");
            match call.pairs.is_empty() {
                true => finish(&server, Call::get(path)),
                false => finish(&server, Call::patch(path, sandbox_calls::settings(&call.pairs))),
            }
        }
        Replay(with) => post(with, |call| {
            let id = sandbox_calls::escaped(&call.endpoint);
            (format!("{base}/webhooks/{id}/replay"), sandbox_calls::replay(&call.events))
        }),
        Merchant(with) => {
            post(with, |call| (format!("{base}/merchants"), sandbox_calls::merchant(&call.name)))
        }
        Reset(with) => finish(&with.server, Call::delete(base.to_owned())),
        NachBank(args) => nach_bank::run(&args),
    }
}

fn post<T: Args>(with: With<T>, call: impl Fn(T) -> (String, serde_json::Value)) -> CliResult {
    let (path, body) = call(with.call);
    finish(&with.server, Call::post(path, body))
}

fn steer<T: Args>(
    with: With<About<T>>,
    what: &str,
    body: impl Fn(T) -> serde_json::Value,
) -> CliResult {
    let About { id, call } = with.call;
    let path = format!("/v1/sandbox/{what}/{}", sandbox_calls::escaped(&id));
    finish(&with.server, Call::post(path, body(call)))
}

fn finish(args: &ServerArgs, call: Call) -> CliResult {
    let server = Server::of(&args.url, args.key.as_deref(), args.secret.as_deref())?;
    let answer = server.ask(call)?;
    if args.output.json {
        say(&answer.to_string());
        return Ok(ExitCode::SUCCESS);
    }
    match shown(&answer) {
        Shown::Table(_, rows) if rows.is_empty() => say("nothing"),
        Shown::Table(titles, rows) => {
            let columns: Vec<_> = titles.iter().map(|title| (*title, Side::Left)).collect();
            let mut table = Table::new(&columns);
            table.rows(rows);
            table.say();
        }
        Shown::Pairs(pairs) => say_pairs(&pairs),
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a length of time, such as `90d`.
fn seconds(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text:?} is not a time such as 45s, 15m, 6h or 90d");
    let (number, unit) = match text.chars().last() {
        Some('s') => (&text[..text.len() - 1], 1),
        Some('m') => (&text[..text.len() - 1], 60),
        Some('h') => (&text[..text.len() - 1], 3_600),
        Some('d') => (&text[..text.len() - 1], 86_400),
        _ => (text, 1),
    };
    let number: i64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(unit).filter(|seconds| *seconds >= 0).ok_or_else(wrong)
}

/// Reads `KEY=VALUE`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not KEY=VALUE"))?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, expected) in [("90", 90), ("45s", 45), ("15m", 900), ("6h", 21_600)] {
            assert_eq!(seconds(text), Ok(expected));
        }
        assert_eq!(seconds("90d"), Ok(7_776_000));
        for wrong in ["", "d", "-1d", "1w", "1.5h", "9223372036854775807d"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
