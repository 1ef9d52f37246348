//! A whole month over the directory.

use serde_json::json;

use super::World;
use crate::harness::failure;
use crate::on_both_databases;

on_both_databases! {
    async fn a_month_of_debits_over_the_directory(app: TestApp) {
        let world = World::new(app).await;
        let papers = [
            world.signed("50100012345678", json!({"first_payment_amount": 10_000})).await,
            world.signed("50100012345679", json!({})).await,
        ];
        let refused = world.signed("50100012349003", json!({})).await;
        let silent = world.signed("50100012349999", json!({})).await;
        world.look().await;
        assert_eq!(world.names("out").len(), 1, "one archive of four mandates");
        world.take().await;
        assert_eq!(world.status(&papers[0]).await, "initiated", "numbered is not accepted");
        world.respond(1).await;
        for paper in &papers {
            assert_eq!(world.status(paper).await, "confirmed");
        }
        assert_eq!(world.status(&refused).await, "rejected");
        let row = world.app.pay_row(&refused.payment).await;
        assert_eq!(row["status"], "failed");
        assert_eq!(world.status(&silent).await, "initiated");

        let (mut honoured, mut returned, mut late, mut lost) = (vec![], vec![], vec![], vec![]);
        let mut before: Vec<String> = vec![];
        for day in 0..30 {
            for paper in &papers {
                honoured.push(world.debit(paper, 50_000).await);
                returned.push(world.debit(paper, 60_004).await);
                late.push(world.debit(paper, 70_098).await);
            }
            lost.push(world.debit(&papers[0], 80_099).await);
            world.cut_off().await;
            world.take().await;
            // Yesterday's responses come once more, today's in three parts.
            for name in &before {
                world.send(name, &world.read("done", name));
            }
            before = world.respond(3).await;
            assert!(before.len() >= 3, "{before:?}");
            assert_eq!(world.names("in"), Vec::<String>::new(), "day {day}");
            for payment in honoured.iter().chain(&returned).rev().take(2) {
                assert_ne!(world.payment_status(payment).await, "created");
            }
            world.next_day().await;
        }
        world.respond(3).await;
        for payment in honoured.iter().chain(&late) {
            assert_eq!(world.payment_status(payment).await, "captured");
        }
        for payment in &returned {
            assert_eq!(failure(&world.app.pay_row(payment).await)[4], "insufficient_funds");
        }
        for payment in &lost[..25] {
            assert_eq!(failure(&world.app.pay_row(payment).await)[4], "payment_timed_out");
        }
        // Nobody answered the mandate in thirty days.
        assert_eq!(world.status(&silent).await, "rejected");
        let row = world.app.pay_row(&silent.payment).await;
        assert_eq!(failure(&row)[4], "payment_timed_out");
        assert_eq!(world.names("bad"), Vec::<String>::new());
        assert_eq!(world.refused().await, []);
        // The first debit went with the first file, without being asked for.
        let payments = world.app.test.get("/v1/payments?count=100&skip=200").await.ok();
        let items = payments["items"].as_array().unwrap();
        let first = items.iter().filter(|payment| payment["amount"] == 10_000);
        let first: Vec<_> = first.map(|payment| payment["status"].clone()).collect();
        assert_eq!(first, ["captured"]);
        world.app.assert_books_clean().await;
    }

    async fn a_debit_goes_with_the_cycle_it_was_asked_for_in(app: TestApp) {
        let world = World::new(app).await;
        let paper = world.registered().await;
        let out = || world.names("out").len();
        let early = world.debit(&paper, 50_000).await;
        world.look().await;
        assert_eq!(out(), 0, "not before the cut-off");
        world.cut_off().await;
        assert_eq!(out(), 1);
        let late = world.debit(&paper, 51_000).await;
        world.look().await;
        assert_eq!(out(), 1, "after the cut-off is tomorrow");
        world.take().await;
        world.respond(1).await;
        assert_eq!(world.payment_status(&early).await, "captured");
        assert_eq!(world.payment_status(&late).await, "created");
        world.next_day().await;
        world.cut_off().await;
        world.take().await;
        world.respond(1).await;
        assert_eq!(world.payment_status(&late).await, "captured");
        let mut names = world.names("bank/finished");
        names.retain(|name| name.starts_with("ACH"));
        names.extend(world.names("bank/answered"));
        assert_eq!(names.len(), 2, "{names:?}");
        let numbers: Vec<_> = names.iter().map(|name| &name[name.len() - 14..]).collect();
        assert_eq!(numbers, ["000001-INP.txt", "000001-INP.txt"], "each day begins anew");
        world.app.assert_books_clean().await;
    }

    async fn a_file_holds_no_more_than_its_bank_takes(app: TestApp) {
        let world = World::with(app, json!({"items_per_file": 2})).await;
        let paper = world.registered().await;
        let mut payments = vec![];
        for amount in [50_000, 51_000, 52_000, 53_000, 54_000] {
            payments.push(world.debit(&paper, amount).await);
        }
        world.cut_off().await;
        assert_eq!(world.names("out").len(), 3);
        world.take().await;
        world.respond(1).await;
        for payment in &payments {
            assert_eq!(world.payment_status(payment).await, "captured");
        }
        world.app.assert_books_clean().await;
    }
}
