//! Sums that must hold whatever merchants and banks say.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Claim, RefundCommand, RefundDraft, Report, Steering};
use crate::apply::apply;
use crate::command::{Command, Reply, ScopedCommand, Submission};
use crate::event::EventKind;
use crate::id::{BankAccountId, MerchantId, PaymentId, RawId, RefundId, Seed};
use crate::instruction::{BankAnswer, InstructionState};
use crate::ledger::Account;
use crate::money::{Fee, Paise};
use crate::payment::{Method, Payment, PaymentState};
use crate::refund::{Pace, Refund, RefundState, Speed};
use crate::rejection::Rejection;
use crate::scope::{Mode, Scope, ScopeId};
use crate::tenant::Tenant;
use crate::time::{Millis, Time};
use crate::transfer::{Payee, Payer, Transfer, TransferMode};
use crate::working_set::{Changes, Key, Stop, WorkingSet};

const NOW: i64 = 1_780_000_000;
const SCOPE: ScopeId = ScopeId(7);

fn raw(text: &str) -> RawId {
    RawId::parse(text).expect("an id")
}

fn payment_id() -> PaymentId {
    PaymentId(raw("QcC3Rent000001"))
}

/// One merchant with one captured payment of this amount.
struct World {
    set: WorkingSet,
    seed: Seed,
}

impl World {
    fn new(amount: i64) -> World {
        let mut set = WorkingSet::default();
        let scope =
            Scope { id: SCOPE, merchant: MerchantId(raw("QcA0Merchant01")), mode: Mode::Test };
        set.load_tenant(SCOPE, Some((Tenant::new(scope, "Lotus".to_owned(), 0), 1)));
        let fee = Paise::new(amount).unwrap().fee_at(100);
        set.load_payment(payment_id(), Some((payment(amount, fee), 1)));
        set.load_transfer(payment_id(), Some((transfer(amount), 1)));
        World { set, seed: Seed::first(NOW * 1000, 42) }
    }

    /// Decides a command; rows that nobody loaded do not exist.
    fn run(&mut self, command: RefundCommand) -> Result<Reply, Rejection> {
        let real = Millis(NOW * 1000);
        self.seed = self.seed.next(real.0, 42);
        let command = Command::Scoped(SCOPE, ScopedCommand::Refund(command));
        let submission = Submission { command, real, seed: self.seed };
        loop {
            match apply(&mut self.set, &submission) {
                Ok(reply) => return Ok(reply),
                Err(Stop::Rejected(rejection)) => return Err(rejection),
                Err(Stop::Missing(Key::Lookup(lookup))) => self.set.load_lookup(lookup, vec![]),
                Err(Stop::Missing(Key::Refund(id))) => self.set.load_refund(id, None),
                Err(Stop::Missing(Key::Instruction(key))) => self.set.load_instruction(key, None),
                Err(Stop::Missing(Key::Idempotency(key))) => self.set.load_idempotency(key, None),
                Err(Stop::Missing(key)) => panic!("{key:?} is not needed"),
            }
        }
    }

    fn create(&mut self, draft: RefundDraft) -> Result<Refund, Rejection> {
        match self.run(RefundCommand::Create(draft))? {
            Reply::Refund(refund) | Reply::SameRefund(refund) => Ok(Refund::clone(&refund)),
            other => panic!("{other:?}"),
        }
    }

    fn hear(&mut self, refund: RefundId, answer: BankAnswer) -> Refund {
        let report = Report { refund, payment: payment_id(), at: Millis(NOW * 1000), answer };
        match self.run(RefundCommand::Report(report)) {
            Ok(Reply::Refund(refund)) => Refund::clone(&refund),
            other => panic!("{other:?}"),
        }
    }

    fn changes(&self) -> Changes {
        self.set.clone().into_changes()
    }

    fn refunded(&self) -> i64 {
        let payment = self.set.payment(&payment_id()).unwrap().unwrap();
        match payment.state {
            PaymentState::Captured { refunded, .. } => refunded.get(),
            other => panic!("{other:?}"),
        }
    }

