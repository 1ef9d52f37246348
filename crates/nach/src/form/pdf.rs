//! A sheet as PDF bytes: one page, two embedded subsets of fonts, nothing that depends on when or
//! where it is made.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

use super::font::{Subset, Weight};
use super::sheet::{Box, HEIGHT, Mark, Sheet};

/// Points in a hundredth of a millimetre.
const SCALE: f32 = 0.028_346_457;
/// A4 in points.
const PAGE: (f32, f32) = (595.276, 841.89);
/// Width of the lines of frames.
const FRAME_LINE: f32 = 20.0;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const SHEET: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
/// The first of five objects of each font.
const FONTS: [Ref; 2] = [Ref::new(6), Ref::new(11)];
const REGULAR: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");

const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The PDF of a sheet; `None` when a font cannot be cut down to what is used.
pub(super) fn render(title: &str, sheet: &Sheet) -> Option<Vec<u8>> {
    let mut regular = Subset::new(&sheet.fonts, Weight::Regular);
    let mut bold = Subset::new(&sheet.fonts, Weight::Bold);
    let content = content(sheet, &mut regular, &mut bold);

    let mut pdf = Pdf::new();
    pdf.catalog(CATALOG).pages(PAGES).lang(TextStr("en-IN"));
    pdf.pages(PAGES).kids([SHEET]).count(1);
    let mut page = pdf.page(SHEET);
    page.parent(PAGES).contents(CONTENT).media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1));
    page.resources().fonts().pair(REGULAR, FONTS[0]).pair(BOLD, FONTS[1]);
    page.finish();
    pdf.stream(CONTENT, &packed(&content)?).filter(Filter::FlateDecode);
    pdf.document_info(INFO).title(TextStr(title)).producer(TextStr("Vasool"));
    embed(&mut pdf, FONTS[0], "LiberationSans", &regular)?;
    embed(&mut pdf, FONTS[1], "LiberationSans-Bold", &bold)?;
    Some(pdf.finish())
}

fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(vec![], Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// A length as the PDF writer wants it. Lengths on a sheet are far below 2^24, so none is rounded.
fn length(units: i32) -> f32 {
    units as f32
}

/// From the lower edge, as PDF counts.
fn up(y: i32) -> f32 {
    length(HEIGHT - y)
}

fn content<'a>(sheet: &Sheet, regular: &mut Subset<'a>, bold: &mut Subset<'a>) -> Vec<u8> {
    let mut content = Content::new();
    content.transform([SCALE, 0.0, 0.0, SCALE, 0.0, 0.0]);
    content.set_line_width(FRAME_LINE);
    for mark in &sheet.marks {
        match mark {
            Mark::Frame(Box { x, y, width, height }) => {
                let (width, height) = (length(*width), *height);
                content.rect(length(*x), up(y + height), width, length(height)).stroke();
            }
            Mark::Fill(Box { x, y, width, height }) => {
                let (width, height) = (length(*width), *height);
                content.rect(length(*x), up(y + height), width, length(height)).fill_nonzero();
            }
            Mark::Line { from, to, width, dash } => {
                content.save_state().set_line_width(length(*width));
                if *dash > 0 {
                    content.set_dash_pattern([length(*dash)], 0.0);
                }
                content.move_to(length(from.0), up(from.1)).line_to(length(to.0), up(to.1));
                content.stroke().restore_state();
            }
            Mark::Text { x, y, size, weight, text } => {
                let (name, font) = match weight {
                    Weight::Regular => (REGULAR, &mut *regular),
                    Weight::Bold => (BOLD, &mut *bold),
                };
                content.begin_text().set_font(name, length(*size));
                content.next_line(length(*x), up(*y)).show(Str(&font.encode(text))).end_text();
            }
            Mark::Rupee { x, y, size } => {
                stand_for(&mut content, "₹");
                // An invisible blank, for programs that look for letters to stand for.
                content.begin_text().set_font(BOLD, length(*size));
                content.next_line(length(*x), up(*y)).show(Str(&bold.encode(" "))).end_text();
                content.end_marked_content();
                draw_rupee(&mut content, *x, *y, *size);
            }
            Mark::Cells { x, y, cell, size, text } => {
                // A character per cell, but one word for whoever selects or extracts it.
                stand_for(&mut content, text);
                content.begin_text().set_font(BOLD, length(*size));
                let mut last = 0;
                for (at, c) in (0..).zip(text.chars()) {
                    let one = c.to_string();
                    let width = sheet.fonts.width(Weight::Bold, *size, &one);
                    let left = x + at * cell + (cell - width) / 2;
                    let rise = if at == 0 { up(*y) } else { 0.0 };
                    content.next_line(length(left - last), rise).show(Str(&bold.encode(&one)));
                    last = left;
                }
                content.end_text().end_marked_content();
            }
        }
    }
    content.finish().into_vec()
}

