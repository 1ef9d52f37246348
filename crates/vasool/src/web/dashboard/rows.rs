//! Rows of a list, as JSON: from the API where it has the list, else from the same reads and
//! renderers.

use serde_json::Value as Json;
use vasool_core::calendar::india_midnight;
use vasool_core::id::{CustomerId, EndpointId, OccurrenceId, RawId};
use vasool_core::time::{DAY_SECONDS, Time};
use vasool_store::reads::Page;

use super::lists::{List, Source};
use super::place::Place;
use super::shown::{Shown, Tone, int, text};
use super::webhooks::without_userinfo;
use crate::api::request::Query;
use crate::app::App;
use crate::web::client::{Api, Call, Problem};
use crate::web::session::PageError;
use crate::wire::desk::{alert, api_key, events, mandate, paper_mandate};
use crate::wire::percent::escape;
use crate::wire::sandbox::{MessageOut, attempt_out};
use crate::wire::value::Value;

/// Rows of one page.
pub const PAGE: usize = 25;
/// Events of all merchants that one page of events looks at, at most.
const EVENTS_SEEN: i64 = 20_000;
/// Characters of a filter that are kept.
const FILTER_MAX: usize = 200;

/// What somebody asks a list for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Filters with something in them.
    pub filters: Vec<(&'static str, String)>,
    /// The first day, as typed: `2026-05-29`.
    pub from: String,
    /// The last day, as typed.
    pub to: String,
    /// Rows to leave out.
    pub skip: u64,
    /// Events before this one.
    pub before: Option<OccurrenceId>,
    /// Rows made by then, for an export that goes on; else the end of the last day.
    until: Option<Time>,
}

/// One page of rows.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The rows.
    pub items: Vec<Json>,
    /// The query of the next page.
    pub next: Option<String>,
    /// The query of the page before.
    pub back: Option<String>,
    /// Of a page of events: the next one begins before this.
    before: Option<OccurrenceId>,
}

impl Asked {
    /// Reads the query of a list.
    pub fn read(list: &List, query: &Query) -> Result<Asked, PageError> {
        let query = query.decode()?;
        let value = |name: &str| match query.get(name) {
            Some(Value::Text(text)) => text.trim().chars().take(FILTER_MAX).collect(),
            _ => String::new(),
        };
        let filters = list.filters.iter().map(|filter| (filter.name, value(filter.name)));
        Ok(Asked {
            filters: filters.filter(|(_, value)| !value.is_empty()).collect(),
            from: value("from"),
            to: value("to"),
            skip: value("skip").parse().unwrap_or(0),
            before: RawId::parse(&value("before")).map(OccurrenceId),
            until: None,
        })
    }

    /// What was typed into a filter.
    pub fn filter(&self, name: &str) -> &str {
        let found = self.filters.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }

    /// Whether anything is left out.
    pub fn is_narrowed(&self) -> bool {
        !self.filters.is_empty() || !self.from.is_empty() || !self.to.is_empty()
    }

    /// Moves on behind a page of rows; false when it was the last. Where a list can be asked by time,
    /// the next page begins at the second of the last row: leaving out ever more rows would make a long
    /// export ever slower.
    pub fn go_on(&mut self, list: &List, rows: &Rows) -> bool {
        if rows.next.is_none() {
            return false;
        }
        let times = || rows.items.iter().map(|row| int(row, "created_at"));
        let last = times().next_back().flatten();
        match (list.source, last) {
            (Source::Events, _) => self.before = rows.before,
            (Source::Deliveries | Source::Alerts | Source::Keys, _) | (_, None) => {
                self.skip += rows.items.len() as u64;
            }
            (_, Some(last)) => {
                let of_last = times().rev().take_while(|at| *at == Some(last)).count() as u64;
                let is_same = self.until == Some(Time(last));
                self.skip = if is_same { self.skip + of_last } else { of_last };
                self.until = Some(Time(last));
            }
        }
        true
    }

    /// The query that asks the same.
    pub fn query(&self) -> String {
        let mut query = String::new();
        let days = [("from", &self.from), ("to", &self.to)];
        let filters = self.filters.iter().map(|(name, value)| (*name, value));
        for (name, value) in filters.chain(days) {
            if !value.is_empty() {
                query += &format!(
                    "{}{name}={}",
                    if query.is_empty() { "" } else { "&" },
                    escape(value, &[])
                );
            }
        }
        query
    }

    fn with(&self, name: &str, value: &str) -> String {
        let query = self.query();
        let and = if query.is_empty() { "" } else { "&" };
        format!("{query}{and}{name}={}", escape(value, &[]))
    }

