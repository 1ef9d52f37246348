//! A sheet of paper as a list of marks. Lengths are hundredths of a millimetre, whole numbers, from
//! the upper left corner; y of a text is its baseline.

use super::font::{Fonts, Weight};

/// A4.
pub(super) const WIDTH: i32 = 21_000;
pub(super) const HEIGHT: i32 = 29_700;

/// Smallest size that a text is shrunk to.
const SIZE_MIN: i32 = points(50);

/// A size in tenths of a point as hundredths of a millimetre.
pub(super) const fn points(tenths: i32) -> i32 {
    tenths * 254 / 72
}

/// Something on the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A text from its left end.
    Text { x: i32, y: i32, size: i32, weight: Weight, text: String },
    /// A text with a character in the middle of each cell, read as one.
    Cells { x: i32, y: i32, cell: i32, size: i32, text: String },
    /// An outline.
    Frame(Box),
    /// A filled rectangle.
    Fill(Box),
    /// The sign of the rupee from its left end, which no font here has.
    Rupee { x: i32, y: i32, size: i32 },
    /// A straight line.
    Line { from: (i32, i32), to: (i32, i32), width: i32, dash: i32 },
}

/// A rectangle by its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Box {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Where a text stands between two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
}

/// The marks of a sheet, in reading order.
pub(super) struct Sheet {
    pub(super) fonts: Fonts,
    pub(super) marks: Vec<Mark>,
}

impl Sheet {
    pub(super) fn new() -> Option<Sheet> {
        Some(Sheet { fonts: Fonts::new()?, marks: vec![] })
    }

    /// Prints a text and gives its width.
    pub(super) fn text(&mut self, x: i32, y: i32, size: i32, weight: Weight, text: &str) -> i32 {
        let text = clean(text);
        let width = self.fonts.width(weight, size, &text);
        if !text.is_empty() {
            self.marks.push(Mark::Text { x, y, size, weight, text });
        }
        width
    }

    /// Prints a text between two sides: smaller where it is too long, and cut at last.
    pub(super) fn fitted(
        &mut self,
        space: (i32, i32, i32),
        size: i32,
        weight: Weight,
        align: Align,
        text: &str,
    ) {
        let (x, y, width) = space;
        let text = clean(text);
        let size = self.fitting(size, SIZE_MIN, weight, &text, width);
        let text = self.cut(size, weight, text, width);
        let shift = match align {
            Align::Left => 0,
            Align::Centre => (width - self.fonts.width(weight, size, &text)) / 2,
        };
        self.text(x + shift, y, size, weight, &text);
    }

    /// Prints a frame and a text in it, as [`Sheet::inside`] does.
    pub(super) fn boxed(&mut self, frame: Box, size: i32, weight: Weight, text: &str) {
        const MARGIN: i32 = 100;
        let Box { x, y, width, height } = frame;
        self.frame(x, y, width, height);
        let space = Box { x: x + MARGIN, width: width - 2 * MARGIN, ..frame };
        self.inside(space, size, weight, text);
    }

    /// Prints a text in the middle of a space: on one line while it stays readable, then on two, cut
    /// at last. The space is high enough for two lines of the smallest size.
    pub(super) fn inside(&mut self, space: Box, size: i32, weight: Weight, text: &str) {
        let Box { x, y, width, height } = space;
        let text = clean(text);
        let size = self.fitting(size, points(64), weight, &text, width);
        if self.fonts.width(weight, size, &text) <= width {
            self.text(x, y + (height + cap_height(size)) / 2, size, weight, &text);
            return;
        }
        let fits = self.line(SIZE_MIN, weight, &text, width);
        let (first, second) = text.split_at(fits);
        let second = self.cut(SIZE_MIN, weight, second.trim_start().to_owned(), width);
        self.text(x, y + height / 2 - points(8), SIZE_MIN, weight, first);
        self.text(x, y + height - points(18), SIZE_MIN, weight, &second);
    }

    /// How much of a text is the first line: up to the last blank that fits, or as many characters as
    /// fit where a word is longer than a line.
    fn line(&self, size: i32, weight: Weight, text: &str, width: i32) -> usize {
        let fits = self.fonts.fitting(weight, size, text, width);
        let (line, rest) = text.split_at(fits);
        if rest.is_empty() || rest.starts_with(' ') {
            return fits;
        }
        line.rfind(' ').unwrap_or(fits)
    }

    /// The size, down to a smallest one, at which a text is not wider than a space.
    pub(super) fn fitting(
        &self,
        size: i32,
        min: i32,
        weight: Weight,
        text: &str,
        width: i32,
    ) -> i32 {
        let wide = self.fonts.width(weight, size, text).max(1);
        let fitting = i64::from(size) * i64::from(width) / i64::from(wide);
        size.min(i32::try_from(fitting).unwrap_or(size)).max(min.min(size))
    }

    /// A text without the end that does not fit, and with an ellipsis in its place.
    fn cut(&self, size: i32, weight: Weight, text: String, width: i32) -> String {
        if self.fonts.width(weight, size, &text) <= width {
            return text;
        }
        let room = width - self.fonts.width(weight, size, "…");
        let fits = self.fonts.fitting(weight, size, &text, room);
        format!("{}…", text.get(..fits).unwrap_or_default())
    }

    /// Prints sentences of ours in lines between two sides; gives the baseline of the line after.
    pub(super) fn paragraph(
        &mut self,
        space: (i32, i32, i32),
        size: i32,
        weight: Weight,
        text: &str,
    ) -> i32 {
        let (x, mut y, width) = space;
        let text = clean(text);
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, next) = rest.split_at(self.line(size, weight, rest, width));
            self.text(x, y, size, weight, line);
            y += size * 5 / 4;
            rest = next.trim_start();
        }
        y
    }

    pub(super) fn frame(&mut self, x: i32, y: i32, width: i32, height: i32) {
        self.marks.push(Mark::Frame(Box { x, y, width, height }));
    }

    /// Prints empty cells in a row, and a text into them.
    pub(super) fn cells(&mut self, corner: (i32, i32), count: i32, cell: (i32, i32), text: &str) {
        let ((x, y), (width, height)) = (corner, cell);
        self.frame(x, y, width * count, height);
        for at in 1..count {
            let from = (x + at * width, y);
            self.marks.push(Mark::Line { from, to: (from.0, y + height), width: 12, dash: 0 });
        }
        let text = clean(text);
        if !text.is_empty() {
            let size = points(90).min(height);
            let y = y + (height + cap_height(size)) / 2;
            self.marks.push(Mark::Cells { x, y, cell: width, size, text });
        }
    }

    /// Prints a box with a tick or without, and its label behind it; gives the x after the label.
    pub(super) fn tick(&mut self, x: i32, y: i32, is_ticked: bool, label: &str) -> i32 {
        const SIDE: i32 = 330;
        self.frame(x, y - SIDE, SIDE, SIDE);
        if is_ticked {
            let corner = (x + 130, y - 60);
            for from in [(x + 55, y - 150), (x + 290, y - 290)] {
                self.marks.push(Mark::Line { from, to: corner, width: 55, dash: 0 });
            }
        }
        let label_x = x + SIDE + 90;
        label_x + self.text(label_x, y - 55, points(68), Weight::Regular, label)
    }
}

/// Capitals and digits are about seven tenths of their size high.
pub(super) fn cap_height(size: i32) -> i32 {
    size * 7 / 10
}

/// Without control characters and with single blanks: a text is one line.
fn clean(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
