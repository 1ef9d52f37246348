//! Mandates on every store: a story is read back as it happened, debits beside each other never
//! exceed the block, and damage is noticed.

use std::sync::Mutex;

use vasool_core::command::{ClockChange, Command, OnDuplicate, Reply, ScopedCommand};
use vasool_core::customer::{CustomerDraft, Notes};
use vasool_core::failure::{authorisation, debit};
use vasool_core::id::{CustomerId, OrderId, PaymentId, TokenId};
use vasool_core::instruction::{InstructionKey, InstructionState};
use vasool_core::money::Paise;
use vasool_core::order::{CapturePlan, PartialPayment};
use vasool_core::orders::{MandateDraft, OrderDraft};
use vasool_core::payment::PaymentState;
use vasool_core::reserve_pay::{
    Approval, AuthorisationDraft, DebitDraft, DebitReceipt, MandateCommand, MandateRows,
    RailAnswer, RailReport, UpiYes,
};
use vasool_core::scope::{Mode, Scope};
use vasool_core::timer::TimerKey;
use vasool_store::Store;
use vasool_store::reads::Page;

use crate::driver::Driver;
use crate::world::{World, on_all};

const ALL: Page = Page { count: 100, skip: 0, from: None, to: None };

/// Damage, and words of the rule that must notice it.
pub const DAMAGES: &[(&str, &str)] = &[
    ("UPDATE tokens SET debited = debited - 1 WHERE debited > 0", "a mandate has debited"),
    ("UPDATE tokens SET held = 0 WHERE held > 0", "a mandate has debited"),
    ("UPDATE tokens SET debits = debits + 1", "a mandate has debited"),
    ("UPDATE tokens SET max_amount = 10", "a mandate has debited"),
    ("UPDATE payments SET amount = 99000 WHERE debit_sequence > 0", "a mandate has debited"),
    ("UPDATE orders SET token = NULL", "an order has the mandate"),
    ("UPDATE tokens SET blocked = 0, debited = 0, held = 0", "an order has the mandate"),
    ("UPDATE payments SET status = 'created' WHERE approve_by > 0", "an order has the mandate"),
    ("UPDATE tokens SET payment = 'nobody'", "an order has the mandate"),
    ("UPDATE orders SET open_payments = NULL", "the open payments of an order"),
    ("UPDATE orders SET open_payments = '00000000000000'", "the open payments of an order"),
    ("DELETE FROM instructions WHERE kind = 'debit'", "what is open at the network"),
    ("DELETE FROM instructions WHERE kind = 'authorise'", "what is open at the network"),
    ("DELETE FROM instructions WHERE kind = 'revoke'", "what is open at the network"),
    (
        "UPDATE instructions SET state = 'unknown', due_ms = 5 \
         WHERE kind = 'debit' AND state = 'done'",
        "what is open at the network",
    ),
    (
        "UPDATE tokens SET state = 'confirmed' WHERE state = 'cancelling_confirmed'",
        "what is open at the network",
    ),
    ("DELETE FROM timers WHERE kind = 'change_token'", "a mandate that time will change"),
    ("UPDATE tokens SET state = 'expired'", "a mandate that time will change"),
    ("DELETE FROM timers WHERE kind = 'return_uncaptured'", "a payment that can be captured"),
    ("UPDATE payments SET status = 'failed' WHERE status = 'authorized'", "can be captured"),
];

/// What a story leaves behind.
pub struct Story {
    pub scope: Scope,
    customer: CustomerId,
    /// Confirmed, with debits of every state.
    used: TokenId,
    /// Rejected, because another of its order was approved; its own approval came too late.
    late: TokenId,
    initiated: TokenId,
    cancelling: TokenId,
    cancelled: TokenId,
    /// Debits of `used`: captured, authorized, refused, refused at once, returned, pending.
    debits: [PaymentId; 6],
}

/// A merchant, its customer, and the network.
struct Cast<'a> {
    driver: Driver<'a>,
    scope: Scope,
    customer: CustomerId,
}

fn paise(amount: i64) -> Paise {
    Paise::new(amount).unwrap()
}

