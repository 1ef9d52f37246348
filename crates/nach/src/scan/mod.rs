//! Scans of signed forms: what a payer uploads, checked, cleaned, and made into what banks take.
//! Source: paper-nach 6, rails 5.2.
//!
//! An upload is a stranger's file. It is told by its first bytes, its outline is read before any
//! picture is decoded, and what it may cost is bounded by caps here: [`FILE_BYTES_MAX`],
//! [`PIXELS_MAX`], [`DECODE_BYTES_MAX`]. Nothing of the file itself is kept: all that leaves is
//! encoded anew from grey pixels, so it carries no EXIF, no comments, no thumbnail and nothing after
//! its end.

mod bank;
mod clarity;
mod jpeg;
mod picture;
mod png;

pub use bank::BankImages;

use picture::Picture;

/// Largest upload in bytes (paper-nach 6.1: 6 MB).
pub const FILE_BYTES_MAX: usize = 6 * 1024 * 1024;
/// Most pixels of an upload; an A4 page at 600 dpi has 35 million. Our choice.
pub const PIXELS_MAX: usize = 40_000_000;
/// Longest side of an upload in pixels. Our choice.
pub const SIDE_MAX: usize = 12_000;
/// Most memory for pixels and coefficients while one upload is decoded, in bytes. Our choice.
pub const DECODE_BYTES_MAX: usize = 176 * 1024 * 1024;
/// Smallest upload in live mode, in pixels: its long and its short side (paper-nach 6.3, U11).
pub const LIVE_SIDES_MIN: (usize, usize) = (800, 367);
/// Longest side of what is kept, in pixels: an A4 page at 300 dpi. Our choice.
pub const KEPT_SIDE_MAX: usize = 3508;

/// What a scan has to satisfy beside being a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules<'a> {
    /// Test mode: any size does, and the file's name may ask for a refusal (paper-nach 6.4).
    Test {
        /// Name that the file was uploaded under.
        file_name: &'a str,
    },
    /// Live mode: at least [`LIVE_SIDES_MIN`], with something on it that can be read.
    Live,
}

/// Why an upload is refused, in the order of the checks. Source: paper-nach 6.3, U8 to U14.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// U8: there is no file, or nothing in it.
    Missing,
    /// U9: more than [`FILE_BYTES_MAX`].
    TooLarge,
    /// U10: neither JPEG nor PNG by its first bytes.
    UnknownType,
    /// U11: cannot be decoded, or not be read.
    NotClear(Unclear),
    /// U12: the form of another order.
    OtherForm,
    /// U13: no signature.
    NotSigned,
    /// U14: something printed differs from the order.
    DataDiffers,
}

/// What is wrong with a picture. The payer is told only that it is not clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unclear {
    /// Damaged, cut off, or a kind of JPEG or PNG that is not decoded.
    Broken,
    /// More pixels than are decoded.
    TooManyPixels,
    /// Fewer pixels than banks want.
    TooFewPixels,
    /// All of one tone: nothing is printed on it.
    Blank,
    /// So blurred that nothing can be read.
    Blurred,
    /// So noisy that it does not fit a bank's limits.
    Noisy,
    /// A file name asked for it in test mode.
    Asked,
}

impl Refusal {
    /// `error.reason` of the API.
    pub fn reason(self) -> &'static str {
        match self {
            Refusal::Missing => "input_validation_failed",
            Refusal::TooLarge => "file_size_exceeds_limit",
            Refusal::UnknownType => "unknown_file_type",
            Refusal::NotClear(_) => "image_not_clear",
            Refusal::OtherForm => "form_mismatch",
            Refusal::NotSigned => "form_signature_missing",
            Refusal::DataDiffers => "form_data_mismatch",
        }
    }

    /// `error.description` of the API.
    pub fn description(self) -> &'static str {
        match self {
            Refusal::Missing => "The file field is required.",
            Refusal::TooLarge => "file size exceeds limit",
            Refusal::UnknownType => "unknown file type",
            Refusal::NotClear(_) => "image not clear",
            Refusal::OtherForm => "form mismatch",
            Refusal::NotSigned => "form signature missing",
            Refusal::DataDiffers => "form data mismatch",
        }
    }

    /// The first refusal, in the order of the checks, whose reason is part of a file's name without
    /// its ending (paper-nach 6.4).
    fn asked_by(file_name: &str) -> Option<Refusal> {
        let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
        let refusals = [
            Refusal::TooLarge,
            Refusal::UnknownType,
            Refusal::NotClear(Unclear::Asked),
            Refusal::OtherForm,
            Refusal::NotSigned,
            Refusal::DataDiffers,
        ];
        refusals.into_iter().find(|refusal| stem.contains(refusal.reason()))
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.description())?;
        match self {
            Refusal::NotClear(unclear) => write!(f, " ({unclear:?})"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

/// What a file is by its first bytes; its name and announced type are not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum FileType {
    Jpeg,
    Png,
}

impl FileType {
    /// The type of a file; `None` for any other than the two.
    pub fn of(bytes: &[u8]) -> Option<FileType> {
        if bytes.starts_with(b"\xff\xd8\xff") {
            Some(FileType::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(FileType::Png)
        } else {
            None
        }
    }
}

/// An upload that was accepted: its picture, upright and grey, at most [`KEPT_SIDE_MAX`] wide and
/// high.
#[derive(Clone, PartialEq, Eq)]
pub struct Scan {
    file_type: FileType,
    sides: (usize, usize),
    picture: Picture,
}

/// Without the pixels: a signature does not belong in logs.
impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scan({:?}, {} x {})", self.file_type, self.sides.0, self.sides.1)
    }
}

