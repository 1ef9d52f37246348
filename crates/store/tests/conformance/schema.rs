//! The tables of the code are the tables of both databases.

use std::collections::{BTreeMap, BTreeSet};

use vasool_core::bank_account::CustomerBankAccount;
use vasool_core::bulk::{BulkFile, BulkRow};
use vasool_core::customer::Customer;
use vasool_core::event::Occurrence;
use vasool_core::filing::Filing;
use vasool_core::fund_account::FundAccount;
use vasool_core::instruction::Instruction;
use vasool_core::invoice::Invoice;
use vasool_core::nach_form::NachForm;
use vasool_core::nach_token::NachToken;
use vasool_core::order::Order;
use vasool_core::paper_nach::NachScan;
use vasool_core::payment::Payment;
use vasool_core::qr_code::QrCode;
use vasool_core::refund::{IdempotencyRecord, Refund};
use vasool_core::sandbox::{Fault, Message};
use vasool_core::short_link::ShortLink;
use vasool_core::tenant::{ApiKey, Merchant, Tenant};
use vasool_core::timer::Timer;
use vasool_core::token::Token;
use vasool_core::transfer::Transfer;
use vasool_core::virtual_account::{StatementLine, VirtualAccount};
use vasool_core::webhook::{Attempt, Delivery, Endpoint};
use vasool_core::working_set::Alert;
use vasool_store::columns::{Kind, Record, Table};
use vasool_store::postgres::PostgresStore;
use vasool_store::sqlite::SqliteStore;
use vasool_store::{PostingRow, Store, StoreError};

use crate::world::{Place, World, directly, on_all, on_databases, on_postgres};

/// Name and kind of every column, by table.
type Schema = BTreeMap<String, BTreeSet<(String, String)>>;

const TABLES: &[&Table] = &[
    Merchant::TABLE,
    ApiKey::TABLE,
    Tenant::TABLE,
    Customer::TABLE,
    CustomerBankAccount::TABLE,
    FundAccount::TABLE,
    QrCode::TABLE,
    VirtualAccount::TABLE,
    StatementLine::TABLE,
    Payment::TABLE,
    Transfer::TABLE,
    Order::TABLE,
    ShortLink::TABLE,
    Refund::TABLE,
    Instruction::TABLE,
    IdempotencyRecord::TABLE,
    PostingRow::TABLE,
    Endpoint::TABLE,
    Occurrence::TABLE,
    Delivery::TABLE,
    Attempt::TABLE,
    BulkFile::TABLE,
    BulkRow::TABLE,
    Fault::TABLE,
    Message::TABLE,
    Alert::TABLE,
    Timer::TABLE,
    Token::TABLE,
    NachForm::TABLE,
    NachToken::TABLE,
    NachScan::TABLE,
    Invoice::TABLE,
    Filing::TABLE,
];

/// What connectors and senders keep beside the rows of commands.
const OF_CONNECTORS: &[(&str, &[&str], &[&str])] = &[
    ("filings", &[], &["file", "umrn"]),
    ("messages", &["attempts"], &["state", "error"]),
    (
        "rail_files",
        &["lane", "sequence", "items", "amount", "done", "created_ms"],
        &[
            "id",
            "connector",
            "direction",
            "kind",
            "day",
            "name",
            "state",
            "digest",
            "part",
            "reason",
        ],
    ),
];

/// What people who operate a server bring with them.
const OF_OPERATORS: &[(&str, &[&str], &[&str])] = &[
    (
        "operators",
        &["epoch", "founder", "created_ms", "disabled_ms"],
        &["id", "email", "name", "role", "password"],
    ),
    (
        "operator_sessions",
        &["epoch", "created_ms", "seen_ms", "expires_ms"],
        &["digest", "operator", "csrf", "browser"],
    ),
    ("sign_in_links", &["epoch", "created_ms", "expires_ms", "used_ms"], &["digest", "operator"]),
    ("sign_in_tries", &["count", "since_ms"], &["digest"]),
    (
        "operator_actions",
        &["at_ms", "done_ms"],
        &["id", "operator", "actor", "action", "target", "detail", "outcome"],
    ),
    ("audits", &["at", "took_ms", "payments", "postings", "broken"], &["id"]),
];

/// What only PostgreSQL has, because many processes share it.
const SHARED: &[(&str, &[&str])] = &[
    ("commits", &["batch", "committed_at_ms"]),
    ("leases", &["name", "holder", "until_ms"]),
    ("deliveries", &["leased_by", "leased_until_ms"]),
    ("instructions", &["leased_by", "leased_until_ms"]),
    ("bulk_files", &["leased_by", "leased_until_ms"]),
];

