//! What a merchant verifies. Source: common 10.3, 11.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Lower-case hex HMAC-SHA256 of a message.
pub fn sign(secret: &str, message: &[u8]) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn vector_v1_of_the_contract() {
        let message = b"order_QcB2Rent000001|pay_QcC3Rent000001";
        assert_eq!(
            sign("common_contract_secret_01", message),
            "632c960184127139a200de23e7605c1b1d55903515c0abd339a2dbb7f73df968"
        );
    }

    #[test]
    fn cm_108_vector_v2_of_the_contract() {
        let body = br#"{"entity":"event","event":"payment.captured","note":"\u20b9 500"}"#;
        assert_eq!(body.len(), 65);
        assert_eq!(
            sign("whsec_contract_01", body),
            "19496dd4f3e9d77aabd7558ea36d32d7525d62fe7b6c11e16ef09d54bce6d3cb"
        );
    }
}
