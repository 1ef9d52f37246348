//! Makes many of one thing, as many at once as there are connections, and writes down what later
//! scenarios need of each.

use std::cell::RefCell;
use std::io::{BufWriter, Write};
use std::rc::Rc;
use std::time::Instant;

use tokio::task::JoinSet;

use crate::histogram::Histogram;
use crate::http::{Connection, Target};
use crate::load::Failures;
use crate::report::{Report, cpu_time};

/// How a thing is made: one request after the other, and the line it leaves. `$0` stands for what
/// was found in the first answer, `$1` for the second, and so on.
pub struct Recipe {
    /// The name in the report.
    pub name: &'static str,
    pub steps: &'static [Step],
    pub line: &'static str,
}

/// One request.
pub struct Step {
    pub path: &'static str,
    /// JSON to post; `None` for a GET.
    pub body: Option<&'static str>,
    /// The key of the text to find in the answer.
    pub field: &'static str,
}

/// A virtual account: its account number.
pub const ACCOUNT: Recipe = Recipe {
    name: "accounts",
    steps: &[Step {
        path: "/v1/virtual_accounts",
        body: Some(r#"{"receivers":{"types":["bank_account"]}}"#),
        field: "account_number",
    }],
    line: "$0",
};

/// An order of one rupee: its id.
pub const ORDER: Recipe = Recipe {
    name: "orders",
    steps: &[Step {
        path: "/v1/orders",
        body: Some(r#"{"amount":100,"currency":"INR"}"#),
        field: "id",
    }],
    line: "$0",
};

/// A mandate of a customer of its own: ids of token and customer. The sandbox must approve at once.
pub const MANDATE: Recipe = Recipe {
    name: "mandates",
    steps: &[
        Step { path: "/v1/customers", body: Some(r#"{"name":"Bench Payer"}"#), field: "id" },
        Step {
            path: "/v1/orders",
            body: Some(
                r#"{"amount":1500000,"currency":"INR","customer_id":"$0","method":"upi","token":{"max_amount":1500000,"frequency":"as_presented","type":"single_block_multiple_debit"}}"#,
            ),
            field: "id",
        },
        Step {
            path: "/v1/payments/create/json",
            body: Some(
                r#"{"amount":1500000,"currency":"INR","order_id":"$1","customer_id":"$0","method":"upi","recurring":true,"upi":{"flow":"intent"},"contact":"9000012345","email":"payer@example.test"}"#,
            ),
            field: "razorpay_payment_id",
        },
        Step { path: "/v1/payments/$2", body: None, field: "token_id" },
    ],
    line: "$3 $0",
};

/// After so many failures the server is taken to be broken.
const FAILURES_MAX: u64 = 100;

struct Shared<W: Write> {
    left: u64,
    out: BufWriter<W>,
    write_error: Option<String>,
    latency: Histogram,
    requests: u64,
    failures: Failures,
}

/// Makes `count` things and writes one line of each to `out`. Failed requests are not repeated: the
/// report counts them.
pub async fn make<W: Write + 'static>(
    target: Target,
    connections: u32,
    recipe: &'static Recipe,
    count: u64,
    out: W,
) -> Result<Report, String> {
    let cpu_before = cpu_time();
    let start = Instant::now();
    let target = Rc::new(target);
    let shared = Rc::new(RefCell::new(Shared {
        left: count,
        out: BufWriter::new(out),
        write_error: None,
        latency: Histogram::new(),
        requests: 0,
        failures: Failures::default(),
    }));
    let mut loops = JoinSet::new();
    for _ in 0..u64::from(connections).min(count) {
        loops.spawn_local(one_connection(Rc::clone(&target), recipe, Rc::clone(&shared)));
    }
    while loops.join_next().await.is_some() {}

    let mut shared = shared.borrow_mut();
    let flushed = shared.out.flush().map_err(|error| error.to_string());
    if let Some(error) = shared.write_error.take().or(flushed.err()) {
        return Err(format!("cannot write the lines: {error}"));
    }
    Ok(Report {
        scenario: recipe.name,
        connections,
        requests: shared.requests,
        non_200: shared.failures.count,
        first_error: shared.failures.first.take(),
        duration: start.elapsed(),
        latency: std::mem::replace(&mut shared.latency, Histogram::new()),
        cpu: cpu_time().zip(cpu_before).map(|(after, before)| after - before),
        numbers: Vec::new(),
    })
}

async fn one_connection<W: Write>(
    target: Rc<Target>,
    recipe: &'static Recipe,
    shared: Rc<RefCell<Shared<W>>>,
) {
    let mut open = None;
    loop {
        {
            let mut shared = shared.borrow_mut();
            if shared.left == 0
                || shared.failures.count >= FAILURES_MAX
                || shared.write_error.is_some()
            {
                return;
            }
            shared.left -= 1;
        }
        let mut found: Vec<String> = vec![];
        for step in recipe.steps {
            match one_request(&target, step, &found, &mut open, &shared).await {
                Some(text) => found.push(text),
                None => break,
            }
        }
        if found.len() == recipe.steps.len() {
            let mut shared = shared.borrow_mut();
            if let Err(error) = writeln!(shared.out, "{}", filled(recipe.line, &found)) {
                shared.write_error = Some(error.to_string());
            }
        }
    }
}

/// Sends one request; what was found in its answer. Everything else is a failure.
async fn one_request<W: Write>(
    target: &Target,
    step: &Step,
    found: &[String],
    open: &mut Option<Connection>,
    shared: &RefCell<Shared<W>>,
) -> Option<String> {
    let mut request = Vec::new();
    let path = filled(step.path, found);
    match step.body {
        Some(body) => target.post(&path, &filled(body, found), &mut request),
        None => target.get(&path, &mut request),
    }
    let mut connection = match open.take() {
        Some(connection) => connection,
        None => match target.connect().await {
            Ok(connection) => connection,
            Err(error) => {
                shared.borrow_mut().failures.broken(&error);
                return None;
            }
        },
    };
    let sent_at = Instant::now();
    let answer = connection.exchange(&request).await;
    let micros = sent_at.elapsed().as_micros() as u64;

    let mut shared = shared.borrow_mut();
    let text = match answer {
        Ok(answer) => {
            shared.requests += 1;
            match text_of(answer.body, step.field) {
                Some(text) if answer.status == 200 => {
                    shared.latency.record(micros);
                    Some(text.to_owned())
                }
                _ => {
                    shared.failures.refused(answer.status, answer.body);
                    None
                }
            }
        }
        Err(error) => {
            shared.failures.broken(&error);
            return None;
        }
    };
    if !connection.is_closing() {
        *open = Some(connection);
    }
    text
}

/// A template with what was found so far.
fn filled(template: &str, found: &[String]) -> String {
    let mut text = template.to_owned();
    for (at, value) in found.iter().enumerate() {
        text = text.replace(&format!("${at}"), value);
    }
    text
}

/// The first text under a key in an answer: letters, digits and underscores.
fn text_of<'a>(body: &'a [u8], key: &str) -> Option<&'a str> {
    let body = std::str::from_utf8(body).ok()?;
    let (_, rest) = body.split_once(&format!("\"{key}\""))?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let (text, _) = rest.strip_prefix('"')?.split_once('"')?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    (!text.is_empty() && text.bytes().all(is_plain)).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::test_server::{TestServer, in_runtime};

    #[test]
    fn every_number_is_written_once() {
        in_runtime(async {
            let server = TestServer::start(|number, body| {
                assert_eq!(body, ACCOUNT.steps[0].body.unwrap());
                let receiver =
                    format!(r#"{{"entity":"bank_account","account_number":"1112{number:012}"}}"#);
                (200, format!(r#"{{"id":"va_x","receivers":[{receiver}]}}"#))
            })
            .await;
            let path = std::env::temp_dir().join(format!("vasool-bench-{}", std::process::id()));
            let file = fs::File::create(&path).unwrap();
            let report = make(server.target(), 7, &ACCOUNT, 100, file).await.unwrap();
            let text = fs::read_to_string(&path).unwrap();
            fs::remove_file(&path).unwrap();
            assert!(report.is_clean(), "{report}");
            assert_eq!(report.requests, 100);
            let mut numbers: Vec<&str> = text.lines().collect();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), 100);
            assert!(numbers.iter().all(|number| number.len() == 16));
        });
    }

    #[test]
    fn a_broken_server_is_given_up() {
        in_runtime(async {
            let server = TestServer::start(|_, _| (500, "no".to_owned())).await;
            let report = make(server.target(), 4, &ACCOUNT, 1_000_000, Vec::new()).await.unwrap();
            assert!(report.non_200 >= FAILURES_MAX && report.non_200 < FAILURES_MAX + 4);
            assert_eq!(report.first_error.as_deref(), Some("500 no"));
        });
    }

    #[test]
    fn later_requests_know_earlier_answers() {
        in_runtime(async {
            let server = TestServer::start(|_, body| {
                let answer = match body {
                    "" => r#"{"id":"pay_1","token_id":"token_1"}"#,
                    text if text.contains("\"name\"") => r#"{"id":"cust_1"}"#,
                    text if text.contains("\"token\"") => r#"{"id":"order_1"}"#,
                    _ => r#"{"razorpay_payment_id":"pay_1"}"#,
                };
                (200, answer.to_owned())
            })
            .await;
            let path = std::env::temp_dir().join(format!("vasool-mandates-{}", std::process::id()));
            let file = fs::File::create(&path).unwrap();
            let report = make(server.target(), 1, &MANDATE, 2, file).await.unwrap();
            let text = fs::read_to_string(&path).unwrap();
            fs::remove_file(&path).unwrap();
            assert!(report.is_clean(), "{report}");
            assert_eq!((report.requests, &*text), (8, "token_1 cust_1\ntoken_1 cust_1\n"));
            assert!(server.bodies()[1].contains(r#""customer_id":"cust_1""#));
            assert!(server.bodies()[2].contains(r#""order_id":"order_1","customer_id":"cust_1""#));
            assert!(server.heads()[3].starts_with("GET /v1/payments/pay_1 HTTP/1.1"));
        });
    }

    #[test]
    fn texts_are_found_in_any_spacing() {
        let find = |body: &'static [u8]| text_of(body, "account_number");
        assert_eq!(find(br#"{"account_number" : "A1"}"#), Some("A1"));
        assert_eq!(find(br#"{"account_number":null}"#), None);
        assert_eq!(find(br#"{"account_number":"\""}"#), None);
        assert_eq!(find(b"{}"), None);
    }
}
