//! What a `GET` answers: reads within one scope, the same SQL on both databases.

mod bulk;
mod collect;
mod due;
mod events;
mod figures;
mod history;
mod instructions;
mod nach;
mod qr_codes;
mod refunds;
mod select;
mod tokens;
mod waiting;

pub use bulk::BulkRowView;
pub use collect::{AccountFilter, OrderFilter, PaymentFilter};
pub use figures::{HourlyCollected, WebhookCalls};
pub use history::EventPage;
pub use instructions::{PayoutRows, UpiRows};
pub use nach::{InvoiceFilter, NachRailRows};
pub use qr_codes::QrCodeFilter;
pub use refunds::{ReconKind, ReconRow};

use select::Select;
use vasool_core::customer::Customer;
use vasool_core::event::Occurrence;
use vasool_core::id::{CustomerId, EndpointId, EventId, MerchantId, RawId};
use vasool_core::sandbox::{Fault, Message};
use vasool_core::scope::{Mode, ScopeId};
use vasool_core::tenant::{ApiKey, Merchant, Tenant};
use vasool_core::time::Time;
use vasool_core::webhook::{Attempt, Endpoint};

use crate::Store;
use crate::columns::{Cells, Record, Value, read_row};
use crate::error::{StoreError, StoreResult};

/// What [`Store::check_writable`] writes: about what a credit does.
const PROBE_BYTES: usize = 8 * 1024;

/// One page of a list. Source: common 4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most this many.
    pub count: i64,
    /// After leaving out this many.
    pub skip: i64,
    /// Created at or after.
    pub from: Option<Time>,
    /// Created at or before.
    pub to: Option<Time>,
}

/// An attempt with what was sent and where. Source: sandbox 6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptView {
    /// The call.
    pub attempt: Attempt,
    /// The endpoint's address now; `None` when it was deleted.
    pub url: Option<String>,
    /// What was told.
    pub occurrence: Occurrence,
}

impl Store {
    pub(crate) async fn rows(
        &self,
        sql: String,
        params: Vec<Value<'static>>,
    ) -> StoreResult<Vec<Cells>> {
        match self {
            Store::Sqlite(store) => store.rows(sql, params).await,
            Store::Postgres(store) => store.rows(sql, params).await,
            Store::Memory(store) => store.rows(sql, params).await,
        }
    }

    async fn all<T: Record>(&self, select: Select) -> StoreResult<Vec<T>> {
        let rows = self.rows(select.sql(), select.params).await?;
        rows.into_iter().map(|mut cells| read_row(&mut cells)).collect()
    }

    async fn one<T: Record>(&self, select: Select) -> StoreResult<Option<T>> {
        Ok(self.all(select).await?.into_iter().next())
    }

    /// A key pair.
    pub async fn api_key(&self, id: RawId) -> StoreResult<Option<ApiKey>> {
        self.one(Select::from::<ApiKey>().and("id =", text(id))).await
    }

    /// The oldest test key that is not expired: what `vasool keys show` prints.
    pub async fn first_test_key(&self) -> StoreResult<Option<ApiKey>> {
        let select = Select::from::<ApiKey>().and("mode =", "test");
        let select = select.and_sql("expires_at IS NULL", vec![]).order_by("created_at, id");
        self.one(select.limit(1, 0)).await
    }

    /// The key pairs of a merchant in a mode, oldest first.
    pub async fn api_keys_of(&self, merchant: MerchantId, mode: Mode) -> StoreResult<Vec<ApiKey>> {
        let select = Select::from::<ApiKey>().and("merchant =", text(merchant.0));
        self.all(select.and("mode =", mode.as_str()).order_by("created_at, id")).await
    }

    /// A merchant.
    pub async fn merchant(&self, id: MerchantId) -> StoreResult<Option<Merchant>> {
        self.one(Select::from::<Merchant>().and("id =", text(id.0))).await
    }

    /// Every merchant, oldest first.
    pub async fn merchants(&self) -> StoreResult<Vec<Merchant>> {
        self.all(Select::from::<Merchant>().order_by("created_at, id")).await
    }

    /// A page of the merchants, oldest first.
    pub async fn merchants_page(&self, count: i64, skip: i64) -> StoreResult<Vec<Merchant>> {
        self.all(Select::from::<Merchant>().order_by("created_at, id").limit(count, skip)).await
    }

    /// One merchant in one mode.
    pub async fn tenant(&self, scope: ScopeId) -> StoreResult<Option<Tenant>> {
        self.one(Select::from::<Tenant>().and("scope =", scope)).await
    }

    /// A customer.
    pub async fn customer(&self, scope: ScopeId, id: CustomerId) -> StoreResult<Option<Customer>> {
        self.one(Select::from::<Customer>().and("scope =", scope).and("id =", text(id.0))).await
    }

    /// Customers, newest first; e-mail and contact are exact filters. Source: common 6.2.
    pub async fn customers(
        &self,
        scope: ScopeId,
        email: Option<String>,
        contact: Option<String>,
        page: Page,
    ) -> StoreResult<Vec<Customer>> {
        let select = Select::from::<Customer>()
            .and("scope =", scope)
            .and_opt("email =", email)
            .and_opt("contact =", contact);
        self.all(select.page(page)).await
    }

