//! A NACH with a memory and a bad line: files and answers get lost, answers come late, twice, only when
//! the bank calls back, or after the line gave it up. It does what a reference asks once, and says if it is told to debit what
//! no mandate allows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use vasool::rails::{Answers, NachOrder, NachRail, Status};
use vasool_core::failure::NachFailure;
use vasool_core::id::{PaymentId, TokenId};
use vasool_core::instruction::InstructionKey;
use vasool_core::nach_codes::Code;
use vasool_core::nach_token::NachToken;
use vasool_core::paper_nach::{NachAnswer, NachRows};
use vasool_core::payment::Payment;

use crate::network::Reference;
use crate::rng::Rng;

/// Codes that banks refuse mandates with.
const MANDATE_CODES: [&str; 3] = ["M003", "M013", "unheard of"];
/// Codes that banks return debits with; the last two end the mandate too.
const DEBIT_CODES: [&str; 5] = ["04", "57", "59", "61", "21"];
/// What is said of a debit of a mandate that has ended.
const NOT_IN_FORCE: &str = "22";

/// What the banks have decided about a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// Not yet.
    Waits,
    /// Done.
    Yes,
    /// Refused.
    No(NachFailure),
}

/// A debit that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    pub token: TokenId,
    pub amount: i64,
}

/// NACH; clones are lines to the same one.
#[derive(Clone)]
pub struct Clearing(Arc<Mutex<State>>);

struct State {
    rng: Rng,
    /// Of a hundred requests so many get lost.
    lost: usize,
    calm: Arc<Mutex<bool>>,
    decided: BTreeMap<Reference, Decided>,
    /// What each reference is about, as it was told first.
    rows: BTreeMap<Reference, NachRows>,
    debits: BTreeMap<PaymentId, Presented>,
    /// What the line gave up for lack of an answer, though the bank may still give one.
    given_up: BTreeSet<Reference>,
}

