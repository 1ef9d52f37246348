//! Uploads of bulk files: the form is read a piece at a time, the file goes to the disk. Source:
//! paper-nach 14.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::time::Duration;

use axum::extract::{FromRequest, Request};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::OwnedSemaphorePermit;

use super::rejection::unavailable;
use super::upload::{FILE, Form, Sent, base_name, open, refused};
use crate::app::App;
use crate::wire::bulk::FILE_BYTES_MAX;
use crate::wire::bulk::spool::{failed, temporary};
use crate::wire::error::ApiError;
use crate::wire::value::Value;

/// Uploads on their way at the same time, in the whole server: each may fill as much of the disk as
/// a file may have bytes, and as much again while it is checked.
pub const UPLOADS_AT_ONCE: usize = 8;
/// How long the parts of an upload may take to arrive: a client that stops in the middle must not
/// keep its place.
const ARRIVAL_MAX: Duration = Duration::from_secs(600);

/// A form with a bulk file. Without `multipart/form-data` it is a body like any other, and has no
/// file.
pub struct FileUpload {
    form: Form,
    /// The file, if one was sent.
    pub file: Option<ReceivedFile>,
    /// Keeps its place among the uploads on their way.
    _place: OwnedSemaphorePermit,
}

/// A file that was received: it has no name on the disk, and is gone when this is.
pub struct ReceivedFile {
    /// Its name, if the client said it.
    pub name: Option<String>,
    /// What it holds, from its first byte on.
    pub content: File,
    /// How many bytes.
    pub bytes: usize,
}

impl FileUpload {
    /// The fields beside the file.
    pub fn decode(&self) -> Result<Value<'_>, ApiError> {
        self.form.decode()
    }
}

impl FromRequest<App> for FileUpload {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<FileUpload, ApiError> {
        let place = app.upload_places.clone().try_acquire_owned().map_err(|_| unavailable())?;
        match open(request, app, FILE_BYTES_MAX).await? {
            Sent::Body(body) => {
                Ok(FileUpload { form: Form::Body(body), file: None, _place: place })
            }
            Sent::Parts(parts) => {
                let received = tokio::time::timeout(ARRIVAL_MAX, receive(parts)).await;
                let (form, file) = received.map_err(|_| ApiError::body_truncated())??;
                Ok(FileUpload { form, file, _place: place })
            }
        }
    }
}

async fn receive(
    mut parts: multer::Multipart<'static>,
) -> Result<(Form, Option<ReceivedFile>), ApiError> {
    let (mut fields, mut file) = (vec![], None);
    while let Some(mut part) = parts.next_field().await.map_err(refused)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name != FILE {
            fields.push((name, part.text().await.map_err(refused)?));
            continue;
        }
        let name = part.file_name().map(base_name);
        let mut content = tokio::fs::File::from_std(temporary()?);
        let mut bytes = 0;
        while let Some(piece) = part.chunk().await.map_err(refused)? {
            bytes += piece.len();
            content.write_all(&piece).await.map_err(failed)?;
        }
        content.flush().await.map_err(failed)?;
        let mut content = content.into_std().await;
        content.seek(SeekFrom::Start(0)).map_err(failed)?;
        file = Some(ReceivedFile { name, content, bytes });
    }
    Ok((Form::Parts(fields), file))
}
