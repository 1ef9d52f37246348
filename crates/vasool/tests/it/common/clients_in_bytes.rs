//! What the PHP and Ruby clients put on the wire, byte for byte: heads, bracketed bodies, spellings
//! of paths. Rows CM-12, CM-13, CM-21, SC-25, SC-27, CM-88; source: sdks 3 and 4, decisions 7.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{TestApp, id, ids};
use crate::on_both_databases;

/// Which client writes the head.
#[derive(Clone, Copy)]
enum Sdk {
    Php,
    Ruby,
}

impl Sdk {
    /// The lines of the client behind host and credentials.
    fn lines(self) -> &'static str {
        match self {
            Sdk::Php => {
                "User-Agent: Razorpay/v1 PHPSDK/2.9.2 PHP/8.2.7\r\nAccept: */*\r\n\
                 Accept-Encoding: deflate, gzip\r\nRazorpay-API: 1\r\n"
            }
            Sdk::Ruby => {
                "User-Agent: Razorpay-Ruby/3.2.4; Ruby/3.1.2\r\n\
                 Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3\r\nAccept: */*\r\n"
            }
        }
    }
}

/// One request as these bytes: its status, and its body as JSON (null where it is empty).
async fn call(app: &TestApp, sdk: Sdk, line: &str, kind: Option<&str>, body: &str) -> (u16, Value) {
    let head = app.test.raw_head(line);
    let kind = kind.map(|kind| format!("Content-Type: {kind}\r\n")).unwrap_or_default();
    let lines = sdk.lines();
    let length = match line.starts_with("GET") {
        true => String::new(),
        false => format!("Content-Length: {}\r\n", body.len()),
    };
    let request = format!("{head}{lines}{kind}{length}Connection: close\r\n\r\n{body}");
    let address = app.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![];
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    if body.is_empty() {
        return (status, Value::Null);
    }
    assert!(head.to_ascii_lowercase().contains("content-type: application/json"), "{head}");
    (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body:?}")))
}

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

async fn ok(app: &TestApp, sdk: Sdk, line: &str, body: &str) -> Value {
    let kind = if line.starts_with("GET") { None } else { FORM };
    let (status, answer) = call(app, sdk, line, kind, body).await;
    assert_eq!(status, 200, "{line}: {answer}");
    answer
}

