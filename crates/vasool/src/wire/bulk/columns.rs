//! Which columns a kind of file has, and what a header says. Source: smart-collect 5.18, paper-nach
//! 14.

use vasool_core::bulk::BulkKind;

use super::refuse;
use crate::wire::error::ApiError;

/// Columns of a file of accounts to open.
pub const OPEN: &[&str] = &[
    "customer_id",
    "customer_name",
    "customer_contact",
    "customer_email",
    "virtual_account_descriptor",
    "virtual_account_description",
    "virtual_account_notes",
];
/// Columns of a file of expiries to move.
pub const EXPIRY: &[&str] = &["Virtual Account Id", "Expire By"];
/// Columns of a file of registration links.
const LINK: &[&str] = &[
    "email",
    "phone",
    "description",
    "name",
    "receipt",
    "frequency",
    "amount",
    "currency",
    "method",
    "auth_type",
    "token_expiry_by",
    "token_max_amount",
    "bank",
    "account_holder_name",
    "ifsc",
    "account_number",
    "account_type",
    "link_expiry_by",
];
/// Those of them that may be left out.
const LINK_OPTIONAL: &[&str] = &[
    "name",
    "receipt",
    "frequency",
    "amount",
    "currency",
    "token_expiry_by",
    "token_max_amount",
    "link_expiry_by",
];
/// Columns of a file of debits.
const DEBIT: &[&str] = &["token", "customer_id", "amount", "currency", "receipt", "description"];
/// Those of them that may be left out.
const DEBIT_OPTIONAL: &[&str] = &["receipt", "description"];
/// Most columns of notes.
const NOTES_MAX: usize = 5;

/// The columns of a kind of file, in the order of its sample, without notes.
pub fn columns(kind: BulkKind) -> &'static [&'static str] {
    match kind {
        BulkKind::OpenAccounts => OPEN,
        BulkKind::MoveExpiries => EXPIRY,
        BulkKind::RegistrationLinks => LINK,
        BulkKind::Debits => DEBIT,
    }
}

/// What the first row of a file is.
#[derive(Debug, PartialEq, Eq)]
pub enum FirstRow {
    /// The header, with the names of the columns where the kind alone does not say them.
    Header(Vec<String>),
    /// Data: only files of accounts may leave the header out.
    Data,
}

/// Reads the first row of a file. Names must be exactly those of the kind. Files of paper mandates
/// may leave optional columns out, have notes of their own, and any order.
pub fn read_first_row(kind: BulkKind, cells: &[String]) -> Result<FirstRow, ApiError> {
    let wanted = columns(kind);
    let altered = |notes| {
        Err(refuse(format!("The headers of the file must be: {}{notes}.", wanted.join(", "))))
    };
    let optional = match kind {
        BulkKind::OpenAccounts | BulkKind::MoveExpiries => {
            let names_one = |cell: &String| OPEN.iter().any(|name| name.eq_ignore_ascii_case(cell));
            return match cells == wanted {
                true => Ok(FirstRow::Header(vec![])),
                // A row that names any of the columns is meant as a header.
                false if kind == BulkKind::OpenAccounts && !cells.iter().any(names_one) => {
                    Ok(FirstRow::Data)
                }
                false => altered(""),
            };
        }
        BulkKind::RegistrationLinks => LINK_OPTIONAL,
        BulkKind::Debits => DEBIT_OPTIONAL,
    };
    let has = |name: &str| cells.iter().any(|cell| cell == name);
    let is_known = |cell: &String| wanted.contains(&cell.as_str()) || notes_key(cell).is_some();
    let is_repeated = |(at, cell): (usize, &String)| cells[..at].contains(cell);
    let notes = cells.iter().filter(|cell| notes_key(cell).is_some()).count();
    let is_whole = wanted.iter().all(|name| has(name) || optional.contains(name));
    let is_exact = cells.iter().all(is_known) && !cells.iter().enumerate().any(is_repeated);
    match is_whole && is_exact && notes <= NOTES_MAX {
        true => Ok(FirstRow::Header(cells.to_vec())),
        false => altered(", and up to 5 of notes[<key>]"),
    }
}

