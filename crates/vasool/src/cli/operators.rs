//! `vasool operators …`: who may sign in, beside a running server or without one.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use vasool_core::id::{OperatorId, Seed};
use vasool_store::Store;
use vasool_store::operators::{Change, Operator};

use super::database::open;
use super::table::{Side, Table};
use super::{CliResult, Common, Config, JsonArgs, block_on, say};
use crate::clock::Clock;
use crate::format::day;
use crate::web::session::token::Token;
use crate::web::session::{Role, email_of, link_for, link_url, name_of, trail};

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum OperatorsAction {
    /// Open an account and print a one-time link, with which its owner sets a password.
    Create {
        /// The person's e-mail.
        #[arg(long)]
        email: String,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// What the person may do.
        #[arg(long, value_enum)]
        role: RoleArg,
        #[command(flatten)]
        link: LinkArgs,
    },
    /// Print all accounts.
    List(JsonArgs),
    /// Keep an operator out from now on.
    Disable {
        /// The account's e-mail.
        #[arg(long)]
        email: String,
        #[command(flatten)]
        output: JsonArgs,
    },
    /// Let a disabled operator in again.
    Enable {
        /// The account's e-mail.
        #[arg(long)]
        email: String,
        #[command(flatten)]
        output: JsonArgs,
    },
    /// Print a new one-time link for a lost password.
    Link {
        /// The account's e-mail.
        #[arg(long)]
        email: String,
        #[command(flatten)]
        link: LinkArgs,
    },
}

/// Where a link leads.
#[derive(Clone, Debug, Args)]
pub struct LinkArgs {
    /// Base of the link: where people reach the server.
    #[arg(long, env = "VASOOL_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    public_url: String,
    #[command(flatten)]
    output: JsonArgs,
}

/// A role of operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// Look.
    View,
    /// Act on payments and mandates, and in the sandbox.
    Operate,
    /// Change settings and operators.
    Admin,
}

/// Runs one of the commands.
pub fn run(common: &Common, action: OperatorsAction) -> CliResult {
    block_on(async {
        let store = open(&Config::read(common)?).await?;
        match action {
            OperatorsAction::Create { email, name, role, link } => {
                create(&store, &email, &name, role.into(), &link).await
            }
            OperatorsAction::List(output) => list(&store, output.json).await,
            OperatorsAction::Disable { email, output } => {
                disable(&store, &email).await?;
                print_change(output.json, &email, "disabled");
                Ok(ExitCode::SUCCESS)
            }
            OperatorsAction::Enable { email, output } => {
                enable(&store, &email).await?;
                print_change(output.json, &email, "enabled");
                Ok(ExitCode::SUCCESS)
            }
            OperatorsAction::Link { email, link } => renew_link(&store, &email, &link).await,
        }
    })?
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Role {
        match role {
            RoleArg::View => Role::View,
            RoleArg::Operate => Role::Operate,
            RoleArg::Admin => Role::Admin,
        }
    }
}

async fn create(store: &Store, email: &str, name: &str, role: Role, link: &LinkArgs) -> CliResult {
    let email = email_of(email).map_err(|why| format!("--email: {why}"))?;
    let name = name_of(name).map_err(|why| format!("--name: {why}"))?;
    let clock = Clock::System;
    let now = clock.now();
    let id: OperatorId = Seed::first(now.0, clock.noise()).draw().id();
    let detail = format!("role {}", role.as_str());
    let row = trail::begin_at_terminal(store, &clock, "invite", &email, &detail).await?;
    if !store.create_operator(id, &email, &name, role, now).await? {
        trail::finish_in(store, &clock, row, "refused: there is such an account").await;
        return Err(format!("there is an operator {email} already").into());
    }
    let token = link_for(store, id, now).await?;
    trail::finish_in(store, &clock, row, "done").await;
    print_link(link, &email, &token);
    Ok(ExitCode::SUCCESS)
}

