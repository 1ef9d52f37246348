//! The rules of bulk files. Source: smart-collect 5.18, paper-nach 14, decisions 17.
//!
//! The rows of a file are stored a part at a time, by the one request that brought it; it is
//! whole with the last of them, and only then is a row done or the file seen. A row is done by
//! one command, which decides the same as the API's call would and writes the outcome beside the
//! effect: a row that has one is never done again. A refused row changes nothing, so its outcome
//! is a command of its own. Rows do not touch the file: its counters move on once all rows up to
//! a number have their outcomes.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::bulk::{
    BulkFile, BulkKind, BulkRow, BulkRowKey, BulkState, Made, Notify, RowOutcome, RowRefusal,
};
use crate::command::{OnDuplicate, Reply};
use crate::customer::{CustomerDraft, identity};
use crate::id::{BatchId, VirtualAccountId};
use crate::paper_nach::{LinkDraft, NewChargeDraft, charge_anew, create_link};
use crate::rejection::Rejection;
use crate::scope::ScopeId;
use crate::smart_collect::{self, VirtualAccountDraft, VirtualAccountEdit};
use crate::time::Time;
use crate::working_set::{Decision, Key, Lookup, WorkingSet};

/// Everything that can happen to a bulk file.
#[derive(Clone, Debug)]
pub enum BulkCommand {
    /// `POST /v1/batches`: the file, and its first rows.
    Store(BulkDraft),
    /// The rows behind those that are stored, the first of which has this number.
    Append(BatchId, i64, Rows),
    /// No more rows come. A file that is whole stays what it is.
    Abandon(BatchId),
    /// The first row is about to be taken up.
    Begin(BatchId),
    /// Does a row.
    DoRow(BulkRowKey, RowTask),
    /// Writes down that a row was refused.
    RefuseRow(BulkRowKey, RowRefusal),
    /// Counts the outcomes up to this row; the last one ends the file.
    CountUpTo(BulkRowKey, CountFrom),
}

/// The first row that [`BulkCommand::CountUpTo`] counts.
pub type CountFrom = i64;

/// The cells of rows, in order. Shared, because they are large and commands are copied.
pub type Rows = Arc<[Vec<String>]>;

/// A file to store.
#[derive(Clone, Debug)]
pub struct BulkDraft {
    /// What its rows ask for.
    pub kind: BulkKind,
    /// The file's name.
    pub name: Option<String>,
    /// See [`BulkFile::columns`].
    pub columns: Vec<String>,
    /// See [`BulkFile::notify`].
    pub notify: Notify,
    /// See [`BulkFile::schedule`].
    pub schedule: Option<Time>,
    /// How many rows it has in all.
    pub total: i64,
    /// Its first rows: all of them, or what [`BulkCommand::Append`] goes on with.
    pub rows: Rows,
}

/// What a row asks for, once it has been read.
#[derive(Clone, Debug)]
pub enum RowTask {
    /// Opens an account.
    OpenAccount(Box<OpenAccount>),
    /// Changes an account.
    EditAccount(VirtualAccountId, VirtualAccountEdit),
    /// Makes a registration link.
    Link(Box<LinkDraft>),
    /// Debits a mandate on paper.
    Debit(Box<NewChargeDraft>),
}

/// An account to open, and its customer.
#[derive(Clone, Debug)]
pub struct OpenAccount {
    /// Who is made unless the pair of e-mail and contact is known; `None` where the draft names
    /// the customer.
    pub customer: Option<CustomerDraft>,
    /// The account.
    pub account: VirtualAccountDraft,
}

impl RowTask {
    /// What it is about: rows that share any of this must be done in the order of the file.
    pub fn subjects(&self) -> Vec<String> {
        match self {
            RowTask::OpenAccount(open) => {
                let OpenAccount { customer, account } = &**open;
                let customer = customer
                    .as_ref()
                    .and_then(|draft| identity(draft.email.as_deref(), draft.contact.as_deref()));
                let number = account.receivers.bank_account.as_ref();
                let descriptor = number.and_then(|number| number.descriptor.as_deref());
                // As account numbers see it: capitals, and zeros on the left.
                let descriptor = descriptor
                    .map(|text| text.to_ascii_uppercase().trim_start_matches('0').to_owned());
                let subjects = [
                    customer.map(|identity| format!("customer {identity}")),
                    descriptor.map(|descriptor| format!("number {descriptor}")),
                ];
                subjects.into_iter().flatten().collect()
            }
            RowTask::EditAccount(id, _) => vec![id.to_string()],
            // The first of them makes the customer.
            RowTask::Link(draft) => draft
                .identity()
                .map(|identity| format!("customer {identity}"))
                .into_iter()
                .collect(),
            // A debit changes nothing that another one looks at, but for a receipt.
            RowTask::Debit(draft) => {
                let receipt = draft.order.receipt.as_ref();
                let receipt = receipt.filter(|_| draft.order.has_unique_receipt);
                receipt.map(|receipt| format!("receipt {receipt}")).into_iter().collect()
            }
        }
    }

