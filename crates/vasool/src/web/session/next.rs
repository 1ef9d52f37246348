//! Where a person wanted to go before signing in: always a place on this server.

use crate::wire::percent::escape;

/// Longest place that is kept, bytes.
const NEXT_MAX: usize = 2_000;
/// Where people go who came from nowhere.
pub const HOME: &str = "/dashboard";

/// The place, if it is one on this server and nothing that a browser reads as another host.
pub fn local(next: &str) -> Option<&str> {
    // Browsers take `\` for `/`, and leave out control characters before they look.
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let local = next.starts_with('/') && !next.starts_with("//");
    (plain && local && next.len() <= NEXT_MAX).then_some(next)
}

/// The page that lets a person in and then goes on to a place.
pub fn sign_in(next: &str) -> String {
    match local(next) {
        Some(next) if next != HOME => format!("/sign-in?next={}", escape(next, b"/")),
        _ => "/sign-in".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_on_this_server_are_kept() {
        for good in ["/dashboard", "/dashboard/payments?state=failed&q=a%20b", "/a//b"] {
            assert_eq!(local(good), Some(good));
        }
        for bad in [
            "",
            "dashboard",
            "//evil.test",
            "/\\evil.test",
            "\\\\evil.test",
            "https://evil.test",
            "javascript:alert(1)",
            "/\t/evil.test",
            "/\n/evil.test",
            " /dashboard",
            "/a b",
            "/ä",
        ] {
            assert_eq!(local(bad), None, "{bad:?}");
        }
        assert_eq!(local(&format!("/{}", "a".repeat(NEXT_MAX))), None);
        assert_eq!(sign_in("/dashboard/a?b=c&d"), "/sign-in?next=/dashboard/a%3Fb%3Dc%26d");
        assert_eq!(sign_in("//evil.test"), "/sign-in");
    }
}
