//! The file of connectors.

use std::path::Path;

use crate::rails::files::FileBank;
use crate::wire::connectors;

/// Sponsor banks that take files. Errors name the file.
pub fn read(path: &Path) -> Result<Vec<FileBank>, String> {
    let wrong = |why: String| format!("--connectors {}: {why}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    connectors::read(&text).map_err(wrong)
}
