//! Passwords: Argon2id, at most two at a time, beside the runtime.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::PageError;
use crate::clock::random_bytes;

/// Fewest characters of a password. Source: NIST SP 800-63B asks for 8, or 15 where nothing else is
/// asked for; 12 is our choice, beside the limit on tries.
pub const PASSWORD_MIN: usize = 12;
/// Most bytes of a password: hashing more than anybody types would only cost time.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// How many are hashed at once: 19 MiB and a core each.
const AT_ONCE: usize = 2;
/// Memory in KiB, passes, lanes. Source: OWASP Password Storage Cheat Sheet.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// What is looked at where there is no password, so that it takes as long. Nothing leads to it.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA\
                      $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes passwords and looks whether they are right.
#[derive(Clone, Debug)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Passwords {
        Passwords(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Passwords {
    /// The hash that is stored, with a salt of its own.
    pub async fn hash(&self, password: &str) -> Result<String, PageError> {
        let salt = random_bytes::<16>().ok_or_else(PageError::fault)?;
        let password = password.to_owned();
        self.work(move || {
            let hash = hasher().hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).ok()
        })
        .await?
        .ok_or_else(PageError::fault)
    }

    /// Whether a password is the one of a hash; without a hash never, after as much work.
    pub async fn is_right(&self, password: &str, hash: Option<String>) -> Result<bool, PageError> {
        if password.len() > PASSWORD_BYTES_MAX {
            return Ok(false);
        }
        let password = password.to_owned();
        self.work(move || {
            let known = hash.is_some();
            let hash = hash.as_deref().unwrap_or(NOBODY);
            hasher().verify_password(password.as_bytes(), hash).is_ok() && known
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PageError> {
        let _place = self.0.acquire().await.map_err(|_| PageError::fault())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| PageError::fault())
    }
}

fn hasher() -> Argon2<'static> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).expect("the parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Why a password cannot be taken, for the person who chose it.
pub fn problem(password: &str, email: &str) -> Option<&'static str> {
    let fewest = password.chars().count() < PASSWORD_MIN;
    let same = password.trim().to_lowercase() == email;
    match () {
        () if password.is_empty() => Some("Choose a password."),
        () if fewest => Some("It must have at least 12 characters."),
        () if password.len() > PASSWORD_BYTES_MAX => Some("It must have at most 1,024 bytes."),
        () if same => Some("It must not be the e-mail."),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_is_met_by_its_password_alone() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse battery").await.ok().unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let right = async |password, hash| passwords.is_right(password, hash).await.ok().unwrap();
        assert!(right("correct horse battery", Some(hash.clone())).await);
        assert!(!right("correct horse batterY", Some(hash.clone())).await);
        assert!(!right("", Some(hash)).await);
        assert!(!right("correct horse battery", None).await);
        assert!(!right("correct horse battery", Some("damaged".to_owned())).await);
        // As much work as for a real one: it must be read as a hash.
        assert!(argon2::password_hash::phc::PasswordHash::new(NOBODY).is_ok());
    }

    #[test]
    fn passwords_are_long_and_not_the_email() {
        let of = |password: &str| problem(password, "meera@example.test");
        assert!(of("").is_some() && of("elevenchars").is_some());
        assert!(of("Meera@Example.test").is_some());
        assert!(of(&"₹".repeat(400)).is_some(), "1,200 bytes");
        assert_eq!(of("twelve chars"), None);
        assert_eq!(of(&"a".repeat(PASSWORD_BYTES_MAX)), None);
    }
}
