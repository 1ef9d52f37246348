//! Proves the books: recomputes balances and state from the journal, on one snapshot.
//!
//! Every rule is a query that finds what breaks it, the same text on both databases; the memory
//! store answers from a copy in SQLite. Scopes that a reset retired are left out, because they are
//! being purged piece by piece.

mod mandates;
mod paper;
mod rules;

use vasool_core::scope::ScopeId;

use crate::Store;
use crate::columns::Cells;
use crate::error::StoreResult;

/// Findings shown per rule; the rest is only counted.
const SHOWN_MAX: i64 = 20;

/// What an audit found, and what it looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// What breaks a rule, at most twenty per rule. Empty for sound books.
    pub findings: Vec<Finding>,
    /// How often each rule is broken that is broken at all.
    pub broken: Vec<(&'static str, i64)>,
    /// Sums over everything that was looked at.
    pub totals: Totals,
}

/// One thing that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule, in words.
    pub rule: &'static str,
    /// Whose.
    pub scope: ScopeId,
    /// Id without prefix, or account number.
    pub entity: String,
    /// Which part of the rule.
    pub part: String,
    /// What should be there: paise or a count.
    pub expected: i64,
    /// What is there.
    pub found: i64,
}

/// Sums over everything but retired scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Payments of any state.
    pub payments: i64,
    /// Paise of captured payments.
    pub credits: i64,
    /// Lines of the journal.
    pub postings: i64,
    /// Received minus given per account of the ledger, paise. They add up to zero.
    pub balances: Vec<(String, i64)>,
}

/// Every rule, in words and as a query.
fn all_rules() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    rules::RULES.iter().chain(mandates::RULES).chain(paper::RULES)
}

impl Audit {
    /// Whether every rule holds.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Store {
    /// Checks every rule of the books. Reads only; needs no secret.
    pub async fn audit(&self) -> StoreResult<Audit> {
        let mut queries: Vec<String> = all_rules().map(|(_, sql)| finding(sql)).collect();
        queries.extend([PAYMENTS, POSTINGS, BALANCES].map(str::to_owned));
        let mut answers = self.snapshot(queries).await?.into_iter();
        let mut audit = Audit::default();
        for ((rule, _), rows) in all_rules().zip(answers.by_ref()) {
            let mut count = 0;
            for mut cells in rows {
                let (finding, all) = read_finding(rule, &mut cells)?;
                audit.findings.push(finding);
                count = all;
            }
            if count > 0 {
                audit.broken.push((rule, count));
            }
        }
        let mut next = || answers.next().unwrap_or_default().into_iter();
        if let Some(mut cells) = next().next() {
            (audit.totals.payments, audit.totals.credits) = (cells.int()?, cells.int()?);
        }
        if let Some(mut cells) = next().next() {
            audit.totals.postings = cells.int()?;
        }
        for mut cells in next() {
            audit.totals.balances.push((cells.text()?, cells.int()?));
        }
        Ok(audit)
    }

    /// The answers of several queries on one snapshot.
    async fn snapshot(&self, queries: Vec<String>) -> StoreResult<Vec<Vec<Cells>>> {
        match self {
            Store::Sqlite(store) => store.snapshot(queries).await,
            Store::Postgres(store) => store.snapshot(queries).await,
            Store::Memory(store) => store.snapshot(queries).await,
        }
    }
}

/// The first findings of a rule, each with the number of all.
fn finding(rule: &str) -> String {
    format!(
        "SELECT r.scope, r.entity, r.part, r.expected, r.found, count(*) OVER () FROM ({rule}) r \
         WHERE NOT EXISTS (SELECT 1 FROM tenants n WHERE n.scope = r.scope AND n.retired = 1) \
         ORDER BY r.scope, r.entity, r.part LIMIT {SHOWN_MAX}"
    )
}

fn read_finding(rule: &'static str, cells: &mut Cells) -> StoreResult<(Finding, i64)> {
    let finding = Finding {
        rule,
        scope: cells.scope()?,
        entity: cells.text()?,
        part: cells.text()?,
        expected: cells.int()?,
        found: cells.int()?,
    };
    Ok((finding, cells.int()?))
}

const PAYMENTS: &str = "SELECT count(*), CAST(coalesce(sum(\
    CASE WHEN p.status = 'captured' THEN p.amount ELSE 0 END), 0) AS BIGINT) FROM payments p \
    WHERE p.scope NOT IN (SELECT n.scope FROM tenants n WHERE n.retired = 1)";

const POSTINGS: &str = "SELECT count(*) FROM postings j \
    WHERE j.scope NOT IN (SELECT n.scope FROM tenants n WHERE n.retired = 1)";

const BALANCES: &str = "SELECT s.account, CAST(sum(s.amount) AS BIGINT) FROM (\
    SELECT j.scope AS scope, j.debit AS account, j.amount AS amount FROM postings j \
    UNION ALL SELECT j.scope, j.credit, -j.amount FROM postings j) s \
    WHERE s.scope NOT IN (SELECT n.scope FROM tenants n WHERE n.retired = 1) \
    GROUP BY s.account ORDER BY s.account";
