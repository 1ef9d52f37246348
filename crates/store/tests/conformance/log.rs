//! SQLite's log while a writer never rests.

use vasool_store::columns::Value;

use crate::world::{Place, on_all};

/// The bound of the log, 64,000 pages of 2 KiB with their headers, and room for one more commit.
const LOG_BYTES_MAX: u64 = 64_000 * (2048 + 24) + (1 << 20);

#[test]
fn the_log_starts_again_while_a_writer_never_rests() {
    on_all(async |world| {
        let Place::Sqlite(file) = &world.place else { return };
        let log = format!("{}-wal", file.display());
        let mut written = 0;
        // The same row again and again: all that grows is the log.
        for number in 0..1_500 {
            let text = format!("{number:04}").repeat(50_000);
            written += text.len() as u64;
            let row: Vec<Value<'static>> = vec!["filler".into(), text.into()];
            world.sql("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)", row).await;
        }
        assert!(written > 2 * LOG_BYTES_MAX);
        // It never shrinks, so its length is the longest it was.
        let length = std::fs::metadata(&log).unwrap().len();
        assert!(length < LOG_BYTES_MAX, "the log has {length} bytes");
    });
}
