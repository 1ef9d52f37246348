//! From a command to the rule that decides it.

use std::sync::Arc;

use crate::command::{Command, Now, Reply, ScopedCommand, Submission};
use crate::event::{EventKind, Occurrence, Snapshot};
use crate::id::{Draw, RawId};
use crate::rejection::Rejection;
use crate::scope::{Mode, Scope, ScopeId};
use crate::smart_collect;
use crate::tenant::Tenant;
use crate::time::Millis;
use crate::timer::TimerKey;
use crate::webhook::Delivery;
use crate::working_set::{Decision, Key, Stop, WorkingSet};
use crate::{
    bank_accounts, bulk_rules, captures, customers, endpoints, inbound, merchants, orders,
};
use crate::{paper_nach, qr_codes, refunds, reserve_pay, sandbox_rules};

/// What every rule about one merchant needs besides rows.
pub struct Context {
    /// Whose data.
    pub scope: Scope,
    /// Clock and settings.
    pub tenant: Arc<Tenant>,
    /// The merchant's now, or the due time of the timer that fires.
    pub now: Now,
    /// Real time.
    pub real: Millis,
    /// Where ids come from.
    pub draw: Draw,
}

/// Decides a command on the rows of the working set. Pure: the same submission on the same rows
/// gives the same rows and reply. On `Err` the set is as it was before.
pub fn apply(set: &mut WorkingSet, submission: &Submission) -> Decision<Reply> {
    let decision = decide(set, submission);
    match decision {
        Ok(_) => set.keep(),
        Err(_) => set.drop_staged(),
    }
    decision
}

/// Which row a command misses, if any, without changing anything.
pub fn probe(set: &mut WorkingSet, submission: &Submission) -> Option<Key> {
    let decision = decide(set, submission);
    set.drop_staged();
    match decision {
        Err(Stop::Missing(key)) => Some(key),
        _ => None,
    }
}

fn decide(set: &mut WorkingSet, submission: &Submission) -> Decision<Reply> {
    let mut draw = submission.seed.draw();
    let real = submission.real;
    let (scope, command) = match &submission.command {
        Command::CreateMerchant(draft) => return merchants::create(set, draft, real, &mut draw),
        Command::CreateKey(merchant, draft) => {
            return merchants::create_key(set, *merchant, draft, real, &mut draw);
        }
        Command::ExpireKey(id) => return merchants::expire_key(set, *id, real),
        Command::Scoped(scope, command) => (*scope, command),
    };
    let tenant = set.tenant(&scope)?.ok_or(Rejection::NotFound)?;
    let scope = tenant.scope;
    if tenant.retired {
        return Err(Rejection::ScopeRetired.into());
    }
    let now = tenant.now(real);
    let now = match (command, scope.mode) {
        // What the clock makes due happens when it was due, not when a worker got to it.
        (ScopedCommand::FireTimer(_, due), _) => (*due).min(now),
        // A retry in test mode was made when it fell due; in live mode, when it was made.
        (ScopedCommand::RecordAttempt(_, _, at, _), Mode::Test) => (*at).min(now),
        (ScopedCommand::Refund(command), Mode::Test) => {
            command.happened_at().map_or(now, |at| at.min(now))
        }
        (ScopedCommand::Nach(command), Mode::Test) => {
            command.happened_at().map_or(now, |at| at.min(now))
        }
        (ScopedCommand::Mandate(command), Mode::Test) => {
            command.happened_at().map_or(now, |at| at.min(now))
        }
        _ => now,
    };
    let mut context = Context { scope, tenant, now: Now::at(now), real, draw };
    scoped(set, &mut context, command)
}

