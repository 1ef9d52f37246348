//! `upi://pay` links: what a QR code tells a payer's app. Source: rails 3.2.

use std::fmt::Write as _;

use vasool_core::money::Paise;

use super::percent::escape;

/// What an app needs to pay.
pub struct UpiLink<'a> {
    /// `pa`: the address that is paid.
    pub payee: &'a str,
    /// `pn`: who is paid.
    pub name: &'a str,
    /// `tr`: the merchant's reference.
    pub reference: &'a str,
    /// `am`: how much; the payer says where there is none.
    pub amount: Option<Paise>,
}

impl UpiLink<'_> {
    /// The link, with mode `01`: read from a QR code.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "upi://pay?ver=01&mode=01&pa={}&pn={}&tr={}&cu=INR",
            escape(self.payee, b"@"),
            escape(self.name, b""),
            escape(self.reference, b"")
        );
        if let Some(amount) = self.amount {
            let (rupees, paise) = (amount.get() / 100, amount.get() % 100);
            let _ = write!(text, "&am={rupees}.{paise:02}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_escaped_and_its_amount_has_two_decimals() {
        let link = UpiLink {
            payee: "rpy.qrabc@icici",
            name: "Blue & Lotus मीरा",
            reference: "Q7mW3uZh2VeNm4",
            amount: Paise::new(10_005),
        };
        assert_eq!(
            link.to_text(),
            "upi://pay?ver=01&mode=01&pa=rpy.qrabc@icici&pn=Blue%20%26%20Lotus%20%E0%A4%AE%E0%A5%80\
             %E0%A4%B0%E0%A4%BE&tr=Q7mW3uZh2VeNm4&cu=INR&am=100.05"
        );
    }
}
