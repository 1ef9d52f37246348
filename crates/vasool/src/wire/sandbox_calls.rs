//! The sandbox's calls from the caller's side: what is typed at a terminal is what is sent. Source:
//! sandbox.

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

/// Money by bank transfer, to an account number.
#[derive(Debug, Args, Serialize)]
pub struct BankTransferCall {
    /// The account number that is paid.
    #[arg(long = "account", value_name = "NUMBER")]
    account_number: String,
    /// Its IFSC; the receiver's own when not given.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    ifsc: Option<String>,
    /// How much, in paise.
    #[arg(long, value_name = "PAISE")]
    amount: i64,
    /// NEFT, RTGS, IMPS or UPI.
    #[arg(long, default_value = "NEFT")]
    mode: String,
    /// The bank's reference; the same one again is the same payment. Made up when not given.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    utr: Option<String>,
    /// What the payer wrote.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    narration: Option<String>,
    #[command(flatten)]
    #[serde(skip_serializing_if = "AccountPayer::is_unknown")]
    payer: AccountPayer,
}

/// Who pays from a bank account.
#[derive(Debug, Args, Serialize)]
struct AccountPayer {
    /// The payer's name. With any of these the ones that are not given are unknown.
    #[arg(long = "payer-name", id = "payer_name", value_name = "NAME")]
    name: Option<String>,
    /// The payer's account number.
    #[arg(long = "payer-account", id = "payer_account", value_name = "NUMBER")]
    account_number: Option<String>,
    /// The payer's IFSC.
    #[arg(long = "payer-ifsc", id = "payer_ifsc", value_name = "IFSC")]
    ifsc: Option<String>,
    /// savings, current or nre.
    #[arg(long = "payer-account-type", id = "payer_account_type", value_name = "TYPE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    account_type: Option<String>,
}

impl AccountPayer {
    fn is_unknown(&self) -> bool {
        [&self.name, &self.account_number, &self.ifsc, &self.account_type]
            .into_iter()
            .all(Option::is_none)
    }
}

/// Money by UPI, to an address or a QR code.
#[derive(Debug, Args, Serialize)]
pub struct UpiPaymentCall {
    /// The UPI address that is paid.
    #[arg(long, required_unless_present = "qr_code")]
    #[serde(skip_serializing_if = "Option::is_none")]
    vpa: Option<String>,
    /// The QR code that is paid, `qr_…`.
    #[arg(long, conflicts_with = "vpa")]
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_code: Option<String>,
    /// How much, in paise.
    #[arg(long, value_name = "PAISE")]
    amount: i64,
    /// The bank's reference; the same one again is the same payment. Made up when not given.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    rrn: Option<String>,
    /// What the payer wrote.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    narration: Option<String>,
    #[command(flatten)]
    #[serde(skip_serializing_if = "UpiPayer::is_unknown")]
    payer: UpiPayer,
}

/// Who pays by UPI.
#[derive(Debug, Args, Serialize)]
struct UpiPayer {
    /// The payer's UPI address. With any of these the ones that are not given are unknown.
    #[arg(long = "payer-vpa", id = "payer_vpa", value_name = "VPA")]
    vpa: Option<String>,
    /// The payer's name.
    #[arg(long = "payer-name", id = "payer_name", value_name = "NAME")]
    name: Option<String>,
    /// The payer's account number.
    #[arg(long = "payer-account", id = "payer_account", value_name = "NUMBER")]
    account_number: Option<String>,
    /// The payer's IFSC.
    #[arg(long = "payer-ifsc", id = "payer_ifsc", value_name = "IFSC")]
    ifsc: Option<String>,
}

impl UpiPayer {
    fn is_unknown(&self) -> bool {
        [&self.vpa, &self.name, &self.account_number, &self.ifsc].into_iter().all(Option::is_none)
    }
}

/// What payer, bank or network do with a mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MandateMove {
    /// The payer approves; the bank accepts the signed form.
    Approve,
    /// They do not.
    Reject,
    /// The payer does nothing until it is too late.
    Expire,
    /// The payer pauses it.
    Pause,
    /// The payer resumes it.
    Resume,
    /// The payer ends it.
    Revoke,
    /// The network confirms that the merchant ended it.
    CancelOk,
    /// The network refuses that.
    CancelFail,
}

