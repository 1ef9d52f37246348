//! Webhooks on their way out.
//!
//! Deliveries are rows, written in the transaction of the change. This loop takes up what is due,
//! sends it, and reports what came of it as a command, because all writes go through the engine. A
//! process may die at any moment: what it had not reported is due again.
//!
//! Each endpoint has a few calls in flight, so a dead one holds up nobody else. First attempts
//! about one subject leave in the order of their events; retries never hold others back.
//! Source: common 10.2, decisions 31.

mod in_flight;
mod send;
pub mod signature;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use in_flight::InFlight;
use tokio::sync::Notify;
use vasool_core::id::EndpointId;
use vasool_core::scope::{Lane, ScopeId};
use vasool_core::tenant::Tenant;
use vasool_core::time::Millis;
use vasool_core::webhook::{Delivery, Endpoint};
use vasool_store::{Store, StoreResult};

use crate::clock::{Clock, Stopwatch};
use crate::engine::Engine;
use crate::http_client::HttpClient;
use crate::observe::Metrics;
use crate::secrets::MasterKey;
use crate::tasks::Tasks;

/// How often due rows are looked for when no commit says that there are new ones.
const SWEEP_EVERY: Duration = Duration::from_millis(200);
/// Rows looked at per query.
const PAGE_ROWS: i64 = 256;
/// Queries per lane and sweep; bounds the time a long backlog of one endpoint takes.
const PAGES_MAX: i64 = 40;
/// Calls in flight per endpoint.
const CALLS_PER_ENDPOINT_MAX: usize = 8;
/// Calls in flight in this process.
const CALLS_MAX: usize = 512;
/// How long a row stays reserved for a process that took it up and died: a call of five seconds and
/// its report. A receiver that is given more time may hear of an event twice.
const LEASE_MS: i64 = 10_000;
/// How often [`Dispatcher::settle`] looks again.
const SETTLE_EVERY: Duration = Duration::from_millis(10);

/// The loop that delivers webhooks; clones share it.
#[derive(Clone)]
pub struct Dispatcher {
    parts: Arc<Parts>,
}

struct Parts {
    store: Store,
    engine: Engine,
    clock: Clock,
    master: MasterKey,
    tasks: Tasks,
    metrics: Metrics,
    /// Base of the short URLs in bodies.
    public_url: String,
    client: HttpClient,
    in_flight: Mutex<InFlight>,
    wake: Arc<Notify>,
    /// Tells this process's leases from those of others.
    holder: String,
}

/// A delivery with what is needed to send it.
struct Task {
    delivery: Delivery,
    endpoint: Endpoint,
    tenant: Arc<Tenant>,
    /// The merchant's now when it was taken up.
    now: Millis,
    /// When it fell due.
    due: Millis,
}

impl Dispatcher {
    /// A dispatcher over a store; [`Dispatcher::run`] is its loop.
    pub fn new(
        store: Store,
        engine: Engine,
        clock: Clock,
        master: MasterKey,
        tasks: Tasks,
        metrics: Metrics,
        public_url: String,
    ) -> Dispatcher {
        let wake = engine.committed();
        let holder = format!("{:016x}", clock.noise());
        let parts = Parts {
            store,
            engine,
            clock,
            master,
            tasks,
            metrics,
            public_url,
            client: HttpClient::default(),
            in_flight: Mutex::default(),
            wake,
            holder,
        };
        Dispatcher { parts: Arc::new(parts) }
    }

    /// Runs until the server stops; never dropped between a lease and the call it is for.
    pub async fn run(self) {
        let stopped = self.parts.tasks.stopped();
        tokio::pin!(stopped);
        loop {
            if let Err(error) = self.sweep().await {
                tracing::warn!(%error, "deliveries could not be read");
                tokio::time::sleep(SWEEP_EVERY).await;
            }
            let woken = self.parts.wake.notified();
            tokio::select! {
                () = &mut stopped => return,
                // Either way there may be something to do.
                _ = tokio::time::timeout(SWEEP_EVERY, woken) => {}
            }
        }
    }

