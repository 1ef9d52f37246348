//! TLS: connections with a certificate of the operator's, or of a local authority made here.

mod authority;

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

pub use authority::{Made, VENDOR_HOST, init};

/// How often files are looked at for a new certificate.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// A certificate and its key, read again when their files change; clones share it.
#[derive(Clone)]
pub struct Tls {
    parts: Arc<Parts>,
}

struct Parts {
    certificate: PathBuf,
    key: PathBuf,
    config: RwLock<(Arc<ServerConfig>, Changed)>,
}

/// When both files were changed last.
type Changed = [Option<SystemTime>; 2];

impl Tls {
    /// Reads a chain of certificates, the server's first, and its key. Both are PEM.
    ///
    /// Errors name the file, and never hold what is in it.
    pub fn open(certificate: &Path, key: &Path) -> Result<Tls, String> {
        let config = read(certificate, key)?;
        let config = RwLock::new((config, changed(certificate, key)));
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        Ok(Tls { parts: Arc::new(Parts { certificate, key, config }) })
    }

    /// Takes connections with the certificate of now.
    pub fn acceptor(&self) -> TlsAcceptor {
        let config = self.parts.config.read().expect("no holder panics");
        TlsAcceptor::from(config.0.clone())
    }

    /// Reads the files again when they have changed, until dropped. A certificate that cannot be read
    /// leaves the one before in its place.
    pub async fn follow(self) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            self.look();
        }
    }

    /// Reads the files again if they have changed.
    pub fn look(&self) {
        let Parts { certificate, key, config } = &*self.parts;
        let now = changed(certificate, key);
        if config.read().expect("no holder panics").1 == now {
            return;
        }
        match read(certificate, key) {
            Ok(fresh) => {
                *config.write().expect("no holder panics") = (fresh, now);
                tracing::info!("a new certificate is used from now on");
            }
            Err(error) => tracing::error!(error, "a new certificate cannot be used"),
        }
    }
}

fn changed(certificate: &Path, key: &Path) -> Changed {
    [certificate, key].map(|path| path.metadata().and_then(|meta| meta.modified()).ok())
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
    let wrong = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(certificate, &error))?;
    if chain.is_empty() {
        return Err(wrong(certificate, &"no certificate in it"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| wrong(key, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
