//! The figures of the overview, counted beside the page: a page shows what was counted last and has
//! the next count begin, so it is as quick with a million payments as with ten. How long a count took
//! decides how soon the next may begin, so that a watched page costs a small part of one core.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use vasool_core::calendar::{india_date, india_midnight};
use vasool_core::scope::ScopeId;
use vasool_core::time::{DAY_SECONDS, Millis, Time};
use vasool_store::reads::{HourlyPayments, WebhookCalls};
use vasool_store::{Store, StoreResult};

use super::place::Place;
use crate::app::App;
use crate::clock::Stopwatch;
use crate::format::signed_rupees;

/// How old figures may be at least, milliseconds.
const AGE_MIN_MS: i64 = 1_000;
/// A count may begin when this many times its length has passed.
const REST: i64 = 20;
/// How long a page waits for the first count.
const FIRST_WAIT: Duration = Duration::from_millis(40);
/// Scopes whose figures are kept; beyond it all are forgotten.
const SCOPES_MAX: usize = 1_000;

/// Figures of one merchant in one mode.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Real time of the count.
    pub at: Millis,
    /// Milliseconds it took.
    took_ms: i64,
    /// Midnight in India: the day it is about.
    pub day: Time,
    /// Payments of the day.
    pub hours: Vec<HourlyPayments>,
    /// Refunds on their way: how many, and paise.
    pub refunds: (i64, i64),
    /// Received minus given per account of the ledger, paise.
    pub balances: Vec<(String, i64)>,
    /// Calls to webhooks in the last 24 hours.
    pub calls: WebhookCalls,
    /// Deliveries that wait.
    pub waiting: i64,
    /// Mandates that can be debited, by UPI and on paper.
    pub mandates: (i64, i64),
    /// Alerts.
    pub alerts: i64,
}

/// Figures by scope.
#[derive(Debug, Default)]
pub struct Counted(Mutex<HashMap<ScopeId, Slot>>);

#[derive(Debug, Default)]
struct Slot {
    figures: Option<Arc<Figures>>,
    is_counting: bool,
    done: Arc<Notify>,
}

/// Midnight in India before an instant.
pub fn start_of_day(at: Time) -> Time {
    let date = india_date(at.to_millis());
    india_midnight(date.year, date.month, date.day).unwrap_or(at)
}

impl Counted {
    /// The latest figures; `None` while the first count goes on.
    pub async fn of(app: &App, place: &Place) -> Option<Arc<Figures>> {
        let (scope, day, now) = (place.scope(), start_of_day(place.now), app.clock.now());
        let (figures, done) = {
            let mut slots = app.figures.0.lock().expect("no holder panics");
            if slots.len() >= SCOPES_MAX {
                slots.clear();
            }
            let slot = slots.entry(scope).or_default();
            let figures = slot.figures.clone().filter(|figures| figures.day == day);
            let is_fresh = figures.as_ref().is_some_and(|figures| figures.is_fresh(now));
            if !is_fresh && !slot.is_counting {
                slot.is_counting = true;
                let (app, place) = (app.clone(), place.clone());
                app.tasks.clone().spawn(async move { count_for(&app, &place, day).await });
            }
            (figures, slot.done.clone())
        };
        if figures.is_some() {
            return figures;
        }
        let waited = done.notified();
        let _ = tokio::time::timeout(FIRST_WAIT, waited).await;
        let slots = app.figures.0.lock().expect("no holder panics");
        slots.get(&scope)?.figures.clone().filter(|figures| figures.day == day)
    }
}

impl Figures {
    fn is_fresh(&self, now: Millis) -> bool {
        now.0 - self.at.0 < AGE_MIN_MS.max(self.took_ms * REST)
    }

    async fn count(store: &Store, place: &Place, day: Time, at: Millis) -> StoreResult<Figures> {
        let watch = Stopwatch::start();
        let scope = place.scope();
        let end = day.plus_seconds(DAY_SECONDS - 1);
        let yesterday = place.now.plus_seconds(-DAY_SECONDS).to_millis();
        Ok(Figures {
            at,
            day,
            hours: store.payments_by_hour(scope, day, end).await?,
            refunds: store.refunds_under_way(scope).await?,
            balances: store.balances(scope).await?,
            calls: store.webhook_calls(scope, yesterday).await?,
            waiting: store.deliveries_waiting(scope).await?,
            mandates: store.active_mandates(scope).await?,
            alerts: store.count_alerts_of(scope).await?,
            took_ms: i64::try_from(watch.elapsed().as_millis()).unwrap_or(i64::MAX / REST),
        })
    }

    /// Paise of the payments of the day that were captured.
    pub fn collected(&self) -> i64 {
        self.captured().map(|row| row.amount).sum()
    }

    /// Paise of refunds that are not with their payers yet.
    pub fn on_their_way(&self) -> i64 {
        self.refunds.1
    }

    /// Captured payments of the day, by hour and rail.
    pub fn captured(&self) -> impl Iterator<Item = &HourlyPayments> {
        self.hours.iter().filter(|row| row.status == "captured")
    }

    /// Payments of the day: those that came to something, and those that are decided.
    pub fn decided(&self) -> (i64, i64) {
        let count = |is_counted: &dyn Fn(&str) -> bool| {
            self.hours.iter().filter(|row| is_counted(&row.status)).map(|row| row.count).sum()
        };
        let good = |status: &str| matches!(status, "captured" | "authorized");
        (count(&good), count(&|status| status != "created"))
    }

    /// What the merchant is owed, paise: more was given from that account than received.
    pub fn owed(&self) -> i64 {
        -self.balance("merchant:payable")
    }

    /// Accounts of the ledger with their balances as people read them.
    pub fn ledger(&self) -> Vec<(&str, String)> {
        self.balances.iter().map(|(account, sum)| (&**account, signed_rupees(*sum))).collect()
    }

    /// All accounts together: zero, or a posting has one side.
    pub fn sum(&self) -> i64 {
        self.balances.iter().map(|(_, sum)| sum).sum()
    }

    /// Received minus given of an account.
    fn balance(&self, account: &str) -> i64 {
        self.balances.iter().find(|(name, _)| name == account).map_or(0, |(_, sum)| *sum)
    }
}

async fn count_for(app: &App, place: &Place, day: Time) {
    let counted = Figures::count(&app.store, place, day, app.clock.now()).await;
    let mut slots = app.figures.0.lock().expect("no holder panics");
    let slot = slots.entry(place.scope()).or_default();
    slot.is_counting = false;
    match counted {
        Ok(figures) => slot.figures = Some(Arc::new(figures)),
        Err(error) => tracing::warn!(%error, "the figures of an overview could not be counted"),
    }
    slot.done.notify_waiters();
}
