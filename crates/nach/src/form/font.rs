//! The two fonts of the form, and how wide texts are in them.
//!
//! Liberation Sans has the widths of the face that forms are usually set in, and an open licence
//! (`fonts/LICENSE`). It has no rupee sign, so the slip's is drawn. Only the glyphs that a form uses
//! go into its PDF.

use std::collections::BTreeMap;

use subsetter::GlyphRemapper;
use ttf_parser::Face;

const REGULAR: &[u8] = include_bytes!("../../fonts/LiberationSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/LiberationSans-Bold.ttf");

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Both fonts, parsed.
pub(super) struct Fonts {
    regular: Face<'static>,
    bold: Face<'static>,
}

impl Fonts {
    /// `None` when a font in the program cannot be read, which no input causes.
    pub(super) fn new() -> Option<Fonts> {
        Some(Fonts { regular: Face::parse(REGULAR, 0).ok()?, bold: Face::parse(BOLD, 0).ok()? })
    }

    pub(super) fn face(&self, weight: Weight) -> &Face<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// Width of a text, in the unit of `size`.
    pub(super) fn width(&self, weight: Weight, size: i32, text: &str) -> i32 {
        let face = self.face(weight);
        let advance: i64 = text.chars().map(|c| advance(face, c)).sum();
        let width = advance * i64::from(size) / i64::from(face.units_per_em());
        i32::try_from(width).unwrap_or(i32::MAX)
    }

    /// How many bytes of a text, whole characters, are not wider than a space.
    pub(super) fn fitting(&self, weight: Weight, size: i32, text: &str, width: i32) -> usize {
        let face = self.face(weight);
        let room = i64::from(width) * i64::from(face.units_per_em());
        let mut used = 0;
        let too_wide = text.char_indices().find(|(_, c)| {
            used += advance(face, *c) * i64::from(size);
            used > room
        });
        too_wide.map_or(text.len(), |(at, _)| at)
    }
}

/// Width of a character in units of its font.
fn advance(face: &Face<'_>, c: char) -> i64 {
    let glyph = face.glyph_index(c).unwrap_or_default();
    i64::from(face.glyph_hor_advance(glyph).unwrap_or(0))
}

/// The glyphs of one font that a document uses, numbered anew.
pub(super) struct Subset<'a> {
    face: &'a Face<'static>,
    data: &'static [u8],
    remapper: GlyphRemapper,
    /// By new number: the character that shows it, and its width in thousandths of its size.
    used: BTreeMap<u16, (char, u16)>,
}

impl<'a> Subset<'a> {
    pub(super) fn new(fonts: &'a Fonts, weight: Weight) -> Subset<'a> {
        let face = fonts.face(weight);
        let data = match weight {
            Weight::Regular => REGULAR,
            Weight::Bold => BOLD,
        };
        let mut subset =
            Subset { face, data, remapper: GlyphRemapper::new(), used: BTreeMap::new() };
        // The first glyph stands for what the font does not have.
        subset.number('\u{fffd}', 0);
        subset
    }

    fn number(&mut self, c: char, glyph: u16) -> u16 {
        let number = self.remapper.remap(glyph);
        let advance = self.face.glyph_hor_advance(ttf_parser::GlyphId(glyph)).unwrap_or(0);
        let width = u32::from(advance) * 1000 / u32::from(self.face.units_per_em());
        self.used.entry(number).or_insert((c, u16::try_from(width).unwrap_or(u16::MAX)));
        number
    }

    /// A text as numbers of glyphs, two bytes each.
    pub(super) fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut encoded = vec![];
        for c in text.chars() {
            let glyph = self.face.glyph_index(c).unwrap_or_default().0;
            encoded.extend(self.number(c, glyph).to_be_bytes());
        }
        encoded
    }

    pub(super) fn face(&self) -> &Face<'static> {
        self.face
    }

    pub(super) fn used(&self) -> &BTreeMap<u16, (char, u16)> {
        &self.used
    }

    /// The font file with these glyphs only.
    pub(super) fn file(&self) -> Option<Vec<u8>> {
        subsetter::subset(self.data, 0, &self.remapper).ok()
    }
}
