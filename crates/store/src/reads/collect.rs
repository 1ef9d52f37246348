//! Reads of virtual accounts, what leads to them, and what was paid into them.

use vasool_core::id::{CustomerId, OrderId, PaymentId, QrCodeId, VirtualAccountId};
use vasool_core::order::Order;
use vasool_core::payment::Payment;
use vasool_core::receiver::ReceiverKind;
use vasool_core::scope::ScopeId;
use vasool_core::short_link::ShortLink;
use vasool_core::time::{DAY_SECONDS, Time};
use vasool_core::transfer::Transfer;
use vasool_core::virtual_account::VirtualAccount;

use super::select::{Select, contains_pattern};
use super::{Page, text};
use crate::Store;
use crate::columns::Record;
use crate::error::StoreResult;

/// Accounts at one address that are shown.
const AT_MAX: i64 = 20;

/// The kind of the timers that close accounts, as it is stored.
const CLOSE_VIRTUAL_ACCOUNT: &str = "close_virtual_account";

/// Which virtual accounts. Source: smart-collect 5.5.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Open or closed at an instant, given the days of dormancy.
    pub is_closed: Option<(bool, Time, i64)>,
    /// Of this customer.
    pub customer: Option<CustomerId>,
    /// With a receiver of this kind.
    pub receiver: Option<ReceiverKind>,
    /// The description holds this.
    pub description: Option<String>,
    /// A value of the notes holds this.
    pub notes: Option<String>,
    /// The customer's name holds this.
    pub name: Option<String>,
    /// The customer's e-mail, whole.
    pub email: Option<String>,
    /// The customer's contact, whole.
    pub contact: Option<String>,
}

/// Which payments. Source: common 8.3, smart-collect 5.13.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Paid into any virtual account.
    pub into_any_account: bool,
    /// Paid into this account.
    pub virtual_account: Option<VirtualAccountId>,
    /// Carrying this bank reference.
    pub bank_reference: Option<String>,
    /// By a payer with this contact, whole.
    pub contact: Option<String>,
    /// Paid to this standalone QR code.
    pub qr_code: Option<QrCodeId>,
}

/// Which orders. Source: common 7.4.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Whether any payment of it was ever authorised.
    pub is_authorized: Option<bool>,
    /// With this receipt.
    pub receipt: Option<String>,
}

impl Store {
    /// A virtual account.
    pub async fn virtual_account(
        &self,
        scope: ScopeId,
        id: VirtualAccountId,
    ) -> StoreResult<Option<VirtualAccount>> {
        let select = Select::accounts().and("v.scope =", scope);
        self.one(select.and("v.id =", text(id.0))).await
    }

    /// The virtual account a QR code leads to.
    pub async fn virtual_account_of_qr(
        &self,
        scope: ScopeId,
        id: QrCodeId,
    ) -> StoreResult<Option<VirtualAccount>> {
        let select = Select::accounts().and("v.scope =", scope);
        self.one(select.and("v.qr_code =", text(id.0))).await
    }

    /// Virtual accounts that have, or had, an account number or UPI address, the open one first.
    pub async fn virtual_accounts_at(
        &self,
        scope: ScopeId,
        address: &str,
    ) -> StoreResult<Vec<VirtualAccount>> {
        let mut found = vec![];
        // Each pair is what one index holds.
        for state in ["v.state = 'active'", "v.state = 'closed'"] {
            for column in ["v.account_number", "v.vpa"] {
                let select = Select::accounts()
                    .and(&format!("{column} ="), address.to_owned())
                    // The plus keeps SQLite from taking the index by time for the scope.
                    .and("+v.scope =", scope)
                    .and_sql(state, vec![])
                    .and_sql(&format!("{column} IS NOT NULL"), vec![]);
                found.extend(self.all::<VirtualAccount>(select.limit(AT_MAX, 0)).await?);
            }
        }
        Ok(found)
    }

    /// The newest virtual account that is tied to an order.
    pub async fn virtual_account_of_order(
        &self,
        scope: ScopeId,
        id: OrderId,
    ) -> StoreResult<Option<VirtualAccount>> {
        let select = Select::accounts().and("v.scope =", scope).and("v.order_id =", text(id.0));
        self.one(select.order_by("v.id DESC").limit(1, 0)).await
    }

