//! What a command may need, and what it is told when it is not there.

use crate::bulk::BulkRowKey;
use crate::id::{
    BankAccountId, BatchId, CustomerId, InvoiceId, MerchantId, OrderId, PaymentId, QrCodeId, RawId,
    RefundId, TokenId, VirtualAccountId,
};
use crate::instruction::InstructionKey;
use crate::rejection::Rejection;
use crate::scope::{AddressSpace, ScopeId};
use crate::transfer::TransferKey;
use crate::webhook::DeliveryKey;

/// Why a command could not be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A row is needed that was not loaded.
    Missing(Key),
    /// The answer is no.
    Rejected(Rejection),
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Stop {
        Stop::Rejected(rejection)
    }
}

/// The result of a rule.
pub type Decision<T> = Result<T, Stop>;

/// What to load. Ids load one aggregate; [`Lookup`]s find it by something unique.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A merchant.
    Merchant(MerchantId),
    /// A key pair.
    ApiKey(RawId),
    /// One merchant in one mode.
    Tenant(ScopeId),
    /// A customer.
    Customer(CustomerId),
    /// A virtual account, its customer and its order.
    VirtualAccount(VirtualAccountId),
    /// A customer's bank account.
    BankAccount(BankAccountId),
    /// A standalone QR code and its customer.
    QrCode(QrCodeId),
    /// An order.
    Order(OrderId),
    /// A payment and its transfer.
    Payment(PaymentId),
    /// A refund.
    Refund(RefundId),
    /// A mandate.
    Token(TokenId),
    /// The form of an order for a paper mandate.
    NachForm(OrderId),
    /// A mandate on paper.
    NachToken(TokenId),
    /// A registration link.
    Invoice(InvoiceId),
    /// An instruction to a bank.
    Instruction(InstructionKey),
    /// The use of an idempotency key, by its digest.
    Idempotency((ScopeId, String)),
    /// A delivery.
    Delivery(DeliveryKey),
    /// A bulk file, without its rows.
    BulkFile(BatchId),
    /// A row of a bulk file.
    BulkRow(BulkRowKey),
    /// Something unique.
    Lookup(Lookup),
}

/// Finds rows by something other than their id, and loads what it finds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lookup {
    /// All endpoints of a scope that were not deleted.
    Endpoints(ScopeId),
    /// All faults of a scope that are not disarmed.
    Faults(ScopeId),
    /// The customer with this [`identity`](crate::customer::identity).
    CustomerIdentity(ScopeId, String),
    /// The account behind an account number (upper case): an active one before closed ones, the
    /// newest of these. Loads the account, its customer and its order.
    AccountNumber(AddressSpace, String),
    /// The account behind a UPI address (lower case), chosen and loaded likewise.
    Vpa(AddressSpace, String),
    /// The account of a QR receiver, loaded likewise.
    QrCode(QrCodeId),
    /// The newest order with this receipt.
    OrderReceipt(ScopeId, String),
    /// Whether any account of any merchant, active or closed, ever had this number; finds none of
    /// them, only [`Found`]'s length counts.
    NumberUse(String),
    /// The payment an inbound transfer became. Loads the payment and its transfer.
    Transfer(TransferKey),
    /// The refund of a payment with this receipt. Loads nothing but its id.
    RefundReceipt(PaymentId, String),
}

/// The ids a lookup found.
pub type Found = Vec<RawId>;
