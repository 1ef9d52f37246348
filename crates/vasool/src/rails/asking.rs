//! Puts one instruction to its rail, and makes commands of the answers. Source: rails 8.3, 4.1.

use std::time::Duration;

use vasool_core::command::ScopedCommand;
use vasool_core::instruction::{BankAnswer, Instruction, InstructionKey};
use vasool_core::paper_nach::{NachAnswer, NachCommand, NachReport, NachRows};
use vasool_core::refunds::{RefundCommand, Report};
use vasool_core::reserve_pay::{MandateCommand, MandateRows, RailAnswer, RailReport};
use vasool_core::scope::ScopeId;
use vasool_core::time::Millis;
use vasool_store::{Store, StoreResult};

use super::{NachOrder, PayoutOrder, Rails, UpiOrder};

/// How long a rail may take, real time. After it nobody knows.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);

/// Whether the rail may know of an instruction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// It was written by this request a moment ago.
    Certainly,
    /// Somebody may have asked before.
    Perhaps,
}

/// What a rail must do, with what it must know.
pub enum Order {
    /// To a bank.
    Payout(Box<PayoutOrder>),
    /// To the UPI network.
    Upi(Box<UpiOrder>),
    /// To NACH.
    Nach(Box<NachOrder>),
}

impl Order {
    /// The order of an instruction; `None` where nobody must do it any more.
    pub async fn of(store: &Store, instruction: Instruction) -> StoreResult<Option<Order>> {
        // What a reset of the sandbox left behind is done by nobody.
        Ok(match instruction.key {
            InstructionKey::PayRefund(_) => {
                let order = store.payout(instruction).await?;
                let order = order.filter(|order| !order.tenant.retired);
                order.map(|order| Order::Payout(Box::new(order)))
            }
            InstructionKey::Authorise(_) | InstructionKey::Debit(_) | InstructionKey::Revoke(_) => {
                let order = store.upi_order(instruction).await?;
                let order = order.filter(|order| !order.tenant.retired);
                order.map(|order| Order::Upi(Box::new(order)))
            }
            InstructionKey::Register(_)
            | InstructionKey::Present(_)
            | InstructionKey::Withdraw(_) => {
                let order = store.nach_rail_rows(instruction).await?;
                let order = order.filter(|order| !order.tenant.retired);
                order.map(|order| Order::Nach(Box::new(order)))
            }
        })
    }

    /// Whose it is.
    pub fn scope(&self) -> ScopeId {
        match self {
            Order::Payout(order) => order.refund.scope,
            Order::Upi(order) => order.payment.scope,
            Order::Nach(order) => order.payment.scope,
        }
    }

    /// Asks the rail, and makes a command of each of its answers. `now`: the merchant's.
    pub async fn put(self, rails: &Rails, first: First, due: Millis) -> Vec<ScopedCommand> {
        match self {
            Order::Payout(order) => {
                let (refund, payment) = (order.refund.id, order.refund.payment);
                let report = |answer| Report { refund, payment, at: due, answer };
                let answers = ask_bank(rails, &order, first).await.into_iter();
                answers
                    .map(|answer| ScopedCommand::Refund(RefundCommand::Report(report(answer))))
                    .collect()
            }
            Order::Upi(order) => {
                let rows = MandateRows {
                    token: order.token.id,
                    payment: order.payment.id,
                    order: order.order.id,
                };
                let (was_told, answers) = ask_network(rails, &order, first, due).await;
                let report = |(at, answer)| RailReport {
                    key: order.instruction.key,
                    number: order.instruction.number,
                    rows,
                    at: due,
                    was_told: was_told && at == 0,
                    answer,
                };
                let reports = answers.into_iter().enumerate().map(report);
                reports
                    .map(|report| ScopedCommand::Mandate(MandateCommand::Report(report)))
                    .collect()
            }
            Order::Nach(order) => {
                let Some(paid) = order.payment.order else { return vec![] };
                let (token, payment) = (order.token.id, order.payment.id);
                let rows = NachRows { token, payment, order: paid };
                let (was_told, answers) = ask_nach(rails, &order, first).await;
                let (key, number) = (order.instruction.key, order.instruction.number);
                let report = |(at, answer)| {
                    let was_told = was_told && at == 0;
                    NachReport { key, number, rows, at: due, was_told, answer, first_debit: None }
                };
                let reports = answers.into_iter().enumerate().map(report);
                reports.map(|report| ScopedCommand::Nach(NachCommand::Report(report))).collect()
            }
        }
    }
}

/// The answers, and whether NACH was told rather than asked what became of it.
async fn ask_nach(rails: &Rails, order: &NachOrder, first: First) -> (bool, Vec<NachAnswer>) {
    let unknown = |why: &str| vec![NachAnswer::Unknown { why: why.to_owned() }];
    let Some(nach) = rails.nach(order.tenant.scope.mode, &order.token.connector) else {
        return (false, unknown("no connector to NACH"));
    };
    let mut was_told = false;
    let asking = async {
        if first == First::Perhaps
            && let Some(answers) = nach.status(order).await
        {
            return answers;
        }
        was_told = true;
        nach.tell(order).await
    };
    let answers = match tokio::time::timeout(ANSWER_TIMEOUT, asking).await {
        Ok(answers) => answers,
        Err(_) => unknown("NACH did not answer in time"),
    };
    (was_told, answers)
}

async fn ask_bank(rails: &Rails, order: &PayoutOrder, first: First) -> Vec<BankAnswer> {
    let mode = order.tenant.scope.mode;
    let unknown = |why: &str| vec![BankAnswer::Unknown { why: why.to_owned() }];
    let Some(bank) = rails.payout(mode, &order.refund.connector) else {
        return unknown("no connector pays out");
    };
    let asking = async {
        if first == First::Perhaps
            && let Some(answers) = bank.status(order).await
        {
            return answers;
        }
        bank.pay(order).await
    };
    match tokio::time::timeout(ANSWER_TIMEOUT, asking).await {
        Ok(answers) => answers,
        Err(_) => unknown("the bank did not answer in time"),
    }
}

/// The answers, and whether the network was told to do it rather than asked what became of it.
async fn ask_network(
    rails: &Rails,
    order: &UpiOrder,
    first: First,
    due: Millis,
) -> (bool, Vec<RailAnswer>) {
    let unknown = |why: &str| vec![RailAnswer::Unknown { why: why.to_owned() }];
    let Some(network) = rails.upi(order.tenant.scope.mode, &order.token.connector) else {
        return (false, unknown("no connector to the network"));
    };
    let mut was_told = false;
    let asking = async {
        if first == First::Perhaps {
            if let Some(answers) = network.status(order).await {
                return answers;
            }
            // After a time-out it is told again three times within a day, never blindly.
            if !order.instruction.may_be_told(due) {
                return vec![RailAnswer::NotKnown];
            }
        }
        was_told = true;
        match order.instruction.key {
            InstructionKey::Debit(_) => network.debit(order).await,
            InstructionKey::Revoke(_) => network.cancel(order).await,
            _ => network.authorise(order).await,
        }
    };
    let answers = match tokio::time::timeout(ANSWER_TIMEOUT, asking).await {
        Ok(answers) => answers,
        Err(_) => unknown("the network did not answer in time"),
    };
    (was_told, answers)
}
