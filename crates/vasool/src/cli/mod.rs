//! The command line: one file per group of commands.

mod alerts;
mod audit;
mod check;
mod config;
mod connectors;
mod database;
mod events;
mod keys;
mod nach_bank;
mod operators;
mod progress;
mod sandbox;
mod serve;
mod settings;
mod table;
mod tls;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use vasool_core::scope::Mode;

pub use config::Config;
use events::EventsAction;
use operators::OperatorsAction;
use sandbox::SandboxAction;
use settings::SettingsAction;

/// A payment-collection server for India that speaks the Razorpay HTTP API.
#[derive(Debug, Parser)]
#[command(name = "vasool", version, about, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Action,
}

/// What every command understands, as a flag or from the environment.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// Where rows are kept: `sqlite:PATH` or `postgres://USER@HOST/DATABASE`.
    #[arg(long, env = "VASOOL_DATABASE", default_value = "sqlite:data/vasool.db", global = true)]
    pub database: String,
    /// 64 hexadecimal characters that encrypt secrets at rest. SQLite makes a `vasool.key` file
    /// beside the database without it.
    #[arg(long, env = "VASOOL_MASTER_KEY", hide_env_values = true, global = true)]
    pub master_key: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Run the server.
    Serve(Box<ServeArgs>),
    /// Open merchants.
    #[command(subcommand)]
    Merchants(MerchantsAction),
    /// Create, show and expire API keys.
    #[command(subcommand)]
    Keys(KeysAction),
    /// Let people sign in to the dashboard, or keep them out.
    #[command(subcommand)]
    Operators(OperatorsAction),
    /// Recompute every balance and state from the journal; exit 1 when something is wrong.
    Audit(JsonArgs),
    /// Print what an operator should look at, newest first.
    Alerts {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        count: u32,
        #[command(flatten)]
        output: JsonArgs,
    },
    /// Write a consistent copy of a SQLite database while the server runs.
    Backup {
        /// The file to write; it must not exist.
        file: PathBuf,
    },
    /// Create the database or bring its schema up to date.
    Migrate,
    /// Check configuration, clock, disk, database, webhook receivers and directories of banks.
    Doctor {
        /// The JSON file of the server's connectors.
        #[arg(long, env = "VASOOL_CONNECTORS")]
        connectors: Option<PathBuf>,
    },
    /// Make certificates.
    #[command(subcommand)]
    Tls(TlsAction),
    /// Look at what webhooks are told.
    #[command(subcommand)]
    Events(EventsAction),
    /// Look at a merchant's settings, or change them.
    #[command(subcommand)]
    Settings(SettingsAction),
    /// Play payers, banks and time: calls to a running server with a test key.
    #[command(subcommand)]
    Sandbox(Box<SandboxAction>),
    /// Print what a shell needs to complete these commands.
    Completions {
        /// Which shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

/// How to run the server.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// Address and port; port 0 lets the system choose.
    #[arg(long, env = "VASOOL_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Address and port for TLS, beside the other one.
    #[arg(long, env = "VASOOL_TLS_LISTEN", requires = "tls_cert", requires = "tls_key")]
    pub tls_listen: Option<String>,
    /// The certificate, PEM: the server's first, then those that vouch for it.
    #[arg(long, env = "VASOOL_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    #[arg(long, env = "VASOOL_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Base of short URLs; the listening address when not given.
    #[arg(long, env = "VASOOL_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Whether `/v1/sandbox` exists.
    #[arg(long, env = "VASOOL_SANDBOX", default_value = "on", value_enum)]
    pub sandbox: Switch,
    /// Whether people can sign in and see the dashboard.
    #[arg(long, env = "VASOOL_DASHBOARD", default_value = "on", value_enum)]
    pub dashboard: Switch,
    /// The server that takes mails of live mode, such as
    /// `smtp://USER:PASSWORD@HOST:587?tls=required`.
    #[arg(long, env = "VASOOL_SMTP_URL", hide_env_values = true, requires = "mail_from")]
    pub smtp_url: Option<String>,
    /// Who writes mails, such as `Blue Lotus <no-reply@example.com>`.
    #[arg(long, env = "VASOOL_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// The gateway that takes SMS of live mode: a POST of `{"id", "to", "text"}`.
    #[arg(long, env = "VASOOL_SMS_URL", hide_env_values = true)]
    pub sms_url: Option<String>,
    /// The bearer token that the gateway wants.
    #[arg(long, env = "VASOOL_SMS_TOKEN", hide_env_values = true, requires = "sms_url")]
    pub sms_token: Option<String>,
    /// A JSON file that names sponsor banks that take files; see docs/paper-nach.md.
    #[arg(long, env = "VASOOL_CONNECTORS")]
    pub connectors: Option<PathBuf>,
    /// Key id of the first merchant on an empty database, such as `rzp_test_` and 14 characters.
    #[arg(long, env = "VASOOL_KEY_ID", requires = "key_secret")]
    pub key_id: Option<String>,
    /// Key secret of the first merchant on an empty database.
    #[arg(long, env = "VASOOL_KEY_SECRET", hide_env_values = true, requires = "key_id")]
    pub key_secret: Option<String>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

#[derive(Debug, Subcommand)]
enum MerchantsAction {
    /// Open a merchant.
    Create {
        /// Its name, shown on virtual accounts.
        #[arg(long)]
        name: String,
        /// The `acc_…` whose keys may act for it.
        #[arg(long)]
        parent: Option<String>,
        #[command(flatten)]
        output: JsonArgs,
    },
    /// List merchants, oldest first.
    List(JsonArgs),
}

#[derive(Debug, Subcommand)]
enum KeysAction {
    /// Add a key pair; it is printed once.
    Create {
        /// The merchant, `acc_…`.
        #[arg(long)]
        merchant: String,
        /// Which data it opens.
        #[arg(long, value_enum)]
        mode: ModeArg,
        #[command(flatten)]
        output: JsonArgs,
    },
    /// Print the first merchant's test key.
    Show(JsonArgs),
    /// Refuse a key from now on.
    Expire {
        /// The key id, `rzp_test_…` or `rzp_live_…`.
        key_id: String,
    },
}

#[derive(Debug, Subcommand)]
enum TlsAction {
    /// Make a local authority and a certificate for api.razorpay.com and this server, so that SDKs
    /// with the host built in work against it.
    Init(TlsInitArgs),
}

/// Where, and for whom.
#[derive(Debug, Args)]
pub struct TlsInitArgs {
    /// Where the files go.
    #[arg(long, default_value = "data/tls")]
    pub directory: PathBuf,
    /// One more name or address of the server.
    #[arg(long = "name")]
    pub names: Vec<String>,
    #[command(flatten)]
    output: JsonArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ModeArg {
    Test,
    Live,
}

impl ModeArg {
    fn mode(self) -> Mode {
        match self {
            ModeArg::Test => Mode::Test,
            ModeArg::Live => Mode::Live,
        }
    }
}

#[derive(Clone, Copy, Debug, Args)]
struct JsonArgs {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What went wrong, in words for the person at the terminal.
type CliResult = Result<ExitCode, Box<dyn std::error::Error>>;

/// Runs the command line and returns the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    init_log();
    let result = match cli.command {
        Action::Serve(args) => serve::serve(&cli.common, *args),
        Action::Merchants(MerchantsAction::Create { name, parent, output }) => {
            keys::create_merchant(&cli.common, name, parent, output.json)
        }
        Action::Keys(KeysAction::Create { merchant, mode, output }) => {
            keys::create_key(&cli.common, &merchant, mode.mode(), output.json)
        }
        Action::Keys(KeysAction::Show(output)) => keys::show(&cli.common, output.json),
        Action::Keys(KeysAction::Expire { key_id }) => keys::expire(&cli.common, &key_id),
        Action::Operators(action) => operators::run(&cli.common, action),
        Action::Audit(output) => audit::run(&cli.common, output.json),
        Action::Backup { file } => check::backup(&cli.common, file),
        Action::Migrate => check::migrate(&cli.common),
        Action::Alerts { count, output } => alerts::list(&cli.common, count, output.json),
        Action::Doctor { connectors } => check::doctor(&cli.common, connectors.as_deref()),
        Action::Tls(TlsAction::Init(args)) => tls::init(&args),
        Action::Merchants(MerchantsAction::List(output)) => {
            keys::list_merchants(&cli.common, output.json)
        }
        Action::Events(action) => events::run(&cli.common, action),
        Action::Settings(action) => settings::run(&cli.common, action),
        Action::Sandbox(action) => sandbox::run(*action),
        Action::Completions { shell } => complete(shell),
    };
    result.unwrap_or_else(|error| {
        say_error(&format!("vasool: {error}"));
        ExitCode::FAILURE
    })
}

/// Prints the completions of a shell; a pipe that is closed early is no fault.
fn complete(shell: clap_complete::Shell) -> CliResult {
    let mut text = vec![];
    clap_complete::generate(shell, &mut Cli::command(), "vasool", &mut text);
    say(String::from_utf8(text)?.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// Log lines go to stderr; `VASOOL_LOG` sets levels: `debug`, or `info,vasool::rails=debug`.
fn init_log() {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;
    let given = std::env::var("VASOOL_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    let filter = given.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    tracing_subscriber::registry().with(lines).with(filter).init();
}

/// Prints a line. Who reads may have enough (`| head`): then there is nothing left to do.
fn say(text: &str) {
    use std::io::Write as _;
    if writeln!(std::io::stdout().lock(), "{text}").is_err() {
        std::process::exit(1);
    }
}

#[allow(clippy::print_stderr, reason = "this is what the command line is for")]
fn say_error(text: &str) {
    eprintln!("{text}");
}

/// Runs a short command on a runtime of its own.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, std::io::Error> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work))
}
