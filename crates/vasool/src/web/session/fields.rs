//! What people type about themselves, and what was wrong with it.

use crate::wire::customer::is_email;

/// Longest e-mail, bytes. Source: RFC 5321 4.5.3.1.3, less its brackets.
pub const EMAIL_MAX: usize = 254;
/// Longest name, characters.
const NAME_MAX: usize = 100;

/// A field of a form as it is shown again.
#[derive(Debug, Default)]
pub struct Field {
    /// What was typed; empty for passwords.
    pub value: String,
    /// What was wrong with it.
    pub problem: Option<String>,
}

impl Field {
    /// A field with a value and nothing wrong.
    pub fn of(value: &str) -> Field {
        Field { value: value.to_owned(), problem: None }
    }

    /// The same with what was wrong, if anything was.
    #[must_use]
    pub fn because(self, problem: Option<impl Into<String>>) -> Field {
        Field { problem: problem.map(Into::into), ..self }
    }

    /// Whether something was wrong.
    pub fn is_wrong(&self) -> bool {
        self.problem.is_some()
    }
}

/// Reads an e-mail, in lower case: two spellings of one must not be two accounts.
///
/// Errors: what to tell the person.
pub fn email_of(typed: &str) -> Result<String, &'static str> {
    let email = typed.trim().to_lowercase();
    match () {
        () if email.is_empty() => Err("Type the e-mail."),
        () if email.len() > EMAIL_MAX || !is_email(&email) => {
            Err("This is not an e-mail address, such as meera@example.com.")
        }
        () => Ok(email),
    }
}

/// Reads a name.
///
/// Errors: what to tell the person.
pub fn name_of(typed: &str) -> Result<String, &'static str> {
    let name = typed.trim();
    match () {
        () if name.is_empty() => Err("Type the name."),
        () if name.chars().count() > NAME_MAX => Err("It must have at most 100 characters."),
        () if name.chars().any(char::is_control) => Err("It must be one line of text."),
        () => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_are_lower_case_and_names_are_lines() {
        assert_eq!(email_of(" Meera@Example.TEST "), Ok("meera@example.test".to_owned()));
        for bad in
            ["", "meera", "a@b", "a b@c.in", "a@b.in\nx", &format!("{}@b.in", "a".repeat(250))]
        {
            assert!(email_of(bad).is_err(), "{bad:?}");
        }
        assert_eq!(name_of(" <b>मीरा</b> "), Ok("<b>मीरा</b>".to_owned()));
        assert!(name_of(" ").is_err() && name_of("a\u{7}").is_err());
        assert!(name_of(&"a".repeat(NAME_MAX + 1)).is_err());
    }
}
