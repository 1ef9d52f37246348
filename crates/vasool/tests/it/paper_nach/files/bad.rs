//! Files that are not applied: put aside with a reason and an alert, and nothing of them is heard.

use super::World;
use crate::on_both_databases;

/// Bytes of a record and its line end.
const RECORD: usize = 308;

/// A record with other bytes from a position, counted from 1 as the layout does.
fn with(file: &[u8], record: usize, position: usize, text: &str) -> Vec<u8> {
    let mut bytes = file.to_vec();
    let at = record * RECORD + position - 1;
    bytes[at..at + text.len()].copy_from_slice(text.as_bytes());
    bytes
}

on_both_databases! {
    async fn what_cannot_be_is_put_aside_whole(app: TestApp) {
        let world = World::new(app).await;
        let paper = world.registered().await;
        let payments =
            [world.debit(&paper, 50_000).await, world.debit(&paper, 51_000).await];
        world.cut_off().await;
        world.take().await;
        let names = world.desk().respond(world.time().await, 1).unwrap();
        let name = names[0].clone();
        let good = world.read("in", &name);
        std::fs::remove_file(world.root.join("in").join(&name)).unwrap();
        assert_eq!(good.len(), 3 * RECORD);

        let other_day = name.replacen("VASOOL-", "VASOOL-0101", 1);
        let other_day = format!("{}{}", &other_day[..23], &other_day[27..]);
        let cases: Vec<(String, Vec<u8>, &str)> = vec![
            ("hello.txt".to_owned(), good.clone(), "no name of a file"),
            (name.replace("HDFC", "ICIC"), good.clone(), "of another bank"),
            (name.replace("VASOOL", "OTHER"), good.clone(), "of another login"),
            (other_day, good.clone(), "was never sent"),
            (name.replace("-RES", "-INW"), good.clone(), "not a file for"),
            (name.clone(), vec![], "no header"),
            (name.clone(), good[..good.len() - 40].to_vec(), "306"),
            (name.clone(), good[..2 * RECORD].to_vec(), "the header announces 2 items"),
            (name.clone(), with(&good, 0, 157, "ICIC"), "another utility code"),
            (name.clone(), with(&good, 2, 232 + 4, "zzzz"), "line 3: a reference of nobody"),
            (name.clone(), with(&with(&good, 2, 128, "9"), 0, 119, "10"), "line 3: another amount"),
            (name.clone(), with(&good, 2, 280 + 10, "99999"), "line 3: another mandate"),
            (name.clone(), with(&good, 1, 154, "9"), "flag"),
            (name.clone(), b"\0\xff binary".to_vec(), "306"),
            (name.replace("ACH-DR", "MMS-CREATE").replace(".txt", ".zip"), good.clone(), "not a ZIP archive"),
        ];
        for (at, (file, bytes, reason)) in cases.iter().enumerate() {
            world.send(file, bytes);
            world.look().await;
            assert_eq!(world.names("in"), Vec::<String>::new(), "{file}");
            let bad = world.names("bad");
            assert_eq!(bad.len(), 2 * (at + 1), "{file}: {bad:?}");
            let said = world.refused().await;
            let (of, text) = said.last().unwrap();
            assert_eq!(of, file);
            assert!(text.contains(reason), "{file}: {text:?} is not {reason:?}");
            for payment in &payments {
                assert_eq!(world.payment_status(payment).await, "created", "{file}");
            }
        }
        // What is not complete is not looked at; a folder is no file.
        world.send(&format!("{name}.part"), &good[..100]);
        std::fs::create_dir(world.root.join("in/folder")).unwrap();
        world.look().await;
        assert_eq!(world.names("in"), [format!("{name}.part")]);
        // The good file is taken all the same.
        world.send(&name, &good);
        world.look().await;
        for payment in &payments {
            assert_eq!(world.payment_status(payment).await, "captured");
        }
        world.app.assert_books_clean().await;
    }

    async fn a_repeated_file_changes_nothing_and_a_contradiction_is_not_believed(app: TestApp) {
        let world = World::new(app).await;
        let paper = world.registered().await;
        let payment = world.debit(&paper, 50_000).await;
        world.cut_off().await;
        world.take().await;
        let (_, receiver) = world.app.hook(&["payment.captured", "payment.failed"]).await;
        let name = world.respond(1).await.remove(0);
        assert_eq!(world.payment_status(&payment).await, "captured");
        let good = world.read("done", &name);
        world.send(&name, &good);
        world.look().await;
        let returned = with(&good, 1, 154, "004");
        world.send(&name.replace("-RES", "-02-RES"), &returned);
        world.look().await;
        assert_eq!(world.payment_status(&payment).await, "captured");
        assert_eq!(world.names("bad"), Vec::<String>::new());
        assert_eq!(world.names("done").iter().filter(|done| done.contains("RES")).count(), 4);
        let audit = world.app.app.store.audit().await.unwrap();
        assert!(audit.findings.is_empty());
        let events = receiver.until(1).await;
        assert_eq!(events.len(), 1, "told once");
    }

    async fn archives_that_cannot_be_are_put_aside(app: TestApp) {
        let world = World::new(app).await;
        let paper = world.signed("50100012345678", serde_json::json!({})).await;
        world.look().await;
        let names = world.desk().take(world.time().await).unwrap();
        let (name, good) = (names[0].clone(), world.read("in", &names[0]));
        world.send(&name, &good[..good.len() - 3]);
        world.look().await;
        world.send(&name, &[0; 64]);
        world.look().await;
        let large = std::fs::File::create(world.root.join("in").join(&name)).unwrap();
        large.set_len(11_000_000).unwrap();
        world.look().await;
        assert_eq!(world.names("bad").len(), 6);
        assert_eq!(world.status(&paper).await, "initiated");
        world.send(&name, &good);
        world.look().await;
        world.respond(1).await;
        assert_eq!(world.status(&paper).await, "confirmed");
        world.app.assert_books_clean().await;
    }
}
