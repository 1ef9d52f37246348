//! Mandates on paper on every store: a story leaves sound books and is read back alike, damage is
//! noticed, and a reset leaves nothing.

use std::sync::{Arc, Mutex};

use vasool_core::command::{OnDuplicate, Reply, ScopedCommand};
use vasool_core::customer::CustomerDraft;
use vasool_core::failure::NachFailure;
use vasool_core::filing::Connector;
use vasool_core::id::{CustomerId, OrderId, PaymentId, TokenId};
use vasool_core::instruction::InstructionKey::{self, Present, Register, Withdraw};
use vasool_core::money::Paise;
use vasool_core::nach_codes::Code;
use vasool_core::nach_form::{AccountKind, NachAccount};
use vasool_core::order::{CapturePlan, PartialPayment};
use vasool_core::orders::OrderDraft;
use vasool_core::paper_nach::{
    ChargeDraft, LinkCustomer, LinkDraft, MandateYears, NachAnswer, NachCommand, NachFormDraft,
    NachReport, NachRows, UploadDraft,
};
use vasool_core::scope::{Mode, Scope};
use vasool_core::time::Time;
use vasool_store::Store;

use crate::driver::{Driver, START};
use crate::world::{World, on_all};

/// Damage, and words of the rule that must notice it.
pub const DAMAGES: &[(&str, &str)] = &[
    ("UPDATE nach_tokens SET state = 'confirmed' WHERE state = 'initiated'", "on paper stands"),
    ("UPDATE nach_tokens SET state = 'cancelled' WHERE state = 'initiated'", "on paper stands"),
    ("UPDATE nach_tokens SET state = 'rejected' WHERE state = 'confirmed'", "on paper stands"),
    ("UPDATE nach_tokens SET state = 'confirmed' WHERE state = 'rejected'", "on paper stands"),
    ("UPDATE nach_tokens SET payment = 'nobody'", "on paper stands"),
    ("UPDATE nach_tokens SET scope = 1", "on paper stands"),
    (
        "UPDATE payments SET status = 'failed', fee = NULL, tax = NULL \
         WHERE status = 'captured' AND amount = 0",
        "on paper stands",
    ),
    ("UPDATE payments SET token = NULL WHERE amount = 0", "on paper stands"),
    ("DELETE FROM nach_scans", "on paper stands"),
    ("UPDATE nach_scans SET scope = 1", "on paper stands"),
    ("DELETE FROM nach_forms", "has its form"),
    ("UPDATE nach_forms SET scope = 1", "has its form"),
    ("UPDATE orders SET nach_form = 0", "has its form"),
    ("UPDATE orders SET nach_form = 1 WHERE amount > 0", "has its form"),
    ("UPDATE nach_forms SET registration = 'open' WHERE registration = 'confirmed'", "its form"),
    ("UPDATE nach_forms SET registration = 'confirmed', failure = NULL", "has its form"),
    ("UPDATE orders SET status = 'attempted' WHERE nach_form = 1", "has its form"),
    ("UPDATE orders SET status = 'paid' WHERE nach_form = 1", "has its form"),
    ("UPDATE invoices SET payment = 'nobody' WHERE state = 'paid'", "a registration link"),
    ("UPDATE invoices SET order_id = 'nobody' WHERE state = 'paid'", "a registration link"),
    ("UPDATE payments SET invoice = NULL", "a registration link"),
    (
        "UPDATE invoices SET state = 'paid', ended_at = 5, payment = coalesce((SELECT p.id \
         FROM payments p WHERE p.invoice = invoices.id), 'nobody') WHERE state = 'issued'",
        "a registration link",
    ),
    ("UPDATE nach_tokens SET max_amount = 10", "a debit over NACH"),
    ("UPDATE payments SET amount = 60000 WHERE method = 'nach' AND amount > 0", "over NACH"),
    ("DELETE FROM nach_tokens", "belongs to an account, a QR code or a mandate"),
    ("DELETE FROM instructions WHERE kind = 'register'", "what is open at the network"),
    ("DELETE FROM instructions WHERE kind = 'present'", "what is open at the network"),
    ("DELETE FROM instructions WHERE kind = 'withdraw'", "what is open at the network"),
    (
        "UPDATE instructions SET state = 'unknown', due_ms = 5 \
         WHERE kind = 'present' AND state = 'done'",
        "what is open at the network",
    ),
    (
        "UPDATE nach_tokens SET state = 'confirmed' WHERE state = 'cancelling_confirmed'",
        "what is open at the network",
    ),
    ("UPDATE orders SET open_payments = NULL WHERE nach_form = 1", "the open payments"),
];

/// What a story leaves behind.
pub struct Story {
    scope: Scope,
    customer: CustomerId,
    /// Confirmed, with debits of every state.
    used: TokenId,
    /// Debits of `used`: captured, authorized, returned, pending.
    debits: [PaymentId; 4],
}

