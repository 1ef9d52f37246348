//! PNG uploads, decoded row by row into grey: besides the picture only a row is in memory.

use std::io::Cursor;

use png::{ColorType, Decoder, InterlaceInfo, Limits, Reader, Transformations};

use super::jpeg::brightness;
use super::picture::{Orientation, Picture};
use super::{Rules, Unclear, check_sides};

/// Most that the decoder may reserve, in bytes: a row is below 100 KB.
const LIMITS: Limits = Limits { bytes: 8 * 1024 * 1024 };

/// Decodes a file that starts like a PNG; what is transparent becomes white.
///
/// Texts and colour profiles, which may unpack to more than the picture, are skipped. Of an
/// animation only the first picture is read.
pub(super) fn decode(bytes: &[u8], rules: Rules<'_>) -> Result<(Picture, Orientation), Unclear> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), LIMITS);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let info = decoder.read_header_info().map_err(|_| Unclear::Broken)?;
    let width = usize::try_from(info.width).map_err(|_| Unclear::TooManyPixels)?;
    let height = usize::try_from(info.height).map_err(|_| Unclear::TooManyPixels)?;
    check_sides(width, height, rules)?;
    let reader = decoder.read_info().map_err(|_| Unclear::Broken)?;
    let grey = rows(reader, width, height).ok_or(Unclear::Broken)?;
    let picture = Picture::new(width, height, grey).ok_or(Unclear::Broken)?;
    Ok((picture, Orientation::UPRIGHT))
}

fn rows(mut reader: Reader<Cursor<&[u8]>>, width: usize, height: usize) -> Option<Vec<u8>> {
    let to_grey: fn(&[u8]) -> u8 = match reader.output_color_type().0 {
        ColorType::Grayscale => |pixel| pixel[0],
        ColorType::GrayscaleAlpha => |pixel| on_white(pixel[0], pixel[1]),
        ColorType::Rgb => brightness,
        ColorType::Rgba => |pixel| on_white(brightness(&pixel[..3]), pixel[3]),
        ColorType::Indexed => return None,
    };
    let samples = reader.output_color_type().0.samples();
    let mut grey = vec![0; width * height];
    let mut line = 0;
    while let Some(row) = reader.next_interlaced_row().ok()? {
        let pixels: Vec<u8> = row.data().chunks_exact(samples).map(to_grey).collect();
        match row.interlace() {
            InterlaceInfo::Null(_) => {
                grey.get_mut(line * width..(line + 1) * width)?.copy_from_slice(&pixels);
                line += 1;
            }
            InterlaceInfo::Adam7(info) => {
                png::expand_interlaced_row(&mut grey, width, &pixels, info, 8);
            }
        }
    }
    Some(grey)
}

/// A grey on white paper, by its opacity.
fn on_white(grey: u8, opacity: u8) -> u8 {
    let (grey, opacity) = (u32::from(grey), u32::from(opacity));
    u8::try_from((grey * opacity + 255 * (255 - opacity) + 127) / 255).unwrap_or(u8::MAX)
}
