//! Mandates as archives: registered, ended, refused.

use serde_json::json;
use vasool_nach::mandate::{Amount, Message, read_messages, read_requests};

use super::{DAY, World};
use crate::on_both_databases;

on_both_databases! {
    async fn an_archive_says_what_was_signed(app: TestApp) {
        let world = World::new(app).await;
        let paper = world.signed("50100012345678", json!({})).await;
        world.look().await;
        let names = world.names("out");
        let [name] = &names[..] else { panic!("{names:?}") };
        assert!(name.starts_with("MMS-CREATE-HDFC-VASOOL-"), "{name}");
        assert!(name.ends_with("-000001-INP.zip"), "{name}");
        let signed = read_requests(&world.read("out", name)).unwrap();
        let [signed] = &signed[..] else { panic!("one mandate") };
        let request = &signed.request;
        assert_eq!(request.request_id, paper.token);
        assert_eq!((request.category.as_str(), request.umrn.as_deref()), ("L001", None));
        assert!(matches!(request.amount, Amount::Maximum(max) if max.get() == 2_500_000));
        assert_eq!(request.debtor.name, "Asha Verma");
        assert_eq!(request.debtor.account_number, "50100012345678");
        assert_eq!(request.debtor.bank, "HDFC0000060");
        assert_eq!(request.creditor.utility_code, "HDFC00000000012345");
        assert_eq!(request.final_on.unwrap().to_iso(), "2031-01-01", "the last second in Greenwich");
        assert!(signed.grey_jpeg.starts_with(b"\xff\xd8"));
        assert!(signed.bilevel_tiff.starts_with(b"II*\0"));
    }

    async fn a_cancelled_mandate_is_ended_with_the_next_working_day(app: TestApp) {
        let world = World::new(app).await;
        let paper = world.registered().await;
        let cancel = format!("{}/cancel", paper.path());
        world.app.test.put(&cancel, json!({})).await.ok();
        world.look().await;
        assert_eq!(world.names("out").len(), 0, "tomorrow");
        assert_eq!(world.status(&paper).await, "confirmed");
        world.next_day().await;
        let names = world.names("out");
        let [name] = &names[..] else { panic!("{names:?}") };
        assert!(name.starts_with("MMS-CANCEL-HDFC-VASOOL-"), "{name}");
        let messages = read_messages(&world.read("out", name)).unwrap();
        let Message::Cancellation(end) = &messages[0].message else { panic!("a cancellation") };
        let token = world.app.app.store.filed_by_umrn("hdfc", &end.umrn).await.unwrap().unwrap();
        assert_eq!(token.rows.token.to_string(), paper.token);
        let (_, receiver) = world.app.hook(&["token.cancelled"]).await;
        world.take().await;
        assert_eq!(world.status(&paper).await, "cancelled");
        assert_eq!(receiver.until(1).await[0].event(), "token.cancelled");
        world.app.assert_books_clean().await;
    }

    async fn a_mandate_that_no_bank_has_heard_of_is_ended_without_a_file(app: TestApp) {
        let world = World::new(app).await;
        // A part of the directory is away, so nothing is made of what waits.
        let away = world.root.with_extension("away");
        std::fs::rename(world.root.join("in"), &away).unwrap();
        let paper = world.signed("50100012345678", json!({})).await;
        world.app.test.put(&format!("{}/cancel", paper.path()), json!({})).await.ok();
        assert_eq!(world.status(&paper).await, "initiated");
        std::fs::rename(&away, world.root.join("in")).unwrap();
        world.next_day().await;
        assert_eq!(world.status(&paper).await, "cancelled");
        assert_eq!(world.names("out"), Vec::<String>::new());
        world.app.assert_books_clean().await;
    }

    async fn a_mandate_that_is_on_its_way_is_ended_when_it_has_a_number(app: TestApp) {
        let world = World::new(app).await;
        let paper = world.signed("50100012345678", json!({})).await;
        world.look().await;
        world.app.test.put(&format!("{}/cancel", paper.path()), json!({})).await.ok();
        world.next_day().await;
        assert_eq!(world.names("out").len(), 1, "it cannot be named yet");
        world.take().await;
        assert_eq!(world.names("out").len(), 1, "now it can");
        world.respond(1).await;
        assert_eq!(world.status(&paper).await, "initiated");
        world.take().await;
        assert_eq!(world.status(&paper).await, "cancelled");
        world.app.assert_books_clean().await;
    }

    async fn a_mandate_that_was_refused_meanwhile_needs_no_end(app: TestApp) {
        let world = World::new(app).await;
        let paper = world.signed("50100012349003", json!({})).await;
        world.look().await;
        world.desk().take(world.time().await).unwrap();
        std::fs::remove_file(world.root.join("in").join(&world.names("in")[0])).unwrap();
        world.app.test.put(&format!("{}/cancel", paper.path()), json!({})).await.ok();
        world.respond(1).await;
        assert_eq!(world.status(&paper).await, "cancelled");
        world.next_day().await;
        assert_eq!(world.names("out"), Vec::<String>::new());
        world.app.assert_books_clean().await;
    }

    async fn a_payer_ends_a_mandate_at_the_bank(app: TestApp) {
        let world = World::new(app).await;
        let paper = world.registered().await;
        let token = world.app.test.get(&format!("/v1/sandbox/mandates/{}", paper.token)).await.ok();
        let umrn = token["umrn"].as_str().unwrap().to_owned();
        let day = vasool_nach::day::Day::at(world.time().await).to_compact();
        let message = vasool_nach::mandate::NamedMessage {
            name: "end.xml".to_owned(),
            message: Message::Cancellation(vasool_nach::mandate::Cancellation {
                header: vasool_nach::mandate::Header {
                    message_id: "B1".to_owned(),
                    created_at: world.time().await,
                    from: member("HDFC0000060"),
                    to: member("HDFC0000240"),
                },
                umrn,
                reason: "C001".to_owned(),
            }),
        };
        let bytes = std::io::Cursor::new(vec![]);
        let bytes = vasool_nach::mandate::write_messages(bytes, [&message]).unwrap().into_inner();
        for sequence in [1, 2] {
            world.send(&format!("MMS-CANCEL-HDFC-{day}-{sequence:06}-INW.zip"), &bytes);
            world.look().await;
            assert_eq!(world.status(&paper).await, "cancelled", "once or twice");
        }
        assert_eq!(world.names("done").iter().filter(|name| name.contains("INW")).count(), 2);
        world.app.assert_books_clean().await;
    }

    async fn an_answer_after_thirty_days_comes_too_late(app: TestApp) {
        let world = World::new(app).await;
        let paper = world.signed("50100012345678", json!({})).await;
        world.look().await;
        world.take().await;
        world.app.advance(29 * DAY).await;
        assert_eq!(world.status(&paper).await, "initiated");
        world.app.advance(DAY).await;
        assert_eq!(world.status(&paper).await, "rejected");
        world.respond(1).await;
        assert_eq!(world.status(&paper).await, "rejected", "given up is given up");
        world.app.assert_books_clean().await;
    }
}

fn member(ifsc: &str) -> vasool_nach::mandate::Member {
    vasool_nach::mandate::Member { id: ifsc.to_owned(), name: "A Bank".to_owned() }
}
