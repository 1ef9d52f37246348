//! The images for banks: sizes, kinds, and that what is on the paper is on them.

use std::convert::Infallible;

use fax::Color;
use fax::decoder::{decode_g4, pels};
use proptest::prelude::*;

use super::files::grey_png;
use super::*;
use crate::mandate::IMAGE_BYTES_MAX;

fn images(picture: &Picture) -> BankImages {
    Scan { file_type: FileType::Png, sides: (0, 0), picture: picture.clone() }.for_bank().unwrap()
}

/// Value of a tag of a little-endian TIFF with one directory.
fn tag(tiff: &[u8], number: u16) -> u32 {
    let u16_at = |at: usize| u16::from_le_bytes(tiff[at..at + 2].try_into().unwrap());
    let u32_at = |at: usize| u32::from_le_bytes(tiff[at..at + 4].try_into().unwrap());
    let directory = u32_at(4) as usize;
    let entries = (0..usize::from(u16_at(directory))).map(|entry| directory + 2 + 12 * entry);
    let entry = entries.into_iter().find(|at| u16_at(*at) == number).unwrap();
    match u16_at(entry + 2) {
        3 => u16_at(entry + 8).into(),
        5 => u32_at(u32_at(entry + 8) as usize) / u32_at(u32_at(entry + 8) as usize + 4),
        _ => u32_at(entry + 8),
    }
}

/// The pixels of a TIFF, `true` for black.
fn black(tiff: &[u8]) -> Vec<bool> {
    let (width, height) = (tag(tiff, 256), tag(tiff, 257));
    let from = tag(tiff, 273) as usize;
    let data = &tiff[from..from + tag(tiff, 279) as usize];
    let mut pixels = vec![];
    let line =
        |transitions: &[u32]| pixels.extend(pels(transitions, width).map(|c| c == Color::Black));
    decode_g4(data.iter().copied(), width, Some(height), line).unwrap();
    pixels
}

#[test]
fn as_banks_take_them() {
    let images = images(&sheet(200));
    assert!(images.grey_jpeg.len() <= IMAGE_BYTES_MAX);
    assert!(images.bilevel_tiff.len() <= IMAGE_BYTES_MAX);
    // JFIF: density in pixels per inch. Then one component of eight bits.
    assert_eq!(&images.grey_jpeg[..4], b"\xff\xd8\xff\xe0");
    assert_eq!(images.grey_jpeg[13..18], [1, 0, 100, 0, 100]);
    let again = Scan::read(&images.grey_jpeg, TEST).unwrap();
    assert_eq!(again.sides(), (800, 367));
    let frame = images.grey_jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    assert_eq!((images.grey_jpeg[frame + 4], images.grey_jpeg[frame + 9]), (8, 1));

    let tiff = &images.bilevel_tiff;
    let tags = [(256, 1600), (257, 733), (259, 4), (262, 0), (282, 200), (283, 200), (296, 2)];
    for (number, want) in tags {
        assert_eq!(tag(tiff, number), want, "tag {number}");
    }
    assert_eq!(black(tiff).len(), 1600 * 733);
    assert_eq!(
        Some(images.clone()),
        super::super::bank::images(&sheet(200)),
        "the same every time"
    );
}

/// Of a whole sheet only the slip travels; a picture of the slip fills the image.
#[test]
fn the_slip_fills_the_image() {
    let page = sheet(150);
    let share = |picture: &Picture| {
        let pixels = black(&images(picture).bilevel_tiff);
        pixels.iter().filter(|is_black| **is_black).count() * 1_000 / pixels.len()
    };
    let slip = picture::Area {
        x: page.width() * 5 / 210,
        y: page.height() * 7 / 297,
        width: page.width() * 200 / 210,
        height: page.height() * 92 / 297,
    };
    let slip = page.scaled(slip, 1600, 733);
    let (of_page, of_slip) = (share(&page), share(&slip));
    assert!((30..200).contains(&of_slip) && of_page.abs_diff(of_slip) < 40, "{of_page} {of_slip}");
    // A square picture keeps its proportions: white on both sides.
    let square = Picture::new(400, 400, vec![0; 160_000]).unwrap();
    let jpeg = images(&square).grey_jpeg;
    let scan = Scan::read(&jpeg, TEST).unwrap();
    let middle = &scan.picture.pixels()[800 * 180..800 * 181];
    assert!(middle[200] > 240 && middle[230] < 15 && middle[570] < 15 && middle[600] > 240);
}

/// A shadow over half of a photograph does not turn it black, and ink in it is still found.
#[test]
fn shadows_stay_white() {
    let mut page = sheet(100);
    let (width, height) = (page.width(), page.height() / 3);
    let area = picture::Area { x: 0, y: 0, width, height };
    page = page.scaled(area, 1600, 733);
    let shaded: Vec<u8> = (0..)
        .zip(page.pixels())
        .map(|(at, grey)| (u32::from(*grey) * (100 - at % 1600 / 27) / 100) as u8)
        .collect();
    let shaded = Picture::new(1600, 733, shaded).unwrap();
    let (plain, shaded) =
        (black(&images(&page).bilevel_tiff), black(&images(&shaded).bilevel_tiff));
    let differing = plain.iter().zip(&shaded).filter(|(a, b)| a != b).count();
    assert!(differing * 100 < plain.len() * 2, "{differing} of {}", plain.len());
}

#[test]
fn small_and_odd_pictures_are_made_to_fit() {
    for (width, height) in [(1, 1), (1, 3000), (3000, 1), (5, 7)] {
        let images = images(&Picture::white(width, height));
        assert!(!black(&images.bilevel_tiff).contains(&true));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    /// Noise is the worst that can be packed: it fits, or is refused.
    #[test]
    fn noise_fits_or_is_refused(seed in any::<u32>(), paper in 1_u32..=255, grain in 1_u32..=255) {
        let mut state = seed;
        let noise = (0..1600 * 733).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (paper.saturating_sub((state >> 16) % grain)) as u8
        });
        let file = grey_png(1600, &noise.collect::<Vec<u8>>());
        match Scan::read(&file, TEST).unwrap().for_bank() {
            Ok(images) => {
                prop_assert!(images.grey_jpeg.len() <= IMAGE_BYTES_MAX);
                prop_assert!(images.bilevel_tiff.len() <= IMAGE_BYTES_MAX);
            }
            Err(refusal) => prop_assert_eq!(refusal, Refusal::NotClear(Unclear::Noisy)),
        }
    }
}

proptest! {
    /// The encoder of the lines loses nothing.
    #[test]
    fn lines_come_back(width in 1_usize..200, rows in prop::collection::vec(any::<u64>(), 1..20)) {
        let pixel = |row: u64, x: usize| row.rotate_left((x * x % 64) as u32) & 3 == 0;
        let mut encoder = fax::encoder::Encoder::new(fax::VecWriter::new());
        let mut want = vec![];
        for row in &rows {
            let line: Vec<bool> = (0..width).map(|x| pixel(*row, x)).collect();
            let colors = line.iter().map(|is_black| if *is_black { Color::Black } else { Color::White });
            let done: Result<(), Infallible> = encoder.encode_line(colors, width as u32);
            done.unwrap();
            want.extend(line);
        }
        let data = encoder.finish().unwrap().finish();
        let tiff = fax::tiff::wrap(&data, width as u32, rows.len() as u32);
        prop_assert_eq!(black(&tiff), want);
    }
}
