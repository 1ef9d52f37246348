//! The real binary: servers to kill, and operator's commands beside them.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::http::Client;
use crate::place::Place;

/// A running server, killed with its test.
pub struct Server {
    pub child: Child,
    /// Host and port.
    pub address: String,
    key: (String, String),
    /// Held, so that the server may go on printing.
    _stdout: BufReader<ChildStdout>,
}

/// The binary on a database, with its keys.
pub fn vasool(place: &Place) -> Command {
    let binary = env!("CARGO_BIN_EXE_vasool");
    let Some(process) = place.mounts_of else { return prepare(place, Command::new(binary)) };
    let mut command = Command::new("nsenter");
    command.args(["--mount", "--target", &process.to_string(), binary]);
    prepare(place, command)
}

/// Gives a command what the binary reads from its environment.
pub fn prepare(place: &Place, mut command: Command) -> Command {
    command.env("VASOOL_DATABASE", &place.database).env("VASOOL_LOG", "info");
    command.env("VASOOL_KEY_ID", &place.key.0).env("VASOOL_KEY_SECRET", &place.key.1);
    match &place.master_key {
        Some(key) => command.env("VASOOL_MASTER_KEY", key),
        None => command.env_remove("VASOOL_MASTER_KEY"),
    };
    command
}

/// Runs an operator's command to its end.
pub fn run(place: &Place, arguments: &[&str]) -> Output {
    vasool(place).args(arguments).stdin(Stdio::null()).output().expect("the binary runs")
}

/// Runs an operator's command that must succeed; what it printed.
#[track_caller]
pub fn succeed(place: &Place, arguments: &[&str]) -> String {
    let output = run(place, arguments);
    let (out, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {out}{error}");
    out.into_owned()
}

/// The books, which must be sound.
#[track_caller]
pub fn audit(place: &Place) -> Value {
    let audit: Value = serde_json::from_str(&succeed(place, &["audit", "--json"])).expect("JSON");
    assert_eq!(audit["clean"], true, "{audit}");
    audit
}

impl Server {
    /// A server on a port that the system picks.
    pub fn start(place: &Place) -> Server {
        Server::spawn(place, vasool(place))
    }

    /// The same from a prepared command.
    pub fn spawn(place: &Place, mut command: Command) -> Server {
        let path = place.directory.join("server.log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&path);
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(log.expect("a log"));
        let mut child = command.spawn().expect("the binary runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let Some((_, address)) = line.trim().split_once("http://") else {
            let _ = child.wait();
            let log = std::fs::read_to_string(&path).unwrap_or_default();
            panic!("the server did not start: {line}{log}");
        };
        let (address, key) = (address.to_owned(), place.key.clone());
        Server { child, address, key, _stdout: stdout }
    }

    /// Calls with the first merchant's key, on a connection of its own.
    pub fn client(&self) -> Client {
        Client::new(&self.address, &self.key)
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }

    /// Asks it to stop, as a service manager does, and waits.
    pub async fn terminate(&mut self, limit: Duration) -> Option<ExitStatus> {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(asked.success());
        let start = Instant::now();
        while start.elapsed() < limit {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
