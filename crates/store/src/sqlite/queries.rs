//! The queries that load rows: their texts are built once, and a batch looks each up at most once.

use std::sync::LazyLock;

use rusqlite::{CachedStatement, Connection};
use vasool_core::bank_account::CustomerBankAccount;
use vasool_core::bulk::{BulkFile, BulkRow};
use vasool_core::customer::Customer;
use vasool_core::instruction::Instruction;
use vasool_core::invoice::Invoice;
use vasool_core::nach_form::NachForm;
use vasool_core::nach_token::NachToken;
use vasool_core::order::Order;
use vasool_core::payment::Payment;
use vasool_core::qr_code::QrCode;
use vasool_core::refund::{IdempotencyRecord, Refund};
use vasool_core::sandbox::Fault;
use vasool_core::tenant::{ApiKey, Merchant, Tenant};
use vasool_core::token::Token;
use vasool_core::transfer::Transfer;
use vasool_core::virtual_account::VirtualAccount;
use vasool_core::webhook::{Delivery, Endpoint};

use super::{cells, failure};
use crate::columns::{Record, Value, account_columns, read_versioned};
use crate::error::StoreResult;

/// What rows are loaded by.
#[derive(Clone, Copy, Debug)]
pub enum Query {
    Merchant,
    ApiKey,
    Tenant,
    Customer,
    CustomerOfIdentity,
    Account,
    ActiveAccountOfNumber,
    ClosedAccountOfNumber,
    ActiveAccountOfVpa,
    ClosedAccountOfVpa,
    AccountOfQrCode,
    ActiveUseOfNumber,
    ClosedUseOfNumber,
    BankAccount,
    QrCode,
    Order,
    OrderOfReceipt,
    Payment,
    TransferOfPayment,
    Transfer,
    Refund,
    RefundOfReceipt,
    Token,
    NachForm,
    NachToken,
    Invoice,
    Instruction,
    IdempotencyKey,
    Delivery,
    BulkFile,
    BulkRow,
    EndpointsOfScope,
    FaultsOfScope,
}

/// In the order of the variants.
const ALL: [Query; 33] = [
    Query::Merchant,
    Query::ApiKey,
    Query::Tenant,
    Query::Customer,
    Query::CustomerOfIdentity,
    Query::Account,
    Query::ActiveAccountOfNumber,
    Query::ClosedAccountOfNumber,
    Query::ActiveAccountOfVpa,
    Query::ClosedAccountOfVpa,
    Query::AccountOfQrCode,
    Query::ActiveUseOfNumber,
    Query::ClosedUseOfNumber,
    Query::BankAccount,
    Query::QrCode,
    Query::Order,
    Query::OrderOfReceipt,
    Query::Payment,
    Query::TransferOfPayment,
    Query::Transfer,
    Query::Refund,
    Query::RefundOfReceipt,
    Query::Token,
    Query::NachForm,
    Query::NachToken,
    Query::Invoice,
    Query::Instruction,
    Query::IdempotencyKey,
    Query::Delivery,
    Query::BulkFile,
    Query::BulkRow,
    Query::EndpointsOfScope,
    Query::FaultsOfScope,
];

static TEXTS: LazyLock<[String; ALL.len()]> = LazyLock::new(|| ALL.map(Query::text));

