use proptest::prelude::*;

use super::*;
use crate::failure::authorisation;
use crate::id::RawId;

const START: Time = Time(1_780_000_000);
const END: Time = Time(1_780_000_000 + 7_776_000);

fn token(amount: i64) -> Token {
    let raw = RawId::parse("SbmdToken00001").unwrap();
    Token {
        id: TokenId(raw),
        scope: ScopeId(1),
        customer: CustomerId(raw),
        order: OrderId(raw),
        payment: PaymentId(raw),
        connector: "sandbox".to_owned(),
        opaque: "7Qk2ZsVn0LdP4x".to_owned(),
        payer: None,
        state: TokenState::Initiated,
        failure: None,
        amount: paise(amount),
        blocked: Paise::ZERO,
        debited: Paise::ZERO,
        held: Paise::ZERO,
        debits: 0,
        max_amount: paise(amount),
        approve_by: START.plus_seconds(600),
        expires_at: END,
        starts_at: START,
        created_at: START,
        used_at: None,
        mandate_number: None,
        trigger: None,
        is_deleted: false,
    }
}

fn paise(amount: i64) -> Paise {
    Paise::new(amount).unwrap()
}

fn payer() -> TokenPayer {
    TokenPayer { vpa: "9876500001@upi".to_owned(), name: None, received_at: START }
}

#[test]
fn states_are_read_back() {
    for state in TokenState::ALL {
        assert_eq!(TokenState::parse(state.as_str()), Some(state));
    }
    assert_eq!(TokenState::parse("cancellation_initiated"), None, "says too little");
}

#[test]
fn the_latest_debit_says_when_it_was_used() {
    let token = token(1_000).approved(payer(), None).unwrap();
    let held = token.hold(paise(100)).unwrap().hold(paise(200)).unwrap();
    let late = held.settle(paise(200), START.plus_seconds(90)).unwrap();
    let early = late.settle(paise(100), START.plus_seconds(20)).unwrap();
    assert_eq!(early.used_at, Some(START.plus_seconds(90)));
}

#[test]
fn rp_43_the_worked_example() {
    let token = token(200_000).approved(payer(), None).unwrap();
    assert_eq!(token.remaining(), paise(200_000));
    let debit = |token: &Token, amount| {
        token.hold(paise(amount)).and_then(|held| held.settle(paise(amount), START))
    };
    let token = debit(&token, 40_000).unwrap();
    let token = debit(&token, 60_000).unwrap();
    assert_eq!((token.debited, token.remaining()), (paise(100_000), paise(100_000)));
    assert_eq!(debit(&token, 100_001), None);
    let token = debit(&token, 100_000).unwrap();
    assert!(token.is_exhausted() && token.state == TokenState::Confirmed);
    assert_eq!((token.remaining(), token.debits), (Paise::ZERO, 3));
    assert_eq!(debit(&token, 1), None);
}

#[test]
fn rp_61_to_63_time_releases_and_ends() {
    let token = token(500).approved(payer(), None).unwrap();
    let state = |at: i64| token.as_of(END.plus_seconds(at)).state;
    assert_eq!(state(-601), TokenState::Confirmed);
    assert_eq!(state(-600), TokenState::Cancelling(Cancelling::Release));
    assert_eq!(state(0), TokenState::Expired);
    let used = token.hold(paise(500)).unwrap().settle(paise(500), START).unwrap();
    assert_eq!(used.as_of(END.plus_seconds(-1)).state, TokenState::Confirmed);
    assert_eq!(used.as_of(END).state, TokenState::Expired);
    assert_eq!((token.changes_at(), used.changes_at()), (Some(token.releases_at()), Some(END)));
}

#[test]
fn rp_59_a_refused_cancel_gives_the_state_back() {
    let confirmed = token(500).approved(payer(), None).unwrap();
    let paused = confirmed.after_payer(PayerAct::Pause).unwrap();
    for before in [confirmed, paused] {
        let cancelling = before.cancelling().unwrap();
        assert_eq!(cancelling.cancelling(), None);
        assert_eq!(cancelling.cancel_refused(), Some(before));
        assert_eq!(cancelling.cancelled().unwrap().state, TokenState::Cancelled);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Approve,
    Reject,
    Act(PayerAct),
    Cancel,
    CancelOk,
    CancelNo,
    Hold(i64),
    Settle(i64),
    Unhold(i64),
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let act = prop_oneof![Just(PayerAct::Pause), Just(PayerAct::Resume), Just(PayerAct::Revoke)];
    let step = prop_oneof![
        4 => Just(Step::Approve),
        1 => Just(Step::Reject),
        2 => act.prop_map(Step::Act),
        1 => Just(Step::Cancel),
        1 => Just(Step::CancelOk),
        1 => Just(Step::CancelNo),
        8 => (0..1200i64).prop_map(Step::Hold),
        6 => (0..1200i64).prop_map(Step::Settle),
        3 => (0..1200i64).prop_map(Step::Unhold),
        1 => (0..8_000_000i64).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 0..60)
}

proptest! {
    /// I1, I7, I8, I9 of reserve-pay 10 under any order of steps.
    #[test]
    fn debits_never_exceed_the_block(amount in 100..3000i64, steps in steps()) {
        let mut token = token(amount);
        let mut now = START;
        for step in steps {
            let before = token.clone();
            let next = match step {
                Step::Approve => token.approved(payer(), None),
                Step::Reject => token.rejected(authorisation(33)),
                Step::Act(act) => token.after_payer(act),
                Step::Cancel => token.cancelling(),
                Step::CancelOk => token.cancelled(),
                Step::CancelNo => token.cancel_refused(),
                Step::Hold(amount) => token.hold(paise(amount)),
                Step::Settle(amount) => token.settle(paise(amount), now),
                Step::Unhold(amount) => token.unhold(paise(amount)),
                Step::Wait(seconds) => {
                    now = now.plus_seconds(seconds);
                    Some(token.as_of(now))
                }
            };
            let Some(next) = next else { continue };
            prop_assert!(next.debited.get() + next.held.get() <= next.blocked.get());
            prop_assert!(next.debited >= before.debited);
            if before.blocked > Paise::ZERO {
                prop_assert_eq!(next.blocked, before.blocked);
            }
            if before.state != TokenState::Confirmed {
                prop_assert!(next.held <= before.held, "only a confirmed mandate is debited");
            }
            if before.state.is_deletable() {
                prop_assert_eq!(next.state, before.state);
            }
            prop_assert_eq!(next.max_amount, before.max_amount);
            token = next;
        }
    }
}
