//! What a row asks for: the call of the API with the same fields. Source: smart-collect 5.18,
//! paper-nach 14.

use std::borrow::Cow;
use std::sync::Arc;

use vasool_core::bulk::{BulkFile, BulkKind};
use vasool_core::bulk_rules::{OpenAccount, RowTask};
use vasool_core::calendar::india_midnight;
use vasool_core::customer::CustomerDraft;
use vasool_core::filing::Connector;
use vasool_core::id::VirtualAccountId;
use vasool_core::settings::Settings;
use vasool_core::time::Time;

use super::columns::Row;
use super::{debit_row, link_row};
use crate::wire::customer;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::path_id;
use crate::wire::json;
use crate::wire::value::Value;
use crate::wire::virtual_account::{raw, read_create, read_edit};

/// What rows are read against: their file, and the merchant as it is now.
pub struct RowContext<'a> {
    /// The file.
    pub file: &'a BulkFile,
    /// The merchant's settings.
    pub settings: &'a Settings,
    /// The merchant's now.
    pub now: Time,
    /// Base of short URLs.
    pub base: &'a str,
    /// Connectors to NACH that exist, and how they take a debit of now.
    pub rails: Arc<[Connector]>,
}

/// Reads the cells of a row. What is wrong in a field that the rules check in their own order comes
/// back beside the task, as for the call of the API.
pub fn read_row(
    context: &RowContext<'_>,
    cells: &[String],
) -> Result<(RowTask, Option<ApiError>), ApiError> {
    let row = Row { columns: &context.file.columns, cells };
    match context.file.kind {
        BulkKind::OpenAccounts | BulkKind::MoveExpiries => read_account(context.file.kind, cells),
        BulkKind::RegistrationLinks => {
            let draft = link_row::read(context, row)?;
            Ok((RowTask::Link(Box::new(draft)), None))
        }
        BulkKind::Debits => {
            let draft = debit_row::read(context, row)?;
            Ok((RowTask::Debit(Box::new(draft)), None))
        }
    }
}

fn read_account(kind: BulkKind, cells: &[String]) -> Result<(RowTask, Option<ApiError>), ApiError> {
    let cell = |at: usize| cells.get(at).map_or("", String::as_str);
    match kind {
        BulkKind::OpenAccounts => {
            let [id, name, contact, email] = [0, 1, 2, 3].map(cell);
            let customer =
                if id.is_empty() { Some(read_customer(name, contact, email)?) } else { None };
            let number = object([("descriptor", text(cell(4)))]);
            let types = Value::List(vec![text("bank_account")]);
            let receivers = object([("types", types), ("bank_account", number)]);
            let body = object([
                ("receivers", receivers),
                ("description", text(cell(5))),
                ("customer_id", text(id)),
                // What is no JSON stays a text, which notes may not be.
                ("notes", json::parse(cell(6)).unwrap_or_else(|_| text(cell(6)))),
            ]);
            let (account, wrong) = read_create(&Fields::of_body(&body))?;
            Ok((RowTask::OpenAccount(Box::new(OpenAccount { customer, account })), wrong))
        }
        _ => {
            let (id, at) = (cell(0), cell(1));
            if id.is_empty() {
                return Err(ApiError::field_required("virtual_account_id").into_shape_i());
            }
            let id = VirtualAccountId(raw(path_id(VirtualAccountId::PREFIX, id)?));
            let seconds = if at.is_empty() {
                String::new()
            } else {
                expire_by(at).ok_or_else(wrong_instant)?.0.to_string()
            };
            let body = object([("close_by", text(&seconds))]);
            Ok((RowTask::EditAccount(id, read_edit(&Fields::of_body(&body))?), None))
        }
    }
}

/// A customer who may be new. A row without any customer is a mistake.
fn read_customer(name: &str, contact: &str, email: &str) -> Result<CustomerDraft, ApiError> {
    if name.is_empty() && contact.is_empty() && email.is_empty() {
        return Err(ApiError::field_required("customer_id").into_shape_i());
    }
    let body = object([("name", text(name)), ("contact", text(contact)), ("email", text(email))]);
    Ok(customer::read_create(&Fields::of_body(&body))?.0)
}

/// `DD-MM-YYYY hh:mm`, 24 hours, in India; a day, month or hour may have one digit.
fn expire_by(text: &str) -> Option<Time> {
    let (date, clock) = text.split_once(' ')?;
    let mut date = date.split('-');
    let (day, month, year) = (date.next()?, date.next()?, date.next()?);
    let (hour, minute) = clock.trim_start().split_once(':')?;
    if date.next().is_some() || year.len() != 4 || minute.len() != 2 {
        return None;
    }
    let number = |digits: &str, most: i64| {
        let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| plain)?;
        (number <= most).then_some(number)
    };
    let midnight = india_midnight(number(year, 9_999)?, number(month, 12)?, number(day, 31)?)?;
    let seconds = number(hour, 23)? * 3_600 + number(minute, 59)? * 60;
    Some(midnight.plus_seconds(seconds))
}