fn yes_approved() -> RailAnswer {
    let vpa = "asha@upi".to_owned();
    let mandate_number = Some("0f3c@upi".to_owned());
    RailAnswer::Yes(UpiYes::Approved(Approval { vpa, name: None, mandate_number }))
}

fn yes_debited(payment: PaymentId) -> RailAnswer {
    let number = payment.0.to_number();
    let rrn = format!("{:012}", number % 1_000_000_000_000);
    let transaction_id = format!("{number:032X}");
    RailAnswer::Yes(UpiYes::Debited(DebitReceipt { rrn, transaction_id }))
}

fn no_debit() -> RailAnswer {
    RailAnswer::No(debit(18))
}

fn debit_draft(customer: CustomerId, token: TokenId, order: OrderId, amount: i64) -> DebitDraft {
    DebitDraft {
        order,
        amount: paise(amount),
        customer,
        token,
        email: "asha@example.test".to_owned(),
        contact: "+919876500001".to_owned(),
        notes: vec![("basket".to_owned(), "7".to_owned())],
        description: Some("fruit".to_owned()),
        rails: vec!["sandbox".to_owned()],
    }
}

impl Cast<'_> {
    async fn new(store: &Store, noise: u64) -> Cast<'_> {
        let mut driver = Driver::new(store, noise);
        let scope = driver.merchant("Lotus").await.scope(Mode::Test);
        driver.listen(scope).await;
        let draft = CustomerDraft { name: Some("Asha".to_owned()), ..CustomerDraft::default() };
        let command = ScopedCommand::CreateCustomer(draft, OnDuplicate::Refuse);
        let Reply::Customer(customer) = driver.did(scope, command).await else { panic!() };
        Cast { driver, scope, customer: customer.id }
    }

    async fn did(&mut self, command: MandateCommand) -> Reply {
        self.driver.did(self.scope, ScopedCommand::Mandate(command)).await
    }

    async fn order(&mut self, amount: i64, asks: bool, capture: CapturePlan) -> OrderId {
        let draft = OrderDraft {
            amount: paise(amount),
            receipt: None,
            has_unique_receipt: false,
            partial_payment: PartialPayment::Refused,
            capture,
            customer: Some(self.customer),
            mandate: asks.then(|| MandateDraft { max_amount: paise(5_000), expires_at: None }),
            nach: None,
            notes: vec![],
        };
        let reply = self.driver.did(self.scope, ScopedCommand::CreateOrder(draft)).await;
        let Reply::Order(order) = reply else { panic!("no order") };
        order.id
    }

    async fn authorise(&mut self, order: OrderId) -> TokenId {
        let draft = AuthorisationDraft {
            order,
            amount: paise(10_000),
            customer: self.customer,
            email: "asha@example.test".to_owned(),
            contact: "+919876500001".to_owned(),
            notes: Notes::new(),
            description: None,
            rail: Some("sandbox".to_owned()),
        };
        match self.did(MandateCommand::Authorise(draft)).await {
            Reply::Mandate(_, token) => token.id,
            other => panic!("{other:?}"),
        }
    }

    async fn approved(&mut self) -> TokenId {
        let order = self.order(10_000, true, CapturePlan::default()).await;
        let token = self.authorise(order).await;
        self.says(InstructionKey::Authorise(token), yes_approved()).await;
        token
    }

    async fn debit(&mut self, token: TokenId, amount: i64, capture: CapturePlan) -> PaymentId {
        let order = self.order(amount, false, capture).await;
        let draft = debit_draft(self.customer, token, order, amount);
        match self.did(MandateCommand::Debit(draft)).await {
            Reply::Debit(rows) => rows.payment.id,
            // Refused at once.
            Reply::Payment(payment) => payment.id,
            other => panic!("{other:?}"),
        }
    }

    /// The network answers, with the rows an order of the rail has.
    async fn says(&mut self, key: InstructionKey, answer: RailAnswer) {
        let instruction = self.driver.store.instruction(key).await.unwrap().unwrap();
        let number = instruction.number;
        let rows = self.driver.store.upi_order(instruction).await.unwrap().unwrap();
        let rows =
            MandateRows { token: rows.token.id, payment: rows.payment.id, order: rows.order.id };
        let at = self.driver.real.plus(1_000_000_000);
        let report = RailReport { key, number, rows, at, was_told: true, answer };
        self.did(MandateCommand::Report(report)).await;
    }

    async fn cancel(&mut self, token: TokenId) {
        let rail = Some("sandbox".to_owned());
        self.did(MandateCommand::Cancel(self.customer, token, rail)).await;
    }
}

