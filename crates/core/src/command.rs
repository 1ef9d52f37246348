//! Commands: everything that can change state, and the rows each one needs.

mod drafts;

use std::sync::Arc;

pub use drafts::{ClockChange, EndpointDraft, EndpointEdit, FaultDraft};
pub use drafts::{KeyDraft, MerchantDraft, OnDuplicate};

use crate::bank_account::{BankAccountDraft, CustomerBankAccount};
use crate::bulk::BulkFile;
use crate::bulk_rules::BulkCommand;
use crate::customer::{Customer, CustomerDraft, CustomerEdit, Notes};
use crate::event::EventKind;
use crate::fund_account::FundAccount;
use crate::id::{BankAccountId, CustomerId, EndpointId, EventId, FaultId, MerchantId, RawId};
use crate::id::{OrderId, PaymentId, QrCodeId, Seed, VirtualAccountId};
use crate::inbound::InboundTransfer;
use crate::invoice::Invoice;
use crate::money::Paise;
use crate::nach_form::NachForm;
use crate::nach_token::NachToken;
use crate::order::Order;
use crate::orders::OrderDraft;
use crate::paper_nach::NachCommand;
use crate::payment::Payment;
use crate::qr_code::QrCode;
use crate::qr_codes::QrCodeDraft;
use crate::refund::Refund;
use crate::refunds::RefundCommand;
use crate::reserve_pay::{DebitRows, MandateCommand};
use crate::sandbox::{Fault, FaultKind, FaultTarget, RailOperation};
use crate::scope::{Scope, ScopeId};
use crate::settings::SettingValue;
use crate::smart_collect::{PayerDraft, ReceiversDraft};
use crate::smart_collect::{VirtualAccountDraft, VirtualAccountEdit};
use crate::tenant::{ApiKey, Merchant, Tenant};
use crate::time::{Millis, Time};
use crate::timer::TimerKey;
use crate::token::Token;
use crate::virtual_account::VirtualAccount;
use crate::webhook::{Delivery, Endpoint, Outcome};
use crate::working_set::{Key, Lookup};

/// A command with all it needs to be decided: same submission, same rows, same result.
#[derive(Clone, Debug)]
pub struct Submission {
    /// What to do.
    pub command: Command,
    /// Real time when it was submitted.
    pub real: Millis,
    /// Where its ids come from.
    pub seed: Seed,
}

/// Everything that can change state.
#[derive(Clone, Debug)]
pub enum Command {
    /// Opens a merchant with a test key, and a live key if wanted. Operator, or sandbox 9.
    CreateMerchant(MerchantDraft),
    /// Adds a key pair. Operator.
    CreateKey(MerchantId, KeyDraft),
    /// Refuses a key pair from now on. Operator.
    ExpireKey(RawId),
    /// A command about one merchant in one mode.
    Scoped(ScopeId, ScopedCommand),
}

/// Everything a merchant, a bank, a timer or a dispatcher can ask for.
#[derive(Clone, Debug)]
pub enum ScopedCommand {
    /// `POST /v1/customers`; with `true`, a duplicate answers the stored customer.
    CreateCustomer(CustomerDraft, OnDuplicate),
    /// `PUT /v1/customers/:id`.
    EditCustomer(CustomerId, CustomerEdit),
    /// `POST /v1/customers/:id/bank_account`.
    AddBankAccount(CustomerId, BankAccountDraft),
    /// `DELETE /v1/customers/:id/bank_account/:bank_id`.
    DeleteBankAccount(CustomerId, BankAccountId),
    /// `POST /v1/fund_accounts`.
    CreateFundAccount(CustomerId, BankAccountDraft),
    /// `POST /v1/orders`.
    CreateOrder(OrderDraft),
    /// `PATCH /v1/orders/:id`.
    EditOrder(OrderId, Notes),
    /// `POST /v1/payments/:id/capture`.
    CapturePayment(PaymentId, Paise),
    /// `POST /v1/virtual_accounts`.
    CreateVirtualAccount(VirtualAccountDraft),
    /// `POST /v1/virtual_accounts/:id/close`.
    CloseVirtualAccount(VirtualAccountId),
    /// `PATCH /v1/virtual_accounts/:id`.
    UpdateVirtualAccount(VirtualAccountId, VirtualAccountEdit),
    /// `POST /v1/virtual_accounts/:id/receivers`.
    AddReceivers(VirtualAccountId, ReceiversDraft),
    /// `POST /v1/virtual_accounts/:id/allowed_payers`; `None` where its fields were refused, which
    /// counts only once the account has passed its checks.
    AddPayer(VirtualAccountId, Option<PayerDraft>),
    /// `DELETE /v1/virtual_accounts/:id/allowed_payers/:payer_id`.
    RemovePayer(VirtualAccountId, BankAccountId),
    /// `POST /v1/payments/qr_codes`.
    CreateQrCode(QrCodeDraft),
    /// `PATCH /v1/payments/qr_codes/:id`.
    EditQrCode(QrCodeId, Notes),
    /// `POST /v1/payments/qr_codes/:id/close`.
    CloseQrCode(QrCodeId),
    /// A bank reports money.
    ReceiveTransfer(InboundTransfer),
    /// `PATCH /v1/payments/:id`.
    EditPaymentNotes(PaymentId, Notes),
    /// Something about a refund.
    Refund(RefundCommand),
    /// Something about a mandate.
    Mandate(MandateCommand),
    /// Something about a mandate on paper.
    Nach(NachCommand),
    /// Something about a bulk file.
    Bulk(BulkCommand),
    /// The clock reached a timer, due at this instant.
    FireTimer(TimerKey, Millis),
    /// `POST /v1/webhooks`.
    CreateEndpoint(EndpointDraft),
    /// `PUT` or `PATCH` of a webhook.
    EditEndpoint(EndpointId, EndpointEdit),
    /// `DELETE` of a webhook.
    DeleteEndpoint(EndpointId),
    /// A webhook call came to an end.
    RecordAttempt(EventId, EndpointId, Millis, Outcome),
    /// `POST /v1/sandbox/webhooks/:id/replay`.
    ReplayEvents(EndpointId, Vec<EventId>),
    /// `POST /v1/sandbox/clock`.
    SetClock(ClockChange),
    /// `PATCH /v1/sandbox/settings`.
    ChangeSettings(Vec<(String, SettingValue)>),
    /// `POST /v1/sandbox/faults`.
    ArmFault(FaultDraft),
    /// `DELETE /v1/sandbox/faults`.
    DisarmFaults,
    /// A delivery asks which fault it meets.
    MeetFault(EventId, EndpointId, EventKind),
    /// A bank of the sandbox asks which fault it meets.
    MeetRailFault(FaultTarget, RailOperation),
    /// `DELETE /v1/sandbox`.
    ResetSandbox,
}

