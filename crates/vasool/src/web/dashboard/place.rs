//! Where on the dashboard somebody is: a merchant and a mode, both in the path, so that every link
//! says which money it is about.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use vasool_core::id::{MerchantId, RawId};
use vasool_core::scope::{Mode, ScopeId};
use vasool_core::tenant::{Merchant, Tenant};
use vasool_core::time::Time;

use crate::app::App;
use crate::format::moment;
use crate::web::session::{PageError, SignedIn};

/// A merchant in a mode.
#[derive(Clone, Debug)]
pub struct Place {
    /// Whose.
    pub merchant: Merchant,
    /// The merchant in the mode.
    pub tenant: Tenant,
    /// Its now.
    pub now: Time,
}

impl Place {
    /// The merchant `acc_…` in `test` or `live` mode. Errors: a page, when there is none.
    pub async fn find(app: &App, account: &str, mode: &str) -> Result<Place, PageError> {
        let id = account.strip_prefix(MerchantId::PREFIX).and_then(RawId::parse).map(MerchantId);
        let (Some(id), Some(mode)) = (id, Mode::parse(mode)) else { return Err(nowhere()) };
        let Some(merchant) = app.store.merchant(id).await? else { return Err(nowhere()) };
        let tenant = app.store.tenant(merchant.scope(mode).id).await?;
        let tenant = tenant.unwrap_or_else(|| {
            // Nothing was written in this mode yet.
            Tenant::new(merchant.scope(mode), merchant.name.clone(), 0)
        });
        let now = tenant.now(app.clock.now()).to_time();
        Ok(Place { merchant, tenant, now })
    }

    /// Whether no money moves here.
    pub fn is_test(&self) -> bool {
        self.tenant.scope.mode == Mode::Test
    }

    /// The owner number of the rows here.
    pub fn scope(&self) -> ScopeId {
        self.tenant.scope.id
    }

    /// The path that all pages here begin with.
    pub fn base(&self) -> String {
        self.base_in(self.tenant.scope.mode)
    }

    /// The same in another mode.
    pub fn base_in(&self, mode: Mode) -> String {
        format!("/dashboard/{}/{}", self.merchant.id, mode.as_str())
    }
}

impl FromRequestParts<App> for Place {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Place, PageError> {
        // Nobody learns which merchants there are without a session.
        SignedIn::from_request_parts(parts, app).await?;
        let mut segments = parts.uri.path().split('/').skip(2);
        let (account, mode) = (segments.next(), segments.next());
        Place::find(app, account.unwrap_or_default(), mode.unwrap_or_default()).await
    }
}

/// The page for what is not there.
pub fn nowhere() -> PageError {
    PageError::new(
        StatusCode::NOT_FOUND,
        "There is nothing here",
        "It may belong to another merchant, to the other mode, or be gone with a reset of the sandbox.",
        Some(("/dashboard", "Go to the dashboard")),
    )
}

/// What stands around every page of somebody who is signed in: who, where, and the menu.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Who looks.
    pub who: SignedIn,
    /// Where; `None` on pages about the whole server.
    pub place: Option<Place>,
    /// The entry of the menu that leads here.
    pub current: &'static str,
    /// Whether this server has a sandbox.
    pub has_sandbox: bool,
}

/// A part of the menu: a heading, and entries with their path behind the base and their words.
pub type MenuPart = (&'static str, &'static [(&'static str, &'static str)]);

const COLLECT: &[(&str, &str)] = &[
    ("", "Overview"),
    ("payments", "Payments"),
    ("virtual_accounts", "Virtual accounts"),
    ("qr_codes", "QR codes"),
    ("refunds", "Refunds"),
    ("orders", "Orders"),
    ("customers", "Customers"),
];
const MANDATES: &[(&str, &str)] =
    &[("mandates", "Mandates"), ("links", "Registration links"), ("batches", "Batches")];
const DEVELOPERS: &[(&str, &str)] = &[
    ("events", "Events"),
    ("deliveries", "Deliveries"),
    ("webhooks", "Webhooks"),
    ("messages", "Messages"),
    ("keys", "API keys"),
    ("settings", "Settings"),
    ("alerts", "Alerts"),
];
const SANDBOX: &[(&str, &str)] = &[
    ("console", "Pay in"),
    ("console/phone", "Payer’s phone"),
    ("console/bank", "Bank desk"),
    ("console/clock", "Clock"),
    ("console/faults", "Faults"),
];

impl Desk {
    /// The frame of a page about a merchant in a mode.
    pub fn of(app: &App, who: SignedIn, place: Place, current: &'static str) -> Desk {
        Desk { who, place: Some(place), current, has_sandbox: app.options.sandbox }
    }

    /// The frame of a page about the whole server.
    pub fn of_server(app: &App, who: SignedIn, current: &'static str) -> Desk {
        Desk { who, place: None, current, has_sandbox: app.options.sandbox }
    }

    /// The menu of the place.
    pub fn menu(&self) -> Vec<MenuPart> {
        let mut menu: Vec<MenuPart> =
            vec![("Collect", COLLECT), ("Mandates", MANDATES), ("Developers", DEVELOPERS)];
        if self.has_sandbox && self.place.as_ref().is_some_and(Place::is_test) {
            menu.push(("Sandbox", SANDBOX));
        }
        menu
    }

    /// Whether an entry of the menu leads to this page.
    pub fn is_current(&self, entry: &str) -> bool {
        self.current == entry
    }

    /// The path of an entry.
    pub fn path(&self, entry: &str) -> String {
        let base = self.place.as_ref().map_or_else(|| "/dashboard".to_owned(), Place::base);
        if entry.is_empty() { base } else { format!("{base}/{entry}") }
    }

    /// The clock of a merchant in test mode, where it is not the real one.
    pub fn clock(&self) -> Option<String> {
        let place = self.place.as_ref().filter(|place| place.is_test())?;
        let clock = place.tenant.clock;
        if clock.frozen_at.is_some() {
            return Some(format!("clock frozen at {}", moment(place.now)));
        }
        (clock.offset != 0).then(|| format!("clock at {}", moment(place.now)))
    }
}
