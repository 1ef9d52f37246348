//! Opens virtual accounts, as many at once as there are connections, and writes down
//! their account numbers.

use std::cell::RefCell;
use std::io::{BufWriter, Write};
use std::rc::Rc;
use std::time::Instant;

use tokio::task::JoinSet;

use crate::histogram::Histogram;
use crate::http::Target;
use crate::load::Failures;
use crate::report::{Report, cpu_time};

const BODY: &str = r#"{"receivers":{"types":["bank_account"]}}"#;

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

/// Opens `count` accounts and writes one number per line to `out`. Failed requests are not
/// repeated: the report counts them.
pub async fn open<W: Write + 'static>(
    target: Target,
    connections: u32,
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
        loops.spawn_local(one_connection(Rc::clone(&target), Rc::clone(&shared)));
    }
    while loops.join_next().await.is_some() {}

    let mut shared = shared.borrow_mut();
    let flushed = shared.out.flush().map_err(|error| error.to_string());
    if let Some(error) = shared.write_error.take().or(flushed.err()) {
        return Err(format!("cannot write the account numbers: {error}"));
    }
    Ok(Report {
        scenario: "accounts",
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

async fn one_connection<W: Write>(target: Rc<Target>, shared: Rc<RefCell<Shared<W>>>) {
    let mut request = Vec::new();
    target.post("/v1/virtual_accounts", BODY, &mut request);
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
        let mut connection = match open.take() {
            Some(connection) => connection,
            None => match target.connect().await {
                Ok(connection) => connection,
                Err(error) => {
                    shared.borrow_mut().failures.broken(&error);
                    continue;
                }
            },
        };
        let sent_at = Instant::now();
        let answer = connection.exchange(&request).await;
        let micros = sent_at.elapsed().as_micros() as u64;

        let mut shared = shared.borrow_mut();
        match answer {
            Ok(answer) => {
                shared.requests += 1;
                match account_number(answer.body) {
                    Some(number) if answer.status == 200 => {
                        shared.latency.record(micros);
                        if let Err(error) = writeln!(shared.out, "{number}") {
                            shared.write_error = Some(error.to_string());
                        }
                    }
                    _ => shared.failures.refused(answer.status, answer.body),
                }
            }
            Err(error) => {
                shared.failures.broken(&error);
                continue;
            }
        }
        if !connection.is_closing() {
            open = Some(connection);
        }
    }
}

/// The account number of the only receiver in the answer.
fn account_number(body: &[u8]) -> Option<&str> {
    let body = std::str::from_utf8(body).ok()?;
    let (_, rest) = body.split_once("\"account_number\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let (number, _) = rest.strip_prefix('"')?.split_once('"')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_alphanumeric());
    is_number.then_some(number)
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
                assert_eq!(body, BODY);
                let receiver =
                    format!(r#"{{"entity":"bank_account","account_number":"1112{number:012}"}}"#);
                (200, format!(r#"{{"id":"va_x","receivers":[{receiver}]}}"#))
            })
            .await;
            let path = std::env::temp_dir().join(format!("vasool-bench-{}", std::process::id()));
            let file = fs::File::create(&path).unwrap();
            let report = open(server.target(), 7, 100, file).await.unwrap();
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
            let report = open(server.target(), 4, 1_000_000, Vec::new()).await.unwrap();
            assert!(report.non_200 >= FAILURES_MAX && report.non_200 < FAILURES_MAX + 4);
            assert_eq!(report.first_error.as_deref(), Some("500 no"));
        });
    }

    #[test]
    fn account_numbers_are_found_in_any_spacing() {
        assert_eq!(account_number(br#"{"account_number" : "A1"}"#), Some("A1"));
        assert_eq!(account_number(br#"{"account_number":null}"#), None);
        assert_eq!(account_number(br#"{"account_number":"\""}"#), None);
        assert_eq!(account_number(b"{}"), None);
    }
}
