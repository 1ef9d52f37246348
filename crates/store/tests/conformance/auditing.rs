//! A story leaves sound books, and every rule notices when they are damaged.

use vasool_core::command::{ClockChange, Command, Receipt, Reply, ScopedCommand};
use vasool_core::id::OccurrenceId;
use vasool_core::instruction::{BankAnswer, InstructionKey};
use vasool_core::money::Paise;
use vasool_core::order::{CapturePlan, PartialPayment};
use vasool_core::orders::OrderDraft;
use vasool_core::scope::{Mode, Scope};
use vasool_core::settings::SettingValue;
use vasool_core::smart_collect::VirtualAccountDraft;
use vasool_core::time::Time;
use vasool_core::virtual_account::VirtualAccount;
use vasool_store::audit::Totals;

use crate::driver::{Driver, credit, nameless, with_number};
use crate::world::{World, on_all, on_databases};

/// Credits, closes, late money, a repeat, a descriptor used again.
async fn story(world: &World) -> Scope {
    let mut driver = Driver::new(&world.store, 60);
    let merchant = driver.merchant("Lotus").await;
    let scope = merchant.scope(Mode::Test);
    driver.listen(scope).await;
    let open = driver.open(scope, with_number(None)).await;
    let named = || with_number(Some("RENT1"));
    let closing = driver.open(scope, named()).await;
    let commands = (0..40)
        .map(|at| {
            credit(if at % 3 == 0 { &closing } else { &open }, 239_000 + at, &format!("U{at}"))
        })
        .chain([credit(&open, 100, "small"), credit(&open, 239_000, "U1")])
        .map(|command| Command::Scoped(scope.id, command));
    for answer in driver.run_all(commands.collect()).await {
        answer.unwrap();
    }
    driver.did(scope, ScopedCommand::CloseVirtualAccount(closing.id)).await;
    driver.did(scope, credit(&closing, 50_000, "late")).await;
    driver.did(scope, nameless(credit(&closing, 60_000, "nobody"))).await;
    let again = driver.open(scope, named()).await;
    assert_eq!(again.account_number, closing.account_number);
    driver.did(scope, credit(&again, 70_000, "again")).await;
    refunds(&mut driver, scope, &again).await;
    crate::bulk::file(&mut driver, scope).await;
    let live = merchant.scope(Mode::Live);
    let account = driver.open(live, with_number(None)).await;
    driver.did(live, credit(&account, 80_000, "live")).await;
    scope
}

/// Three refunds of one payment: paid, refused, on its way. The late money is paid back too.
async fn refunds(driver: &mut Driver<'_>, scope: Scope, account: &VirtualAccount) {
    let paid = match driver.did(scope, credit(account, 90_000, "refunded")).await {
        Reply::Receipt(Receipt::Credited(payment)) => payment.id,
        other => panic!("{other:?}"),
    };
    let yes = || BankAnswer::Paid { reference: Some("616400987654".to_owned()) };
    let no = BankAnswer::Refused { reason: "closed".to_owned() };
    for (amount, answer) in [(10_000, Some(yes())), (20_000, Some(no)), (30_000, None)] {
        let refund = driver.refund(scope, paid, amount).await;
        if let Some(answer) = answer {
            driver.bank_says(scope, &refund, answer).await;
        }
    }
    let due = driver.store.instructions_due(scope.id.lane(), driver.real, 10).await.unwrap();
    let late = due.iter().find(|row| row.payment != paid).unwrap();
    let InstructionKey::PayRefund(late) = late.key else { panic!("no refund") };
    let late = driver.store.refund(scope.id, late).await.unwrap().unwrap();
    driver.bank_says(scope, &late, yes()).await;
}

