//! Archives of mandates: each message with the two images of its paper, or messages alone. Source:
//! rails 5.2, 5.3.

use std::io::{Seek, Write};

use super::archive::{ArchiveWriter, Entry, read_archive};
use super::error::{MandateError, Why};
use super::message::Message;
use super::model::Request;
use super::xml::XML_BYTES_MAX;

/// Largest image, in bytes (rails 5.2).
pub const IMAGE_BYTES_MAX: usize = 100 * 1024;
/// Mandates that fit an archive whatever their images (our choice; rails 5.2 bounds its bytes).
pub const MANDATES_MAX: usize = 40;

const GREY_ENDING: &str = "_detailfront.jpg";
const BILEVEL_ENDING: &str = "_front.tif";

/// A mandate with its paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    /// Name its files share, without extension: [`crate::names::FileName::stem`].
    pub stem: String,
    /// The mandate.
    pub request: Request,
    /// Front of the paper, grey JPEG.
    pub grey_jpeg: Vec<u8>,
    /// Front of the paper, black and white TIFF.
    pub bilevel_tiff: Vec<u8>,
}

/// A message in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedMessage {
    /// Its name, extension included.
    pub name: String,
    /// The message.
    pub message: Message,
}

/// Writes mandates with their papers as one archive, at most [`MANDATES_MAX`].
pub fn write_requests<'a, W: Write + Seek>(
    out: W,
    requests: impl IntoIterator<Item = &'a SignedRequest>,
) -> Result<W, MandateError> {
    let mut archive = ArchiveWriter::new(out);
    for (number, signed) in requests.into_iter().enumerate() {
        if number == MANDATES_MAX {
            return Err(MandateError::new("archive", Why::TooManyEntries));
        }
        check_images(signed).map_err(|error| error.in_entry(number))?;
        let message = Message::Request(Box::new(signed.request.clone()));
        let xml = message.to_xml().map_err(|error| error.in_entry(number))?;
        archive.push(&format!("{}.xml", signed.stem), xml.as_bytes())?;
        archive.push(&format!("{}{GREY_ENDING}", signed.stem), &signed.grey_jpeg)?;
        archive.push(&format!("{}{BILEVEL_ENDING}", signed.stem), &signed.bilevel_tiff)?;
    }
    archive.finish()
}

/// Reads mandates with their papers, in the order of their messages. Every file must belong to one.
pub fn read_requests(bytes: &[u8]) -> Result<Vec<SignedRequest>, MandateError> {
    let mut entries = read_archive(bytes, XML_BYTES_MAX)?;
    let mut requests = vec![];
    let messages: Vec<Entry> =
        entries.extract_if(.., |entry| has_ending(&entry.name, ".xml")).collect();
    for (number, entry) in messages.into_iter().enumerate() {
        let at = |error: MandateError| error.in_entry(number);
        let Message::Request(request) = Message::from_xml(&entry.bytes).map_err(at)? else {
            return Err(at(MandateError::new("Document", Why::UnknownMessage)));
        };
        let stem = entry.name[..entry.name.len() - 4].to_owned();
        let mut take = |ending| {
            let name = format!("{stem}{ending}");
            let found = entries.iter().position(|entry| entry.name.eq_ignore_ascii_case(&name));
            let found = found.ok_or_else(|| at(MandateError::new(ending, Why::ImageMissing)))?;
            Ok::<_, MandateError>(entries.swap_remove(found).bytes)
        };
        let (grey_jpeg, bilevel_tiff) = (take(GREY_ENDING)?, take(BILEVEL_ENDING)?);
        let signed = SignedRequest { stem, request: *request, grey_jpeg, bilevel_tiff };
        check_images(&signed).map_err(at)?;
        requests.push(signed);
    }
    if entries.is_empty() {
        Ok(requests)
    } else {
        Err(MandateError::new("archive", Why::ImageMissing))
    }
}

/// Writes messages alone as one archive: cancellations, acknowledgements, acceptances, responses.
pub fn write_messages<'a, W: Write + Seek>(
    out: W,
    messages: impl IntoIterator<Item = &'a NamedMessage>,
) -> Result<W, MandateError> {
    let mut archive = ArchiveWriter::new(out);
    for (number, named) in messages.into_iter().enumerate() {
        let xml = named.message.to_xml().map_err(|error| error.in_entry(number))?;
        archive.push(&named.name, xml.as_bytes())?;
    }
    archive.finish()
}

/// Reads an archive of messages alone.
pub fn read_messages(bytes: &[u8]) -> Result<Vec<NamedMessage>, MandateError> {
    let entries = read_archive(bytes, XML_BYTES_MAX)?;
    let mut messages = vec![];
    for (number, entry) in entries.into_iter().enumerate() {
        if !has_ending(&entry.name, ".xml") {
            return Err(MandateError::new("entry", Why::UnknownName).in_entry(number));
        }
        let message = Message::from_xml(&entry.bytes).map_err(|error| error.in_entry(number))?;
        messages.push(NamedMessage { name: entry.name, message });
    }
    Ok(messages)
}

fn has_ending(name: &str, ending: &str) -> bool {
    let start = name.len().checked_sub(ending.len());
    start.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

fn check_images(signed: &SignedRequest) -> Result<(), MandateError> {
    let images = [
        (GREY_ENDING, &signed.grey_jpeg, signed.grey_jpeg.starts_with(b"\xff\xd8\xff")),
        (
            BILEVEL_ENDING,
            &signed.bilevel_tiff,
            signed.bilevel_tiff.starts_with(b"II*\0") || signed.bilevel_tiff.starts_with(b"MM\0*"),
        ),
    ];
    for (element, bytes, is_image) in images {
        if !is_image {
            return Err(MandateError::new(element, Why::NotAnImage));
        }
        if bytes.len() > IMAGE_BYTES_MAX {
            return Err(MandateError::new(element, Why::TooLarge));
        }
    }
    Ok(())
}
