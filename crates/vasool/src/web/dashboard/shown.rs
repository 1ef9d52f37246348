//! How a value of the API's JSON is shown: amounts in rupees, instants in India's time, ids as links,
//! states as coloured words; and the same for a spreadsheet.

use serde_json::Value as Json;
use vasool_core::money::Paise;
use vasool_core::time::Time;

use super::lists::entity_path;
use crate::format::{moment, rupees};

/// One column of a table, or one fact of an entity.
#[derive(Clone, Copy)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// Where its value is.
    pub of: Of,
    /// Whether narrow screens leave it out.
    pub wide: bool,
}

/// A value of a JSON entity. Paths have dots, such as `acquirer_data.rrn`.
#[derive(Clone, Copy)]
pub enum Of {
    /// An id that leads to the page of what it names.
    Id(&'static str),
    /// Words.
    Text(&'static str),
    /// Paise.
    Amount(&'static str),
    /// Unix seconds.
    Time(&'static str),
    /// A word for where something stands.
    State(&'static str),
    /// A number.
    Count(&'static str),
    /// Done so far, and of how many.
    Progress(&'static str, &'static str),
    /// Something only a function can find.
    Found(fn(&Json) -> Shown),
}

/// A value as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    Nothing,
    /// Words.
    Text(String),
    /// Something to copy, such as an account number.
    Code(String),
    /// An id, and behind the base of the place where it leads, if anywhere.
    Id(String, Option<String>),
    /// An amount.
    Amount(Paise),
    /// An instant.
    Time(Time),
    /// A word for a state.
    State(String, Tone),
    /// A number.
    Count(i64),
    /// Done so far, and of how many.
    Progress(i64, i64),
}

/// What a state means for whoever looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// It went wrong.
    Bad,
    /// Somebody or something must still do its part.
    Waiting,
    /// Over, or just a fact.
    Plain,
}

impl Tone {
    /// The class of the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Waiting => "warn",
            Tone::Plain => "",
        }
    }

    /// What a word of the API for a state means.
    pub fn of(word: &str) -> Tone {
        match word {
            "captured" | "active" | "paid" | "processed" | "confirmed" | "delivered"
            | "enabled" | "completed" | "credited" => Tone::Good,
            "failed" | "rejected" | "undelivered" | "unknown" => Tone::Bad,
            "created"
            | "authorized"
            | "pending"
            | "initiated"
            | "issued"
            | "processing"
            | "attempted"
            | "cancellation_initiated"
            | "paused"
            | "ordered" => Tone::Waiting,
            _ => Tone::Plain,
        }
    }
}

impl Column {
    /// A column that every screen shows.
    pub const fn new(title: &'static str, of: Of) -> Column {
        Column { title, of, wide: false }
    }

    /// A column that wide screens show.
    pub const fn wide(title: &'static str, of: Of) -> Column {
        Column { title, of, wide: true }
    }

    /// Whether its values are numbers, which stand to the right.
    pub fn is_number(&self) -> bool {
        matches!(self.of, Of::Amount(_) | Of::Count(_))
    }

    /// Its value in an entity.
    pub fn show(&self, entity: &Json) -> Shown {
        match self.of {
            Of::Found(find) => find(entity),
            Of::Progress(done, all) => match (int(entity, done), int(entity, all)) {
                (Some(done), Some(all)) => Shown::Progress(done, all),
                _ => Shown::Nothing,
            },
            Of::Id(path) => text(entity, path).map_or(Shown::Nothing, Shown::id),
            Of::Text(path) => text(entity, path).map_or(Shown::Nothing, Shown::Text),
            Of::State(path) => text(entity, path).map_or(Shown::Nothing, Shown::state),
            Of::Amount(path) => amount(entity, path),
            Of::Time(path) => match int(entity, path) {
                Some(at) if at > 0 => Shown::Time(Time(at)),
                _ => Shown::Nothing,
            },
            Of::Count(path) => int(entity, path).map_or(Shown::Nothing, Shown::Count),
        }
    }
}

impl Shown {
    /// An id with its link, if the dashboard has a page for it.
    pub fn id(id: String) -> Shown {
        let path = entity_path(&id);
        Shown::Id(id, path)
    }

    /// A state with the tone of its word.
    pub fn state(word: String) -> Shown {
        let tone = Tone::of(&word);
        Shown::State(word, tone)
    }

    /// As people read it.
    pub fn words(&self) -> String {
        match self {
            Shown::Nothing => "–".to_owned(),
            Shown::Text(text) | Shown::Code(text) | Shown::Id(text, _) => text.clone(),
            Shown::State(word, _) => word.replace('_', " "),
            Shown::Amount(amount) => rupees(*amount),
            Shown::Time(at) => moment(*at),
            Shown::Count(number) => number.to_string(),
            Shown::Progress(done, all) => format!("{done} of {all}"),
        }
    }

    /// As a spreadsheet takes it: amounts as plain decimals, instants with their zone. A text that a
    /// spreadsheet would take for a formula begins with an apostrophe.
    pub fn cell(&self) -> String {
        match self {
            Shown::Nothing => String::new(),
            Shown::Amount(amount) => format!("{}.{:02}", amount.get() / 100, amount.get() % 100),
            Shown::State(word, _) => word.clone(),
            Shown::Text(text) | Shown::Code(text) | Shown::Id(text, _) => {
                let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
                if is_formula { format!("'{text}") } else { text.clone() }
            }
            other => other.words(),
        }
    }
}

/// The value at a path with dots.
pub fn at<'a>(entity: &'a Json, path: &str) -> &'a Json {
    path.split('.').fold(entity, |value, key| match key.parse::<usize>() {
        Ok(index) => &value[index],
        Err(_) => &value[key],
    })
}

/// A text at a path; numbers and flags are texts here, too.
pub fn text(entity: &Json, path: &str) -> Option<String> {
    match at(entity, path) {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        _ => None,
    }
}

/// A whole number at a path.
pub fn int(entity: &Json, path: &str) -> Option<i64> {
    at(entity, path).as_i64()
}

/// Paise at a path.
pub fn amount(entity: &Json, path: &str) -> Shown {
    int(entity, path).and_then(Paise::new).map_or(Shown::Nothing, Shown::Amount)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_and_shown() {
        let entity = json!({
            "id": "pay_00000000000001", "amount": 12_345_600, "status": "captured",
            "acquirer_data": {"rrn": "123"}, "none": null, "items": [{"a": 1}],
        });
        let show = |of| Column::new("", of).show(&entity);
        assert_eq!(show(Of::Amount("amount")).words(), "₹1,23,456.00");
        assert_eq!(show(Of::Amount("amount")).cell(), "123456.00");
        assert_eq!(show(Of::Text("acquirer_data.rrn")).words(), "123");
        assert_eq!(show(Of::Count("items.0.a")), Shown::Count(1));
        assert_eq!(show(Of::Text("none")).words(), "–");
        assert_eq!(show(Of::Text("none")).cell(), "");
        assert_eq!(show(Of::State("status")), Shown::State("captured".to_owned(), Tone::Good));
        let path = Some("payments/pay_00000000000001".to_owned());
        assert_eq!(show(Of::Id("id")), Shown::Id("pay_00000000000001".to_owned(), path));
    }

    #[test]
    fn spreadsheets_get_no_formulas() {
        for text in ["=1+1", "+91", "-2", "@x", "\tx"] {
            assert_eq!(Shown::Text(text.to_owned()).cell(), format!("'{text}"));
        }
        assert_eq!(Shown::Text("a=b".to_owned()).cell(), "a=b");
    }
}