#[test]
fn the_books_are_sound_after_a_story() {
    on_all(async |world| {
        story(world).await;
        let audit = world.store.audit().await.unwrap();
        assert_eq!(audit.findings, []);
        assert!(audit.is_clean());
        let totals = &audit.totals;
        // 40 + 1 credits, two sent back, one again, one refunded, one live; the repeat is none.
        assert_eq!(totals.payments, 46);
        let credits = (0..40).map(|at| 239_000 + at).sum::<i64>() + 100 + 70_000 + 90_000 + 80_000;
        assert_eq!(totals.credits, credits);
        // Three lines each, two for the small one (its tax is zero), 3 and 1 for those sent back,
        // 2, 2 and 1 for the refunds.
        assert_eq!(totals.postings, 43 * 3 + 2 + 3 + 1 + 5);
        let balance = |name: &str| {
            totals.balances.iter().find(|(account, _)| account == name).map(|(_, sum)| *sum)
        };
        assert_eq!(totals.balances.iter().map(|(_, sum)| sum).sum::<i64>(), 0);
        assert_eq!(balance("bank:sandbox"), Some(credits + 60_000 - 10_000));
        assert_eq!(balance("payer:returns"), Some(-60_000));
        assert_eq!(balance("refunds:pending"), Some(-30_000));
        // Per merchant and mode the same, and in all as much.
        let of = |mode| audit.scopes.iter().filter(move |row| row.scope.mode == mode);
        assert!(of(Mode::Live).all(|row| row.totals.payments == 1), "{:?}", audit.scopes);
        let sum = |part: fn(&Totals) -> i64| {
            audit.scopes.iter().map(|row| part(&row.totals)).sum::<i64>()
        };
        assert_eq!(sum(|row| row.payments), totals.payments);
        assert_eq!(sum(|row| row.credits), totals.credits);
        assert_eq!(sum(|row| row.postings), totals.postings);
        assert!(audit.scopes.iter().all(|row| !row.merchant_name.is_empty()));
    });
}

#[test]
fn what_happened_is_read_in_pages() {
    on_all(async |world| {
        story(world).await;
        let store = &world.store;
        let all = store.occurrences_after(None, 1_000).await.unwrap();
        let ids: Vec<_> = all.iter().map(|row| row.id).collect();
        assert!(ids.is_sorted() && ids.len() > 40, "{ids:?}");
        let page = store.occurrences_after(Some(ids[4]), 3).await.unwrap();
        assert_eq!(page.iter().map(|row| row.id).collect::<Vec<_>>(), ids[5..8]);
        let newest = store.occurrences_before(None, 2).await.unwrap();
        assert_eq!(newest, [all[all.len() - 1].clone(), all[all.len() - 2].clone()]);
        let before = store.occurrences_before(Some(ids[1]), 5).await.unwrap();
        assert_eq!(before, all[..1]);
        // As far back as no id was drawn yet.
        let earlier = OccurrenceId(ids[0].0.earlier(1));
        assert_eq!(store.occurrences_before(Some(earlier), 5).await.unwrap(), []);
    });
}

#[test]
fn an_account_without_dormancy_keeps_a_timer() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 61);
        let scope = driver.merchant("Lotus").await.scope(Mode::Test);
        let dormancy = |days| {
            let value = SettingValue::Integer(days);
            ScopedCommand::ChangeSettings(vec![("va_dormancy_days".to_owned(), value)])
        };
        driver.did(scope, dormancy(0)).await;
        let account = driver.open(scope, with_number(None)).await;
        assert!(world.store.audit().await.unwrap().is_clean());
        driver.did(scope, dormancy(1)).await;
        driver.did(scope, ScopedCommand::SetClock(ClockChange::Advance(2 * 86_400))).await;
        // The changed setting makes every timer of the scope due; looking sets it right.
        for _ in 0..2 {
            for (lane, now) in world.store.timer_lanes_due(driver.real).await.unwrap() {
                for timer in world.store.timers_due(lane, now, 10).await.unwrap() {
                    driver.did(scope, ScopedCommand::FireTimer(timer.key, timer.due)).await;
                }
            }
        }
        let account = world.store.virtual_account(scope.id, account.id).await.unwrap().unwrap();
        let at = account.created_at.plus_seconds(86_400);
        assert_eq!(account.state, vasool_core::virtual_account::VirtualAccountState::Closed { at });
        assert!(account.created_at > Time(0));
        assert!(world.store.audit().await.unwrap().is_clean());
    });
}

