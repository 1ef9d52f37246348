//! The session's cookie: no script reads it, and other sites send it with links alone.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::app::App;

const NAME: &str = "vasool_session";
/// The prefix makes browsers refuse such a cookie from another host or without TLS.
const SECURE_NAME: &str = "__Host-vasool_session";

/// Whether people reach the server over TLS.
fn is_secure(app: &App) -> bool {
    app.options.public_url.starts_with("https://")
}

fn name(app: &App) -> &'static str {
    if is_secure(app) { SECURE_NAME } else { NAME }
}

/// The token a browser sent; of several with the name the first.
pub fn token<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    find(name(app), headers)
}

fn find<'a>(name: &str, headers: &'a HeaderMap) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.trim() == name)?;
    Some(value.trim()).filter(|value| !value.is_empty())
}

/// The header that gives a browser its token for so many seconds; 0 takes it away.
pub fn set(app: &App, token: &str, seconds: i64) -> HeaderValue {
    let secure = if is_secure(app) { "; Secure" } else { "" };
    let text =
        format!("{}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}", name(app));
    HeaderValue::try_from(text).expect("a token is hexadecimal")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_among_other_cookies() {
        let found = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            find(NAME, &headers).map(str::to_owned)
        };
        assert_eq!(found(&["vasool_session=ab"]).as_deref(), Some("ab"));
        assert_eq!(found(&["a=b; vasool_session=ab; c"]).as_deref(), Some("ab"));
        assert_eq!(found(&["a=b", "vasool_session=ab"]).as_deref(), Some("ab"));
        assert_eq!(found(&["xvasool_session=ab"]), None);
        assert_eq!(found(&["vasool_session="]), None);
        assert_eq!(found(&[]), None);
    }
}
