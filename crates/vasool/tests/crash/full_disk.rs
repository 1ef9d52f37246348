//! SQLite on a disk without room: a small file system in a mount namespace that only the server
//! and this test see.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use crate::books::assert_kept;
use crate::dice::Dice;
use crate::load::{Load, Shared, open};
use crate::place::{Place, unique};
use crate::process::{Server, prepare};

/// Room of the disk: more than the database needs at first, less than its log may take.
const SIZE: &str = "8m";
/// Transfers until a full disk must have been noticed.
const TRIES: usize = 60;

/// Whether this machine lets us mount something; the reason if not.
fn can_mount(directory: &str) -> Result<(), String> {
    let script = format!("mount -t tmpfs -o size={SIZE} tmpfs {directory}");
    let tried = Command::new("unshare").args(["--mount", "sh", "-c", &script]).output();
    let tried = tried.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&tried.stderr).into_owned();
    if tried.status.success() { Ok(()) } else { Err(text) }
}

/// Writes until there is no room at all.
fn fill(path: &PathBuf) {
    let mut file = std::fs::File::create(path).expect("a file");
    for size in [65_536, 4_096, 1] {
        while file.write(&vec![7; size]).is_ok_and(|written| written > 0) {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_writes_and_nothing_else() {
    let directory = unique();
    let name = directory.display().to_string();
    if let Err(reason) = can_mount(&name) {
        eprintln!("skipped: no file system can be mounted here: {reason}");
        let _ = std::fs::remove_dir_all(directory);
        return;
    }
    let mut dice = Dice::new("full disk");
    let mut place = Place::at(unique(), format!("sqlite:{name}/vasool.db"));
    let script = format!("mount -t tmpfs -o size={SIZE} tmpfs {name} && exec \"$0\" \"$@\"");
    let mut command = prepare(&place, Command::new("unshare"));
    command.args(["--mount", "sh", "-c", &script, env!("CARGO_BIN_EXE_vasool")]);
    let mut server = Server::spawn(&place, command);
    place.mounts_of = Some(server.child.id());
    // The same directory as seen from here.
    let root = PathBuf::from(format!("/proc/{}/root{name}", server.child.id()));
    let memory = Shared::default();
    let mut client = server.client();
    for _ in 0..8 {
        open(&mut client, &memory).await.expect("an answer");
    }
    for _ in 0..3 {
        let load = Load::start(&server, &memory, &mut dice);
        memory.grow(20).await;
        let filler = root.join("filler");
        fill(&filler);
        // What is left of the last block goes first.
        let mut refused = 0;
        for _ in 0..TRIES {
            memory.lock().refused.clear();
            open(&mut client, &memory).await.expect("an answer");
            refused = memory.lock().refused.len();
            if refused > 0 {
                break;
            }
        }
        assert!(refused > 0, "a full disk is noticed");
        assert!(memory.lock().refused.iter().all(|status| *status == 503));
        for _ in 0..3 {
            let ready = client.get("/readyz").await.expect("an answer");
            assert_eq!(ready.status, 503, "{}", ready.body);
            client.get("/healthz").await.expect("an answer").ok();
            client.get("/v1/payments").await.expect("an answer").ok();
            client.get("/v1/virtual_accounts").await.expect("an answer").ok();
        }
        assert!(server.is_alive());
        load.end().await;
        std::fs::remove_file(&filler).expect("room again");
        client.get("/readyz").await.expect("an answer").ok();
        memory.lock().refused.clear();
        assert_kept(&place, &server, &memory, 0).await;
        assert_eq!(memory.lock().refused, [] as [u16; 0]);
    }
    server.kill();
    let _ = std::fs::remove_dir_all(directory);
}
