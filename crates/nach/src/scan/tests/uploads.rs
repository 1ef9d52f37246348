//! The checks in their order, and every kind of picture that is decoded.

use jpeg_encoder::{ColorType, SamplingFactor};

use super::files::{exif, grey_png, jpeg, packed, png};
use super::*;

fn read(bytes: &[u8]) -> Result<Scan, Refusal> {
    Scan::read(bytes, TEST)
}

/// The pixels of a file, as they were decoded.
fn pixels(bytes: &[u8]) -> Vec<u8> {
    read(bytes).unwrap().picture.pixels().to_vec()
}

#[test]
fn pn_25_types_are_told_by_their_first_bytes() {
    assert_eq!(FileType::of(&grey_png(1, &[0])), Some(FileType::Png));
    assert_eq!(FileType::of(b"\xff\xd8\xff\xe0"), Some(FileType::Jpeg));
    for other in [&b"%PDF-1.7\n"[..], b"hello", b"GIF89a", b"II*\0", b"\xff\xd8", b"\x89PNG\r\n"] {
        assert_eq!(read(other), Err(Refusal::UnknownType));
    }
    assert_eq!(read(b""), Err(Refusal::Missing));
}

#[test]
fn pn_26_size_is_checked_before_type() {
    let mut file = vec![0; FILE_BYTES_MAX + 1];
    assert_eq!(read(&file), Err(Refusal::TooLarge));
    file[..3].copy_from_slice(b"\xff\xd8\xff");
    assert_eq!(read(&file), Err(Refusal::TooLarge));
    assert_eq!(read(&file[..FILE_BYTES_MAX]), Err(broken()));
}

#[test]
fn pn_27_a_damaged_picture_is_not_clear() {
    assert_eq!(read(b"\x89PNG\r\n\x1a\ngarbage"), Err(broken()));
    assert_eq!(broken().reason(), "image_not_clear");
    assert_eq!(broken().description(), "image not clear");
}

#[test]
fn pn_28_file_names_ask_for_refusals_in_test_mode() {
    let good = grey_png(1, &[0]);
    let named = |file_name: &str, bytes: &[u8]| {
        Scan::read(bytes, Rules::Test { file_name }).err().map(Refusal::reason)
    };
    for reason in [
        "unknown_file_type",
        "file_size_exceeds_limit",
        "image_not_clear",
        "form_mismatch",
        "form_signature_missing",
        "form_data_mismatch",
    ] {
        assert_eq!(named(&format!("my {reason} 2.png"), &good), Some(reason));
        assert_eq!(named(&format!("scan.{reason}"), &good), None, "only the stem");
    }
    // The earlier of what is asked for and what is found.
    assert_eq!(named("form_mismatch.png", b"%PDF-"), Some("unknown_file_type"));
    assert_eq!(named("unknown_file_type.png", b"\x89PNG\r\n\x1a\n"), Some("unknown_file_type"));
    assert_eq!(named("form_data_mismatch form_mismatch.png", &good), Some("form_mismatch"));
    assert_eq!(Scan::read(&sheet_png(), Rules::Live).err(), None);
}

fn sheet_png() -> Vec<u8> {
    let page = sheet(100);
    grey_png(page.width(), page.pixels())
}

#[test]
fn every_kind_of_png_is_decoded() {
    let grey = |kind, rows: &[u8], more: &[(&[u8; 4], &[u8])]| {
        let data = packed(rows);
        let chunks = [more, &[(b"IDAT", &data)]].concat();
        pixels(&png((2, 1), kind, &chunks))
    };
    assert_eq!(grey([1, 0, 0], &[0, 0b0100_0000], &[]), [0, 255]);
    assert_eq!(grey([2, 0, 0], &[0, 0b1001_0000], &[]), [170, 85]);
    assert_eq!(grey([8, 0, 0], &[0, 7, 9], &[]), [7, 9]);
    assert_eq!(grey([16, 0, 0], &[0, 7, 99, 9, 99], &[]), [7, 9]);
    assert_eq!(grey([8, 2, 0], &[0, 255, 0, 0, 0, 0, 255], &[]), [76, 29]);
    assert_eq!(grey([8, 4, 0], &[0, 0, 255, 0, 0], &[]), [0, 255], "transparent is paper");
    assert_eq!(grey([8, 6, 0], &[0, 0, 0, 0, 128, 9, 9, 9, 255], &[]), [127, 9]);
    let palette: (&[u8; 4], &[u8]) = (b"PLTE", &[0, 0, 0, 200, 200, 200]);
    assert_eq!(grey([1, 3, 0], &[0, 0b0100_0000], &[palette]), [0, 200]);
    let transparent: (&[u8; 4], &[u8]) = (b"tRNS", &[0]);
    assert_eq!(grey([1, 3, 0], &[0, 0b0100_0000], &[palette, transparent]), [255, 200]);
}

