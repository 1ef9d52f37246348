//! What became of an entity: the events told about it, its lines in the journal, what rails were
//! asked, and where events were sent.

use vasool_core::event::Occurrence;
use vasool_core::id::{EventId, OccurrenceId, RawId};
use vasool_core::instruction::Instruction;
use vasool_core::scope::ScopeId;
use vasool_core::webhook::{Attempt, Delivery};

use super::{Select, text};
use crate::Store;
use crate::columns::{PostingRow, Value};
use crate::error::StoreResult;

/// Which occurrences the index `occurrences_apart` holds: all but those that are told in the command
/// that also makes the payment or account they are about. These are found beside its id, so that a
/// credit, the hottest change there is, has no further index to write. The same words as in the
/// migration, so that the databases see that the index serves.
const APART: &str = "kinds NOT IN ('payment.authorized,payment.captured,virtual_account.credited', \
    'payment.authorized,payment.captured,qr_code.credited', 'virtual_account.created', \
    'qr_code.created')";

/// Rows of one search at most.
const FOUND_MAX: i64 = 200;

/// A look back through the events of the server: what a scope was told, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// What was found.
    pub occurrences: Vec<Occurrence>,
    /// Where to go on, when there may be more.
    pub next: Option<OccurrenceId>,
}

impl Store {
    /// What was told in the commands that drew these ids, oldest first.
    pub async fn occurrences_beside(
        &self,
        scope: ScopeId,
        ids: &[RawId],
    ) -> StoreResult<Vec<Occurrence>> {
        let mut found: Vec<Occurrence> = vec![];
        for id in ids {
            let (first, last) = id.command_span();
            let select = Select::from::<Occurrence>()
                .and("scope =", scope)
                .and("id >=", text(first))
                .and("id <=", text(last));
            found.extend(self.all::<Occurrence>(select.order_by("id")).await?);
        }
        found.sort_by_key(|row| row.id);
        found.dedup_by_key(|row| row.id);
        Ok(found)
    }

    /// What was told about a subject since an id, apart from the command that made it, newest first;
    /// at most [`FOUND_MAX`].
    pub async fn occurrences_about(
        &self,
        scope: ScopeId,
        subject: RawId,
        since: RawId,
    ) -> StoreResult<Vec<Occurrence>> {
        let select = Select::from::<Occurrence>()
            .and("subject =", text(subject))
            .and("id >=", text(since))
            .and("scope =", scope)
            .and_sql(APART, vec![]);
        self.all(select.order_by("id DESC").limit(FOUND_MAX, 0)).await
    }

    /// Events of a scope before a place, newest first. Looks at no more than `seen_max` events of all
    /// scopes: there is no index by scope, which every credit would have to write.
    pub async fn occurrences_of(
        &self,
        scope: ScopeId,
        before: Option<OccurrenceId>,
        count: usize,
        seen_max: i64,
    ) -> StoreResult<EventPage> {
        let last = RawId::from_number(62u128.pow(14) - 1).expect("the greatest id is one");
        let before = before.map_or(last, |id| id.0);
        let seen = "SELECT id FROM occurrences WHERE id < $1 ORDER BY id DESC LIMIT $2";
        let mut rows = self
            .rows(
                format!("SELECT min(s.id), count(*) FROM ({seen}) s"),
                vec![text(before), Value::Int(seen_max)],
            )
            .await?;
        let Some(cells) = rows.first_mut() else {
            return Ok(EventPage { occurrences: vec![], next: None });
        };
        let (lowest, looked_at) =
            (cells.opt_text()?.and_then(|id| RawId::parse(&id)), cells.int()?);
        let Some(lowest) = lowest else {
            return Ok(EventPage { occurrences: vec![], next: None });
        };
        let limit = i64::try_from(count).unwrap_or(i64::MAX);
        let select = Select::from::<Occurrence>()
            .and("id >=", text(lowest))
            .and("id <", text(before))
            .and("scope =", scope);
        let occurrences: Vec<Occurrence> =
            self.all(select.order_by("id DESC").limit(limit, 0)).await?;
        let next = if occurrences.len() == count {
            occurrences.last().map(|row| row.id)
        } else {
            (looked_at == seen_max).then_some(OccurrenceId(lowest))
        };
        Ok(EventPage { occurrences, next })
    }

    /// The lines of the journal with these causes, in the order they were booked.
    pub async fn postings_of(
        &self,
        scope: ScopeId,
        causes: &[RawId],
    ) -> StoreResult<Vec<PostingRow>> {
        let select = Select::from::<PostingRow>().and("scope =", scope);
        self.all(among(select, "cause", causes).order_by("posted_at, cause, line")).await
    }

    /// What rails were asked about these, oldest first.
    pub async fn instructions_of(
        &self,
        scope: ScopeId,
        subjects: &[RawId],
    ) -> StoreResult<Vec<Instruction>> {
        let select = Select::from::<Instruction>().and("scope =", scope);
        self.all(among(select, "subject", subjects).order_by("created_ms, subject, kind")).await
    }

    /// Where these events were to be sent.
    pub async fn deliveries_of(&self, events: &[EventId]) -> StoreResult<Vec<Delivery>> {
        let ids: Vec<RawId> = events.iter().map(|event| event.0).collect();
        self.all(among(Select::from::<Delivery>(), "event", &ids).order_by("event, endpoint")).await
    }

    /// The calls that told these events, oldest first.
    pub async fn attempts_of(&self, events: &[EventId]) -> StoreResult<Vec<Attempt>> {
        let ids: Vec<RawId> = events.iter().map(|event| event.0).collect();
        self.all(among(Select::from::<Attempt>(), "event", &ids).order_by("at_ms, number")).await
    }

    /// The names of the files in which requests about this went to a bank.
    pub async fn files_with(&self, subject: RawId) -> StoreResult<Vec<(String, i64)>> {
        let sql = "SELECT o.name, o.created_ms FROM filings f JOIN rail_files o ON o.id = f.file \
                   WHERE f.subject = $1 AND o.name IS NOT NULL ORDER BY o.created_ms"
            .to_owned();
        let rows = self.rows(sql, vec![text(subject)]).await?;
        rows.into_iter().map(|mut cells| Ok((cells.text()?, cells.int()?))).collect()
    }
}

/// Where a column holds one of these ids; nothing for none.
fn among(select: Select, column: &str, ids: &[RawId]) -> Select {
    if ids.is_empty() {
        return select.and_sql("1 = 0", vec![]);
    }
    let first = select.next_place();
    let places: Vec<String> = (first..first + ids.len()).map(|at| format!("${at}")).collect();
    let condition = format!("{column} IN ({})", places.join(", "));
    select.and_sql(&condition, ids.iter().map(|id| text(*id)).collect())
}