    /// Virtual accounts, newest first.
    pub async fn virtual_accounts(
        &self,
        scope: ScopeId,
        filter: AccountFilter,
        page: Page,
    ) -> StoreResult<Vec<VirtualAccount>> {
        let mut select = Select::accounts()
            .and("v.scope =", scope)
            .and_opt("v.customer =", filter.customer.map(|id| text(id.0)));
        let (mut index, mut is_searched_whole) = (None, false);
        if let Some((is_closed, now, dormancy_days)) = filter.is_closed {
            // Nearly always every timer that is due has been written: then the state says it all,
            // and an index knows it.
            select = if self.has_closings_due(scope, now).await? {
                is_searched_whole = true;
                closed_as_of(select.searching_all(), is_closed, now, dormancy_days)
            } else {
                let state = if is_closed { "v.state = 'closed'" } else { "v.state = 'active'" };
                index = is_closed.then_some("virtual_accounts_closed_by_time");
                select.and_sql(state, vec![])
            };
        }
        if let Some(kind) = filter.receiver {
            let (condition, narrow) = match kind {
                ReceiverKind::BankAccount => ("v.account_number IS NOT NULL", None),
                ReceiverKind::Vpa => ("v.vpa IS NOT NULL", Some("virtual_accounts_with_vpa")),
                ReceiverKind::QrCode => {
                    ("v.qr_code IS NOT NULL", Some("virtual_accounts_with_qr_code"))
                }
            };
            index = index.or(narrow);
            select = select.and_sql(condition, vec![]);
        }
        // A customer's accounts are found by the customer.
        let is_of_customer = filter.customer.is_some()
            || filter.name.is_some()
            || filter.email.is_some()
            || filter.contact.is_some();
        let is_planned_by_us = matches!(self, Store::Sqlite(_) | Store::Memory(_));
        if let Some(index) = index.filter(|_| is_planned_by_us)
            && !is_of_customer
            && !is_searched_whole
        {
            select = select.searching_by(index);
        }
        if let Some(part) = &filter.description {
            select = select.and_contains("v.description", part);
        }
        if let Some(part) = &filter.notes {
            let (place, values) = (select.next_place(), self.note_values("v.notes"));
            let condition = format!(
                "EXISTS (SELECT 1 FROM {values} WHERE lower(n.value) LIKE ${place} ESCAPE '!')"
            );
            select = select.and_sql(&condition, vec![contains_pattern(part).into()]);
        }
        select = of_customer(select, scope, &filter);
        self.all(select.page(page)).await
    }

    /// Whether any account of a scope may have closed by now without a timer having written it.
    async fn has_closings_due(&self, scope: ScopeId, now: Time) -> StoreResult<bool> {
        let end_of_second = now.plus_seconds(1).to_millis();
        let select = Select::columns("subject", "timers", "")
            .and("lane =", scope.lane().0)
            .and("due_ms <", end_of_second.0)
            .and("scope =", scope)
            .and("kind =", CLOSE_VIRTUAL_ACCOUNT)
            .limit(1, 0);
        Ok(!self.rows(select.sql(), select.params).await?.is_empty())
    }

    /// The values of a column of notes, as rows `n (value)`. The one place where the databases
    /// speak differently.
    fn note_values(&self, column: &str) -> String {
        match self {
            Store::Postgres(_) => format!(
                "(SELECT pair ->> 1 AS value FROM json_array_elements({column}::json) AS pair) n"
            ),
            Store::Sqlite(_) | Store::Memory(_) => format!(
                "(SELECT json_extract(pair.value, '$[1]') AS value FROM json_each({column}) AS \
                 pair) n"
            ),
        }
    }

    /// A short URL.
    pub async fn short_link(&self, code: &str) -> StoreResult<Option<ShortLink>> {
        self.one(Select::from::<ShortLink>().and("code =", code.to_owned())).await
    }

    /// An order.
    pub async fn order(&self, scope: ScopeId, id: OrderId) -> StoreResult<Option<Order>> {
        self.one(Select::from::<Order>().and("scope =", scope).and("id =", text(id.0))).await
    }

    /// Orders, newest first. Source: common 7.4.
    pub async fn orders(
        &self,
        scope: ScopeId,
        filter: OrderFilter,
        page: Page,
    ) -> StoreResult<Vec<Order>> {
        let select = Select::from::<Order>()
            .and("scope =", scope)
            .and_opt("authorized =", filter.is_authorized)
            .and_opt("receipt =", filter.receipt);
        self.all(select.page(page)).await
    }

    /// The payments of an order, oldest first. Source: common 4.1.
    pub async fn payments_of_order(
        &self,
        scope: ScopeId,
        order: OrderId,
        page: Page,
    ) -> StoreResult<Vec<Payment>> {
        let select = Select::from::<Payment>().and("scope =", scope);
        self.all(select.and("order_id =", text(order.0)).page_oldest_first(page)).await
    }

    /// The same, newest first: for whoever looks at what happened lately.
    pub async fn newest_payments_of_order(
        &self,
        scope: ScopeId,
        order: OrderId,
        page: Page,
    ) -> StoreResult<Vec<Payment>> {
        let select = Select::from::<Payment>().and("scope =", scope);
        self.all(select.and("order_id =", text(order.0)).page(page)).await
    }

    /// A payment.
    pub async fn payment(&self, scope: ScopeId, id: PaymentId) -> StoreResult<Option<Payment>> {
        self.one(Select::from::<Payment>().and("scope =", scope).and("id =", text(id.0))).await
    }

    /// A payment of any merchant, for a page that its payer opens with nothing but the id.
    pub async fn payment_of_anyone(&self, id: PaymentId) -> StoreResult<Option<Payment>> {
        self.one(Select::from::<Payment>().and("id =", text(id.0))).await
    }

