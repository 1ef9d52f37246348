//! A grey picture in memory: made smaller, turned upright, written as JPEG.

use jpeg_encoder::{ColorType, Encoder, PixelDensity};

/// Rows of pixels, a byte each: 0 is black.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Picture {
    width: usize,
    height: usize,
    grey: Vec<u8>,
}

/// A rectangle of a picture in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Picture {
    /// A picture of its rows; `None` unless there are as many pixels as its sides say, and some.
    pub(super) fn new(width: usize, height: usize, grey: Vec<u8>) -> Option<Picture> {
        let is_whole = width > 0 && height > 0 && grey.len() == width.checked_mul(height)?;
        is_whole.then_some(Picture { width, height, grey })
    }

    /// A white picture.
    pub(super) fn white(width: usize, height: usize) -> Picture {
        Picture { width, height, grey: vec![u8::MAX; width * height] }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    pub(super) fn pixels(&self) -> &[u8] {
        &self.grey
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.grey.chunks_exact(self.width)
    }

    fn at(&self, x: usize, y: usize) -> u8 {
        self.grey[y * self.width + x]
    }

    pub(super) fn whole(&self) -> Area {
        Area { x: 0, y: 0, width: self.width, height: self.height }
    }

    /// The picture no wider and no higher than a limit, in its proportions.
    pub(super) fn within(self, side_max: usize) -> Picture {
        let long = self.width.max(self.height);
        if long <= side_max {
            return self;
        }
        let scaled = |side: usize| (side * side_max / long).max(1);
        self.scaled(self.whole(), scaled(self.width), scaled(self.height))
    }

    /// An area of the picture in another size.
    ///
    /// Smaller, a pixel is the mean of those it covers, so that thin lines get lighter and do not
    /// vanish; larger, it lies between its neighbours.
    pub(super) fn scaled(&self, area: Area, width: usize, height: usize) -> Picture {
        let mut grey = Vec::with_capacity(width * height);
        let is_smaller = width <= area.width && height <= area.height;
        for y in 0..height {
            for x in 0..width {
                grey.push(match is_smaller {
                    true => self.mean(area, (x, width), (y, height)),
                    false => self.between(area, (x, width), (y, height)),
                });
            }
        }
        Picture { width, height, grey }
    }

    fn mean(&self, area: Area, (x, width): (usize, usize), (y, height): (usize, usize)) -> u8 {
        let covered = |at: usize, count: usize, side: usize| {
            let from = at * side / count;
            (from, ((at + 1) * side / count).max(from + 1))
        };
        let (left, right) = covered(x, width, area.width);
        let (top, bottom) = covered(y, height, area.height);
        let mut sum = 0_usize;
        for row in area.y + top..area.y + bottom {
            let start = row * self.width + area.x;
            sum += self.grey[start + left..start + right]
                .iter()
                .map(|p| usize::from(*p))
                .sum::<usize>();
        }
        let mean = sum / ((right - left) * (bottom - top));
        u8::try_from(mean).unwrap_or(u8::MAX)
    }

    fn between(&self, area: Area, (x, width): (usize, usize), (y, height): (usize, usize)) -> u8 {
        // Centres of pixels, in parts of 256 of a source pixel.
        let place = |at: usize, count: usize, side: usize| {
            let centre = ((2 * at + 1) * side * 128 / count).saturating_sub(128);
            let first = (centre / 256).min(side - 1);
            (first, (first + 1).min(side - 1), centre % 256)
        };
        let (left, right, across) = place(x, width, area.width);
        let (top, bottom, down) = place(y, height, area.height);
        let pixel = |x: usize, y: usize| usize::from(self.at(area.x + x, area.y + y));
        let upper = pixel(left, top) * (256 - across) + pixel(right, top) * across;
        let lower = pixel(left, bottom) * (256 - across) + pixel(right, bottom) * across;
        u8::try_from((upper * (256 - down) + lower * down) >> 16).unwrap_or(u8::MAX)
    }

    /// Puts another picture into this one, its upper left corner at a place; it must fit.
    pub(super) fn put(&mut self, x: usize, y: usize, other: &Picture) {
        for (row, pixels) in other.rows().enumerate() {
            let start = (y + row) * self.width + x;
            self.grey[start..start + other.width].copy_from_slice(pixels);
        }
    }

    /// The picture as it was seen when it was taken.
    pub(super) fn turned(self, orientation: Orientation) -> Picture {
        if orientation == Orientation::UPRIGHT {
            return self;
        }
        let (w, h) = (self.width, self.height);
        let (width, height) = if orientation.swaps_sides() { (h, w) } else { (w, h) };
        let mut grey = Vec::with_capacity(w * h);
        for y in 0..height {
            for x in 0..width {
                grey.push(match orientation.0 {
                    2 => self.at(w - 1 - x, y),
                    3 => self.at(w - 1 - x, h - 1 - y),
                    4 => self.at(x, h - 1 - y),
                    5 => self.at(y, x),
                    6 => self.at(y, h - 1 - x),
                    7 => self.at(w - 1 - y, h - 1 - x),
                    _ => self.at(w - 1 - y, x),
                });
            }
        }
        Picture { width, height, grey }
    }

    /// A JPEG of a quality from 1 to 100, at most 65535 pixels wide and high.
    pub(super) fn to_jpeg(&self, quality: u8, dpi: Option<u16>) -> Option<Vec<u8>> {
        let mut bytes = vec![];
        let mut encoder = Encoder::new(&mut bytes, quality);
        encoder.set_optimized_huffman_tables(true);
        if let Some(dpi) = dpi {
            encoder.set_density(PixelDensity::dpi(dpi));
        }
        let width = u16::try_from(self.width).ok()?;
        let height = u16::try_from(self.height).ok()?;
        encoder.encode(&self.grey, width, height, ColorType::Luma).ok()?;
        Some(bytes)
    }
}

