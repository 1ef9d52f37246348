//! Reports of bulk files: CSV, a row for every row of the file, made a page at a time. Source:
//! smart-collect 5.18, paper-nach 14.

use vasool_core::bulk::{BulkFile, BulkKind, Made, RowOutcome, RowRefusal};
use vasool_store::reads::BulkRowView;

use super::columns::{OPEN, columns};
use crate::wire::error::ApiError;
use crate::wire::paper_nach::form::short_url;

/// What a report says behind the columns of the file.
fn results(kind: BulkKind) -> &'static [&'static str] {
    match kind {
        BulkKind::OpenAccounts => &[
            "virtual_account_id",
            "bank_account_id",
            "bank_account_name",
            "bank_account_number",
            "bank_account_ifsc",
            "status",
            "error_description",
        ],
        BulkKind::MoveExpiries => &["Success", "Error Code", "Error Description"],
        BulkKind::RegistrationLinks => &[
            "Status",
            "authorization_link_id",
            "authorization_link",
            "link_status",
            "created_at",
            "Error Code",
            "Error Description",
        ],
        BulkKind::Debits => &["order_id", "payment_id", "Error Code", "Error Description"],
    }
}

/// A refusal of the API as the outcome of a row.
pub fn refusal(error: &ApiError) -> RowRefusal {
    RowRefusal {
        code: error.code.as_str().to_owned(),
        description: error.description.clone().into_owned(),
    }
}

/// The report of one file, every field quoted where it must be.
pub struct Report {
    kind: BulkKind,
    columns: Vec<String>,
    /// Base of short URLs.
    base: String,
}

impl Report {
    /// The report of a file. `base`: of short URLs.
    pub fn of(file: &BulkFile, base: &str) -> Report {
        let columns = match file.columns.is_empty() {
            true => columns(file.kind).iter().map(|name| (*name).to_owned()).collect(),
            false => file.columns.clone(),
        };
        Report { kind: file.kind, columns, base: base.to_owned() }
    }

    /// Its first line.
    pub fn header(&self) -> Vec<u8> {
        let results = results(self.kind).iter().map(|name| (*name).to_owned());
        lines([self.columns.iter().cloned().chain(results).collect()])
    }

    /// The lines of some rows.
    pub fn page(&self, views: &[BulkRowView]) -> Vec<u8> {
        lines(views.iter().map(|view| self.line(view)))
    }

    fn line(&self, view: &BulkRowView) -> Vec<String> {
        let mut fields = view.row.cells.clone();
        fields.resize(self.columns.len(), String::new());
        let (code, description) = match &view.row.outcome {
            Some(RowOutcome::Refused(refusal)) => (&*refusal.code, &*refusal.description),
            _ => ("", ""),
        };
        let made = match &view.row.outcome {
            Some(RowOutcome::Done(made)) => Some(made),
            _ => None,
        };
        match self.kind {
            BulkKind::OpenAccounts => {
                add_opened(&mut fields, view, made);
                fields.push(description.to_owned());
                return fields;
            }
            BulkKind::MoveExpiries => fields.push(made.is_some().to_string()),
            BulkKind::RegistrationLinks => self.add_link(&mut fields, view),
            BulkKind::Debits => fields.extend(match made {
                Some(Made::Debit { order, payment }) => [order.to_string(), payment.to_string()],
                _ => Default::default(),
            }),
        }
        fields.extend([code.to_owned(), description.to_owned()]);
        fields
    }

    /// The link as it stands now.
    fn add_link(&self, fields: &mut Vec<String>, view: &BulkRowView) {
        fields.extend(match &view.link {
            Some(link) => [
                "success".to_owned(),
                link.id.to_string(),
                short_url(&self.base, &link.code),
                link.state.as_str().to_owned(),
                link.created_at.0.to_string(),
            ],
            None => ["failed", "", "", "", ""].map(str::to_owned),
        });
    }
}

/// The customer is the one the account got; a refused row shows what was given.
fn add_opened(fields: &mut Vec<String>, view: &BulkRowView, made: Option<&Made>) {
    if let Some(customer) = &view.customer {
        fields[0] = customer.id.to_string();
        let known = [&customer.name, &customer.contact, &customer.email];
        for (field, value) in fields[1..OPEN.len()].iter_mut().zip(known) {
            *field = value.clone().unwrap_or_default();
        }
    }
    let account = match made {
        Some(Made::Account { account, .. }) => account.to_string(),
        _ => String::new(),
    };
    let (name, number, banks) = match &view.account {
        Some((name, number, banks)) => (name.as_str(), number.as_deref(), banks.first()),
        None => ("", None, None),
    };
    let status = if account.is_empty() { "" } else { "active" };
    fields.extend([
        account,
        banks.map(|bank| bank.id.to_string()).unwrap_or_default(),
        name.to_owned(),
        number.unwrap_or_default().to_owned(),
        banks.map(|bank| bank.ifsc.clone()).unwrap_or_default(),
        status.to_owned(),
    ]);
}

fn lines(rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(vec![]);
    for row in rows {
        csv.write_record(row).expect("every row has the same columns, and memory takes it");
    }
    csv.into_inner().expect("memory takes what is written")
}
