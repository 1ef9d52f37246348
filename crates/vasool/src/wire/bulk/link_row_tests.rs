//! Rows of registration links, read without a server: row PN-80.

use vasool_core::bulk::{BulkFile, BulkKind, BulkState, Notify};
use vasool_core::id::{BatchId, RawId};
use vasool_core::money::Paise;
use vasool_core::scope::{Mode, ScopeId};
use vasool_core::settings::Settings;
use vasool_core::time::Millis;

use super::*;

/// 2026-11-21T10:00:00 in India.
const NOW: i64 = 1_795_235_400;

const COLUMNS: &[&str] = &[
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
    "notes[plan]",
    "notes[empty]",
];
const ROW: &[&str] = &[
    "asha@example.com",
    "9820012345",
    "Lunch plan",
    "Asha Verma",
    "R-1",
    "whenever",
    "",
    "",
    "nach",
    "physical",
    "",
    "",
    "HDFC",
    "Asha Verma",
    "HDFC0000060",
    "50100012345678",
    "savings",
    "",
    "gold",
    "",
];

/// Reads the sample row with some cells changed.
fn read_with(changes: &[(&str, &str)]) -> Result<LinkDraft, String> {
    let file = BulkFile {
        id: BatchId(RawId::parse("QcA1Batch00001").unwrap()),
        scope: ScopeId(1),
        kind: BulkKind::RegistrationLinks,
        name: None,
        columns: COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
        notify: Notify { sms: true, email: false },
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
        now: Time(NOW),
        base: "https://pay.example.test",
        rails: vec![].into(),
    };
    let mut cells: Vec<String> = ROW.iter().map(|cell| (*cell).to_owned()).collect();
    for (name, cell) in changes {
        let at = COLUMNS.iter().position(|column| column == name).unwrap();
        cells[at] = (*cell).to_owned();
    }
    let row = Row { columns: &file.columns, cells: &cells };
    read(&context, row).map_err(|error| error.description.into_owned())
}

#[test]
fn pn_80_a_row_is_the_call() {
    let draft = read_with(&[]).unwrap();
    let LinkCustomer::Described(customer) = &draft.customer else { panic!() };
    assert_eq!(customer.name.as_deref(), Some("Asha Verma"));
    assert_eq!(customer.contact.as_deref(), Some("9820012345"));
    assert_eq!((draft.sms, draft.email), (true, false));
    assert_eq!(draft.notes, [("plan".to_owned(), "gold".to_owned())]);
    assert_eq!((draft.receipt.as_deref(), draft.expire_by), (Some("R-1"), None));
    let form = &draft.form;
    assert_eq!(
        (form.max_amount, form.first_payment),
        (Paise::new(10_000_000).unwrap(), Paise::ZERO)
    );
    assert_eq!(
        (form.account.holder.as_str(), form.account.ifsc.as_str()),
        ("Asha Verma", "HDFC0000060")
    );
    assert_eq!(form.ends_at, None);
    // A name may be left out, an amount is the first debit.
    let draft = read_with(&[("name", ""), ("amount", "500"), ("currency", "INR")]).unwrap();
    let LinkCustomer::Described(customer) = &draft.customer else { panic!() };
    assert_eq!((&customer.name, draft.form.first_payment.get()), (&None, 500));
    assert_eq!(read_with(&[("token_max_amount", "500")]).unwrap().form.max_amount.get(), 500);
}

#[test]
fn pn_80_dates_of_india() {
    // 2030-12-31T00:00:00 in India.
    let midnight = 1_924_885_800;
    for (given, want) in [
        ("31/12/2030", midnight),
        ("31/12/2030 10:05", midnight + 36_300),
        ("31/12/2030 10:05:07", midnight + 36_307),
        ("22/11/2026 10:00", NOW + 86_400),
        ("21/11/2056 10:00", 2_742_006_600),
    ] {
        let draft = read_with(&[("token_expiry_by", given)]).unwrap();
        assert_eq!(draft.form.ends_at, Some(Time(want)), "{given}");
    }
    let draft = read_with(&[("link_expiry_by", "31/12/2030")]).unwrap();
    assert_eq!(draft.expire_by, Some(Time(midnight)));
    let form = "The token expiry by does not match the format DD/MM/YYYY, DD/MM/YYYY HH:mm or \
                DD/MM/YYYY HH:mm:ss.";
    let soon = "token_expiry_by should be at least 1 day after current time";
    for (given, want) in [
        ("31-12-2030", form),
        ("31/12/30", form),
        ("1/12/2030", form),
        ("31/11/2030", form),
        ("31/12/2030 24:00", form),
        ("31/12/2030  10:00", form),
        ("31/12/2030 10", form),
        ("1924885800", form),
        ("22/11/2026 09:59:59", soon),
        ("01/01/2020", soon),
        (
            "21/11/2056 10:00:01",
            "token_expiry_by should not be more than 30 years after current time",
        ),
    ] {
        assert_eq!(read_with(&[("token_expiry_by", given)]).unwrap_err(), want, "{given}");
    }
    let soon = "expire_by should be at least 15 minutes after current time";
    for given in ["31-12-2030", "31/12/2030 10:00", "tomorrow", "31/02/2030"] {
        assert_eq!(read_with(&[("link_expiry_by", given)]).unwrap_err(), soon, "{given}");
    }
}

#[test]
fn pn_80_what_is_refused() {
    for (change, want) in [
        (("email", ""), "The email field is required."),
        (("email", "asha"), "The email must be a valid email address."),
        (("phone", ""), "The contact field is required."),
        (("description", ""), "The description field is required."),
        (("name", "A"), "The name must be at least 3 characters."),
        (("amount", "x"), "The amount must be an integer."),
        (("amount", "500"), "The currency field is required."),
        (("currency", "USD"), "The currency should be INR when method is nach"),
        (("method", ""), "The method field is required."),
        (("method", "card"), "The selected method is invalid."),
        (("auth_type", "aadhaar"), "The selected auth type is invalid."),
        (("token_max_amount", "499"), "The minimum transaction amount allowed is Re. 5."),
        (("token_max_amount", "1000000001"), "The max amount may not be greater than 1000000000."),
        (("bank", ""), "The bank field is required."),
        (("bank", "XXXX"), "Bank code provided is invalid."),
        (("bank", "HDFC0000060"), "Bank code provided is invalid."),
        (("account_holder_name", ""), "The beneficiary name field is required."),
        (("ifsc", ""), "The ifsc code field is required."),
        (("ifsc", "HDFC"), "Invalid IFSC Code"),
        (("account_number", ""), "The account number field is required."),
        (("account_number", "12"), "The account number format is invalid."),
        (("account_type", ""), "The account type field is required."),
        (("account_type", "nre"), "The selected account type is invalid."),
        (("account_type", "loan"), "The selected account type is invalid."),
    ] {
        assert_eq!(read_with(&[change]).unwrap_err(), want, "{change:?}");
    }
    let long = "n".repeat(257);
    let want = "Notes value cannot be greater than 256 characters.";
    assert_eq!(read_with(&[("notes[plan]", &long)]).unwrap_err(), want);
}
