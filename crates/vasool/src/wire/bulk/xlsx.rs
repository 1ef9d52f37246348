//! The first sheet of an XLSX workbook, read with bounds on what it unpacks to.
//!
//! A workbook is a ZIP of XML parts. Of these only what says the cells of one sheet is unpacked,
//! and never more than [`UNPACKED_BYTES_MAX`] in all, whatever the archive declares: ten megabytes
//! may hold ten gigabytes. The reader reserves nothing that a file merely announces.

use std::io::{Read, Seek};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use vasool_core::calendar::india_date;
use vasool_core::time::{DAY_SECONDS, Time};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{refuse, unreadable};
use crate::wire::decimal;
use crate::wire::error::ApiError;

/// Most bytes the parts of one workbook may unpack to.
const UNPACKED_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Most shared texts: each costs memory even when it is empty.
const TEXTS_MAX: usize = 1_000_000;
/// Most bytes of a cell's text: 32,767 characters are Excel's own limit.
const CELL_BYTES_MAX: usize = 4 * 32_767;
/// Columns that are told apart; what lies further right is too much for any file here.
const COLUMNS_MAX: usize = 64;
/// Day 0 of Excel's calendar counted from 1970, right from March 1900 on.
const EPOCH_1900: i64 = -25_569;
/// Day 0 of the older calendar of the Macintosh.
const EPOCH_1904: i64 = -24_107;
/// The last day of Excel's calendar, in the year 9999.
const SERIAL_DAYS_MAX: i64 = 2_958_465;

/// How a cell that holds a date reads, which in a workbook is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateStyle {
    /// `DD-MM-YYYY hh:mm`. Source: smart-collect 5.18.
    Dashes,
    /// `DD/MM/YYYY`, and ` HH:mm:ss` unless that is midnight. Source: paper-nach 14.
    Slashes,
}

/// Reads the rows of the first sheet, blank cells between others included: `add` gets the number of
/// each row and its cells.
pub fn read(
    file: impl Read + Seek,
    style: DateStyle,
    mut add: impl FnMut(u64, Vec<String>) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let archive = ZipArchive::new(file).map_err(bad)?;
    let mut parts = Parts { archive, left: UNPACKED_BYTES_MAX };
    let (sheet, is_1904) = first_sheet(&parts.required("xl/workbook.xml")?)?;
    let target = target(&parts.required("xl/_rels/workbook.xml.rels")?, &sheet)?;
    let texts = match parts.text("xl/sharedStrings.xml")? {
        Some(xml) => shared_texts(&xml)?,
        None => vec![],
    };
    let dates = match parts.text("xl/styles.xml")? {
        Some(xml) => date_styles(&xml)?,
        None => vec![],
    };
    let sheet = parts.required(&target)?;
    Sheet { xml: reader(&sheet), texts, dates, is_1904, style }.rows(&mut add)
}

struct Parts<R> {
    archive: ZipArchive<R>,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl<R: Read + Seek> Parts<R> {
    fn text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        let part = match self.archive.by_name(name) {
            Ok(part) => part,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(bad(error)),
        };
        let mut text = String::new();
        part.take(self.left + 1).read_to_string(&mut text).map_err(bad)?;
        self.left = self.left.checked_sub(text.len() as u64).ok_or_else(too_large)?;
        Ok(Some(text))
    }

    fn required(&mut self, name: &str) -> Result<String, ApiError> {
        self.text(name)?.ok_or_else(unreadable)
    }
}

fn reader(xml: &str) -> Reader<&[u8]> {
    Reader::from_str(xml.strip_prefix('\u{feff}').unwrap_or(xml))
}

fn bad<E>(_: E) -> ApiError {
    unreadable()
}

/// A workbook is held as a whole while it is read, so it is bounded by what it unpacks to.
fn too_large() -> ApiError {
    refuse("The workbook holds more than 64 MB. Send the file as CSV.")
}

/// The value of an attribute by its name without prefix.
fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, ApiError> {
    // The check for repeated names would take quadratic time.
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(bad)?;
        if attribute.key.local_name().as_ref() == name {
            return Ok(Some(
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(bad)?.into_owned(),
            ));
        }
    }
    Ok(None)
}

/// The relationship of the first sheet, and whether days count from 1904.
fn first_sheet(xml: &str) -> Result<(String, bool), ApiError> {
    let (mut xml, mut is_1904) = (reader(xml), false);
    loop {
        match xml.read_event().map_err(bad)? {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "workbookPr" => {
                    let flag = attribute(&element, "date1904")?;
                    is_1904 = matches!(flag.as_deref(), Some("1" | "true"));
                }
                "sheet" => {
                    let id = attribute(&element, "id")?.ok_or_else(unreadable)?;
                    return Ok((id, is_1904));
                }
                _ => {}
            },
            Event::Eof => return Err(unreadable()),
            _ => {}
        }
    }
}

