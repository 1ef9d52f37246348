//! TLS: certificates made here, a server that stands in for the vendor's host.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use vasool::server;
use vasool::tls::{self, Made, Tls, VENDOR_HOST};
use vasool_core::time::Time;

use crate::harness::{Database, TestApp, base64, is_there, root};

/// A directory of a test's own.
fn directory(app: &TestApp) -> PathBuf {
    match &app.database {
        Database::Sqlite(path) => path.with_file_name("tls"),
        Database::Postgres { name, .. } => std::env::temp_dir().join(format!("vasool_{name}_tls")),
    }
}

fn names() -> Vec<String> {
    vec![VENDOR_HOST.to_owned(), "localhost".to_owned(), "127.0.0.1".to_owned()]
}

async fn now(app: &TestApp) -> Time {
    app.app.clock.now().to_time()
}

/// What the server answers a client that believes this authority.
async fn healthz(port: u16, host: &str, authority: &Path) -> Result<String, String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let host = ServerName::try_from(host.to_owned()).unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(host, stream).await.map_err(|error| error.to_string())?;
    let request = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![];
    // Some servers end without a farewell.
    let _ = stream.read_to_end(&mut answer).await;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

async fn serve(app: &TestApp, made: &Made) -> (u16, Tls) {
    let tls = Tls::open(&made.certificate, &made.key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    app.app.tasks.spawn(server::serve_tls(app.app.clone(), listener, tls.clone()));
    (port, tls)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_trusts_the_authority_is_served_under_every_name() {
    let app = TestApp::start(Database::sqlite()).await;
    let place = directory(&app);
    let made = tls::init(&place, &names(), now(&app).await).unwrap();
    assert!(!made.is_known);
    let (port, _) = serve(&app, &made).await;
    for host in names() {
        let answer = healthz(port, &host, &made.authority).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{host}: {answer}");
    }
    assert!(healthz(port, "example.com", &made.authority).await.is_err(), "another name");
    let stranger = tls::init(&place.join("stranger"), &names(), now(&app).await).unwrap();
    assert!(healthz(port, "localhost", &stranger.authority).await.is_err(), "not trusted");
    // Whoever speaks plain HTTP is let go, and the others are served on.
    let mut plain = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut left = vec![];
    let _ = plain.read_to_end(&mut left).await;
    assert!(!left.starts_with(b"HTTP"));
    assert!(healthz(port, "localhost", &made.authority).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_used_and_the_authority_stays() {
    use std::os::unix::fs::PermissionsExt as _;
    let app = TestApp::start(Database::sqlite()).await;
    let place = directory(&app);
    let made = tls::init(&place, &names(), now(&app).await).unwrap();
    let authority = std::fs::read(&made.authority).unwrap();
    for secret in [&made.key, &place.join("authority.key")] {
        let mode = std::fs::metadata(secret).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", secret.display());
    }
    let (port, tls) = serve(&app, &made).await;
    let more = [names(), vec!["pay.example.test".to_owned()]].concat();
    assert!(healthz(port, "pay.example.test", &made.authority).await.is_err());
    // A crash while a key was written leaves nothing that others can read.
    std::fs::write(place.join("server.key.new"), "half").unwrap();
    let again = tls::init(&place, &more, now(&app).await).unwrap();
    assert!(again.is_known);
    let mode = std::fs::metadata(&made.key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read(&made.authority).unwrap(), authority);
    tls.look();
    let answer = healthz(port, "pay.example.test", &made.authority).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // What cannot be read leaves the one before in its place.
    std::fs::write(&made.certificate, "nothing").unwrap();
    tls.look();
    assert!(healthz(port, "localhost", &made.authority).await.is_ok());
    assert!(Tls::open(&made.certificate, &made.key).is_err());
}

/// The Node SDK with not one changed line: name resolution and trust store alone lead it here, inside
/// mount and network namespaces of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_sdk_works_against_the_vendors_host() {
    stand_in("node").await;
}

/// The same with the Python SDK.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_sdk_works_against_the_vendors_host() {
    stand_in("python").await;
}

async fn stand_in(sdk: &str) {
    let folder = root().join("tests/clients");
    let needed = match sdk {
        "node" => folder.join("node/node_modules/razorpay/package.json"),
        _ => root().join(".tools/venv/bin/python"),
    };
    if !is_there(&needed, "scripts/setup-clients") {
        return;
    }
    let probe = Command::new("unshare")
        .args(["--mount", "--net", "--map-root-user", "true"])
        .stderr(Stdio::null())
        .status()
        .await;
    if !probe.is_ok_and(|status| status.success()) {
        eprintln!("skipped: this system does not let a test have namespaces of its own");
        return;
    }
    let place = std::env::temp_dir().join(format!("vasool_stand_in_{}_{sdk}", std::process::id()));
    std::fs::create_dir_all(&place).unwrap();
    let secret = base64(b"a secret of a test").replace('=', "0");
    let output = Command::new("unshare")
        .args(["--mount", "--net", "--map-root-user", "python3"])
        .arg(folder.join("stand_in.py"))
        .args([sdk, env!("CARGO_BIN_EXE_vasool")])
        .arg(&place)
        .env("VASOOL_KEY_ID", "rzp_test_StandIn0000001")
        .env("VASOOL_KEY_SECRET", secret)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let limit = std::time::Duration::from_secs(120);
    let output = tokio::time::timeout(limit, output).await.expect("an end").expect("an output");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    std::fs::remove_dir_all(&place).unwrap();
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(text.contains("paid through api.razorpay.com"), "{text}\n{errors}");
}