/// Damage, and words of the rule that must notice it.
const DAMAGES: &[(&str, &str)] = &[
    ("UPDATE postings SET amount = amount + 1 WHERE credit = 'merchant:payable'", "captured"),
    ("UPDATE postings SET debit = 'suspense' WHERE credit = 'gst'", "captured"),
    ("DELETE FROM postings WHERE credit = 'fees'", "captured"),
    ("UPDATE postings SET line = line + 5, scope = 1 WHERE credit = 'fees'", "captured"),
    ("UPDATE postings SET amount = 1 WHERE credit = 'payer:returns'", "returned payment is"),
    ("UPDATE payments SET status = 'authorized', fee = NULL, tax = NULL", "before it is captured"),
    ("DELETE FROM refunds", "one refund"),
    ("UPDATE refunds SET amount = amount - 1", "one refund"),
    ("UPDATE refunds SET status = 'pending'", "a refund is booked"),
    ("UPDATE refunds SET status = 'paid'", "a refund is booked"),
    ("UPDATE refunds SET status = 'failed'", "a refund is booked"),
    ("UPDATE refunds SET status = 'stranded' WHERE status = 'processed'", "a refund is booked"),
    ("UPDATE refunds SET connector = 'other'", "a refund is booked"),
    ("UPDATE refunds SET payment = 'nobody'", "a refund is booked"),
    ("UPDATE refunds SET amount = amount + 1 WHERE status = 'failed'", "a refund is booked"),
    ("DELETE FROM refunds WHERE status = 'processed'", "what was refunded"),
    ("UPDATE payments SET refunded = 0 WHERE refunded = 40000", "what was refunded"),
    ("UPDATE refunds SET amount = 90000 WHERE status = 'processed'", "what was refunded"),
    ("UPDATE refunds SET status = 'paid' WHERE status = 'processed'", "what is pending"),
    ("DELETE FROM postings WHERE credit = 'refunds:pending'", "what is pending"),
    ("DELETE FROM instructions", "an open instruction"),
    ("UPDATE instructions SET state = 'done', due_ms = NULL", "an open instruction"),
    ("UPDATE instructions SET state = 'pending'", "an open instruction"),
    ("UPDATE instructions SET payment = 'nobody'", "an open instruction"),
    ("DELETE FROM refunds WHERE status = 'failed'", "has its cause"),
    ("UPDATE idempotency_keys SET refund = 'nobody'", "an idempotency key"),
    ("UPDATE statement_lines SET amount_paid = amount_paid + 1 WHERE number = 3", "amount_paid"),
    ("UPDATE statement_lines SET amount_paid = amount_paid - 1 WHERE number = 3", "amount_paid"),
    ("UPDATE statement_lines SET amount_paid = amount_paid + 1", "amount_paid"),
    (
        "UPDATE statement_lines SET amount_paid = amount_paid - 1 WHERE number = (SELECT \
         max(m.number) FROM statement_lines m \
         WHERE m.virtual_account = statement_lines.virtual_account)",
        "amount_paid",
    ),
    ("UPDATE statement_lines SET last_activity_at = 5 WHERE number = 2", "last activity"),
    ("UPDATE statement_lines SET created_at = created_at + 1 WHERE number = 2", "on the statement"),
    ("DELETE FROM statement_lines", "on the statement"),
    ("DELETE FROM statement_lines WHERE number = 2", "on the statement"),
    (
        "DELETE FROM statement_lines WHERE number = (SELECT max(m.number) FROM statement_lines m \
         WHERE m.virtual_account = statement_lines.virtual_account)",
        "on the statement",
    ),
    (
        "INSERT INTO statement_lines SELECT virtual_account, number + 1000, scope, payment, \
         amount_paid, last_activity_at, created_at FROM statement_lines WHERE number = 2",
        "on the statement",
    ),
    (
        "UPDATE statement_lines SET number = number + 1 WHERE number = (SELECT max(m.number) \
         FROM statement_lines m WHERE m.virtual_account = statement_lines.virtual_account)",
        "on the statement",
    ),
    ("UPDATE statement_lines SET payment = 'nobody' WHERE number = 2", "on the statement"),
    ("UPDATE statement_lines SET scope = 1 WHERE number = 2", "on the statement"),
    ("UPDATE payments SET amount = amount + 1 WHERE status = 'captured'", "amount_paid"),
    ("DELETE FROM virtual_accounts", "belongs to an account"),
    ("DELETE FROM qr_codes", "belongs to an account, a QR code"),
    ("UPDATE payments SET qr_code = NULL", "belongs to an account, a QR code"),
    ("UPDATE qr_codes SET scope = 1", "belongs to an account, a QR code"),
    ("UPDATE qr_codes SET amount_received = amount_received + 1", "counters of a QR code"),
    ("UPDATE qr_codes SET payments_received = 0", "counters of a QR code"),
    ("UPDATE qr_codes SET close_reason = 'expired' WHERE state = 'closed'", "for single use"),
    ("DELETE FROM timers WHERE kind = 'close_qr_code'", "for single use"),
    ("DELETE FROM transfers", "in pairs"),
    ("UPDATE transfers SET amount = amount + 1", "in pairs"),
    ("UPDATE transfers SET bank_reference = 'x'", "in pairs"),
    ("DELETE FROM payments WHERE status = 'returned'", "has its cause"),
    (
        "UPDATE virtual_accounts SET address_space = 77, state = 'active', closed_at = NULL \
         WHERE state = 'closed'",
        "one active account",
    ),
    ("DELETE FROM timers", "closing timer"),
    ("UPDATE payments SET fee = fee + 1 WHERE status = 'captured'", "payable to a merchant"),
    ("UPDATE orders SET amount_paid = 0", "amount_paid of an order"),
    ("UPDATE payments SET order_id = NULL", "amount_paid of an order"),
    ("UPDATE orders SET status = 'attempted'", "paid when nothing is due"),
    ("UPDATE orders SET attempts = 0", "paid when nothing is due"),
    ("UPDATE orders SET attempts = attempts + 1", "is an attempt"),
    ("DELETE FROM bulk_rows WHERE number = 2", "a bulk file counts"),
    ("DELETE FROM bulk_files", "a bulk file counts"),
    ("UPDATE bulk_files SET succeeded = 1, failed = 2", "a bulk file counts"),
    ("UPDATE bulk_files SET state = 'processing', processed_at = NULL", "a bulk file counts"),
    (
        "UPDATE bulk_rows SET state = 'waiting', customer = NULL, virtual_account = NULL \
         WHERE number = 3",
        "a bulk file counts",
    ),
    (
        "UPDATE bulk_files SET state = 'storing', stored = 2, stored_since_ms = 0, \
         processed_at = NULL",
        "a bulk file counts",
    ),
    ("UPDATE bulk_rows SET virtual_account = 'nobody' WHERE number = 1", "a row of a bulk file"),
    ("UPDATE bulk_rows SET invoice = 'nobody' WHERE number = 1", "a row of a bulk file"),
    (
        "UPDATE bulk_rows SET order_id = 'nothing', payment = 'nobody' WHERE number = 1",
        "a row of a bulk file",
    ),
    ("UPDATE bulk_rows SET customer = 'nobody' WHERE number = 3", "a row of a bulk file"),
];