/// A merchant, its customer, and the banks.
struct Cast<'a> {
    driver: Driver<'a>,
    scope: Scope,
    customer: CustomerId,
}

fn rail() -> Connector {
    Connector { name: "sandbox".to_owned(), by_file: None }
}

fn paise(amount: i64) -> Paise {
    Paise::new(amount).unwrap()
}

fn form() -> NachFormDraft {
    NachFormDraft {
        account: NachAccount {
            number: "50100012345678".to_owned(),
            ifsc: "HDFC0000060".to_owned(),
            holder: "Asha Verma".to_owned(),
            kind: AccountKind::Savings,
        },
        max_amount: paise(50_000),
        ends_at: None,
        years: MandateYears::Thirty,
        first_payment: Paise::ZERO,
        reference1: Some("SIP folio 7781".to_owned()),
        reference2: None,
        description: Some("Monthly SIP".to_owned()),
        notes: vec![("plan".to_owned(), "SIP-12".to_owned())],
    }
}

fn registered() -> NachAnswer {
    NachAnswer::Registered { umrn: Some("HDFC0000000000000042".to_owned()) }
}

fn returned() -> NachAnswer {
    NachAnswer::Refused(NachFailure::of_debit(Code::new("04").unwrap()))
}

impl Cast<'_> {
    async fn new(store: &Store, noise: u64) -> Cast<'_> {
        let mut driver = Driver::new(store, noise);
        let scope = driver.merchant("Lotus").await.scope(Mode::Test);
        driver.listen(scope).await;
        let draft = CustomerDraft {
            name: Some("Asha".to_owned()),
            email: Some("asha@example.test".to_owned()),
            ..CustomerDraft::default()
        };
        let command = ScopedCommand::CreateCustomer(draft, OnDuplicate::Refuse);
        let Reply::Customer(customer) = driver.did(scope, command).await else { panic!() };
        Cast { driver, scope, customer: customer.id }
    }

    async fn did(&mut self, command: NachCommand) -> Reply {
        self.driver.did(self.scope, ScopedCommand::Nach(command)).await
    }

    async fn order(&mut self, amount: i64, is_automatic: bool) -> OrderId {
        let draft = OrderDraft {
            amount: paise(amount),
            receipt: None,
            has_unique_receipt: false,
            partial_payment: PartialPayment::Refused,
            capture: CapturePlan { is_automatic, ..CapturePlan::default() },
            customer: Some(self.customer),
            mandate: None,
            nach: (amount == 0).then(|| Box::new(form())),
            notes: vec![],
        };
        match self.driver.did(self.scope, ScopedCommand::CreateOrder(draft)).await {
            Reply::Order(order) | Reply::NachOrder(order, _) => order.id,
            other => panic!("{other:?}"),
        }
    }

    /// The order of a link that stays open for an hour.
    async fn link(&mut self) -> OrderId {
        let draft = LinkDraft {
            customer: LinkCustomer::Known(self.customer),
            form: form(),
            receipt: Some("LP-12-0007".to_owned()),
            description: "Lunch plan".to_owned(),
            notes: vec![],
            expire_by: Some(Time(START.0 / 1_000 + 3_600)),
            sms: true,
            email: true,
            base: "http://127.0.0.1".to_owned(),
        };
        match self.did(NachCommand::CreateLink(Box::new(draft))).await {
            Reply::Link(invoice, _) => invoice.order,
            other => panic!("{other:?}"),
        }
    }

    async fn upload(&mut self, order: OrderId) -> TokenId {
        let draft = UploadDraft {
            order,
            picture: Arc::from(*b"a picture"),
            digest: "00".repeat(32),
            channel: "api",
            rail: Some(rail()),
        };
        match self.did(NachCommand::Upload(draft)).await {
            Reply::NachMandate(_, token) => token.id,
            other => panic!("{other:?}"),
        }
    }

    async fn confirmed(&mut self) -> TokenId {
        let order = self.order(0, true).await;
        let token = self.upload(order).await;
        self.says(Register(token), registered()).await;
        token
    }

    async fn charge(&mut self, token: TokenId, amount: i64, is_automatic: bool) -> PaymentId {
        let draft = ChargeDraft {
            order: self.order(amount, is_automatic).await,
            amount: paise(amount),
            customer: self.customer,
            token,
            email: "asha@example.test".to_owned(),
            contact: "+919876500001".to_owned(),
            notes: vec![],
            description: Some("Instalment".to_owned()),
            rails: vec![rail()],
        };
        match self.did(NachCommand::Charge(draft)).await {
            Reply::Payment(payment) => payment.id,
            other => panic!("{other:?}"),
        }
    }

    /// A bank answers, with the rows an order of the rail has.
    async fn says(&mut self, key: InstructionKey, answer: NachAnswer) {
        let instruction = self.driver.store.instruction(key).await.unwrap().unwrap();
        let number = instruction.number;
        let rows = self.driver.store.nach_rail_rows(instruction).await.unwrap().unwrap();
        let order = rows.payment.order.unwrap();
        let rows = NachRows { token: rows.token.id, payment: rows.payment.id, order };
        let at = self.driver.real.plus(1_000_000_000);
        self.did(NachCommand::Report(NachReport {
            key,
            number,
            rows,
            at,
            was_told: true,
            answer,
            first_debit: None,
        }))
        .await;
    }

    async fn cancel(&mut self, token: TokenId) {
        self.did(NachCommand::Cancel(self.customer, token, vec![rail()])).await;
    }
}

