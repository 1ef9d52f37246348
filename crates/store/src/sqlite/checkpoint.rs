//! Writing the log back into the file, on a thread beside the writer.
//!
//! The log starts again from its beginning only once all of it is in the file, and a busy writer
//! adds to it all the time. So the thread copies what there is, several times over, until little is
//! left, and the writer copies the rest between two batches. Neither can make the log longer than
//! [`LOG_PAGES_MAX`] for long: there the writer waits for the thread. A reader that stays on an old
//! snapshot, such as a backup, holds both up until it is done.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::{failure, pragma};
use crate::error::StoreResult;

/// Pages in the log when the thread starts to write them back. A page that changes often is copied
/// once per time, so seldom is good.
const LOG_PAGES: i32 = 16_000;
/// Pages in the log at which the writer waits for the thread.
const LOG_PAGES_MAX: i32 = 64_000;
/// So few pages are left to the writer: it copies and syncs them in a few milliseconds.
const REST_PAGES: i32 = 1_000;
/// Rounds after which the thread leaves the rest to the writer, however much it is.
const ROUNDS_MAX: usize = 4;

/// Starts the thread. It ends with the writer's connection.
pub fn start(writer: &mut Connection, path: &Path) -> StoreResult<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failure)?;
    // FULL: the log may only be reused once the file is on disk.
    pragma(&connection, "synchronous", 2)?;
    let (requests, requested) = channel();
    let (done, rounds_done) = channel();
    std::thread::Builder::new()
        .name("sqlite-checkpoint".to_owned())
        .spawn(move || {
            while requested.recv().is_ok() {
                write_back(&connection);
                if done.send(()).is_err() {
                    return;
                }
            }
        })
        .expect("a thread can be started");
    let mut pace = Pace { requests, done: rounds_done, is_running: false, due: LOG_PAGES, last: 0 };
    let hook = move |wal: &mut Wal, pages: i32| {
        pace.after_commit(wal, pages);
        // The commit is durable, whatever became of the checkpoint.
        Ok(())
    };
    writer.wal_hook(Some(hook)).map_err(failure)
}

fn write_back(connection: &Connection) {
    let mut copied_before = 0;
    for _ in 0..ROUNDS_MAX {
        match connection.wal_checkpoint_v2(Some(MAIN_DB), CheckpointMode::PASSIVE) {
            Ok((pages, copied)) => {
                let is_stuck = copied <= copied_before;
                if pages - copied <= REST_PAGES || is_stuck {
                    return;
                }
                copied_before = copied;
            }
            Err(error) => {
                tracing::warn!(%error, "the log could not be written back");
                return;
            }
        }
    }
}

/// What the writer knows about the log.
struct Pace {
    requests: Sender<()>,
    done: Receiver<()>,
    is_running: bool,
    /// Pages in the log at which the thread is asked next.
    due: i32,
    /// Pages in the log after the last commit.
    last: i32,
}

impl Pace {
    fn after_commit(&mut self, wal: &mut Wal, pages: i32) {
        if pages < self.last {
            // The log started again.
            self.due = LOG_PAGES;
        }
        self.last = pages;
        if self.is_running {
            if pages >= LOG_PAGES_MAX {
                // An error is the end of the thread, which is no reason to wait either.
                let _ = self.done.recv();
            } else if self.done.try_recv() == Err(TryRecvError::Empty) {
                return;
            }
            self.is_running = false;
            // A reader may keep the log from starting again: then not before it grew some more.
            self.due = pages + LOG_PAGES / 4;
            self.finish(wal);
        } else if pages >= self.due {
            self.is_running = self.requests.send(()).is_ok();
            if !self.is_running {
                self.finish(wal);
            }
        }
    }

    fn finish(&self, wal: &mut Wal) {
        if let Err(error) = wal.checkpoint() {
            tracing::warn!(%error, "the log could not be written back");
        }
    }
}
