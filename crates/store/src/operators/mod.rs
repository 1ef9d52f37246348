//! People who operate a server: accounts, sessions, one-time links, and who did what.
//!
//! No command touches these rows, so they are changed by single statements, each a transaction of
//! its own. Databases only: the memory store has none of them. Tokens are known here by their
//! SHA-256 alone, passwords by their Argon2 hash.

mod actions;
mod links;
mod sessions;
mod tries;

pub use actions::OperatorAction;
pub use links::{LinkState, SignInLink};
pub use sessions::{NewSession, OwnSession, SessionRow};
pub use tries::Try;

use vasool_core::id::{OperatorId, RawId};
use vasool_core::time::Millis;

use crate::Store;
use crate::columns::{Cells, Value};
use crate::error::{StoreError, StoreResult};
use crate::reads::text;

/// How long a change of roles may keep the others waiting, milliseconds.
const CHANGE_LEASE_MS: i64 = 5_000;
/// Name of the lease under which roles are changed.
const CHANGE_LEASE: &str = "operators";
/// Most accounts a list has. A server has a handful.
pub const OPERATORS_MAX: i64 = 1_000;
/// The columns of an [`Operator`].
const COLUMNS: &str = "o.id, o.email, o.name, o.role, o.password IS NOT NULL, o.epoch, \
                       o.created_ms, o.disabled_ms";
/// Holds where someone else is an admin who can sign in.
const ANOTHER_ADMIN: &str = "EXISTS (SELECT 1 FROM operators a WHERE a.id <> operators.id \
                             AND a.role = 'admin' AND a.disabled_ms IS NULL \
                             AND a.password IS NOT NULL)";

/// What an operator may do; each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Look.
    View,
    /// Act on payments, mandates and files.
    Operate,
    /// Change settings and operators.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Role; 3] = [Role::View, Role::Operate, Role::Admin];

    /// Its word in the database, in forms and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::View => "view",
            Role::Operate => "operate",
            Role::Admin => "admin",
        }
    }

    /// Reads what [`Role::as_str`] writes.
    pub fn parse(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Its id.
    pub id: OperatorId,
    /// Lower case.
    pub email: String,
    /// What others call the person.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Whether a link was used, so that the person can sign in.
    pub has_password: bool,
    /// Counts passwords: sessions of an earlier one are over.
    pub epoch: i64,
    /// When it was made.
    pub created: Millis,
    /// Since when the person may not sign in.
    pub disabled: Option<Millis>,
}

impl Operator {
    fn read(cells: &mut Cells) -> StoreResult<Operator> {
        Ok(Operator {
            id: cells.id()?,
            email: cells.text()?,
            name: cells.text()?,
            role: cells.word(Role::parse)?,
            has_password: cells.flag()?,
            epoch: cells.int()?,
            created: Millis(cells.int()?),
            disabled: cells.opt_int()?.map(Millis),
        })
    }
}

/// What became of a change of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is so now.
    Made,
    /// Nobody could administer the server afterwards, so nothing changed.
    LastAdmin,
    /// Someone else is changing accounts at this moment: try again.
    Busy,
}

impl Store {
    /// Whether there is any account.
    pub async fn has_operators(&self) -> StoreResult<bool> {
        if let Store::Memory(_) = self {
            return Ok(false);
        }
        let rows = self.rows("SELECT 1 FROM operators LIMIT 1".to_owned(), vec![]).await?;
        Ok(!rows.is_empty())
    }

    /// All accounts by e-mail, at most [`OPERATORS_MAX`].
    pub async fn operators(&self) -> StoreResult<Vec<Operator>> {
        let sql = format!("SELECT {COLUMNS} FROM operators o ORDER BY o.email LIMIT $1");
        let rows = self.rows(sql, vec![Value::Int(OPERATORS_MAX)]).await?;
        rows.into_iter().map(|mut cells| Operator::read(&mut cells)).collect()
    }

    /// An account.
    pub async fn operator(&self, id: OperatorId) -> StoreResult<Option<Operator>> {
        let sql = format!("SELECT {COLUMNS} FROM operators o WHERE o.id = $1");
        let mut rows = self.rows(sql, vec![text(id.0)]).await?;
        rows.first_mut().map(Operator::read).transpose()
    }

    /// An account by e-mail in lower case, and its password's hash.
    pub async fn operator_of_email(
        &self,
        email: &str,
    ) -> StoreResult<Option<(Operator, Option<String>)>> {
        let sql = format!("SELECT {COLUMNS}, o.password FROM operators o WHERE o.email = $1");
        let mut rows = self.rows(sql, vec![email.to_owned().into()]).await?;
        let Some(cells) = rows.first_mut() else { return Ok(None) };
        Ok(Some((Operator::read(cells)?, cells.opt_text()?)))
    }

    /// The hash of an account's password.
    pub async fn operator_password(&self, id: OperatorId) -> StoreResult<Option<String>> {
        let sql = "SELECT password FROM operators WHERE id = $1".to_owned();
        let mut rows = self.rows(sql, vec![text(id.0)]).await?;
        rows.first_mut().map_or(Ok(None), Cells::opt_text)
    }

