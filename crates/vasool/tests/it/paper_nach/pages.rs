//! The form and the page: rows PN-20 to PN-22.

use serde_json::json;

use crate::harness::{TestApp, id, path_of, png};
use crate::on_both_databases;

async fn page(app: &TestApp, order: &serde_json::Value) -> String {
    let answer = app.test.send_plain(&path_of(&order["token"]["nach"]["upload_form_url"])).await;
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.bytes.to_vec()).expect("text")
}

on_both_databases! {
    async fn pn_20_and_21_the_form(app: TestApp) {
        let order = app.nach_order().await;
        let nach = &order["token"]["nach"];
        let form = app.test.send_plain(&path_of(&nach["prefilled_form"])).await;
        assert_eq!(form.status, 200);
        let header = |name: &str| form.headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "application/pdf");
        let name = format!("inline; filename=\"nach_{}.pdf\"", id(&order));
        assert_eq!(header("content-disposition"), name);
        assert!(form.bytes.starts_with(b"%PDF-"));
        let again = app.test.send_plain(&path_of(&nach["prefilled_form_transient"])).await;
        assert_eq!(again.bytes, form.bytes, "the same each time");
        assert_ne!(nach["prefilled_form"], nach["prefilled_form_transient"]);
        assert_eq!(app.test.send_plain("/i/AAAAAAAA").await.status, 404);
    }

    async fn pn_22_the_page(app: TestApp) {
        app.by_hand().await;
        let order = app.nach_order().await;
        let html = page(&app, &order).await;
        for part in [
            "Download NACH Form", "Upload NACH Form", "type=\"file\"", "name=\"file\"",
            "enctype=\"multipart/form-data\"", "method=\"post\"", "Blue Lotus Traders",
            "Monthly SIP", "Asha Verma", "HDFC Bank", "XXXX5678", "₹25,000.00", "NACH-REG-104",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
        assert!(!html.contains("50100012345678"));
        let first = app.pending_paper(order.clone()).await;
        let html = page(&app, &order).await;
        assert!(html.contains("with the bank") && html.contains("Download") && !html.contains("<form"));
        app.act(&first.token, json!({"action": "reject", "reason": "M003"})).await.ok();
        let html = page(&app, &order).await;
        assert!(html.contains("Drawers signature differs") && html.contains("<form"));
        let second = app.pending_paper(order.clone()).await;
        app.act(&second.token, json!({"action": "approve"})).await.ok();
        let html = page(&app, &order).await;
        assert!(html.contains("registered") && html.contains(&second.payment));
        assert!(!html.contains("<form"));
        app.scan(&id(&order), "form.png", &png()).await.error(400);
    }
}
