//! Bulk files of mandates on paper: rows PN-80 and PN-81.

use std::collections::BTreeMap;

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Paper, TestApp, id, ids, is_id, keys, multipart, workbook};
use crate::on_both_databases;

const LINKS: &str = "auth_link";
const DEBITS: &str = "recurring_charge";
const LINK_HEADER: &str = "email,phone,description,name,receipt,frequency,amount,currency,method,\
    auth_type,token_expiry_by,token_max_amount,bank,account_holder_name,ifsc,account_number,\
    account_type,link_expiry_by,notes[plan]";
const LINK_RESULTS: [&str; 7] = [
    "Status",
    "authorization_link_id",
    "authorization_link",
    "link_status",
    "created_at",
    "Error Code",
    "Error Description",
];
const DEBIT_HEADER: &str = "token,customer_id,amount,currency,receipt,description,notes[plan]";
const KEYS: [&str; 10] = [
    "id",
    "entity",
    "type",
    "status",
    "total_count",
    "processed_count",
    "success_count",
    "failure_count",
    "schedule",
    "created_at",
];
const NO: &str = "BAD_REQUEST_ERROR";

type Report = Vec<BTreeMap<String, String>>;

/// A row of a registration link with some cells changed.
fn link_row(changes: &[(&str, &str)]) -> String {
    let row = "asha@example.com,9820012345,Lunch plan,Asha Verma,LP-1,monthly,,,nach,physical,,,\
        HDFC,Asha Verma,HDFC0000060,50100012345678,savings,,gold";
    let mut cells: Vec<&str> = row.split(',').collect();
    for (name, cell) in changes {
        let at = LINK_HEADER.split(',').position(|column| column == *name).expect("a column");
        cells[at] = cell;
    }
    cells.join(",")
}

fn file(header: &str, rows: &[String]) -> String {
    [&[header.to_owned()], rows].concat().join("\n")
}

async fn send(app: &TestApp, fields: &[(&str, &str)], file: impl AsRef<[u8]>) -> Answer {
    let (kind, body) = multipart(fields, Some(("rows.csv", file.as_ref())));
    app.test.send(Method::POST, "/v1/batches", Some(&kind), body).await
}

fn column<'a>(report: &'a Report, name: &str) -> Vec<&'a str> {
    report.iter().map(|row| row[name].as_str()).collect()
}

fn counts(batch: &Value) -> [i64; 4] {
    ["total_count", "processed_count", "success_count", "failure_count"]
        .map(|key| batch[key].as_i64().unwrap())
}

async fn batch(app: &TestApp, id: &str) -> Value {
    app.test.get(&format!("/v1/batches/{id}")).await.ok()
}

async fn invoice(app: &TestApp, id: &str) -> Value {
    app.test.get(&format!("/v1/invoices/{id}")).await.ok()
}

fn debit_row(paper: &Paper, amount: i64, rest: &str) -> String {
    format!("{},{},{amount},INR,{rest}", paper.token, paper.customer)
}

async fn assert_no_batches(app: &TestApp) {
    assert_eq!(ids(&app.test.get("/v1/batches").await.ok()), [""; 0]);
}

