//! What an error of PostgreSQL means for the engine.

use std::error::Error as _;

use tokio_postgres::Error;

use crate::error::StoreError;

/// Where an error belongs in the engine's four answers.
pub fn failure(error: &Error) -> StoreError {
    let text = text(error);
    let Some(database) = error.as_db_error() else {
        return if is_connection_lost(error) {
            StoreError::Unavailable(text)
        } else {
            StoreError::Corrupt(text)
        };
    };
    let code = database.code().code();
    match code {
        // Another writer met a unique rule first, held a lock, or was serialised before us. 22012 is
        // the division by zero with which an update says that a row has another version.
        "23505" | "40P01" | "40001" | "55P03" | "22012" => StoreError::Conflict(text),
        // Cancelled, idle for too long, read only (a standby), or the transaction is gone.
        "57014" | "25P03" | "25006" => StoreError::Unavailable(text),
        _ => match &code[..2] {
            // Connection, credentials, database name, resources, operator's intervention, disk.
            "08" | "28" | "3D" | "53" | "57" | "58" => StoreError::Unavailable(text),
            _ => StoreError::Corrupt(text),
        },
    }
}

/// Whether no answer of the database came back, as opposed to an answer that says no.
pub fn is_connection_lost(error: &Error) -> bool {
    if error.is_closed() {
        return true;
    }
    let by_io = error.source().is_some_and(|cause| cause.is::<std::io::Error>());
    // A refused password or a missing server is told without SQLSTATE while connecting.
    by_io || error.to_string().starts_with("timeout") || error.to_string().starts_with("error conn")
}

/// The error with what the database said, for the log.
fn text(error: &Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(database), _) => {
            let table = database.table().map(|table| format!(" on {table}")).unwrap_or_default();
            format!("{} {}{table}", database.code().code(), database.message())
        }
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}
