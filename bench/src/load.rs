//! The closed loop: warm up, measure, stop.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::histogram::Histogram;
use crate::http::{Connection, Target};
use crate::report::{Report, cpu_time};
use crate::scenario::Scenario;

/// Pause before a broken connection is opened again, so that a server that is down is not
/// drowned in attempts.
const RECONNECT_PAUSE: Duration = Duration::from_millis(50);

/// How hard and how long.
pub struct Plan {
    pub connections: u32,
    pub warm_up: Duration,
    pub measured: Duration,
    /// How long requests under way at the end may still take before they count as unanswered.
    pub grace: Duration,
}

/// What all connections write to. One thread: a borrow never meets another.
struct Shared<S> {
    scenario: S,
    latency: Histogram,
    requests: u64,
    failures: Failures,
    under_way: u64,
}

/// Requests that were not answered 200.
#[derive(Default)]
pub struct Failures {
    pub count: u64,
    pub first: Option<String>,
}

impl Failures {
    pub fn refused(&mut self, status: u16, body: &[u8]) {
        self.count += 1;
        self.first.get_or_insert_with(|| format!("{status} {}", String::from_utf8_lossy(body)));
    }

    /// The scenario ended before its time: what was measured is too little.
    fn used_up(&mut self) {
        self.count += 1;
        self.first.get_or_insert_with(|| "nothing left to send".to_owned());
    }

    pub fn broken(&mut self, error: &io::Error) {
        self.count += 1;
        self.first.get_or_insert_with(|| format!("io: {error}"));
    }
}

/// Runs a scenario. Counts the answers that arrive within the measured time, and every failure
/// from the first request on. The first connection must succeed.
pub async fn run<S: Scenario>(target: Target, plan: Plan, scenario: S) -> Result<Report, String> {
    let target = Rc::new(target);
    let first = target.connect().await.map_err(|error| format!("cannot connect: {error}"))?;
    let name = scenario.name();
    let shared = Rc::new(RefCell::new(Shared {
        scenario,
        latency: Histogram::new(),
        requests: 0,
        failures: Failures::default(),
        under_way: 0,
    }));

    let from = Instant::now() + plan.warm_up;
    let to = from + plan.measured;
    let mut loops = JoinSet::new();
    let mut first = Some(first);
    for _ in 0..plan.connections {
        loops.spawn_local(one_connection(
            Rc::clone(&target),
            first.take(),
            Rc::clone(&shared),
            from,
            to,
        ));
    }

    tokio::time::sleep_until(from.into()).await;
    let cpu_before = cpu_time();
    tokio::time::sleep_until(to.into()).await;
    let cpu = cpu_time().zip(cpu_before).map(|(after, before)| after - before);
    // An error is the end of the grace: what is under way then is counted below.
    let _ = tokio::time::timeout(plan.grace, async { while loops.join_next().await.is_some() {} })
        .await;
    loops.shutdown().await;

    let mut shared = shared.borrow_mut();
    let under_way = shared.under_way;
    if under_way > 0 {
        shared.failures.count += under_way;
        shared
            .failures
            .first
            .get_or_insert_with(|| format!("{under_way} requests were never answered"));
    }
    Ok(Report {
        scenario: name,
        connections: plan.connections,
        requests: shared.requests,
        non_200: shared.failures.count,
        first_error: shared.failures.first.take(),
        duration: plan.measured,
        latency: std::mem::replace(&mut shared.latency, Histogram::new()),
        cpu,
        numbers: shared.scenario.numbers(),
    })
}

