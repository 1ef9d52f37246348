//! Which part of a list a client asks for.

use super::error::ApiError;
use super::fields::Fields;

/// Items of a page when the client names no number (contract 4.1).
pub const COUNT_DEFAULT: u16 = 10;

/// Most items of a page (contract 4.1).
pub const COUNT_MAX: u16 = 100;

/// Most items of a page of the settlement recon (contract 4.1).
pub const RECON_COUNT_MAX: u16 = 1000;

/// First and last instant a client may name, in Unix seconds: 2000 to 2120 (contract 4.1).
pub const INSTANTS: std::ops::RangeInclusive<i64> = 946_684_800..=4_765_046_400;

/// One page of a list (contract 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Most items to answer, at least 1.
    pub count: u16,
    /// Items to leave out before the first.
    pub skip: u64,
    /// Unix seconds of the earliest `created_at`, inclusive.
    pub from: Option<i64>,
    /// Unix seconds of the latest `created_at`, inclusive; may lie before `from`.
    pub to: Option<i64>,
}

impl Page {
    /// Reads `count`, `skip`, `from` and `to` of a query (contract 4.1).
    ///
    /// `count_max`: [`COUNT_MAX`] or [`RECON_COUNT_MAX`].
    pub fn read(query: &Fields<'_>, count_max: u16) -> Result<Page, ApiError> {
        Ok(Page {
            count: read_count(query, count_max)?,
            skip: read_skip(query)?,
            from: read_instant(query, "from")?,
            to: read_instant(query, "to")?,
        })
    }
}

impl Page {
    /// Reads `count` and `skip` alone, for lists where `from` and `to` mean something else or
    /// nothing (sandbox 6).
    pub fn read_without_instants(query: &Fields<'_>, count_max: u16) -> Result<Page, ApiError> {
        let (count, skip) = (read_count(query, count_max)?, read_skip(query)?);
        Ok(Page { count, skip, from: None, to: None })
    }
}

fn read_count(query: &Fields<'_>, count_max: u16) -> Result<u16, ApiError> {
    let Some(count) = query.integer("count")? else {
        return Ok(COUNT_DEFAULT);
    };
    match u16::try_from(count) {
        Ok(count) if (1..=count_max).contains(&count) => Ok(count),
        _ if count < 1 => Err(ApiError::must_be_at_least("count", 1)),
        _ => Err(ApiError::may_not_exceed("count", count_max.into())),
    }
}

fn read_skip(query: &Fields<'_>) -> Result<u64, ApiError> {
    let skip = query.integer("skip")?.unwrap_or_default();
    u64::try_from(skip).map_err(|_| ApiError::must_be_at_least("skip", 0))
}

fn read_instant(query: &Fields<'_>, name: &'static str) -> Result<Option<i64>, ApiError> {
    match query.time(name)? {
        Some(instant) if !INSTANTS.contains(&instant) => Err(ApiError::invalid_field(
            name,
            format!("{name} must be between {} and {}", INSTANTS.start(), INSTANTS.end()),
        )),
        instant => Ok(instant),
    }
}

impl From<Page> for vasool_store::reads::Page {
    fn from(page: Page) -> Self {
        use vasool_core::time::Time;
        vasool_store::reads::Page {
            count: page.count.into(),
            skip: i64::try_from(page.skip).unwrap_or(i64::MAX),
            from: page.from.map(Time),
            to: page.to.map(Time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::form::decode_query;

    const DEFAULT: Page = Page { count: 10, skip: 0, from: None, to: None };

    fn page_of(query: &str, count_max: u16) -> Result<Page, String> {
        let value = decode_query(query).unwrap();
        Page::read(&Fields::of_query(&value), count_max).map_err(|error| {
            let field = error.field.unwrap();
            format!("{} | {field}", error.description)
        })
    }

    fn page(query: &str) -> Result<Page, String> {
        page_of(query, COUNT_MAX)
    }

    #[test]
    fn cm_36_default_page() {
        for query in ["", "count=&skip=&from=&to=", "other=1"] {
            assert_eq!(page(query), Ok(DEFAULT), "{query}");
        }
    }

    #[test]
    fn cm_37_count() {
        for (query, count) in [("count=1", 1), ("count=100", 100), ("count=1e1", 10)] {
            assert_eq!(page(query), Ok(Page { count, ..DEFAULT }), "{query}");
        }
        for (query, want) in [
            ("count=0", "The count must be at least 1. | count"),
            ("count=-5", "The count must be at least 1. | count"),
            ("count=101", "The count may not be greater than 100. | count"),
            ("count=65537", "The count may not be greater than 100. | count"),
            ("count=abc", "The count must be an integer. | count"),
            ("count=10.5", "The count must be an integer. | count"),
        ] {
            assert_eq!(page(query), Err(want.to_owned()), "{query}");
        }
        let count = 1000;
        assert_eq!(page_of("count=1000", RECON_COUNT_MAX), Ok(Page { count, ..DEFAULT }));
        let want = "The count may not be greater than 1000. | count";
        assert_eq!(page_of("count=1001", RECON_COUNT_MAX), Err(want.to_owned()));
    }

    #[test]
    fn cm_38_skip() {
        assert_eq!(page("skip=20"), Ok(Page { skip: 20, ..DEFAULT }));
        for (query, want) in [
            ("skip=-1", "The skip must be at least 0. | skip"),
            ("skip=x", "The skip must be an integer. | skip"),
        ] {
            assert_eq!(page(query), Err(want.to_owned()), "{query}");
        }
    }

    #[test]
    fn cm_39_from_and_to() {
        let (from, to) = (Some(946_684_800), Some(4_765_046_400));
        assert_eq!(page("from=946684800&to=4765046400"), Ok(Page { from, to, ..DEFAULT }));
        let (from, to) = (Some(1_780_000_001), Some(1_780_000_000));
        assert_eq!(page("from=1780000001&to=1780000000"), Ok(Page { from, to, ..DEFAULT }));
        for (query, want) in [
            ("from=1", "from must be between 946684800 and 4765046400 | from"),
            ("to=4765046401", "to must be between 946684800 and 4765046400 | to"),
            ("from=abc", "from must be an integer | from"),
            ("to=1.5", "to must be an integer | to"),
        ] {
            assert_eq!(page(query), Err(want.to_owned()), "{query}");
        }
    }

    #[test]
    fn cm_40_from_as_float_or_text() {
        for (query, from) in [
            ("from=1.78e+09", 1_780_000_000),
            ("from=1.78e%2B09", 1_780_000_000),
            ("from=2026-06-01T00:00:00.000Z", 1_780_272_000),
            ("from=2026-06-01T00%3A00%3A00.000Z", 1_780_272_000),
        ] {
            let from = Some(from);
            assert_eq!(page(query), Ok(Page { from, ..DEFAULT }), "{query}");
        }
    }
}