/// The key in the name of a column of notes.
fn notes_key(column: &str) -> Option<&str> {
    column.strip_prefix("notes[")?.strip_suffix(']').filter(|key| !key.is_empty())
}

/// The cells of a row by the names of their columns.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// The file's columns.
    pub columns: &'a [String],
    /// The row's cells, in the same order.
    pub cells: &'a [String],
}

impl<'a> Row<'a> {
    /// A cell; empty where the file has no such column.
    pub fn cell(&self, name: &str) -> &'a str {
        let at = self.columns.iter().position(|column| column == name);
        at.and_then(|at| self.cells.get(at)).map_or("", String::as_str)
    }

    /// Key and value of every note that is not empty.
    pub fn notes(&self) -> Vec<(&'a str, &'a str)> {
        let columns = self.columns.iter().map(|column| notes_key(column));
        let pairs = columns.zip(self.cells);
        let pairs = pairs.filter_map(|(key, cell)| Some((key?, cell.as_str())));
        pairs.filter(|(_, cell)| !cell.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(kind: BulkKind, header: &str) -> Result<FirstRow, String> {
        let cells: Vec<String> = header.split(',').map(str::to_owned).collect();
        read_first_row(kind, &cells).map_err(|error| error.description.into_owned())
    }

    #[test]
    fn pn_80_and_81_headers_by_name() {
        let all = LINK.join(",");
        let debit = DEBIT.join(",");
        let required = "token,customer_id,amount,currency";
        let required_of_links: Vec<&str> =
            LINK.iter().copied().filter(|name| !LINK_OPTIONAL.contains(name)).collect();
        let required_of_links = required_of_links.join(",");
        for (kind, header) in [
            (BulkKind::RegistrationLinks, all.clone()),
            (
                BulkKind::RegistrationLinks,
                format!("{all},notes[a],notes[b],notes[c],notes[d],notes[e]"),
            ),
            (BulkKind::RegistrationLinks, required_of_links),
            (BulkKind::Debits, debit.clone()),
            (BulkKind::Debits, required.to_owned()),
            (BulkKind::Debits, "amount,currency,notes[plan],customer_id,token".to_owned()),
        ] {
            let want = header.split(',').map(str::to_owned).collect();
            assert_eq!(first(kind, &header), Ok(FirstRow::Header(want)), "{header}");
        }
        for (kind, header) in [
            (BulkKind::RegistrationLinks, all.replace("phone", "contact")),
            (BulkKind::RegistrationLinks, all.replace("email", "Email")),
            (BulkKind::RegistrationLinks, all.replace("bank,", "")),
            (BulkKind::RegistrationLinks, format!("{all},email")),
            (BulkKind::RegistrationLinks, format!("{all},notes[]")),
            (BulkKind::RegistrationLinks, format!("{all},n,notes[a]")),
            (
                BulkKind::RegistrationLinks,
                format!("{all},notes[1],notes[2],notes[3],notes[4],notes[5],notes[6]"),
            ),
            (BulkKind::Debits, debit.replace("token", "token_id")),
            (BulkKind::Debits, "token,customer_id,amount".to_owned()),
            (BulkKind::Debits, "token_1,cust_1,500,INR,,".to_owned()),
        ] {
            let text = first(kind, &header).unwrap_err();
            assert!(text.starts_with("The headers of the file must be: "), "{header}: {text}");
            assert!(text.ends_with(", and up to 5 of notes[<key>]."), "{text}");
        }
    }

    #[test]
    fn cells_and_notes_by_name() {
        let texts = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let (columns, cells) = (texts("b,notes[x],a,notes[y z],notes[n]"), texts("1,2,3,4,"));
        let row = Row { columns: &columns, cells: &cells };
        assert_eq!([row.cell("a"), row.cell("b"), row.cell("c")], ["3", "1", ""]);
        assert_eq!(row.notes(), [("x", "2"), ("y z", "4")]);
    }
}