    /// Waits until nothing is due in a lane at its now, at most `limit`. Source: sandbox 5.
    pub async fn settle(&self, lane: Lane, now: Millis, limit: Duration) -> StoreResult<()> {
        let watch = Stopwatch::start();
        loop {
            self.parts.wake.notify_one();
            let due = self.parts.store.deliveries_due(lane, now, 1, 0).await?;
            if due.is_empty() || watch.elapsed() >= limit {
                return Ok(());
            }
            tokio::time::sleep(SETTLE_EVERY).await;
        }
    }

    /// Takes up everything that is due and has room.
    async fn sweep(&self) -> StoreResult<()> {
        let parts = &self.parts;
        parts.in_flight.lock().expect("no holder panics").look();
        let lanes = parts.store.delivery_lanes_due(parts.clock.now()).await?;
        let mut known = Known::default();
        for (lane, now) in lanes {
            // First attempts that wait for an earlier one about the same subject.
            let mut blocked = BTreeSet::new();
            for page in 0..PAGES_MAX {
                let skip = page * PAGE_ROWS;
                let rows = parts.store.deliveries_due(lane, now, PAGE_ROWS, skip).await?;
                let full = rows.len() as i64 == PAGE_ROWS;
                let taken: Vec<Delivery> = {
                    let mut in_flight = parts.in_flight.lock().expect("no holder panics");
                    rows.into_iter().filter(|row| in_flight.take(row, &mut blocked)).collect()
                };
                self.start(taken, now, &mut known).await?;
                let busy = parts.in_flight.lock().expect("no holder panics").len() >= CALLS_MAX;
                if !full || busy {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Leases rows and sends them, each in a task of its own.
    async fn start(&self, taken: Vec<Delivery>, now: Millis, known: &mut Known) -> StoreResult<()> {
        if taken.is_empty() {
            return Ok(());
        }
        let parts = &self.parts;
        let keys: Vec<_> = taken.iter().map(|row| (row.event, row.endpoint)).collect();
        let real = parts.clock.now();
        let leased = parts.store.lease_deliveries(&keys, &parts.holder, real, LEASE_MS).await;
        let leased: BTreeSet<_> = match leased {
            Ok(leased) => leased.into_iter().collect(),
            Err(error) => {
                self.give_up(&taken);
                return Err(error);
            }
        };
        for delivery in taken {
            if !leased.contains(&(delivery.event, delivery.endpoint)) {
                self.give_up(std::slice::from_ref(&delivery));
                continue;
            }
            let found = known.find(&parts.store, delivery.scope, delivery.endpoint).await;
            let (Ok(Some((tenant, endpoint))), Some(due)) = (found, due_of(&delivery)) else {
                self.give_up(std::slice::from_ref(&delivery));
                continue;
            };
            let task = Task { delivery, endpoint, tenant, now, due };
            let dispatcher = self.clone();
            parts.tasks.spawn(async move { dispatcher.deliver_until_stopped(task).await });
        }
        Ok(())
    }

    /// Makes room again after a delivery that was not sent.
    fn give_up(&self, rows: &[Delivery]) {
        let mut in_flight = self.parts.in_flight.lock().expect("no holder panics");
        for row in rows {
            in_flight.done(row);
        }
    }
}

fn due_of(delivery: &Delivery) -> Option<Millis> {
    match delivery.state {
        vasool_core::webhook::DeliveryState::Pending { due } => Some(due),
        _ => None,
    }
}

/// A merchant in one mode with its webhooks.
type Found = (Arc<Tenant>, Vec<Endpoint>);

/// Tenants and endpoints read in one sweep.
#[derive(Default)]
struct Known(BTreeMap<ScopeId, Option<Found>>);

impl Known {
    async fn find(
        &mut self,
        store: &Store,
        scope: ScopeId,
        endpoint: EndpointId,
    ) -> StoreResult<Option<(Arc<Tenant>, Endpoint)>> {
        let found = match self.0.entry(scope) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(match store.tenant(scope).await? {
                Some(tenant) => Some((Arc::new(tenant), store.endpoints(scope).await?)),
                None => None,
            }),
        };
        let Some((tenant, endpoints)) = found else { return Ok(None) };
        let endpoint = endpoints.iter().find(|row| row.id == endpoint).cloned();
        Ok(endpoint.map(|endpoint| (tenant.clone(), endpoint)))
    }
}
