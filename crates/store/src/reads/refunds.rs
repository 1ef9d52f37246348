//! Reads of refunds, what a merchant is owed, and the rows of settlement recon.

use vasool_core::customer::Notes;
use vasool_core::id::{PaymentId, RawId, RefundId};
use vasool_core::money::Paise;
use vasool_core::refund::Refund;
use vasool_core::scope::ScopeId;
use vasool_core::time::Time;

use super::{Page, Select, text};
use crate::Store;
use crate::columns::{Cells, Value, amount_of, read_notes};
use crate::error::{StoreError, StoreResult};

/// One row of settlement recon: a captured payment, or a refund of one that did not fail. Source:
/// common 14.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconRow {
    /// Payment or refund.
    pub kind: ReconKind,
    /// Its id, without prefix.
    pub entity: RawId,
    /// The payment itself, or the one that is refunded.
    pub payment: PaymentId,
    /// Paid or refunded.
    pub amount: Paise,
    /// Of a payment, tax included; zero for a refund.
    pub fee: Paise,
    /// The tax inside the fee.
    pub tax: Paise,
    /// On the merchant's clock.
    pub created_at: Time,
    /// Of a payment.
    pub description: Option<String>,
    /// The merchant's notes.
    pub notes: Notes,
    /// How the payment came, as it is stored.
    pub method: String,
}

/// What a recon row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReconKind {
    /// Money in.
    Payment,
    /// Money out.
    Refund,
}

const RECON: &str = "SELECT x.kind, x.entity, x.payment, x.amount, x.fee, x.tax, x.created_at, \
        x.description, x.notes, x.method FROM (\
    SELECT 'payment' AS kind, p.id AS entity, p.id AS payment, p.amount AS amount, p.fee AS fee, \
        p.tax AS tax, p.created_at AS created_at, p.description AS description, \
        p.notes AS notes, p.method AS method \
    FROM payments p WHERE p.scope = $1 AND p.status = 'captured' \
        AND p.created_at >= $2 AND p.created_at < $3 \
    UNION ALL SELECT 'refund', r.id, r.payment, r.amount, 0, 0, r.created_at, NULL, r.notes, \
        p.method \
    FROM refunds r JOIN payments p ON p.id = r.payment AND p.status = 'captured' \
    WHERE r.scope = $1 AND r.status <> 'failed' AND r.created_at >= $2 AND r.created_at < $3) x \
    ORDER BY x.created_at DESC, x.entity DESC LIMIT $4 OFFSET $5";

/// A sum over the whole journal of a scope: there is no running balance to lock.
const PAYABLE: &str = "SELECT CAST(coalesce(sum(CASE WHEN j.credit = 'merchant:payable' \
    THEN j.amount ELSE -j.amount END), 0) AS BIGINT) FROM postings j \
    WHERE j.scope = $1 AND (j.credit = 'merchant:payable' OR j.debit = 'merchant:payable')";

/// Refunds of one bank reference that are shown.
const FOUND_MAX: i64 = 20;

impl Store {
    /// A refund.
    pub async fn refund(&self, scope: ScopeId, id: RefundId) -> StoreResult<Option<Refund>> {
        self.one(Select::from::<Refund>().and("scope =", scope).and("id =", text(id.0))).await
    }

    /// Refunds, newest first; those of one payment, if named. Source: common 9.3.
    pub async fn refunds(
        &self,
        scope: ScopeId,
        payment: Option<PaymentId>,
        page: Page,
    ) -> StoreResult<Vec<Refund>> {
        let select = Select::from::<Refund>().and("scope =", scope);
        self.all(select.and_opt("payment =", payment.map(|id| text(id.0))).page(page)).await
    }

    /// The refunds of a payment, newest first.
    pub async fn refunds_of(&self, scope: ScopeId, payment: PaymentId) -> StoreResult<Vec<Refund>> {
        let select =
            Select::from::<Refund>().and("scope =", scope).and("payment =", text(payment.0));
        self.all(select.order_by("id DESC")).await
    }

    /// Refunds that carry a bank's reference.
    pub async fn refunds_by_reference(
        &self,
        scope: ScopeId,
        reference: &str,
    ) -> StoreResult<Vec<Refund>> {
        let select = Select::from::<Refund>().and("reference =", reference.to_owned());
        self.all(select.and("scope =", scope).order_by("id").limit(FOUND_MAX, 0)).await
    }

    /// What the merchant is owed, paise; below zero when more went back than came in after fees.
    pub async fn payable(&self, scope: ScopeId) -> StoreResult<i64> {
        let rows = self.rows(PAYABLE.to_owned(), vec![scope.into()]).await?;
        let mut cells = rows
            .into_iter()
            .next()
            .ok_or_else(|| StoreError::Corrupt("a sum has no row".to_owned()))?;
        cells.int()
    }

    /// Rows of settlement recon created from `from` on and before `until`, newest first.
    pub async fn recon(
        &self,
        scope: ScopeId,
        (from, until): (Time, Time),
        (count, skip): (i64, i64),
    ) -> StoreResult<Vec<ReconRow>> {
        let bounds = [from.0, until.0, count, skip].map(Value::Int);
        let params = std::iter::once(scope.into()).chain(bounds).collect();
        let rows = self.rows(RECON.to_owned(), params).await?;
        rows.into_iter().map(|mut cells| read_recon(&mut cells)).collect()
    }
}

fn read_recon(cells: &mut Cells) -> StoreResult<ReconRow> {
    Ok(ReconRow {
        kind: cells.word(|word| match word {
            "payment" => Some(ReconKind::Payment),
            "refund" => Some(ReconKind::Refund),
            _ => None,
        })?,
        entity: cells.id()?,
        payment: cells.id()?,
        amount: amount_of(cells.int()?)?,
        fee: amount_of(cells.int()?)?,
        tax: amount_of(cells.int()?)?,
        created_at: Time(cells.int()?),
        description: cells.opt_text()?,
        notes: read_notes(&cells.text()?)?,
        method: cells.text()?,
    })
}