    /// The span of the days, in India. Errors: which is none.
    fn span(&self) -> Result<(Option<Time>, Option<Time>), Problem> {
        let day = |text: &str, field: &str| match text {
            "" => Ok(None),
            text => midnight(text).map(Some).ok_or_else(|| Problem {
                description: "A day such as 2026-05-29, please.".to_owned(),
                field: Some(field.to_owned()),
            }),
        };
        let (from, to) = (day(&self.from, "from")?, day(&self.to, "to")?);
        let to = to.map(|to| to.plus_seconds(DAY_SECONDS - 1));
        Ok((from, self.until.or(to)))
    }
}

/// Midnight in India of a day such as `2026-05-29`.
fn midnight(text: &str) -> Option<Time> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    india_midnight(parts.next()??, parts.next()??, parts.next()??)
}

/// A page of a list. A refusal of the API is a problem to show; only a lost database is an error.
pub async fn read(
    app: &App,
    api: &Api,
    place: &Place,
    list: &'static List,
    asked: &Asked,
    count: usize,
) -> Result<Result<Rows, Problem>, PageError> {
    let span = match asked.span() {
        Ok(span) => span,
        Err(problem) => return Ok(Err(problem)),
    };
    if list.source == Source::Events {
        return Ok(Ok(read_events(app, place, asked, count).await?));
    }
    // One more tells whether there is another page.
    let found = match list.source {
        Source::Api(path) => from_api(app, api, place, path, asked, span, count + 1).await?,
        _ => from_store(app, place, list.source, asked, span, count + 1).await?,
    };
    Ok(found.map(|mut items| {
        let is_more = items.len() > count;
        items.truncate(count);
        let step = count as u64;
        let next = is_more.then(|| asked.with("skip", &(asked.skip + step).to_string()));
        let back = (asked.skip > 0)
            .then(|| asked.with("skip", &asked.skip.saturating_sub(step).to_string()));
        Rows { items, next, back, before: None }
    }))
}

async fn from_api(
    app: &App,
    api: &Api,
    place: &Place,
    path: &str,
    asked: &Asked,
    (from, to): (Option<Time>, Option<Time>),
    count: usize,
) -> Result<Result<Vec<Json>, Problem>, PageError> {
    let mut query = format!("{path}?count={count}&skip={}", asked.skip);
    for (name, value) in &asked.filters {
        query += &format!("&{name}={}", escape(value, &[]));
    }
    for (name, at) in [("from", from), ("to", to)] {
        if let Some(at) = at {
            query += &format!("&{name}={}", at.0);
        }
    }
    let called = api.call(app, place, &Call::get(query)).await?;
    match called.problem() {
        None => Ok(Ok(called.items())),
        Some(problem) if called.status == 400 => Ok(Err(problem)),
        Some(_) => Err(called.fault()),
    }
}

async fn from_store(
    app: &App,
    place: &Place,
    source: Source,
    asked: &Asked,
    (from, to): (Option<Time>, Option<Time>),
    count: usize,
) -> Result<Result<Vec<Json>, Problem>, PageError> {
    let scope = place.scope();
    let (count, skip) = (count as i64, i64::try_from(asked.skip).unwrap_or(i64::MAX));
    let page = Page { count, skip, from, to };
    let filter = |name| Some(asked.filter(name).to_owned()).filter(|value| !value.is_empty());
    Ok(Ok(match source {
        Source::Mandates => return Ok(Ok(mandates(app, place, asked, page).await?)),
        Source::Deliveries => {
            let endpoint = match filter("endpoint_id") {
                None => None,
                Some(id) => match RawId::parse(&id) {
                    Some(id) => Some(EndpointId(id)),
                    None => return Ok(Ok(vec![])),
                },
            };
            let rows = app.store.attempts(scope, filter("event"), endpoint, count, skip).await?;
            rows.iter().map(|row| attempt_out(row, &app.options.public_url)).collect()
        }
        Source::Messages => {
            let rows = app.store.messages(scope, filter("to"), filter("channel"), page).await?;
            let json = |row| serde_json::to_value(MessageOut::from(row)).unwrap_or_default();
            rows.iter().map(json).collect()
        }
        Source::Alerts => {
            let rows = app.store.alerts_of(scope, count, skip).await?;
            rows.iter().map(alert).collect()
        }
        Source::Keys => {
            let (id, mode) = (place.merchant.id, place.tenant.scope.mode);
            let keys = app.store.api_keys_of(id, mode).await?;
            let skip = usize::try_from(skip).unwrap_or(usize::MAX);
            let newest = keys.iter().rev().skip(skip);
            newest.take(usize::try_from(count).unwrap_or(0)).map(api_key).collect()
        }
        Source::Api(_) | Source::Events => vec![],
    }))
}

