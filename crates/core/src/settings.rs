//! What a merchant may choose. Source: smart-collect 2, sandbox 8, decisions 38.

use crate::scope::Mode;

/// A bank that receives money for virtual accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectingBank {
    /// IFSC printed on new bank-account receivers.
    pub ifsc: String,
    /// Its name; `None` for the test bank.
    pub bank_name: Option<String>,
}

/// The value of one setting as it is given, shown and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// A whole number.
    Integer(i64),
    /// On or off.
    Switch(bool),
    /// A text; `None` where nothing is set.
    Text(Option<String>),
    /// A decimal factor in millionths, such as 1000 for 0.001.
    Millionths(i64),
    /// The list of collecting banks.
    Banks(Vec<CollectingBank>),
}

/// Which values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// A whole number between two bounds, both allowed.
    Integer(i64, i64),
    /// On or off.
    Switch,
    /// Letters and digits, with a least and a greatest length.
    Word(usize, usize),
    /// So many digits.
    Digits(usize),
    /// Letters and digits, or nothing.
    OptionalWord(usize, usize),
    /// Any text up to a length, or nothing for the default.
    Label(usize),
    /// A decimal factor above zero.
    Factor,
    /// A list of collecting banks.
    Banks,
}

/// Every setting of a merchant in one mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `name` of virtual accounts and receivers; `None` is the merchant's name.
    pub billing_label: Option<String>,
    /// Banks of new bank-account receivers.
    pub va_bank: Vec<CollectingBank>,
    /// Static head of account numbers, 6 to 8 characters.
    pub va_number_prefix: String,
    /// Whether a bank-account descriptor may be chosen.
    pub va_custom_descriptor: bool,
    /// Four characters for vanity numbers.
    pub va_handle: Option<String>,
    /// First label of a UPI address' username.
    pub vpa_namespace: String,
    /// What follows the dot in it, 4 to 10 characters.
    pub vpa_merchant_prefix: String,
    /// What stands behind the `@`.
    pub vpa_handle: String,
    /// Whether a UPI address may be made in test mode.
    pub vpa_in_test_mode: bool,
    /// Whether a QR code may be a receiver.
    pub va_qr_enabled: bool,
    /// The largest UPI payment, paise. Source: smart-collect 9.
    pub upi_limit: i64,
    /// Days without a credit after which an account closes; 0 is never.
    pub va_dormancy_days: i64,
    /// Fee on payments to virtual accounts, basis points.
    pub va_fee_bps: u32,
    /// Fee on payments to standalone QR codes, basis points. Source: common 8.6.
    pub qr_fee_bps: u32,
    /// Fee on payments by UPI that a merchant starts, basis points. Source: common 8.6.
    pub upi_fee_bps: u32,
    /// Fee on debits over NACH, basis points. Source: common A25.
    pub nach_fee_bps: u32,
    /// The merchant's utility code, as printed on forms of mandates.
    pub nach_utility_code: Option<String>,
    /// The sponsor bank's code, as printed on forms of mandates.
    pub nach_sponsor_code: Option<String>,
    /// Whether lists of tokens show those by UPI. Source: reserve-pay 7.
    pub save_vpa: bool,
    /// How long a payer may take to approve a mandate, seconds. Source: reserve-pay 5.3.
    pub approval_window: i64,
    /// The largest block, and the largest debit of one, paise. Source: reserve-pay AMB-01.
    pub block_limit: i64,
    /// What the merchant sells, in the network's four digits.
    pub merchant_category: String,
    /// The largest order and payment that a merchant starts, paise. Source: common 3.1.
    pub amount_limit: i64,
    /// Whether payments of an order that says nothing are captured at once. Source: common 7.3.
    pub payment_capture: bool,
    /// Whether every order's receipt must be the only one of its kind. Source: common 7.3.
    pub unique_receipts: bool,
    /// Whether the sandbox's banks answer by themselves.
    pub auto: bool,
    /// How long they take, seconds on the merchant's clock.
    pub auto_delay: i64,
    /// How long a bulk file stays `created`, seconds on the merchant's clock. Source: smart-collect
    /// 5.18.
    pub batch_delay: i64,
    /// Refuse refunds beyond what the merchant is owed.
    pub refund_balance_check: bool,
    /// Refuse parameters nobody asked for.
    pub strict_params: bool,
    /// Requests per second of one merchant; 0 is no limit.
    pub rate_limit_per_second: i64,
    /// Factor on webhook retry gaps and on the 24 hours, in millionths.
    pub webhook_time_scale: i64,
    /// How long a webhook receiver may take to answer, real milliseconds.
    pub webhook_timeout_ms: i64,
    /// Refuse webhook addresses that are not public.
    pub webhook_public_urls_only: bool,
}