on_both_databases! {
    async fn sc_25_php_in_bytes(app: TestApp) {
        let php = Sdk::Php;
        let customer = ok(&app, php, "POST /v1/customers/",
            "name=Meera+Iyer&contact=9000012345&email=meera%40example.test&fail_existing=0&notes%5Bblock%5D=C").await;
        assert_eq!((&customer["name"], &customer["notes"]), (&json!("Meera Iyer"), &json!({"block": "C"})));

        let account = ok(&app, php, "POST /v1/virtual_accounts/",
            "receivers%5Btypes%5D%5B0%5D=bank_account&allowed_payers%5B0%5D%5Btype%5D=bank_account\
             &allowed_payers%5B0%5D%5Bbank_account%5D%5Bifsc%5D=UTIB0000013\
             &allowed_payers%5B0%5D%5Bbank_account%5D%5Baccount_number%5D=0914010098765432\
             &description=First+Virtual+Account&amount_expected=2000000&notes%5Breceiver_key%5D=receiver_value").await;
        assert_eq!(account["description"], "First Virtual Account");
        assert_eq!(account["amount_expected"], 2_000_000);
        assert_eq!(account["allowed_payers"][0]["bank_account"]["account_number"], "0914010098765432");
        let va = id(&account);
        let both = ok(&app, php, &format!("POST /v1/virtual_accounts/{va}/receivers"),
            "types%5B0%5D=vpa&vpa%5Bdescriptor%5D=gaurikumar").await;
        assert_eq!(both["receivers"][1]["address"], "rpy.payto00000gaurikumar@icici");

        let plain = ok(&app, php, "POST /v1/virtual_accounts/",
            &format!("receivers%5Btypes%5D%5B0%5D=bank_account&customer_id={}", id(&customer))).await;
        let plain = id(&plain);
        // The documents of the client send `types` here.
        let more = ok(&app, php, &format!("POST /v1/virtual_accounts/{plain}/allowed_payers"),
            "types=bank_account&bank_account%5Bifsc%5D=UTIB0000013&bank_account%5Baccount_number%5D=00914010098765432").await;
        let payer = id(&more["allowed_payers"][0]);
        let line = format!("DELETE /v1/virtual_accounts/{plain}/allowed_payers/{payer}");
        assert_eq!(call(&app, php, &line, FORM, "").await, (204, Value::Null));
        let number = more["receivers"][0]["account_number"].as_str().unwrap();
        let payment = app.pay(number, 5_000).await["payment_id"].as_str().unwrap().to_owned();

        let list = ok(&app, php, "GET /v1/virtual_accounts/?count=2&skip=0", "").await;
        assert_eq!(ids(&list), [plain.clone(), va.clone()]);
        let expanded = ok(&app, php, &format!("GET /v1/payments/{payment}?expand%5B0%5D=refunds"), "").await;
        assert_eq!(expanded["refunds"]["count"], 0);
        let refund = ok(&app, php, "POST /v1/refunds/",
            &format!("payment_id={payment}&amount=100&notes%5Bwhy%5D=over+paid")).await;
        assert_eq!((&refund["amount"], &refund["notes"]), (&json!(100), &json!({"why": "over paid"})));
        let refunds = ok(&app, php, &format!("GET /v1/refunds/?payment_id={payment}"), "").await;
        assert_eq!(ids(&refunds), [id(&refund)]);
        let closed = ok(&app, php, &format!("POST /v1/virtual_accounts/{plain}/close"), "").await;
        assert_eq!(closed["status"], "closed");

        let hook = ok(&app, php, "POST /v1/webhooks/",
            "url=https%3A%2F%2Fshop.example.test%2Fhook&events%5Bpayment.captured%5D=1&events%5Bpayment.failed%5D=0&active=1").await;
        assert_eq!(hook["events"], json!(["payment.captured"]));
        let line = format!("DELETE /v2/accounts//webhooks/{}", id(&hook));
        assert_eq!(call(&app, php, &line, FORM, "").await, (200, json!([])));
    }

    async fn cm_12_php_orders_are_json_until_one_is_refused(app: TestApp) {
        let json = Some("application/json");
        let order = r#"{"receipt":"123","amount":100,"currency":"INR","notes":{"key1":"value3"}}"#;
        let (status, made) = call(&app, Sdk::Php, "POST /v1/orders/", json, order).await;
        assert_eq!((status, &made["receipt"]), (200, &json!("123")), "{made}");
        // After a refused order the client keeps the JSON type for forms.
        let (status, customer) = call(&app, Sdk::Php, "POST /v1/customers/", json, "name=Meera+Iyer").await;
        assert_eq!((status, &customer["name"]), (200, &json!("Meera Iyer")), "{customer}");
        let line = format!("PATCH /v1/orders/{}", id(&made));
        let (status, changed) = call(&app, Sdk::Php, &line, FORM, "notes%5Bkey1%5D=value+4").await;
        assert_eq!((status, &changed["notes"]), (200, &json!({"key1": "value 4"})), "{changed}");
    }

    async fn sc_25_ruby_in_bytes(app: TestApp) {
        let ruby = Sdk::Ruby;
        let customer = ok(&app, ruby, "POST /v1/customers",
            "name=Meera%20Iyer&contact=9000012345&email=meera%40example.test&fail_existing=0&gstin=&notes[block]=C%20D").await;
        assert_eq!((&customer["name"], &customer["notes"]), (&json!("Meera Iyer"), &json!({"block": "C D"})));
        assert_eq!(customer["gstin"], Value::Null);
        for brackets in ["[", "%5B"] {
            let close = if brackets == "[" { "]" } else { "%5D" };
            let body = format!(
                "receivers{brackets}types{close}{brackets}0{close}=bank_account\
                 &allowed_payers{brackets}0{close}{brackets}type{close}=bank_account\
                 &allowed_payers{brackets}0{close}{brackets}bank_account{close}{brackets}ifsc{close}=RATN0VAAPIS\
                 &allowed_payers{brackets}0{close}{brackets}bank_account{close}{brackets}account_number{close}=2223330027558515\
                 &description=Virtual%20Account&close_by=&notes{brackets}project_name{close}=Banking%20Software"
            );
            let account = ok(&app, ruby, "POST /v1/virtual_accounts", &body).await;
            assert_eq!(account["description"], "Virtual Account");
            assert_eq!(account["notes"], json!({"project_name": "Banking Software"}));
            assert_eq!(account["allowed_payers"][0]["bank_account"]["ifsc"], "RATN0VAAPIS");
            let fetched = ok(&app, ruby, &format!("GET /v1/virtual_accounts/{}?", id(&account)), "").await;
            assert_eq!(fetched, account);
        }
        let order = ok(&app, ruby, "POST /v1/orders", "amount=250000&currency=INR&receipt=&notes[unit]=14B").await;
        assert_eq!((&order["amount"], &order["receipt"]), (&json!(250_000), &Value::Null));
        let emptied = ok(&app, ruby, &format!("PATCH /v1/orders/{}", id(&order)), "notes[]=").await;
        assert_eq!(emptied["notes"], json!([]));
        let list = ok(&app, ruby, "GET /v1/orders?expand[][0]=payments", "").await;
        assert_eq!(list["items"][0]["payments"]["count"], 0);

        let (_, number) = app.virtual_account().await;
        let payment = app.pay(&number, 5_000).await["payment_id"].as_str().unwrap().to_owned();
        // The documents call `.to_json`, the client keeps the form's type.
        let refund = ok(&app, ruby, &format!("POST /v1/payments/{payment}/refund"), r#"{"amount":100}"#).await;
        assert_eq!(refund["amount"], 100);
        let (status, error) = call(&app, ruby, &format!("POST /v1/payments/{payment}/refund"), FORM, "amount=1").await;
        assert_eq!((status, error["error"]["code"].as_str()), (400, Some("BAD_REQUEST_ERROR")));
        let refunds = ok(&app, ruby, &format!("GET /v1/payments/{payment}/refunds?"), "").await;
        assert_eq!(ids(&refunds), [id(&refund)]);
    }
}
