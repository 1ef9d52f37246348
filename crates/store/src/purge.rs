//! Removing what a reset of the sandbox left behind.

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
use vasool_core::scope::ScopeId;
use vasool_core::short_link::ShortLink;
use vasool_core::timer::Timer;
use vasool_core::token::Token;
use vasool_core::transfer::Transfer;
use vasool_core::virtual_account::{StatementLine, VirtualAccount};
use vasool_core::webhook::{Attempt, Delivery};
use vasool_core::working_set::Alert;

use crate::Store;
use crate::columns::{PostingRow, Record, Table, Value};
use crate::error::StoreResult;

/// Rows of one `DELETE`: more would hold SQLite's only writer for too long.
const CHUNK: usize = 200;

/// Every table whose rows belong to a scope. Webhooks move on to the new scope.
const OWNED: &[&Table] = &[
    BulkRow::TABLE,
    BulkFile::TABLE,
    Timer::TABLE,
    Delivery::TABLE,
    Attempt::TABLE,
    Occurrence::TABLE,
    StatementLine::TABLE,
    Fault::TABLE,
    Message::TABLE,
    Alert::TABLE,
    PostingRow::TABLE,
    Instruction::TABLE,
    Filing::TABLE,
    IdempotencyRecord::TABLE,
    Refund::TABLE,
    Token::TABLE,
    NachScan::TABLE,
    NachForm::TABLE,
    NachToken::TABLE,
    Invoice::TABLE,
    Transfer::TABLE,
    Payment::TABLE,
    Order::TABLE,
    ShortLink::TABLE,
    QrCode::TABLE,
    FundAccount::TABLE,
    CustomerBankAccount::TABLE,
    VirtualAccount::TABLE,
    Customer::TABLE,
];

impl Store {
    /// Deletes at most `limit` rows of retired tenants and tells how many it deleted; zero means
    /// that nothing is left to do. When all rows of a tenant are gone, the tenant goes too.
    ///
    /// Rows are looked for on a read connection, because some tables have no index by scope and a
    /// search would hold up the writer; only the deletion by key is a write.
    pub async fn purge_retired(&self, limit: usize) -> StoreResult<usize> {
        if let Store::Memory(store) = self {
            return Ok(store.purge_retired());
        }
        let sql = "SELECT scope FROM tenants WHERE retired = 1 ORDER BY scope".to_owned();
        let mut deleted = 0;
        for mut cells in self.rows(sql, vec![]).await? {
            let scope = cells.scope()?;
            for table in OWNED {
                while deleted < limit {
                    let most = CHUNK.min(limit - deleted);
                    let found = self.purge_some(table, scope, most).await?;
                    deleted += found;
                    if found < most {
                        break;
                    }
                }
            }
            if deleted >= limit {
                return Ok(deleted);
            }
            let gone = "DELETE FROM tenants WHERE scope = $1 AND retired = 1";
            deleted += self.execute(gone, vec![scope.into()]).await?;
        }
        Ok(deleted)
    }

    /// Deletes at most `limit` rows of bulk files that were abandoned, and tells how many; a file
    /// goes when its rows are gone. No command changes what is abandoned.
    pub async fn purge_abandoned(&self, limit: usize) -> StoreResult<usize> {
        if let Store::Memory(store) = self {
            return Ok(store.purge_abandoned());
        }
        let sql = "SELECT id FROM bulk_files WHERE state = 'abandoned' ORDER BY id".to_owned();
        let mut deleted = 0;
        for mut cells in self.rows(sql, vec![]).await? {
            let id = cells.text()?;
            while deleted < limit {
                let most = CHUNK.min(limit - deleted);
                let found = self.purge_where(BulkRow::TABLE, "file", id.clone(), most).await?;
                deleted += found;
                if found < most {
                    break;
                }
            }
            if deleted >= limit {
                return Ok(deleted);
            }
            let gone = "DELETE FROM bulk_files WHERE id = $1 AND state = 'abandoned'";
            deleted += self.execute(gone, vec![id.into()]).await?;
        }
        Ok(deleted)
    }

    async fn purge_some(&self, table: &Table, scope: ScopeId, most: usize) -> StoreResult<usize> {
        self.purge_where(table, "scope", scope, most).await
    }

    async fn purge_where(
        &self,
        table: &Table,
        column: &str,
        value: impl Into<Value<'static>>,
        most: usize,
    ) -> StoreResult<usize> {
        let key: Vec<&str> = table.columns[..table.key].iter().map(|(name, _)| *name).collect();
        let (name, key) = (table.name, key.join(", "));
        let sql = format!("SELECT {key} FROM {name} WHERE {column} = $1 LIMIT $2");
        let most = Value::Int(i64::try_from(most).unwrap_or(i64::MAX));
        let rows = self.rows(sql, vec![value.into(), most]).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let mut params: Vec<Value<'static>> = vec![];
        let mut places = vec![];
        for mut cells in rows {
            let mut row = vec![];
            for _ in 0..table.key {
                params.push(cells.value()?);
                row.push(format!("${}", params.len()));
            }
            places.push(format!("({})", row.join(", ")));
        }
        let rows = places.join(", ");
        self.execute(&format!("DELETE FROM {name} WHERE ({key}) IN (VALUES {rows})"), params).await
    }
}
