//! Secrets of the moment: what cookies, links and forms carry.

use sha2::{Digest as _, Sha256};

use super::PageError;
use crate::clock::random_bytes;

/// 256 random bits in lower-case hex. The database knows the digest alone.
pub struct Token(String);

impl Token {
    /// A new one; `None` when the operating system gives no random numbers.
    pub fn draw() -> Option<Token> {
        random_bytes::<32>().map(|bytes| Token(hex(&bytes)))
    }

    /// A new one, or a page that says why not.
    pub(super) fn new() -> Result<Token, PageError> {
        Token::draw().ok_or_else(PageError::fault)
    }

    /// What the person's browser keeps.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub fn digest(&self) -> String {
        digest(&self.0)
    }
}

/// Lower-case hex SHA-256 of a token.
pub fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_known_by_their_digest() {
        let (a, b) = (Token::draw().unwrap(), Token::draw().unwrap());
        assert_eq!(a.as_str().len(), 64);
        assert_ne!(a.as_str(), b.as_str());
        assert_eq!(a.digest(), digest(a.as_str()));
        assert_ne!(a.digest(), a.as_str());
    }
}
