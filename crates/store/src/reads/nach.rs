//! Reads of mandates on paper. Source: paper-nach 8, 10.

use vasool_core::id::{CustomerId, InvoiceId, OrderId, PaymentId, TokenId};
use vasool_core::instruction::Instruction;
use vasool_core::invoice::Invoice;
use vasool_core::nach_form::NachForm;
use vasool_core::nach_token::NachToken;
use vasool_core::paper_nach::NachScan;
use vasool_core::payment::Payment;
use vasool_core::scope::ScopeId;
use vasool_core::tenant::Tenant;

use super::{Page, Select, text};
use crate::Store;
use crate::error::StoreResult;

/// What a list of registration links leaves out. Source: paper-nach 10.1.
#[derive(Clone, Debug, Default)]
pub struct InvoiceFilter {
    /// The payment that registered its mandate.
    pub payment: Option<PaymentId>,
    /// The merchant's reference.
    pub receipt: Option<String>,
    /// Who signs.
    pub customer: Option<CustomerId>,
}

/// Something NACH must do, with what it must know. Holds account numbers, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct NachRailRows {
    /// The mandate; its id is the reference of its registration and its end.
    pub token: NachToken,
    /// The registration or the debit; its id is the reference of a debit.
    pub payment: Payment,
    /// The merchant in its mode.
    pub tenant: Tenant,
    /// How often the rail was asked, and what it said.
    pub instruction: Instruction,
}

impl Store {
    /// The form of an order.
    pub async fn nach_form(&self, scope: ScopeId, order: OrderId) -> StoreResult<Option<NachForm>> {
        let select = Select::from::<NachForm>().and("order_id =", text(order.0));
        self.one(select.and("scope =", scope)).await
    }

    /// A mandate on paper, deleted or not.
    pub async fn nach_token(&self, scope: ScopeId, id: TokenId) -> StoreResult<Option<NachToken>> {
        self.one(Select::from::<NachToken>().and("id =", text(id.0)).and("scope =", scope)).await
    }

    /// All mandates on paper of a customer that were not deleted, newest first.
    pub async fn nach_tokens_of(
        &self,
        scope: ScopeId,
        customer: CustomerId,
    ) -> StoreResult<Vec<NachToken>> {
        let select = Select::from::<NachToken>()
            .and("customer =", text(customer.0))
            .and("scope =", scope)
            .and("deleted =", 0);
        self.all(select.order_by("created_at DESC, id DESC")).await
    }

    /// Mandates on paper of all customers that were not deleted, newest first.
    pub async fn nach_tokens(&self, scope: ScopeId, page: Page) -> StoreResult<Vec<NachToken>> {
        let select = Select::from::<NachToken>().and("scope =", scope).and("deleted =", 0);
        self.all(select.page(page)).await
    }

    /// The mandate on paper that a bank knows by this number.
    pub async fn nach_token_by_umrn(
        &self,
        scope: ScopeId,
        umrn: &str,
    ) -> StoreResult<Option<NachToken>> {
        let select = Select::from::<NachToken>().and("umrn =", umrn.to_owned());
        self.one(select.and("scope =", scope)).await
    }

    /// The payment that has registered the mandate of an order.
    pub async fn registration_of(
        &self,
        scope: ScopeId,
        order: OrderId,
    ) -> StoreResult<Option<PaymentId>> {
        let select = Select::from::<Payment>()
            .and("order_id =", text(order.0))
            .and("scope =", scope)
            .and("status =", "captured");
        let payment: Option<Payment> = self.one(select).await?;
        Ok(payment.map(|payment| payment.id))
    }

    /// A registration link.
    pub async fn invoice(&self, scope: ScopeId, id: InvoiceId) -> StoreResult<Option<Invoice>> {
        self.one(Select::from::<Invoice>().and("id =", text(id.0)).and("scope =", scope)).await
    }

    /// Registration links, newest first.
    pub async fn invoices(
        &self,
        scope: ScopeId,
        filter: InvoiceFilter,
        page: Page,
    ) -> StoreResult<Vec<Invoice>> {
        let mut select = Select::from::<Invoice>().and("scope =", scope);
        if let Some(payment) = filter.payment {
            select = select.and("payment =", text(payment.0));
        }
        if let Some(receipt) = filter.receipt {
            select = select.and("receipt =", receipt);
        }
        if let Some(customer) = filter.customer {
            select = select.and("customer =", text(customer.0));
        }
        self.all(select.page(page)).await
    }

    /// The scan that a payment registers its mandate with.
    pub async fn nach_scan(&self, payment: PaymentId) -> StoreResult<Option<NachScan>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| data.scans.get(&payment).cloned()));
        }
        self.one(Select::from::<NachScan>().and("payment =", text(payment.0))).await
    }

    /// What NACH must know to do something; `None` when a part of it is gone, as after a reset, or
    /// when the instruction is about something else.
    pub async fn nach_rail_rows(
        &self,
        instruction: Instruction,
    ) -> StoreResult<Option<NachRailRows>> {
        let (scope, payment) = (instruction.scope, instruction.payment);
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let payment = Payment::clone(&data.payments.get(&payment)?.0);
                let token = payment.mandate.as_ref()?.token;
                Some(NachRailRows {
                    tenant: Tenant::clone(&data.tenants.get(&scope)?.0),
                    token: NachToken::clone(&data.nach_tokens.get(&token)?.0),
                    payment,
                    instruction,
                })
            }));
        }
        let Some(tenant) = self.tenant(scope).await? else { return Ok(None) };
        let Some(payment) = self.payment(scope, payment).await? else { return Ok(None) };
        let Some(mandate) = &payment.mandate else { return Ok(None) };
        let Some(token) = self.nach_token(scope, mandate.token).await? else { return Ok(None) };
        Ok(Some(NachRailRows { token, payment, tenant, instruction }))
    }
}
