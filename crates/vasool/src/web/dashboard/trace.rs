//! Where to look for what became of an entity: the ids of the commands that touched it, the subjects
//! its events have, the causes of its postings, what rails were asked about it.

use vasool_core::event::{Occurrence, Snapshot};
use vasool_core::id::{
    BatchId, CustomerId, InvoiceId, OrderId, PaymentId, QrCodeId, RawId, RefundId, TokenId,
    VirtualAccountId,
};
use vasool_core::payment::{MandateRole, Payment};
use vasool_core::refunds::subject;
use vasool_core::scope::ScopeId;
use vasool_store::Store;
use vasool_store::StoreResult;
use vasool_store::reads::{AccountFilter, Page, PaymentFilter};

/// Payments of an account, order or mandate that its history tells about.
const PAYMENTS_MAX: i64 = 20;

/// Refunds of a payment, the newest.
const REFUNDS_MAX: usize = 50;

/// What an entity's page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// `pay_…`
    Payment(PaymentId),
    /// `rfnd_…`
    Refund(RefundId),
    /// `va_…`
    VirtualAccount(VirtualAccountId),
    /// `qr_…`
    QrCode(QrCodeId),
    /// `order_…`
    Order(OrderId),
    /// `cust_…`
    Customer(CustomerId),
    /// `token_…`
    Mandate(TokenId),
    /// `inv_…`
    Link(InvoiceId),
    /// `batch_…`
    Batch(BatchId),
}

/// Where to look.
#[derive(Debug, Default)]
pub struct Trace {
    /// Commands that drew these ids told their events beside them.
    pub beside: Vec<RawId>,
    /// Subjects of events that were told later.
    pub subjects: Vec<RawId>,
    /// Causes in the journal, and what rails were asked about.
    pub booked: Vec<RawId>,
    /// Payments that rails may have brought.
    pub payments: Vec<PaymentId>,
}

impl Entity {
    /// Reads an id with its prefix.
    pub fn parse(id: &str) -> Option<Entity> {
        let raw = |prefix: &str| id.strip_prefix(prefix).and_then(RawId::parse);
        raw(PaymentId::PREFIX)
            .map(|id| Entity::Payment(PaymentId(id)))
            .or_else(|| raw(RefundId::PREFIX).map(|id| Entity::Refund(RefundId(id))))
            .or_else(|| {
                raw(VirtualAccountId::PREFIX).map(|id| Entity::VirtualAccount(VirtualAccountId(id)))
            })
            .or_else(|| raw(QrCodeId::PREFIX).map(|id| Entity::QrCode(QrCodeId(id))))
            .or_else(|| raw(OrderId::PREFIX).map(|id| Entity::Order(OrderId(id))))
            .or_else(|| raw(CustomerId::PREFIX).map(|id| Entity::Customer(CustomerId(id))))
            .or_else(|| raw(TokenId::PREFIX).map(|id| Entity::Mandate(TokenId(id))))
            .or_else(|| raw(InvoiceId::PREFIX).map(|id| Entity::Link(InvoiceId(id))))
            .or_else(|| raw(BatchId::PREFIX).map(|id| Entity::Batch(BatchId(id))))
    }

    /// Its id: no event about it is older.
    pub fn raw(self) -> RawId {
        match self {
            Entity::Payment(id) => id.0,
            Entity::Refund(id) => id.0,
            Entity::VirtualAccount(id) => id.0,
            Entity::QrCode(id) => id.0,
            Entity::Order(id) => id.0,
            Entity::Customer(id) => id.0,
            Entity::Mandate(id) => id.0,
            Entity::Link(id) => id.0,
            Entity::Batch(id) => id.0,
        }
    }

    /// Whether an occurrence is about this entity: subjects may be shared with others.
    pub fn is_told_by(self, occurrence: &Occurrence) -> bool {
        let Snapshot { payment, virtual_account, refund, .. } = &occurrence.snapshot;
        let snapshot = &occurrence.snapshot;
        let of_payment =
            |test: &dyn Fn(&Payment) -> bool| payment.as_ref().is_some_and(|payment| test(payment));
        match self {
            Entity::Payment(id) => {
                of_payment(&|row| row.id == id)
                    || refund.as_ref().is_some_and(|row| row.payment == id)
            }
            Entity::Refund(id) => refund.as_ref().is_some_and(|row| row.id == id),
            Entity::VirtualAccount(id) => {
                virtual_account.as_ref().is_some_and(|row| row.id == id)
                    || of_payment(&|row| row.virtual_account == Some(id))
            }
            Entity::QrCode(id) => {
                snapshot.qr_code.as_ref().is_some_and(|row| row.id == id)
                    || of_payment(&|row| row.qr_code == Some(id))
            }
            Entity::Order(id) => {
                snapshot.order.as_ref().is_some_and(|row| row.id == id)
                    || of_payment(&|row| row.order == Some(id))
            }
            Entity::Mandate(id) => {
                snapshot.token.as_ref().is_some_and(|row| row.id == id)
                    || snapshot.nach_token.as_ref().is_some_and(|row| row.id == id)
                    || of_payment(&|row| row.mandate.as_ref().is_some_and(|use_| use_.token == id))
            }
            Entity::Link(id) => {
                snapshot.invoice.as_ref().is_some_and(|row| row.id == id)
                    || of_payment(&|row| row.invoice == Some(id))
            }
            Entity::Customer(id) => {
                snapshot.token.as_ref().is_some_and(|row| row.customer == id)
                    || of_payment(&|row| row.customer == Some(id))
                    || virtual_account.as_ref().is_some_and(|row| row.customer == Some(id))
            }
            Entity::Batch(_) => true,
        }
    }