/// The part behind a relationship of the workbook.
fn target(xml: &str, id: &str) -> Result<String, ApiError> {
    let mut xml = reader(xml);
    loop {
        match xml.read_event().map_err(bad)? {
            Event::Start(element) | Event::Empty(element)
                if attribute(&element, "Id")?.as_deref() == Some(id) =>
            {
                let target = attribute(&element, "Target")?.ok_or_else(unreadable)?;
                return Ok(match target.strip_prefix('/') {
                    Some(absolute) => absolute.to_owned(),
                    None => format!("xl/{target}"),
                });
            }
            Event::Eof => return Err(unreadable()),
            _ => {}
        }
    }
}

fn shared_texts(xml: &str) -> Result<Vec<String>, ApiError> {
    let (mut xml, mut texts) = (reader(xml), vec![]);
    loop {
        match xml.read_event().map_err(bad)? {
            Event::Start(element) if element.local_name().as_ref() == "si" => {
                texts.push(gather(&mut xml, "si")?);
            }
            Event::Empty(element) if element.local_name().as_ref() == "si" => {
                texts.push(String::new());
            }
            Event::Eof => return Ok(texts),
            _ => {}
        }
        if texts.len() > TEXTS_MAX {
            return Err(too_large());
        }
    }
}

/// The text of an element that has begun: of its values and runs, without phonetic hints.
fn gather(xml: &mut Reader<&[u8]>, element: &str) -> Result<String, ApiError> {
    let (mut text, mut is_text, mut is_hint) = (String::new(), false, false);
    loop {
        match xml.read_event().map_err(bad)? {
            Event::Start(inner) => match inner.local_name().as_ref() {
                "v" | "t" => is_text = !is_hint,
                "rPh" => is_hint = true,
                _ => {}
            },
            Event::End(inner) => match inner.local_name().as_ref() {
                "v" | "t" => is_text = false,
                "rPh" => is_hint = false,
                name if name == element => return Ok(text),
                _ => {}
            },
            Event::Text(part) if is_text => text.push_str(&part),
            Event::CData(part) if is_text => text.push_str(&part),
            Event::GeneralRef(name) if is_text => match name.resolve_char_ref().map_err(bad)? {
                Some(character) => text.push(character),
                None => text.push_str(
                    quick_xml::escape::resolve_predefined_entity(&name).ok_or_else(unreadable)?,
                ),
            },
            Event::Eof => return Err(unreadable()),
            _ => {}
        }
        // A shared text may be said in every cell.
        if text.len() > CELL_BYTES_MAX {
            return Err(refuse("A cell of the workbook has more than 32767 characters."));
        }
    }
}