/// Begins marks that stand for a text.
fn stand_for(content: &mut Content, text: &str) {
    let mut marked = content.begin_marked_content_with_properties(Name(b"Span"));
    marked.properties().actual_text(TextStr(text));
}

/// Draws two bars, a bowl below the upper one, and a leg, as high as a capital of the size.
fn draw_rupee(content: &mut Content, x: i32, y: i32, size: i32) {
    let at =
        |right: i32, height: i32| (length(x + right * size / 1_000), up(y - height * size / 1_000));
    content.save_state().set_line_width(length(size * 90 / 1_000));
    for height in [655, 490] {
        let (from, to) = (at(20, height), at(540, height));
        content.move_to(from.0, from.1).line_to(to.0, to.1).stroke();
    }
    let (from, turn) = (at(20, 655), at(180, 655));
    content.move_to(from.0, from.1).line_to(turn.0, turn.1);
    for (lean, pull, to) in
        [(at(320, 655), at(400, 590), at(400, 490)), (at(400, 390), at(320, 325), at(180, 325))]
    {
        content.cubic_to(lean.0, lean.1, pull.0, pull.1, to.0, to.1);
    }
    let (bend, end) = (at(90, 325), at(410, 0));
    content.line_to(bend.0, bend.1).line_to(end.0, end.1).stroke().restore_state();
}

/// Writes a font with the glyphs that are used, and which character each shows.
fn embed(pdf: &mut Pdf, first: Ref, family: &str, subset: &Subset<'_>) -> Option<()> {
    let [font, cid_font, descriptor, cmap, file] =
        [0, 1, 2, 3, 4].map(|number| Ref::new(first.get() + number));
    let name = format!("{}+{family}", tag(subset));
    let name = Name(name.as_bytes());

    pdf.type0_font(font)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid_font)
        .to_unicode(cmap);
    let mut cid = pdf.cid_font(cid_font);
    cid.subtype(CidFontType::Type2)
        .base_font(name)
        .system_info(IDENTITY)
        .font_descriptor(descriptor)
        .cid_to_gid_map_predefined(Name(b"Identity"));
    cid.widths().consecutive(0, subset.used().values().map(|(_, width)| f32::from(*width)));
    cid.finish();

    let face = subset.face();
    let thousandths = |units: i16| {
        let scaled = i32::from(units) * 1000 / i32::from(face.units_per_em());
        length(scaled)
    };
    let bounds = face.global_bounding_box();
    pdf.font_descriptor(descriptor)
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(
            thousandths(bounds.x_min),
            thousandths(bounds.y_min),
            thousandths(bounds.x_max),
            thousandths(bounds.y_max),
        ))
        .italic_angle(0.0)
        .ascent(thousandths(face.ascender()))
        .descent(thousandths(face.descender()))
        .cap_height(thousandths(face.capital_height().unwrap_or_else(|| face.ascender())))
        .stem_v(80.0)
        .font_file2(file);

    let mut characters = UnicodeCmap::new(Name(b"Identity"), IDENTITY);
    for (glyph, (c, _)) in subset.used() {
        characters.pair(*glyph, *c);
    }
    pdf.stream(cmap, &packed(&characters.finish())?).filter(Filter::FlateDecode);

    let bytes = subset.file()?;
    let size = i32::try_from(bytes.len()).ok()?;
    let packed = packed(&bytes)?;
    let mut stream = pdf.stream(file, &packed);
    stream.filter(Filter::FlateDecode).pair(Name(b"Length1"), size);
    Some(())
}

/// Six capital letters that tell subsets of one font apart (PDF 32000, 9.6.4), from the characters.
fn tag(subset: &Subset<'_>) -> String {
    let mut hash = subset
        .used()
        .values()
        .fold(0_u32, |hash, (c, _)| hash.wrapping_mul(31).wrapping_add(u32::from(*c)));
    let mut tag = String::new();
    for _ in 0..6 {
        tag.push(char::from(b'A' + (hash % 26) as u8));
        hash /= 26;
    }
    tag
}
