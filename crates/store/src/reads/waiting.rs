//! What waits for a payer or a bank: reads of the sandbox's console. Each looks through the latest rows
//! of a merchant alone, so that none of them costs more where there are more rows.

use vasool_core::nach_token::{NachState, NachToken};
use vasool_core::payment::Payment;
use vasool_core::refund::Refund;
use vasool_core::scope::ScopeId;
use vasool_core::token::{Token, TokenState};

use super::Select;
use crate::Store;
use crate::columns::{Record, Value};
use crate::error::StoreResult;

/// The latest rows that are looked through.
const SEEN: i64 = 2_000;
/// Most rows of an answer.
const SHOWN: i64 = 50;

impl Store {
    /// Mandates by UPI that stand in one of these states, newest first.
    pub async fn tokens_in(
        &self,
        scope: ScopeId,
        states: &[TokenState],
    ) -> StoreResult<Vec<Token>> {
        let words = states.iter().map(|state| state.as_str());
        self.latest(scope, "w.deleted = 0 AND w.state IN", words).await
    }

    /// Mandates on paper that stand in one of these states, newest first.
    pub async fn nach_tokens_in(
        &self,
        scope: ScopeId,
        states: &[NachState],
    ) -> StoreResult<Vec<NachToken>> {
        let words = states.iter().map(|state| state.as_str());
        self.latest(scope, "w.deleted = 0 AND w.state IN", words).await
    }

    /// Payments of mandates, by UPI or on paper, that nobody has decided, newest first.
    pub async fn mandate_payments_open(&self, scope: ScopeId) -> StoreResult<Vec<Payment>> {
        self.latest(scope, "w.token IS NOT NULL AND w.status IN", ["created"]).await
    }

    /// Refunds that a bank was asked to pay and has not decided, newest first.
    pub async fn refunds_open(&self, scope: ScopeId) -> StoreResult<Vec<Refund>> {
        self.latest(scope, "w.status IN", ["pending", "processed"]).await
    }

    async fn latest<T: Record>(
        &self,
        scope: ScopeId,
        condition: &str,
        words: impl IntoIterator<Item = &'static str>,
    ) -> StoreResult<Vec<T>> {
        let mut params: Vec<Value<'static>> = vec![scope.into()];
        params.extend(words.into_iter().map(Value::from));
        let places: Vec<String> = (2..=params.len()).map(|place| format!("${place}")).collect();
        let select = Select::from::<T>().and_sql(
            &format!(
                "id IN (SELECT w.id FROM (SELECT * FROM {} WHERE scope = $1 \
                 ORDER BY created_at DESC, id DESC LIMIT {SEEN}) w WHERE {condition} ({}))",
                T::TABLE.name,
                places.join(", ")
            ),
            params,
        );
        self.all(select.order_by("created_at DESC, id DESC").limit(SHOWN, 0)).await
    }
}