/// Mandates and debits in every state they can stay in.
pub async fn story(world: &World) -> Story {
    let mut cast = Cast::new(&world.store, 120).await;
    let by_hand = CapturePlan { is_automatic: false, ..CapturePlan::default() };
    let soon = CapturePlan { manual_expiry_minutes: 12, ..by_hand };
    let order = cast.order(10_000, true, CapturePlan::default()).await;
    let late = cast.authorise(order).await;
    let used = cast.authorise(order).await;
    cast.says(InstructionKey::Authorise(used), yes_approved()).await;
    cast.says(InstructionKey::Authorise(late), yes_approved()).await;

    let returned = cast.debit(used, 400, soon).await;
    cast.says(InstructionKey::Debit(returned), yes_debited(returned)).await;
    let advance = ClockChange::Advance(12 * 60);
    cast.driver.did(cast.scope, ScopedCommand::SetClock(advance)).await;
    let timer = ScopedCommand::FireTimer(
        TimerKey::ReturnUncaptured(returned),
        cast.driver.real.plus(12 * 60_000),
    );
    cast.driver.did(cast.scope, timer).await;

    let captured = cast.debit(used, 1_000, CapturePlan::default()).await;
    cast.says(InstructionKey::Debit(captured), yes_debited(captured)).await;
    let authorized = cast.debit(used, 2_000, by_hand).await;
    cast.says(InstructionKey::Debit(authorized), yes_debited(authorized)).await;
    let refused = cast.debit(used, 500, by_hand).await;
    cast.says(InstructionKey::Debit(refused), no_debit()).await;
    let pending = cast.debit(used, 4_000, by_hand).await;
    let silence = RailAnswer::Unknown { why: "no answer".to_owned() };
    cast.says(InstructionKey::Debit(pending), silence).await;
    let above = cast.debit(used, 3_000, by_hand).await;

    let initiated = cast.order(10_000, true, CapturePlan::default()).await;
    let initiated = cast.authorise(initiated).await;
    let (cancelling, cancelled) = (cast.approved().await, cast.approved().await);
    cast.cancel(cancelling).await;
    cast.cancel(cancelled).await;
    // Refused at first, and asked for again.
    let no = RailAnswer::No(authorisation(34));
    cast.says(InstructionKey::Revoke(cancelled), no).await;
    cast.cancel(cancelled).await;
    cast.says(InstructionKey::Revoke(cancelled), RailAnswer::Yes(UpiYes::Revoked)).await;
    let debits = [captured, authorized, refused, above, returned, pending];
    let (scope, customer) = (cast.scope, cast.customer);
    Story { scope, customer, used, late, initiated, cancelling, cancelled, debits }
}

