//! Bulk files: rows SC-113 to SC-115.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{TestApp, described, id, ids, is_id, keys, multipart, workbook};
use crate::on_both_databases;

const CREATE: &str = "virtual_account";
const EXPIRY: &str = "virtual_account_edit";
const HEADER: &str = "customer_id,customer_name,customer_contact,customer_email,\
    virtual_account_descriptor,virtual_account_description,virtual_account_notes\n";
const KEYS: [&str; 11] = [
    "id",
    "entity",
    "type",
    "status",
    "name",
    "total_count",
    "processed_count",
    "success_count",
    "failure_count",
    "created_at",
    "processed_at",
];

fn counts(batch: &Value) -> [i64; 4] {
    ["total_count", "processed_count", "success_count", "failure_count"]
        .map(|key| batch[key].as_i64().unwrap())
}

/// A row of a file for each number, with a new customer each.
fn many(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|at| format!(",Payer {at} A,,payer{at}@example.test,,Flat {at},\n")).collect()
}

/// Every account of the merchant.
async fn accounts(app: &TestApp) -> Vec<Value> {
    let mut accounts = vec![];
    loop {
        let path = format!("/v1/virtual_accounts?count=100&skip={}", accounts.len());
        let page = app.test.get(&path).await.ok();
        let items = page["items"].as_array().unwrap();
        accounts.extend(items.iter().cloned());
        if items.len() < 100 {
            return accounts;
        }
    }
}

async fn assert_no_batches(app: &TestApp) {
    assert_eq!(ids(&app.test.get("/v1/batches").await.ok()), [""; 0]);
}