impl Clearing {
    pub fn new(seed: u64, calm: Arc<Mutex<bool>>) -> Clearing {
        let (decided, rows, debits, given_up) = Default::default();
        let mut rng = Rng::new(seed);
        let lost = if rng.percent(20) { 60 } else { 12 };
        Clearing(Arc::new(Mutex::new(State { rng, lost, calm, decided, rows, debits, given_up })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("unpoisoned")
    }

    /// What was decided.
    pub fn decided(&self, reference: Reference) -> Option<Decided> {
        self.state().decided.get(&reference).copied()
    }

    /// Whether the line said no without having heard the bank.
    pub fn gave_up(&self, reference: Reference) -> bool {
        self.state().given_up.contains(&reference)
    }

    /// Debits that were honoured.
    pub fn honoured(&self) -> Vec<(PaymentId, Presented)> {
        let state = self.state();
        let is_done =
            |id: &PaymentId| state.decided[&(InstructionKey::Present(*id), 1)] == Decided::Yes;
        let debits = state.debits.iter().filter(|(id, _)| is_done(id));
        debits.map(|(id, debit)| (*id, *debit)).collect()
    }

    /// Everything it knows, with the rows it is about.
    pub fn references(&self) -> Vec<(Reference, NachRows, Decided)> {
        let state = self.state();
        state.rows.iter().map(|(key, rows)| (*key, *rows, state.decided[key])).collect()
    }

    /// Decides what waited, or what it has not been told yet, for the developer who plays the banks;
    /// what was decided before stays.
    pub fn decide(&self, key: Reference, token: &NachToken, payment: &Payment) -> Decided {
        let mut state = self.state();
        if !state.decided.contains_key(&key) {
            state.hear(key, token, payment);
        }
        state.settle(key)
    }

    /// Calls back about a reference it was told of.
    pub fn call_back(&self, key: Reference) -> NachAnswer {
        let decided = self.state().settle(key);
        answer(key, decided)
    }

    fn dice(&self) -> (usize, Duration) {
        let mut state = self.state();
        let calm = *state.calm.lock().expect("unpoisoned");
        let wait = Duration::from_millis(state.rng.number() % 40);
        let die = state.rng.below(100);
        if calm { (99, Duration::ZERO) } else { (die, wait) }
    }

    /// Hears a request, unless it is lost on the way, and answers it.
    async fn hear(&self, order: &NachOrder) -> Vec<NachAnswer> {
        let (die, wait) = self.dice();
        tokio::time::sleep(wait).await;
        if die < self.state().lost {
            return vec![lost()];
        }
        let key = (order.instruction.key, order.instruction.number);
        {
            let mut state = self.state();
            let known = state.decided.contains_key(&key);
            assert!(!known, "what is known is not told again: {key:?}");
            state.hear(key, &order.token, &order.payment);
            if die < 60 || die == 99 {
                state.settle(key);
            }
        }
        self.say(key).await
    }

    async fn say(&self, key: Reference) -> Vec<NachAnswer> {
        let (die, wait) = self.dice();
        tokio::time::sleep(wait).await;
        let decided = self.state().decided[&key];
        if decided == Decided::Waits {
            if die < 8 && !matches!(key.0, InstructionKey::Withdraw(_)) {
                self.state().given_up.insert(key);
                return vec![NachAnswer::Refused(no_answer(key.0))];
            }
            // Some are asked again, some call back.
            let again_in_ms = (die % 2 == 0).then_some(2_000);
            return vec![NachAnswer::Pending { again_in_ms }];
        }
        let answer = answer(key, decided);
        match die {
            0..=14 => vec![lost()],
            15..=24 => vec![lost(), answer],
            25..=34 => vec![answer.clone(), answer],
            35..=44 => vec![NachAnswer::Pending { again_in_ms: Some(2_000) }],
            _ => vec![answer],
        }
    }
}

impl State {
    /// Takes a request down, and checks that it may be made at all.
    fn hear(&mut self, key: Reference, token: &NachToken, payment: &Payment) {
        let order = payment.order.expect("a payment of a mandate has an order");
        if let InstructionKey::Present(id) = key.0 {
            let register = (InstructionKey::Register(token.id), 1);
            let allowed = self.decided.get(&register) == Some(&Decided::Yes);
            assert!(allowed, "nobody registered the mandate of {id}");
            assert!(payment.amount <= token.max_amount, "{id} is above its mandate");
            let debit = Presented { token: token.id, amount: payment.amount.get() };
            self.debits.insert(id, debit);
        }
        self.rows.insert(key, NachRows { token: token.id, payment: payment.id, order });
        self.decided.insert(key, Decided::Waits);
    }

    /// Decides what waits: banks say yes most of the time, and never to what has ended.
    fn settle(&mut self, key: Reference) -> Decided {
        if self.decided[&key] == Decided::Waits {
            let end = InstructionKey::Withdraw(self.rows[&key].token);
            let mut ends = self.decided.range((end, 0)..=(end, i64::MAX));
            let ended = ends.any(|(_, word)| *word == Decided::Yes);
            let decided = match key.0 {
                InstructionKey::Register(_) if ended || self.rng.percent(20) => {
                    let code = self.rng.pick(&MANDATE_CODES).copied();
                    Decided::No(NachFailure::of_mandate(code))
                }
                InstructionKey::Present(_) if ended => Decided::No(debit_failure(NOT_IN_FORCE)),
                InstructionKey::Present(_) if self.rng.percent(30) => {
                    Decided::No(debit_failure(self.rng.pick(&DEBIT_CODES).expect("some")))
                }
                InstructionKey::Withdraw(_) if self.rng.percent(35) => {
                    Decided::No(NachFailure::of_mandate(None))
                }
                _ => Decided::Yes,
            };
            self.decided.insert(key, decided);
        }
        self.decided[&key]
    }
}

fn debit_failure(code: &str) -> NachFailure {
    NachFailure::of_debit(Code::new(code).expect("a code"))
}

/// Why nobody waits for a bank any more.
pub fn no_answer(key: InstructionKey) -> NachFailure {
    match key {
        InstructionKey::Present(_) => NachFailure::DebitTimedOut,
        _ => NachFailure::NoAnswer,
    }
}

fn lost() -> NachAnswer {
    NachAnswer::Unknown { why: "no answer".to_owned() }
}

fn answer((key, _): Reference, decided: Decided) -> NachAnswer {
    match (decided, key) {
        (Decided::Waits, _) => NachAnswer::Pending { again_in_ms: None },
        (Decided::No(failure), _) => NachAnswer::Refused(failure),
        (Decided::Yes, InstructionKey::Present(_)) => NachAnswer::Honoured,
        (Decided::Yes, InstructionKey::Withdraw(_)) => NachAnswer::Ended,
        (Decided::Yes, InstructionKey::Register(id)) => {
            NachAnswer::Registered { umrn: Some(umrn(id)) }
        }
        (Decided::Yes, _) => panic!("no NACH"),
    }
}

/// The number a mandate gets.
pub fn umrn(token: TokenId) -> String {
    format!("HDFC{:016}", token.0.to_number() % 10_u128.pow(16))
}

impl NachRail for Clearing {
    fn tell<'a>(&'a self, order: &'a NachOrder) -> Answers<'a, NachAnswer> {
        Box::pin(self.hear(order))
    }

    fn status<'a>(&'a self, order: &'a NachOrder) -> Status<'a, NachAnswer> {
        Box::pin(async move {
            let key = (order.instruction.key, order.instruction.number);
            match self.decided(key) {
                Some(_) => Some(self.say(key).await),
                None => None,
            }
        })
    }
}
