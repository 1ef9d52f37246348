//! Which site a form was sent from, as the browser says. Cookies with `SameSite=Lax` do not come
//! with forms of other sites anyway; this also covers the forms that need no session.

use axum::http::{HeaderMap, HeaderName, header};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether nothing says that a request was caused by another site.
///
/// A browser that sends neither header is so old that only the token in the form protects it. It
/// writes `Origin: null` where a page tells nobody where it is; then the other header decides.
pub fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("null"));
    match (text(FETCH_SITE), text(header::ORIGIN)) {
        (None, None) => true,
        (Some(site), None | Some("null")) => site == "same-origin",
        (Some(site), Some(_)) if site != "same-origin" => false,
        (_, Some(origin)) => {
            let host = text(header::HOST);
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some() && (authority == host || origin == own(public_url))
        }
    }
}

/// The origin of a URL: scheme and authority.
fn own(public_url: &str) -> &str {
    let start = public_url.find("://").map_or(0, |at| at + 3);
    let end = public_url[start..].find('/').map_or(public_url.len(), |at| start + at);
    &public_url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_other_sites_are_told_apart() {
        let check = |fetch_site: Option<&str>, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "10.0.0.1:8080".parse().unwrap());
            if let Some(site) = fetch_site {
                headers.insert(FETCH_SITE, site.parse().unwrap());
            }
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            is_own(&headers, "https://pay.example.test/base")
        };
        for (site, origin) in [
            (None, None),
            (Some("same-origin"), None),
            (Some("same-origin"), Some("null")),
            (None, Some("http://10.0.0.1:8080")),
            (Some("same-origin"), Some("https://pay.example.test")),
        ] {
            assert!(check(site, origin), "{site:?} {origin:?}");
        }
        for (site, origin) in [
            (Some("cross-site"), None),
            (Some("same-site"), Some("https://pay.example.test")),
            (Some("none"), None),
            (None, Some("null")),
            (None, Some("")),
            (None, Some("10.0.0.1:8080")),
            (None, Some("https://evil.example.test")),
            (None, Some("https://pay.example.test.evil.test")),
            (None, Some("http://10.0.0.1:8081")),
            (Some("same-origin"), Some("https://evil.example.test")),
        ] {
            assert!(!check(site, origin), "{site:?} {origin:?}");
        }
    }
}