    /// Payments, newest first.
    pub async fn payments(
        &self,
        scope: ScopeId,
        filter: PaymentFilter,
        page: Page,
    ) -> StoreResult<Vec<Payment>> {
        let columns = Payment::TABLE.column_list_of("p.");
        if let PaymentFilter {
            virtual_account: Some(account),
            bank_reference: None,
            contact: None,
            ..
        } = filter
        {
            return self.statement(scope, account, &columns, page).await;
        }
        let mut select = match filter.bank_reference {
            Some(reference) => {
                let from = "transfers b JOIN payments p ON p.id = b.payment";
                Select::columns(&columns, from, "p.")
                    .and("b.scope =", scope)
                    .and("b.reference_key =", reference.to_ascii_uppercase())
                    .and("b.bank_reference =", reference)
            }
            None => Select::columns(&columns, "payments p", "p.").and("p.scope =", scope),
        };
        if filter.into_any_account {
            select = select.and_sql("p.virtual_account IS NOT NULL", vec![]);
        }
        let select = select
            .and_opt("p.virtual_account =", filter.virtual_account.map(|id| text(id.0)))
            .and_opt("p.qr_code =", filter.qr_code.map(|id| text(id.0)))
            .and_opt("p.contact =", filter.contact);
        self.all(select.page(page)).await
    }

    /// The payments on an account's statement, newest first.
    async fn statement(
        &self,
        scope: ScopeId,
        account: VirtualAccountId,
        columns: &str,
        page: Page,
    ) -> StoreResult<Vec<Payment>> {
        let from = "statement_lines l JOIN payments p ON p.id = l.payment";
        let select = Select::columns(columns, from, "l.")
            .and("l.virtual_account =", text(account.0))
            .and("l.scope =", scope)
            .and_opt("l.created_at >=", page.from.map(|at| at.0))
            .and_opt("l.created_at <=", page.to.map(|at| at.0));
        self.all(select.order_by("l.number DESC").limit(page.count, page.skip)).await
    }

    /// The transfer that became a payment.
    pub async fn transfer(
        &self,
        scope: ScopeId,
        payment: PaymentId,
    ) -> StoreResult<Option<Transfer>> {
        let select = Select::from::<Transfer>().and("scope =", scope);
        self.one(select.and("payment =", text(payment.0))).await
    }
}

/// Accounts as a reader sees them at an instant, before a timer has written it. Source:
/// decisions 50.
fn closed_as_of(select: Select, is_closed: bool, now: Time, dormancy_days: i64) -> Select {
    let place = select.next_place();
    let mut due = format!("(v.close_by IS NOT NULL AND v.close_by <= ${place})");
    let mut params = vec![now.0.into()];
    if dormancy_days > 0 {
        due += &format!(" OR coalesce(l.last_activity_at, v.created_at) <= ${}", place + 1);
        params.push((now.0 - dormancy_days * DAY_SECONDS).into());
    }
    let closed = format!("(v.state = 'closed' OR {due})");
    let condition = if is_closed { closed } else { format!("NOT {closed}") };
    select.and_sql(&condition, params)
}

/// Accounts by the data of their customer.
fn of_customer(select: Select, scope: ScopeId, filter: &AccountFilter) -> Select {
    let place = select.next_place();
    let wanted = [
        ("lower(c.name) LIKE", filter.name.as_deref().map(contains_pattern), " ESCAPE '!'"),
        ("lower(c.email) =", filter.email.as_ref().map(|email| email.to_ascii_lowercase()), ""),
    ];
    let (mut conditions, mut params) = (String::new(), vec![scope.into()]);
    for (condition, value, end) in wanted {
        if let Some(value) = value {
            conditions += &format!(" AND {condition} ${}{end}", place + params.len());
            params.push(value.into());
        }
    }
    if let Some(contact) = &filter.contact {
        // Customers keep their contact as it was given; all spellings of one number are the same.
        let spellings = spellings_of_contact(contact);
        let first = place + params.len();
        let places: Vec<String> =
            (first..first + spellings.len()).map(|place| format!("${place}")).collect();
        conditions += &format!(" AND c.contact IN ({})", places.join(", "));
        params.extend(spellings.map(Into::into));
    }
    if conditions.is_empty() {
        return select;
    }
    let within = format!(
        "v.customer IN (SELECT c.id FROM customers c WHERE c.scope = ${place}{conditions})"
    );
    select.and_sql(&within, params)
}

/// The ways an Indian number may have been given; other texts stand for themselves.
fn spellings_of_contact(contact: &str) -> [String; 4] {
    let digits: String = contact.chars().filter(char::is_ascii_digit).collect();
    let bare = match digits.strip_prefix("91") {
        Some(rest) if rest.len() == 10 => rest.to_owned(),
        _ => digits,
    };
    [contact.trim().to_owned(), format!("+91{bare}"), format!("91{bare}"), bare]
}
