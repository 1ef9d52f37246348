//! Receivers: what leads money to a virtual account; and who alone may pay into it.
//! Source: smart-collect 3.2, 5.2 and 8.

use crate::id::{BankAccountId, QrCodeId, RawId, VpaId};
use crate::time::Time;
use crate::transfer::Payer;

/// Kinds of receivers, in the order accounts list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiverKind {
    /// An account number at one or more banks.
    BankAccount,
    /// A UPI address.
    Vpa,
    /// A QR code.
    QrCode,
}

impl ReceiverKind {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            ReceiverKind::BankAccount => "bank_account",
            ReceiverKind::Vpa => "vpa",
            ReceiverKind::QrCode => "qr_code",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<ReceiverKind> {
        let all = [ReceiverKind::BankAccount, ReceiverKind::Vpa, ReceiverKind::QrCode];
        all.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A bank account that leads to a virtual account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankReceiver {
    /// `ba_…`.
    pub id: BankAccountId,
    /// IFSC of the bank.
    pub ifsc: String,
    /// Its name, if it has one.
    pub bank_name: Option<String>,
}

/// A UPI address that leads to a virtual account. Lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpaReceiver {
    /// `vpa_…`.
    pub id: VpaId,
    /// Before the `@`: namespace, dot, the merchant's prefix, descriptor.
    pub username: String,
    /// After the `@`.
    pub handle: String,
}

impl VpaReceiver {
    /// The whole address.
    pub fn address(&self) -> String {
        format!("{}@{}", self.username, self.handle)
    }
}

/// A QR code that leads to a virtual account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrReceiver {
    /// `qr_…`.
    pub id: QrCodeId,
    /// The end of its short URL.
    pub short_code: String,
    /// Which methods may pay it.
    pub methods: QrMethods,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// Which methods may pay a QR receiver. Source: smart-collect 5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QrMethods {
    /// Cards.
    pub card: bool,
    /// UPI.
    pub upi: bool,
}

impl Default for QrMethods {
    fn default() -> QrMethods {
        QrMethods { card: true, upi: true }
    }
}

/// Characters that spell the id of a QR code in its UPI address, which has no upper case.
const SPELLING: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// As many of them as hold every id: 85 bits for 62^14.
const SPELLED_LENGTH: usize = 17;
/// What tells a code's address from the address of a receiver, whose part behind the dot has 20
/// characters.
const QR_MARK: &str = "qr";

/// The UPI address that apps pay when they read a QR code: each code has its own, so that money is
/// known by it even where an app leaves out the reference. Our choice.
pub fn qr_address(id: QrCodeId, namespace: &str, handle: &str) -> String {
    let mut number = id.0.to_number();
    let mut spelled = [b'a'; SPELLED_LENGTH];
    for slot in spelled.iter_mut().rev() {
        *slot = SPELLING[(number % 32) as usize];
        number /= 32;
    }
    let spelled = std::str::from_utf8(&spelled).expect("letters and digits are ASCII");
    format!("{namespace}.{QR_MARK}{spelled}@{handle}").to_ascii_lowercase()
}

/// The QR code behind such an address, whatever its namespace and handle.
pub fn qr_of_address(address: &str) -> Option<QrCodeId> {
    let (username, _) = address.split_once('@')?;
    let (_, spelled) = username.split_once('.')?;
    let spelled = spelled.strip_prefix(QR_MARK)?;
    if spelled.len() != SPELLED_LENGTH {
        return None;
    }
    let digit = |byte: u8| SPELLING.iter().position(|known| *known == byte);
    let number = spelled.bytes().try_fold(0u128, |sum, byte| Some(sum * 32 + digit(byte)? as u128));
    RawId::from_number(number?).map(QrCodeId)
}

/// An account that may pay into a virtual account. Source: smart-collect 5.9.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedPayer {
    /// `ba_…`.
    pub id: BankAccountId,
    /// IFSC, upper case.
    pub ifsc: String,
    /// As given; leading zeros count.
    pub account_number: String,
}

impl AllowedPayer {
    /// Whether this is the account a payer used. Where the remitting bank did not tell the IFSC,
    /// the account number alone decides. Source: smart-collect 8 step 4.
    pub fn is(&self, payer: &Payer) -> bool {
        payer.account_number.as_deref() == Some(&self.account_number)
            && payer.ifsc.as_deref().is_none_or(|ifsc| ifsc.eq_ignore_ascii_case(&self.ifsc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Seed;

    #[test]
    fn the_address_of_a_code_leads_to_it() {
        let mut draw = Seed::first(1_780_000_000_000, 7).draw();
        for _ in 0..50 {
            let id: QrCodeId = draw.id();
            let address = qr_address(id, "rpy", "ICICI");
            assert_eq!(address.len(), "rpy.qr@icici".len() + SPELLED_LENGTH);
            assert_eq!(qr_of_address(&address), Some(id));
        }
        let last = RawId::parse("zzzzzzzzzzzzzz").unwrap();
        assert_eq!(qr_of_address(&qr_address(QrCodeId(last), "a", "b")), Some(QrCodeId(last)));
        for other in
            ["rpy.payto000005138396165@icici", "rpy.qr77777777777777777@x", "a@b", "a.qr@b"]
        {
            assert_eq!(qr_of_address(other), None, "{other}");
        }
    }

    #[test]
    fn sc_93_leading_zeros_count_and_an_unknown_ifsc_does_not() {
        let allowed = AllowedPayer {
            id: Seed::first(1_780_000_000_000, 1).draw().id(),
            ifsc: "SBIN0000001".to_owned(),
            account_number: "00000098765".to_owned(),
        };
        let payer = |number: &str, ifsc: Option<&str>| Payer {
            account_number: Some(number.to_owned()),
            ifsc: ifsc.map(str::to_owned),
            ..Payer::default()
        };
        assert!(allowed.is(&payer("00000098765", Some("sbin0000001"))));
        assert!(allowed.is(&payer("00000098765", None)));
        assert!(!allowed.is(&payer("98765", Some("SBIN0000001"))));
        assert!(!allowed.is(&payer("00000098765", Some("UTIB0000001"))));
        assert!(!allowed.is(&Payer::default()));
    }
}
