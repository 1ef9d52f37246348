//! Files that are made to cost something, or to break a decoder.

use jpeg_encoder::ColorType;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::files::{exif, grey_png, jpeg, packed, png, with_sides};
use super::*;

fn too_many() -> Result<Scan, Refusal> {
    Err(Refusal::NotClear(Unclear::TooManyPixels))
}

fn small_jpeg(is_progressive: bool) -> Vec<u8> {
    let pixels: Vec<u8> = (0..48 * 48 * 3).map(|at| (at % 251) as u8).collect();
    jpeg((48, 48), &pixels, ColorType::Rgb, |encoder| {
        encoder.set_progressive(is_progressive);
        encoder.add_exif_metadata(&exif(6, true)).unwrap();
    })
}

#[test]
fn claims_of_huge_sides_reserve_nothing() {
    let data = packed(&[0; 100]);
    for (width, height) in [(60_000, 60_000), (u32::MAX, u32::MAX), (12_001, 1), (8_000, 5_001)] {
        let claim = png((width, height), [16, 6, 0], &[(b"IDAT", &data)]);
        let refusal = Scan::read(&claim, TEST).err().unwrap();
        assert!(matches!(refusal, Refusal::NotClear(Unclear::TooManyPixels | Unclear::Broken)));
    }
    let sided = |jpeg: &[u8], width, height| Scan::read(&with_sides(jpeg, width, height), TEST);
    let baseline = small_jpeg(false);
    assert_eq!(sided(&baseline, 60_000, 60_000), too_many());
    assert_eq!(sided(&baseline, 12_001, 8), too_many());
    assert_eq!(sided(&baseline, 0, 8), Err(broken()));
    assert_eq!(sided(&baseline, 8, 0), Err(broken()));
    // Less data than blocks.
    assert_eq!(sided(&baseline, 8_000, 5_000), Err(broken()));
    // Enough of it, but the coefficients of a progressive picture would not be within the memory.
    let padded = |jpeg: &[u8]| {
        let end = jpeg.len() - 2;
        with_sides(&[&jpeg[..end], &[0; 80_000], &jpeg[end..]].concat(), 8_000, 5_000)
    };
    assert_eq!(Scan::read(&padded(&small_jpeg(true)), TEST), too_many());
    assert!(Scan::read(&padded(&baseline), TEST).is_ok(), "no more than grey");
}

/// Rows that pack well: 64 megabytes in 64 kilobytes, within the sides. And texts and profiles that
/// unpack to as much, which are skipped.
#[test]
fn bombs_cost_no_more_than_their_pixels() {
    let bomb = packed(&vec![0; 64_000_000]);
    assert!(bomb.len() < 100_000);
    let rows = png((7_999, 8_000), [8, 0, 0], &[(b"IDAT", &bomb)]);
    assert_eq!(Scan::read(&rows, TEST), too_many());
    let more_than_said = png((2, 2), [8, 0, 0], &[(b"IDAT", &bomb)]);
    let _ = Scan::read(&more_than_said, TEST);
    let text = [b"Comment\0\0", bomb.as_slice()].concat();
    let profile = [b"icc\0\0", bomb.as_slice()].concat();
    let data = packed(&[0, 9]);
    let chunks: [(&[u8; 4], &[u8]); 3] = [(b"iCCP", &profile), (b"zTXt", &text), (b"IDAT", &data)];
    assert!(Scan::read(&png((1, 1), [8, 0, 0], &chunks), TEST).is_ok());
}

/// A scan that is repeated for as long as the file may be.
#[test]
fn scans_are_counted() {
    let file = small_jpeg(true);
    let last = file.windows(2).rposition(|two| two == [0xff, 0xda]).unwrap();
    let (head, scan) = (&file[..last], &file[last..file.len() - 2]);
    let repeated = [head, &scan.repeat(1_000), &[0xff, 0xd9]].concat();
    assert_eq!(Scan::read(&repeated, TEST), Err(broken()));
}

#[test]
fn files_that_are_cut_off_are_refused() {
    let page = sheet(40);
    let files = [grey_png(page.width(), page.pixels()), small_jpeg(false), small_jpeg(true)];
    for file in files {
        assert!(Scan::read(&file, TEST).is_ok());
        // A PNG's last chunk is empty: its 12 bytes may be missing.
        for length in (9..file.len() - 12).step_by(97).chain([file.len() - 13]) {
            let refusal = Scan::read(&file[..length], TEST).err();
            assert_eq!(refusal, Some(broken()), "{length} of {}", file.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_read_or_refused(is_png: bool, bytes in vec(any::<u8>(), 0..600)) {
        let magic: &[u8] = if is_png { b"\x89PNG\r\n\x1a\n" } else { b"\xff\xd8\xff" };
        let _ = Scan::read(&[magic, &bytes].concat(), Rules::Live);
        let _ = Scan::read(&[magic, &bytes].concat(), TEST);
    }

    #[test]
    fn any_damage_is_read_or_refused(
        kind in 0..4,
        changes in vec((any::<Index>(), any::<u8>()), 1..8),
        cut in any::<Index>(),
        is_cut: bool,
    ) {
        let rows: Vec<u8> = (0..40 * 41).map(|at| if at % 41 == 0 { 1 } else { (at % 7) as u8 }).collect();
        let mut file = match kind {
            0 => small_jpeg(false),
            1 => small_jpeg(true),
            2 => png((40, 40), [8, 0, 0], &[(b"IDAT", &packed(&rows))]),
            _ => png((10, 10), [8, 6, 1], &[(b"IDAT", &packed(&rows))]),
        };
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if is_cut {
            file.truncate(cut.index(file.len()));
        }
        if let Ok(scan) = Scan::read(&file, TEST) {
            prop_assert!(scan.sides().0 <= SIDE_MAX && scan.sides().1 <= SIDE_MAX);
            prop_assert!(scan.to_jpeg().is_ok());
        }
    }
}