/// The longest delay, seconds: as far as one call may move a clock.
const DELAY_MAX: i64 = crate::tenant::ADVANCE_SECONDS_MAX;

/// Names and kinds of all settings, in the order they are shown.
pub const SETTINGS: &[(&str, SettingKind)] = &[
    ("auto", SettingKind::Switch),
    ("auto_delay", SettingKind::Integer(0, DELAY_MAX)),
    ("billing_label", SettingKind::Label(120)),
    ("va_bank", SettingKind::Banks),
    ("va_number_prefix", SettingKind::Word(6, 8)),
    ("va_custom_descriptor", SettingKind::Switch),
    ("va_handle", SettingKind::OptionalWord(4, 4)),
    ("vpa_namespace", SettingKind::Word(1, 20)),
    ("vpa_merchant_prefix", SettingKind::Word(4, 10)),
    ("vpa_handle", SettingKind::Word(2, 64)),
    ("vpa_in_test_mode", SettingKind::Switch),
    ("va_qr_enabled", SettingKind::Switch),
    ("upi_limit", SettingKind::Integer(100, 100_000_000)),
    ("va_dormancy_days", SettingKind::Integer(0, 36_500)),
    ("va_fee_bps", SettingKind::Integer(0, 10_000)),
    ("qr_fee_bps", SettingKind::Integer(0, 10_000)),
    ("upi_fee_bps", SettingKind::Integer(0, 10_000)),
    ("nach_fee_bps", SettingKind::Integer(0, 10_000)),
    ("nach_utility_code", SettingKind::Label(18)),
    ("nach_sponsor_code", SettingKind::Label(11)),
    ("save_vpa", SettingKind::Switch),
    ("approval_window", SettingKind::Integer(1, DELAY_MAX)),
    ("block_limit", SettingKind::Integer(100, 900_000_000_000_000)),
    ("merchant_category", SettingKind::Digits(4)),
    ("amount_limit", SettingKind::Integer(100, 900_000_000_000_000)),
    ("payment_capture", SettingKind::Switch),
    ("unique_receipts", SettingKind::Switch),
    ("batch_delay", SettingKind::Integer(0, DELAY_MAX)),
    ("refund_balance_check", SettingKind::Switch),
    ("strict_params", SettingKind::Switch),
    ("rate_limit_per_second", SettingKind::Integer(0, 1_000_000)),
    ("webhook_time_scale", SettingKind::Factor),
    ("webhook_timeout_ms", SettingKind::Integer(1, 60_000)),
    ("webhook_public_urls_only", SettingKind::Switch),
];

impl Settings {
    /// The settings of a merchant who chose nothing. Source: smart-collect 2.
    pub fn defaults(mode: Mode) -> Settings {
        let (bank, prefix) = match mode {
            Mode::Test => {
                (CollectingBank { ifsc: "RAZR0000001".to_owned(), bank_name: None }, "111222")
            }
            Mode::Live => (
                CollectingBank {
                    ifsc: "RATN0VAAPIS".to_owned(),
                    bank_name: Some("RBL Bank".to_owned()),
                },
                "222333",
            ),
        };
        Settings {
            billing_label: None,
            va_bank: vec![bank],
            va_number_prefix: prefix.to_owned(),
            va_custom_descriptor: true,
            va_handle: None,
            vpa_namespace: "rpy".to_owned(),
            vpa_merchant_prefix: "payto00000".to_owned(),
            vpa_handle: "icici".to_owned(),
            vpa_in_test_mode: true,
            va_qr_enabled: true,
            upi_limit: 10_000_000,
            va_dormancy_days: 90,
            va_fee_bps: 100,
            qr_fee_bps: 0,
            upi_fee_bps: 200,
            nach_fee_bps: 200,
            nach_utility_code: None,
            nach_sponsor_code: None,
            save_vpa: true,
            approval_window: 600,
            block_limit: 1_500_000,
            merchant_category: "5411".to_owned(),
            amount_limit: 50_000_000,
            payment_capture: true,
            unique_receipts: false,
            auto: true,
            auto_delay: 3,
            batch_delay: 0,
            refund_balance_check: false,
            strict_params: false,
            rate_limit_per_second: 0,
            webhook_time_scale: 1_000_000,
            webhook_timeout_ms: 5_000,
            webhook_public_urls_only: false,
        }
    }

