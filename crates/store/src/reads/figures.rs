//! Sums for people who watch: what came in by hour, what is on its way back, what the books hold, how
//! webhooks fare. They read many rows, so whoever shows them counts beside the page.

use vasool_core::scope::ScopeId;
use vasool_core::time::{Millis, Time};

use crate::Store;
use crate::columns::Value;
use crate::error::StoreResult;

/// How calls to webhooks went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookCalls {
    /// Calls in all.
    pub calls: i64,
    /// Of these, answered with a 2xx.
    pub accepted: i64,
}

/// What was collected in one hour by one rail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourlyCollected {
    /// Hours since the start of the span.
    pub hour: i64,
    /// How they were paid, as the wire calls it; transfers by their mode, such as `NEFT`.
    pub rail: String,
    /// How many payments.
    pub count: i64,
    /// Together, paise.
    pub amount: i64,
}

impl Store {
    /// What became payable to the merchant in a span of time, both ends included, whenever it was
    /// paid or asked for: a line of the journal, so a debit that a bank honours days later counts then.
    pub async fn collected_by_hour(
        &self,
        scope: ScopeId,
        from: Time,
        to: Time,
    ) -> StoreResult<Vec<HourlyCollected>> {
        let sql = "SELECT (j.posted_at - $1) / 3600 AS hour, coalesce(t.mode, p.method) AS rail, \
                   count(*), CAST(sum(j.amount) AS BIGINT) FROM postings j \
                   JOIN payments p ON p.id = j.cause \
                   LEFT JOIN transfers t ON t.payment = j.cause \
                   WHERE j.scope = $2 AND j.posted_at >= $1 AND j.posted_at <= $3 \
                   AND j.cause_kind = 'payment' AND j.credit = 'merchant:payable' \
                   GROUP BY 1, 2 ORDER BY 1, 2"
            .to_owned();
        let params = vec![Value::Int(from.0), scope.into(), Value::Int(to.0)];
        let rows = self.rows(sql, params).await?;
        let read = |mut cells: crate::columns::Cells| {
            Ok(HourlyCollected {
                hour: cells.int()?,
                rail: cells.text()?,
                count: cells.int()?,
                amount: cells.int()?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// How many payments were made in a span of time, both ends included, by status as it is stored.
    /// Payments that only approve or register a mandate move no money and are not counted.
    pub async fn payments_by_status(
        &self,
        scope: ScopeId,
        from: Time,
        to: Time,
    ) -> StoreResult<Vec<(String, i64)>> {
        let sql = "SELECT status, count(*) FROM payments WHERE scope = $1 AND created_at >= $2 \
                   AND created_at <= $3 AND approve_by IS NULL AND amount > 0 \
                   GROUP BY status ORDER BY status"
            .to_owned();
        let params = vec![scope.into(), Value::Int(from.0), Value::Int(to.0)];
        let rows = self.rows(sql, params).await?;
        rows.into_iter().map(|mut cells| Ok((cells.text()?, cells.int()?))).collect()
    }

    /// Refunds that are not with the payer yet: how many, and paise.
    pub async fn refunds_under_way(&self, scope: ScopeId) -> StoreResult<(i64, i64)> {
        // What a merchant is told runs ahead of the bank: `processed` is not paid out yet.
        let sql = "SELECT count(*), CAST(coalesce(sum(amount), 0) AS BIGINT) FROM refunds \
                   WHERE scope = $1 AND status IN ('stranded', 'pending', 'processed')"
            .to_owned();
        let mut rows = self.rows(sql, vec![scope.into()]).await?;
        rows.first_mut().map_or(Ok((0, 0)), |cells| Ok((cells.int()?, cells.int()?)))
    }

    /// Received minus given per account of a scope's ledger, paise. They add up to zero.
    pub async fn balances(&self, scope: ScopeId) -> StoreResult<Vec<(String, i64)>> {
        let sql = "SELECT s.account, CAST(sum(s.amount) AS BIGINT) FROM (\
                   SELECT j.debit AS account, j.amount AS amount FROM postings j WHERE j.scope = $1 \
                   UNION ALL SELECT j.credit, -j.amount FROM postings j WHERE j.scope = $1) s \
                   GROUP BY s.account ORDER BY s.account"
            .to_owned();
        let rows = self.rows(sql, vec![scope.into()]).await?;
        rows.into_iter().map(|mut cells| Ok((cells.text()?, cells.int()?))).collect()
    }

    /// How calls to webhooks went since an instant of the merchant's clock.
    pub async fn webhook_calls(&self, scope: ScopeId, since: Millis) -> StoreResult<WebhookCalls> {
        let sql = "SELECT count(*), CAST(coalesce(sum(CASE WHEN status BETWEEN 200 AND 299 THEN 1 \
                   ELSE 0 END), 0) AS BIGINT) FROM attempts WHERE scope = $1 AND at_ms >= $2"
            .to_owned();
        let mut rows = self.rows(sql, vec![scope.into(), Value::Int(since.0)]).await?;
        rows.first_mut().map_or(Ok(WebhookCalls { calls: 0, accepted: 0 }), |cells| {
            Ok(WebhookCalls { calls: cells.int()?, accepted: cells.int()? })
        })
    }

    /// Deliveries that wait for their next attempt.
    pub async fn deliveries_waiting(&self, scope: ScopeId) -> StoreResult<i64> {
        let sql = "SELECT count(*) FROM deliveries WHERE lane = $1 AND scope = $2 \
                   AND state = 'pending'"
            .to_owned();
        let mut rows = self.rows(sql, vec![Value::Int(scope.lane().0), scope.into()]).await?;
        rows.first_mut().map_or(Ok(0), crate::columns::Cells::int)
    }

    /// Mandates that can be debited now, by UPI and on paper.
    pub async fn active_mandates(&self, scope: ScopeId) -> StoreResult<(i64, i64)> {
        let sql = "SELECT (SELECT count(*) FROM tokens WHERE scope = $1 AND state = 'confirmed'), \
                   (SELECT count(*) FROM nach_tokens WHERE scope = $1 AND state = 'confirmed')"
            .to_owned();
        let mut rows = self.rows(sql, vec![scope.into()]).await?;
        rows.first_mut().map_or(Ok((0, 0)), |cells| Ok((cells.int()?, cells.int()?)))
    }

    /// Alerts about a merchant in a mode.
    pub async fn count_alerts_of(&self, scope: ScopeId) -> StoreResult<i64> {
        let sql = "SELECT count(*) FROM alerts WHERE scope = $1".to_owned();
        let mut rows = self.rows(sql, vec![scope.into()]).await?;
        rows.first_mut().map_or(Ok(0), crate::columns::Cells::int)
    }
}
