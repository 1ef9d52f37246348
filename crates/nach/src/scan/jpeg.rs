//! JPEG uploads. The file is walked from segment to segment first: its size, kind, number of scans
//! and completeness are known before the decoder reserves anything.
//!
//! One or three planes are decoded, in any order of scans. Pictures in four inks are refused, and so
//! are progressive ones whose colours are halved in height alone: the decoder fails on them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::picture::{Orientation, Picture};
use super::{DECODE_BYTES_MAX, Rules, SIDE_MAX, Unclear, check_sides};

/// Most scans: each goes through all blocks again. Cameras write at most ten.
const SCANS_MAX: usize = 24;

/// Decodes a file that starts like a JPEG: its brightness, and how the camera was held.
pub(super) fn decode(bytes: &[u8], rules: Rules<'_>) -> Result<(Picture, Orientation), Unclear> {
    let outline = Outline::of(bytes).ok_or(Unclear::Broken)?;
    check_sides(outline.width, outline.height, rules)?;
    if outline.scans > SCANS_MAX || !outline.is_plausible() {
        return Err(Unclear::Broken);
    }
    let options = DecoderOptions::default()
        .set_max_width(SIDE_MAX)
        .set_max_height(SIDE_MAX)
        .set_strict_mode(true)
        .jpeg_set_max_scans(SCANS_MAX);
    let file = bytes.get(..outline.end).ok_or(Unclear::Broken)?;
    // The decoder has panicked on damaged tables. It holds nothing but this file and its own memory,
    // so nothing half-done outlives a panic.
    let decoded = catch_unwind(AssertUnwindSafe(|| samples(file, options, &outline)));
    let pixels = decoded.map_err(|_| Unclear::Broken)??;
    let picture = Picture::new(outline.width, outline.height, pixels).ok_or(Unclear::Broken)?;
    Ok((picture, outline.orientation))
}

/// The brightness of each pixel.
fn samples(file: &[u8], options: DecoderOptions, outline: &Outline) -> Result<Vec<u8>, Unclear> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|_| Unclear::Broken)?;
    // Brightness is a plane of its own, except where the planes are red, green and blue.
    let has_brightness =
        matches!(decoder.input_colorspace(), Some(ColorSpace::Luma | ColorSpace::YCbCr));
    let (colors, samples) =
        if has_brightness { (ColorSpace::Luma, 1) } else { (ColorSpace::RGB, 3) };
    if outline.memory(samples) > DECODE_BYTES_MAX {
        return Err(Unclear::TooManyPixels);
    }
    decoder.set_options(options.jpeg_set_out_colorspace(colors));
    let pixels = decoder.decode().map_err(|_| Unclear::Broken)?;
    Ok(match samples {
        1 => pixels,
        _ => pixels.chunks_exact(3).map(brightness).collect(),
    })
}

/// Brightness of red, green and blue (ITU-R BT.601).
pub(super) fn brightness(color: &[u8]) -> u8 {
    let weighted =
        color.iter().zip([299, 587, 114]).map(|(part, weight)| u32::from(*part) * weight);
    u8::try_from((weighted.sum::<u32>() + 500) / 1_000).unwrap_or(u8::MAX)
}

/// What the segments of a file say.
struct Outline {
    width: usize,
    height: usize,
    components: usize,
    /// Whether all coefficients are held until the last scan: progressive, or a plane after the
    /// other.
    is_buffered: bool,
    scans: usize,
    /// Bytes of data in all scans.
    data: usize,
    orientation: Orientation,
    /// Where the picture ends. What follows, such as a phone's second picture, is not looked at.
    end: usize,
}

