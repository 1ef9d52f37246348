//! A UPI network with a memory and a bad line: requests and answers get lost, answers come late,
//! twice, or only when it calls back. It does what a reference asks once, and says if it is told to
//! do what no payer allowed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use vasool::rails::{Answers, Status, UpiOrder, UpiRail};
use vasool_core::failure::{Failure, authorisation, debit};
use vasool_core::id::{PaymentId, TokenId};
use vasool_core::instruction::InstructionKey;
use vasool_core::payment::{MandateRole, Payment};
use vasool_core::reserve_pay::{Approval, DebitReceipt, MandateRows, RailAnswer, UpiYes};
use vasool_core::token::Token;

use crate::rng::Rng;

/// What the network knows a request by.
pub type Reference = (InstructionKey, i64);

/// Rows of the table of failures that the network answers with.
const REFUSALS: [u8; 6] = [2, 5, 18, 33, 44, 46];
/// Row 37: the payer did nothing in time.
pub const TIMED_OUT: u8 = 37;

/// What the network has decided about a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The payer or the bank has yet to act.
    Waits,
    /// Done.
    Yes,
    /// Refused, with this row.
    No(u8),
}

/// A debit the network was told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Debit {
    pub token: TokenId,
    pub amount: i64,
    pub sequence: i64,
}

/// The network; clones are lines to the same one.
#[derive(Clone)]
pub struct Network(Arc<Mutex<State>>);

struct State {
    rng: Rng,
    /// Of a hundred requests so many get lost; some lines are very bad.
    lost: usize,
    calm: Arc<Mutex<bool>>,
    words: BTreeMap<Reference, Word>,
    /// What each reference is about, as it was told first.
    rows: BTreeMap<Reference, MandateRows>,
    blocks: BTreeMap<TokenId, i64>,
    debits: BTreeMap<PaymentId, Debit>,
}

