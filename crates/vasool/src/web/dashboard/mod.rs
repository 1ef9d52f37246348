//! The dashboard: lists, pages of entities, what can be done with them. It calls the API on behalf of
//! who is signed in; what the API does not have, it reads with the same reads.

mod act;
mod chart;
mod entity;
pub mod figures;
mod keys;
mod list_page;
pub mod lists;
mod overview;
pub mod place;
mod rows;
mod search;
mod settings;
pub mod shown;
mod timeline;
mod trace;
pub mod webhooks;

use axum::routing::{get, post};

pub use act::paise;
pub use entity::run;
pub use list_page::EXPORTS_AT_ONCE;

use crate::api::Route;

/// The pages about merchants. Fixed names stand before those of lists.
pub fn routes() -> Vec<Route> {
    vec![
        ("/dashboard", get(overview::show_merchants)),
        ("/dashboard/{account}/{mode}", get(overview::show_overview)),
        ("/dashboard/{account}/{mode}/audit", post(overview::start_audit)),
        ("/dashboard/{account}/{mode}/search", get(search::search)),
        ("/dashboard/{account}/{mode}/keys", get(keys::show_keys).post(keys::make_key)),
        ("/dashboard/{account}/{mode}/keys/{id}/expire", post(keys::expire_key)),
        (
            "/dashboard/{account}/{mode}/webhooks",
            get(webhooks::show_webhooks).post(webhooks::add_webhook),
        ),
        ("/dashboard/{account}/{mode}/webhooks/{id}/{act}", post(webhooks::change_webhook)),
        (
            "/dashboard/{account}/{mode}/settings",
            get(settings::show_settings).post(settings::change_settings),
        ),
        ("/dashboard/{account}/{mode}/events/{id}/replay", post(webhooks::replay_event)),
        ("/dashboard/{account}/{mode}/{list}", get(list_page::show_list)),
        ("/dashboard/{account}/{mode}/{list}/{id}", get(entity::show_entity)),
        ("/dashboard/{account}/{mode}/{list}/{id}/{act}", post(entity::act_on_entity)),
    ]
}