    /// The webhooks of a scope, oldest first.
    pub async fn endpoints(&self, scope: ScopeId) -> StoreResult<Vec<Endpoint>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let own = data.endpoints.values().filter(|(row, _)| row.scope == scope);
                own.map(|(row, _)| Endpoint::clone(row)).collect()
            }));
        }
        let select = Select::from::<Endpoint>().and("scope =", scope);
        self.all(select.order_by("id")).await
    }

    /// The faults of a scope that were not disarmed, oldest first.
    pub async fn faults(&self, scope: ScopeId) -> StoreResult<Vec<Fault>> {
        let select = Select::from::<Fault>().and("scope =", scope).and("disarmed =", 0i64);
        self.all(select.order_by("id")).await
    }

    /// Messages, newest first.
    pub async fn messages(
        &self,
        scope: ScopeId,
        to: Option<String>,
        channel: Option<String>,
        page: Page,
    ) -> StoreResult<Vec<Message>> {
        let select = Select::from::<Message>()
            .and("scope =", scope)
            .and_opt("recipient =", to)
            .and_opt("channel =", channel);
        self.all(select.page(page)).await
    }

    /// Webhook calls, newest first, with what was sent.
    pub async fn attempts(
        &self,
        scope: ScopeId,
        event: Option<String>,
        endpoint: Option<EndpointId>,
        count: i64,
        skip: i64,
    ) -> StoreResult<Vec<AttemptView>> {
        // The occurrence of an event has its id but for the last character.
        let columns = format!(
            "{}, w.url, {}",
            Attempt::TABLE.column_list_of("a."),
            Occurrence::TABLE.column_list_of("o.")
        );
        let from = "attempts a JOIN occurrences o ON o.id = substr(a.event, 1, 13) || '0' \
                    LEFT JOIN webhook_endpoints w ON w.id = a.endpoint";
        let select = Select::columns(&columns, from, "a.")
            .and("a.scope =", scope)
            .and_opt("a.name =", event)
            .and_opt("a.endpoint =", endpoint.map(|id| text(id.0)));
        let order = "a.at_ms DESC, a.event DESC, a.number DESC, a.endpoint";
        let select = select.order_by(order).limit(count, skip);
        let rows = self.rows(select.sql(), select.params).await?;
        rows.into_iter()
            .map(|mut cells| {
                Ok(AttemptView {
                    attempt: Attempt::read(&mut cells)?,
                    url: cells.opt_text()?,
                    occurrence: Occurrence::read(&mut cells)?,
                })
            })
            .collect()
    }

    /// The occurrence of an event.
    pub async fn occurrence(&self, event: EventId) -> StoreResult<Option<Occurrence>> {
        let id = event.occurrence();
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| data.occurrences.get(&id).cloned()));
        }
        self.one(Select::from::<Occurrence>().and("id =", text(id.0))).await
    }

    /// Every active webhook of the server, for the operator's check.
    pub async fn active_endpoints(&self) -> StoreResult<Vec<Endpoint>> {
        let select = Select::from::<Endpoint>().and("active =", 1i64);
        self.all(select.order_by("id").limit(1_000, 0)).await
    }

    /// Whether anyone is there yet.
    pub async fn has_merchants(&self) -> StoreResult<bool> {
        Ok(self.one::<Merchant>(Select::from::<Merchant>().limit(1, 0)).await?.is_some())
    }

    /// A value of the database's own records, such as the check of the master key.
    pub async fn meta(&self, name: &str) -> StoreResult<Option<String>> {
        let select = Select::columns("value", "meta", "").and("name =", name.to_owned());
        let rows = self.rows(select.sql(), select.params).await?;
        rows.into_iter().next().map(|mut cells| cells.text()).transpose()
    }

    /// Stores such a value, unless there is one: the one that is stored afterwards.
    pub async fn set_meta_once(&self, name: &str, value: &str) -> StoreResult<String> {
        let sql = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        self.execute(sql, vec![name.to_owned().into(), value.to_owned().into()]).await?;
        self.meta(name)
            .await?
            .ok_or_else(|| StoreError::Corrupt("a stored value is gone".to_owned()))
    }

    /// Whether the database takes writes now: as much as a credit needs is really written, for an
    /// update that changes nothing touches no page of SQLite and succeeds on a full disk.
    pub async fn check_writable(&self) -> StoreResult<()> {
        let sql = "INSERT INTO meta (name, value) VALUES ('writable', $1) ON CONFLICT (name) \
                   DO UPDATE SET value = CASE meta.value WHEN $1 THEN $2 ELSE $1 END";
        let values = ["0", "1"].map(|digit| digit.repeat(PROBE_BYTES).into());
        self.execute(sql, values.to_vec()).await.map(|_| ())
    }

    pub(crate) async fn execute(
        &self,
        sql: &str,
        params: Vec<Value<'static>>,
    ) -> StoreResult<usize> {
        match self {
            Store::Sqlite(store) => store.execute(sql.to_owned(), params).await,
            Store::Postgres(store) => store.execute(sql.to_owned(), params).await,
            Store::Memory(_) => {
                Err(StoreError::Corrupt("the memory store runs no statement".to_owned()))
            }
        }
    }
}

pub(crate) fn text(id: RawId) -> Value<'static> {
    Value::Text(id.as_str().to_owned().into())
}
