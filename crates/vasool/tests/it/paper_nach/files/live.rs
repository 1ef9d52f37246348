//! Live mode: a sponsor bank of one's own.

use std::time::Duration;

use hyper::Method;
use serde_json::json;

use super::World;
use crate::harness::{id, multipart, nach_order};
use crate::on_both_databases;

/// A picture as large as live mode wants it, with something on it that can be read.
fn photograph() -> Vec<u8> {
    let (width, height) = (1000_u32, 500_u32);
    let dark = |x: u32, y: u32| (x / 9 + y / 23).is_multiple_of(5) && !(x / 3).is_multiple_of(3);
    let pixels: Vec<u8> =
        (0..width * height).map(|at| if dark(at % width, at / width) { 25 } else { 235 }).collect();
    let mut bytes = vec![];
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&pixels).expect("pixels");
    writer.finish().expect("an end");
    bytes
}

/// Waits for files that the server makes and takes by itself.
async fn until(what: &str, check: impl Fn() -> bool) {
    let waiting = async {
        while !check() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(15), waiting).await.is_ok(), "{what}");
}

on_both_databases! {
    async fn a_live_mandate_is_registered_and_debited(app: TestApp) {
        let world = World::with(app, json!({"mode": "live"})).await;
        let live = &world.app.live;
        let body = json!({"name": "Asha Verma", "email": "asha.verma@example.com", "contact": "9820012345"});
        let customer = id(&live.post("/v1/customers", body).await.ok());
        let order = id(&live.post("/v1/orders", nach_order(&customer)).await.ok());
        let fields = [("order_id", order.as_str()), ("recurring", "1")];
        let (kind, body) = multipart(&fields, Some(("form.png", &photograph())));
        let taken = live.send(Method::POST, "/v1/payments/create/nach/file", Some(&kind), body).await.ok();
        let payment = taken["razorpay_payment_id"].as_str().unwrap().to_owned();
        until("an archive", || world.names("out").iter().any(|name| name.ends_with(".zip"))).await;
        let now = world.app.app.clock.now().to_time();
        world.desk().take(now).unwrap();
        until("the acknowledgement", || world.names("in").is_empty()).await;
        world.desk().respond(now, 1).unwrap();
        until("the response", || world.names("in").is_empty()).await;
        assert_eq!(world.refused().await, []);
        let row = live.get(&format!("/v1/payments/{payment}")).await.ok();
        assert_eq!(row["status"], "captured");
        let token = row["token_id"].as_str().unwrap();
        let order = live.post("/v1/orders", json!({"amount": 50_000, "currency": "INR"})).await.ok();
        let charge = json!({
            "email": "asha.verma@example.com", "contact": "9820012345", "amount": 50_000,
            "currency": "INR", "order_id": id(&order), "customer_id": customer, "token": token,
            "recurring": "1",
        });
        let charged = live.post("/v1/payments/create/recurring", charge).await.ok();
        let debit = charged["razorpay_payment_id"].as_str().unwrap();
        // It waits for the cut-off, whenever that is.
        let row = live.get(&format!("/v1/payments/{debit}")).await.ok();
        assert_eq!(row["status"], "created");
        // Test mode goes on over the sandbox's bank.
        let paper = world.app.paper().await;
        assert_eq!(world.status(&paper).await, "confirmed");
        assert_eq!(world.names("bad"), Vec::<String>::new());
        world.app.assert_books_clean().await;
    }
}
