//! Proves the books: recomputes balances and state from the journal, on one snapshot.
//!
//! Every rule is a query that finds what breaks it, the same text on both databases; the memory
//! store answers from a copy in SQLite. Scopes that a reset retired are left out, because they are
//! being purged piece by piece.

mod mandates;
mod paper;
mod record;
mod rules;

pub use record::AuditRecord;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vasool_core::id::MerchantId;
use vasool_core::scope::{Scope, ScopeId};

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
    /// The same per merchant and mode, in the order of merchants; those without any row are left out.
    pub scopes: Vec<ScopeTotals>,
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

/// What was looked at of one merchant in one mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeTotals {
    /// Whose.
    pub scope: Scope,
    /// The merchant's name.
    pub merchant_name: String,
    /// Sums over its rows.
    pub totals: Totals,
}

/// Sums over everything but retired scopes, or over one scope.
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

    /// Whose a finding is, if rows of that scope were counted.
    pub fn scope(&self, id: ScopeId) -> Option<&ScopeTotals> {
        self.scopes.iter().find(|row| row.scope.id == id)
    }
}

/// How far an audit is: queries answered. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct AuditProgress(Arc<AtomicUsize>);

impl AuditProgress {
    /// One more query was answered.
    pub(crate) fn step(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Queries that were answered, and how many there are.
    pub fn now(&self) -> (usize, usize) {
        (self.0.load(Ordering::Relaxed), all_rules().count() + SUMS.len())
    }
}

impl Store {
    /// Checks every rule of the books. Reads only; needs no secret.
    pub async fn audit(&self) -> StoreResult<Audit> {
        self.audit_watched(&AuditProgress::default()).await
    }

    /// The same, while somebody watches how far it is.
    pub async fn audit_watched(&self, progress: &AuditProgress) -> StoreResult<Audit> {
        let mut queries: Vec<String> = all_rules().map(|(_, sql)| finding(sql)).collect();
        queries.extend(SUMS.map(str::to_owned));
        let mut answers = self.snapshot(queries, progress.clone()).await?.into_iter();
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
        let mut sums: BTreeMap<ScopeId, Totals> = BTreeMap::new();
        for mut cells in next() {
            let totals = sums.entry(cells.scope()?).or_default();
            (totals.payments, totals.credits) = (cells.int()?, cells.int()?);
        }
        for mut cells in next() {
            let (scope, postings) = (cells.scope()?, cells.int()?);
            sums.entry(scope).or_default().postings = postings;
        }
        for mut cells in next() {
            let (scope, account, balance) = (cells.scope()?, cells.text()?, cells.int()?);
            sums.entry(scope).or_default().balances.push((account, balance));
        }
        audit.totals = Totals::sum(sums.values());
        for mut cells in next() {
            let (id, merchant) = (cells.scope()?, MerchantId(cells.id()?));
            let scope = Scope { id, merchant, mode: id.mode() };
            if let Some(totals) = sums.remove(&id) {
                audit.scopes.push(ScopeTotals { scope, merchant_name: cells.text()?, totals });
            }
        }
        Ok(audit)
    }

    /// The answers of several queries on one snapshot.
    async fn snapshot(
        &self,
        queries: Vec<String>,
        progress: AuditProgress,
    ) -> StoreResult<Vec<Vec<Cells>>> {
        match self {
            Store::Sqlite(store) => store.snapshot(queries, progress).await,
            Store::Postgres(store) => store.snapshot(queries, progress).await,
            Store::Memory(store) => store.snapshot(queries).await,
        }
    }
}

impl Totals {
    fn sum<'a>(all: impl Iterator<Item = &'a Totals>) -> Totals {
        let mut sum = Totals::default();
        let mut balances: BTreeMap<&str, i64> = BTreeMap::new();
        for totals in all {
            sum.payments += totals.payments;
            sum.credits += totals.credits;
            sum.postings += totals.postings;
            for (account, balance) in &totals.balances {
                *balances.entry(account).or_default() += balance;
            }
        }
        sum.balances = balances.into_iter().map(|(name, sum)| (name.to_owned(), sum)).collect();
        sum
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

/// What is summed up beside the rules, per scope.
const SUMS: [&str; 4] = [PAYMENTS, POSTINGS, BALANCES, SCOPES];

const PAYMENTS: &str = "SELECT p.scope, count(*), CAST(coalesce(sum(\
    CASE WHEN p.status = 'captured' THEN p.amount ELSE 0 END), 0) AS BIGINT) FROM payments p \
    WHERE p.scope NOT IN (SELECT n.scope FROM tenants n WHERE n.retired = 1) GROUP BY p.scope";

const POSTINGS: &str = "SELECT j.scope, count(*) FROM postings j \
    WHERE j.scope NOT IN (SELECT n.scope FROM tenants n WHERE n.retired = 1) GROUP BY j.scope";

const BALANCES: &str = "SELECT s.scope, s.account, CAST(sum(s.amount) AS BIGINT) FROM (\
    SELECT j.scope AS scope, j.debit AS account, j.amount AS amount FROM postings j \
    UNION ALL SELECT j.scope, j.credit, -j.amount FROM postings j) s \
    WHERE s.scope NOT IN (SELECT n.scope FROM tenants n WHERE n.retired = 1) \
    GROUP BY s.scope, s.account ORDER BY s.scope, s.account";

const SCOPES: &str = "SELECT n.scope, n.merchant, n.merchant_name FROM tenants n \
    WHERE n.retired = 0 ORDER BY n.merchant, n.mode";