/// An order that was tried once, and paid.
async fn paid_order(world: &World) {
    let mut driver = Driver::new(&world.store, 64);
    let scope = driver.merchant("Orders").await.scope(Mode::Test);
    let draft = OrderDraft {
        amount: Paise::new(25_000).unwrap(),
        receipt: None,
        has_unique_receipt: false,
        partial_payment: PartialPayment::Refused,
        capture: CapturePlan::default(),
        customer: None,
        mandate: None,
        nach: None,
        notes: vec![],
    };
    let reply = driver.did(scope, ScopedCommand::CreateOrder(draft)).await;
    let Reply::Order(order) = reply else { panic!("no order") };
    let account = VirtualAccountDraft { order: Some(order.id), ..with_number(None) };
    let account = driver.open(scope, account).await;
    driver.did(scope, credit(&account, 24_000, "wrong")).await;
    driver.did(scope, credit(&account, 25_000, "right")).await;
}

#[test]
fn every_rule_notices_damage() {
    on_databases(async |world| {
        story(world).await;
        paid_order(world).await;
        crate::qr_codes::story(world).await;
        crate::mandates::story(world).await;
        crate::paper::story(world).await;
        let tables = [
            "orders",
            "tokens",
            "nach_tokens",
            "nach_forms",
            "nach_scans",
            "invoices",
            "postings",
            "payments",
            "refunds",
            "instructions",
            "idempotency_keys",
            "virtual_accounts",
            "qr_codes",
            "statement_lines",
            "transfers",
            "timers",
            "bulk_files",
            "bulk_rows",
        ];
        for table in tables {
            world
                .sql(&format!("CREATE TABLE sound_{table} AS SELECT * FROM {table}"), vec![])
                .await;
        }
        let damages = DAMAGES.iter().chain(crate::mandates::DAMAGES).chain(crate::paper::DAMAGES);
        for (damage, rule) in damages {
            assert!(world.sql(damage, vec![]).await > 0, "{damage}");
            let audit = world.store.audit().await.unwrap();
            let found = audit.broken.iter().find(|(name, _)| name.contains(rule));
            let Some((name, count)) = found else { panic!("{damage}: {audit:?}") };
            let shown = audit.findings.iter().filter(|finding| finding.rule == *name).count();
            assert!(*count > 0 && shown as i64 == (*count).min(20), "{damage}: {count} {shown}");
            assert!(audit.findings.iter().all(|finding| finding.expected != finding.found));
            for table in tables {
                world.sql(&format!("DELETE FROM {table}"), vec![]).await;
                world
                    .sql(&format!("INSERT INTO {table} SELECT * FROM sound_{table}"), vec![])
                    .await;
            }
            assert!(world.store.audit().await.unwrap().is_clean(), "{damage}");
        }
        // What a reset retired is not looked at.
        world.sql("DELETE FROM transfers", vec![]).await;
        world.sql("UPDATE tenants SET retired = 1", vec![]).await;
        let audit = world.store.audit().await.unwrap();
        assert_eq!(audit.findings, []);
        assert_eq!(audit.totals.payments, 0);
    });
}

