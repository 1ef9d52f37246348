//! What banks and NPCI answer, as tables: one row per code, with what it becomes in the API.
//!
//! [`mandate`] holds the answers to a mandate, [`debit`] those to a debit. The 2025 rework of the
//! debit codes (circular 006/2024-25) was not available and is unverified (rails 5.6).

pub mod debit;
pub mod mandate;

/// A two-character reason of a debit, letters or digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code([u8; 2]);

impl Code {
    /// `00`: nothing went wrong.
    pub const SUCCESS: Code = Code(*b"00");
    /// `98` from a bank: it asks for more time.
    pub const EXTENSION: Code = Code(*b"98");

    /// A code by its text; `None` unless it is two capital letters or digits.
    pub fn new(text: &str) -> Option<Code> {
        let bytes: [u8; 2] = text.as_bytes().try_into().ok()?;
        let is_code = bytes.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        is_code.then_some(Code(bytes))
    }

    /// The two characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a code is ASCII")
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The error fields of a failed payment in the API. Source: paper-nach 7, 12.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// `error_code`.
    pub code: &'static str,
    /// `error_description`.
    pub description: &'static str,
    /// `error_source`.
    pub source: &'static str,
    /// `error_step`.
    pub step: &'static str,
    /// `error_reason`.
    pub reason: &'static str,
}

/// The step at which a bank's answer fails a payment.
const STEP: &str = "payment_authorization";
/// The description of most failures.
const FAILED: &str = "Payment failed";