    /// Opens an account without a password. False where the e-mail has one.
    pub async fn create_operator(
        &self,
        id: OperatorId,
        email: &str,
        name: &str,
        role: Role,
        now: Millis,
    ) -> StoreResult<bool> {
        let sql = "INSERT INTO operators (id, email, name, role, epoch, created_ms) \
                   VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT DO NOTHING";
        let params = new_operator(id.0, email, name, role, now);
        Ok(self.execute(sql, params).await? == 1)
    }

    /// Opens the first account of a server, an admin's, with its password. False where there is an
    /// account: of many who try at once one gets it.
    pub async fn create_first_operator(
        &self,
        id: OperatorId,
        email: &str,
        name: &str,
        password: &str,
        now: Millis,
    ) -> StoreResult<bool> {
        // What keeps two apart is the index of founders: under READ COMMITTED both may see no
        // account.
        let sql = "INSERT INTO operators (id, email, name, role, created_ms, password, epoch, \
                   founder) SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), \
                   CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS TEXT), 1, 1 \
                   WHERE NOT EXISTS (SELECT 1 FROM operators) ON CONFLICT DO NOTHING";
        let mut params = new_operator(id.0, email, name, Role::Admin, now);
        params.push(password.to_owned().into());
        Ok(self.execute(sql, params).await? == 1)
    }

    /// Renames an account.
    pub async fn rename_operator(&self, id: OperatorId, name: &str) -> StoreResult<()> {
        let sql = "UPDATE operators SET name = $1 WHERE id = $2";
        self.execute(sql, vec![name.to_owned().into(), text(id.0)]).await.map(|_| ())
    }

    /// Sets a password, which ends all sessions of the account. False where it is disabled, or its
    /// password is not that of `epoch` any more.
    pub async fn set_operator_password(
        &self,
        id: OperatorId,
        epoch: i64,
        password: &str,
    ) -> StoreResult<bool> {
        let sql = "UPDATE operators SET password = $1, epoch = epoch + 1 \
                   WHERE id = $2 AND epoch = $3 AND disabled_ms IS NULL";
        let params = vec![password.to_owned().into(), text(id.0), Value::Int(epoch)];
        Ok(self.execute(sql, params).await? == 1)
    }

    /// Changes what an operator may do, from the next request on.
    pub async fn set_operator_role(
        &self,
        id: OperatorId,
        role: Role,
        now: Millis,
        holder: &str,
    ) -> StoreResult<Change> {
        let sql = format!(
            "UPDATE operators SET role = $1 WHERE id = $2 \
             AND ($3 = 'admin' OR role <> 'admin' OR disabled_ms IS NOT NULL \
             OR password IS NULL OR {ANOTHER_ADMIN})"
        );
        let params = vec![role.as_str().into(), text(id.0), role.as_str().into()];
        self.change_operators(&sql, params, now, holder).await
    }

    /// Keeps an operator out from now on: sessions end, links lead nowhere.
    pub async fn disable_operator(
        &self,
        id: OperatorId,
        now: Millis,
        holder: &str,
    ) -> StoreResult<Change> {
        let sql = format!(
            "UPDATE operators SET disabled_ms = coalesce(disabled_ms, $1), epoch = epoch + 1 \
             WHERE id = $2 AND (role <> 'admin' OR disabled_ms IS NOT NULL \
             OR password IS NULL OR {ANOTHER_ADMIN})"
        );
        self.change_operators(&sql, vec![Value::Int(now.0), text(id.0)], now, holder).await
    }

    /// Lets an operator in again, with the password of before.
    pub async fn enable_operator(&self, id: OperatorId) -> StoreResult<()> {
        let sql = "UPDATE operators SET disabled_ms = NULL WHERE id = $1";
        self.execute(sql, vec![text(id.0)]).await.map(|_| ())
    }

    /// Under a lease, because two admins who demote each other at once must not both succeed:
    /// neither statement would see the other's change.
    async fn change_operators(
        &self,
        sql: &str,
        params: Vec<Value<'static>>,
        now: Millis,
        holder: &str,
    ) -> StoreResult<Change> {
        if !self.take_lease(CHANGE_LEASE, holder, now, CHANGE_LEASE_MS).await? {
            return Ok(Change::Busy);
        }
        let changed = self.execute(sql, params).await;
        self.release_lease(CHANGE_LEASE, holder).await?;
        Ok(if changed? == 1 { Change::Made } else { Change::LastAdmin })
    }
}

fn new_operator(
    id: RawId,
    email: &str,
    name: &str,
    role: Role,
    now: Millis,
) -> Vec<Value<'static>> {
    vec![
        text(id),
        email.to_owned().into(),
        name.to_owned().into(),
        role.as_str().into(),
        Value::Int(now.0),
    ]
}

/// A digest or key read back must be there.
fn missing(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} is gone"))
}
