//! Reads of mandates. Source: reserve-pay 7.

use vasool_core::id::{CustomerId, PaymentId, TokenId};
use vasool_core::payment::Payment;
use vasool_core::scope::ScopeId;
use vasool_core::token::Token;

use super::{Page, Select, text};
use crate::Store;
use crate::error::StoreResult;

impl Store {
    /// A mandate, deleted or not.
    pub async fn token(&self, scope: ScopeId, id: TokenId) -> StoreResult<Option<Token>> {
        self.one(Select::from::<Token>().and("scope =", scope).and("id =", text(id.0))).await
    }

    /// All mandates of a customer that were not deleted, newest first. Source: decisions 32.
    pub async fn tokens_of(&self, scope: ScopeId, customer: CustomerId) -> StoreResult<Vec<Token>> {
        let select = Select::from::<Token>()
            .and("customer =", text(customer.0))
            .and("scope =", scope)
            .and("deleted =", 0);
        self.all(select.order_by("created_at DESC, id DESC")).await
    }

    /// Mandates of all customers that were not deleted, newest first.
    pub async fn tokens(&self, scope: ScopeId, page: Page) -> StoreResult<Vec<Token>> {
        let select = Select::from::<Token>().and("scope =", scope).and("deleted =", 0);
        self.all(select.page(page)).await
    }

    /// The payments of a mandate, newest first: its approval and its debits.
    pub async fn payments_of_token(
        &self,
        scope: ScopeId,
        token: TokenId,
        page: Page,
    ) -> StoreResult<Vec<Payment>> {
        let select = Select::from::<Payment>().and("token =", text(token.0)).and("scope =", scope);
        self.all(select.page(page)).await
    }

    /// The mandate of a payment, if it has to do with one.
    pub async fn token_of_payment(
        &self,
        scope: ScopeId,
        payment: PaymentId,
    ) -> StoreResult<Option<Token>> {
        let payment = self.payment(scope, payment).await?;
        match payment.and_then(|payment| payment.mandate) {
            Some(mandate) => self.token(scope, mandate.token).await,
            None => Ok(None),
        }
    }
}
