//! The order that asks for a mandate, as a merchant sends it. Source: reserve-pay 3.

use vasool_core::id::CustomerId;
use vasool_core::money::Paise;
use vasool_core::order::{CapturePlan, PartialPayment};
use vasool_core::orders::{MANDATE_SECONDS_MAX, MandateDraft, OrderDraft};
use vasool_core::settings::Settings;
use vasool_core::time::Time;
use vasool_core::token::RELEASE_SECONDS;

use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::required_entity_id;
use crate::wire::notes::read_notes;
use crate::wire::order::read_receipt;
use crate::wire::value::Value;
use crate::wire::virtual_account::raw;

const AMOUNT_MIN: i64 = 100;
/// Seconds by which a merchant's clock may be ahead of ours. Source: reserve-pay 3.
const CLOCK_GRACE_SECONDS: i64 = 60;
const TOKEN: &str = "token";
/// The `type` of a mandate that blocks money.
const BLOCK: &str = "single_block_multiple_debit";

/// Whether an order wants a mandate of UPI: it has a token of that type, or, unless it is for NACH, a
/// token with any type, or one that cannot be read. Source: reserve-pay 3.
pub fn asks_for_mandate(fields: &Fields<'_>) -> bool {
    let is_nach = matches!(fields.text("method"), Ok(Some(method)) if method == "nach");
    let token = fields.object(TOKEN);
    let is_block = |token: &Fields<'_>| matches!(token.value("type"), Some(Value::Text(given)) if given == BLOCK);
    match &token {
        Ok(None) => false,
        Ok(Some(token)) => is_block(token) || (!is_nach && token.is_present("type")),
        Err(_) => !is_nach,
    }
}

/// The first checks: amount, currency and the spelling of the customer's id. Whether there is such
/// a customer comes next, before [`read_terms`].
pub fn read_head(
    fields: &Fields<'_>,
    settings: &Settings,
) -> Result<(Paise, CustomerId), ApiError> {
    let amount = read_amount(fields, "amount", settings.block_limit)?;
    read_inr(fields)?;
    let customer = required_entity_id(fields, "customer_id", CustomerId::PREFIX)?;
    Ok((amount, CustomerId(raw(customer))))
}

/// `INR` and nothing else, with the text of UPI. Source: decisions 28.
pub fn read_inr(fields: &Fields<'_>) -> Result<(), ApiError> {
    match &*fields.required_text("currency")? {
        "INR" => Ok(()),
        _ => {
            let text = "The currency should be INR when method is upi";
            Err(ApiError::invalid_field("currency", text))
        }
    }
}

/// The checks after [`read_head`], in the printed order. `now`: the merchant's.
pub fn read_terms(
    fields: &Fields<'_>,
    settings: &Settings,
    now: Time,
    (amount, customer): (Paise, CustomerId),
) -> Result<OrderDraft, ApiError> {
    fields.required_choice("method", &["upi"])?;
    let token = fields.required_object(TOKEN)?.with_last_names();
    let max_amount = read_amount(&token, "max_amount", settings.block_limit)?;
    let expires_at = read_expire_at(&token, now)?;
    let invalid = |name| token.refuse(name, ApiError::selected_invalid);
    for (name, word) in [("frequency", "as_presented"), ("type", BLOCK)] {
        match token.value(name) {
            Some(Value::Text(given)) if given == word => {}
            _ => return Err(invalid(name)),
        }
    }
    Ok(OrderDraft {
        amount,
        receipt: read_receipt(fields)?,
        has_unique_receipt: fields.boolean("unique_receipt")?.unwrap_or(false)
            || settings.unique_receipts,
        // Nothing is paid or captured on this order.
        partial_payment: PartialPayment::Refused,
        capture: CapturePlan::default(),
        customer: Some(customer),
        mandate: Some(MandateDraft { max_amount, expires_at }),
        nach: None,
        notes: read_notes(fields)?,
    })
}

/// From one rupee to the limit of a block. Source: reserve-pay 3, decisions 38.
fn read_amount(fields: &Fields<'_>, name: &str, limit: i64) -> Result<Paise, ApiError> {
    let amount = fields.required_integer(name)?;
    if amount < AMOUNT_MIN {
        return Err(fields.refuse(name, |name| {
            let text = format!("The {} must be at least INR 1.00", name.replace('_', " "));
            ApiError::invalid(text)
        }));
    }
    let amount = Paise::new(amount).filter(|_| amount <= limit);
    amount.ok_or_else(|| fields.refuse(name, |_| ApiError::amount_too_large()))
}

fn read_expire_at(token: &Fields<'_>, now: Time) -> Result<Option<Time>, ApiError> {
    let name = "expire_at";
    let not_integer = |_| token.refuse(name, ApiError::must_be_integer);
    let Some(at) = token.time(name).map_err(not_integer)? else { return Ok(None) };
    let refuse = |text: &'static str| Err(token.refuse(name, |_| ApiError::invalid(text)));
    if at <= now.plus_seconds(RELEASE_SECONDS).0 {
        return refuse("The expire at must be at least 10 minutes from now.");
    }
    if at > now.plus_seconds(MANDATE_SECONDS_MAX + CLOCK_GRACE_SECONDS).0 {
        return refuse("The expire at cannot be more than 90 days from now.");
    }
    Ok(Some(Time(at)))
}

