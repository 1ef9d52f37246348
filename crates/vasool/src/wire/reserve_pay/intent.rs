//! `upi://mandate` links: what a payer's app opens to approve a block. Source: reserve-pay 4.1.

use std::fmt::Write as _;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use vasool_core::calendar::india_date;
use vasool_core::money::Paise;
use vasool_core::payment::Payment;
use vasool_core::tenant::Tenant;
use vasool_core::time::Time;
use vasool_core::token::Token;

use crate::wire::percent::escape_form;

/// Parameters of a link. Source: reserve-pay 4.1.
const PARAMETERS: usize = 20;

/// The parameters of one link, in the order they are printed.
pub struct MandateIntent([(&'static str, String); PARAMETERS]);

impl MandateIntent {
    /// What the payer is asked for: to block the amount of a mandate.
    pub fn of(tenant: &Tenant, payment: &Payment, token: &Token) -> MandateIntent {
        let settings = &tenant.settings;
        let text = str::to_owned;
        MandateIntent([
            ("pa", format!("{}.rec@{}", settings.vpa_merchant_prefix, settings.vpa_handle)),
            ("pn", text(tenant.billing_label())),
            ("mn", text("Create Mandate")),
            ("tid", format!("RZP{:032x}", payment.id.0.to_number())),
            ("validitystart", date(payment.created_at)),
            ("validityend", date(token.expires_at)),
            ("am", rupees(token.amount)),
            ("amrule", text("MAX")),
            ("recur", text("ASPRESENTED")),
            ("tr", format!("{}0create1", payment.id.0)),
            ("url", String::new()),
            ("cu", text("INR")),
            ("mc", settings.merchant_category.clone()),
            ("tn", text("MANDATE")),
            ("orgid", text("180100")),
            ("mode", text("04")),
            ("purpose", text("77")),
            ("txnType", text("CREATE")),
            ("rev", text("N")),
            ("block", text("Y")),
        ])
    }

    /// The link.
    pub fn to_link(&self) -> String {
        let mut link = "upi://mandate".to_owned();
        for (at, (name, value)) in self.0.iter().enumerate() {
            let before = if at == 0 { '?' } else { '&' };
            let _ = write!(link, "{before}{name}={}", escape_form(value, b"@"));
        }
        link
    }
}

/// The parameters as an object, as an app shows them. Source: sandbox 3.
impl Serialize for MandateIntent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(PARAMETERS))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A date in India as apps read it: `DDMMYYYY`.
fn date(at: Time) -> String {
    let date = india_date(at.to_millis());
    format!("{:02}{:02}{:04}", date.day, date.month, date.year)
}

fn rupees(amount: Paise) -> String {
    format!("{}.{:02}", amount.get() / 100, amount.get() % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rp_16_dates_are_those_of_india() {
        // 2026-05-28 20:26:40 UTC is past midnight in India.
        assert_eq!(date(Time(1_780_000_000)), "29052026");
        assert_eq!(date(Time(1_779_992_999)), "28052026");
    }

    #[test]
    fn rp_16_amounts_have_two_decimals() {
        assert_eq!(rupees(Paise::new(200_000).unwrap()), "2000.00");
        assert_eq!(rupees(Paise::new(100_005).unwrap()), "1000.05");
    }
}
