//! `vasool serve`.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use vasool_core::command::{Command, KeyDraft, MerchantDraft};
use vasool_core::id::RawId;
use vasool_core::scope::Mode;
use vasool_store::Store;

use super::connectors;
use super::database::{ServerLock, check_master_key, create_directory, open_or_create};
use super::{CliResult, Common, Config, ServeArgs, Switch, say};
use crate::app::{App, Options};
use crate::clock::Clock;
use crate::messages::{MailSender, Senders, SmsGateway, SmsOptions};
use crate::secrets::{MasterKey, new_key_secret};
use crate::server;
use crate::tls::Tls;
use crate::web::session::{first_link, link_url};

/// How long a stop waits for background work after the last answer.
const TASKS_STOP_MAX: Duration = Duration::from_secs(4);

/// Runs the server until it is told to stop.
pub fn serve(common: &Common, args: ServeArgs) -> CliResult {
    let config = Config::read(common)?;
    // Held until the process ends.
    let _lock = match &config {
        Config::Sqlite(path) => {
            create_directory(path)?;
            Some(ServerLock::take(path)?)
        }
        Config::Postgres(_) => None,
    };
    let master = config.master_key(common)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(config, master, args))
}

async fn run(config: Config, master: MasterKey, args: ServeArgs) -> CliResult {
    let store = open_or_create(&config).await?;
    check_master_key(&store, &master).await?;
    store.check_writable().await?;
    let listener = TcpListener::bind(&args.listen)
        .await
        .map_err(|error| cannot_listen(&args.listen, &error))?;
    let address = listener.local_addr()?;
    let secure = tls_listener(&args).await?;
    let public_url = args.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let options = Options {
        sandbox: args.sandbox == Switch::On,
        dashboard: args.dashboard == Switch::On,
        public_url: public_url.trim_end_matches('/').to_owned(),
        file_banks: args.connectors.as_deref().map_or(Ok(vec![]), connectors::read)?,
        senders: senders(&args)?,
    };
    let app = App::start(store.clone(), Clock::System, master, options)?;
    create_first_merchant(&app, &store, &args).await?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    say(&format!("vasool is listening on http://{address}"));
    invite_first_operator(&app).await;
    let tasks = app.tasks.clone();
    if let Some((listener, tls)) = secure {
        say(&format!("vasool is listening on https://{}", listener.local_addr()?));
        tasks.spawn_until_stopped(tls.clone().follow());
        tasks.spawn(server::serve_tls(app.clone(), listener, tls));
    }
    let serving = server::serve(app, listener);
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tasks.stop();
    serving.await;
    if !tasks.finish(TASKS_STOP_MAX).await {
        tracing::info!("background work was cut off; it goes on after the next start");
    }
    Ok(ExitCode::SUCCESS)
}

/// Without any operator: a link for the first one, anew at each start until one was used.
async fn invite_first_operator(app: &App) {
    if !app.options.dashboard {
        return;
    }
    match first_link(&app.store, app.clock.now()).await {
        Ok(None) => {}
        Ok(Some(link)) => {
            let url = link_url(&app.options.public_url, &link);
            let line = format!("sign in for the first time, once, within a day: {url}");
            // Whoever started the server may read its first line alone.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
        // Payments do not wait for people to look at them.
        Err(error) => tracing::warn!(%error, "there is no link for the first operator"),
    }
}

fn cannot_listen(address: &str, error: &std::io::Error) -> String {
    use std::io::ErrorKind::{AddrInUse, AddrNotAvailable, PermissionDenied};
    let hint = match error.kind() {
        AddrInUse => {
            "another program has this port, perhaps a server that runs already: stop it, or give \
             another one with --listen (port 0 takes any that is free)"
        }
        PermissionDenied => "ports below 1024 need a privilege: give another one with --listen",
        AddrNotAvailable => "this machine has no such address: 0.0.0.0 is all that it has",
        _ => "give an address and a port, such as 127.0.0.1:8080",
    };
    format!("cannot listen on {address}: {error}\n  to do:  {hint}")
}

/// The listener for TLS and its certificate, if the operator wants one.
async fn tls_listener(args: &ServeArgs) -> Result<Option<(TcpListener, Tls)>, String> {
    let (Some(address), Some(certificate), Some(key)) =
        (&args.tls_listen, &args.tls_cert, &args.tls_key)
    else {
        return Ok(None);
    };
    let tls = Tls::open(certificate, key)?;
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|error| cannot_listen(address, &error))?;
    Ok(Some((listener, tls)))
}

/// How mails and SMS leave, as far as the operator says.
fn senders(args: &ServeArgs) -> Result<Senders, String> {
    let mut senders = Senders::default();
    if let (Some(url), Some(from)) = (&args.smtp_url, &args.mail_from) {
        let mail = MailSender::new(url, from).map_err(|why| format!("--smtp-url: {why}"))?;
        senders.mail = Some(Arc::new(mail));
    }
    if let Some(url) = args.sms_url.clone() {
        let options = SmsOptions { url, token: args.sms_token.clone() };
        let sms = SmsGateway::new(options).map_err(|why| format!("--sms-url: {why}"))?;
        senders.sms = Some(Arc::new(sms));
    }
    Ok(senders)
}

/// On an empty database: a merchant with one test key, given or drawn.
async fn create_first_merchant(app: &App, store: &Store, args: &ServeArgs) -> Result<(), String> {
    if store.has_merchants().await.map_err(|error| error.to_string())? {
        return Ok(());
    }
    let (id, secret) = match (&args.key_id, &args.key_secret) {
        (Some(key_id), Some(secret)) => {
            let id = key_id
                .strip_prefix("rzp_test_")
                .and_then(RawId::parse)
                .ok_or("VASOOL_KEY_ID must be rzp_test_ and 14 letters or digits")?;
            (Some(id), secret.clone())
        }
        _ => (None, new_key_secret().ok_or("the operating system gives no random numbers")?),
    };
    let secret = app.master.seal(&secret).map_err(|error| error.to_string())?;
    let draft = MerchantDraft {
        name: "My Business".to_owned(),
        parent: None,
        keys: vec![KeyDraft { mode: Mode::Test, id, secret }],
    };
    app.engine
        .submit(Command::CreateMerchant(draft))
        .await
        .map(|_| ())
        .map_err(|refusal| format!("the first merchant could not be made: {refusal:?}"))
}
