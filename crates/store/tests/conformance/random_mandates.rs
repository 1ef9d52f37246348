//! Mandates and failures with unkind values.

use vasool_core::failure::{Failure, MandateFault, Operation, ROWS};
use vasool_core::money::Paise;
use vasool_core::payment::{MandateRole, MandateUse};
use vasool_core::token::{Token, TokenPayer, TokenState};

use crate::random::Random;

impl Random {
    pub fn mandate_use(&mut self) -> MandateUse {
        let role = match self.flag() {
            true => MandateRole::Approval { until: self.time() },
            false => MandateRole::Debit { sequence: self.int() },
        };
        MandateUse {
            token: self.id(),
            connector: self.text(),
            role,
            upi_transaction_id: self.some(Random::text),
        }
    }

    pub fn failure(&mut self) -> Failure {
        let row = &ROWS[self.below(47) as usize];
        self.one_of(&[
            Failure::Upi(row, Operation::Authorisation),
            Failure::Upi(row, Operation::Debit),
            Failure::Mandate(MandateFault::Paused),
            Failure::Cancelled,
        ])
    }

    pub fn token(&mut self) -> Token {
        let mode = self.mode();
        let amount = self.paise();
        let amount = Paise::new(amount.get().max(10)).expect("an amount");
        let part = Paise::new(amount.get() / 3).expect("an amount");
        Token {
            id: self.id(),
            scope: self.scope(mode),
            customer: self.id(),
            order: self.id(),
            payment: self.id(),
            connector: self.text(),
            opaque: self.text(),
            payer: self.some(|random| TokenPayer {
                vpa: random.text(),
                name: random.some(Random::text),
                received_at: random.time(),
            }),
            state: self.one_of(&TokenState::ALL),
            failure: self.some(Random::failure),
            amount,
            blocked: amount,
            debited: part,
            held: part,
            debits: self.below(999) as i64,
            max_amount: amount,
            approve_by: self.time(),
            expires_at: self.time(),
            starts_at: self.time(),
            created_at: self.time(),
            used_at: self.some(Random::time),
            mandate_number: self.some(Random::text),
            trigger: self.some(Random::text),
            is_deleted: self.flag(),
        }
    }
}