fn scoped(set: &mut WorkingSet, ctx: &mut Context, command: &ScopedCommand) -> Decision<Reply> {
    use ScopedCommand::*;
    match command {
        CreateCustomer(draft, on_duplicate) => customers::create(set, ctx, draft, *on_duplicate),
        EditCustomer(id, edit) => customers::edit(set, ctx, *id, edit),
        AddBankAccount(id, draft) => bank_accounts::add(set, ctx, *id, draft),
        DeleteBankAccount(id, account) => bank_accounts::delete(set, ctx, *id, *account),
        CreateFundAccount(id, draft) => bank_accounts::fund(set, ctx, *id, draft),
        CreateOrder(draft) => orders::create(set, ctx, draft),
        EditOrder(id, notes) => orders::edit(set, ctx, *id, notes),
        CapturePayment(id, amount) => captures::capture(set, ctx, *id, *amount),
        CreateVirtualAccount(draft) => smart_collect::open(set, ctx, draft),
        CloseVirtualAccount(id) => smart_collect::close(set, ctx, *id),
        UpdateVirtualAccount(id, edit) => smart_collect::update(set, ctx, *id, edit),
        AddReceivers(id, draft) => smart_collect::add_receivers(set, ctx, *id, draft),
        AddPayer(id, draft) => smart_collect::add_payer(set, ctx, *id, draft.as_ref()),
        RemovePayer(id, payer) => smart_collect::remove_payer(set, ctx, *id, *payer),
        CreateQrCode(draft) => qr_codes::create(set, ctx, draft),
        EditQrCode(id, notes) => qr_codes::edit(set, ctx, *id, notes),
        CloseQrCode(id) => qr_codes::close(set, ctx, *id),
        ReceiveTransfer(transfer) => inbound::receive(set, ctx, transfer),
        EditPaymentNotes(id, notes) => refunds::edit_payment_notes(set, ctx, *id, notes),
        Refund(command) => refunds::decide(set, ctx, command),
        Mandate(command) => reserve_pay::decide(set, ctx, command),
        Nach(command) => paper_nach::decide(set, ctx, command),
        Bulk(command) => bulk_rules::decide(set, ctx, command),
        FireTimer(TimerKey::CloseVirtualAccount(id), _) => smart_collect::on_timer(set, ctx, *id),
        FireTimer(TimerKey::CloseQrCode(id), _) => qr_codes::on_timer(set, ctx, *id),
        FireTimer(TimerKey::ChangeToken(id), _) => reserve_pay::on_timer(set, ctx, *id),
        FireTimer(TimerKey::ExpireInvoice(id), _) => paper_nach::on_timer(set, ctx, *id),
        FireTimer(TimerKey::ReturnUncaptured(id), _) => captures::return_uncaptured(set, ctx, *id),
        CreateEndpoint(draft) => endpoints::create(set, ctx, draft),
        EditEndpoint(id, edit) => endpoints::edit(set, ctx, *id, edit),
        DeleteEndpoint(id) => endpoints::delete(set, ctx, *id),
        RecordAttempt(event, endpoint, _, outcome) => {
            endpoints::record_attempt(set, ctx, (*event, *endpoint), outcome)
        }
        ReplayEvents(endpoint, events) => endpoints::replay(set, ctx, *endpoint, events),
        SetClock(change) => sandbox_rules::set_clock(set, ctx, *change),
        ChangeSettings(changes) => sandbox_rules::change_settings(set, ctx, changes),
        ArmFault(draft) => sandbox_rules::arm_fault(set, ctx, draft),
        DisarmFaults => sandbox_rules::disarm_faults(set, ctx),
        MeetFault(event, endpoint, name) => {
            sandbox_rules::meet_fault(set, ctx, (*event, *endpoint), *name)
        }
        MeetRailFault(target, operation) => {
            sandbox_rules::meet_rail_fault(set, ctx, *target, *operation)
        }
        ResetSandbox => sandbox_rules::reset(set, ctx),
    }
}

impl Context {
    /// Tells the merchant: stores the occurrence, and a delivery of each of its events for every
    /// endpoint that listens, in this command's transaction. `subject`: what keeps first attempts
    /// in order.
    pub fn announce(
        &mut self,
        set: &mut WorkingSet,
        subject: RawId,
        kinds: &[EventKind],
        snapshot: Snapshot,
    ) -> Decision<()> {
        let occurrence = Occurrence {
            id: self.draw.occurrence(),
            scope: self.scope,
            subject,
            created_at: self.now.time,
            kinds: kinds.to_vec(),
            snapshot,
        };
        let endpoints = set.endpoints_of(self.scope.id)?;
        for (event, kind) in occurrence.events() {
            for endpoint in endpoints.iter().filter(|row| row.listens_to(kind.as_str())) {
                set.put_delivery(Delivery::of(
                    &occurrence,
                    (event, kind),
                    endpoint,
                    self.now.millis,
                ));
            }
        }
        set.append().occurrences.push(occurrence);
        Ok(())
    }
}

/// Gives a row back only to its owner: other merchants and modes see nothing. Source: common 2.
pub fn own<T>(
    ctx: &Context,
    row: Option<Arc<T>>,
    scope_of: impl Fn(&T) -> ScopeId,
) -> Result<Arc<T>, Stop> {
    row.filter(|row| scope_of(row) == ctx.scope.id).ok_or(Stop::Rejected(Rejection::NotFound))
}