    /// Everything that must hold of the sums.
    fn check(&self, amount: i64) {
        let changes = self.changes();
        let refunds = || changes.refunds.iter().map(|saved| &saved.row);
        let sum = |wanted: &dyn Fn(RefundState) -> bool| -> i64 {
            refunds().filter(|row| wanted(row.state)).map(|row| row.amount.get()).sum()
        };
        let given = sum(&|state| state != RefundState::Failed);
        assert_eq!(self.refunded(), given);
        assert!(given <= amount);
        let mut balances: BTreeMap<String, i64> = BTreeMap::new();
        for posting in &changes.appended.postings {
            *balances.entry(posting.debit.name()).or_default() += posting.amount.get();
            *balances.entry(posting.credit.name()).or_default() -= posting.amount.get();
        }
        let balance = |account: Account| balances.get(&account.name()).copied().unwrap_or(0);
        assert_eq!(balance(Account::MerchantPayable), given);
        assert_eq!(-balance(Account::RefundsPending), sum(&RefundState::is_ordered));
        let paid = sum(&|state| state == RefundState::Paid);
        assert_eq!(-balance(Account::Bank("sandbox".to_owned())), paid);
        for saved in &changes.instructions {
            let id = RefundId(saved.row.key.subject());
            let refund = refunds().find(|row| row.id == id).expect("its refund");
            assert_eq!(saved.row.state != InstructionState::Done, refund.state.is_ordered());
        }
    }
}

fn payment(amount: i64, fee: Fee) -> Payment {
    Payment {
        id: payment_id(),
        scope: SCOPE,
        amount: Paise::new(amount).unwrap(),
        method: Method::BankTransfer,
        state: PaymentState::Captured { fee, refunded: Paise::ZERO },
        description: None,
        email: None,
        contact: None,
        customer: None,
        notes: vec![],
        bank_reference: Some("528201736455".to_owned()),
        virtual_account: Some(crate::id::VirtualAccountId(raw("QcF5Rent000001"))),
        qr_code: None,
        order: None,
        invoice: None,
        mandate: None,
        created_at: Time(NOW),
    }
}

fn transfer(amount: i64) -> Transfer {
    let payer = Payer { account_number: Some("001234".to_owned()), ..Payer::default() };
    Transfer {
        payment: payment_id(),
        id: raw("QcG6Rent000001"),
        scope: SCOPE,
        connector: "sandbox".to_owned(),
        mode: TransferMode::Neft,
        bank_reference: "528201736455".to_owned(),
        amount: Paise::new(amount).unwrap(),
        payee: Payee::account("1112220000000001"),
        payer: Some((BankAccountId(raw("QcG6Payer00001")), payer)),
        virtual_account: Some(crate::id::VirtualAccountId(raw("QcF5Rent000001"))),
    }
}

fn draft(amount: Option<i64>) -> RefundDraft {
    RefundDraft {
        payment: payment_id(),
        amount,
        speed: Speed::Normal,
        receipt: None,
        notes: vec![],
        claim: None,
        funds: None,
        rails: vec!["sandbox".to_owned()],
    }
}

