//! Money arrives: what every message of a rail goes through, whoever is paid.
//! Source: smart-collect 8, common 13.

use std::sync::Arc;

use crate::apply::Context;
use crate::captures::book;
use crate::command::{Receipt, Reply};
use crate::customer::{Customer, e164};
use crate::event::{EventKind, Snapshot};
use crate::id::{CustomerId, PaymentId, RawId, VirtualAccountId};
use crate::ledger::{Account, Cause};
use crate::money::Paise;
use crate::payment::{Card, Method, Payment, PaymentState};
use crate::refund::{RefundState, Speed};
use crate::refunds;
use crate::rejection::Rejection;
use crate::scope::ScopeId;
use crate::time::Millis;
use crate::transfer::{Payee, Payer, Transfer, TransferKey, TransferMode, is_refundable};
use crate::working_set::{Alert, Decision, Key, Lookup, WorkingSet};
use crate::{qr_codes, smart_collect};

/// A rail's message that money arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundTransfer {
    /// Which connector reports it.
    pub connector: String,
    /// Which rail.
    pub mode: TransferMode,
    /// UTR or RRN; drawn in the right shape when the sandbox was given none.
    pub bank_reference: Option<String>,
    /// What was paid.
    pub payee: Payee,
    /// IFSC that was paid, if the bank said.
    pub ifsc: Option<String>,
    /// How much.
    pub amount: Paise,
    /// Who paid, if the bank said.
    pub payer: Option<Payer>,
    /// The payer's words.
    pub narration: Option<String>,
}

impl InboundTransfer {
    /// How the account it is meant for is found.
    pub fn holder(&self, scope: ScopeId) -> Lookup {
        let space = scope.address_space();
        match &self.payee {
            Payee::Account(number) => Lookup::AccountNumber(space, number.clone()),
            Payee::Vpa(address) => Lookup::Vpa(space, address.clone()),
            Payee::Qr(id) => Lookup::QrCode(*id),
        }
    }

    /// The rows its payee is found by.
    pub fn keys(&self, scope: ScopeId) -> Vec<Key> {
        let standalone = match self.payee {
            Payee::Qr(id) => Some(Key::QrCode(id)),
            Payee::Account(_) | Payee::Vpa(_) => None,
        };
        [Key::Lookup(self.holder(scope))].into_iter().chain(standalone).collect()
    }

    /// What makes it a repeat; `None` while it has no reference.
    pub fn key(&self, scope: ScopeId) -> Option<TransferKey> {
        let reference = self.bank_reference.as_deref()?;
        Some(TransferKey::new(scope, &self.connector, self.mode, reference, self.payee.clone()))
    }
}

/// A message that was not seen before.
pub(crate) struct Arrival<'a> {
    /// What the rail said.
    pub transfer: &'a InboundTransfer,
    /// UTR or RRN, given or drawn.
    pub reference: String,
    /// Finds the payment this message becomes.
    seen: Lookup,
}

/// Decides what becomes of a transfer, and books it.
///
/// Rejects: `AmountOutsideLimit` (only what the rail itself would not carry), `MethodNotEnabled`
/// (a QR code that does not take it).
pub fn receive(
    set: &mut WorkingSet,
    ctx: &mut Context,
    transfer: &InboundTransfer,
) -> Decision<Reply> {
    let reference = match &transfer.bank_reference {
        Some(reference) => reference.clone(),
        None => draw_reference(ctx, transfer.mode),
    };
    let payee = transfer.payee.clone();
    let key = TransferKey::new(ctx.scope.id, &transfer.connector, transfer.mode, &reference, payee);
    let seen = Lookup::Transfer(key);
    // A reference drawn here and now cannot have been seen.
    if transfer.bank_reference.is_some()
        && let Some(first) = set.lookup(&seen)?.first().copied()
    {
        return repeat(set, ctx, transfer, PaymentId(first), reference);
    }
    let (least, most) = transfer.mode.limits(ctx.tenant.settings.upi_limit);
    let paise = transfer.amount.get();
    if paise < least || most.is_some_and(|most| paise > most) {
        return Err(Rejection::AmountOutsideLimit(transfer.mode).into());
    }
    let arrival = Arrival { transfer, reference, seen };
    if let Payee::Qr(id) = transfer.payee
        && let Some(code) = set.qr_code(&id)?.filter(|row| row.scope == ctx.scope.id)
    {
        return qr_codes::pay(set, ctx, arrival, code);
    }
    smart_collect::receive(set, ctx, arrival)
}

/// The same message again: the first result stands. Another amount is not another transfer, but
/// someone should look at it. Source: decisions 41 and 49.
fn repeat(
    set: &mut WorkingSet,
    ctx: &mut Context,
    transfer: &InboundTransfer,
    first: PaymentId,
    reference: String,
) -> Decision<Reply> {
    let payment = set.payment(&first)?.ok_or(Rejection::NotFound)?;
    if payment.amount != transfer.amount {
        let alert = Alert {
            id: ctx.draw.id(),
            scope: ctx.scope.id,
            connector: transfer.connector.clone(),
            reference,
            text: format!(
                "repeat of {first} with amount {} instead of {}",
                transfer.amount.get(),
                payment.amount.get()
            ),
            created_at: ctx.now.time,
        };
        set.append().alerts.push(alert);
    }
    Ok(Reply::Receipt(Receipt::Duplicate(payment)))
}

