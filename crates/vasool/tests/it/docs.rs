//! Pages of the documentation that are printed from tables in the code.

use std::fmt::Write as _;
use std::path::Path;

use vasool_core::failure::{
    Applies, Evidence, NPCI_CODES, NpciOutcome, Operation, ROWS, Retry, Row, row_of_number,
};

const HEAD: &str = "\
# Errors of UPI mandates

Printed from the table in `crates/core/src/failure/table.rs`; a test keeps this page and the table
alike. A failed approval is told by the payment and by `payment.failed`; a refused debit also by the
answer to the call, with status 400 for `BAD_REQUEST_ERROR` and 502 for `GATEWAY_ERROR`. Branch on
`reason`. To see a row happen in test mode, send `notes.sandbox` with its trigger (`fail.` for the
payment at hand, `debitfail.` on an approval for its later debits), or an amount of 9000NN paise,
where NN is its number.
";

fn retry(row: &Row) -> &'static str {
    match row.retry {
        Retry::Later => "later",
        Retry::AfterFix => "after the fix",
        Retry::Never => "no",
        Retry::Wait => "wait",
        Retry::Success => "it succeeded",
    }
}

fn applies(row: &Row) -> &'static str {
    match row.applies {
        Applies::Authorisation => "approval",
        Applies::Both => "approval, debit",
        Applies::BothByMeaning => "approval (debit)",
    }
}

fn evidence(row: &Row) -> &'static str {
    match row.evidence {
        Evidence::Documented => "documented",
        Evidence::ClassDocumented => "class documented",
        Evidence::Inferred => "inferred",
    }
}

fn page() -> String {
    let mut text = HEAD.to_owned();
    text.push_str(
        "\n| No. | Reason | Text | What to do | Again? | Code | Source | Step: approval, debit | \
         Listed for | Known | Trigger |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in &ROWS {
        let reason = match &row.variant {
            Some(variant) => {
                format!("`{}` {} ({})", row.reason, variant.number, variant.name)
            }
            None => format!("`{}`", row.reason),
        };
        let [approval, debit] = [Operation::Authorisation, Operation::Debit]
            .map(|operation| row.fields(operation).step);
        let trigger = match row.retry {
            Retry::Success => "`approve`".to_owned(),
            _ => format!("`fail.{}`", row.name()),
        };
        let (number, code) = (row.number, row.code.as_str());
        let _ = writeln!(
            text,
            "| {number:02} | {reason} | {} | {} | {} | `{code}` | `{}` | `{approval}`, `{debit}` | \
             {} | {} | {trigger} |",
            row.description,
            row.next_step,
            retry(row),
            row.source,
            applies(row),
            evidence(row),
        );
    }
    text.push_str(
        "\n## What the network's codes mean\n\nA rail's connector turns the codes of NPCI into rows \
         by one table, `crates/core/src/failure/npci.rs`. A code it does not know is a fault of the \
         gateway (row 15).\n\n| Code | Meaning | Becomes |\n|---|---|---|\n",
    );
    for known in NPCI_CODES {
        let codes: Vec<String> = known.codes.iter().map(|code| format!("`{code}`")).collect();
        let becomes = match known.outcome {
            NpciOutcome::Success => "success".to_owned(),
            NpciOutcome::Pending => "pending: the status is asked for".to_owned(),
            NpciOutcome::Failed(number) => {
                let reason = row_of_number(number).expect("a row").name();
                format!("{number:02} `{reason}`")
            }
            NpciOutcome::Ended(fault) => format!("`{}`", fault.reason()),
        };
        let _ = writeln!(text, "| {} | {} | {becomes} |", codes.join(", "), known.meaning);
    }
    text
}

#[test]
fn the_page_of_errors_is_printed_from_the_table() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let path = crates.parent().expect("a workspace").join("docs/errors.md");
    if std::env::var_os("VASOOL_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).expect("the page is written");
    }
    let printed = std::fs::read_to_string(&path).expect("the page");
    let how = "VASOOL_WRITE_DOCS=1 cargo test -p vasool --test it docs";
    assert!(printed == page(), "docs/errors.md is not what the table says; print it with: {how}");
}
