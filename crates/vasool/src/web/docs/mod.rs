//! The documentation as pages: guides, every operation of the API, every error. Made from the files
//! that are inside the binary; no scripts, nothing from elsewhere, no key.

mod description;
mod errors;
mod guides;
mod samples;

use std::sync::LazyLock;

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{gone, page};
use crate::api::Route;
use crate::api::request::Path;
use description::{Group, groups};
use errors::Tables;
use guides::{GUIDES, Guide};

/// The routes of the documentation.
pub fn routes() -> Vec<Route> {
    vec![
        ("/docs", get(show_index)),
        ("/docs/errors", get(show_errors)),
        ("/docs/guides/{guide}", get(show_guide)),
        ("/docs/{group}", get(show_group)),
    ]
}

static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(groups);

/// What every page shows at its side, and which of it is open.
struct Menu {
    here: String,
}

impl Menu {
    fn at(here: impl Into<String>) -> Menu {
        Menu { here: here.into() }
    }

    fn is_at(&self, room: &str, name: &str) -> bool {
        self.here.strip_prefix(room) == Some(name)
    }

    fn guides(&self) -> &'static [Guide] {
        GUIDES
    }

    fn groups(&self) -> &'static [Group] {
        &GROUPS
    }
}

#[derive(Template)]
#[template(path = "docs/index.html")]
struct IndexPage {
    menu: Menu,
}

#[derive(Template)]
#[template(path = "docs/group.html")]
struct GroupPage {
    menu: Menu,
    group: &'static Group,
}

#[derive(Template)]
#[template(path = "docs/guide.html")]
struct GuidePage {
    menu: Menu,
    title: &'static str,
    /// Made by [`guides::html`], which escapes what it is given.
    html: String,
}

#[derive(Template)]
#[template(path = "docs/errors.html")]
struct ErrorsPage {
    menu: Menu,
    tables: Tables,
}

fn answer(template: &impl Template) -> Response {
    page(StatusCode::OK, template).unwrap_or_else(IntoResponse::into_response)
}

/// `GET /docs`
async fn show_index() -> Response {
    answer(&IndexPage { menu: Menu::at("/docs") })
}

/// `GET /docs/errors`
async fn show_errors() -> Response {
    answer(&ErrorsPage { menu: Menu::at("/docs/errors"), tables: errors::tables() })
}

/// `GET /docs/guides/:guide`
async fn show_guide(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(guide) = GUIDES.iter().find(|guide| guide.name == name) else {
        return gone(&headers);
    };
    let menu = Menu::at(format!("/docs/guides/{name}"));
    answer(&GuidePage { menu, title: guide.title, html: guides::html(guide.text) })
}

/// `GET /docs/:group`
async fn show_group(Path(slug): Path<String>, headers: HeaderMap) -> Response {
    let Some(group) = GROUPS.iter().find(|group| group.slug == slug) else {
        return gone(&headers);
    };
    answer(&GroupPage { menu: Menu::at(format!("/docs/{slug}")), group })
}
