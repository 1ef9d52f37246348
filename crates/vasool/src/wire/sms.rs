//! What an SMS gateway is sent.

use serde::Serialize;
use vasool_core::sandbox::Message;

#[derive(Serialize)]
struct SmsOut<'a> {
    id: String,
    to: &'a str,
    text: &'a str,
}

/// The body of the call.
pub fn sms_body(message: &Message) -> String {
    let out = SmsOut { id: message.id.to_string(), to: &message.to, text: &message.text };
    serde_json::to_string(&out).expect("texts are JSON")
}
