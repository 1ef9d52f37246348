//! Rows with unkind values, the same at every run.

use vasool_core::customer::{Customer, Notes};
use vasool_core::id::{RawId, Seed};
use vasool_core::ledger::{Account, Cause, Posting};
use vasool_core::money::{Fee, Paise};
use vasool_core::order::{CapturePlan, MandateTerms, Order, OrderState, PartialPayment};
use vasool_core::payment::*;
use vasool_core::receiver::{AllowedPayer, BankReceiver, QrMethods, QrReceiver, VpaReceiver};
use vasool_core::scope::{Mode, Scope, ScopeId};
use vasool_core::settings::SettingValue;
use vasool_core::short_link::{LinkTarget, ShortLink};
use vasool_core::tenant::{ApiKey, Merchant, Sealed, Tenant, TestClock};
use vasool_core::time::{Millis, Time};
use vasool_core::timer::{Timer, TimerKey};
use vasool_core::transfer::*;
use vasool_core::virtual_account::{StatementLine, VirtualAccount, VirtualAccountState};

/// Texts that a careless store would damage.
const TEXTS: &[&str] = &[
    "",
    " ",
    "plain",
    "it's \"quoted\"",
    "back\\slash",
    "tab\tand\nline",
    "$1 ?1 %s :x",
    "NULL",
    "मीरा शर्मा",
    "e\u{301}",
    "\u{1F600}\u{200D}\u{1F680}",
    "'; DROP TABLE payments; --",
    "\u{FFFD}",
    "\\x00",
    "{\"a\":1}",
    "\u{7f}\u{1}",
    "ﬀ ＡＢＣ",
    "\u{10FFFF}",
];

/// Draws values.
pub struct Random {
    pub draw: vasool_core::id::Draw,
}

impl Random {
    pub fn new(noise: u64) -> Random {
        Random { draw: Seed::first(1_780_000_000_000, noise).draw() }
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw.number() % bound
    }

    pub fn id<T: From<RawId>>(&mut self) -> T {
        self.draw.id()
    }

    pub fn scope(&mut self, mode: Mode) -> ScopeId {
        ScopeId::drawn(mode, self.draw.number())
    }

    pub fn mode(&mut self) -> Mode {
        if self.flag() { Mode::Test } else { Mode::Live }
    }

    pub fn flag(&mut self) -> bool {
        self.below(2) == 0
    }

    pub fn text(&mut self) -> String {
        let parts = self.below(3) + 1;
        (0..parts).map(|_| TEXTS[self.below(TEXTS.len() as u64) as usize]).collect()
    }

    pub fn some<T>(&mut self, value: impl FnOnce(&mut Random) -> T) -> Option<T> {
        if self.flag() { Some(value(self)) } else { None }
    }

    pub fn int(&mut self) -> i64 {
        match self.below(6) {
            0 => i64::MAX,
            1 => i64::MIN,
            2 => 0,
            3 => -1,
            _ => self.draw.number() as i64,
        }
    }

    pub fn time(&mut self) -> Time {
        Time(self.int())
    }

    pub fn millis(&mut self) -> Millis {
        Millis(self.int())
    }

    pub fn paise(&mut self) -> Paise {
        let most = Paise::MAX.get();
        let paise = match self.below(3) {
            0 => most,
            1 => 1,
            _ => 1 + self.below(most as u64) as i64,
        };
        Paise::new(paise).unwrap()
    }

    pub fn notes(&mut self) -> Notes {
        (0..self.below(3)).map(|_| (self.text(), self.text())).collect()
    }

    pub fn sealed(&mut self) -> Sealed {
        Sealed((0..self.below(40)).map(|_| self.below(256) as u8).collect())
    }

    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    pub fn merchant(&mut self) -> Merchant {
        Merchant {
            id: self.id(),
            name: self.text(),
            parent: self.some(Random::id),
            live_scope: self.scope(Mode::Live),
            test_scope: self.scope(Mode::Test),
            created_at: self.time(),
        }
    }

