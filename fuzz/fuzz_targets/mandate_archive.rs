//! Archives of mandates and messages: read or refused, never unpacked beyond their caps.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vasool_nach::mandate::archive::read_archive;
use vasool_nach::mandate::{read_messages, read_requests};

/// Of one entry; the readers' own caps are above it.
const ENTRY_BYTES_MAX: usize = 64 * 1024;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(entries) = read_archive(bytes, ENTRY_BYTES_MAX) {
        assert!(entries.iter().all(|entry| entry.bytes.len() <= ENTRY_BYTES_MAX));
    }
    let _ = read_requests(bytes);
    let _ = read_messages(bytes);
});