on_both_databases! {
    async fn sc_113_bulk_create(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        let meera = app.customer().await;
        let known = id(&meera);
        app.open(described("TAKEN")).await;
        receiver.next().await;
        let file = format!(
            "{HEADER}{known},,,,,Rent,\"{{\"\"unit\"\":\"\"14B\"\"}}\"\n\
             ,Ravi Rao,9000054321,ravi@example.test,RENT42,\"Flat 2, \"\"B\"\"\",\n\
             ,Somebody,+919000012345,MEERA@example.test,,,\n\
             ,Ravi Rao,9000054321,ravi@example.test,taken,,\n\
             ,New One,9000011111,new@example.test,TAKEN,,\n\
             cust_QcZ9Nobody0001,,,,,,\n\
             ,Asha,12345,,,,\n\
             ,Asha,,,,,not json\n"
        );
        let answer = app.test.upload(CREATE, "rent.csv", &file).await.ok();
        assert_eq!(keys(&answer), KEYS);
        assert!(is_id(&answer["id"], "batch_"));
        assert_eq!(answer["entity"], "batch");
        assert_eq!((&answer["type"], &answer["name"]), (&json!(CREATE), &json!("rent.csv")));
        assert_eq!((&answer["status"], &answer["processed_at"]), (&json!("created"), &json!(null)));
        assert_eq!(counts(&answer), [8, 0, 0, 0]);
        let batch = app.processed(&id(&answer)).await;
        assert_eq!(keys(&batch), KEYS);
        assert_eq!(counts(&batch), [8, 8, 3, 5]);
        assert!(batch["processed_at"].is_i64());

        let report = app.report(&id(&batch)).await;
        let column = |name: &str| report.iter().map(|row| row[name].as_str()).collect::<Vec<_>>();
        assert_eq!(column("status"), ["active", "active", "active", "", "", "", "", ""]);
        let taken = "An active Customer Identifier with the same descriptor already exists for \
                     your account.";
        assert_eq!(column("error_description"), [
            "", "", "", taken, taken,
            "The id provided does not exist",
            "Contact number should be at least 8 digits, including country code",
            "The notes must be an array.",
        ]);
        // The pair of e-mail and contact is Meera's, who stays as she is.
        assert_eq!(column("customer_id")[..3].iter().collect::<BTreeSet<_>>().len(), 2);
        assert_eq!((column("customer_id")[0], column("customer_id")[2]), (&*known, &*known));
        assert_eq!(column("customer_name")[..3], ["Meera Iyer", "Ravi Rao", "Meera Iyer"]);
        assert_eq!(column("customer_email")[1], "ravi@example.test");
        assert_eq!(column("virtual_account_description")[1], "Flat 2, \"B\"");
        for row in &report[..3] {
            let account = app.account(&row["virtual_account_id"]).await;
            let bank = &account["receivers"][0];
            assert_eq!(account["receivers"].as_array().unwrap().len(), 1);
            assert_eq!(account["customer_id"], row["customer_id"]);
            assert_eq!(bank["id"], row["bank_account_id"]);
            assert_eq!(bank["name"], row["bank_account_name"]);
            assert_eq!(bank["account_number"], row["bank_account_number"]);
            assert_eq!(bank["ifsc"], row["bank_account_ifsc"]);
        }
        assert!(report[1]["bank_account_number"].ends_with("RENT42"));
        let first = app.account(&report[0]["virtual_account_id"]).await;
        assert_eq!((&first["description"], &first["notes"]), (&json!("Rent"), &json!({"unit": "14B"})));
        for row in &report[3..] {
            assert_eq!(row["virtual_account_id"], "");
        }
        // Nothing came of the refused rows: no customer, no account, no event.
        let customers = app.test.get("/v1/customers?count=100").await.ok();
        assert_eq!(customers["count"], 2);
        assert_eq!(accounts(&app).await.len(), 4);
        let told = receiver.until(4).await;
        let told: BTreeSet<String> = told[1..].iter()
            .map(|event| id(&event.json()["payload"]["virtual_account"]["entity"])).collect();
        let made: BTreeSet<String> =
            report[..3].iter().map(|row| row["virtual_account_id"].clone()).collect();
        assert_eq!(told, made);
        app.assert_books_clean().await;
    }

    async fn sc_113_rows_of_one_file_find_each_other(app: TestApp) {
        let rows = ",Ravi Rao,9000054321,,,,\n,Other,+91 90000 54321,,SAME,,\n,Third,,t@x.in,same,,\n";
        let (batch, report) = app.process(CREATE, rows).await;
        assert_eq!(counts(&batch), [3, 3, 2, 1]);
        assert_eq!(report[0]["customer_id"], report[1]["customer_id"]);
        assert_eq!(report[1]["customer_name"], "Ravi Rao");
        assert!(report[2]["error_description"].starts_with("An active Customer Identifier"));
    }

    async fn sc_114_bulk_expiry(app: TestApp) {
        let (first, _) = app.virtual_account().await;
        let (second, _) = app.virtual_account().await;
        let (closed, _) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{closed}/close"), json!({})).await.ok();
        let file = format!(
            "Virtual Account Id,Expire By\n{first},01-12-2035 10:00\n{second},01-01-2020 10:00\n\
             va_QcZ9Nobody0001,01-12-2035 10:00\n{closed},01-12-2035 10:00\nva_1,01-12-2035 10:00\n\
             {second},tomorrow\n{first},02-12-2035 10:00\n"
        );
        let (batch, report) = app.process(EXPIRY, &file).await;
        assert_eq!(counts(&batch), [7, 7, 2, 5]);
        // 2035-12-02T04:30:00Z: the later row won.
        assert_eq!(app.account(&first).await["close_by"], 2_080_182_600);
        assert_eq!(app.account(&second).await["close_by"], Value::Null);
        let rows: Vec<_> = report.iter().map(|row| {
            assert_eq!(row.len(), 5);
            (&*row["Success"], &*row["Error Code"], &*row["Error Description"])
        }).collect();
        let no = "BAD_REQUEST_ERROR";
        assert_eq!(rows, [
            ("true", "", ""),
            ("false", no, "close by date should be atleast 15 min after current time"),
            ("false", no, "The id provided does not exist"),
            ("false", no, "Customer Identifier cannot be updated"),
            ("false", no, "1 is not a valid id"),
            ("false", no, "The expire by does not match the format DD-MM-YYYY hh:mm."),
            ("true", "", ""),
        ]);
        assert_eq!(report[0]["Virtual Account Id"], first);
        assert_eq!(report[0]["Expire By"], "01-12-2035 10:00");
        // An empty cell takes the expiry away, as by PATCH.
        let file = format!("Virtual Account Id,Expire By\n{first},\n");
        assert_eq!(counts(&app.process(EXPIRY, &file).await.0), [1, 1, 1, 0]);
        assert_eq!(app.account(&first).await["close_by"], Value::Null);
    }

    async fn sc_113_and_114_workbooks(app: TestApp) {
        let header: Vec<&str> = HEADER.trim_end().split(',').collect();
        let file = workbook(&[
            &header[..], &["", "Ravi Rao", "9000054321"], &[], &["", "Asha Sen", "", "asha@x.in", "RENT7"],
        ]);
        let (batch, report) = app.process(CREATE, file).await;
        assert_eq!(counts(&batch), [2, 2, 2, 0]);
        let account = &report[1]["virtual_account_id"];
        assert!(report[1]["bank_account_number"].ends_with("00RENT7"));
        let file = workbook(&[&["Virtual Account Id", "Expire By"], &[account, "01-12-2035 10:00"]]);
        let (batch, _) = app.process(EXPIRY, file).await;
        assert_eq!(counts(&batch), [1, 1, 1, 0]);
        assert_eq!(app.account(account).await["close_by"], 2_080_096_200);
    }

    async fn sc_115_bulk_limits(app: TestApp) {
        let rows = "cust_QcZ9Nobody0001,,,,,,\n".repeat(10_001);
        let error = app.test.upload(CREATE, "rows.csv", &rows).await
            .refused("The file may not have more than 10000 rows");
        assert_eq!(error["field"], "file");
        let large = vec![b'x'; 10 * 1024 * 1024 + 1];
        app.test.upload(CREATE, "rows.csv", &large).await.refused("The request body is too large");
        // A declared length is refused before the body is read.
        let mut raw = crate::harness::Raw::connect(&app.base).await;
        let head = app.test.raw_head("POST /v1/batches");
        let head = format!(
            "{head}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 60000000\r\n\r\n"
        );
        raw.write(head.as_bytes()).await;
        raw.until("The request body is too large.").await;
        assert_no_batches(&app).await;
    }

    async fn uploads_that_are_no_files(app: TestApp) {
        let row = "cust_QcZ9Nobody0001,,,,,,\n";
        let upload = async |fields: &[(&str, &str)], file: Option<(&str, &[u8])>| {
            let (content_type, body) = multipart(fields, file);
            app.test.send(Method::POST, "/v1/batches", Some(&content_type), body).await
        };
        let file = Some(("rows.csv", row.as_bytes()));
        assert_eq!(upload(&[], file).await.refused("The type field is required")["field"], "type");
        upload(&[("type", "refund")], file).await.refused("The selected type is invalid");
        let error = upload(&[("type", CREATE)], None).await.refused("The file field is required");
        assert_eq!(error["field"], "file");
        let json = app.test.post("/v1/batches", json!({"type": CREATE, "file": row})).await;
        json.refused("The file field is required");
        let cut = Bytes::from_static(b"--x\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nvi");
        let kind = Some("multipart/form-data; boundary=x");
        app.test.send(Method::POST, "/v1/batches", kind, cut).await.refused("EOF");
        let headers = format!("The headers of the file must be: {}", HEADER.trim_end().replace(',', ", "));
        let expiry_headers = "The headers of the file must be: Virtual Account Id, Expire By";
        for (kind, file, text) in [
            (CREATE, &b""[..], "The file has no rows"),
            (CREATE, HEADER.as_bytes(), "The file has no rows"),
            (CREATE, b"%PDF-1.7\n\x00\xff", "The file must be a CSV or XLSX file"),
            (CREATE, b"PK\x03\x04", "The file must be a CSV or XLSX file"),
            (CREATE, HEADER.replace("email", "mail").as_bytes(), &headers),
            (EXPIRY, row.as_bytes(), expiry_headers),
            (EXPIRY, b"VA Id,Expire By\nva_QcZ9Nobody0001,01-12-2035 10:00\n", expiry_headers),
        ] {
            app.test.upload(kind, "rows.csv", file).await.refused(text);
        }
        assert_no_batches(&app).await;
    }

    async fn a_delay_runs_on_the_merchants_clock(app: TestApp) {
        app.set(json!({"batch_delay": 4_200})).await;
        app.freeze().await;
        let batch = id(&app.test.upload(CREATE, "rows.csv", ",Ravi Rao,,,,,\n").await.ok());
        app.advance(4_199).await;
        let path = format!("/v1/batches/{batch}");
        assert_eq!(app.test.get(&path).await.ok()["status"], "created");
        let report = app.test.get(&format!("{path}/report")).await;
        report.refused("The report is available once the batch is processed");
        app.advance(1).await;
        // Everything that fell due has happened when the clock's call answers.
        let processed = app.test.get(&path).await.ok();
        assert_eq!(counts(&processed), [1, 1, 1, 0]);
        assert_eq!(processed["status"], "processed");
        assert_eq!(processed["processed_at"].as_i64(), Some(app.now().await));
    }

    async fn batches_are_listed(app: TestApp) {
        let mut made = vec![];
        for name in ["a.csv", "C:\\files\\b.csv"] {
            made.push(id(&app.test.upload(CREATE, name, ",Ravi Rao,,,,,\n").await.ok()));
        }
        made.reverse();
        let list = app.test.get("/v1/batches").await.ok();
        assert_eq!(ids(&list), made);
        let names: Vec<&str> =
            list["items"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"a.csv"));
        assert_eq!(ids(&app.test.get("/v1/batches?count=1&skip=1").await.ok()), made[1..]);
        app.test.get("/v1/batches?count=101").await.refused("The count may not be greater than 100");
        app.test.get("/v1/batches/batch_1").await.refused("1 is not a valid id");
        let nobody = app.test.get("/v1/batches/batch_QcZ9Nobody0001").await;
        nobody.refused("The id provided does not exist");
        // Live mode has files of its own.
        let live = id(&app.live.upload(CREATE, "a.csv", ",Ravi Rao,,,,,\n").await.ok());
        app.test.get(&format!("/v1/batches/{live}")).await.refused("The id provided does not exist");
    }

    async fn a_long_file_holds_nothing_up(app: TestApp) {
        let long = id(&app.test.upload(CREATE, "long.csv", many(0..4_000)).await.ok());
        let short = id(&app.test.upload(CREATE, "short.csv", many(5_000..5_003)).await.ok());
        let opened = app.virtual_account().await;
        app.processed(&short).await;
        let now = app.test.get(&format!("/v1/batches/{long}")).await.ok();
        assert_eq!(now["status"], "processing", "{now} beside {opened:?}");
        let [total, done, good, bad] = counts(&now);
        assert!(total == 4_000 && done < total && done == good + bad, "{now}");
    }

    async fn a_crash_neither_repeats_nor_loses_a_row(app: TestApp) {
        const ROWS: usize = 600;
        let file = many(0..ROWS).replace(",Payer 7 A,", ",No,");
        let batch = id(&app.test.upload(CREATE, "rows.csv", file).await.ok());
        let path = format!("/v1/batches/{batch}");
        let mut app = app;
        for at in [0, 200, 400] {
            app.eventually("progress", async || {
                counts(&app.test.get(&path).await.ok())[1] > at
            }).await;
            app = app.crash().await;
        }
        assert_eq!(counts(&app.processed(&batch).await), [600, 600, 599, 1]);
        let report = app.report(&batch).await;
        assert_eq!(report.len(), ROWS);
        for (at, row) in report.iter().enumerate() {
            assert_eq!(row["virtual_account_description"], format!("Flat {at}"));
        }
        let reported: BTreeSet<&str> = report.iter()
            .map(|row| row["virtual_account_id"].as_str()).filter(|id| !id.is_empty()).collect();
        let made = accounts(&app).await;
        let made: BTreeSet<&str> = made.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(made.len(), ROWS - 1);
        assert_eq!(reported, made);
        app.assert_books_clean().await;
    }

    async fn a_reset_leaves_nothing_of_a_file(app: TestApp) {
        let batch = id(&app.test.upload(CREATE, "rows.csv", many(0..1_000)).await.ok());
        app.test.delete("/v1/sandbox").await.ok();
        let gone = app.test.get(&format!("/v1/batches/{batch}")).await;
        gone.refused("The id provided does not exist");
        assert_no_batches(&app).await;
        while app.app.store.purge_retired(1_000).await.unwrap() > 0 {}
        let later = Duration::from_millis(700);
        tokio::time::sleep(later).await;
        assert_eq!(accounts(&app).await.len(), 0);
        // The loop goes on for others.
        assert_eq!(counts(&app.process(CREATE, many(0..3)).await.0), [3, 3, 3, 0]);
        app.assert_books_clean().await;
    }
}
