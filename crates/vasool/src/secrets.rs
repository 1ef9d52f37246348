//! Secrets at rest: sealed with a master key that only the server process holds.

use std::fmt;
use std::io::Write as _;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use vasool_core::tenant::Sealed;

use crate::clock::random_bytes;

const NONCE_BYTES: usize = 12;
/// Sealed into every database, to tell a wrong master key at start.
const CHECK: &str = "vasool master key check";

/// 256 bits that seal key secrets and webhook secrets.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// Why there is no usable master key. The texts are for the operator.
#[derive(Debug)]
pub enum MasterKeyError {
    /// Not 64 hexadecimal characters.
    Malformed,
    /// The operating system gave no random numbers.
    NoRandomness,
    /// The key file cannot be read or written.
    File(std::io::Error),
    /// The database was sealed with another key.
    Wrong,
}

impl fmt::Display for MasterKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MasterKeyError::Malformed => f.write_str(
                "the master key must be 64 hexadecimal characters, as `openssl rand -hex 32` \
                 prints them: check VASOOL_MASTER_KEY, or the vasool.key file",
            ),
            MasterKeyError::NoRandomness => {
                f.write_str("the operating system gives no random numbers")
            }
            MasterKeyError::File(error) => write!(f, "the master key file: {error}"),
            MasterKeyError::Wrong => f.write_str(
                "the master key is not the one this database was made with: check \
                 VASOOL_MASTER_KEY or the vasool.key file beside the database",
            ),
        }
    }
}

impl std::error::Error for MasterKeyError {}

impl MasterKey {
    /// Reads 64 hexadecimal characters.
    pub fn from_hex(text: &str) -> Result<MasterKey, MasterKeyError> {
        let text = text.trim();
        if text.len() != 64 || !text.is_ascii() {
            return Err(MasterKeyError::Malformed);
        }
        let mut key = [0; 32];
        for (at, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16)
                .map_err(|_| MasterKeyError::Malformed)?;
        }
        Ok(MasterKey(key))
    }

    /// The key in a file beside the database; a new one, readable by the owner alone, when there
    /// is none.
    pub fn from_file(path: &Path) -> Result<MasterKey, MasterKeyError> {
        match std::fs::read_to_string(path) {
            Ok(text) => MasterKey::from_hex(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => MasterKey::create(path),
            Err(error) => Err(MasterKeyError::File(error)),
        }
    }

    fn create(path: &Path) -> Result<MasterKey, MasterKeyError> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let bytes = random_bytes::<32>().ok_or(MasterKeyError::NoRandomness)?;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        // Written aside and renamed, so that a crash never leaves half a key.
        let aside = path.with_extension("key.new");
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&aside)
            .map_err(MasterKeyError::File)?;
        writeln!(file, "{hex}").and_then(|()| file.sync_all()).map_err(MasterKeyError::File)?;
        // A link fails when another process was first; then its key is the one.
        match std::fs::hard_link(&aside, path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(MasterKeyError::File(error)),
        }
        std::fs::remove_file(&aside).map_err(MasterKeyError::File)?;
        MasterKey::from_hex(&std::fs::read_to_string(path).map_err(MasterKeyError::File)?)
    }

    /// Seals a secret: nonce, ciphertext, tag.
    pub fn seal(&self, secret: &str) -> Result<Sealed, MasterKeyError> {
        let nonce = random_bytes::<NONCE_BYTES>().ok_or(MasterKeyError::NoRandomness)?;
        let cipher = ChaCha20Poly1305::new(&Key::from(self.0));
        let sealed = cipher
            .encrypt(&Nonce::from(nonce), secret.as_bytes())
            .map_err(|_| MasterKeyError::Malformed)?;
        Ok(Sealed([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens a sealed secret. Errors: `Wrong` when it was sealed with another key or damaged.
    pub fn open(&self, sealed: &Sealed) -> Result<String, MasterKeyError> {
        let (nonce, text) = sealed.0.split_at_checked(NONCE_BYTES).ok_or(MasterKeyError::Wrong)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| MasterKeyError::Wrong)?;
        let cipher = ChaCha20Poly1305::new(&Key::from(self.0));
        let open = cipher.decrypt(&Nonce::from(nonce), text).map_err(|_| MasterKeyError::Wrong)?;
        String::from_utf8(open).map_err(|_| MasterKeyError::Wrong)
    }

    /// A row that only this key opens, for the check at start.
    pub fn check_row(&self) -> Result<String, MasterKeyError> {
        let sealed = self.seal(CHECK)?;
        Ok(sealed.0.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Whether a check row was made with this key.
    pub fn verify(&self, row: &str) -> Result<(), MasterKeyError> {
        let bytes: Option<Vec<u8>> = (0..row.len() / 2)
            .map(|at| u8::from_str_radix(row.get(at * 2..at * 2 + 2)?, 16).ok())
            .collect();
        let text = self.open(&Sealed(bytes.ok_or(MasterKeyError::Wrong)?))?;
        if text == CHECK { Ok(()) } else { Err(MasterKeyError::Wrong) }
    }
}

/// A fresh key secret: 24 letters and digits.
pub fn new_key_secret() -> Option<String> {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = String::with_capacity(24);
    while out.len() < 24 {
        // Bytes above the largest multiple of 62 are thrown away, so every letter is as likely.
        let bytes = random_bytes::<32>()?;
        let fair = bytes.iter().filter(|byte| **byte < 248);
        out.extend(
            fair.map(|byte| char::from(ALPHABET[usize::from(byte % 62)])).take(24 - out.len()),
        );
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_with_its_key_only() {
        let key = MasterKey::from_hex(&"ab".repeat(32)).unwrap();
        let other = MasterKey::from_hex(&"cd".repeat(32)).unwrap();
        let sealed = key.seal("whsec ₹").unwrap();
        assert_eq!(key.open(&sealed).unwrap(), "whsec ₹");
        assert!(other.open(&sealed).is_err());
        assert!(key.open(&Sealed(vec![1, 2, 3])).is_err());
        assert!(!format!("{key:?} {sealed:?}").contains("ab"));
        key.verify(&key.check_row().unwrap()).unwrap();
        assert!(other.verify(&key.check_row().unwrap()).is_err());
    }

    #[test]
    fn a_key_file_is_made_once_and_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = std::env::temp_dir().join(format!("vasool-key-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("vasool.key");
        let first = MasterKey::from_file(&path).unwrap();
        let second = MasterKey::from_file(&path).unwrap();
        assert_eq!(first.0, second.0);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn key_secrets_differ_and_are_long_enough() {
        let (a, b) = (new_key_secret().unwrap(), new_key_secret().unwrap());
        assert_ne!(a, b);
        assert_eq!(a.len(), 24);
    }
}
