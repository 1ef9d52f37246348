//! Rows of debits, read without a server: row PN-81.

use vasool_core::bulk::{BulkFile, BulkKind, BulkState, Notify};
use vasool_core::id::{BatchId, RawId};
use vasool_core::scope::{Mode, ScopeId};
use vasool_core::settings::Settings;
use vasool_core::time::{Millis, Time};

use super::*;

fn read_cells(cells: &[&str]) -> Result<NewChargeDraft, String> {
    let columns =
        ["token", "customer_id", "amount", "currency", "receipt", "description", "notes[a]"];
    let file = BulkFile {
        id: BatchId(RawId::parse("QcA1Batch00001").unwrap()),
        scope: ScopeId(1),
        kind: BulkKind::Debits,
        name: None,
        columns: columns.map(str::to_owned).to_vec(),
        notify: Notify { sms: false, email: false },
        schedule: None,
        total: 1,
        succeeded: 0,
        failed: 0,
        state: BulkState::Processing,
        due: Millis(0),
        created_at: Time(0),
    };
    let settings = Settings::defaults(Mode::Test);
    let context = RowContext {
        file: &file,
        settings: &settings,
        now: Time(1_795_235_400),
        base: "",
        rails: vec![].into(),
    };
    let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
    let row = Row { columns: &file.columns, cells: &cells };
    read(&context, row).map_err(|error| error.description.into_owned())
}

const TOKEN: &str = "token_QaLe9NachTok01";
const CUSTOMER: &str = "cust_QaK7Asha000001";

#[test]
fn pn_81_a_row_is_an_order_and_its_debit() {
    let draft =
        read_cells(&[TOKEN, CUSTOMER, "49900", "INR", "INST-02", "Instalment 2", "x"]).unwrap();
    assert_eq!(
        (draft.token.to_string(), draft.customer.to_string()),
        (TOKEN.into(), CUSTOMER.into())
    );
    let order = &draft.order;
    assert_eq!((order.amount.get(), order.receipt.as_deref()), (49_900, Some("INST-02")));
    assert_eq!(order.customer, Some(draft.customer));
    assert_eq!(order.notes, [("a".to_owned(), "x".to_owned())]);
    assert_eq!(draft.description.as_deref(), Some("Instalment 2"));
    let draft = read_cells(&[TOKEN, CUSTOMER, "100", "INR", "", "", ""]).unwrap();
    assert_eq!((draft.order.receipt, draft.description, draft.order.notes), (None, None, vec![]));
}

#[test]
fn pn_81_what_is_refused() {
    let long = "d".repeat(2_049);
    for (cells, want) in [
        (["", "", "", "", "", "", ""], "The token field is required."),
        ([TOKEN, "", "", "", "", "", ""], "The customer id field is required."),
        ([TOKEN, CUSTOMER, "", "", "", "", ""], "The amount field is required."),
        ([TOKEN, CUSTOMER, "1.5", "", "", "", ""], "The currency field is required."),
        ([TOKEN, CUSTOMER, "1.5", "INR", "", "", ""], "The amount must be an integer."),
        (
            [TOKEN, CUSTOMER, "500", "USD", "", "", ""],
            "The currency should be INR when method is nach",
        ),
        (["token_1", CUSTOMER, "500", "INR", "", "", ""], "1 is not a valid id"),
        ([TOKEN, "cust_1", "500", "INR", "", "", ""], "1 is not a valid id"),
        ([TOKEN, CUSTOMER, "99", "INR", "", "", ""], "The amount must be at least INR 1.00"),
        (
            [TOKEN, CUSTOMER, "50000001", "INR", "", "", ""],
            "Payment amount exceeds the maximum amount allowed.",
        ),
        (
            [TOKEN, CUSTOMER, "500", "INR", "", &long, ""],
            "The description may not be greater than 2048 characters.",
        ),
    ] {
        assert_eq!(read_cells(&cells).unwrap_err(), want, "{cells:?}");
    }
}