    /// The rows it is known to need.
    fn keys(&self, scope: ScopeId) -> Vec<Key> {
        match self {
            RowTask::OpenAccount(open) => {
                let OpenAccount { customer, account } = &**open;
                let known = account.customer.map(Key::Customer);
                let described = customer.as_ref().and_then(|draft| draft.key(scope));
                known.into_iter().chain(described).collect()
            }
            RowTask::EditAccount(id, _) => vec![Key::VirtualAccount(*id)],
            RowTask::Link(draft) => draft.keys(scope),
            RowTask::Debit(draft) => draft.keys(scope),
        }
    }
}

/// Decides a command about bulk files.
pub(crate) fn decide(
    set: &mut WorkingSet,
    ctx: &mut Context,
    command: &BulkCommand,
) -> Decision<Reply> {
    match command {
        BulkCommand::Store(draft) => store(set, ctx, draft),
        BulkCommand::Append(id, first, rows) => append(set, ctx, *id, *first, rows),
        BulkCommand::Abandon(id) => abandon(set, ctx, *id),
        BulkCommand::Begin(id) => begin(set, ctx, *id),
        BulkCommand::DoRow(key, task) => do_row(set, ctx, *key, task),
        BulkCommand::RefuseRow(key, refusal) => {
            let row = own(ctx, set.bulk_row(key)?, |row| row.scope)?;
            decided(set, row, RowOutcome::Refused(refusal.clone()));
            Ok(Reply::Done)
        }
        BulkCommand::CountUpTo((file, last), first) => count(set, ctx, *file, *first, *last),
    }
}

/// Stores a file and its first rows.
fn store(set: &mut WorkingSet, ctx: &mut Context, draft: &BulkDraft) -> Decision<Reply> {
    let delay = ctx.tenant.settings.batch_delay;
    let due = ctx.now.millis.plus(delay.saturating_mul(1000));
    let file = BulkFile {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        kind: draft.kind,
        name: draft.name.clone(),
        columns: draft.columns.clone(),
        notify: draft.notify,
        schedule: draft.schedule,
        total: draft.total,
        succeeded: 0,
        failed: 0,
        state: BulkState::Storing { stored: 0, since: ctx.real },
        due: draft.schedule.map_or(due, |at| due.max(at.to_millis())),
        created_at: ctx.now.time,
    };
    Ok(put_rows(set, file, &draft.rows))
}

/// Stores more rows. Rejects: `NotFound`, also where they are not the next ones.
fn append(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: BatchId,
    first: i64,
    rows: &Rows,
) -> Decision<Reply> {
    let file = own(ctx, set.bulk_file(&id)?, |row| row.scope)?;
    match file.state {
        BulkState::Storing { stored, .. } if stored + 1 == first => {
            Ok(put_rows(set, BulkFile::clone(&file), rows))
        }
        _ => Err(Rejection::NotFound.into()),
    }
}

/// Puts rows behind those that are stored; with the last one the file is whole.
fn put_rows(set: &mut WorkingSet, mut file: BulkFile, rows: &Rows) -> Reply {
    if let BulkState::Storing { stored, since } = file.state {
        let mut number = stored;
        for cells in rows.iter() {
            number += 1;
            let (file, scope, cells) = (file.id, file.scope, cells.clone());
            set.put_bulk_row(BulkRow { file, number, scope, cells, outcome: None });
        }
        file.state = match number < file.total {
            true => BulkState::Storing { stored: number, since },
            false => BulkState::Created,
        };
    }
    let file = Arc::new(file);
    set.put_bulk_file(file.clone());
    Reply::BulkFile(file)
}

/// Rejects: `NotFound`.
fn abandon(set: &mut WorkingSet, ctx: &mut Context, id: BatchId) -> Decision<Reply> {
    let file = own(ctx, set.bulk_file(&id)?, |row| row.scope)?;
    if !matches!(file.state, BulkState::Storing { .. }) {
        return Ok(Reply::BulkFile(file));
    }
    let file = Arc::new(BulkFile { state: BulkState::Abandoned, ..BulkFile::clone(&file) });
    set.put_bulk_file(file.clone());
    Ok(Reply::BulkFile(file))
}

