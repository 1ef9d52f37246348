//! Webhook bodies of Smart Collect, byte by byte: rows SC-106, SC-107 and SC-109.

use serde_json::json;

use crate::harness::{bank_account_with, id};
use crate::on_both_databases;

const DAY: i64 = 86_400;

on_both_databases! {
    async fn sc_106_created(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        let now = app.freeze().await;
        let customer = id(&app.customer().await);
        let account = app.open(bank_account_with(json!({
            "customer_id": customer, "description": "Rent 14B", "close_by": now + DAY,
            "notes": {"unit": "14B"}, "amount_expected": 500
        }))).await;
        let (merchant, va) = (app.merchant, id(&account));
        let ba = id(&account["receivers"][0]);
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        let close_by = now + DAY;
        let want = format!(
            r#"{{"entity":"event","account_id":"{merchant}","event":"virtual_account.created","contains":["virtual_account"],"payload":{{"virtual_account":{{"entity":{{"id":"{va}","name":"Blue Lotus Traders","entity":"virtual_account","status":"active","description":"Rent 14B","amount_expected":500,"notes":{{"unit":"14B"}},"amount_paid":0,"customer_id":"{customer}","receivers":[{{"id":"{ba}","entity":"bank_account","ifsc":"RAZR0000001","bank_name":null,"name":"Blue Lotus Traders","notes":[],"account_number":"{number}"}}],"close_by":{close_by},"closed_at":null,"created_at":{now}}}}}}},"created_at":{now}}}"#
        );
        assert_eq!(receiver.next().await.body, want);
    }

    async fn sc_107_credited(app: TestApp) {
        app.set(json!({"va_bank": [{"ifsc": "RATN0VAAPIS", "bank_name": "RBL Bank"}]})).await;
        let (_, receiver) = app.hook(&["virtual_account.credited"]).await;
        let now = app.freeze().await;
        let customer = id(&app.customer().await);
        let account = app.open(bank_account_with(json!({
            "customer_id": customer, "description": "Rent collection, unit 14B",
            "close_by": now + DAY, "notes": {"unit": "14B"}
        }))).await;
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        let paid = app.transfer(json!({
            "account_number": number, "amount": 239_000, "utr": "528201736455",
            "payer": {"name": "Meera Iyer", "account_number": "765432198765432", "ifsc": "UTIB0003198"}
        })).await.ok();
        let pay = paid["payment_id"].as_str().unwrap();
        let transfer = app.test.get(&format!("/v1/payments/{pay}/bank_transfer")).await.ok();
        let (bt, payer) = (id(&transfer), id(&transfer["payer_bank_account"]));
        let (merchant, va) = (app.merchant, id(&account));
        let (ba, close_by) = (id(&account["receivers"][0]), now + DAY);
        let payment = format!(
            r#"{{"id":"{pay}","entity":"payment","amount":239000,"currency":"INR","base_amount":239000,"status":"captured","order_id":null,"invoice_id":null,"international":false,"method":"bank_transfer","amount_refunded":0,"amount_transferred":0,"refund_status":null,"captured":true,"description":null,"card_id":null,"bank":null,"wallet":null,"vpa":null,"email":"meera@example.test","contact":"+919000012345","customer_id":"{customer}","notes":[],"fee":2820,"tax":430,"error_code":null,"error_description":null,"error_source":null,"error_step":null,"error_reason":null,"acquirer_data":{{"rrn":"528201736455"}},"created_at":{now}}}"#
        );
        let account = format!(
            r#"{{"id":"{va}","name":"Blue Lotus Traders","entity":"virtual_account","status":"active","description":"Rent collection, unit 14B","amount_expected":null,"notes":{{"unit":"14B"}},"amount_paid":239000,"customer_id":"{customer}","close_by":{close_by},"closed_at":null,"created_at":{now},"receivers":[{{"id":"{ba}","entity":"bank_account","ifsc":"RATN0VAAPIS","bank_name":"RBL Bank","name":"Blue Lotus Traders","account_number":"{number}"}}]}}"#
        );
        let transfer = format!(
            r#"{{"id":"{bt}","entity":"bank_transfer","payment_id":"{pay}","mode":"NEFT","bank_reference":"528201736455","amount":239000,"payer_bank_account":{{"id":"{payer}","entity":"bank_account","ifsc":"UTIB0003198","bank_name":"Axis Bank","name":"Meera Iyer","account_number":"765432198765432"}},"virtual_account_id":"{va}"}}"#
        );
        let want = format!(
            r#"{{"entity":"event","account_id":"{merchant}","event":"virtual_account.credited","contains":["payment","virtual_account","bank_transfer"],"payload":{{"payment":{{"entity":{payment}}},"virtual_account":{{"entity":{account}}},"bank_transfer":{{"entity":{transfer}}}}},"created_at":{now}}}"#
        );
        assert_eq!(receiver.next().await.body, want);
    }

    async fn sc_107_credited_without_a_payer(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.credited"]).await;
        let (_, number) = app.virtual_account().await;
        let body = json!({"account_number": number, "amount": 500, "payer": null});
        app.transfer(body).await.ok();
        let body = receiver.next().await.json();
        let transfer = &body["payload"]["bank_transfer"]["entity"];
        assert_eq!(transfer["payer_bank_account"], json!(null));
        assert_eq!(transfer.get("virtual_account"), None);
        let payment = &body["payload"]["payment"]["entity"];
        assert_eq!((payment.get("customer_id"), &payment["email"]), (None, &json!(null)));
    }

    async fn sc_109_closed(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.closed"]).await;
        let now = app.freeze().await;
        let (by_call, number) = app.virtual_account().await;
        let ba = id(&app.account(&by_call).await["receivers"][0]);
        let by_time = id(&app.open(bank_account_with(json!({"close_by": now + 1_000}))).await);
        let by_dormancy = app.virtual_account().await.0;
        app.pay(&number, 500).await;
        app.advance(10).await;
        app.test.post(&format!("/v1/virtual_accounts/{by_call}/close"), json!({})).await.ok();
        let (merchant, at) = (app.merchant, now + 10);
        let want = format!(
            r#"{{"entity":"event","account_id":"{merchant}","event":"virtual_account.closed","contains":["virtual_account"],"payload":{{"virtual_account":{{"entity":{{"id":"{by_call}","name":"Blue Lotus Traders","entity":"virtual_account","status":"closed","description":null,"amount_expected":null,"notes":[],"amount_paid":500,"customer_id":null,"receivers":[{{"id":"{ba}","entity":"bank_account","ifsc":"RAZR0000001","bank_name":null,"name":"Blue Lotus Traders","account_number":"{number}"}}],"close_by":null,"closed_at":{at},"created_at":{now}}}}}}},"created_at":{at}}}"#
        );
        assert_eq!(receiver.next().await.body, want);
        app.advance(1_000).await;
        let event = receiver.next().await.json();
        let entity = &event["payload"]["virtual_account"]["entity"];
        assert_eq!((&entity["id"], &entity["closed_at"]), (&json!(by_time), &json!(now + 1_000)));
        assert_eq!(event["created_at"], now + 1_000, "the instant it happened, not when it was seen");
        app.advance(90 * DAY).await;
        let event = receiver.next().await.json();
        let entity = &event["payload"]["virtual_account"]["entity"];
        assert_eq!((&entity["id"], &entity["closed_at"]), (&json!(by_dormancy), &json!(now + 90 * DAY)));
        app.advance(90 * DAY).await;
        assert_eq!(receiver.all().len(), 3, "one each");
    }
}
