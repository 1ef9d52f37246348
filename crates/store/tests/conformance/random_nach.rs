//! Random mandates on paper.

use vasool_core::failure::NachFailure;
use vasool_core::filing::Filing;
use vasool_core::instruction::InstructionKey;
use vasool_core::invoice::{Invoice, InvoiceState};
use vasool_core::money::Paise;
use vasool_core::nach_codes::{debit, mandate};
use vasool_core::nach_form::{AccountKind, NachAccount, NachForm, Registration};
use vasool_core::nach_token::{NachState, NachToken};
use vasool_core::paper_nach::NachScan;

use crate::random::Random;

impl Random {
    fn nach_failure(&mut self) -> NachFailure {
        match self.below(4) {
            0 => NachFailure::Debit(&debit::CODES[self.below(debit::CODES.len() as u64) as usize]),
            1 => {
                let at = self.below(mandate::CODES.len() as u64) as usize;
                NachFailure::Mandate(Some(&mandate::CODES[at]))
            }
            2 => NachFailure::NoAnswer,
            _ => NachFailure::Withdrawn,
        }
    }

    fn nach_account(&mut self) -> NachAccount {
        NachAccount {
            number: self.text(),
            ifsc: self.text(),
            holder: self.text(),
            kind: self.one_of(&AccountKind::ALL),
        }
    }

    pub fn nach_form(&mut self) -> NachForm {
        let mode = self.mode();
        let max_amount = self.paise();
        let registrations = [
            Registration::Open,
            Registration::Confirmed,
            Registration::Rejected(self.nach_failure()),
        ];
        NachForm {
            order: self.id(),
            scope: self.scope(mode),
            customer: self.id(),
            invoice: self.some(Random::id),
            account: self.nach_account(),
            email: self.some(Random::text),
            contact: self.some(Random::text),
            max_amount,
            shown_end: self.some(Random::time),
            ends_at: self.time(),
            has_end: self.flag(),
            first_payment: self.one_of(&[Paise::ZERO, max_amount]),
            reference1: self.some(Random::text),
            reference2: self.some(Random::text),
            description: self.some(Random::text),
            notes: self.notes(),
            form_code: self.text(),
            transient_code: self.text(),
            upload_code: self.text(),
            registration: self.one_of(&registrations),
            created_at: self.time(),
        }
    }

    pub fn nach_token(&mut self) -> NachToken {
        let mode = self.mode();
        NachToken {
            id: self.id(),
            scope: self.scope(mode),
            customer: self.id(),
            order: self.id(),
            payment: self.id(),
            connector: self.text(),
            opaque: self.text(),
            account: self.nach_account(),
            state: self.one_of(&NachState::ALL),
            failure: self.some(Random::nach_failure),
            max_amount: self.paise(),
            ends_at: self.time(),
            used_at: self.time(),
            created_at: self.time(),
            umrn: self.some(Random::text),
            trigger: self.some(Random::text),
            is_deleted: self.flag(),
        }
    }

    pub fn nach_scan(&mut self) -> NachScan {
        let mode = self.mode();
        NachScan {
            payment: self.id(),
            scope: self.scope(mode),
            picture: vec![0xff, 0xd8, 0, 1, 2].into(),
            digest: self.text(),
            channel: self.one_of(&["api", "page"]),
            created_at: self.time(),
        }
    }

    pub fn filing(&mut self) -> Filing {
        let mode = self.mode();
        let keys = [
            InstructionKey::Register(self.id()),
            InstructionKey::Present(self.id()),
            InstructionKey::Withdraw(self.id()),
        ];
        Filing {
            key: self.one_of(&keys),
            number: self.int(),
            scope: self.scope(mode),
            connector: self.text(),
            amount: self.paise(),
            due: self.millis(),
        }
    }

    pub fn invoice(&mut self) -> Invoice {
        let mode = self.mode();
        let states = [
            InvoiceState::Issued,
            InvoiceState::Paid { at: self.time(), payment: self.id() },
            InvoiceState::Cancelled(self.time()),
            InvoiceState::Expired(self.time()),
        ];
        Invoice {
            id: self.id(),
            scope: self.scope(mode),
            order: self.id(),
            customer: self.id(),
            name: self.some(Random::text),
            email: self.some(Random::text),
            contact: self.some(Random::text),
            gstin: self.some(Random::text),
            receipt: self.some(Random::text),
            description: self.text(),
            notes: self.notes(),
            expire_by: self.some(Random::time),
            state: self.one_of(&states),
            sms_sent: self.flag(),
            email_sent: self.flag(),
            code: self.text(),
            created_at: self.time(),
        }
    }
}