#[test]
fn an_interlaced_png_is_decoded() {
    // 3 by 3; passes 1, 5, 6 and 7 are not without pixels, 4 has one.
    let rows = [0, 1, 0, 3, 0, 7, 9, 0, 2, 0, 8, 0, 4, 5, 6];
    let file = png((3, 3), [8, 0, 1], &[(b"IDAT", &packed(&rows))]);
    assert_eq!(pixels(&file), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn every_kind_of_jpeg_is_decoded() {
    // Left dark, right light: 35 by 21, so that no side is a multiple of a block.
    let side = |x: usize| if x < 16 { 40 } else { 210 };
    let grey: Vec<u8> = (0..35 * 21).map(|at| side(at % 35)).collect();
    let rgb: Vec<u8> = grey.iter().flat_map(|grey| [*grey; 3]).collect();
    let samplings = [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_1,
        SamplingFactor::F_1_2,
        SamplingFactor::F_2_2,
        SamplingFactor::F_4_1,
    ];
    let mut files = vec![jpeg((35, 21), &grey, ColorType::Luma, |_| {})];
    for sampling in samplings {
        for is_progressive in [false, true] {
            files.push(jpeg((35, 21), &rgb, ColorType::Rgb, |encoder| {
                encoder.set_sampling_factor(sampling);
                encoder.set_progressive(is_progressive);
                encoder.set_restart_interval(if is_progressive { 0 } else { 2 });
            }));
        }
    }
    // Planes that are red, green and blue as they are.
    files.push(jpeg((35, 21), &rgb, ColorType::Ycbcr, |encoder| {
        encoder.add_app_segment(14, b"Adobe\0\x64\0\0\0\0\0".to_vec()).unwrap();
    }));
    // Halved in height alone, and progressive: not decoded. Nor are four inks.
    assert_eq!(read(&files.remove(6)), Err(broken()));
    let inks = jpeg((1, 1), &[0; 4], ColorType::Cmyk, |_| {});
    assert_eq!(read(&inks), Err(broken()));
    for (number, file) in files.iter().enumerate() {
        let scan = read(file).unwrap_or_else(|refusal| panic!("file {number}: {refusal}"));
        assert_eq!((scan.file_type(), scan.sides()), (FileType::Jpeg, (35, 21)));
        for (at, grey) in scan.picture.pixels().iter().enumerate() {
            let (x, want) = (at % 35, side(at % 35));
            let is_edge = (12..20).contains(&x);
            assert!(is_edge || grey.abs_diff(want) < 12, "file {number}, x {x}: {grey}");
        }
    }
}

#[test]
fn pictures_stand_upright_and_lose_what_cameras_write() {
    // Dark on top.
    let grey: Vec<u8> = (0..40 * 16).map(|at| if at < 40 * 8 { 30 } else { 220 }).collect();
    for is_little in [false, true] {
        let turned = |number: u8| {
            let file = jpeg((40, 16), &grey, ColorType::Luma, |encoder| {
                encoder.add_exif_metadata(&exif(number, is_little)).unwrap();
                encoder.add_app_segment(13, b"Photoshop 3.0\0owner".to_vec()).unwrap();
            });
            assert!(file.windows(4).any(|four| four == b"home"));
            read(&[&file, &b"trailing picture"[..]].concat()).unwrap()
        };
        assert_eq!(turned(1).sides(), (40, 16));
        assert!(turned(1).picture.pixels()[0] < 60);
        assert!(turned(3).picture.pixels()[0] > 190);
        // Turned to the right: the top is on the right.
        let right = turned(6);
        assert_eq!(right.sides(), (16, 40));
        assert!(right.picture.pixels()[0] > 190 && right.picture.pixels()[15] < 60);
        for word in ["Exif", "home", "19.0760N", "Photoshop", "owner", "trailing"] {
            let kept = right.to_jpeg().unwrap();
            assert!(!kept.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
        }
    }
    let text: (&[u8; 4], &[u8]) = (b"tEXt", b"Author\0owner");
    let data = packed(&[0, 9]);
    let file = png((1, 1), [8, 0, 0], &[text, (b"IDAT", &data)]);
    let kept = read(&file).unwrap().to_jpeg().unwrap();
    assert!(!kept.windows(5).any(|part| part == b"owner"));
}

#[test]
fn what_is_kept_reads_back_and_is_always_the_same() {
    let scan = read(&sheet_png()).unwrap();
    let kept = scan.to_jpeg().unwrap();
    assert_eq!(kept, read(&sheet_png()).unwrap().to_jpeg().unwrap());
    let again = read(&kept).unwrap();
    assert_eq!(again.sides(), scan.sides());
    let large = grey_png(4000, &vec![255; 4000 * 10]);
    let scan = read(&large).unwrap();
    assert_eq!(scan.sides(), (4000, 10));
    assert_eq!(read(&scan.to_jpeg().unwrap()).unwrap().sides(), (KEPT_SIDE_MAX, 8));
    assert_eq!(format!("{scan:?}"), "Scan(Png, 4000 x 10)");
}

#[test]
fn live_scans_are_large_enough_and_readable() {
    let live = |picture: &Picture| {
        let file = grey_png(picture.width(), picture.pixels());
        Scan::read(&file, Rules::Live).err()
    };
    let unclear = |why| Some(Refusal::NotClear(why));
    let page = sheet(120);
    let area = picture::Area { x: 0, y: 0, width: page.width(), height: page.height() / 3 };
    let slip = page.scaled(area, 800, 367);
    assert_eq!(live(&page), None);
    assert_eq!(live(&slip), None);
    assert_eq!(live(&page.scaled(area, 799, 367)), unclear(Unclear::TooFewPixels));
    assert_eq!(live(&page.scaled(area, 800, 366)), unclear(Unclear::TooFewPixels));
    assert_eq!(live(&Picture::white(800, 367)), unclear(Unclear::Blank));
    let shaken = slip.scaled(slip.whole(), 60, 27);
    assert_eq!(live(&shaken.scaled(shaken.whole(), 800, 367)), unclear(Unclear::Blurred));
    // What is seen clearly enough at half the size is still accepted.
    let soft = slip.scaled(slip.whole(), 400, 183);
    assert_eq!(live(&soft.scaled(soft.whole(), 1600, 733)), None);
}
