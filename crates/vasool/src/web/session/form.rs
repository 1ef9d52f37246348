//! What a form sent, and whether it is one of ours.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use subtle::ConstantTimeEq as _;

use super::{PageError, SignedIn, origin};
use crate::app::App;
use crate::wire::percent::unescape;
use crate::wire::value::KEYS_MAX;

/// Most bytes a form may have. Files come another way.
pub const FORM_BYTES_MAX: usize = 64 * 1024;

/// The fields of a form, in the order they were sent.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The value of a field, the last if it came twice; empty where it is missing.
    pub fn get(&self, name: &str) -> &str {
        let mut values = self.0.iter().rev().filter(|(key, _)| key == name);
        values.next().map_or("", |(_, value)| value)
    }

    /// All values of a field, as ticked boxes send them.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Reads a body of `application/x-www-form-urlencoded`. `None`: it is none.
    pub fn parse(text: &str) -> Option<Fields> {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let mut fields = vec![];
        for pair in pairs {
            if fields.len() == KEYS_MAX {
                return None;
            }
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            fields.push((unescape(key)?.into_owned(), unescape(value)?.into_owned()));
        }
        Some(Fields(fields))
    }

    /// Reads a request's body, at most [`FORM_BYTES_MAX`].
    pub async fn read(body: Body) -> Result<Fields, PageError> {
        let unreadable =
            |status, text| Err(PageError::new(status, "This form cannot be read", text, None));
        let bytes = match Limited::new(body, FORM_BYTES_MAX).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return unreadable(StatusCode::PAYLOAD_TOO_LARGE, "It is larger than 64 KiB.");
            }
            Err(_) => return unreadable(StatusCode::BAD_REQUEST, "It broke off."),
        };
        match str::from_utf8(&bytes).ok().and_then(Fields::parse) {
            Some(fields) => Ok(fields),
            None => unreadable(StatusCode::BAD_REQUEST, "It is not what a browser sends."),
        }
    }
}

/// A form of ours that someone sent who is signed in: the field `csrf` was that of the session, and
/// no other site sent it.
pub struct SignedForm {
    /// Who sent it.
    pub who: SignedIn,
    /// What was typed.
    pub fields: Fields,
}

impl FromRequest<App> for SignedForm {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<SignedForm, PageError> {
        let (mut parts, body) = request.into_parts();
        let who = SignedIn::from_request_parts(&mut parts, app).await?;
        let fields = Fields::read(body).await?;
        confirm(app, &parts.headers, &who, fields.get("csrf"))?;
        Ok(SignedForm { who, fields })
    }
}

/// Checks by hand what [`SignedForm`] checks, for bodies that it does not read: that `csrf` is the
/// session's, and that no other site sent it.
pub fn confirm(
    app: &App,
    headers: &HeaderMap,
    who: &SignedIn,
    csrf: &str,
) -> Result<(), PageError> {
    same_site(app, headers)?;
    match bool::from(csrf.as_bytes().ct_eq(who.csrf.as_bytes())) {
        true => Ok(()),
        false => Err(out_of_date()),
    }
}

/// Checks that no other site sent a form: all there is for forms that need no session.
pub fn same_site(app: &App, headers: &HeaderMap) -> Result<(), PageError> {
    match origin::is_own(headers, &app.options.public_url) {
        true => Ok(()),
        false => Err(out_of_date()),
    }
}

fn out_of_date() -> PageError {
    let text = "Nothing was changed. Go back, load the page again, and send it once more.";
    PageError::new(StatusCode::FORBIDDEN, "This form is out of date", text, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_browsers_send_them() {
        let fields =
            Fields::parse("a=1&b=x+y%26&a=2&c&events=p&events=q&%3Cb%3E=%E2%82%B9").unwrap();
        assert_eq!((fields.get("a"), fields.get("b"), fields.get("c")), ("2", "x y&", ""));
        assert_eq!((fields.get("<b>"), fields.get("nobody")), ("₹", ""));
        assert_eq!(fields.all("events").collect::<Vec<_>>(), ["p", "q"]);
        assert!(Fields::parse("a=%FF").is_none());
        assert!(Fields::parse(&"a=1&".repeat(KEYS_MAX + 1)).is_none());
        assert_eq!(Fields::parse("").unwrap().get("a"), "");
    }
}
