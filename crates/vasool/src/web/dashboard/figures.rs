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
use vasool_store::reads::{HourlyCollected, WebhookCalls};
use vasool_store::{Store, StoreResult};

use super::place::Place;
use crate::app::App;
use crate::clock::Stopwatch;
use crate::format::{second, signed_rupees};

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
    /// What was collected on the day, by hour and rail.
    pub hours: Vec<HourlyCollected>,
    /// Payments made on the day, by status.
    statuses: Vec<(String, i64)>,
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
pub struct Counted {
    slots: Mutex<HashMap<ScopeId, Slot>>,
    /// One count at a time: a count reads much.
    turn: tokio::sync::Mutex<()>,
}

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
            let mut slots = app.figures.slots.lock().expect("no holder panics");
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
        let slots = app.figures.slots.lock().expect("no holder panics");
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
            hours: store.collected_by_hour(scope, day, end).await?,
            statuses: store.payments_by_status(scope, day, end).await?,
            refunds: store.refunds_under_way(scope).await?,
            balances: store.balances(scope).await?,
            calls: store.webhook_calls(scope, yesterday).await?,
            waiting: store.deliveries_waiting(scope).await?,
            mandates: store.active_mandates(scope).await?,
            alerts: store.count_alerts_of(scope).await?,
            took_ms: i64::try_from(watch.elapsed().as_millis()).unwrap_or(i64::MAX / REST),
        })
    }

    /// Paise that were collected on the day.
    pub fn collected(&self) -> i64 {
        self.hours.iter().map(|row| row.amount).sum()
    }

    /// Payments that were collected on the day.
    pub fn payments(&self) -> i64 {
        self.hours.iter().map(|row| row.count).sum()
    }

    /// When this was counted, real time.
    pub fn counted_at(&self) -> String {
        second(self.at.to_time())
    }

    /// Paise of refunds that are not with their payers yet.
    pub fn on_their_way(&self) -> i64 {
        self.refunds.1
    }

    /// Payments made on the day: those that came to something, and those that are decided.
    pub fn decided(&self) -> (i64, i64) {
        let count = |is_counted: &dyn Fn(&str) -> bool| {
            let counted = self.statuses.iter().filter(|(status, _)| is_counted(status));
            counted.map(|(_, count)| count).sum()
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
    let counting = Counting { app, scope: place.scope() };
    let _turn = app.figures.turn.lock().await;
    match Figures::count(&app.store, place, day, app.clock.now()).await {
        Ok(figures) => counting.slot(|slot| slot.figures = Some(Arc::new(figures))),
        Err(error) => tracing::warn!(%error, "the figures of an overview could not be counted"),
    }
}

/// A count that goes on. However it ends, the next one may begin.
struct Counting<'a> {
    app: &'a App,
    scope: ScopeId,
}

impl Counting<'_> {
    fn slot(&self, change: impl FnOnce(&mut Slot)) {
        let mut slots = self.app.figures.slots.lock().expect("no holder panics");
        change(slots.entry(self.scope).or_default());
    }
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        self.slot(|slot| {
            slot.is_counting = false;
            slot.done.notify_waiters();
        });
    }
}
