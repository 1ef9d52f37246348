//! The form as a picture, for tests of scans: lines and squares as they are, texts as stripes of
//! about the size of letters.

use super::super::font::Weight;
use super::super::sheet::{Box, HEIGHT, Mark, WIDTH};

/// Width, height and grey pixels of the sheet.
pub(crate) fn sheet(dpi: i32) -> (usize, usize, Vec<u8>) {
    let sheet = super::super::sheet(&super::form()).unwrap();
    let pixel = |units: i32| usize::try_from((units * dpi + 1_270) / 2_540).unwrap();
    let (width, height) = (pixel(WIDTH), pixel(HEIGHT));
    let mut grey = vec![245; width * height];
    let mut fill = |Box { x, y, width: wide, height: high }: Box| {
        for row in pixel(y)..pixel(y + high).max(pixel(y) + 1).min(height) {
            let from = row * width;
            let right = pixel(x + wide).max(pixel(x) + 1).min(width);
            grey[from + pixel(x)..from + right].fill(25);
        }
    };
    for mark in &sheet.marks {
        match mark {
            Mark::Fill(area) => fill(*area),
            Mark::Frame(Box { x, y, width, height }) => {
                let (x, y, width, height) = (*x, *y, *width, *height);
                for side in [(x, y, width, 20), (x, y + height, width, 20)] {
                    fill(Box { x: side.0, y: side.1, width: side.2, height: side.3 });
                }
                for side in [x, x + width] {
                    fill(Box { x: side, y, width: 20, height });
                }
            }
            Mark::Text { x, y, size, text, .. } => {
                let width = sheet.fonts.width(Weight::Regular, *size, text);
                for stripe in (0..width).step_by(usize::try_from(size / 3).unwrap()) {
                    let (x, y) = (x + stripe, y - size * 7 / 10);
                    fill(Box { x, y, width: size / 7, height: size * 7 / 10 });
                }
            }
            Mark::Cells { .. } | Mark::Rupee { .. } | Mark::Line { .. } => {}
        }
    }
    (width, height, grey)
}
