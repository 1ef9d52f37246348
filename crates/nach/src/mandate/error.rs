//! Why a message or archive of mandates cannot be read or written. Never a value: account numbers
//! do not belong in logs.

use std::fmt;

/// A message or archive that cannot be read or written as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MandateError {
    /// The element, or the kind of entry, that it is about.
    pub element: &'static str,
    /// Number of the archive's entry, from 0; `None` outside an archive.
    pub entry: Option<usize>,
    /// What is wrong.
    pub why: Why,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Not UTF-8, or not well-formed XML.
    NotXml,
    /// A document type: entities are never expanded.
    HasDoctype,
    /// Nested deeper than any message here.
    TooDeep,
    /// More elements than any message here.
    TooManyElements,
    /// Larger than any message, image or archive may be.
    TooLarge,
    /// Not a message that belongs here.
    UnknownMessage,
    /// The element is not there.
    Missing,
    /// The element is there twice.
    Repeated,
    /// Longer than the element allows.
    TooLong,
    /// A control character, which XML cannot carry.
    NotText,
    /// Not a date or time.
    NotADate,
    /// Not an amount in rupees with at most two decimals.
    NotAnAmount,
    /// Not one of the codes that may stand here.
    UnknownCode,
    /// Not a UMRN: four letters and sixteen letters or digits.
    NotAUmrn,
    /// Two elements that exclude each other, such as a fixed and a maximum amount.
    Contradiction,
    /// Not a ZIP archive, or damaged.
    NotAnArchive,
    /// A feature of ZIP archives that is not read: encryption, spanning, ZIP64, a method other than
    /// store and deflate.
    NotSupported,
    /// More entries than an archive may have.
    TooManyEntries,
    /// An entry whose name belongs to nothing here.
    UnknownName,
    /// A mandate without one of its two images, or an image without its mandate.
    ImageMissing,
    /// An image that is not of its kind by its first bytes.
    NotAnImage,
    /// Could not be written.
    Io(std::io::ErrorKind),
}

impl MandateError {
    pub(crate) fn new(element: &'static str, why: Why) -> MandateError {
        MandateError { element, entry: None, why }
    }

    pub(crate) fn in_entry(self, entry: usize) -> MandateError {
        MandateError { entry: Some(entry), ..self }
    }
}

impl fmt::Display for MandateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = self.entry {
            write!(f, "entry {entry}, ")?;
        }
        write!(f, "{}: ", self.element)?;
        let text = match self.why {
            Why::NotXml => "not well-formed XML",
            Why::HasDoctype => "a document type is not allowed",
            Why::TooDeep => "nested too deep",
            Why::TooManyElements => "too many elements",
            Why::TooLarge => "too large",
            Why::UnknownMessage => "not a message that belongs here",
            Why::Missing => "missing",
            Why::Repeated => "there twice",
            Why::TooLong => "too long",
            Why::NotText => "a control character",
            Why::NotADate => "not a date",
            Why::NotAnAmount => "not an amount in rupees",
            Why::UnknownCode => "not a known code",
            Why::NotAUmrn => "not a UMRN",
            Why::Contradiction => "contradicts another element",
            Why::NotAnArchive => "not a ZIP archive",
            Why::NotSupported => "a kind of ZIP archive that is not read",
            Why::TooManyEntries => "too many entries",
            Why::UnknownName => "a name that belongs to nothing",
            Why::ImageMissing => "a mandate needs both its images",
            Why::NotAnImage => "not an image of its kind",
            Why::Io(kind) => return write!(f, "{kind}"),
        };
        f.write_str(text)
    }
}

impl std::error::Error for MandateError {}
