//! `vasool audit`: the books, recomputed, as tables.

use std::process::ExitCode;

use serde_json::{Map, Value as Json, json};
use vasool_core::id::Seed;
use vasool_store::Store;
use vasool_store::audit::{Audit, AuditProgress, AuditRecord, Finding, ScopeTotals, Totals};

use super::database::open;
use super::progress::Progress;
use super::table::{Side, Table};
use super::{CliResult, Common, Config, block_on, say};
use crate::clock::{Clock, Stopwatch};
use crate::format::signed_rupees;

/// Merchants that are shown with balances of their own; JSON has all.
const SHOWN_MAX: usize = 50;

/// Checks everything; exit 1 when something is wrong.
pub fn run(common: &Common, json: bool) -> CliResult {
    let config = Config::read(common)?;
    let audit = block_on(async {
        let store = open(&config).await?;
        let progress = AuditProgress::default();
        let watched = progress.clone();
        let _line = Progress::start("auditing", move || {
            let (done, all) = watched.now();
            Some((done as u64, all as u64))
        });
        let watch = Stopwatch::start();
        let audit = store.audit_watched(&progress).await.map_err(|error| error.to_string())?;
        record(&store, &audit, &watch).await;
        Ok::<_, String>(audit)
    })??;
    if json {
        say(&audit_json(&audit).to_string())
    } else {
        say_audit(&audit)
    }
    Ok(if audit.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Has the dashboard show when the books were proved. A database that takes no writes, such as a
/// backup on a read-only disk, is audited all the same.
async fn record(store: &Store, audit: &Audit, watch: &Stopwatch) {
    let clock = Clock::System;
    let at = clock.now();
    let took_ms = i64::try_from(watch.elapsed().as_millis()).unwrap_or(i64::MAX);
    let row = AuditRecord::of(audit, at.to_time(), took_ms);
    let id = Seed::first(at.0, clock.noise()).draw().id();
    if let Err(error) = store.record_audit(id, &row).await {
        tracing::warn!(%error, "that the books were audited could not be written down");
    }
}

fn audit_json(audit: &Audit) -> Json {
    let finding = |row: &Finding| {
        json!({
            "rule": row.rule,
            "scope": row.scope.0,
            "merchant": audit.scope(row.scope).map(|scope| scope.scope.merchant.to_string()),
            "mode": row.scope.mode().as_str(),
            "entity": row.entity,
            "part": row.part,
            "expected": row.expected,
            "found": row.found,
        })
    };
    let scope = |row: &ScopeTotals| {
        json!({
            "merchant": row.scope.merchant.to_string(),
            "name": row.merchant_name,
            "mode": row.scope.mode.as_str(),
            "payments": row.totals.payments,
            "credits": row.totals.credits,
            "postings": row.totals.postings,
            "balances": balances_json(&row.totals),
        })
    };
    let broken: Map<String, Json> =
        audit.broken.iter().map(|(rule, count)| ((*rule).to_owned(), json!(count))).collect();
    json!({
        "clean": audit.is_clean(),
        "findings": audit.findings.iter().map(finding).collect::<Vec<_>>(),
        "broken": broken,
        "payments": audit.totals.payments,
        "credits": audit.totals.credits,
        "postings": audit.totals.postings,
        "balances": balances_json(&audit.totals),
        "scopes": audit.scopes.iter().map(scope).collect::<Vec<_>>(),
    })
}

fn balances_json(totals: &Totals) -> Json {
    Json::Object(totals.balances.iter().map(|(name, sum)| (name.clone(), json!(sum))).collect())
}

fn say_audit(audit: &Audit) {
    let mut table = Table::new(&[
        ("MERCHANT", Side::Left),
        ("NAME", Side::Left),
        ("MODE", Side::Left),
        ("PAYMENTS", Side::Right),
        ("CAPTURED", Side::Right),
        ("POSTINGS", Side::Right),
    ]);
    for row in audit.scopes.iter().take(SHOWN_MAX) {
        let Totals { payments, credits, postings, .. } = &row.totals;
        table.row([
            row.scope.merchant.to_string(),
            row.merchant_name.clone(),
            row.scope.mode.as_str().to_owned(),
            grouped(*payments),
            signed_rupees(*credits),
            grouped(*postings),
        ]);
    }
    let left = audit.scopes.len().saturating_sub(SHOWN_MAX);
    if left > 0 {
        table.row([
            format!("and {left} more"),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ]);
    }
    let Totals { payments, credits, postings, .. } = &audit.totals;
    table.row([
        "all".to_owned(),
        String::new(),
        String::new(),
        grouped(*payments),
        signed_rupees(*credits),
        grouped(*postings),
    ]);
    table.say();
    say("");
    balances(audit).say();
    if audit.is_clean() {
        say("\nthe books are clean");
        return;
    }
    say_findings(audit);
    say("\nTHE BOOKS ARE NOT CLEAN");
}

/// A line per account of the ledger and merchant; of all where there is more than one.
fn balances(audit: &Audit) -> Table {
    let columns = [
        ("ACCOUNT", Side::Left),
        ("MERCHANT", Side::Left),
        ("MODE", Side::Left),
        ("BALANCE", Side::Right),
    ];
    let mut table = Table::new(&columns);
    for (account, sum) in &audit.totals.balances {
        let scopes = audit.scopes.iter().take(SHOWN_MAX);
        let own = scopes.filter_map(|row| {
            let balance = row.totals.balances.iter().find(|(name, _)| name == account)?;
            Some((row, balance.1))
        });
        for (row, balance) in own {
            table.row([
                account.clone(),
                row.scope.merchant.to_string(),
                row.scope.mode.as_str().to_owned(),
                signed_rupees(balance),
            ]);
        }
        if audit.scopes.len() != 1 {
            table.row([account.clone(), "all".to_owned(), String::new(), signed_rupees(*sum)]);
        }
    }
    let sum = audit.totals.balances.iter().map(|(_, sum)| sum).sum();
    table.row(["sum".to_owned(), String::new(), String::new(), signed_rupees(sum)]);
    table
}

fn say_findings(audit: &Audit) {
    for (rule, count) in &audit.broken {
        say(&format!("\nBROKEN, {count} times: {rule}"));
        let mut table = Table::new(&[
            ("  MERCHANT", Side::Left),
            ("MODE", Side::Left),
            ("WHAT", Side::Left),
            ("PART", Side::Left),
            ("SHOULD BE", Side::Right),
            ("IS", Side::Right),
        ]);
        for row in audit.findings.iter().filter(|row| row.rule == *rule) {
            let whose = audit.scope(row.scope).map(|scope| scope.scope.merchant.to_string());
            table.row([
                format!("  {}", whose.unwrap_or_else(|| format!("scope {}", row.scope.0))),
                row.scope.mode().as_str().to_owned(),
                row.entity.clone(),
                row.part.clone(),
                row.expected.to_string(),
                row.found.to_string(),
            ]);
        }
        table.say();
    }
    say(
        "\nWhat to do: keep a copy of the database as it is now (vasool backup, pg_dump); hold back \
         payouts of the\nmerchants above; compare what is listed with the bank's statement and \
         `vasool alerts`. Nothing was\nchanged by this command, and no command of the server \
         changes a row behind its rules, so look for\nanother program or person with access to the \
         database, or for a damaged disk.",
    );
}

/// A count with groups as in India: 12,34,567.
fn grouped(count: i64) -> String {
    let text = signed_rupees(count.saturating_mul(100));
    text.replace('₹', "").trim_end_matches(".00").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234_567), "12,34,567");
    }
}