    /// The value of a setting; `None` for a name that does not exist.
    pub fn get(&self, name: &str) -> Option<SettingValue> {
        use SettingValue::*;
        Some(match name {
            "billing_label" => Text(self.billing_label.clone()),
            "va_bank" => Banks(self.va_bank.clone()),
            "va_number_prefix" => Text(Some(self.va_number_prefix.clone())),
            "va_custom_descriptor" => Switch(self.va_custom_descriptor),
            "va_handle" => Text(self.va_handle.clone()),
            "vpa_namespace" => Text(Some(self.vpa_namespace.clone())),
            "vpa_merchant_prefix" => Text(Some(self.vpa_merchant_prefix.clone())),
            "vpa_handle" => Text(Some(self.vpa_handle.clone())),
            "vpa_in_test_mode" => Switch(self.vpa_in_test_mode),
            "va_qr_enabled" => Switch(self.va_qr_enabled),
            "upi_limit" => Integer(self.upi_limit),
            "va_dormancy_days" => Integer(self.va_dormancy_days),
            "va_fee_bps" => Integer(i64::from(self.va_fee_bps)),
            "qr_fee_bps" => Integer(i64::from(self.qr_fee_bps)),
            "upi_fee_bps" => Integer(i64::from(self.upi_fee_bps)),
            "nach_fee_bps" => Integer(i64::from(self.nach_fee_bps)),
            "nach_utility_code" => Text(self.nach_utility_code.clone()),
            "nach_sponsor_code" => Text(self.nach_sponsor_code.clone()),
            "save_vpa" => Switch(self.save_vpa),
            "approval_window" => Integer(self.approval_window),
            "block_limit" => Integer(self.block_limit),
            "merchant_category" => Text(Some(self.merchant_category.clone())),
            "amount_limit" => Integer(self.amount_limit),
            "payment_capture" => Switch(self.payment_capture),
            "unique_receipts" => Switch(self.unique_receipts),
            "auto" => Switch(self.auto),
            "auto_delay" => Integer(self.auto_delay),
            "batch_delay" => Integer(self.batch_delay),
            "refund_balance_check" => Switch(self.refund_balance_check),
            "strict_params" => Switch(self.strict_params),
            "rate_limit_per_second" => Integer(self.rate_limit_per_second),
            "webhook_time_scale" => Millionths(self.webhook_time_scale),
            "webhook_timeout_ms" => Integer(self.webhook_timeout_ms),
            "webhook_public_urls_only" => Switch(self.webhook_public_urls_only),
            _ => return None,
        })
    }

    /// Changes one setting. False, and nothing changed, when the name is unknown or the value is
    /// not of its [`SettingKind`].
    #[must_use]
    pub fn set(&mut self, name: &str, value: SettingValue) -> bool {
        use SettingValue::*;
        let Some((_, kind)) = SETTINGS.iter().find(|(known, _)| *known == name) else {
            return false;
        };
        if !kind.admits(&value) {
            return false;
        }
        match (name, value) {
            ("billing_label", Text(label)) => self.billing_label = label,
            ("va_bank", Banks(banks)) => self.va_bank = banks,
            ("va_number_prefix", Text(Some(prefix))) => {
                self.va_number_prefix = prefix.to_ascii_uppercase();
            }
            ("va_custom_descriptor", Switch(on)) => self.va_custom_descriptor = on,
            ("va_handle", Text(handle)) => {
                self.va_handle = handle.map(|handle| handle.to_ascii_uppercase());
            }
            ("vpa_namespace", Text(Some(label))) => {
                self.vpa_namespace = label.to_ascii_lowercase();
            }
            ("vpa_merchant_prefix", Text(Some(prefix))) => {
                self.vpa_merchant_prefix = prefix.to_ascii_lowercase();
            }
            ("vpa_handle", Text(Some(handle))) => self.vpa_handle = handle.to_ascii_lowercase(),
            ("vpa_in_test_mode", Switch(on)) => self.vpa_in_test_mode = on,
            ("va_qr_enabled", Switch(on)) => self.va_qr_enabled = on,
            ("upi_limit", Integer(paise)) => self.upi_limit = paise,
            ("va_dormancy_days", Integer(days)) => self.va_dormancy_days = days,
            ("va_fee_bps", Integer(bps)) => self.va_fee_bps = u32::try_from(bps).unwrap_or(0),
            ("qr_fee_bps", Integer(bps)) => self.qr_fee_bps = u32::try_from(bps).unwrap_or(0),
            ("upi_fee_bps", Integer(bps)) => self.upi_fee_bps = u32::try_from(bps).unwrap_or(0),
            ("nach_fee_bps", Integer(bps)) => self.nach_fee_bps = u32::try_from(bps).unwrap_or(0),
            ("nach_utility_code", Text(code)) => self.nach_utility_code = code,
            ("nach_sponsor_code", Text(code)) => self.nach_sponsor_code = code,
            ("save_vpa", Switch(on)) => self.save_vpa = on,
            ("approval_window", Integer(seconds)) => self.approval_window = seconds,
            ("block_limit", Integer(paise)) => self.block_limit = paise,
            ("merchant_category", Text(Some(code))) => self.merchant_category = code,
            ("amount_limit", Integer(paise)) => self.amount_limit = paise,
            ("payment_capture", Switch(on)) => self.payment_capture = on,
            ("unique_receipts", Switch(on)) => self.unique_receipts = on,
            ("auto", Switch(on)) => self.auto = on,
            ("auto_delay", Integer(seconds)) => self.auto_delay = seconds,
            ("batch_delay", Integer(seconds)) => self.batch_delay = seconds,
            ("refund_balance_check", Switch(on)) => self.refund_balance_check = on,
            ("strict_params", Switch(on)) => self.strict_params = on,
            ("rate_limit_per_second", Integer(limit)) => self.rate_limit_per_second = limit,
            ("webhook_time_scale", Millionths(factor)) => self.webhook_time_scale = factor,
            ("webhook_timeout_ms", Integer(millis)) => self.webhook_timeout_ms = millis,
            ("webhook_public_urls_only", Switch(on)) => self.webhook_public_urls_only = on,
            _ => return false,
        }
        true
    }
}

