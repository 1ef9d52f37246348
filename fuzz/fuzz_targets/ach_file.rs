//! Debit files of every kind: what is read adds up, and is written again as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vasool_nach::ach::{Dialect, FileKind, Item, Reader, write};

fn read(kind: FileKind, bytes: &[u8]) -> Option<(Vec<u8>, Vec<Item>)> {
    let mut reader = Reader::new(bytes, kind, Dialect::default()).ok()?;
    let items = reader.by_ref().collect::<Result<Vec<_>, _>>().ok()?;
    let (totals, batch) = (reader.announced(), reader.batch().clone());
    assert_eq!(totals.count as usize, items.len());
    let sum: i64 = items.iter().map(|item| item.debit.amount.get()).sum();
    assert_eq!(totals.amount.get(), sum);
    let mut again = vec![];
    write(&mut again, kind, Dialect::default(), &batch, items.iter()).ok()?;
    Some((again, items))
}

fuzz_target!(|bytes: &[u8]| {
    for kind in [FileKind::Input, FileKind::Response, FileKind::Inward, FileKind::Return] {
        if let Some((again, items)) = read(kind, bytes) {
            let (same, items_again) = read(kind, &again).expect("what was written is read");
            assert_eq!((same, items_again), (again, items));
        }
    }
});