    pub fn api_key(&mut self, merchant: &Merchant) -> ApiKey {
        ApiKey {
            id: self.id(),
            merchant: merchant.id,
            mode: self.mode(),
            secret: self.sealed(),
            created_at: self.time(),
            expires_at: self.some(Random::time),
        }
    }

    pub fn tenant(&mut self) -> Tenant {
        let mode = self.mode();
        let scope = Scope { id: self.scope(mode), merchant: self.id(), mode };
        let mut tenant = Tenant::new(scope, self.text(), self.int());
        tenant.retired = self.flag();
        tenant.clock = TestClock { offset: self.int(), frozen_at: self.some(Random::millis) };
        tenant.faults_armed = self.int();
        if self.flag() {
            let label = SettingValue::Text(Some("Lotus \u{20b9}".to_owned()));
            assert!(tenant.settings.set("billing_label", label));
        }
        tenant
    }

    pub fn customer(&mut self) -> Customer {
        let mode = self.mode();
        Customer {
            id: self.id(),
            scope: self.scope(mode),
            name: self.some(Random::text),
            email: self.some(Random::text),
            contact: self.some(Random::text),
            gstin: self.some(Random::text),
            notes: self.notes(),
            created_at: self.time(),
        }
    }

    /// An account that was not paid yet.
    pub fn virtual_account(&mut self) -> VirtualAccount {
        let mode = self.mode();
        let state = match self.flag() {
            true => VirtualAccountState::Active,
            false => VirtualAccountState::Closed { at: self.time() },
        };
        let bank =
            BankReceiver { id: self.id(), ifsc: self.text(), bank_name: self.some(Random::text) };
        let created_at = self.time();
        VirtualAccount {
            id: self.id(),
            scope: self.scope(mode),
            name: self.text(),
            description: self.some(Random::text),
            amount_expected: self.some(Random::paise),
            payments: 0,
            amount_paid: Paise::ZERO,
            notes: self.notes(),
            customer: None,
            account_number: self.some(Random::text),
            banks: vec![bank],
            vpa: self.some(|random| VpaReceiver {
                id: random.id(),
                username: format!("rpy.{}", random.below(u64::MAX)),
                handle: "icici".to_owned(),
            }),
            qr_code: self.some(|random| QrReceiver {
                id: random.id(),
                short_code: random.text(),
                methods: QrMethods { card: random.flag(), upi: random.flag() },
                created_at: random.time(),
            }),
            allowed_payers: (0..self.below(3))
                .map(|_| AllowedPayer {
                    id: self.id(),
                    ifsc: self.text(),
                    account_number: self.text(),
                })
                .collect(),
            order: None,
            close_by: self.some(Random::time),
            last_activity_at: created_at,
            created_at,
            state,
        }
    }

    pub fn payment(&mut self) -> Payment {
        let mode = self.mode();
        let amount = self.paise();
        let state = match self.below(5) {
            0 => PaymentState::Authorized,
            1 => PaymentState::Captured {
                fee: Fee { fee: self.paise(), tax: self.paise() },
                refunded: amount,
            },
            2 => PaymentState::Created,
            3 => PaymentState::Failed(self.failure()),
            _ => PaymentState::Returned,
        };
        Payment {
            id: self.id(),
            scope: self.scope(mode),
            amount,
            method: match self.below(3) {
                0 => Method::BankTransfer,
                1 => Method::Upi { vpa: self.some(Random::text) },
                _ => Method::Card(self.card()),
            },
            state,
            description: self.some(Random::text),
            email: self.some(Random::text),
            contact: self.some(Random::text),
            customer: self.some(Random::id),
            notes: self.notes(),
            bank_reference: self.some(Random::text),
            virtual_account: Some(self.id()),
            qr_code: self.some(Random::id),
            order: self.some(Random::id),
            invoice: self.some(Random::id),
            mandate: self.some(Random::mandate_use),
            created_at: self.time(),
        }
    }

