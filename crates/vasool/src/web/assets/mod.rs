//! Files that pages load: one style sheet, scripts of a few lines, the picture of the tab. They are
//! part of the binary, named after their digest, and never asked for twice.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use super::gone;
use crate::api::request::Path;

/// Characters of the digest in a name.
const DIGEST_LENGTH: usize = 12;
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// One file.
struct Asset {
    content_type: &'static str,
    text: &'static str,
    /// Where it is, with its digest.
    path: String,
}

impl Asset {
    fn new(name: &str, extension: &str, content_type: &'static str, text: &'static str) -> Asset {
        let mut digest = String::new();
        for byte in Sha256::digest(text).iter().take(DIGEST_LENGTH / 2) {
            let _ = write!(digest, "{byte:02x}");
        }
        Asset { content_type, text, path: format!("/assets/{name}-{digest}.{extension}") }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("style", "css", "text/css; charset=utf-8", include_str!("style.css"))
});
static LIVE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("live", "js", SCRIPT, include_str!("live.js")));
static FOLLOW: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("follow", "js", SCRIPT, include_str!("follow.js")));
static FAVICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("favicon", "svg", "image/svg+xml", include_str!("favicon.svg")));

/// Where the style sheet is.
pub fn style() -> &'static str {
    &STYLE.path
}

/// Where the script is that keeps pages of the dashboard up to date.
pub fn live() -> &'static str {
    &LIVE.path
}

/// Where the script is that follows what becomes of a mandate: it loads the page anew only when that
/// is decided, so that nobody loses their place on it meanwhile.
pub fn follow() -> &'static str {
    &FOLLOW.path
}

/// Where the picture of the tab is.
pub fn favicon() -> &'static str {
    &FAVICON.path
}

fn all() -> [&'static Asset; 4] {
    [&STYLE, &LIVE, &FOLLOW, &FAVICON]
}

/// `GET /assets/:name`
pub async fn show_asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let asset = all().into_iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(&name));
    let Some(asset) = asset else { return gone(&headers) };
    let mut response = (StatusCode::OK, asset.text).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_is_inside() {
        assert!(style().starts_with("/assets/style-") && style().ends_with(".css"));
        assert_eq!(style().len(), "/assets/style-.css".len() + DIGEST_LENGTH);
        assert_ne!(live(), follow());
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        // A namespace is a name, not an address.
        let names = ["http://www.w3.org/2000/svg"];
        for asset in all() {
            let text =
                names.iter().fold(asset.text.to_owned(), |text, name| text.replace(name, ""));
            assert!(!text.contains("//") || !text.contains("http"), "{}", asset.path);
            assert!(!text.contains("@import"), "{}", asset.path);
        }
    }
}
