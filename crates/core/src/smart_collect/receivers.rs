//! Making receivers: with a new account, and for one that is there. Source: smart-collect 5.1, 5.2
//! and 5.8.

use std::sync::Arc;

use super::addresses::{address_lookup, vpa_receiver};
use super::closing::close_if_due;
use super::numbers::account_number;
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::id::{RawId, VirtualAccountId};
use crate::receiver::{BankReceiver, QrMethods, QrReceiver, VpaReceiver};
use crate::rejection::Rejection;
use crate::short_link::{LinkTarget, ShortLink};
use crate::virtual_account::{VirtualAccount, VirtualAccountState};
use crate::working_set::{Decision, Lookup, WorkingSet};

/// Receivers to make.
#[derive(Clone, Debug, Default)]
pub struct ReceiversDraft {
    /// An account number.
    pub bank_account: Option<NumberDraft>,
    /// A UPI address, with its descriptor if one is wished.
    pub vpa: Option<Option<String>>,
    /// A QR code.
    pub qr_code: Option<QrMethods>,
}

/// An account number to make.
#[derive(Clone, Debug, Default)]
pub struct NumberDraft {
    /// The wished end of the number.
    pub descriptor: Option<String>,
    /// `numeric: 0`: a vanity number with the merchant's handle.
    pub vanity: bool,
}

/// Receivers whose shape is right; whether someone holds them is still to be asked.
pub struct Shaped {
    number: Option<String>,
    number_is_chosen: bool,
    vpa: Option<VpaReceiver>,
    vpa_is_chosen: bool,
    qr_code: Option<QrMethods>,
}

/// Draws or checks numbers and addresses, in the order of the entity.
///
/// Rejects: see [`account_number`] and [`vpa_receiver`]; `QrNotEnabled`.
pub fn shape(set: &WorkingSet, ctx: &mut Context, draft: &ReceiversDraft) -> Decision<Shaped> {
    let number = match &draft.bank_account {
        Some(wish) => Some(account_number(set, ctx, wish.descriptor.as_deref(), wish.vanity)?),
        None => None,
    };
    let vpa = match &draft.vpa {
        Some(descriptor) => Some(vpa_receiver(set, ctx, descriptor.as_deref())?),
        None => None,
    };
    if draft.qr_code.is_some() && !ctx.tenant.settings.va_qr_enabled {
        return Err(Rejection::QrNotEnabled.into());
    }
    Ok(Shaped {
        number,
        number_is_chosen: draft.bank_account.as_ref().is_some_and(|wish| wish.descriptor.is_some()),
        vpa,
        vpa_is_chosen: draft.vpa.as_ref().is_some_and(Option::is_some),
        qr_code: draft.qr_code,
    })
}

/// Gives the receivers to an account and makes them findable.
///
/// Rejects: `DescriptorTaken`.
pub fn attach(
    set: &mut WorkingSet,
    ctx: &mut Context,
    shaped: Shaped,
    account: &mut VirtualAccount,
) -> Decision<()> {
    let space = ctx.scope.id.address_space();
    let number = shaped.number.map(|number| (Lookup::AccountNumber(space, number.clone()), number));
    let vpa = shaped.vpa.map(|vpa| (address_lookup(ctx, &vpa), vpa));
    let chosen = [
        number.as_ref().filter(|_| shaped.number_is_chosen).map(|(holder, _)| holder),
        vpa.as_ref().filter(|_| shaped.vpa_is_chosen).map(|(holder, _)| holder),
    ];
    for holder in chosen.into_iter().flatten() {
        if is_taken(set, ctx, holder)? {
            return Err(Rejection::DescriptorTaken.into());
        }
    }
    let raw = account.id.0;
    if let Some((holder, number)) = number {
        set.set_lookup(holder, vec![raw]);
        set.set_lookup(Lookup::NumberUse(number.clone()), vec![raw]);
        account.account_number = Some(number);
        account.banks = banks(ctx);
    }
    if let Some((holder, vpa)) = vpa {
        set.set_lookup(holder, vec![raw]);
        account.vpa = Some(vpa);
    }
    if let Some(methods) = shaped.qr_code {
        account.qr_code = Some(qr_receiver(set, ctx, methods, raw));
    }
    Ok(())
}

/// Adds receivers to an account that has others. Source: smart-collect 5.8.
///
/// Rejects: `NotFound`, `AccountNotEditable`, `BankAccountExists`, and those of [`shape`] and
/// [`attach`].
pub fn add_receivers(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: VirtualAccountId,
    draft: &ReceiversDraft,
) -> Decision<Reply> {
    let account = own(ctx, set.virtual_account(&id)?, |row| row.scope)?;
    let account = close_if_due(set, ctx, account)?;
    if account.state != VirtualAccountState::Active {
        return Err(Rejection::AccountNotEditable.into());
    }
    if draft.bank_account.is_some() && account.account_number.is_some() {
        return Err(Rejection::BankAccountExists.into());
    }
    if draft.vpa.is_some() && account.vpa.is_some() {
        return Err(Rejection::AccountNotEditable.into());
    }
    let shaped = shape(set, ctx, draft)?;
    let mut account = VirtualAccount::clone(&account);
    attach(set, ctx, shaped, &mut account)?;
    let account = Arc::new(account);
    set.put_virtual_account(account.clone());
    Ok(Reply::VirtualAccount(account))
}

