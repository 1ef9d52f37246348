//! Golden files of the tests: what is written must be what was looked at once.

/// Compares with a file under `tests/golden/`; with `UPDATE_GOLDEN` set, writes it instead.
pub(crate) fn check(name: &str, bytes: &[u8]) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, bytes).unwrap();
    }
    let want = std::fs::read(&path).unwrap_or_default();
    assert!(
        bytes == want,
        "{name} differs; after looking at the difference, set UPDATE_GOLDEN to accept it:\n{}",
        String::from_utf8_lossy(bytes)
    );
}