/// Our text: the API takes a number there.
fn wrong_instant() -> ApiError {
    let text = "The expire by does not match the format DD-MM-YYYY hh:mm.";
    ApiError::shape_i("close_by", text)
}

/// A cell as a field of a body.
pub(super) fn text(cell: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(cell))
}

/// A body, or an object in it.
pub(super) fn object<'a, const N: usize>(entries: [(&'static str, Value<'a>); N]) -> Value<'a> {
    Value::Object(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(row: &str) -> Result<(RowTask, Option<ApiError>), ApiError> {
        let cells: Vec<String> = row.split('|').map(str::to_owned).collect();
        assert_eq!(cells.len(), 7);
        read_account(BulkKind::OpenAccounts, &cells)
    }

    #[test]
    fn sc_113_rows_are_calls() {
        let read = |row| match open(row).unwrap() {
            (RowTask::OpenAccount(open), None) => (open.customer, open.account),
            _ => panic!("{row}"),
        };
        let row = "cust_QcA1Meera00001|x|y|z|RENT1|Flat|{\"unit\":\"14B\"}";
        let (customer, account) = read(row);
        assert_eq!(customer, None);
        assert_eq!(account.customer.unwrap().to_string(), "cust_QcA1Meera00001");
        assert_eq!(account.receivers.bank_account.unwrap().descriptor.as_deref(), Some("RENT1"));
        assert_eq!(account.description.as_deref(), Some("Flat"));
        assert_eq!(account.notes, [("unit".to_owned(), "14B".to_owned())]);
        let (customer, account) = read("|Meera Iyer|9000012345|meera@example.test|||");
        assert_eq!(customer.unwrap().name.as_deref(), Some("Meera Iyer"));
        assert_eq!(account.receivers.bank_account.unwrap().descriptor, None);
        assert!(account.receivers.vpa.is_none() && account.customer.is_none());
    }

    #[test]
    fn sc_113_wrong_fields_have_the_texts_of_the_api() {
        let refused = |row: &str| match open(row) {
            Err(error) | Ok((_, Some(error))) => error.description.into_owned(),
            Ok(_) => panic!("{row}"),
        };
        for (row, want) in [
            ("||||||", "The customer id field is required."),
            ("||||D||", "The customer id field is required."),
            ("cust_1||||||", "1 is not a valid id"),
            ("|Me|||||", "The name must be at least 3 characters."),
            ("|Meera|||||nope", "The notes must be an array."),
            ("|Meera|||||[1]", "The notes must be an array."),
            ("|Meera|||||{\"a\":{}}", "Notes values themselves should not be an array"),
        ] {
            assert_eq!(refused(row), want, "{row}");
        }
        assert_eq!(
            refused("||123||||"),
            "Contact number should be at least 8 digits, including country code"
        );
        assert_eq!(refused("|||meera|||"), "The email must be a valid email address.");
        let long = format!("|Meera||||{}|", "d".repeat(2_049));
        assert_eq!(refused(&long), "The description may not be greater than 2048 characters.");
    }

    #[test]
    fn sc_114_instants_of_india() {
        // 2026-12-01T04:30:00Z
        let want = Some(Time(1_796_099_400));
        for text in ["01-12-2026 10:00", "1-12-2026 10:00", "01-12-2026  10:00"] {
            assert_eq!(expire_by(text), want, "{text}");
        }
        assert_eq!(expire_by("01-12-2026 00:00"), Some(Time(1_796_099_400 - 36_000)));
        for text in [
            "",
            "01-12-2026",
            "2026-12-01 10:00",
            "01/12/2026 10:00",
            "31-11-2026 10:00",
            "01-12-2026 24:00",
            "01-12-2026 10:60",
            "01-12-2026 10:5",
            "01-12-26 10:00",
            "01-12-2026 10:00:00",
            "+1-12-2026 10:00",
            "01-12-2026 10:00 AM",
            "1796099400",
        ] {
            assert_eq!(expire_by(text), None, "{text}");
        }
    }

    #[test]
    fn sc_114_rows_of_expiries() {
        let row = |id: &str, at: &str| {
            read_account(BulkKind::MoveExpiries, &[id.to_owned(), at.to_owned()])
                .map(|(task, _)| match task {
                    RowTask::EditAccount(_, edit) => edit.close_by,
                    _ => panic!(),
                })
                .map_err(|error| error.description.into_owned())
        };
        let id = "va_QcA1Meera00001";
        assert_eq!(row(id, "01-12-2026 10:00"), Ok(Some(Some(Time(1_796_099_400)))));
        assert_eq!(row(id, ""), Ok(Some(None)));
        assert_eq!(
            row("", "01-12-2026 10:00"),
            Err("The virtual account id field is required.".into())
        );
        assert_eq!(row("va_1", "01-12-2026 10:00"), Err("1 is not a valid id".into()));
        let want = "The expire by does not match the format DD-MM-YYYY hh:mm.";
        assert_eq!(row(id, "tomorrow"), Err(want.into()));
        let want = "The close by may not be greater than 2147483647.";
        assert_eq!(row(id, "20-01-2038 10:00"), Err(want.into()));
    }
}