/// Mandates, debits and links in every state they can stay in.
pub async fn story(world: &World) -> Story {
    let mut cast = Cast::new(&world.store, 130).await;
    let used = cast.confirmed().await;
    let captured = cast.charge(used, 1_000, true).await;
    cast.says(Present(captured), NachAnswer::Honoured).await;
    let authorized = cast.charge(used, 2_000, false).await;
    cast.says(Present(authorized), NachAnswer::Honoured).await;
    let back = cast.charge(used, 3_000, true).await;
    cast.says(Present(back), returned()).await;
    let pending = cast.charge(used, 4_000, true).await;
    cast.says(Present(pending), NachAnswer::Unknown { why: "no answer".to_owned() }).await;

    // Refused, and a second scan is at the bank.
    let order = cast.order(0, true).await;
    let rejected = cast.upload(order).await;
    let refused = NachAnswer::Refused(NachFailure::of_mandate(Some("M003")));
    cast.says(Register(rejected), refused.clone()).await;
    cast.upload(order).await;

    let (cancelling, cancelled) = (cast.confirmed().await, cast.confirmed().await);
    cast.cancel(cancelling).await;
    cast.cancel(cancelled).await;
    // Refused at first, and asked for again.
    cast.says(Withdraw(cancelled), refused).await;
    cast.cancel(cancelled).await;
    cast.says(Withdraw(cancelled), NachAnswer::Ended).await;
    let order = cast.order(0, true).await;
    let withdrawn = cast.upload(order).await;
    cast.cancel(withdrawn).await;

    let paid = cast.link().await;
    let paid = cast.upload(paid).await;
    cast.says(Register(paid), registered()).await;
    let waiting = cast.link().await;
    cast.upload(waiting).await;
    cast.link().await;
    let debits = [captured, authorized, back, pending];
    Story { scope: cast.scope, customer: cast.customer, used, debits }
}

#[test]
fn a_story_on_paper_is_read_back() {
    let told = Mutex::new(vec![]);
    on_all(async |world| {
        let story = story(world).await;
        let (store, scope) = (&world.store, story.scope.id);
        assert_eq!(store.audit().await.unwrap().findings, []);
        let tokens = store.nach_tokens_of(scope, story.customer).await.unwrap();
        let mut states: Vec<&str> = tokens.iter().map(|token| token.state.as_str()).collect();
        states.sort_unstable();
        let want = [
            "cancelled",
            "cancelling_confirmed",
            "cancelling_initiated",
            "confirmed",
            "confirmed",
            "initiated",
            "initiated",
            "rejected",
        ];
        assert_eq!(states, want);
        let mut payments = vec![];
        for id in story.debits {
            payments.push(store.payment(scope, id).await.unwrap().unwrap());
        }
        let states = payments.iter().map(|row| row.state.told(row.amount));
        assert!(states.eq(["captured", "authorized", "failed", "created"]));
        let used = store.nach_token(scope, story.used).await.unwrap().unwrap();
        assert_eq!(used.umrn.as_deref(), Some("HDFC0000000000000042"));
        told.lock().unwrap().push(format!("{tokens:?} {payments:?}"));
    });
    let told = told.into_inner().unwrap();
    assert!(told.iter().all(|other| *other == told[0]), "every store tells the same");
}

#[test]
fn mandates_on_paper_of_a_reset_scope_are_purged() {
    on_all(async |world| {
        let story = story(world).await;
        let mut driver = Driver::new(&world.store, 132);
        driver.real = driver.real.plus(10_000_000);
        driver.did(story.scope, ScopedCommand::ResetSandbox).await;
        while world.store.purge_retired(50).await.unwrap() > 0 {}
        for table in ["nach_tokens", "nach_forms", "nach_scans", "invoices", "orders", "payments"] {
            let sql = format!("SELECT count(*) FROM {table} WHERE scope = {}", story.scope.id.0);
            assert_eq!(world.rows(&sql).await.remove(0).int().unwrap(), 0, "{table}");
        }
    });
}
