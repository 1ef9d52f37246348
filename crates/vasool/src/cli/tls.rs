//! `vasool tls init`.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::{CliResult, TlsInitArgs, say};
use crate::clock::Clock;
use crate::tls::{self, Made, VENDOR_HOST};

/// Makes a local authority, if there is none, and a certificate.
pub fn init(args: &TlsInitArgs) -> CliResult {
    let mut names = vec![VENDOR_HOST.to_owned(), "localhost".to_owned(), "127.0.0.1".to_owned()];
    names.extend(args.names.iter().cloned());
    let made = tls::init(&args.directory, &names, Clock::System.now().to_time())?;
    let Made { authority, certificate, key, is_known } = made;
    let show = |path: &PathBuf| path.display().to_string();
    if args.output.json {
        let paths = json!({
            "authority": show(&authority), "certificate": show(&certificate), "key": show(&key),
            "names": names,
        });
        say(&paths.to_string());
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("a certificate for {}", names.join(", ")));
    let known = if is_known { "trusted as before" } else { "to be trusted by clients" };
    say(&format!("  authority   {}  ({known})", authority.display()));
    say(&format!("  certificate {}", certificate.display()));
    say(&format!("  key         {}", key.display()));
    say(&format!(
        "vasool serve --tls-listen 127.0.0.1:8443 --tls-cert {} --tls-key {}",
        certificate.display(),
        key.display()
    ));
    Ok(ExitCode::SUCCESS)
}