    /// Where to look for what became of it.
    pub async fn trace(self, store: &Store, scope: ScopeId) -> StoreResult<Trace> {
        let page = Page { count: PAYMENTS_MAX, skip: 0, from: None, to: None };
        let mut trace = Trace::default();
        match self {
            Entity::Payment(id) => {
                if let Some(payment) = store.payment(scope, id).await? {
                    trace.follow_payment(store, scope, &payment).await?;
                }
            }
            Entity::Refund(id) => {
                if let Some(refund) = store.refund(scope, id).await? {
                    trace.beside.push(id.0);
                    trace.booked.push(id.0);
                    if let Some(payment) = store.payment(scope, refund.payment).await? {
                        trace.subjects.push(subject(&payment));
                    }
                }
            }
            Entity::VirtualAccount(id) => {
                trace.follow_id(id.0);
                let filter =
                    PaymentFilter { virtual_account: Some(id), ..PaymentFilter::default() };
                let payments = store.payments(scope, filter, page).await?;
                trace.follow_all(store, scope, &payments).await?;
            }
            Entity::QrCode(id) => {
                trace.follow_id(id.0);
                let filter = PaymentFilter { qr_code: Some(id), ..PaymentFilter::default() };
                let payments = store.payments(scope, filter, page).await?;
                trace.follow_all(store, scope, &payments).await?;
            }
            Entity::Order(id) => {
                trace.follow_id(id.0);
                let payments = store.newest_payments_of_order(scope, id, page).await?;
                trace.follow_all(store, scope, &payments).await?;
            }
            Entity::Mandate(id) => {
                trace.follow_id(id.0);
                trace.booked.push(id.0);
                // The payment that registered it, however long ago.
                let upi = store.token(scope, id).await?.map(|token| token.payment);
                let paper = store.nach_token(scope, id).await?.map(|token| token.payment);
                for registration in upi.into_iter().chain(paper) {
                    if let Some(payment) = store.payment(scope, registration).await? {
                        trace.follow_payment(store, scope, &payment).await?;
                    }
                }
                let payments = store.payments_of_token(scope, id, page).await?;
                trace.follow_all(store, scope, &payments).await?;
            }
            Entity::Link(id) => {
                trace.follow_id(id.0);
                if let Some(link) = store.invoice(scope, id).await? {
                    let payments = store.newest_payments_of_order(scope, link.order, page).await?;
                    trace.follow_all(store, scope, &payments).await?;
                }
            }
            Entity::Customer(id) => {
                let filter = AccountFilter { customer: Some(id), ..AccountFilter::default() };
                for account in store.virtual_accounts(scope, filter, page).await? {
                    trace.follow_id(account.id.0);
                }
                for token in store.tokens_of(scope, id).await?.iter().take(PAYMENTS_MAX as usize) {
                    trace.follow_id(token.id.0);
                }
            }
            // Its rows have histories of their own.
            Entity::Batch(_) => {}
        }
        for ids in [&mut trace.subjects, &mut trace.beside, &mut trace.booked] {
            ids.sort_unstable();
            ids.dedup();
        }
        trace.payments.sort_unstable();
        trace.payments.dedup();
        Ok(trace)
    }
}

impl Trace {
    fn follow_id(&mut self, id: RawId) {
        self.beside.push(id);
        self.subjects.push(id);
    }

    async fn follow_payment(
        &mut self,
        store: &Store,
        scope: ScopeId,
        payment: &Payment,
    ) -> StoreResult<()> {
        self.follow_id(payment.id.0);
        self.subjects.push(subject(payment));
        if let Some(mandate) = &payment.mandate {
            self.subjects.push(mandate.token.0);
            // What the network was asked about it goes by the mandate's id.
            let is_registration =
                matches!(mandate.role, MandateRole::Approval { .. } | MandateRole::Registration);
            self.booked.extend(is_registration.then_some(mandate.token.0));
        }
        self.booked.push(payment.id.0);
        self.payments.push(payment.id);
        for refund in store.refunds_of(scope, payment.id).await?.into_iter().take(REFUNDS_MAX) {
            self.beside.push(refund.id.0);
            self.booked.push(refund.id.0);
        }
        Ok(())
    }

    async fn follow_all(
        &mut self,
        store: &Store,
        scope: ScopeId,
        payments: &[Payment],
    ) -> StoreResult<()> {
        for payment in payments {
            self.follow_payment(store, scope, payment).await?;
        }
        Ok(())
    }
}