/// Sends one request after the other until `to`.
async fn one_connection<S: Scenario>(
    target: Rc<Target>,
    mut open: Option<Connection>,
    shared: Rc<RefCell<Shared<S>>>,
    from: Instant,
    to: Instant,
) {
    let mut request = Vec::new();
    while Instant::now() < to {
        let mut connection = match open.take() {
            Some(connection) => connection,
            None => match target.connect().await {
                Ok(connection) => connection,
                Err(error) => {
                    shared.borrow_mut().failures.broken(&error);
                    tokio::time::sleep(RECONNECT_PAUSE).await;
                    continue;
                }
            },
        };

        request.clear();
        let sent = {
            let mut shared = shared.borrow_mut();
            if shared.scenario.is_used_up() {
                shared.failures.used_up();
                return;
            }
            shared.under_way += 1;
            shared.scenario.request(&target, &mut request)
        };
        let sent_at = Instant::now();
        let answer = connection.exchange(&request).await;
        let answered_at = Instant::now();

        let mut guard = shared.borrow_mut();
        let shared = &mut *guard;
        shared.under_way -= 1;
        let is_measured = from <= answered_at && answered_at < to;
        match answer {
            Ok(answer) => {
                shared.requests += u64::from(is_measured);
                if answer.status == 200 {
                    shared.scenario.answered(sent, answer.body);
                    if is_measured {
                        let micros = answered_at.duration_since(sent_at).as_micros();
                        shared.latency.record(micros as u64);
                    }
                } else {
                    shared.failures.refused(answer.status, answer.body);
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::random::Random;
    use crate::scenario::{Credits, Customers, Get};
    use crate::test_server::{TestServer, in_runtime};

    fn plan() -> Plan {
        Plan {
            connections: 8,
            warm_up: Duration::from_millis(50),
            measured: Duration::from_millis(300),
            grace: Duration::from_millis(300),
        }
    }

    #[test]
    fn get_counts_and_measures() {
        in_runtime(async {
            let server = TestServer::start(|_, _| (200, "ok".to_owned())).await;
            let report = run(server.target(), plan(), Get::new("/healthz").unwrap()).await.unwrap();
            assert!(report.is_clean(), "{report}");
            assert!(report.requests > 50, "{report}");
            assert_eq!(report.latency.count(), report.requests);
            assert!(report.latency.quantile(500) <= report.latency.max());
            let heads = server.heads();
            assert!(heads.len() as u64 >= report.requests);
            // "key:secret"
            assert!(heads[0].starts_with("GET /healthz HTTP/1.1\r\n"), "{}", heads[0]);
            assert!(heads[0].contains("Authorization: Basic a2V5OnNlY3JldA==\r\n"));
        });
    }

    #[test]
    fn credits_have_unique_references_and_repeat_only_acknowledged_ones() {
        in_runtime(async {
            let server = TestServer::start(|_, _| (200, "{}".to_owned())).await;
            let accounts = "1112220000000001\n1112220000000002\n\n1112220000000003\n";
            let credits = Credits::new(accounts, 100, Random::new(1)).unwrap();
            let report = run(server.target(), plan(), credits).await.unwrap();
            assert!(report.is_clean(), "{report}");

            let mut times: HashMap<String, u64> = HashMap::new();
            for body in server.bodies() {
                assert!(body.starts_with(r#"{"account_number":"111222000000000"#), "{body}");
                *times.entry(body).or_default() += 1;
            }
            // A repeat is the same text; another text never has the same reference.
            let mut references: Vec<&str> =
                times.keys().map(|body| body.rsplit_once("utr").unwrap().1).collect();
            references.sort_unstable();
            references.dedup();
            assert_eq!(references.len(), times.len());
            let sent: u64 = times.values().sum();
            let repeated = sent - times.len() as u64;
            assert_eq!(
                report.numbers,
                [("total_credited", times.len() as u64), ("total_repeated", repeated)]
            );
            // About 10 % of at least 50 requests.
            assert!(repeated > 0 && repeated < sent / 3, "{repeated} of {sent}");
        });
    }

    #[test]
    fn refusals_and_lost_connections_are_reported() {
        in_runtime(async {
            let server = TestServer::start(|number, _| match number % 10 {
                3 => (400, r#"{"error":{"code":"BAD_REQUEST_ERROR"}}"#.to_owned()),
                7 => (TestServer::HANG_UP, String::new()),
                _ => (200, "{}".to_owned()),
            })
            .await;
            let customers = Customers::new(Random::new(2));
            let report = run(server.target(), plan(), customers).await.unwrap();
            assert!(!report.is_clean());
            assert!(report.requests > 20, "{report}");
            assert!(report.latency.count() < report.requests);
            assert!(report.non_200 >= 2, "{report}");
            let first = report.first_error.unwrap();
            assert!(
                first == r#"400 {"error":{"code":"BAD_REQUEST_ERROR"}}"#
                    || first.starts_with("io: "),
                "{first}"
            );
            assert!(server.bodies()[0].starts_with(r#"{"name":"Payer "#));
        });
    }

    #[test]
    fn a_request_that_is_never_answered_is_a_failure() {
        in_runtime(async {
            let server = TestServer::start(|number, _| match number {
                5 => (TestServer::SILENCE, String::new()),
                _ => (200, "{}".to_owned()),
            })
            .await;
            let report = run(server.target(), plan(), Get::new("/").unwrap()).await.unwrap();
            assert_eq!(report.non_200, 1, "{report}");
            assert_eq!(report.first_error.as_deref(), Some("1 requests were never answered"));
        });
    }

    #[test]
    fn no_server_is_an_error_at_once() {
        in_runtime(async {
            let gone = TestServer::start(|_, _| (200, String::new())).await;
            let target = gone.target();
            gone.stop();
            tokio::task::yield_now().await;
            let error = run(target, plan(), Get::new("/").unwrap()).await.err();
            assert!(error.unwrap().starts_with("cannot connect: "));
        });
    }
}
