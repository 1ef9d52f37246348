//! The sandbox's UPI network: payer's app, payer's bank and NPCI in one. Source: sandbox 3, 4, 7.
//!
//! It keeps nothing: what it says follows from the rows, the merchant's settings and armed faults,
//! so asking twice about one reference is harmless, also after a restart.

use vasool_core::calendar::india_date;
use vasool_core::failure::{Failure, Operation, authorisation};
use vasool_core::id::RawId;
use vasool_core::instruction::InstructionKey;
use vasool_core::payment::Payment;
use vasool_core::reserve_pay::{
    Approval, DebitReceipt, Outcome, RailAnswer, UpiYes, authorisation_outcome, debit_outcome,
};
use vasool_core::sandbox::{FaultTarget, RailOperation};
use vasool_core::token::Token;

use super::faults::{self, Side};
use crate::engine::Engine;
use crate::rails::{Answers, Status, UpiOrder, UpiRail};

/// Digits of the RRN that follow from the payment. Source: rails 1.8.
const RRN_TAIL: u128 = 100_000_000;
/// Why a network refuses to end a mandate, as far as the sandbox says.
const CANCEL_REFUSED: u8 = 34;

/// The network of test mode.
pub struct SandboxNetwork {
    /// Counts the faults it meets.
    engine: Engine,
}

impl SandboxNetwork {
    /// A network whose faults are counted through this engine.
    pub fn new(engine: Engine) -> SandboxNetwork {
        SandboxNetwork { engine }
    }

    async fn answer(&self, order: &UpiOrder) -> Vec<RailAnswer> {
        let side = Side { target: FaultTarget::Upi, name: "the network" };
        let unknown = |why| RailAnswer::Unknown { why };
        let operation = match order.instruction.key {
            InstructionKey::Debit(_) => RailOperation::Debit,
            InstructionKey::Revoke(_) => RailOperation::Cancel,
            _ => RailOperation::Authorisation,
        };
        faults::answers(&self.engine, &order.tenant, side, operation, decide(order), unknown).await
    }
}

/// What the network says when nothing goes wrong.
fn decide(order: &UpiOrder) -> RailAnswer {
    match order.instruction.key {
        InstructionKey::Debit(_) => match debit_outcome(&order.payment, &order.token) {
            Outcome::Yes => {
                let receipt = receipt(&order.payment);
                RailAnswer::Yes(UpiYes::Debited(receipt))
            }
            Outcome::Waits => RailAnswer::Pending { again_in_ms: None },
            Outcome::No(row) => RailAnswer::No(Failure::Upi(row, Operation::Debit)),
        },
        InstructionKey::Revoke(_) => {
            in_its_time(order).unwrap_or_else(|| match order.token.refuses_to_end() {
                true => RailAnswer::No(authorisation(CANCEL_REFUSED)),
                false => RailAnswer::Yes(UpiYes::Revoked),
            })
        }
        _ => match authorisation_outcome(&order.payment) {
            Outcome::Waits => RailAnswer::Pending { again_in_ms: None },
            Outcome::Yes => in_its_time(order).unwrap_or_else(|| {
                RailAnswer::Yes(UpiYes::Approved(approval(&order.token, &order.payment)))
            }),
            Outcome::No(row) => in_its_time(order)
                .unwrap_or(RailAnswer::No(Failure::Upi(row, Operation::Authorisation))),
        },
    }
}

/// Payers and networks take their time; with `auto` off they wait for a call. Source: sandbox 4.
fn in_its_time(order: &UpiOrder) -> Option<RailAnswer> {
    let settings = &order.tenant.settings;
    if !settings.auto {
        return Some(RailAnswer::Pending { again_in_ms: None });
    }
    let is_first = order.instruction.asked == 0 && settings.auto_delay > 0;
    is_first.then_some(RailAnswer::Pending { again_in_ms: Some(settings.auto_delay * 1000) })
}

/// How a payer approves who is asked for nothing else: by the number of the payment's contact.
pub fn approval(token: &Token, payment: &Payment) -> Approval {
    let digits: String =
        payment.contact.iter().flat_map(|text| text.chars()).filter(char::is_ascii_digit).collect();
    let local = digits.get(digits.len().saturating_sub(10)..).unwrap_or("9000000000").to_owned();
    Approval {
        vpa: format!("{local}@upi"),
        name: Some("TEST PAYER".to_owned()),
        mandate_number: Some(mandate_number(token)),
    }
}

/// A unique mandate number, the same whenever it is asked for. Source: rails 3.4.
pub fn mandate_number(token: &Token) -> String {
    format!("{}@upi", hexadecimal(token.id.0).to_lowercase())
}

/// What the network says about a debit that took place, the same whenever it is asked. Source:
/// reserve-pay 12.2.
pub fn receipt(payment: &Payment) -> DebitReceipt {
    let date = india_date(payment.created_at.to_millis());
    let tail = payment.id.0.to_number() % RRN_TAIL;
    DebitReceipt {
        rrn: format!("{}{:03}{tail:08}", date.year.rem_euclid(10), date.day_of_year),
        transaction_id: hexadecimal(payment.id.0),
    }
}

/// An id as 32 hexadecimal digits.
fn hexadecimal(id: RawId) -> String {
    format!("{:032X}", id.to_number())
}

impl UpiRail for SandboxNetwork {
    fn authorise<'a>(&'a self, order: &'a UpiOrder) -> Answers<'a, RailAnswer> {
        Box::pin(self.answer(order))
    }

    fn debit<'a>(&'a self, order: &'a UpiOrder) -> Answers<'a, RailAnswer> {
        Box::pin(self.answer(order))
    }

    fn cancel<'a>(&'a self, order: &'a UpiOrder) -> Answers<'a, RailAnswer> {
        Box::pin(self.answer(order))
    }

    fn status<'a>(&'a self, order: &'a UpiOrder) -> Status<'a, RailAnswer> {
        Box::pin(async { Some(self.answer(order).await) })
    }
}