impl Network {
    pub fn new(seed: u64, calm: Arc<Mutex<bool>>) -> Network {
        let (words, rows, blocks, debits) = Default::default();
        let mut rng = Rng::new(seed);
        let lost = if rng.percent(20) { 65 } else { 15 };
        Network(Arc::new(Mutex::new(State { rng, lost, calm, words, rows, blocks, debits })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("unpoisoned")
    }

    /// What it has decided.
    pub fn word(&self, reference: Reference) -> Option<Word> {
        self.state().words.get(&reference).copied()
    }

    /// What a payer approved to be blocked, paise.
    pub fn block(&self, token: TokenId) -> Option<i64> {
        let approved = self.word((InstructionKey::Authorise(token), 1)) == Some(Word::Yes);
        self.state().blocks.get(&token).copied().filter(|_| approved)
    }

    /// Debits that took place.
    pub fn executed(&self) -> Vec<(PaymentId, Debit)> {
        let state = self.state();
        let is_done = |id: &PaymentId| state.words[&(InstructionKey::Debit(*id), 1)] == Word::Yes;
        let debits = state.debits.iter().filter(|(id, _)| is_done(id));
        debits.map(|(id, debit)| (*id, *debit)).collect()
    }

    /// Everything it knows, with the rows it is about.
    pub fn references(&self) -> Vec<(Reference, MandateRows, Word)> {
        let state = self.state();
        state.rows.iter().map(|(key, rows)| (*key, *rows, state.words[key])).collect()
    }

    /// Decides what waited, or what it has not been told yet, for the developer who plays payer and
    /// bank; what was decided before stays.
    pub fn decide(
        &self,
        key: Reference,
        token: &Token,
        payment: &Payment,
        wish: Option<Word>,
    ) -> Word {
        let mut state = self.state();
        if !state.words.contains_key(&key) {
            state.hear(key, token, payment);
        }
        if state.words[&key] == Word::Waits {
            let word = wish.unwrap_or_else(|| state.draw(key));
            let word = state.possible(key, word);
            state.words.insert(key, word);
        }
        state.words[&key]
    }

    /// Calls back about a reference: the answer, unless it has yet to be decided.
    pub fn call_back(&self, key: Reference) -> Option<RailAnswer> {
        let mut state = self.state();
        if state.words[&key] == Word::Waits {
            let word = state.draw(key);
            let word = state.possible(key, word);
            state.words.insert(key, word);
        }
        (state.words[&key] != Word::Waits).then(|| answer(key, state.words[&key]))
    }

    fn dice(&self) -> (usize, Duration) {
        let mut state = self.state();
        let calm = *state.calm.lock().expect("unpoisoned");
        let wait = Duration::from_millis(state.rng.number() % 40);
        let die = state.rng.below(100);
        if calm { (99, Duration::ZERO) } else { (die, wait) }
    }

    /// Hears a request, unless it is lost on the way, and answers it.
    async fn tell(&self, order: &UpiOrder) -> Vec<RailAnswer> {
        let (die, wait) = self.dice();
        tokio::time::sleep(wait).await;
        if die < self.state().lost {
            return vec![lost()];
        }
        let key = (order.instruction.key, order.instruction.number);
        {
            let mut state = self.state();
            let known = state.words.contains_key(&key);
            assert!(!known, "a network that knows a reference is not told again: {key:?}");
            state.hear(key, &order.token, &order.payment);
            let drawn = if die > 84 && die < 99 { Word::Waits } else { state.draw(key) };
            let word = state.possible(key, drawn);
            state.words.insert(key, word);
        }
        self.say(key).await
    }

    async fn say(&self, key: Reference) -> Vec<RailAnswer> {
        let (die, wait) = self.dice();
        tokio::time::sleep(wait).await;
        let word = self.state().words[&key];
        if word == Word::Waits {
            // Some are asked again, some call back.
            let again_in_ms = (die % 2 == 0).then_some(2_000);
            return vec![RailAnswer::Pending { again_in_ms }];
        }
        let answer = answer(key, word);
        match die {
            0..=14 => vec![lost()],
            15..=24 => vec![lost(), answer],
            25..=34 => vec![answer.clone(), answer],
            35..=44 => vec![RailAnswer::Pending { again_in_ms: Some(2_000) }],
            _ => vec![answer],
        }
    }
}

impl State {
    /// Takes a request down, and checks that it may be made at all.
    fn hear(&mut self, key: Reference, token: &Token, payment: &Payment) {
        let order = payment.order.expect("a payment of a mandate has an order");
        let rows = MandateRows { token: token.id, payment: payment.id, order };
        match key.0 {
            InstructionKey::Authorise(id) => {
                self.blocks.insert(id, token.amount.get());
            }
            InstructionKey::Debit(id) => {
                let Some(MandateRole::Debit { sequence }) =
                    payment.mandate.as_ref().map(|mandate| mandate.role)
                else {
                    panic!("{id} is no debit");
                };
                let debit = Debit { token: token.id, amount: payment.amount.get(), sequence };
                self.check_debit(debit);
                self.debits.insert(id, debit);
            }
            InstructionKey::Revoke(_) => {}
            _ => panic!("no bank"),
        }
        self.rows.insert(key, rows);
        self.words.insert(key, Word::Waits);
    }

    /// What it will do or has done never exceeds what the payer allowed.
    fn check_debit(&self, debit: Debit) {
        let approval = (InstructionKey::Authorise(debit.token), 1);
        assert_eq!(self.words.get(&approval), Some(&Word::Yes), "nobody allowed {debit:?}");
        let may_be_done =
            |id: &PaymentId| !matches!(self.words[&(InstructionKey::Debit(*id), 1)], Word::No(_));
        let others = self.debits.iter().filter(|(_, other)| other.token == debit.token);
        let mut taken = debit.amount;
        for (id, other) in others {
            assert_ne!(other.sequence, debit.sequence, "a sequence number is used once");
            taken += if may_be_done(id) { other.amount } else { 0 };
        }
        assert!(taken <= self.blocks[&debit.token], "{debit:?} is above the block");
    }

    /// Payers and banks say yes most of the time.
    fn draw(&mut self, key: Reference) -> Word {
        let refuses = self.rng.percent(match key.0 {
            InstructionKey::Authorise(_) => 12,
            InstructionKey::Debit(_) => 20,
            InstructionKey::Revoke(_) => 35,
            _ => 0,
        });
        let row = *self.rng.pick(&REFUSALS).expect("some");
        if refuses { Word::No(row) } else { Word::Yes }
    }

    /// What has ended cannot be approved or debited.
    fn possible(&self, key: Reference, word: Word) -> Word {
        let end = InstructionKey::Revoke(self.rows[&key].token);
        let mut ends = self.words.range((end, 0)..=(end, i64::MAX));
        let ended = ends.any(|(_, word)| *word == Word::Yes);
        match key.0 {
            InstructionKey::Revoke(_) => word,
            _ if ended => Word::No(34),
            _ => word,
        }
    }
}

fn lost() -> RailAnswer {
    RailAnswer::Unknown { why: "no answer".to_owned() }
}

/// A decided word as the network says it.
pub fn answer((key, _): Reference, word: Word) -> RailAnswer {
    match word {
        Word::Waits => RailAnswer::Pending { again_in_ms: None },
        Word::Yes => RailAnswer::Yes(match key {
            InstructionKey::Debit(id) => UpiYes::Debited(receipt(id)),
            InstructionKey::Revoke(_) => UpiYes::Revoked,
            InstructionKey::Authorise(id) => UpiYes::Approved(approval(id)),
            _ => panic!("no bank"),
        }),
        Word::No(row) => RailAnswer::No(refusal(key, row)),
    }
}

fn refusal(key: InstructionKey, row: u8) -> Failure {
    match key {
        InstructionKey::Debit(_) => debit(row),
        _ => authorisation(row),
    }
}

/// Who approves a mandate.
pub fn approval(token: TokenId) -> Approval {
    let number = token.0.to_number();
    Approval {
        vpa: format!("Payer{}@Bank", number % 7),
        name: number.is_multiple_of(2).then(|| "PAYER".to_owned()),
        mandate_number: Some(format!("{number:032x}@upi")),
    }
}

/// What is said of a debit that took place.
pub fn receipt(payment: PaymentId) -> DebitReceipt {
    let number = payment.0.to_number();
    DebitReceipt {
        rrn: format!("{:012}", number % 1_000_000_000_000),
        transaction_id: format!("{number:032X}"),
    }
}

impl UpiRail for Network {
    fn authorise<'a>(&'a self, order: &'a UpiOrder) -> Answers<'a, RailAnswer> {
        Box::pin(self.tell(order))
    }

    fn debit<'a>(&'a self, order: &'a UpiOrder) -> Answers<'a, RailAnswer> {
        Box::pin(self.tell(order))
    }

    fn cancel<'a>(&'a self, order: &'a UpiOrder) -> Answers<'a, RailAnswer> {
        Box::pin(self.tell(order))
    }

    fn status<'a>(&'a self, order: &'a UpiOrder) -> Status<'a, RailAnswer> {
        Box::pin(async move {
            let key = (order.instruction.key, order.instruction.number);
            match self.word(key) {
                Some(_) => Some(self.say(key).await),
                None => None,
            }
        })
    }
}