#[test]
fn a_story_is_read_back() {
    let told = Mutex::new(vec![]);
    on_all(async |world| {
        let story = story(world).await;
        let (store, scope) = (&world.store, story.scope.id);
        assert_eq!(store.audit().await.unwrap().findings, []);
        let used = store.token(scope, story.used).await.unwrap().unwrap();
        let sums = (used.blocked.get(), used.debited.get(), used.held.get(), used.debits);
        assert_eq!(sums, (10_000, 3_400, 4_000, 5));
        let mut states = vec![];
        for id in story.debits {
            let payment = store.payment(scope, id).await.unwrap().unwrap();
            states.push(match payment.state {
                PaymentState::Failed(failure) => failure.key().into_owned(),
                state => state.told(payment.amount).to_owned(),
            });
            let token = store.token_of_payment(scope, id).await.unwrap();
            assert_eq!(token.as_ref(), Some(&used));
        }
        let failed = ["debit/insufficient_funds", "debit/transaction_limit_exceeded.1"];
        assert_eq!(states[..4], ["captured", "authorized", failed[0], failed[1]]);
        assert_eq!(states[4..], ["refunded", "created"]);

        let newest_first =
            [story.cancelled, story.cancelling, story.initiated, story.used, story.late];
        let tokens = store.tokens_of(scope, story.customer).await.unwrap();
        let ids: Vec<TokenId> = tokens.iter().map(|token| token.id).collect();
        assert_eq!(ids, newest_first);
        let states: Vec<&str> = tokens.iter().map(|token| token.state.as_str()).collect();
        let want = ["cancelled", "cancelling_confirmed", "initiated", "confirmed", "rejected"];
        assert_eq!(states, want);
        let payments = store.payments_of_token(scope, story.used, ALL).await.unwrap();
        assert_eq!(payments.len(), 7, "its approval and six debits");

        let mut open = vec![];
        let far = used.expires_at.to_millis();
        for row in store.instructions_due(scope.lane(), far, 100).await.unwrap() {
            assert_ne!(row.state, InstructionState::Done);
            open.push((row.key.kind(), row.key.subject(), row.number, row.asked, row.told));
        }
        let late = ("revoke", story.late.0, 1, 0, 0);
        let pending = ("debit", story.debits[5].0, 1, 1, 1);
        let initiated = ("authorise", story.initiated.0, 1, 0, 0);
        let cancelling = ("revoke", story.cancelling.0, 1, 0, 0);
        open.retain(|(kind, ..)| *kind != "pay_refund");
        assert_eq!(open, [late, initiated, cancelling, pending]);
        let twice = store.instruction(InstructionKey::Revoke(story.cancelled)).await.unwrap();
        assert_eq!(twice.map(|row| (row.number, row.asked, row.told)), Some((2, 1, 1)));
        told.lock().unwrap().push(format!("{tokens:?} {payments:?} {open:?}"));
    });
    let told = told.into_inner().unwrap();
    assert!(told.iter().all(|other| *other == told[0]), "every store tells the same");
}

/// RP-47: ten debits of 30 percent at once; three fit.
#[test]
fn debits_beside_each_other_never_exceed_the_block() {
    on_all(async |world| {
        let mut cast = Cast::new(&world.store, 121).await;
        let token = cast.approved().await;
        let (scope, customer) = (cast.scope, cast.customer);
        let mut tasks = vec![];
        for task in 0..10 {
            let order = cast.order(3_000, false, CapturePlan::default()).await;
            let store = world.store.clone();
            tasks.push(tokio::spawn(async move {
                let mut driver = Driver::new(&store, 900 + task);
                let draft = debit_draft(customer, token, order, 3_000);
                let command = ScopedCommand::Mandate(MandateCommand::Debit(draft));
                match driver.run(Command::Scoped(scope.id, command)).await {
                    Ok(Reply::Debit(_)) => true,
                    Ok(Reply::Payment(payment)) => {
                        assert!(matches!(payment.state, PaymentState::Failed(_)));
                        false
                    }
                    other => panic!("{other:?}"),
                }
            }));
        }
        let mut sent = 0;
        for task in tasks {
            sent += u8::from(task.await.unwrap());
        }
        assert_eq!(sent, 3);
        let token = world.store.token(scope.id, token).await.unwrap().unwrap();
        assert_eq!((token.held, token.debits), (paise(9_000), 3));
        assert_eq!(world.store.audit().await.unwrap().findings, []);
    });
}

#[test]
fn mandates_of_a_reset_scope_are_purged() {
    on_all(async |world| {
        let story = story(world).await;
        let mut driver = Driver::new(&world.store, 122);
        driver.real = driver.real.plus(10_000_000);
        driver.did(story.scope, ScopedCommand::ResetSandbox).await;
        while world.store.purge_retired(50).await.unwrap() > 0 {}
        for table in ["tokens", "orders", "payments", "instructions", "timers"] {
            let sql = format!("SELECT count(*) FROM {table} WHERE scope = {}", story.scope.id.0);
            assert_eq!(world.rows(&sql).await.remove(0).int().unwrap(), 0, "{table}");
        }
    });
}