async fn list(store: &Store, json: bool) -> CliResult {
    let operators = store.operators().await?;
    if json {
        let rows: Vec<_> = operators.iter().map(operator_json).collect();
        say(&json!({ "operators": rows }).to_string());
        return Ok(ExitCode::SUCCESS);
    }
    if operators.is_empty() {
        say("no operators");
        return Ok(ExitCode::SUCCESS);
    }
    let titles = ["E-MAIL", "NAME", "ROLE", "STATE", "SINCE"];
    let mut table = Table::new(&titles.map(|title| (title, Side::Left)));
    for operator in &operators {
        let Operator { email, name, role, created, .. } = operator;
        let (role, state) = (role.as_str().to_owned(), state(operator).to_owned());
        table.row([email.clone(), name.clone(), role, state, day(created.to_time())]);
    }
    table.say();
    Ok(ExitCode::SUCCESS)
}

async fn disable(store: &Store, email: &str) -> Result<(), Box<dyn std::error::Error>> {
    let operator = find(store, email).await?;
    let (clock, holder) = (Clock::System, Token::draw());
    let holder = holder.ok_or("the operating system gives no random numbers")?;
    let row = trail::begin_at_terminal(store, &clock, "disable operator", &operator.email, "");
    let row = row.await?;
    let changed = store.disable_operator(operator.id, clock.now(), holder.as_str()).await?;
    let (outcome, refusal) = match changed {
        Change::Made => ("done", None),
        Change::LastAdmin => (
            "refused: the last admin",
            Some("this is the last admin who can sign in: make someone else an admin first"),
        ),
        Change::Busy => (
            "refused: another change was under way",
            Some("someone else changes operators at this moment: try again"),
        ),
    };
    trail::finish_in(store, &clock, row, outcome).await;
    refusal.map_or(Ok(()), |why| Err(why.into()))
}

async fn enable(store: &Store, email: &str) -> Result<(), Box<dyn std::error::Error>> {
    let operator = find(store, email).await?;
    let clock = Clock::System;
    let row = trail::begin_at_terminal(store, &clock, "enable operator", &operator.email, "");
    let row = row.await?;
    store.enable_operator(operator.id).await?;
    trail::finish_in(store, &clock, row, "done").await;
    Ok(())
}

async fn renew_link(store: &Store, email: &str, link: &LinkArgs) -> CliResult {
    let operator = find(store, email).await?;
    if operator.disabled.is_some() {
        return Err(format!("{} is disabled: enable it first", operator.email).into());
    }
    let clock = Clock::System;
    let row = trail::begin_at_terminal(store, &clock, "make sign-in link", &operator.email, "");
    let row = row.await?;
    let token = link_for(store, operator.id, clock.now()).await?;
    trail::finish_in(store, &clock, row, "done").await;
    print_link(link, &operator.email, &token);
    Ok(ExitCode::SUCCESS)
}

async fn find(store: &Store, email: &str) -> Result<Operator, Box<dyn std::error::Error>> {
    let email = email.trim().to_lowercase();
    let found = store.operator_of_email(&email).await?;
    Ok(found.ok_or_else(|| format!("there is no operator {email}"))?.0)
}

fn print_link(args: &LinkArgs, email: &str, token: &Token) {
    let url = link_url(args.public_url.trim_end_matches('/'), token);
    match args.output.json {
        true => say(&json!({ "email": email, "link": url }).to_string()),
        false => say(&format!("{email} sets a password here, once, within a day:\n{url}")),
    }
}

fn print_change(json: bool, email: &str, state: &str) {
    match json {
        true => say(&json!({ "email": email, "state": state }).to_string()),
        false => say(&format!("{email} is {state}")),
    }
}

fn operator_json(operator: &Operator) -> serde_json::Value {
    json!({
        "id": operator.id.to_string(),
        "email": operator.email,
        "name": operator.name,
        "role": operator.role.as_str(),
        "state": state(operator),
        "created_at": operator.created.to_time().0,
    })
}

fn state(operator: &Operator) -> &'static str {
    match (operator.disabled, operator.has_password) {
        (Some(_), _) => "disabled",
        (None, false) => "invited",
        (None, true) => "active",
    }
}
