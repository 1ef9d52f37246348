//! Reports of bulk files: CSV, a row for every row of the file. Source: smart-collect 5.18.

use vasool_core::bulk::{BulkKind, RowOutcome, RowRefusal};
use vasool_store::reads::BulkRowView;

use super::{EXPIRY_COLUMNS, OPEN_COLUMNS, columns};
use crate::wire::error::ApiError;

/// What a report says behind the columns of the file.
const OPEN_RESULTS: &[&str] = &[
    "virtual_account_id",
    "bank_account_id",
    "bank_account_name",
    "bank_account_number",
    "bank_account_ifsc",
    "status",
    "error_description",
];
const EXPIRY_RESULTS: &[&str] = &["Success", "Error Code", "Error Description"];

/// A refusal of the API as the outcome of a row.
pub fn refusal(error: &ApiError) -> RowRefusal {
    RowRefusal {
        code: error.code.as_str().to_owned(),
        description: error.description.clone().into_owned(),
    }
}

/// Writes a report row by row, every field quoted where it must be.
pub struct ReportWriter {
    kind: BulkKind,
    csv: csv::Writer<Vec<u8>>,
}

impl ReportWriter {
    /// A report with its header.
    pub fn new(kind: BulkKind) -> ReportWriter {
        let mut writer = ReportWriter { kind, csv: csv::Writer::from_writer(vec![]) };
        let results = match kind {
            BulkKind::OpenAccounts => OPEN_RESULTS,
            BulkKind::MoveExpiries => EXPIRY_RESULTS,
        };
        writer.write(columns(kind).iter().chain(results).copied().collect());
        writer
    }

    /// Adds a row.
    pub fn add(&mut self, view: &BulkRowView) {
        match self.kind {
            BulkKind::OpenAccounts => self.add_opened(view),
            BulkKind::MoveExpiries => self.add_moved(view),
        }
    }

    /// The whole report.
    pub fn finish(self) -> Vec<u8> {
        self.csv.into_inner().expect("memory takes what is written")
    }

    /// The customer is the one the account got; a refused row shows what was given.
    fn add_opened(&mut self, view: &BulkRowView) {
        let cell = |at: usize| view.row.cells.get(at).map_or("", String::as_str);
        let mut fields: Vec<String> =
            (0..OPEN_COLUMNS.len()).map(|at| cell(at).to_owned()).collect();
        if let Some(customer) = &view.customer {
            fields[0] = customer.id.to_string();
            let known = [&customer.name, &customer.contact, &customer.email];
            for (field, value) in fields[1..].iter_mut().zip(known) {
                *field = value.clone().unwrap_or_default();
            }
        }
        let account = match &view.row.outcome {
            Some(RowOutcome::Done { account, .. }) => Some(account.to_string()),
            _ => None,
        };
        let (name, number, banks) = match &view.account {
            Some((name, number, banks)) => (name.as_str(), number.as_deref(), banks.first()),
            None => ("", None, None),
        };
        let status = if account.is_some() { "active" } else { "" };
        fields.extend([
            account.unwrap_or_default(),
            banks.map(|bank| bank.id.to_string()).unwrap_or_default(),
            name.to_owned(),
            number.unwrap_or_default().to_owned(),
            banks.map(|bank| bank.ifsc.clone()).unwrap_or_default(),
            status.to_owned(),
            description(view).to_owned(),
        ]);
        self.write(fields.iter().map(String::as_str).collect());
    }

    fn add_moved(&mut self, view: &BulkRowView) {
        let cell = |at: usize| view.row.cells.get(at).map_or("", String::as_str);
        let (success, code) = match &view.row.outcome {
            Some(RowOutcome::Refused(refusal)) => ("false", refusal.code.as_str()),
            _ => ("true", ""),
        };
        let mut fields: Vec<&str> = (0..EXPIRY_COLUMNS.len()).map(cell).collect();
        fields.extend([success, code, description(view)]);
        self.write(fields);
    }

    fn write(&mut self, fields: Vec<&str>) {
        self.csv.write_record(fields).expect("every row has the same columns, and memory takes it");
    }
}

fn description(view: &BulkRowView) -> &str {
    match &view.row.outcome {
        Some(RowOutcome::Refused(refusal)) => &refusal.description,
        _ => "",
    }
}
