//! How far long work is: one line on stderr, for a person at a terminal alone.

use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::Stopwatch;

/// Work that is done sooner shows nothing.
const QUIET: Duration = Duration::from_millis(700);
/// How often the line is drawn.
const EVERY: Duration = Duration::from_millis(200);
/// Characters of a whole bar.
const WIDTH: usize = 30;
/// Back to the start of the line, and nothing in it.
const CLEAR: &str = "\r\x1b[2K";

/// A line that is drawn until this is dropped.
#[derive(Debug)]
pub struct Progress {
    stop: Option<Sender<()>>,
    drawing: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows `what`, and a bar where `measure` says how much is done of how much.
    pub fn start(
        what: &'static str,
        measure: impl Fn() -> Option<(u64, u64)> + Send + 'static,
    ) -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress { stop: None, drawing: None };
        }
        let (stop, stopped) = channel();
        let drawing = std::thread::spawn(move || {
            let watch = Stopwatch::start();
            let mut wait = QUIET;
            let mut drawn = false;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = EVERY;
                drawn = true;
                draw(&format!("{CLEAR}{}", line(what, measure(), watch.elapsed().as_secs())));
            }
            if drawn {
                draw(CLEAR);
            }
        });
        Progress { stop: Some(stop), drawing: Some(drawing) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(drawing) = self.drawing.take() {
            // It ends at once; a panic in it is no reason to fail the work.
            let _ = drawing.join();
        }
    }
}

fn draw(text: &str) {
    let mut stderr = std::io::stderr().lock();
    // A terminal that went away needs no progress.
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

fn line(what: &str, measured: Option<(u64, u64)>, seconds: u64) -> String {
    match measured {
        Some((done, all)) if all > 0 => {
            let done = done.min(all);
            let filled = usize::try_from(u128::from(done) * WIDTH as u128 / u128::from(all));
            let filled = filled.unwrap_or(WIDTH);
            let percent = u128::from(done) * 100 / u128::from(all);
            let bar = format!("{}{}", "#".repeat(filled), ".".repeat(WIDTH - filled));
            format!("{what} [{bar}] {percent:>3} %  {seconds} s")
        }
        _ => format!("{what} … {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        assert_eq!(line("auditing", None, 3), "auditing … 3 s");
        let half = line("auditing", Some((5, 10)), 3);
        assert_eq!(half, "auditing [###############...............]  50 %  3 s");
        assert!(line("copying", Some((12, 10)), 3).contains("100 %"), "a copy may grow");
    }
}