async fn schema(world: &World) -> Schema {
    let sql = if world.is_postgres() {
        "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT) \
         FROM information_schema.columns WHERE table_schema = 'public'"
    } else {
        "SELECT m.name, c.name, c.type FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
    };
    let mut schema = Schema::new();
    for mut cells in world.rows(sql).await {
        let (table, column) = (cells.text().unwrap(), cells.text().unwrap());
        let kind = match cells.text().unwrap().to_lowercase().as_str() {
            "bigint" | "integer" => "int",
            "text" => "text",
            "bytea" | "blob" => "bytes",
            other => panic!("{table}.{column} is {other}"),
        };
        schema.entry(table).or_default().insert((column, kind.to_owned()));
    }
    schema
}

fn of_code() -> Schema {
    let mut schema = Schema::new();
    for table in TABLES {
        let columns = schema.entry(table.name.to_owned()).or_default();
        for (name, kind) in table.columns {
            let kind = match kind {
                Kind::Int => "int",
                Kind::Text => "text",
                Kind::Bytes => "bytes",
            };
            columns.insert(((*name).to_owned(), kind.to_owned()));
        }
        if table.versioned {
            columns.insert(("version".to_owned(), "int".to_owned()));
        }
    }
    for (table, numbers, texts) in OF_CONNECTORS.iter().chain(OF_OPERATORS) {
        let columns = schema.entry((*table).to_owned()).or_default();
        columns.extend(numbers.iter().map(|name| ((*name).to_owned(), "int".to_owned())));
        columns.extend(texts.iter().map(|name| ((*name).to_owned(), "text".to_owned())));
    }
    let meta = ["name", "value"].map(|name| (name.to_owned(), "text".to_owned()));
    schema.insert("meta".to_owned(), meta.into());
    schema
}

#[test]
fn both_migrations_make_the_tables_of_the_code() {
    on_databases(async |world| {
        let mut schema = schema(world).await;
        if world.is_postgres() {
            for (table, columns) in SHARED {
                let own = schema.get_mut(*table).unwrap();
                let before = own.len();
                own.retain(|(name, _)| !columns.contains(&name.as_str()));
                assert_eq!(before - own.len(), columns.len(), "{table}");
            }
            schema.retain(|_, columns| !columns.is_empty());
        }
        assert_eq!(schema, of_code());
    });
}

#[test]
fn an_existing_database_is_opened_and_a_missing_one_is_not_made() {
    on_databases(async |world| match &world.place {
        Place::Sqlite(file) => {
            SqliteStore::open(file).unwrap();
            SqliteStore::open_or_create(file).unwrap();
            let missing = SqliteStore::open(&file.with_extension("missing"));
            assert!(matches!(missing, Err(StoreError::Unavailable(_))));
        }
        Place::Postgres { url, .. } => {
            PostgresStore::open(url).await.unwrap();
            PostgresStore::open_or_create(url).await.unwrap();
            let missing = PostgresStore::open(&format!("{url}_missing")).await;
            assert!(matches!(missing, Err(StoreError::Unavailable(_))), "{missing:?}");
            directly(url, "UPDATE meta SET value = '9' WHERE name = 'schema'").await;
            let newer = PostgresStore::open_or_create(url).await;
            let Err(StoreError::Unavailable(text)) = newer else { panic!("{newer:?}") };
            assert!(text.contains("newer"), "{text}");
        }
        Place::Memory => {}
    });
}

#[test]
fn many_processes_migrate_at_once() {
    on_postgres(async |world| {
        let Place::Postgres { url, .. } = &world.place else { return };
        directly(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
        let opened = PostgresStore::open(url).await;
        let Err(StoreError::Unavailable(text)) = opened else { panic!("{opened:?}") };
        assert!(text.contains("vasool migrate"), "{text}");
        let mut tasks = vec![];
        for _ in 0..5 {
            let url = url.clone();
            tasks.push(tokio::spawn(async move { PostgresStore::open_or_create(&url).await }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    });
}

#[test]
fn an_address_that_leads_nowhere_is_unavailable() {
    on_all(async |_| {
        for url in ["postgres://127.0.0.1:1/x", "not an address"] {
            let opened = PostgresStore::open(url).await.map(Store::Postgres);
            assert!(matches!(opened, Err(StoreError::Unavailable(_))), "{opened:?}");
        }
    });
}