/// Rejects: `NotFound`.
fn begin(set: &mut WorkingSet, ctx: &mut Context, id: BatchId) -> Decision<Reply> {
    let file = own(ctx, set.bulk_file(&id)?, |row| row.scope)?;
    if file.state != BulkState::Created {
        return Ok(Reply::BulkFile(file));
    }
    let file = Arc::new(BulkFile { state: BulkState::Processing, ..BulkFile::clone(&file) });
    set.put_bulk_file(file.clone());
    Ok(Reply::BulkFile(file))
}

/// Does a row unless it has an outcome. Rejects: `NotFound`, and what the row's call rejects.
fn do_row(
    set: &mut WorkingSet,
    ctx: &mut Context,
    key: BulkRowKey,
    task: &RowTask,
) -> Decision<Reply> {
    let row = own(ctx, set.bulk_row(&key)?, |row| row.scope)?;
    if row.outcome.is_some() {
        return Ok(Reply::Done);
    }
    let reply = match task {
        RowTask::OpenAccount(open) => open_account(set, ctx, open)?,
        RowTask::EditAccount(id, edit) => smart_collect::update(set, ctx, *id, edit)?,
        RowTask::Link(draft) => create_link(set, ctx, draft)?,
        RowTask::Debit(draft) => charge_anew(set, ctx, draft)?,
    };
    let made = made(&reply).ok_or(Rejection::NotFound)?;
    decided(set, row, RowOutcome::Done(made));
    Ok(Reply::Done)
}

fn made(reply: &Reply) -> Option<Made> {
    Some(match reply {
        Reply::VirtualAccount(account) => {
            Made::Account { customer: account.customer, account: account.id }
        }
        Reply::Link(invoice, _) => Made::Link(invoice.id),
        Reply::Payment(payment) => Made::Debit { order: payment.order?, payment: payment.id },
        _ => return None,
    })
}

/// Opens an account for a customer who is known or new.
fn open_account(set: &mut WorkingSet, ctx: &mut Context, open: &OpenAccount) -> Decision<Reply> {
    let Some(customer) = &open.customer else {
        return smart_collect::open(set, ctx, &open.account);
    };
    let reply = crate::customers::create(set, ctx, customer, OnDuplicate::AnswerExisting)?;
    let Reply::Customer(customer) = reply else { return Err(Rejection::NotFound.into()) };
    let mut account = open.account.clone();
    account.customer = Some(customer.id);
    smart_collect::open(set, ctx, &account)
}

/// The first outcome of a row stays.
fn decided(set: &mut WorkingSet, row: Arc<BulkRow>, outcome: RowOutcome) {
    if row.outcome.is_none() {
        set.put_bulk_row(BulkRow { outcome: Some(outcome), ..BulkRow::clone(&row) });
    }
}

/// Counts outcomes. Does nothing where rows were counted already, or one has no outcome yet.
/// Rejects: `NotFound`.
fn count(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: BatchId,
    first: i64,
    last: i64,
) -> Decision<Reply> {
    let file = own(ctx, set.bulk_file(&id)?, |row| row.scope)?;
    if file.decided() + 1 != first {
        return Ok(Reply::BulkFile(file));
    }
    let mut counted = BulkFile::clone(&file);
    for number in first..=last {
        let row = own(ctx, set.bulk_row(&(id, number))?, |row| row.scope)?;
        match &row.outcome {
            Some(RowOutcome::Done(_)) => counted.succeeded += 1,
            Some(RowOutcome::Refused(_)) => counted.failed += 1,
            None => return Ok(Reply::BulkFile(file)),
        }
    }
    if counted.decided() == counted.total {
        counted.state = BulkState::Processed { at: ctx.now.time };
    }
    let counted = Arc::new(counted);
    set.put_bulk_file(counted.clone());
    Ok(Reply::BulkFile(counted))
}

impl BulkCommand {
    /// The rows it is known to need.
    pub fn keys(&self, scope: ScopeId) -> Vec<Key> {
        match self {
            BulkCommand::Store(_) => vec![],
            BulkCommand::Append(id, ..) | BulkCommand::Abandon(id) | BulkCommand::Begin(id) => {
                vec![Key::BulkFile(*id)]
            }
            BulkCommand::DoRow(key, task) => {
                let mut keys = task.keys(scope);
                keys.extend([Key::BulkRow(*key), Key::Lookup(Lookup::Endpoints(scope))]);
                keys
            }
            BulkCommand::RefuseRow(key, _) => vec![Key::BulkRow(*key)],
            BulkCommand::CountUpTo((file, last), first) => {
                let rows = (*first..=*last).map(|number| Key::BulkRow((*file, number)));
                rows.chain([Key::BulkFile(*file)]).collect()
            }
        }
    }

    /// Whether more rows are likely to turn out than [`BulkCommand::keys`] names.
    pub fn is_worth_probing(&self) -> bool {
        matches!(self, BulkCommand::DoRow(_, RowTask::OpenAccount(_)))
    }
}
