//! Every reason to say no. `api/rejection.rs` of the server turns each into a status and a text.

use crate::id::PaymentId;
use crate::receiver::ReceiverKind;
use crate::transfer::TransferMode;

/// Why a command was refused. A refused command changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// No such row for this merchant and mode. Source: common E05.
    NotFound,
    /// Another customer has the same e-mail and contact. Source: common E14.
    CustomerExists,
    /// `close_by` is less than 15 minutes ahead. Source: smart-collect E09.
    CloseByTooSoon,
    /// A field that the caller found wrong, met in the documented order of checks.
    RefusedField,
    /// Descriptors are switched off. Source: smart-collect E13.
    DescriptorNotAllowed,
    /// A vanity descriptor without a handle. Source: smart-collect E14.
    HandleNotSet,
    /// The descriptor has a wrong length. Source: smart-collect E15, E16.
    DescriptorLength(ReceiverKind),
    /// The descriptor holds other characters than letters and digits. Source: smart-collect E17.
    DescriptorCharacters(ReceiverKind),
    /// An active account has the same number or address. Source: smart-collect E12.
    DescriptorTaken,
    /// UPI addresses are switched off in test mode. Source: smart-collect E06b.
    VpaNotInTestMode,
    /// QR codes are switched off. Source: smart-collect E06.
    QrNotEnabled,
    /// The account has a bank account already. Source: smart-collect E28.
    BankAccountExists,
    /// The account is closed, or has such a receiver already. Source: smart-collect E29.
    AccountNotEditable,
    /// Allowed payers only go with bank accounts. Source: smart-collect E19.
    PayersNeedBankAccount,
    /// The same payer twice. Source: smart-collect E25.
    PayerExists,
    /// Ten payers are there already. Source: smart-collect E20.
    TooManyPayers,
    /// The order is paid already, or the payment captured. Source: common E21.
    OrderPaid,
    /// Another order has the receipt, which was asked to be unique. Source: common 7.3.
    OrderReceiptTaken,
    /// Not authorised, or not any more. Source: common E17.
    NotCapturable,
    /// Not the amount that was authorised. Source: common E16.
    CaptureAmount,
    /// The QR code does not take this method. Source: smart-collect 5.15.
    MethodNotEnabled,
    /// `close_by` of a QR code is less than two minutes or more than two hours ahead.
    /// Source: common 13.
    QrCloseByOutside,
    /// The rail does not carry such an amount. Source: smart-collect E35.
    AmountOutsideLimit(TransferMode),
    /// The sandbox was reset while the call was on its way: ask again in the new epoch.
    ScopeRetired,
    /// Too many webhooks. Source: common 10.1.
    TooManyEndpoints,
    /// Too many faults armed at once. Our choice, to bound what a delivery must look at.
    TooManyFaults,
    /// The event was acknowledged. Source: common 10.3.
    EventAcknowledged,
    /// The event is older than seven days. Source: common 10.3.
    EventTooOld,
    /// Replayed five times in 24 hours. Source: common 10.3.
    TooManyReplays,
    /// The payment's money was not taken. Source: common E18.
    PaymentNotCaptured,
    /// The amount is below one rupee. Source: common E11.
    RefundTooSmall,
    /// The amount is more than what is left. Source: common E19.
    RefundAboveLeft,
    /// Nothing is left. Source: common E20.
    FullyRefunded,
    /// The payment is older than 180 days. Source: common 9.2.
    RefundTooLate,
    /// The merchant is owed less than that. Source: common 9.2.
    BalanceTooLow,
    /// Nobody knows an account to pay back to. Source: smart-collect E34.
    PayerUnreachable,
    /// A refund of the payment has the same receipt. Source: common 9.2.
    ReceiptTaken,
    /// The idempotency key is too short. Source: common 5.8.
    IdempotencyKeyTooShort,
    /// The idempotency key has other characters than it may. Source: common 5.8.
    IdempotencyKeyCharacters,
    /// The idempotency key was used for another request. Source: common E24.
    IdempotencyMismatch,
    /// No connector can pay out. Source: decisions 39.
    NoRail,
    /// The order asks for no mandate. Source: reserve-pay 4.1.
    NotForMandate,
    /// The order asks for a mandate. Source: reserve-pay 9.3.
    OrderForMandate,
    /// Not the order's amount. Source: common E22.
    OrderAmountMismatch,
    /// Not the order's customer. Source: reserve-pay 4.1.
    CustomerMismatch,
    /// The mandate the order asks for would be over before it began. Source: reserve-pay 4.1.
    MandateOver,
    /// A mandate was approved for the order already. Source: reserve-pay 4.1.
    DuplicateMandate,
    /// Too many attempts wait for their payer. Our choice.
    TooManyAttempts,
    /// A debit of the order is on its way. Source: reserve-pay 9.3.
    PaymentInProgress,
    /// No such mandate of this customer. Source: reserve-pay 9.3.
    TokenMismatch,
    /// More than one debit may take. Source: reserve-pay 9.3.
    AboveMandateMaximum,
    /// No connector to the UPI network. Source: decisions 39.
    NoUpiRail,
    /// Another merchant's mandate. Source: reserve-pay 8.1.
    TokenOfOtherMerchant,
    /// Another customer's mandate. Source: reserve-pay 8.1.
    TokenOfOtherCustomer,
    /// The mandate is over already. Source: reserve-pay 8.1.
    MandateNotCancellable,
    /// A cancellation or a debit is on its way. Source: reserve-pay 8.1.
    MandateBusy,
    /// Nothing is left to release, and the end is near. Source: reserve-pay 8.1.
    CancelTooLate,
    /// The mandate is not over yet. Source: reserve-pay 8.2.
    MandateNotDeletable,
    /// Payer or network has acted on the mandate already: its status. Source: sandbox 3.
    MandateFinal(&'static str),
    /// The payment was decided already: its status. Source: sandbox 3.
    PaymentFinal(&'static str),
    /// The bank's last word about a refund was heard: its status. Source: sandbox 3.
    RefundFinal(&'static str),
    /// The order asks for no mandate on paper. Source: paper-nach U3.
    NotPaperMandate,
    /// The registration link is closed: its status. Source: paper-nach U5, 10.
    LinkClosed(&'static str),
    /// The link would close too soon. Source: paper-nach 9.1.
    LinkExpiresTooSoon,
    /// The link's customer has no such address. Source: paper-nach 10.2.
    LinkUnreachable,
    /// The end of the mandate has passed. Source: paper-nach U6.
    MandateDateOver,
    /// A form of the order is with the bank: the payment that waits. Source: paper-nach U7.
    FormPending(PaymentId),
    /// No connector to NACH. Source: decisions 39.
    NoNachRail,
    /// The bank has not decided on the mandate. Source: paper-nach R8.
    MandateNotConfirmed,
    /// The mandate is over. Source: paper-nach R9.
    MandateNotActive,
    /// A debit of the order is on its way. Source: paper-nach R11.
    ChargeInProgress,
    /// The mandate cannot be ended: its status. Source: paper-nach 8.5.
    NachNotCancellable(&'static str),
    /// The value does not fit the setting. Source: sandbox 8.
    SettingInvalid(String),
}