#[test]
fn a_reset_scope_is_purged_in_steps_and_nothing_else() {
    on_all(async |world| {
        let scope = story(world).await;
        let mut driver = Driver::new(&world.store, 62);
        let other = driver.merchant("Other").await.scope(Mode::Test);
        let account = driver.open(other, with_number(None)).await;
        driver.did(other, credit(&account, 10_000, "other")).await;
        assert_eq!(world.store.purge_retired(1000).await.unwrap(), 0);
        driver.did(scope, ScopedCommand::ResetSandbox).await;
        let mut steps = 0;
        loop {
            let deleted = world.store.purge_retired(50).await.unwrap();
            if deleted == 0 {
                break;
            }
            assert!(deleted <= 50 || !world.is_database(), "{deleted}");
            steps += 1;
        }
        assert!(steps > 3 || !world.is_database(), "{steps}");
        let audit = world.store.audit().await.unwrap();
        assert!(audit.is_clean());
        // One live payment of the story, one of the other merchant.
        assert_eq!(audit.totals.payments, 2);
        assert_eq!(world.store.tenant(scope.id).await.unwrap(), None);
        assert!(world.store.tenant(other.id).await.unwrap().is_some());
        for table in [
            "occurrences",
            "statement_lines",
            "virtual_accounts",
            "deliveries",
            "attempts",
            "timers",
            "customers",
            "refunds",
            "instructions",
            "idempotency_keys",
            "bulk_files",
            "bulk_rows",
        ] {
            let sql = format!("SELECT count(*) FROM {table} WHERE scope = {}", scope.id.0);
            let count = world.rows(&sql).await.remove(0).int().unwrap();
            assert_eq!(count, 0, "{table}");
        }
    });
}