/// Mandates of one kind, of all customers or of one.
async fn mandates(
    app: &App,
    place: &Place,
    asked: &Asked,
    page: Page,
) -> Result<Vec<Json>, PageError> {
    let scope = place.scope();
    let is_paper = asked.filter("method") == "nach";
    let typed = asked.filter("customer_id");
    if typed.is_empty() {
        return Ok(if is_paper {
            app.store.nach_tokens(scope, page).await?.iter().map(paper_mandate).collect()
        } else {
            let rows = app.store.tokens(scope, page).await?;
            rows.iter().map(|row| mandate(&row.as_of(place.now))).collect()
        });
    }
    let customer = typed.strip_prefix(CustomerId::PREFIX).and_then(RawId::parse).map(CustomerId);
    let Some(customer) = customer else { return Ok(vec![]) };
    let all: Vec<Json> = if is_paper {
        app.store.nach_tokens_of(scope, customer).await?.iter().map(paper_mandate).collect()
    } else {
        let rows = app.store.tokens_of(scope, customer).await?;
        rows.iter().map(|row| mandate(&row.as_of(place.now))).collect()
    };
    // A customer has few: they are read whole.
    let within = |row: &&Json| {
        let at = int(row, "created_at").unwrap_or_default();
        page.from.is_none_or(|from| from.0 <= at) && page.to.is_none_or(|to| at <= to.0)
    };
    let (skip, count) = (usize::try_from(page.skip), usize::try_from(page.count));
    let rest = all.iter().filter(within).skip(skip.unwrap_or(usize::MAX));
    Ok(rest.take(count.unwrap_or_default()).cloned().collect())
}

async fn read_events(
    app: &App,
    place: &Place,
    asked: &Asked,
    count: usize,
) -> Result<Rows, PageError> {
    let (scope, before) = (place.scope(), asked.before);
    let page = app.store.occurrences_of(scope, before, count, EVENTS_SEEN).await?;
    Ok(Rows {
        items: page.occurrences.iter().flat_map(events).collect(),
        next: page.next.map(|id| asked.with("before", id.0.as_str())),
        back: before.map(|_| asked.query()),
        before: page.next,
    })
}

/// What a webhook answered to a call.
pub fn answer(delivery: &Json) -> Shown {
    match (int(delivery, "response_status"), text(delivery, "error")) {
        (Some(status), _) => {
            let tone = if (200..300).contains(&status) { Tone::Good } else { Tone::Bad };
            Shown::State(status.to_string(), tone)
        }
        (None, Some(error)) => Shown::State(error, Tone::Bad),
        (None, None) => Shown::Nothing,
    }
}

/// Where a call went.
pub fn sent_to(delivery: &Json) -> Shown {
    text(delivery, "url").map_or(Shown::Nothing, |url| Shown::Text(without_userinfo(&url)))
}

/// The event that a call told, with the way to its page.
pub fn event_sent(delivery: &Json) -> Shown {
    let id = text(delivery, "event_id").map(|id| format!("events/{id}"));
    text(delivery, "event").map_or(Shown::Nothing, |name| Shown::Id(name, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_india() {
        assert_eq!(midnight("2026-05-29"), Some(Time(1_779_993_000)));
        for bad in ["", "2026", "2026-13-01", "2026-02-30", "a-b-c", "29.5.2026"] {
            assert_eq!(midnight(bad), None, "{bad}");
        }
        let asked = Asked { to: "2026-05-29".to_owned(), ..Asked::default() };
        assert_eq!(asked.span(), Ok((None, Some(Time(1_779_993_000 + 86_399)))));
        let asked = Asked { from: "yesterday".to_owned(), ..Asked::default() };
        assert_eq!(asked.span().unwrap_err().field.as_deref(), Some("from"));
    }

    #[test]
    fn exports_go_on_at_the_second_of_the_last_row() {
        let list = List::named("payments").unwrap();
        let rows = |times: &[i64]| Rows {
            items: times.iter().map(|at| serde_json::json!({"created_at": at})).collect(),
            next: Some(String::new()),
            ..Rows::default()
        };
        let mut asked = Asked { skip: 3, ..Asked::default() };
        assert!(asked.go_on(list, &rows(&[9, 8, 7, 7])));
        assert_eq!((asked.until, asked.skip), (Some(Time(7)), 2));
        // The two of second 7 are left out; two more of it follow.
        assert!(asked.go_on(list, &rows(&[7, 7])));
        assert_eq!((asked.until, asked.skip), (Some(Time(7)), 4));
        assert!(asked.go_on(list, &rows(&[7, 6])));
        assert_eq!((asked.until, asked.skip), (Some(Time(6)), 1));
        assert!(!asked.go_on(list, &Rows { next: None, ..rows(&[6]) }));
    }

    #[test]
    fn queries_ask_the_same_again() {
        let filters = vec![("contact", "+91 98 & 1".to_owned())];
        let asked = Asked { filters, from: "2026-05-29".to_owned(), skip: 50, ..Asked::default() };
        assert_eq!(asked.query(), "contact=%2B91%2098%20%26%201&from=2026-05-29");
        assert_eq!(asked.with("skip", "75"), format!("{}&skip=75", asked.query()));
        assert_eq!(Asked::default().with("skip", "25"), "skip=25");
    }
}
