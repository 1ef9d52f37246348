//! A bank with a memory and a bad line: answers get lost, come twice, or come late.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vasool::rails::{Answers, Payout, PayoutOrder, Status};
use vasool_core::id::RefundId;
use vasool_core::instruction::BankAnswer;

use crate::rng::Rng;

/// What the bank has decided about a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    Paid(i64),
    Refused,
}

/// The bank; clones are lines to the same one.
#[derive(Clone)]
pub struct Bank(Arc<Mutex<Ledger>>);

struct Ledger {
    rng: Rng,
    calm: Arc<Mutex<bool>>,
    words: BTreeMap<RefundId, Word>,
}

impl Bank {
    pub fn new(seed: u64, calm: Arc<Mutex<bool>>) -> Bank {
        Bank(Arc::new(Mutex::new(Ledger { rng: Rng::new(seed), calm, words: BTreeMap::new() })))
    }

    /// What the bank has decided.
    pub fn word(&self, refund: RefundId) -> Option<Word> {
        self.0.lock().expect("unpoisoned").words.get(&refund).copied()
    }

    fn dice(&self) -> (usize, Duration) {
        let mut ledger = self.0.lock().expect("unpoisoned");
        let calm = *ledger.calm.lock().expect("unpoisoned");
        let wait = Duration::from_millis(ledger.rng.number() % 40);
        let die = ledger.rng.below(100);
        if calm { (99, Duration::ZERO) } else { (die, wait) }
    }

    async fn say(&self, word: Word) -> Vec<BankAnswer> {
        let (die, wait) = self.dice();
        tokio::time::sleep(wait).await;
        let answer = match word {
            Word::Paid(_) => BankAnswer::Paid { reference: None },
            Word::Refused => BankAnswer::Refused { reason: "closed".to_owned() },
        };
        let lost = BankAnswer::Unknown { why: "no answer".to_owned() };
        match die {
            0..=14 => vec![lost],
            15..=24 => vec![lost, answer],
            25..=34 => vec![answer.clone(), answer],
            35..=44 => vec![BankAnswer::Pending { again_in_ms: Some(2_000) }],
            _ => vec![answer],
        }
    }
}

impl Payout for Bank {
    fn pay<'a>(&'a self, order: &'a PayoutOrder) -> Answers<'a> {
        Box::pin(async move {
            let (die, wait) = self.dice();
            tokio::time::sleep(wait).await;
            if die < 15 {
                // Lost on the way: the bank has heard nothing.
                return vec![BankAnswer::Unknown { why: "no answer".to_owned() }];
            }
            let word = if die < 30 { Word::Refused } else { Word::Paid(order.refund.amount.get()) };
            {
                let mut ledger = self.0.lock().expect("unpoisoned");
                let known = ledger.words.insert(order.refund.id, word);
                assert_eq!(known, None, "a bank that knows a reference is not told to pay again");
            }
            self.say(word).await
        })
    }

    fn status<'a>(&'a self, order: &'a PayoutOrder) -> Status<'a> {
        Box::pin(async move {
            match self.word(order.refund.id) {
                Some(word) => Some(self.say(word).await),
                None => None,
            }
        })
    }
}
