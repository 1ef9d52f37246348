//! A local authority, and a certificate of its for the vendor's host and the server's own names: three
//! of the official SDKs have the host built in, so the server stands in for it.

use std::fs;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use vasool_core::time::Time;
use vasool_nach::day::Day;

/// The host that SDKs have built in.
pub const VENDOR_HOST: &str = "api.razorpay.com";
/// How long the authority lasts.
const AUTHORITY_YEARS: u16 = 10;
/// How long a certificate lasts: the longest that all systems accept.
const CERTIFICATE_DAYS: i64 = 820;

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The authority that clients must trust, PEM.
    pub authority: PathBuf,
    /// The server's certificate, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM, readable by its owner alone.
    pub key: PathBuf,
    /// Whether the authority was there before.
    pub is_known: bool,
}

/// Makes a certificate for these names in a directory, and an authority unless there is one: clients
/// that trust it go on.
///
/// Errors say what is wrong with a file or a name.
pub fn init(directory: &Path, names: &[String], now: Time) -> Result<Made, String> {
    fs::create_dir_all(directory).map_err(|error| in_file(directory, &error))?;
    let authority = directory.join("authority.pem");
    let authority_key = directory.join("authority.key");
    let is_known = authority.exists() && authority_key.exists();
    let (params, key) = if is_known {
        let text = fs::read_to_string(&authority_key);
        let text = text.map_err(|error| in_file(&authority_key, &error))?;
        let key = KeyPair::from_pem(&text).map_err(|error| in_file(&authority_key, &error))?;
        (authority_params(now), key)
    } else {
        let (params, key) = (authority_params(now), new_key()?);
        let certificate = params.self_signed(&key).map_err(not_made)?;
        write(&authority_key, &key.serialize_pem(), 0o600)?;
        write(&authority, &certificate.pem(), 0o644)?;
        (params, key)
    };
    let issuer = Issuer::new(params, key);
    let server_key = new_key()?;
    let certificate = server_params(names, now)?.signed_by(&server_key, &issuer);
    let certificate = certificate.map_err(not_made)?;
    let (certificate_path, key_path) = (directory.join("server.pem"), directory.join("server.key"));
    write(&key_path, &server_key.serialize_pem(), 0o600)?;
    write(&certificate_path, &certificate.pem(), 0o644)?;
    Ok(Made { authority, certificate: certificate_path, key: key_path, is_known })
}

fn authority_params(now: Time) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Vasool local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let today = Day::at(now);
    set_term(&mut params, today, today.plus_years(AUTHORITY_YEARS));
    params
}

fn server_params(names: &[String], now: Time) -> Result<CertificateParams, String> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Vasool");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let today = Day::at(now);
    set_term(&mut params, today, today.plus_days(CERTIFICATE_DAYS));
    for name in names {
        params.subject_alt_names.push(match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => {
                let name = name.as_str().try_into();
                SanType::DnsName(name.map_err(|_| "a name that is no host".to_owned())?)
            }
        });
    }
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// Sets from when and until when a certificate counts: from the day before, for clocks that differ.
fn set_term(params: &mut CertificateParams, today: Day, last: Day) {
    let date = |day: Day| rcgen::date_time_ymd(day.year().into(), day.month(), day.day());
    params.not_before = date(today.plus_days(-1));
    params.not_after = date(last);
}

fn new_key() -> Result<KeyPair, String> {
    KeyPair::generate().map_err(not_made)
}

fn not_made(error: rcgen::Error) -> String {
    format!("a certificate cannot be made: {error}")
}

fn in_file(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

/// Writes a file under another name first, so that a server that looks reads it whole.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), String> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let aside = PathBuf::from(format!("{}.new", path.display()));
    // What a crash left there may be readable by others.
    let _ = fs::remove_file(&aside);
    let mut options = fs::OpenOptions::new();
    let written = options
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&aside)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&aside, path));
    written.map_err(|error| in_file(path, &error))
}