/// One move, and why.
#[derive(Debug, Args, Serialize)]
pub struct MandateCall {
    /// What happens; without it, what the payer's app shows.
    #[arg(value_enum)]
    pub action: Option<MandateMove>,
    /// Why it is rejected: a reason of the table of errors, or a code of NACH such as M003.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Which variant of that reason.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<i64>,
    /// The UPI address that approves.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    vpa: Option<String>,
    /// The name of who approves.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// What a bank says about a pending debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMove {
    /// It is paid.
    Succeed,
    /// It is not.
    Fail,
}

/// One answer of a bank, and why.
#[derive(Debug, Args, Serialize)]
pub struct PaymentCall {
    /// What the bank says.
    #[arg(value_enum)]
    action: PaymentMove,
    /// Why it failed: a reason of the table of errors, or a return code of NACH such as 04.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Which variant of that reason.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<i64>,
}

/// What a bank says about a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundMove {
    /// It is paid.
    Process,
    /// It is not.
    Fail,
}

/// One answer of a bank about a refund.
#[derive(Debug, Args, Serialize)]
pub struct RefundCall {
    /// What the bank says.
    #[arg(value_enum)]
    action: RefundMove,
}

/// What goes wrong, where, and how often.
#[derive(Debug, Args, Serialize)]
pub struct FaultCall {
    /// webhook, bank, upi or nach.
    #[arg(long)]
    target: String,
    /// webhook: duplicate, delay, drop, reorder, outage; others: timeout, error, late, duplicate.
    #[arg(long)]
    kind: String,
    /// For these events alone (webhook); may be given again.
    #[arg(long = "event", value_name = "EVENT")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<String>,
    /// For this operation alone (others): authorisation, debit, cancel, refund.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    /// How often.
    #[arg(long, default_value_t = 1)]
    times: i64,
    /// How long a delay or an outage lasts, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: i64,
}

/// Moves the clock, stops it or lets it run.
pub fn clock(advance: Option<i64>, freeze: Option<bool>) -> Json {
    let mut body = Map::new();
    if let Some(freeze) = freeze {
        body.insert("freeze".to_owned(), json!(freeze));
    }
    if let Some(seconds) = advance {
        body.insert("advance".to_owned(), json!(seconds));
    }
    Json::Object(body)
}

/// Sends events again.
pub fn replay(events: &[String]) -> Json {
    json!({ "event_ids": events })
}

/// Opens a merchant.
pub fn merchant(name: &str) -> Json {
    json!({ "name": name })
}

/// Settings that were typed as `KEY=VALUE`. A value is sent as text, which the server reads as what
/// the setting takes; `null` sets the default back, and a list is written as JSON.
pub fn settings(pairs: &[(String, String)]) -> Json {
    let value = |text: &str| match text.trim_start().as_bytes() {
        b"null" | [b'[' | b'{', ..] => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        _ => json!(text),
    };
    Json::Object(pairs.iter().map(|(key, text)| (key.clone(), value(text))).collect())
}

/// The query of a list: what is given of these names.
pub fn query(pairs: &[(&str, Option<String>)]) -> String {
    let given = pairs.iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    let parts: Vec<String> =
        given.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

/// Percent-encoded for a query or a path.
pub fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let each = text.bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    each.collect()
}

/// What a list of messages is asked for.
pub fn messages_query(to: Option<String>, channel: Option<String>, count: u32) -> String {
    query(&[("to", to), ("channel", channel), ("count", Some(count.to_string()))])
}

/// What a list of deliveries is asked for.
pub fn deliveries_query(event: Option<String>, endpoint: Option<String>, count: u32) -> String {
    query(&[("event", event), ("endpoint_id", endpoint), ("count", Some(count.to_string()))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_hold_what_is_given() {
        assert_eq!(messages_query(None, None, 5), "?count=5");
        let to = Some("a+b@example.com".to_owned());
        assert_eq!(messages_query(to, None, 5), "?to=a%2Bb%40example.com&count=5");
    }

    #[test]
    fn settings_are_sent_as_text_but_for_lists_and_null() {
        let pairs = [("auto", "false"), ("va_handle", "null"), ("va_bank", r#"[{"ifsc":"X"}]"#)];
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let expected = json!({"auto": "false", "va_handle": null, "va_bank": [{"ifsc": "X"}]});
        assert_eq!(settings(&pairs), expected);
    }
}