impl Scan {
    /// Checks an upload in the order of the contract and decodes it.
    ///
    /// Errors with the first [`Refusal`]. Of U12 to U14 only those that a file name asks for in test
    /// mode are found here: they need a service that reads forms. Takes up to a second and
    /// [`DECODE_BYTES_MAX`], so a server runs it beside its other work, few at a time.
    pub fn read(bytes: &[u8], rules: Rules<'_>) -> Result<Scan, Refusal> {
        let asked = match rules {
            Rules::Test { file_name } => Refusal::asked_by(file_name),
            Rules::Live => None,
        };
        match (decode(bytes, rules), asked) {
            (Err(found), Some(asked)) => Err(found.min(asked)),
            (_, Some(asked)) => Err(asked),
            (result, None) => result,
        }
    }

    /// What the upload was.
    pub fn file_type(&self) -> FileType {
        self.file_type
    }

    /// Width and height of the upload in pixels, upright.
    pub fn sides(&self) -> (usize, usize) {
        self.sides
    }

    /// The picture to keep, as a grey JPEG without metadata. The same scan gives the same bytes.
    pub fn to_jpeg(&self) -> Result<Vec<u8>, Refusal> {
        self.picture.to_jpeg(85, None).ok_or(Refusal::NotClear(Unclear::Broken))
    }

    /// The two images that travel with the mandate. The same scan gives the same bytes.
    ///
    /// Errors with [`Unclear::Noisy`] when they stay above
    /// [`IMAGE_BYTES_MAX`](crate::mandate::IMAGE_BYTES_MAX) whatever is tried.
    pub fn for_bank(&self) -> Result<BankImages, Refusal> {
        bank::images(&self.picture).ok_or(Refusal::NotClear(Unclear::Noisy))
    }
}

fn decode(bytes: &[u8], rules: Rules<'_>) -> Result<Scan, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Missing);
    }
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Refusal::TooLarge);
    }
    let file_type = FileType::of(bytes).ok_or(Refusal::UnknownType)?;
    let decoded = match file_type {
        FileType::Jpeg => jpeg::decode(bytes, rules),
        FileType::Png => png::decode(bytes, rules),
    };
    let (picture, orientation) = decoded.map_err(Refusal::NotClear)?;
    let (width, height) = (picture.width(), picture.height());
    let sides = if orientation.swaps_sides() { (height, width) } else { (width, height) };
    let picture = picture.within(KEPT_SIDE_MAX).turned(orientation);
    if rules == Rules::Live {
        clarity::check(&picture).map_err(Refusal::NotClear)?;
    }
    Ok(Scan { file_type, sides, picture })
}

/// Refuses by what a file says of its size, before anything is reserved for it.
fn check_sides(width: usize, height: usize, rules: Rules<'_>) -> Result<(), Unclear> {
    let (long, short) = (width.max(height), width.min(height));
    if short == 0 {
        return Err(Unclear::Broken);
    }
    if long > SIDE_MAX || long * short > PIXELS_MAX {
        return Err(Unclear::TooManyPixels);
    }
    if rules == Rules::Live && (long < LIVE_SIDES_MIN.0 || short < LIVE_SIDES_MIN.1) {
        return Err(Unclear::TooFewPixels);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
