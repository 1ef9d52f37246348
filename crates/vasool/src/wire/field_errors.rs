//! Error texts about single fields that the catalogue does not number.

use super::error::ApiError;

/// Refusals of single fields beyond the catalogue (contract 1.6, 3, 4 and 5.8).
///
/// `field` is the dotted name; its underscores become blanks in the text.
impl ApiError {
    /// A boolean field holds something else (1.6).
    pub fn must_be_boolean(field: &str) -> Self {
        let text = format!("The {} field must be true or false.", words(field));
        ApiError::invalid_field(field.to_owned(), text)
    }

    /// A text field holds something else (1.6).
    pub fn must_be_string(field: &str) -> Self {
        let text = format!("The {} must be a string.", words(field));
        ApiError::invalid_field(field.to_owned(), text)
    }

    /// A list or an object is expected (1.6).
    pub fn must_be_array(field: &str) -> Self {
        let text = format!("The {} must be an array.", words(field));
        ApiError::invalid_field(field.to_owned(), text)
    }

    /// A time is neither an integer nor a date-time (1.6): the one text with the bare name.
    pub fn time_must_be_integer(field: &str) -> Self {
        ApiError::invalid_field(field.to_owned(), format!("{field} must be an integer"))
    }

    /// A number below its bound (4.1).
    pub fn must_be_at_least(field: &str, bound: i64) -> Self {
        let text = format!("The {} must be at least {bound}.", words(field));
        ApiError::invalid_field(field.to_owned(), text)
    }

    /// A number above its bound (4.1).
    pub fn may_not_exceed(field: &str, bound: i64) -> Self {
        let text = format!("The {} may not be greater than {bound}.", words(field));
        ApiError::invalid_field(field.to_owned(), text)
    }

    /// A text with more characters than its bound (6.3).
    pub fn too_long(field: &str, bound: usize) -> Self {
        let text = format!("The {} may not be greater than {bound} characters.", words(field));
        ApiError::invalid_field(field.to_owned(), text)
    }

    /// A currency this account does not take (3.1).
    pub fn invalid_currency() -> Self {
        let text = "currency: validation_failure: BAD_REQUEST_INVALID_CURRENCY.";
        ApiError::invalid_field("currency", text)
    }

    /// An idempotency key of less than 10 characters (5.8).
    pub fn idempotency_key_too_short() -> Self {
        ApiError::invalid("The idempotency key must be at least 10 characters long.")
    }

    /// An idempotency key with other characters than its alphabet (5.8).
    pub fn idempotency_key_malformed() -> Self {
        ApiError::invalid(
            "The idempotency key must only contain alphanumeric characters, underscores, \
             and hyphens",
        )
    }
}

/// How a field is called in a sentence: blanks for underscores, dots kept (contract 1.6).
pub(super) fn words(field: &str) -> String {
    field.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_about_one_field() {
        for (error, want) in [
            (
                ApiError::must_be_boolean("partial_payment"),
                "The partial payment field must be true or false. | partial_payment",
            ),
            (
                ApiError::must_be_string("bank_account.ifsc"),
                "The bank account.ifsc must be a string. | bank_account.ifsc",
            ),
            (ApiError::must_be_array("token"), "The token must be an array. | token"),
            (ApiError::time_must_be_integer("close_by"), "close_by must be an integer | close_by"),
            (ApiError::must_be_at_least("count", 1), "The count must be at least 1. | count"),
            (
                ApiError::may_not_exceed("count", 100),
                "The count may not be greater than 100. | count",
            ),
            (
                ApiError::too_long("name", 50),
                "The name may not be greater than 50 characters. | name",
            ),
            (
                ApiError::invalid_currency(),
                "currency: validation_failure: BAD_REQUEST_INVALID_CURRENCY. | currency",
            ),
            (
                ApiError::idempotency_key_too_short(),
                "The idempotency key must be at least 10 characters long. | -",
            ),
            (
                ApiError::idempotency_key_malformed(),
                "The idempotency key must only contain alphanumeric characters, underscores, and hyphens | -",
            ),
        ] {
            let (text, field) = want.split_once(" | ").unwrap();
            let validation = match field {
                "-" => ApiError::invalid(text),
                field => ApiError::invalid_field(field, text),
            };
            assert_eq!(error, validation);
        }
    }
}