    fn card(&mut self) -> Card {
        Card {
            id: self.id(),
            name: self.text(),
            last4: self.text(),
            network: self.text(),
            kind: self.text(),
            issuer: self.text(),
        }
    }

    pub fn link(&mut self, at: usize) -> ShortLink {
        let mode = self.mode();
        let target = LinkTarget::QrCode(self.id());
        ShortLink { code: format!("code{at:04}"), scope: self.scope(mode), target }
    }

    pub fn order(&mut self) -> Order {
        let mode = self.mode();
        let amount = self.paise();
        Order {
            id: self.id(),
            scope: self.scope(mode),
            amount,
            amount_paid: self.one_of(&[Paise::ZERO, amount]),
            receipt: self.some(Random::text),
            has_unique_receipt: false,
            state: self.one_of(&[OrderState::Created, OrderState::Attempted, OrderState::Paid]),
            attempts: self.below(9) as i64,
            is_authorized: self.flag(),
            partial_payment: match self.flag() {
                true => PartialPayment::Refused,
                false => PartialPayment::Allowed { first: self.paise() },
            },
            capture: CapturePlan {
                is_automatic: self.flag(),
                manual_expiry_minutes: self.below(7_000) as i64,
                refunds_optimum: self.flag(),
            },
            customer: self.some(Random::id),
            mandate: self.some(|random| MandateTerms {
                max_amount: random.paise(),
                expires_at: random.time(),
            }),
            has_nach_form: self.flag(),
            token: self.some(Random::id),
            open: (0..self.below(3)).map(|_| self.id()).collect(),
            notes: self.notes(),
            created_at: self.time(),
        }
    }

    pub fn transfer(&mut self, payment: &Payment) -> Transfer {
        let kinds = [AccountType::Savings, AccountType::Current, AccountType::Nre];
        let payer = Payer {
            name: self.some(Random::text),
            account_number: self.some(Random::text),
            ifsc: self.some(Random::text),
            vpa: self.some(Random::text),
            account_type: self.one_of(&kinds),
        };
        let modes = [TransferMode::Neft, TransferMode::Rtgs, TransferMode::Upi, TransferMode::Card];
        let payee = match self.below(3) {
            0 => Payee::Account(format!("N{}", self.below(u64::MAX))),
            1 => Payee::Vpa(format!("a{}@icici", self.below(u64::MAX))),
            _ => Payee::Qr(self.id()),
        };
        Transfer {
            payment: payment.id,
            id: self.id(),
            scope: payment.scope,
            connector: self.text(),
            mode: self.one_of(&modes),
            bank_reference: self.text(),
            amount: payment.amount,
            payee,
            payer: self.some(|random| (random.id(), payer)),
            virtual_account: payment.virtual_account,
        }
    }

    /// Payments come to an account: its totals change, and its statement says so.
    pub fn pay(&mut self, account: &mut VirtualAccount, times: usize) -> Vec<StatementLine> {
        let mut lines = vec![];
        for _ in 0..times {
            account.payments += 1;
            // Money that was sent back leaves the other totals as they are.
            if account.payments != 2 {
                account.amount_paid = self.paise();
                account.last_activity_at = self.time();
            }
            let now = self.time();
            lines.push(account.line(self.id(), now));
        }
        lines
    }

    pub fn posting(&mut self, payment: &Payment) -> Posting {
        Posting {
            cause: Cause::Payment(payment.id),
            line: self.int(),
            scope: payment.scope,
            debit: Account::Bank(self.text()),
            credit: Account::MerchantPayable,
            amount: self.paise(),
            posted_at: self.time(),
        }
    }

    pub fn timer(&mut self) -> Timer {
        let mode = self.mode();
        Timer {
            key: match self.flag() {
                true => TimerKey::CloseVirtualAccount(self.id()),
                false => TimerKey::CloseQrCode(self.id()),
            },
            scope: self.scope(mode),
            due: self.millis(),
        }
    }
}