/// Which cell styles show a number as a date.
fn date_styles(xml: &str) -> Result<Vec<bool>, ApiError> {
    let mut xml = reader(xml);
    let (mut formats, mut styles, mut in_cells) =
        (std::collections::BTreeSet::new(), vec![], false);
    loop {
        match xml.read_event().map_err(bad)? {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "numFmt" => {
                    let code = attribute(&element, "formatCode")?.unwrap_or_default();
                    if is_date_format(&code) {
                        formats.extend(attribute(&element, "numFmtId")?);
                    }
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells => {
                    let format = attribute(&element, "numFmtId")?.unwrap_or_default();
                    let builtin =
                        matches!(format.parse(), Ok(14..=22u32 | 27..=36 | 45..=47 | 50..=58));
                    styles.push(builtin || formats.contains(&format));
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "cellXfs" => in_cells = false,
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}

/// Whether a number format has a year, month, day or hour in it, quoted texts and colours aside.
fn is_date_format(code: &str) -> bool {
    let (mut is_quoted, mut is_bracketed, mut is_escaped) = (false, false, false);
    code.chars().any(|c| {
        if std::mem::take(&mut is_escaped) {
            return false;
        }
        match c {
            '"' => is_quoted = !is_quoted,
            '\\' | '_' | '*' => is_escaped = true,
            '[' => is_bracketed = true,
            ']' => is_bracketed = false,
            _ => {}
        }
        let is_plain = !is_quoted && !is_bracketed;
        is_plain && matches!(c.to_ascii_lowercase(), 'y' | 'm' | 'd' | 'h' | 's')
    })
}

struct Sheet<'a> {
    xml: Reader<&'a [u8]>,
    texts: Vec<String>,
    dates: Vec<bool>,
    is_1904: bool,
    style: DateStyle,
}

impl Sheet<'_> {
    fn rows(
        mut self,
        add: &mut impl FnMut(u64, Vec<String>) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let (mut row, mut cells) = (0, vec![]);
        loop {
            match self.xml.read_event().map_err(bad)? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "row" => {
                        let number = attribute(&element, "r")?;
                        let number = number.map(|text| text.parse::<u64>().map_err(bad));
                        let number = number.transpose()?.unwrap_or(row + 1);
                        // In the order of the file: a row that goes back is no row of a sheet.
                        if number <= row {
                            return Err(unreadable());
                        }
                        (row, cells) = (number, vec![]);
                    }
                    "c" => {
                        let at = attribute(&element, "r")?;
                        let at = match at {
                            Some(name) => column(&name).ok_or_else(unreadable)?,
                            None => cells.len(),
                        };
                        let at = at.min(COLUMNS_MAX);
                        let kind = attribute(&element, "t")?;
                        let style = attribute(&element, "s")?;
                        let value = gather(&mut self.xml, "c")?;
                        let text = self.cell(kind.as_deref(), style.as_deref(), value)?;
                        if cells.len() <= at {
                            cells.resize(at + 1, String::new());
                        }
                        cells[at] = text;
                    }
                    _ => {}
                },
                Event::End(element) => match element.local_name().as_ref() {
                    "row" => add(row, std::mem::take(&mut cells))?,
                    "sheetData" => return Ok(()),
                    _ => {}
                },
                Event::Empty(element) if element.local_name().as_ref() == "sheetData" => {
                    return Ok(());
                }
                Event::Empty(element)
                    if element.local_name().as_ref() == "c"
                        && attribute(&element, "r")?.is_none() =>
                {
                    cells.push(String::new());
                }
                Event::Eof => return Err(unreadable()),
                _ => {}
            }
        }
    }

    /// What a person sees in a cell, as far as files need it.
    fn cell(
        &self,
        kind: Option<&str>,
        style: Option<&str>,
        value: String,
    ) -> Result<String, ApiError> {
        match kind {
            Some("s") => {
                let text = value.trim().parse().ok().and_then(|at: usize| self.texts.get(at));
                text.cloned().ok_or_else(unreadable)
            }
            None | Some("n") => {
                let is_date = style
                    .and_then(|at| at.parse().ok())
                    .and_then(|at: usize| self.dates.get(at))
                    .is_some_and(|is_date| *is_date);
                let number = decimal::plain(value.trim()).map(|text| text.into_owned());
                let date = number.as_deref().filter(|_| is_date);
                let date = date.and_then(|serial| date_text(serial, self.is_1904, self.style));
                Ok(date.or(number).unwrap_or(value))
            }
            Some("b") => Ok(if value.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned()),
            Some(_) => Ok(value),
        }
    }
}

/// The column in a cell's name, from 0: `A1` is 0, `AA7` is 26.
fn column(name: &str) -> Option<usize> {
    let letters = name.find(|c: char| !c.is_ascii_uppercase()).filter(|at| (1..=3).contains(at))?;
    let number = |sum: usize, byte: u8| sum * 26 + usize::from(byte - b'A') + 1;
    Some(name.as_bytes()[..letters].iter().fold(0, |sum, byte| number(sum, *byte)) - 1)
}

/// A day and time of Excel.
fn date_text(serial: &str, is_1904: bool, style: DateStyle) -> Option<String> {
    let (days, fraction) = serial.split_once('.').unwrap_or((serial, ""));
    let days: i64 = days.parse().ok()?;
    if !(0..=SERIAL_DAYS_MAX).contains(&days) {
        return None;
    }
    // Fifteen digits are more than a day's milliseconds; the last ones are noise, so it is rounded.
    let digits = &fraction[..fraction.len().min(15)];
    let scale = 10_i128.pow(u32::try_from(digits.len()).ok()?);
    let part: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let seconds = (part * i128::from(DAY_SECONDS) + scale / 2) / scale;
    let seconds = i64::try_from(seconds).ok()?;
    let days = days + if is_1904 { EPOCH_1904 } else { EPOCH_1900 } + seconds / DAY_SECONDS;
    let seconds = seconds % DAY_SECONDS;
    // Midnight in UTC is the morning of the same day in India.
    let date = india_date(Time(days * DAY_SECONDS).to_millis());
    let (day, month, year) = (date.day, date.month, date.year);
    let (hour, minute, second) = (seconds / 3_600, seconds % 3_600 / 60, seconds % 60);
    Some(match style {
        DateStyle::Dashes => format!("{day:02}-{month:02}-{year:04} {hour:02}:{minute:02}"),
        DateStyle::Slashes if seconds == 0 => format!("{day:02}/{month:02}/{year:04}"),
        DateStyle::Slashes => {
            format!("{day:02}/{month:02}/{year:04} {hour:02}:{minute:02}:{second:02}")
        }
    })
}

#[cfg(test)]
#[path = "xlsx_tests.rs"]
mod tests;