/// What an inbound transfer came to. Source: sandbox 2.
#[derive(Clone, Debug)]
pub enum Receipt {
    /// Booked.
    Credited(Arc<Payment>),
    /// Booked and sent back.
    Refunded(Arc<Payment>),
    /// No account: the bank sends it back; the reference it carried.
    Returned(String),
    /// Seen before; what became of it then.
    Duplicate(Arc<Payment>),
}

/// What a command answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Nothing to say.
    Done,
    /// A merchant and its keys.
    Merchant(Arc<Merchant>, Vec<Arc<ApiKey>>),
    /// A key pair.
    ApiKey(Arc<ApiKey>),
    /// A customer.
    Customer(Arc<Customer>),
    /// A customer's bank account.
    BankAccount(Arc<CustomerBankAccount>),
    /// A fund account.
    FundAccount(FundAccount),
    /// A standalone QR code.
    QrCode(Arc<QrCode>),
    /// An order.
    Order(Arc<Order>),
    /// A payment.
    Payment(Arc<Payment>),
    /// A virtual account.
    VirtualAccount(Arc<VirtualAccount>),
    /// A refund, as the command made or left it.
    Refund(Arc<Refund>),
    /// The refund that an equal request made before; nothing changed.
    SameRefund(Arc<Refund>),
    /// A mandate that was asked for, and the payment that approves it.
    Mandate(Arc<Payment>, Arc<Token>),
    /// A debit that the network must be told of, with all it must know.
    Debit(Box<DebitRows>),
    /// A mandate.
    Token(Arc<Token>),
    /// An order for a mandate on paper, and its form.
    NachOrder(Arc<Order>, Arc<NachForm>),
    /// A mandate on paper whose scan was taken, and the payment that registers it.
    NachMandate(Arc<Payment>, Arc<NachToken>),
    /// A mandate on paper.
    NachToken(Arc<NachToken>),
    /// A registration link and its form.
    Link(Arc<Invoice>, Arc<NachForm>),
    /// A bulk file.
    BulkFile(Arc<BulkFile>),
    /// What became of an inbound transfer.
    Receipt(Receipt),
    /// A webhook.
    Endpoint(Arc<Endpoint>),
    /// A delivery after an attempt.
    Delivery(Arc<Delivery>),
    /// Clock and settings as they are now.
    Tenant(Arc<Tenant>),
    /// An armed fault.
    Fault(Arc<Fault>),
    /// The fault a delivery meets, if any.
    FaultMet(Option<(FaultId, FaultKind, i64)>),
    /// How many events are sent again.
    Replayed(usize),
    /// The scope that took the place of the one that was reset.
    Reset(Scope),
}

impl Submission {
    /// Whether more rows are likely to turn out than [`Submission::keys`] names, so that a look
    /// before the batch is decided saves a load in the middle of it.
    pub fn is_worth_probing(&self) -> bool {
        use ScopedCommand::*;
        match &self.command {
            Command::Scoped(_, Bulk(command)) => command.is_worth_probing(),
            Command::Scoped(_, command) => matches!(
                command,
                CreateVirtualAccount(_) | AddReceivers(..) | EditCustomer(..) | ResetSandbox
            ),
            _ => false,
        }
    }

