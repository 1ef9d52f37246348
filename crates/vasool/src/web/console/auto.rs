//! Whether the sandbox answers by itself, as the pages of those who answer show and change it. Source:
//! sandbox 4.

use axum::http::Method;
use serde_json::json;

use crate::web::client::Call;
use crate::web::dashboard::place::Place;
use crate::web::session::Fields;

/// The switch.
#[derive(Clone, Copy, Debug)]
pub struct Auto {
    /// Whether the sandbox answers by itself.
    pub is_on: bool,
    /// After so many seconds of the merchant's clock.
    pub delay: i64,
}

impl Auto {
    /// As it is for a merchant.
    pub fn of(place: &Place) -> Auto {
        let settings = &place.tenant.settings;
        Auto { is_on: settings.auto, delay: settings.auto_delay }
    }

    /// The call that a form of the switch asks for.
    pub fn call(fields: &Fields) -> Call {
        let body = Some(json!({"auto": fields.get("auto") == "on"}));
        Call::new(Method::PATCH, "/v1/sandbox/settings", body)
    }
}
