//! A server that dies while it makes and takes files.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::time::Duration;

use serde_json::json;
use vasool_nach::ach::{FileKind, Reader};

use super::World;
use crate::on_both_databases;

on_both_databases! {
    async fn whatever_dies_every_debit_is_in_one_file(app: TestApp) {
        let mut world = World::with(app, json!({"items_per_file": 7})).await;
        let paper = world.registered().await;
        let mut payments = vec![];
        for _ in 0..40 {
            payments.push(world.debit(&paper, 50_000).await);
        }
        // The clock reaches the cut-off while the server dies again and again.
        for round in 0..12_u64 {
            let client = world.app.test.clone();
            let advance = async {
                let step = if round == 0 { 3_600 } else { 1 };
                client.try_post("/v1/sandbox/clock", json!({"advance": step})).await
            };
            let _ = tokio::time::timeout(Duration::from_millis(3 + 7 * round), advance).await;
            world.app = world.app.crash().await;
        }
        // The lease of a process that died runs out.
        world.until_out(6).await;
        let names = world.names("out");
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for name in names.iter().filter(|name| !name.ends_with(".part")) {
            let input = Cursor::new(world.read("out", name));
            let reader = Reader::new(input, FileKind::Input, world.bank.dialect).unwrap();
            for item in reader {
                *found.entry(item.unwrap().debit.reference).or_default() += 1;
            }
        }
        let want: BTreeMap<String, usize> = payments.iter().map(|id| (id.clone(), 1)).collect();
        assert_eq!(found, want);
        world.desk().take(world.time().await).unwrap();
        world.desk().respond(world.time().await, 2).unwrap();
        for round in 0..12_u64 {
            let client = world.app.test.clone();
            let look = async { client.try_post("/v1/sandbox/clock", json!({"advance": 1})).await };
            let _ = tokio::time::timeout(Duration::from_millis(2 + 5 * round), look).await;
            world.app = world.app.crash().await;
        }
        world.until_read().await;
        for payment in &payments {
            assert_eq!(world.payment_status(payment).await, "captured");
        }
        assert_eq!(world.names("in"), Vec::<String>::new());
        assert_eq!(world.names("bad"), Vec::<String>::new());
        world.app.assert_books_clean().await;
    }
}