/// Whether an account that is still active at this moment holds the number or address. One of the
/// merchant's own whose time has come is closed here, which frees it.
fn is_taken(set: &mut WorkingSet, ctx: &mut Context, holder: &Lookup) -> Decision<bool> {
    let Some(raw) = set.lookup(holder)?.first().copied() else { return Ok(false) };
    let Some(account) = set.virtual_account(&VirtualAccountId(raw))? else { return Ok(false) };
    if account.scope != ctx.scope.id {
        // In live mode another merchant may hold it: whether its time has come is for that
        // merchant's clock and settings to say, and for that merchant alone to hear.
        return Ok(account.state == VirtualAccountState::Active);
    }
    Ok(close_if_due(set, ctx, account)?.state == VirtualAccountState::Active)
}

fn banks(ctx: &mut Context) -> Vec<BankReceiver> {
    let tenant = ctx.tenant.clone();
    tenant
        .settings
        .va_bank
        .iter()
        .map(|bank| BankReceiver {
            id: ctx.draw.id(),
            ifsc: bank.ifsc.clone(),
            bank_name: bank.bank_name.clone(),
        })
        .collect()
}

fn qr_receiver(
    set: &mut WorkingSet,
    ctx: &mut Context,
    methods: QrMethods,
    account: RawId,
) -> QrReceiver {
    let id = ctx.draw.id();
    let link = ShortLink::draw(ctx, LinkTarget::QrCode(id));
    let receiver =
        QrReceiver { id, short_code: link.code.clone(), methods, created_at: ctx.now.time };
    set.set_lookup(Lookup::QrCode(id), vec![account]);
    set.append().links.push(link);
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::apply;
    use crate::command::{Command, ScopedCommand, Submission};
    use crate::id::Seed;
    use crate::money::Paise;
    use crate::scope::{Mode, Scope};
    use crate::smart_collect::VirtualAccountDraft;
    use crate::tenant::Tenant;
    use crate::time::{DAY_SECONDS, Millis};
    use crate::working_set::Stop;

    const NOW: Millis = Millis(1_780_000_000_000);
    const NUMBER: &str = "2223330000000042";

    /// Decisions 48: live numbers are unique in the whole server, but an account is its merchant's
    /// alone: nobody else's settings close it, and nobody else hears of it.
    #[test]
    fn sc_53_opening_an_account_never_closes_another_merchants() {
        let mut draw = Seed::first(NOW.0, 1).draw();
        let mut set = WorkingSet::default();
        let mut merchant = |set: &mut WorkingSet, dormancy_days| {
            let id = crate::scope::ScopeId::drawn(Mode::Live, draw.number());
            let scope = Scope { id, merchant: draw.id(), mode: Mode::Live };
            let mut tenant = Tenant::new(scope, "Lotus".to_owned(), 0);
            tenant.settings.va_dormancy_days = dormancy_days;
            set.load_tenant(id, Some((tenant, 1)));
            set.load_lookup(Lookup::Endpoints(id), vec![]);
            id
        };
        let (owner, other) = (merchant(&mut set, 90), merchant(&mut set, 1));
        let idle_since = NOW.to_time().plus_seconds(-2 * DAY_SECONDS);
        let held = VirtualAccount {
            id: draw.id(),
            scope: owner,
            name: "Lotus".to_owned(),
            description: None,
            amount_expected: None,
            payments: 0,
            amount_paid: Paise::ZERO,
            notes: vec![],
            customer: None,
            account_number: Some(NUMBER.to_owned()),
            banks: vec![],
            vpa: None,
            qr_code: None,
            allowed_payers: vec![],
            order: None,
            close_by: None,
            last_activity_at: idle_since,
            created_at: idle_since,
            state: VirtualAccountState::Active,
        };
        let id = held.id;
        let holder = Lookup::AccountNumber(other.address_space(), NUMBER.to_owned());
        set.load_lookup(holder, vec![id.0]);
        set.load_virtual_account(id, Some((held, 1)));
        let number = NumberDraft { descriptor: Some("42".to_owned()), vanity: false };
        let receivers = ReceiversDraft { bank_account: Some(number), ..ReceiversDraft::default() };
        let draft = VirtualAccountDraft { receivers, ..VirtualAccountDraft::default() };
        let command = Command::Scoped(other, ScopedCommand::CreateVirtualAccount(draft));
        let submission = Submission { command, real: NOW, seed: Seed::first(NOW.0, 9) };
        let refused = apply(&mut set, &submission);
        assert!(matches!(refused, Err(Stop::Rejected(Rejection::DescriptorTaken))), "{refused:?}");
        assert!(set.into_changes().is_empty());
    }
}