on_both_databases! {
    async fn pn_80_links_of_a_file(app: TestApp) {
        let now = app.freeze().await;
        let rows = [
            link_row(&[]),
            link_row(&[("bank", "XXXX")]),
            link_row(&[
                ("email", "ravi@example.com"), ("name", ""), ("amount", "50000"), ("currency", "INR"),
                ("token_expiry_by", "31/12/2035 10:05:07"), ("token_max_amount", "70000"),
                ("link_expiry_by", "31/12/2034"), ("account_type", "current"), ("notes[plan]", ""),
            ]),
            link_row(&[("ifsc", "")]),
            link_row(&[("link_expiry_by", "31-12-2034")]),
            link_row(&[("link_expiry_by", "01/01/2020")]),
            link_row(&[("amount", "50000")]),
            link_row(&[("receipt", "LP-2")]),
        ];
        let answer = app.test.upload(LINKS, "rows.csv", file(LINK_HEADER, &rows)).await.ok();
        assert_eq!(keys(&answer), KEYS);
        assert!(is_id(&answer["id"], "batch_"));
        let got = ["entity", "type", "status", "schedule", "created_at"].map(|key| answer[key].clone());
        assert_eq!(got, [json!("batch"), json!(LINKS), json!("created"), Value::Null, json!(now)]);
        assert_eq!(counts(&answer), [8, 0, 0, 0]);
        let done = app.processed(&id(&answer)).await;
        assert_eq!((keys(&done), counts(&done)), (KEYS.to_vec(), [8, 8, 3, 5]));

        let text = app.test.get(&format!("/v1/batches/{}/report", id(&done))).await;
        let header = [LINK_HEADER, &LINK_RESULTS.join(",")].join(",");
        assert!(text.bytes.starts_with(format!("{header}\n").as_bytes()), "{:?}", text.bytes);
        let report = app.report(&id(&done)).await;
        let [good, bad] = ["success", "failed"];
        assert_eq!(column(&report, "Status"), [good, bad, good, bad, bad, bad, bad, good]);
        assert_eq!(column(&report, "Error Code"), ["", NO, "", NO, NO, NO, NO, ""]);
        let soon = "expire_by should be at least 15 minutes after current time";
        assert_eq!(column(&report, "Error Description"), [
            "", "Bank code provided is invalid.", "", "The ifsc code field is required.", soon, soon,
            "The currency field is required.", "",
        ]);
        assert_eq!(column(&report, "link_status"), ["issued", "", "issued", "", "", "", "", "issued"]);
        assert_eq!(report[1]["authorization_link_id"], "");
        assert_eq!((&report[1]["bank"], &report[2]["frequency"]), (&"XXXX".into(), &"monthly".into()));
        let created = now.to_string();
        assert_eq!((&report[0]["created_at"], &*report[1]["created_at"]), (&created, ""));

        let first = invoice(&app, &report[0]["authorization_link_id"]).await;
        assert_eq!(first["short_url"], report[0]["authorization_link"]);
        let got = ["status", "receipt", "description", "notes", "sms_status", "email_status", "expire_by"]
            .map(|key| first[key].clone());
        assert_eq!(got, [json!("issued"), json!("LP-1"), json!("Lunch plan"), json!({"plan": "gold"}),
                         json!("sent"), json!("sent"), Value::Null]);
        assert_eq!((&first["token"]["max_amount"], &first["token"]["first_payment_amount"]),
                   (&json!(10_000_000), &json!(0)));
        let third = invoice(&app, &report[2]["authorization_link_id"]).await;
        let token = &third["token"];
        // 2035-12-31T10:05:07 and 2034-12-31T00:00:00 in India.
        assert_eq!((&token["expire_at"], &third["expire_by"]), (&json!(2_082_688_507), &json!(2_051_116_200)));
        assert_eq!((&token["max_amount"], &token["first_payment_amount"]), (&json!(70_000), &json!(50_000)));
        assert_eq!(token["bank_account"]["account_type"], "current");
        assert_eq!((&third["customer_details"]["name"], &third["notes"]), (&Value::Null, &json!([])));
        // Rows of one customer share the customer; refused rows leave nothing.
        let last = invoice(&app, &report[7]["authorization_link_id"]).await;
        assert_eq!(first["customer_id"], last["customer_id"]);
        assert_eq!(app.test.get("/v1/customers").await.ok()["count"], 2);
        assert_eq!(app.test.get("/v1/invoices").await.ok()["count"], 3);
        app.assert_books_clean().await;
    }

    async fn pn_80_what_an_upload_says_about_messages(app: TestApp) {
        let rows = file(LINK_HEADER, &[link_row(&[])]);
        for (sms, email, want) in [
            ("1", "0", [json!("sent"), Value::Null]),
            ("false", "true", [Value::Null, json!("sent")]),
        ] {
            let fields = [("type", LINKS), ("sms_notify", sms), ("email_notify", email)];
            let made = send(&app, &fields, &rows).await.ok();
            app.processed(&id(&made)).await;
            let link = app.report(&id(&made)).await[0]["authorization_link_id"].clone();
            let link = invoice(&app, &link).await;
            assert_eq!([link["sms_status"].clone(), link["email_status"].clone()], want);
        }
        let fields = [("type", LINKS), ("sms_notify", "perhaps")];
        let error = send(&app, &fields, &rows).await.refused("The sms notify field must be true or false.");
        assert_eq!(error["field"], "sms_notify");
        let fields = [("type", LINKS), ("schedule", "4000000000")];
        send(&app, &fields, &rows).await.refused("schedule is allowed for recurring_charge only");
        assert_eq!(app.test.get("/v1/batches").await.ok()["count"], 2);
    }

    async fn pn_80_a_workbook(app: TestApp) {
        let header: Vec<&str> = LINK_HEADER.split(',').collect();
        let (first, second) = (link_row(&[]), link_row(&[("email", "r@x.in"), ("bank", "")]));
        let [first, second] = [&first, &second].map(|row| row.split(',').collect::<Vec<_>>());
        let book = workbook(&[&header, &first, &[], &second]);
        let (done, report) = app.process(LINKS, book).await;
        assert_eq!(counts(&done), [2, 2, 1, 1]);
        assert_eq!(column(&report, "Error Description"), ["", "The bank field is required."]);
    }

    async fn pn_81_debits_of_a_file(app: TestApp) {
        let paper = app.paper().await;
        let now = app.freeze().await;
        let live = app.paper_of(json!({"max_amount": 600})).await;
        let rows = [
            debit_row(&paper, 49_900, "INST-01,First,gold"),
            debit_row(&paper, 2_500_001, "INST-02,,"),
            debit_row(&paper, 49_900, ",,"),
            debit_row(&live, 600, "INST-03,,"),
            debit_row(&live, 601, ",,"),
            debit_row(&paper, 99, ",,"),
            format!("{},cust_QcZ9Nobody0001,500,INR,,,", paper.token),
            format!("token_QcZ9Nobody0001,{},500,INR,,,", paper.customer),
            format!(",{},500,INR,,,", paper.customer),
            format!("{},{},500,USD,,,", paper.token, paper.customer),
        ];
        let made = app.test.upload(DEBITS, "rows.csv", file(DEBIT_HEADER, &rows)).await.ok();
        assert_eq!((keys(&made), &made["type"]), (KEYS.to_vec(), &json!(DEBITS)));
        let done = app.processed(&id(&made)).await;
        assert_eq!((counts(&done), &done["schedule"]), ([10, 10, 3, 7], &Value::Null));
        let text = app.test.get(&format!("/v1/batches/{}/report", id(&done))).await;
        let header = format!("{DEBIT_HEADER},order_id,payment_id,Error Code,Error Description\n");
        assert!(text.bytes.starts_with(header.as_bytes()), "{:?}", text.bytes);
        let report = app.report(&id(&done)).await;
        let (over, unknown) =
            ("Payment amount exceeds the maximum amount allowed.", "The id provided does not exist");
        assert_eq!(column(&report, "Error Description"), [
            "", over, "", "", over, "The amount must be at least INR 1.00", unknown, unknown,
            "The token field is required.", "The currency should be INR when method is nach",
        ]);
        assert_eq!(column(&report, "Error Code"), ["", NO, "", "", NO, NO, NO, NO, NO, NO]);
        assert_eq!((&*report[1]["order_id"], &*report[1]["payment_id"]), ("", ""));
        assert_ne!(report[0]["payment_id"], report[2]["payment_id"]);

        let payment = &report[0]["payment_id"];
        let row = app.pay_row(payment).await;
        let got = ["status", "method", "bank", "amount", "order_id", "token_id", "customer_id", "email",
                   "contact", "description", "notes", "created_at"].map(|key| row[key].clone());
        assert_eq!(got, [json!("created"), json!("nach"), json!("HDFC"), json!(49_900),
            json!(report[0]["order_id"]), json!(paper.token), json!(paper.customer),
            json!("asha.verma@example.com"), json!("+919820012345"), json!("First"),
            json!({"plan": "gold"}), json!(now)]);
        let order = app.order_row(&report[0]["order_id"]).await;
        let got = ["status", "amount", "receipt", "notes", "attempts"].map(|key| order[key].clone());
        assert_eq!(got, [json!("attempted"), json!(49_900), json!("INST-01"), json!({"plan": "gold"}), json!(1)]);
        app.decide(payment, json!({"action": "succeed"})).await.ok();
        assert_eq!(app.pay_row(payment).await["status"], "captured");
        assert_eq!(app.order_row(&report[0]["order_id"]).await["status"], "paid");
        // Refused rows made no order.
        let orders = app.test.get("/v1/orders?count=100").await.ok();
        assert_eq!(orders["items"].as_array().unwrap().iter().filter(|order| order["amount"] != 0).count(), 3);
        app.assert_books_clean().await;
    }

    async fn pn_81_a_mandate_that_gives_nothing(app: TestApp) {
        let order = app.nach_order().await;
        let pending = app.pending_paper(order).await;
        let gone = app.paper().await;
        app.act(&gone.token, json!({"action": "revoke"})).await.ok();
        let rows = [debit_row(&pending, 500, ",,"), debit_row(&gone, 500, ",,")];
        let (done, report) = app.process(DEBITS, file(DEBIT_HEADER, &rows)).await;
        assert_eq!(counts(&done), [2, 2, 0, 2]);
        assert_eq!(column(&report, "Error Description"),
                   ["The mandate is not yet confirmed", "The mandate is no longer active"]);
    }

    async fn pn_81_receipts_that_must_be_unique(app: TestApp) {
        let paper = app.paper().await;
        app.set(json!({"unique_receipts": true})).await;
        let rows = ["R1", "R2", "R1", "R3", "R1"].map(|receipt| debit_row(&paper, 500, &format!("{receipt},,")));
        let (done, report) = app.process(DEBITS, file(DEBIT_HEADER, &rows)).await;
        assert_eq!(counts(&done), [5, 5, 3, 2]);
        let taken = "Order receipt should be unique.";
        assert_eq!(column(&report, "Error Description"), ["", "", taken, "", taken]);
    }

    async fn pn_81_scheduled(app: TestApp) {
        let paper = app.paper().await;
        let now = app.freeze().await;
        let rows = file(DEBIT_HEADER, &[debit_row(&paper, 500, ",,"), debit_row(&paper, 600, ",,")]);
        for early in [0, now - 1, now + 3_599] {
            let fields = [("type", DEBITS), ("schedule", &*early.to_string())];
            let error = send(&app, &fields, &rows).await
                .refused("schedule should be at least 1 hour after current time");
            assert_eq!(error["field"], "schedule");
        }
        let fields = [("type", DEBITS), ("schedule", "tomorrow")];
        send(&app, &fields, &rows).await.refused("schedule must be an integer");
        assert_no_batches(&app).await;
        let at = now + 3_600;
        let made = send(&app, &[("schedule", &*at.to_string()), ("type", DEBITS)], &rows).await.ok();
        assert_eq!((&made["schedule"], &made["status"]), (&json!(at), &json!("created")));
        app.advance(3_599).await;
        let waiting = batch(&app, &id(&made)).await;
        assert_eq!((&waiting["status"], counts(&waiting)), (&json!("created"), [2, 0, 0, 0]));
        app.test.get(&format!("/v1/batches/{}/report", id(&made))).await
            .refused("The report is available once the batch is processed");
        app.advance(1).await;
        let done = batch(&app, &id(&made)).await;
        assert_eq!((&done["status"], counts(&done)), (&json!("processed"), [2, 2, 2, 0]));
        assert_eq!(done["schedule"], at);
        let report = app.report(&id(&made)).await;
        assert_eq!(app.pay_row(&report[0]["payment_id"]).await["created_at"], at);
    }

    async fn pn_80_and_81_headers_and_limits(app: TestApp) {
        let text = format!("The headers of the file must be: {}, and up to 5 of notes[<key>].",
                           LINK_HEADER.replace(",notes[plan]", "").replace(',', ", "));
        for header in [
            LINK_HEADER.replace("phone", "Phone"),
            LINK_HEADER.replace("bank,", ""),
            LINK_HEADER.replace("bank", "bank_code"),
            format!("{LINK_HEADER},notes[1],notes[2],notes[3],notes[4],notes[5]"),
        ] {
            let error = app.test.upload(LINKS, "a.csv", file(&header, &[link_row(&[])])).await.refused(&text);
            assert_eq!(error["field"], "file");
        }
        for (content, text) in [
            (&b""[..], "The file has no rows"),
            (DEBIT_HEADER.as_bytes(), "The file has no rows"),
            (b"%PDF-1.7\n\x00\xff", "The file must be a CSV or XLSX file"),
            (b"token,customer_id,amount,currency\na,b,c,d,e\n", "Line 2 of the file must have 4 columns: token, customer_id, amount, currency"),
        ] {
            app.test.upload(DEBITS, "a.csv", content).await.refused(text);
        }
        let many = format!("token,customer_id,amount,currency\n{}", "t,c,1,INR\n".repeat(500_001));
        app.test.upload(DEBITS, "a.csv", many).await.refused("The file may not have more than 500000 rows.");
        let mut large = vec![b'x'; 55 * 1024 * 1024 + 1];
        app.test.upload(DEBITS, "a.csv", &large).await.refused("The request body is too large.");
        // The kinds of Smart Collect keep their own limit.
        large.truncate(10 * 1024 * 1024 + 1);
        app.test.upload("virtual_account", "a.csv", &large).await.refused("The request body is too large.");
        let mut raw = crate::harness::Raw::connect(&app.base).await;
        let head = app.test.raw_head("POST /v1/batches");
        raw.write(format!("{head}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 60000000\r\n\r\n").as_bytes()).await;
        raw.until("The request body is too large.").await;
        let cut = Bytes::from_static(b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\ntok");
        let kind = Some("multipart/form-data; boundary=x");
        app.test.send(Method::POST, "/v1/batches", kind, cut).await.refused("EOF");
        assert_no_batches(&app).await;
    }

    async fn pn_81_uploads_on_their_way_are_counted(app: TestApp) {
        let head = app.test.raw_head("POST /v1/batches");
        let head = format!("{head}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000\r\n\r\n--x");
        let mut on_their_way = vec![];
        for _ in 0..8 {
            let mut raw = crate::harness::Raw::connect(&app.base).await;
            raw.write(head.as_bytes()).await;
            on_their_way.push(raw);
        }
        let places = app.app.upload_places.clone();
        app.eventually("eight uploads", async || places.available_permits() == 0).await;
        let rows = file(LINK_HEADER, &[link_row(&[])]);
        assert_eq!(app.test.upload(LINKS, "a.csv", &rows).await.status, 503);
        // Clients that go away give their places back.
        drop(on_their_way);
        app.eventually("free places", async || places.available_permits() == 8).await;
        app.test.upload(LINKS, "a.csv", &rows).await.ok();
    }

    async fn pn_81_progress_and_crashes(app: TestApp) {
        const ROWS: usize = 3_000;
        let paper = app.paper().await;
        let row = |at: usize| match at % 50 {
            7 => debit_row(&paper, 2_500_001, ",,"),
            _ => debit_row(&paper, 500, &format!("R{at},Row {at},")),
        };
        let rows: Vec<String> = (0..ROWS).map(row).collect();
        let made = id(&app.test.upload(DEBITS, "rows.csv", file(DEBIT_HEADER, &rows)).await.ok());
        let mut app = app;
        for at in [0, 1_000, 2_000] {
            app.eventually("progress", async || counts(&batch(&app, &made).await)[1] > at).await;
            let now = batch(&app, &made).await;
            let [total, done, good, bad] = counts(&now);
            assert_eq!((total, done), (ROWS as i64, good + bad));
            let word = if done == total { "processed" } else { "partially_processed" };
            assert_eq!(now["status"], word);
            app = app.crash().await;
        }
        let refused = (ROWS / 50) as i64;
        let done = app.processed(&made).await;
        assert_eq!(counts(&done), [ROWS as i64, ROWS as i64, ROWS as i64 - refused, refused]);
        let report = app.report(&made).await;
        for (at, row) in report.iter().enumerate().filter(|(at, _)| at % 50 != 7) {
            assert_eq!(row["description"], format!("Row {at}"));
        }
        let payments: std::collections::BTreeSet<&str> =
            column(&report, "payment_id").into_iter().filter(|id| !id.is_empty()).collect();
        assert_eq!(payments.len(), ROWS - refused as usize);
        app.assert_books_clean().await;
    }
}