    /// The rows this command is known to need. More may turn out while it is decided.
    pub fn keys(&self) -> Vec<Key> {
        match &self.command {
            Command::CreateMerchant(draft) => draft.parent.map(Key::Merchant).into_iter().collect(),
            Command::CreateKey(merchant, _) => vec![Key::Merchant(*merchant)],
            Command::ExpireKey(id) => vec![Key::ApiKey(*id)],
            Command::Scoped(scope, command) => {
                let mut keys = command.keys(*scope);
                keys.push(Key::Tenant(*scope));
                keys
            }
        }
    }
}

impl ScopedCommand {
    fn keys(&self, scope: ScopeId) -> Vec<Key> {
        use ScopedCommand::*;
        let endpoints = Key::Lookup(Lookup::Endpoints(scope));
        match self {
            CreateCustomer(draft, _) => draft.key(scope).into_iter().collect(),
            EditCustomer(id, _) | AddBankAccount(id, _) | CreateFundAccount(id, _) => {
                vec![Key::Customer(*id)]
            }
            DeleteBankAccount(_, id) => vec![Key::BankAccount(*id)],
            CreateOrder(draft) => {
                let receipt = draft.receipt.clone().filter(|_| draft.has_unique_receipt);
                let receipt = receipt.map(|receipt| Lookup::OrderReceipt(scope, receipt));
                let customer = draft.customer.map(Key::Customer);
                receipt.map(Key::Lookup).into_iter().chain(customer).collect()
            }
            EditOrder(id, _) => vec![Key::Order(*id)],
            CapturePayment(id, _) => vec![endpoints, Key::Payment(*id)],
            CreateVirtualAccount(draft) => {
                let mut keys = vec![endpoints];
                keys.extend(draft.customer.map(Key::Customer));
                keys.extend(draft.order.map(Key::Order));
                keys
            }
            CloseVirtualAccount(id)
            | UpdateVirtualAccount(id, _)
            | AddReceivers(id, _)
            | AddPayer(id, _)
            | RemovePayer(id, _) => vec![endpoints, Key::VirtualAccount(*id)],
            ReceiveTransfer(transfer) => {
                let mut keys = transfer.keys(scope);
                keys.push(endpoints);
                keys.extend(transfer.key(scope).map(|key| Key::Lookup(Lookup::Transfer(key))));
                keys
            }
            CreateQrCode(draft) => {
                [endpoints].into_iter().chain(draft.customer.map(Key::Customer)).collect()
            }
            EditQrCode(id, _) => vec![Key::QrCode(*id)],
            CloseQrCode(id) | FireTimer(TimerKey::CloseQrCode(id), _) => {
                vec![endpoints, Key::QrCode(*id)]
            }
            EditPaymentNotes(id, _) => vec![Key::Payment(*id)],
            Refund(command) => command.keys(scope),
            Mandate(command) => command.keys(scope),
            Nach(command) => command.keys(scope),
            Bulk(command) => command.keys(scope),
            FireTimer(TimerKey::ChangeToken(id), _) => vec![endpoints, Key::Token(*id)],
            FireTimer(TimerKey::ExpireInvoice(id), _) => vec![endpoints, Key::Invoice(*id)],
            FireTimer(TimerKey::ReturnUncaptured(id), _) => vec![endpoints, Key::Payment(*id)],
            FireTimer(TimerKey::CloseVirtualAccount(id), _) => {
                vec![endpoints, Key::VirtualAccount(*id)]
            }
            CreateEndpoint(_) | EditEndpoint(..) | DeleteEndpoint(_) => vec![endpoints],
            RecordAttempt(event, endpoint, ..) => {
                vec![endpoints, Key::Delivery((*event, *endpoint))]
            }
            ReplayEvents(endpoint, events) => events
                .iter()
                .map(|event| Key::Delivery((*event, *endpoint)))
                .chain([endpoints])
                .collect(),
            ArmFault(_) | DisarmFaults | MeetRailFault(..) => {
                vec![Key::Lookup(Lookup::Faults(scope))]
            }
            MeetFault(event, endpoint, _) => {
                vec![Key::Lookup(Lookup::Faults(scope)), Key::Delivery((*event, *endpoint))]
            }
            ResetSandbox => vec![endpoints],
            SetClock(_) | ChangeSettings(_) => vec![],
        }
    }
}

/// When a thing happens: the merchant's now in both precisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// For machines.
    pub millis: Millis,
    /// For people.
    pub time: Time,
}

impl Now {
    /// Both precisions of an instant.
    pub fn at(millis: Millis) -> Now {
        Now { millis, time: millis.to_time() }
    }
}
