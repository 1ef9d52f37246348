//! What readers do with strangers' bytes: read or refuse them, within their caps.

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::archive::{ARCHIVE_BYTES_MAX, read_archive};
use super::*;

/// Bytes of an entry in these tests.
const ENTRY_BYTES_MAX: usize = 64 * 1024;

/// What happens to a file on its way.
#[derive(Clone, Debug)]
enum Damage {
    Byte(Index, u8),
    /// Four bytes that announce anything.
    Number(Index, u32),
    Cut(Index),
    /// A stretch of the file once more, elsewhere.
    Again {
        from: Index,
        length: usize,
        to: Index,
    },
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let at = any::<Index>;
    let number = prop_oneof![Just(u32::MAX), Just(0x7fff_ffff), Just(0), 0..100_000u32];
    let damage = prop_oneof![
        6 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        2 => (at(), number).prop_map(|(at, number)| Damage::Number(at, number)),
        1 => at().prop_map(Damage::Cut),
        1 => (at(), 1..200usize, at())
            .prop_map(|(from, length, to)| Damage::Again { from, length, to }),
    ];
    vec(damage, 1..6)
}

fn damaged(mut file: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        if file.is_empty() {
            break;
        }
        match *damage {
            Damage::Byte(at, byte) => {
                let at = at.index(file.len());
                file[at] = byte;
            }
            Damage::Number(at, number) => {
                let at = at.index(file.len());
                let bytes = number.to_le_bytes();
                file.iter_mut().skip(at).zip(bytes).for_each(|(old, new)| *old = new);
            }
            Damage::Cut(at) => file.truncate(at.index(file.len())),
            Damage::Again { from, length, to } => {
                let (from, to) = (from.index(file.len()), to.index(file.len()));
                let part = file[from..file.len().min(from + length)].to_vec();
                file.splice(to..to, part);
            }
        }
    }
    file
}

fn archives() -> [Vec<u8>; 2] {
    let named = |(name, message): (&str, Message)| NamedMessage { name: name.to_owned(), message };
    let messages: Vec<NamedMessage> = messages().into_iter().map(named).collect();
    let out = std::io::Cursor::new(vec![]);
    let alone = write_messages(out, &messages).unwrap().into_inner();
    [requests_file(&[signed(1), signed(2)]).unwrap(), alone]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn damaged_messages_are_read_or_refused(
        which in 0..3_usize,
        damages in damages(),
        bytes in vec(any::<u8>(), 0..500),
    ) {
        let xml = damaged(messages()[which].1.to_xml().unwrap().into_bytes(), &damages);
        if let Ok(message) = Message::from_xml(&xml)
            && let Ok(again) = message.to_xml()
        {
            prop_assert_eq!(Message::from_xml(again.as_bytes()), Ok(message));
        }
        let _ = Message::from_xml(&bytes);
    }

    #[test]
    fn damaged_archives_are_read_or_refused(
        which in 0..2_usize,
        damages in damages(),
        bytes in vec(any::<u8>(), 0..500),
    ) {
        let file = damaged(archives()[which].clone(), &damages);
        for file in [&file, &bytes] {
            if let Ok(entries) = read_archive(file, ENTRY_BYTES_MAX) {
                prop_assert!(entries.iter().all(|entry| entry.bytes.len() <= ENTRY_BYTES_MAX));
            }
            if let Ok(requests) = read_requests(file) {
                prop_assert!(requests.len() <= MANDATES_MAX);
            }
            let _ = read_messages(file);
        }
    }
}

/// An archive that announces more than there is, and one that unpacks to more than it may.
#[test]
fn archives_cost_no_more_than_their_caps() {
    let large = vec![b' '; ARCHIVE_BYTES_MAX + 1];
    assert_eq!(read_archive(&large, ENTRY_BYTES_MAX).unwrap_err().why, Why::TooLarge);
    let mut writer = super::super::archive::ArchiveWriter::new(std::io::Cursor::new(vec![]));
    writer.push("blank.xml", &vec![b' '; ENTRY_BYTES_MAX + 1]).unwrap();
    let bomb = writer.finish().unwrap().into_inner();
    assert!(bomb.len() < 1_000, "it packs well");
    assert_eq!(read_archive(&bomb, ENTRY_BYTES_MAX).unwrap_err().why, Why::TooLarge);
    assert_eq!(read_archive(&bomb, ENTRY_BYTES_MAX + 1).unwrap().len(), 1);
}