impl Arrival<'_> {
    /// The payment this message becomes, authorised; who paid is copied from the customer that the
    /// payee is linked with. Account, code and order are the payee's to say.
    pub fn payment(
        &self,
        set: &WorkingSet,
        ctx: &mut Context,
        customer: Option<CustomerId>,
    ) -> Decision<Payment> {
        let row: Option<Arc<Customer>> = match customer {
            Some(id) => set.customer(&id)?,
            None => None,
        };
        Ok(Payment {
            id: ctx.draw.id(),
            scope: ctx.scope.id,
            amount: self.transfer.amount,
            method: method(ctx, self.transfer),
            state: PaymentState::Authorized,
            description: self.transfer.narration.clone(),
            email: row.as_ref().and_then(|customer| customer.email.clone()),
            contact: row.as_ref().and_then(|customer| customer.contact.as_deref().map(e164)),
            customer,
            notes: vec![],
            bank_reference: Some(self.reference.clone()),
            virtual_account: None,
            qr_code: None,
            order: None,
            invoice: None,
            mandate: None,
            created_at: ctx.now.time,
        })
    }

    /// The row of the transfer itself.
    pub fn transfer_row(
        &self,
        ctx: &mut Context,
        payment: PaymentId,
        virtual_account: Option<VirtualAccountId>,
    ) -> Transfer {
        let transfer = self.transfer;
        Transfer {
            payment,
            id: ctx.draw.id(),
            scope: ctx.scope.id,
            connector: transfer.connector.clone(),
            mode: transfer.mode,
            bank_reference: self.reference.clone(),
            amount: transfer.amount,
            payee: transfer.payee.clone(),
            payer: transfer.payer.clone().map(|payer| (ctx.draw.id(), payer)),
            virtual_account,
        }
    }

    /// Writes payment and transfer, so that a repeat of the message finds them.
    pub fn record(&self, set: &mut WorkingSet, payment: &Arc<Payment>, transfer: &Arc<Transfer>) {
        set.set_lookup(self.seen.clone(), vec![payment.id.0]);
        set.put_transfer(transfer.clone());
        set.put_payment(payment.clone());
    }

    /// The money of an authorised payment goes back whole, without fee. Where nobody can be
    /// reached, the refund waits for account details. Source: smart-collect 8.
    pub fn send_back(
        &self,
        set: &mut WorkingSet,
        ctx: &mut Context,
        authorized: Payment,
        transfer: Transfer,
        why: &str,
        subject: RawId,
    ) -> Decision<Arc<Payment>> {
        let description = Some(why.to_owned());
        let returned = Payment { state: PaymentState::Returned, description, ..authorized };
        let amount = returned.amount;
        let InboundTransfer { payee, mode, payer, .. } = self.transfer;
        let reachable = is_refundable(payee, *mode, payer.as_ref());
        let connector = transfer.connector.clone();
        let mut refund = refunds::automatic(ctx, &returned, connector, Speed::Normal);

        let bank = Account::Bank(transfer.connector.clone());
        book(set, ctx, Cause::Payment(returned.id), 0, [(bank, Account::PayerReturns, amount)]);
        if reachable {
            refunds::order_payout(set, ctx, &returned, &refund);
        } else {
            refund.state = RefundState::Stranded;
        }
        let (returned, refund) = (Arc::new(returned), Arc::new(refund));
        self.record(set, &returned, &Arc::new(transfer));
        set.put_refund(refund.clone());

        let kinds =
            [EventKind::PaymentAuthorized, EventKind::RefundCreated, EventKind::RefundProcessed];
        let told = if reachable { &kinds[..] } else { &kinds[..2] };
        let (payment, refund) = (Some(returned.clone()), Some(refund));
        let snapshot = Snapshot { payment, refund, ..Snapshot::default() };
        ctx.announce(set, subject, told, snapshot)?;
        Ok(returned)
    }
}

fn method(ctx: &mut Context, transfer: &InboundTransfer) -> Method {
    match (&transfer.payee, transfer.mode) {
        (Payee::Account(_), _) => Method::BankTransfer,
        (_, TransferMode::Card) => Method::Card(test_card(ctx)),
        _ => Method::Upi { vpa: transfer.payer.as_ref().and_then(|payer| payer.vpa.clone()) },
    }
}

/// The card of every test payment by card. Source: smart-collect 5.15 asks for no card.
fn test_card(ctx: &mut Context) -> Card {
    Card {
        id: ctx.draw.id(),
        name: "Test Payer".to_owned(),
        last4: "1111".to_owned(),
        network: "Visa".to_owned(),
        kind: "debit".to_owned(),
        issuer: "UTIB".to_owned(),
    }
}

/// A bank reference in the shape of its rail. Source: rails 1.8.
pub(crate) fn draw_reference(ctx: &mut Context, mode: TransferMode) -> String {
    let date = crate::calendar::india_date(Millis(ctx.now.millis.0));
    match mode {
        TransferMode::Neft => format!(
            "UTIBN{:02}{:03}{}",
            date.year.rem_euclid(100),
            date.day_of_year,
            ctx.draw.alphanumerics(6)
        ),
        TransferMode::Rtgs => {
            format!("UTIBR5{:04}{:02}{:02}{}", date.year, date.month, date.day, ctx.draw.digits(8))
        }
        TransferMode::Imps | TransferMode::Upi | TransferMode::Card => {
            format!("{}{:03}{}", date.year.rem_euclid(10), date.day_of_year, ctx.draw.digits(8))
        }
    }
}
