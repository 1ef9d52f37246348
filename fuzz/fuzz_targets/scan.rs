//! What payers upload: read or refused, and what is kept is a picture of its own.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vasool_nach::scan::{KEPT_SIDE_MAX, Rules, SIDE_MAX, Scan};

fuzz_target!(|bytes: &[u8]| {
    // The images for banks are made at their size, which is slow: only of what would be sent.
    if let Ok(scan) = Scan::read(bytes, Rules::Live) {
        let _ = scan.for_bank();
    }
    if let Ok(scan) = Scan::read(bytes, Rules::Test { file_name: "scan.jpg" }) {
        assert!(scan.sides().0 <= SIDE_MAX && scan.sides().1 <= SIDE_MAX);
        let kept = scan.to_jpeg().expect("what was read can be kept");
        let kept = Scan::read(&kept, Rules::Test { file_name: "kept.jpg" });
        let (width, height) = kept.expect("what is kept can be read").sides();
        assert!(width <= KEPT_SIDE_MAX && height <= KEPT_SIDE_MAX);
    }
});