impl Outline {
    /// Walks a whole file; `None` where it is damaged, is cut off, or of a kind that is not decoded.
    fn of(bytes: &[u8]) -> Option<Outline> {
        let mut outline = Outline {
            width: 0,
            height: 0,
            components: 0,
            is_buffered: false,
            scans: 0,
            data: 0,
            orientation: Orientation::UPRIGHT,
            end: 0,
        };
        // After the first marker, which is known.
        let mut at = 2;
        loop {
            if *bytes.get(at)? != 0xff {
                return None;
            }
            at += bytes.get(at..)?.iter().position(|byte| *byte != 0xff)?;
            let marker = *bytes.get(at)?;
            at += 1;
            match marker {
                0xd9 => {
                    outline.end = at;
                    return (outline.scans > 0).then_some(outline);
                }
                // Markers without content that have no place here.
                0x00..=0x01 | 0xd0..=0xd8 => return None,
                _ => {}
            }
            let length = usize::from(u16_at(bytes, at)?);
            let segment = bytes.get(at + 2..at.checked_add(length)?)?;
            at += length;
            match marker {
                0xc0..=0xc2 => outline.start_frame(marker, segment)?,
                // Lossless, hierarchical, arithmetic; 0xc4 and 0xc8 are tables and reserved.
                0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return None,
                0xda => {
                    outline.start_scan(segment)?;
                    let end = end_of_scan(bytes, at)?;
                    outline.data += end - at;
                    at = end;
                }
                0xe1 => {
                    let exif = segment.strip_prefix(b"Exif\0\0");
                    if let Some(orientation) = exif.and_then(orientation) {
                        outline.orientation = orientation;
                    }
                }
                _ => {}
            }
        }
    }

    fn start_frame(&mut self, marker: u8, segment: &[u8]) -> Option<()> {
        let is_first = self.components == 0;
        self.height = usize::from(u16_at(segment, 1)?);
        self.width = usize::from(u16_at(segment, 3)?);
        self.components = usize::from(*segment.get(5)?);
        self.is_buffered = marker == 0xc2;
        let sampling = *segment.get(7)?;
        let is_halved_in_height = self.components > 1 && sampling >> 4 < sampling & 15;
        let is_decoded = is_first && matches!(self.components, 1 | 3);
        (is_decoded && !(self.is_buffered && is_halved_in_height)).then_some(())
    }

    fn start_scan(&mut self, segment: &[u8]) -> Option<()> {
        let in_scan = usize::from(*segment.first()?);
        self.is_buffered |= in_scan != self.components;
        self.scans += 1;
        (self.components > 0).then_some(())
    }

    /// Whether there is a bit of data for each block of 8 by 8 pixels: less cannot be coded, but the
    /// decoder would fill the rest with grey.
    fn is_plausible(&self) -> bool {
        let blocks = self.width.div_ceil(8) * self.height.div_ceil(8);
        self.data.saturating_mul(8) >= blocks
    }

    /// Bytes that decoding takes for samples and coefficients.
    fn memory(&self, samples: usize) -> usize {
        // The largest unit that is decoded at once is 32 pixels wide and high.
        let padded = self.width.next_multiple_of(32) * self.height.next_multiple_of(32);
        let coefficients = if self.is_buffered { 2 * self.components } else { 0 };
        // Other color models are decoded to three samples and made into one.
        let samples = if samples == 1 { 1 } else { samples + 1 };
        padded * (samples + coefficients)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// Where the marker after the data of a scan is. Inside the data 0xff is followed by zero, or is a
/// restart.
fn end_of_scan(bytes: &[u8], from: usize) -> Option<usize> {
    let pairs = bytes.get(from..)?.windows(2);
    let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    Some(from + pairs.into_iter().position(ends)?)
}

/// The orientation that an EXIF block states, by its first directory.
fn orientation(exif: &[u8]) -> Option<Orientation> {
    const ORIENTATION: u16 = 0x0112;
    const SHORT: u16 = 3;
    let is_little = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let number: [u8; 2] = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(number) } else { u16::from_be_bytes(number) })
    };
    let offset: [u8; 4] = exif.get(4..8)?.try_into().ok()?;
    let offset = if is_little { u32::from_le_bytes(offset) } else { u32::from_be_bytes(offset) };
    let directory = usize::try_from(offset).ok()?;
    for number in 0..usize::from(short(directory)?) {
        let entry = directory.checked_add(2 + 12 * number)?;
        if short(entry)? == ORIENTATION && short(entry + 2)? == SHORT {
            return Orientation::new(short(entry + 8)?);
        }
    }
    None
}
