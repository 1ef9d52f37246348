//! The two images of a paper that banks take: grey JPEG at 100 dpi, black and white TIFF at 200 dpi,
//! both of the front and at most 100 KB. Source: rails 5.2.

use fax::encoder::Encoder;
use fax::{Color, VecWriter};

use super::picture::{Area, Picture};
use crate::mandate::IMAGE_BYTES_MAX;

/// Sides of the grey image in pixels: 8 inches at 100 dpi, as 24 to 11.
const GREY: (usize, usize) = (800, 367);
/// Sides of the black and white image: the same at 200 dpi.
const BILEVEL: (usize, usize) = (1600, 733);

/// What goes into a mandate's archive beside its message.
#[derive(Clone, PartialEq, Eq)]
pub struct BankImages {
    /// JPEG, 8 bits of grey, 800 by 367 pixels, 100 dpi.
    pub grey_jpeg: Vec<u8>,
    /// TIFF, one bit, CCITT group 4, 1600 by 733 pixels, 200 dpi.
    pub bilevel_tiff: Vec<u8>,
}

/// Without the pixels: a signature does not belong in logs.
impl std::fmt::Debug for BankImages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BankImages({}, {} bytes)", self.grey_jpeg.len(), self.bilevel_tiff.len())
    }
}

/// Both images; `None` when one stays too large whatever is given up for it.
pub(super) fn images(picture: &Picture) -> Option<BankImages> {
    let area = slip(picture);
    let fits = |bytes: &Vec<u8>| bytes.len() <= IMAGE_BYTES_MAX;
    let grey = fitted(picture, area, GREY);
    let qualities = [80, 70, 60, 50, 40, 30, 20];
    let grey_jpeg =
        qualities.into_iter().filter_map(|quality| grey.to_jpeg(quality, Some(100))).find(fits)?;
    let large = fitted(picture, area, BILEVEL);
    let means = Means::of(&large);
    // How much darker than around it ink is, in percent: noise of paper goes first.
    let margins = [15, 20, 25, 30, 40, 50];
    let bilevel_tiff =
        margins.into_iter().filter_map(|margin| bilevel(&large, &means, margin)).find(fits)?;
    Some(BankImages { grey_jpeg, bilevel_tiff })
}

/// Where the slip is: its place on a scan of the whole A4 sheet, with some paper around it; else the
/// picture is taken to be the slip.
fn slip(picture: &Picture) -> Area {
    let (width, height) = (picture.width(), picture.height());
    // Within three percent of 210 to 297.
    let ratio = height * 1_000 / width;
    if !(1_372..=1_457).contains(&ratio) {
        return picture.whole();
    }
    // The upper 102 mm: margin, heading, slip, and not yet the dashed line.
    Area { x: 0, y: 0, width, height: (height * 102 / 297).max(1) }
}

/// An area in the middle of a white picture, in its proportions; those of a slip fill it.
fn fitted(picture: &Picture, area: Area, (width, height): (usize, usize)) -> Picture {
    let (as_high, as_wide) = (area.width * height / area.height, area.height * width / area.width);
    let (inner_width, inner_height) =
        if as_high <= width { (as_high.max(1), height) } else { (width, as_wide.clamp(1, height)) };
    let is_close = inner_width * 100 >= width * 97 && inner_height * 100 >= height * 97;
    if is_close {
        return picture.scaled(area, width, height);
    }
    let mut page = Picture::white(width, height);
    let inner = picture.scaled(area, inner_width, inner_height);
    page.put((width - inner_width) / 2, (height - inner_height) / 2, &inner);
    page
}

/// A TIFF in which a pixel is black where it is darker, by a margin in percent, than the mean around
/// it: shadows across a photograph stay white.
fn bilevel(picture: &Picture, means: &Means, margin: u32) -> Option<Vec<u8>> {
    let (width, height) =
        (u32::try_from(picture.width()).ok()?, u32::try_from(picture.height()).ok()?);
    let mut encoder = Encoder::new(VecWriter::new());
    for (y, row) in picture.rows().enumerate() {
        let pixels = row.iter().enumerate().map(|(x, grey)| {
            let (sum, count) = means.around(x, y);
            let is_black = u64::from(*grey) * count * 100 < sum * u64::from(100 - margin);
            if is_black { Color::Black } else { Color::White }
        });
        encoder.encode_line(pixels, width).ok()?;
    }
    let data = encoder.finish().ok()?.finish();
    Some(fax::tiff::wrap(&data, width, height))
}

/// Sums over rectangles of a picture in constant time.
struct Means {
    width: usize,
    height: usize,
    /// At (x, y) the sum of all pixels above and to the left, with a row and a column of zeros.
    sums: Vec<u64>,
}

impl Means {
    /// Half the side of the square that a pixel is compared with.
    const REACH: usize = 50;

    fn of(picture: &Picture) -> Means {
        let (width, height) = (picture.width(), picture.height());
        let mut sums = vec![0; (width + 1) * (height + 1)];
        for (y, row) in picture.rows().enumerate() {
            let mut in_row = 0;
            for (x, grey) in row.iter().enumerate() {
                in_row += u64::from(*grey);
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + in_row;
            }
        }
        Means { width, height, sums }
    }

    /// Sum and number of the pixels around one.
    fn around(&self, x: usize, y: usize) -> (u64, u64) {
        let (left, right) = (x.saturating_sub(Self::REACH), (x + Self::REACH + 1).min(self.width));
        let (top, bottom) = (y.saturating_sub(Self::REACH), (y + Self::REACH + 1).min(self.height));
        let sum = |x: usize, y: usize| self.sums[y * (self.width + 1) + x];
        let inside = sum(right, bottom) + sum(left, top) - sum(left, bottom) - sum(right, top);
        (inside, ((right - left) * (bottom - top)) as u64)
    }
}
