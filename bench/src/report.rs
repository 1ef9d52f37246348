//! The result of a run, one line of JSON.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::time::Duration;

use crate::histogram::Histogram;

/// How much of the first refused answer is kept, in characters.
const FIRST_ERROR_MAX: usize = 1000;

/// What was measured.
pub struct Report {
    pub scenario: &'static str,
    pub connections: u32,
    /// Answered requests, whatever the answer.
    pub requests: u64,
    /// Answers other than 200, lost connections, and requests never answered.
    pub non_200: u64,
    pub first_error: Option<String>,
    pub duration: Duration,
    /// Microseconds of the 200 answers.
    pub latency: Histogram,
    pub cpu: Option<Duration>,
    pub numbers: Vec<(&'static str, u64)>,
}

impl Report {
    /// Did something happen, and nothing go wrong?
    pub fn is_clean(&self) -> bool {
        self.non_200 == 0 && self.requests > 0
    }

    /// 200 answers per second.
    fn per_second(&self) -> u64 {
        let micros = self.duration.as_micros().max(1);
        (u128::from(self.latency.count()) * 1_000_000 / micros) as u64
    }
}

impl Display for Report {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(
            out,
            r#"{{"scenario":"{}","connections":{},"requests":{},"non_200":{},"first_error":"#,
            self.scenario, self.connections, self.requests, self.non_200
        )?;
        match &self.first_error {
            Some(error) => write_json_text(error, out)?,
            None => out.write_str("null")?,
        }
        write!(
            out,
            r#","duration_seconds":{},"per_second":{},"p50_us":{},"p99_us":{},"max_us":{},"cpu_seconds":"#,
            Seconds(self.duration),
            self.per_second(),
            self.latency.quantile(500),
            self.latency.quantile(990),
            self.latency.max(),
        )?;
        match self.cpu {
            Some(cpu) => write!(out, "{}", Seconds(cpu))?,
            None => out.write_str("null")?,
        }
        for (name, value) in &self.numbers {
            write!(out, r#","{name}":{value}"#)?;
        }
        out.write_str("}")
    }
}

/// Seconds with three decimals.
struct Seconds(Duration);

impl Display for Seconds {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:03}", self.0.as_secs(), self.0.subsec_millis())
    }
}

fn write_json_text(text: &str, out: &mut Formatter<'_>) -> fmt::Result {
    out.write_str("\"")?;
    for character in text.chars().take(FIRST_ERROR_MAX) {
        match character {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            c if c.is_control() => write!(out, "\\u{:04x}", u32::from(c))?,
            c => write!(out, "{c}")?,
        }
    }
    out.write_str("\"")
}

/// CPU time that this process has used; `None` where the system does not tell.
pub fn cpu_time() -> Option<Duration> {
    // user and system time are fields 14 and 15, in hundredths of a second; the name of the
    // program, field 2, stands in parentheses and may hold blanks.
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_json() {
        let mut latency = Histogram::new();
        for micros in [100, 110, 120, 9_000] {
            latency.record(micros);
        }
        let report = Report {
            scenario: "credits",
            connections: 2,
            requests: 5,
            non_200: 1,
            first_error: Some("400 {\"error\":\n\"no\\\"}".to_owned()),
            duration: Duration::from_millis(2_005),
            latency,
            cpu: Some(Duration::from_millis(70)),
            numbers: vec![("total_repeated", 3)],
        };
        assert!(!report.is_clean());
        assert_eq!(
            report.to_string(),
            concat!(
                r#"{"scenario":"credits","connections":2,"requests":5,"non_200":1,"#,
                r#""first_error":"400 {\"error\":\u000a\"no\\\"}","#,
                r#""duration_seconds":2.005,"per_second":1,"p50_us":110,"p99_us":9000,"#,
                r#""max_us":9000,"cpu_seconds":0.070,"total_repeated":3}"#
            )
        );
    }

    #[test]
    fn cpu_time_is_known_on_linux() {
        assert_eq!(cpu_time().is_some(), cfg!(target_os = "linux"));
    }
}