#[cfg(test)]
mod tests {
    use vasool_core::scope::Mode;

    use super::*;
    use crate::wire::body::decode_body;

    const NOW: Time = Time(1_780_000_000);

    /// A refusal of a body that is right but for `change`, as `text | field`.
    fn refused(change: &str) -> String {
        let body = format!(
            r#"{{"amount":200000,"currency":"INR","customer_id":"cust_SbmdCust000001","method":"upi",
            "token":{{"max_amount":200000,"frequency":"as_presented",
            "type":"single_block_multiple_debit"}},{change}}}"#
        );
        let value = decode_body(Some("application/json"), body.as_bytes()).unwrap();
        let fields = Fields::of_body(&value);
        let settings = Settings::defaults(Mode::Test);
        let read = read_head(&fields, &settings)
            .and_then(|head| read_terms(&fields, &settings, NOW, head));
        match read {
            Ok(_) => "fine".to_owned(),
            Err(error) => format!("{} | {}", error.description, error.field.unwrap_or_default()),
        }
    }

    /// The token with one key more, which beats an earlier one of its name.
    fn token(change: &str) -> String {
        refused(&format!(
            r#""token":{{"max_amount":200000,"frequency":"as_presented",
            "type":"single_block_multiple_debit",{change}}}"#
        ))
    }

    #[test]
    fn rp_08_and_13_amount_currency_method() {
        for (change, want) in [
            (r#""amount":100"#, "fine"),
            (r#""amount":"1500000""#, "fine"),
            (r#""amount":99"#, "The amount must be at least INR 1.00 | amount"),
            (r#""amount":1500001"#, "Amount exceeds maximum amount allowed | amount"),
            (r#""amount":1.5"#, "The amount must be an integer. | amount"),
            (r#""amount":null"#, "The amount field is required. | amount"),
            (r#""currency":"USD""#, "The currency should be INR when method is upi | currency"),
            (r#""currency":null"#, "The currency field is required. | currency"),
            (r#""customer_id":null"#, "The customer id field is required. | customer_id"),
            (r#""method":"card""#, "The selected method is invalid. | method"),
            (r#""method":null"#, "The method field is required. | method"),
            (r#""token":"x""#, "The token must be an array. | token"),
        ] {
            assert_eq!(refused(change), want, "{change}");
        }
    }

    #[test]
    fn rp_09_11_and_12_the_token() {
        let late = NOW.0 + 7_776_000;
        let cases = [
            (r#""max_amount":100"#.to_owned(), "fine"),
            (r#""max_amount":"1500000""#.to_owned(), "fine"),
            (
                r#""max_amount":99"#.to_owned(),
                "The max amount must be at least INR 1.00 | token.max_amount",
            ),
            (
                r#""max_amount":1500001"#.to_owned(),
                "Amount exceeds maximum amount allowed | token.max_amount",
            ),
            (
                r#""max_amount":"x""#.to_owned(),
                "The max amount must be an integer. | token.max_amount",
            ),
            (
                r#""max_amount":null"#.to_owned(),
                "The max amount field is required. | token.max_amount",
            ),
            (format!(r#""expire_at":{late}"#), "fine"),
            (format!(r#""expire_at":"{}""#, late + 60), "fine"),
            (
                format!(r#""expire_at":{}"#, late + 61),
                "The expire at cannot be more than 90 days from now. | token.expire_at",
            ),
            (
                format!(r#""expire_at":{}"#, NOW.0 + 600),
                "The expire at must be at least 10 minutes from now. | token.expire_at",
            ),
            (format!(r#""expire_at":{}"#, NOW.0 + 601), "fine"),
            (
                r#""expire_at":"soon""#.to_owned(),
                "The expire at must be an integer. | token.expire_at",
            ),
            (
                r#""frequency":"one_time""#.to_owned(),
                "The selected frequency is invalid. | token.frequency",
            ),
            (
                r#""frequency":null"#.to_owned(),
                "The selected frequency is invalid. | token.frequency",
            ),
            (r#""type":"autopay""#.to_owned(), "The selected type is invalid. | token.type"),
        ];
        for (change, want) in cases {
            assert_eq!(token(&change), want, "{change}");
        }
    }

    #[test]
    fn only_a_token_with_a_type_asks_for_a_mandate() {
        for (json, want) in [
            (r#"{"amount":1}"#, false),
            (r#"{"token":null}"#, false),
            (r#"{"token":{"max_amount":5}}"#, false),
            (r#"{"token":{"type":"x"}}"#, true),
            (r#"{"token":"x"}"#, true),
            (r#"{"token":{"type":"x"},"method":"nach"}"#, false),
        ] {
            let value = decode_body(Some("application/json"), json.as_bytes()).unwrap();
            assert_eq!(asks_for_mandate(&Fields::of_body(&value)), want, "{json}");
        }
    }
}