/// How a camera was held, as EXIF numbers it: 1 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Orientation {
    pub(super) const UPRIGHT: Orientation = Orientation(1);

    pub(super) fn new(number: u16) -> Option<Orientation> {
        let number = u8::try_from(number).ok()?;
        (1..=8).contains(&number).then_some(Orientation(number))
    }

    pub(super) fn swaps_sides(self) -> bool {
        self.0 >= 5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, grey: &[u8]) -> Picture {
        Picture::new(width, grey.len() / width, grey.to_vec()).unwrap()
    }

    #[test]
    fn turned_as_exif_says() {
        // 1 2 3
        // 4 5 6
        let grey = [1, 2, 3, 4, 5, 6];
        let cases: [(u16, usize, [u8; 6]); 8] = [
            (1, 3, [1, 2, 3, 4, 5, 6]),
            (2, 3, [3, 2, 1, 6, 5, 4]),
            (3, 3, [6, 5, 4, 3, 2, 1]),
            (4, 3, [4, 5, 6, 1, 2, 3]),
            (5, 2, [1, 4, 2, 5, 3, 6]),
            (6, 2, [4, 1, 5, 2, 6, 3]),
            (7, 2, [6, 3, 5, 2, 4, 1]),
            (8, 2, [3, 6, 2, 5, 1, 4]),
        ];
        for (number, width, want) in cases {
            let turned = picture(3, &grey).turned(Orientation::new(number).unwrap());
            assert_eq!((turned.width, turned.grey.as_slice()), (width, &want[..]), "{number}");
        }
        assert_eq!((Orientation::new(0), Orientation::new(9)), (None, None));
    }

    #[test]
    fn scaled_by_means_and_between_neighbours() {
        let small = picture(4, &[0, 100, 10, 30, 100, 200, 50, 70]);
        let half = small.scaled(small.whole(), 2, 1);
        assert_eq!(half.grey, [100, 40]);
        let wide = picture(2, &[0, 200]);
        assert_eq!(wide.scaled(wide.whole(), 4, 1).grey, [0, 50, 150, 200]);
        let one = picture(1, &[7]);
        assert_eq!(one.scaled(one.whole(), 3, 3).grey, [7; 9]);
        let right = Area { x: 2, y: 0, width: 2, height: 2 };
        assert_eq!(small.scaled(right, 1, 1).grey, [40]);
        assert_eq!(picture(4, &[9; 8]).within(2).grey, [9, 9]);
    }

    #[test]
    fn sides_and_pixels_agree() {
        assert!(Picture::new(2, 2, vec![0; 4]).is_some());
        assert!(Picture::new(2, 2, vec![0; 3]).is_none());
        assert!(Picture::new(0, 2, vec![]).is_none());
        assert!(Picture::new(usize::MAX, 2, vec![0; 4]).is_none());
    }
}
