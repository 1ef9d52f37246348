//! Background tasks that shutdown waits for.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

/// The background tasks of a server.
#[derive(Clone, Debug)]
pub struct Tasks {
    running: Arc<Mutex<JoinSet<()>>>,
    stop: Arc<watch::Sender<bool>>,
}

impl Default for Tasks {
    fn default() -> Self {
        Tasks { running: Arc::default(), stop: Arc::new(watch::channel(false).0) }
    }
}

impl Tasks {
    /// Starts a task on the present runtime.
    #[allow(clippy::disallowed_methods, reason = "this is the one place that spawns")]
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut running = self.running.lock().expect("no holder panics");
        while running.try_join_next().is_some() {}
        running.spawn(task);
    }

    /// Starts a task that is dropped at its next wait once [`Tasks::stop`] is called.
    pub fn spawn_until_stopped(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut stop = self.stop.subscribe();
        self.spawn(async move {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => {}
                () = task => {}
            }
        });
    }

    /// Resolves when the server is told to stop.
    pub async fn stopped(&self) {
        // An error means that nobody can ask any more, which is as good as a stop.
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }

    /// Tells every task to stop.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Ends every task where it stands, as a crash would.
    pub fn abort(&self) {
        self.running.lock().expect("no holder panics").abort_all();
    }

    /// Waits for all tasks to end, at most `limit`. True if they did.
    pub async fn finish(&self, limit: Duration) -> bool {
        let mut running = std::mem::take(&mut *self.running.lock().expect("no holder panics"));
        let all = async { while running.join_next().await.is_some() {} };
        tokio::time::timeout(limit, all).await.is_ok()
    }
}
