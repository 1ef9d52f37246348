//! Uploads: a form with a file, under a limit of its own. Source: common 1.4, 1.5.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use multer::{Constraints, Multipart, SizeLimit};

use super::request::Body;
use crate::wire::error::ApiError;
use crate::wire::form::decode_pairs;
use crate::wire::value::Value;

/// The part that holds the file.
pub(super) const FILE: &str = "file";
/// Bytes of a scan that are read; what is larger than a scan may be is refused with its reason up to
/// here. Source: paper-nach 6.3.
const SCAN_BYTES_READ: usize = 16 * 1024 * 1024;
/// What a form may hold besides the file: its other fields, and the seams between parts.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// A form with a file. Without `multipart/form-data` it is a body like any other, and has no file.
pub struct Upload {
    form: Form,
    /// The file, if one was sent.
    pub file: Option<UploadedFile>,
}

/// A file that was sent.
pub struct UploadedFile {
    /// Its name, if the client said it.
    pub name: Option<String>,
    /// What it holds.
    pub bytes: Bytes,
}

/// The fields beside the file.
pub(super) enum Form {
    /// Of a form in parts.
    Parts(Vec<(String, String)>),
    /// Of any other body.
    Body(Body),
}

impl Form {
    /// The fields as one tree.
    pub(super) fn decode(&self) -> Result<Value<'_>, ApiError> {
        match self {
            Form::Body(body) => body.decode(),
            Form::Parts(parts) => {
                decode_pairs(parts.iter().map(|(name, value)| (name.into(), value.into())))
            }
        }
    }
}

impl Upload {
    /// The fields beside the file.
    pub fn decode(&self) -> Result<Value<'_>, ApiError> {
        self.form.decode()
    }
}

/// A form with a scan, under the limit of scans: one that is too large is refused with a reason of its
/// own, so it must be read. Source: paper-nach 6.3.
pub struct ScanUpload(pub Upload);

impl<S: Sync> FromRequest<S> for ScanUpload {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<ScanUpload, ApiError> {
        let upload = match open(request, state, SCAN_BYTES_READ).await? {
            Sent::Body(body) => Upload { form: Form::Body(body), file: None },
            Sent::Parts(parts) => read(parts).await.map_err(refused)?,
        };
        Ok(ScanUpload(upload))
    }
}

/// What was sent, before its parts are read.
pub(super) enum Sent {
    /// A form in parts.
    Parts(Multipart<'static>),
    /// Anything else.
    Body(Body),
}

/// Looks at what is sent; a form in parts is limited to `file_max` bytes of the file.
pub(super) async fn open<S: Sync>(
    request: Request,
    state: &S,
    file_max: usize,
) -> Result<Sent, ApiError> {
    let boundary = text(&request, header::CONTENT_TYPE).map(multer::parse_boundary);
    // A declared length beyond the limit is refused before anything is read.
    let whole_max = file_max + FORM_BYTES_MAX;
    let length = text(&request, header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.parse::<usize>().ok());
    let is_too_long = length.is_some_and(|length| length > whole_max);
    let Some(Ok(boundary)) = boundary else {
        return Ok(Sent::Body(Body::from_request(request, state).await?));
    };
    if is_too_long {
        return Err(ApiError::body_too_large());
    }
    let limit = SizeLimit::new()
        .whole_stream(whole_max as u64)
        .per_field(FORM_BYTES_MAX as u64)
        .for_field(FILE, file_max as u64);
    let constraints = Constraints::new().size_limit(limit);
    let stream = request.into_body().into_data_stream();
    Ok(Sent::Parts(Multipart::with_constraints(stream, boundary, constraints)))
}

fn text(request: &Request, name: header::HeaderName) -> Option<&str> {
    request.headers().get(name)?.to_str().ok()
}

async fn read(mut parts: Multipart<'_>) -> Result<Upload, multer::Error> {
    let (mut fields, mut file) = (vec![], None);
    while let Some(part) = parts.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == FILE {
            let name = part.file_name().map(base_name);
            file = Some(UploadedFile { name, bytes: part.bytes().await? });
        } else {
            fields.push((name, part.text().await?));
        }
    }
    Ok(Upload { form: Form::Parts(fields), file })
}

/// The last part of a path, without what no database takes: some clients send all of it.
pub(super) fn base_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().filter(|c| !c.is_control()).take(255).collect()
}

/// Why a form cannot be read.
pub(super) fn refused(error: multer::Error) -> ApiError {
    match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            ApiError::body_too_large()
        }
        multer::Error::StreamReadFailed(_)
        | multer::Error::IncompleteStream
        | multer::Error::IncompleteHeaders
        | multer::Error::IncompleteFieldData { .. } => ApiError::body_truncated(),
        _ => ApiError::body_not_multipart(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_a_name() {
        assert_eq!(base_name("rent.csv"), "rent.csv");
        assert_eq!(base_name("C:\\files\\rent.csv"), "rent.csv");
        assert_eq!(base_name("../../etc/rent\0.csv"), "rent.csv");
        assert_eq!(base_name(&"x".repeat(300)).len(), 255);
    }
}