fn answers() -> impl Strategy<Value = BankAnswer> {
    prop_oneof![
        3 => Just(BankAnswer::Paid { reference: None }),
        3 => Just(BankAnswer::Refused { reason: "closed".to_owned() }),
        1 => Just(BankAnswer::Pending { again_in_ms: Some(5) }),
        1 => Just(BankAnswer::OnlyNormal),
        2 => Just(BankAnswer::Unknown { why: "no answer".to_owned() }),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Create(Option<i64>, Speed, Option<u8>, Option<u8>),
    Hear(usize, BankAnswer),
    Steer(usize, bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let speed = prop_oneof![Just(Speed::Normal), Just(Speed::Optimum)];
    let amount = prop_oneof![
        2 => (0i64..12_000).prop_map(Some),
        1 => Just(Some(super::FALLBACK_PAISE)),
        1 => Just(None),
    ];
    let step = prop_oneof![
        4 => (amount, speed, proptest::option::of(0u8..4), proptest::option::of(0u8..4))
            .prop_map(|(amount, speed, receipt, key)| Step::Create(amount, speed, receipt, key)),
        5 => (0usize..8, answers()).prop_map(|(at, answer)| Step::Hear(at, answer)),
        1 => (0usize..8, any::<bool>()).prop_map(|(at, yes)| Step::Steer(at, yes)),
    ];
    proptest::collection::vec(step, 1..60)
}

proptest! {
    #[test]
    fn cm_87_and_96_sums_hold_whatever_is_said(amount in 100i64..30_000, steps in steps()) {
        let mut world = World::new(amount);
        let mut known: Vec<RefundId> = vec![];
        for step in steps {
            match step {
                Step::Create(wanted, speed, receipt, key) => {
                    let claim = key.map(|key| {
                        let key = format!("refund-key-{key}");
                        let request = format!("{wanted:?} {speed:?} {receipt:?}");
                        Claim { digest: key.clone(), request, key }
                    });
                    let receipt = receipt.map(|receipt| format!("RF-{receipt}"));
                    let draft = RefundDraft { speed, receipt, claim, ..draft(wanted) };
                    let before = world.changes().refunds.len();
                    match world.create(draft) {
                        Ok(refund) => {
                            if !known.contains(&refund.id) {
                                known.push(refund.id);
                            }
                        }
                        Err(_) => prop_assert_eq!(world.changes().refunds.len(), before),
                    }
                    prop_assert_eq!(world.changes().refunds.len(), known.len());
                }
                Step::Hear(at, answer) => {
                    if let Some(id) = known.get(at) {
                        world.hear(*id, answer);
                    }
                }
                Step::Steer(at, yes) => {
                    if let Some(id) = known.get(at) {
                        let say = if yes { Steering::Process(None) } else { Steering::Fail(None) };
                        let _ = world.run(RefundCommand::Steer(*id, payment_id(), say));
                    }
                }
            }
            world.check(amount);
        }
    }
}

/// Events since the start, in order.
fn told(world: &World) -> Vec<EventKind> {
    world.changes().appended.occurrences.iter().flat_map(|row| row.kinds.clone()).collect()
}

#[test]
fn a_word_is_heard_once_and_a_contradiction_is_shown() {
    let mut world = World::new(1_000);
    let refund = world.create(draft(None)).unwrap();
    let paid = |reference: &str| BankAnswer::Paid { reference: Some(reference.to_owned()) };
    assert_eq!(world.hear(refund.id, paid("616400987654")).state, RefundState::Paid);
    world.hear(refund.id, paid("616400987654"));
    let no = BankAnswer::Refused { reason: "closed".to_owned() };
    let after = world.hear(refund.id, no);
    assert_eq!(
        (after.state, after.reference.as_deref()),
        (RefundState::Paid, Some("616400987654"))
    );
    assert_eq!(told(&world), [EventKind::RefundCreated, EventKind::RefundProcessed]);
    let alerts = world.changes().appended.alerts;
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0].text, "refused after it was paid: closed");
}

#[test]
fn one_alert_tells_of_a_bank_that_stays_silent() {
    let mut world = World::new(1_000);
    let refund = world.create(draft(None)).unwrap();
    for _ in 0..5 {
        world.hear(refund.id, BankAnswer::Unknown { why: "no answer".to_owned() });
    }
    let changes = world.changes();
    assert_eq!(changes.appended.alerts.len(), 1);
    let row = &changes.instructions[0].row;
    let due = Millis(NOW * 1000 + 16 * 60_000);
    assert_eq!((row.asked, row.state), (5, InstructionState::Unknown { due }));
}

#[test]
fn cm_100_an_instant_refund_that_goes_the_normal_way() {
    let mut world = World::new(5_000);
    let optimum = RefundDraft { speed: Speed::Optimum, ..draft(Some(super::FALLBACK_PAISE)) };
    let refund = world.create(optimum).unwrap();
    assert_eq!((refund.state, refund.pace), (RefundState::Pending, Pace::Instant));
    let slowed = world.hear(refund.id, BankAnswer::OnlyNormal);
    assert_eq!((slowed.state, slowed.pace), (RefundState::Processed, Pace::Normal));
    world.hear(refund.id, BankAnswer::Paid { reference: None });
    assert_eq!(
        told(&world),
        [EventKind::RefundCreated, EventKind::RefundSpeedChanged, EventKind::RefundProcessed]
    );
}