impl SettingKind {
    /// Whether a value fits this kind and its bounds.
    pub fn admits(self, value: &SettingValue) -> bool {
        let word = |text: &str, least: usize, most: usize| {
            (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        match (self, value) {
            (SettingKind::Integer(least, most), SettingValue::Integer(n)) => {
                (least..=most).contains(n)
            }
            (SettingKind::Switch, SettingValue::Switch(_)) => true,
            (SettingKind::Word(least, most), SettingValue::Text(Some(text))) => {
                word(text, least, most)
            }
            (SettingKind::Digits(count), SettingValue::Text(Some(text))) => {
                text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
            }
            (SettingKind::OptionalWord(..), SettingValue::Text(None)) => true,
            (SettingKind::OptionalWord(least, most), SettingValue::Text(Some(text))) => {
                word(text, least, most)
            }
            (SettingKind::Label(_), SettingValue::Text(None)) => true,
            (SettingKind::Label(most), SettingValue::Text(Some(text))) => {
                (1..=most).contains(&text.chars().count())
            }
            (SettingKind::Factor, SettingValue::Millionths(n)) => (1..=1_000_000_000).contains(n),
            (SettingKind::Banks, SettingValue::Banks(banks)) => {
                (1..=5).contains(&banks.len()) && banks.iter().all(|bank| is_ifsc(&bank.ifsc))
            }
            _ => false,
        }
    }
}

/// Whether a text has the shape of an IFSC: four letters, a zero, six letters or digits.
/// Source: smart-collect 5.2, rails 2.2.
pub fn is_ifsc(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 11
        && bytes[..4].iter().all(u8::is_ascii_uppercase)
        && bytes[4] == b'0'
        && bytes[5..].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_setting_reads_back_what_was_set() {
        for mode in [Mode::Test, Mode::Live] {
            let mut settings = Settings::defaults(mode);
            for (name, _) in SETTINGS {
                let value = settings.get(name).expect("a listed setting exists");
                assert!(settings.set(name, value.clone()), "{name} refuses its own default");
                assert_eq!(settings.get(name), Some(value));
            }
        }
    }

    #[test]
    fn wrong_values_change_nothing() {
        let mut settings = Settings::defaults(Mode::Test);
        let before = settings.clone();
        assert!(!settings.set("va_fee_bps", SettingValue::Integer(-1)));
        assert!(!settings.set("va_fee_bps", SettingValue::Switch(true)));
        assert!(!settings.set("va_number_prefix", SettingValue::Text(Some("12345".into()))));
        assert!(!settings.set("nobody_knows", SettingValue::Integer(1)));
        assert!(!settings.set("va_bank", SettingValue::Banks(vec![])));
        assert_eq!(settings, before);
    }

    #[test]
    fn an_ifsc_has_a_zero_in_the_fifth_place() {
        assert!(is_ifsc("RATN0VAAPIS"));
        assert!(!is_ifsc("RATNOVAAPIS"));
        assert!(!is_ifsc("UTIB000019"));
    }
}