impl Query {
    fn text(self) -> String {
        match self {
            Query::Merchant => rows::<Merchant>("id = ?1"),
            Query::ApiKey => rows::<ApiKey>("id = ?1"),
            Query::Tenant => rows::<Tenant>("scope = ?1"),
            Query::Customer => rows::<Customer>("id = ?1"),
            Query::CustomerOfIdentity => rows::<Customer>("scope = ?1 AND identity = ?2"),
            Query::Account => account("v.id = ?1 ORDER BY"),
            Query::ActiveAccountOfNumber => account(
                "v.account_number = ?1 AND v.address_space = ?2 AND v.state = 'active' ORDER BY",
            ),
            Query::ClosedAccountOfNumber => account(
                "v.account_number = ?1 AND v.address_space = ?2 AND v.state = 'closed' \
                 ORDER BY v.id DESC,",
            ),
            Query::ActiveAccountOfVpa => {
                account("v.vpa = ?1 AND v.address_space = ?2 AND v.state = 'active' ORDER BY")
            }
            Query::ClosedAccountOfVpa => account(
                "v.vpa = ?1 AND v.address_space = ?2 AND v.state = 'closed' ORDER BY v.id DESC,",
            ),
            Query::AccountOfQrCode => account("v.qr_code = ?1 ORDER BY"),
            Query::BankAccount => rows::<CustomerBankAccount>("id = ?1"),
            Query::QrCode => rows::<QrCode>("id = ?1"),
            Query::Order => rows::<Order>("id = ?1"),
            Query::OrderOfReceipt => rows::<Order>(
                "scope = ?1 AND receipt = ?2 ORDER BY created_at DESC, id DESC LIMIT 1",
            ),
            Query::Refund => rows::<Refund>("id = ?1"),
            Query::RefundOfReceipt => rows::<Refund>("payment = ?1 AND receipt = ?2"),
            Query::Token => rows::<Token>("id = ?1"),
            Query::NachForm => rows::<NachForm>("order_id = ?1"),
            Query::NachToken => rows::<NachToken>("id = ?1"),
            Query::Invoice => rows::<Invoice>("id = ?1"),
            Query::Instruction => rows::<Instruction>("subject = ?1 AND kind = ?2"),
            Query::IdempotencyKey => rows::<IdempotencyRecord>("scope = ?1 AND digest = ?2"),
            Query::ActiveUseOfNumber => {
                rows::<VirtualAccount>("account_number = ?1 AND state = 'active' LIMIT 1")
            }
            Query::ClosedUseOfNumber => {
                rows::<VirtualAccount>("account_number = ?1 AND state = 'closed' LIMIT 1")
            }
            Query::Payment => rows::<Payment>("id = ?1"),
            Query::TransferOfPayment => rows::<Transfer>("payment = ?1"),
            Query::Transfer => rows::<Transfer>(
                "scope = ?1 AND reference_key = ?2 AND mode = ?3 AND payee = ?4 \
                 AND connector = ?5",
            ),
            Query::Delivery => rows::<Delivery>("event = ?1 AND endpoint = ?2"),
            Query::BulkFile => rows::<BulkFile>("id = ?1"),
            Query::BulkRow => rows::<BulkRow>("file = ?1 AND number = ?2"),
            Query::EndpointsOfScope => rows::<Endpoint>("scope = ?1 ORDER BY id"),
            Query::FaultsOfScope => rows::<Fault>("scope = ?1 AND disarmed = 0 ORDER BY id"),
        }
    }
}

fn rows<T: Record>(filter: &str) -> String {
    format!("SELECT {} FROM {} WHERE {filter}", T::TABLE.column_list(), T::TABLE.name)
}

/// One account with its last statement line, which is the first one backwards: one descent of the
/// tree, where a join to the greatest number makes two.
fn account(filter_and_order: &str) -> String {
    let columns = account_columns();
    format!(
        "SELECT {columns} FROM virtual_accounts v \
         LEFT JOIN statement_lines l ON l.virtual_account = v.id \
         WHERE {filter_and_order} l.number DESC LIMIT 1"
    )
}

/// The queries of one batch, ready to run.
pub struct Queries<'c> {
    connection: &'c Connection,
    prepared: [Option<CachedStatement<'c>>; ALL.len()],
}

impl<'c> Queries<'c> {
    pub fn new(connection: &'c Connection) -> Queries<'c> {
        Queries { connection, prepared: [const { None }; ALL.len()] }
    }

    /// The first row, with its version.
    pub fn one<T: Record>(
        &mut self,
        query: Query,
        params: &[Value<'_>],
    ) -> StoreResult<Option<(T, i64)>> {
        Ok(self.all(query, params)?.into_iter().next())
    }

    /// All rows, with their versions.
    pub fn all<T: Record>(
        &mut self,
        query: Query,
        params: &[Value<'_>],
    ) -> StoreResult<Vec<(T, i64)>> {
        let statement = match &mut self.prepared[query as usize] {
            Some(statement) => statement,
            free => {
                let text = &TEXTS[query as usize];
                free.insert(self.connection.prepare_cached(text).map_err(failure)?)
            }
        };
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(failure)?;
        let mut out = vec![];
        while let Some(row) = rows.next().map_err(failure)? {
            out.push(read_versioned(&mut cells(row, columns)?)?);
        }
        Ok(out)
    }
}
