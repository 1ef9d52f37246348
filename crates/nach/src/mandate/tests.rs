//! Messages and archives: golden files, round trips, refusals.

use std::io::Cursor;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vasool_core::money::Paise;
use vasool_core::time::Time;

use super::*;
use crate::day::Day;
use crate::golden;

mod hostile;

fn member(id: &str, name: &str) -> Member {
    Member { id: id.into(), name: name.into() }
}

fn header(id: &str) -> Header {
    Header {
        message_id: id.into(),
        created_at: Time(1_795_404_599),
        from: member("HDFC0000060", "HDFC Bank"),
        to: member("SBIN0000300", "State Bank of India"),
    }
}

fn request() -> Request {
    Request {
        header: header("VSL20261123000001"),
        umrn: None,
        request_id: "token_QaLe9NachTok01".into(),
        category: "L001".into(),
        occurrence: Occurrence::Recurring(Frequency::AsPresented),
        dated_on: Day::from_iso("2026-11-21").unwrap(),
        first_on: Day::from_iso("2026-11-23").unwrap(),
        final_on: Day::from_iso("2031-01-01"),
        amount: Amount::Maximum(Paise::new(2_500_050).unwrap()),
        creditor: Creditor {
            name: "Annapurna Tiffin & Sons".into(),
            utility_code: "NACH00000000020993".into(),
            bank: "HDFC0000060".into(),
        },
        debtor: Debtor {
            name: "Asha Verma".into(),
            phone: None,
            mobile: Some("+91-9820012345".into()),
            email: Some("asha.verma@example.com".into()),
            other: Some("SIP folio 7781".into()),
            account_number: "00000030001234567".into(),
            account_type: AccountType::Savings,
            bank: "SBIN0000300".into(),
            bank_name: Some("State Bank of India".into()),
        },
    }
}

fn report() -> Report {
    let decision = |number: u64, verdict| Decision {
        original_message_id: format!("VSL2026112300000{number}"),
        original_message: "pain.009.001.01".into(),
        request_id: Some(format!("token_QaLe9NachTok0{number}")),
        umrn: paper_umrn("SBIN", 682_579 + number),
        verdict,
    };
    let by_umrn = Decision { request_id: None, ..decision(3, Verdict::Rejected(None)) };
    let decisions = vec![
        decision(1, Verdict::Accepted),
        decision(2, Verdict::Rejected(Some("M003".into()))),
        by_umrn,
    ];
    Report { header: header("ACK1"), decisions }
}

fn cancellation() -> Cancellation {
    Cancellation {
        header: header("VSL20261123000009"),
        umrn: "SBIN0000000000682579".into(),
        reason: "C002".into(),
    }
}

fn messages() -> [(&'static str, Message); 3] {
    [
        ("pain009.xml", Message::Request(Box::new(request()))),
        ("pain011.xml", Message::Cancellation(cancellation())),
        ("pain012.xml", Message::Report(report())),
    ]
}

#[test]
fn golden_messages() {
    for (name, message) in messages() {
        let xml = message.to_xml().unwrap();
        golden::check(name, xml.as_bytes());
        assert_eq!(Message::from_xml(xml.as_bytes()), Ok(message));
    }
}

fn refused(message: &Message, from: &str, to: &str) -> (&'static str, Why) {
    let xml = message.to_xml().unwrap();
    assert!(xml.contains(from), "{from}");
    let error = Message::from_xml(xml.replacen(from, to, 1).as_bytes()).unwrap_err();
    (error.element, error.why)
}

#[test]
fn wrong_requests_are_refused() {
    let message = Message::Request(Box::new(request()));
    let rows = [
        ("<MndtReqId>token_QaLe9NachTok01</MndtReqId>", "", "MndtReqId", Why::Missing),
        ("<SeqTp>RCUR</SeqTp>", "<SeqTp>RCUR</SeqTp><SeqTp>RCUR</SeqTp>", "SeqTp", Why::Repeated),
        ("RCUR", "OOFF", "Frqcy", Why::Contradiction),
        ("RCUR", "EVER", "SeqTp", Why::UnknownCode),
        ("ADHO", "ADHX", "Frqcy", Why::UnknownCode),
        ("<Frqcy>ADHO</Frqcy>", "", "Frqcy", Why::Missing),
        ("2026-11-23</FrstC", "2026-11-31</FrstC", "FrstColltnDt", Why::NotADate),
        ("2031-01-01", "never", "FnlColltnDt", Why::NotADate),
        ("+05:30", "Z", "CreDtTm", Why::NotADate),
        ("Ccy=\"INR\"", "Ccy=\"USD\"", "MaxAmt", Why::NotAnAmount),
        ("25000.50", "25000.505", "MaxAmt", Why::NotAnAmount),
        ("25000.50", "-25000.5", "MaxAmt", Why::NotAnAmount),
        ("25000.50", "25,000", "MaxAmt", Why::NotAnAmount),
        ("25000.50", "2.5e4", "MaxAmt", Why::NotAnAmount),
        ("25000.50", "999999999999999", "MaxAmt", Why::NotAnAmount),
        ("25000.50", "", "MaxAmt", Why::Missing),
        ("DEBIT", "CREDIT", "LclInstrm", Why::UnknownCode),
        ("SAVINGS", "GOLD", "DbtrAcct", Why::UnknownCode),
        ("<Nm>Asha Verma", "<Nm>Asha Verma Asha Verma Asha Verma Asha Verma", "Nm", Why::TooLong),
        ("<Nm>HDFC Bank</Nm>", "", "Nm", Why::Missing),
        ("<MndtReqId>", "<MndtId>sbin</MndtId><MndtReqId>", "MndtId", Why::NotAUmrn),
        (
            "<MaxAmt Ccy=\"INR\">",
            "<ColltnAmt Ccy=\"INR\">1</ColltnAmt><MaxAmt Ccy=\"INR\">",
            "MaxAmt",
            Why::Contradiction,
        ),
    ];
    for (from, to, element, why) in rows {
        assert_eq!(refused(&message, from, to), (element, why), "{from} -> {to}");
    }
    let xml = message.to_xml().unwrap();
    for (from, to) in [("Document", "Envelope"), ("MndtInitnReq", "Other")] {
        let error = Message::from_xml(xml.replace(from, to).as_bytes()).unwrap_err();
        assert_eq!(error.why, Why::UnknownMessage);
    }
}

#[test]
fn amounts_without_decimals_are_read() {
    let xml = Message::Request(Box::new(request())).to_xml().unwrap();
    for (text, paise) in [("25000", 2_500_000), ("25000.5", 2_500_050), ("0.01", 1)] {
        let xml = xml.replace("25000.50", text);
        let Message::Request(request) = Message::from_xml(xml.as_bytes()).unwrap() else {
            panic!("not a request")
        };
        assert_eq!(request.amount, Amount::Maximum(Paise::new(paise).unwrap()));
    }
}

#[test]
fn wrong_reports_are_refused() {
    let message = Message::Report(report());
    let rows = [
        (">true<", ">maybe<", "Accptd", Why::UnknownCode),
        (">false<", ">true<", "RjctRsn", Why::Contradiction),
        ("<OrgnlMndtId>SBIN0", "<OrgnlMndtId>SBI0", "OrgnlMndtId", Why::NotAUmrn),
        ("<OrgnlMndtId>SBIN0000000000682582</OrgnlMndtId>", "", "OrgnlMndt", Why::Missing),
    ];
    for (from, to, element, why) in rows {
        assert_eq!(refused(&message, from, to), (element, why), "{from} -> {to}");
    }
    let empty = Message::Report(Report { decisions: vec![], ..report() });
    assert_eq!(empty.to_xml().unwrap_err().why, Why::Missing);
    let cancel = Message::Cancellation(cancellation());
    assert_eq!(refused(&cancel, ">SBIN0000000000682579<", "><"), ("OrgnlMndtId", Why::Missing));
    let wrong = Message::Cancellation(Cancellation { umrn: "?".into(), ..cancellation() });
    assert_eq!(wrong.to_xml().unwrap_err().why, Why::NotAUmrn);
}

fn signed(number: u32) -> SignedRequest {
    SignedRequest {
        stem: format!("MMS-CREATE-HDFC-LOGIN-23112026-{number:06}-INP"),
        request: request(),
        grey_jpeg: b"\xff\xd8\xff\xe0 grey".to_vec(),
        bilevel_tiff: b"II*\0 bilevel".to_vec(),
    }
}

fn requests_file(requests: &[SignedRequest]) -> Result<Vec<u8>, MandateError> {
    Ok(write_requests(Cursor::new(vec![]), requests)?.into_inner())
}

#[test]
fn mandates_travel_with_their_images() {
    let requests = [signed(1), signed(2)];
    let file = requests_file(&requests).unwrap();
    assert_eq!(file, requests_file(&requests).unwrap());
    assert_eq!(read_requests(&file).unwrap(), requests);
    let names: Vec<String> =
        archive::read_archive(&file, 10_000).unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(
        names[..3],
        [
            "MMS-CREATE-HDFC-LOGIN-23112026-000001-INP.xml",
            "MMS-CREATE-HDFC-LOGIN-23112026-000001-INP_detailfront.jpg",
            "MMS-CREATE-HDFC-LOGIN-23112026-000001-INP_front.tif",
        ]
    );
}

#[test]
fn images_must_be_there_and_be_images() {
    let wrong = SignedRequest { grey_jpeg: b"PNG".to_vec(), ..signed(1) };
    assert_eq!(requests_file(&[wrong]).unwrap_err().why, Why::NotAnImage);
    let mut large = signed(1);
    large.bilevel_tiff.resize(IMAGE_BYTES_MAX + 1, 0);
    assert_eq!(requests_file(&[large]).unwrap_err().why, Why::TooLarge);
    let many: Vec<_> = (0..41).map(signed).collect();
    assert_eq!(requests_file(&many).unwrap_err().why, Why::TooManyEntries);

    let rewritten = |keep: &dyn Fn(&str) -> Option<String>| {
        let file = requests_file(&[signed(1), signed(2)]).unwrap();
        let mut writer = archive::ArchiveWriter::new(Cursor::new(vec![]));
        for entry in archive::read_archive(&file, 10_000).unwrap() {
            if let Some(name) = keep(&entry.name) {
                writer.push(&name, &entry.bytes).unwrap();
            }
        }
        read_requests(writer.finish().unwrap().get_ref()).map_err(|error| error.why)
    };
    let without = |ending: &'static str| {
        rewritten(&move |name| Some(name.to_owned()).filter(|name| !name.ends_with(ending)))
    };
    assert_eq!(without("1-INP_front.tif"), Err(Why::ImageMissing));
    assert_eq!(without("1-INP.xml"), Err(Why::ImageMissing));
    let loud = rewritten(&|name| Some(name.replace(".tif", ".TIF").replace(".xml", ".XML")));
    assert_eq!(loud.unwrap().len(), 2);
    let odd = read_messages(&requests_file(&[signed(1)]).unwrap()).unwrap_err();
    assert_eq!((odd.why, odd.entry), (Why::UnknownName, Some(1)));
}

#[test]
fn messages_travel_alone() {
    let named = messages().map(|(name, message)| NamedMessage { name: name.into(), message });
    let file = write_messages(Cursor::new(vec![]), &named).unwrap().into_inner();
    assert_eq!(read_messages(&file).unwrap(), named);
    let error = read_requests(&file).unwrap_err();
    assert_eq!(error.why, Why::ImageMissing);
}

#[test]
fn umrns() {
    assert_eq!(paper_umrn("AUBL", 682_579).as_deref(), Some("AUBL0000000000682579"));
    assert_eq!(paper_umrn("aubl", 1), None);
    assert_eq!(paper_umrn("AUBL", 1_000_000_000_000_000), None);
    assert!(is_umrn("HDFC7021503240012345") && !is_umrn("HDFC70215032400123456"));
}

fn any_text(max: usize) -> impl Strategy<Value = String> {
    "[^\\p{Cc}\u{fffe}\u{ffff}]{1,30}"
        .prop_map(move |text| text.trim().chars().take(max).collect::<String>())
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("not empty", |text| !text.is_empty())
}

fn any_day() -> impl Strategy<Value = Day> {
    (0..250_000_000_000i64).prop_map(|seconds| Day::at(Time(seconds)))
}

prop_compose! {
    fn any_request()(
        texts in vec(any_text(30), 16),
        seconds in 0..250_000_000_000i64,
        days in (any_day(), any_day(), option::of(any_day())),
        paise in 0..=Paise::MAX.get(),
        is_fixed: bool,
        frequency in option::of(0..9_usize),
        account_type in 0..4_usize,
        kept in vec(any::<bool>(), 5),
        umrn in option::of("[A-Z]{4}[0-9A-Z]{16}"),
    ) -> Request {
        use AccountType::{CashCredit, Current, Other, Savings};
        let codes = ["ADHO", "INDA", "DAIL", "WEEK", "MNTH", "BIMN", "QURT", "MIAN", "YEAR"];
        let text = |at: usize| texts[at].clone();
        let maybe = |at: usize| kept[at].then(|| texts[at].clone());
        let amount = Paise::new(paise).unwrap();
        Request {
            header: Header {
                message_id: text(5),
                created_at: Time(seconds),
                from: member(&texts[6], &texts[7]),
                to: member(&texts[8], &texts[9]),
            },
            umrn,
            request_id: text(10),
            category: text(11),
            occurrence: frequency.map_or(Occurrence::Once, |at| {
                Occurrence::Recurring(Frequency::from_code(codes[at]).unwrap())
            }),
            dated_on: days.0,
            first_on: days.1,
            final_on: days.2,
            amount: if is_fixed { Amount::Fixed(amount) } else { Amount::Maximum(amount) },
            creditor: Creditor { name: text(12), utility_code: text(13), bank: text(14) },
            debtor: Debtor {
                name: text(15),
                phone: maybe(0),
                mobile: maybe(1),
                email: maybe(2),
                other: maybe(3),
                account_number: text(7),
                account_type: [Savings, Current, CashCredit, Other][account_type],
                bank: text(8),
                bank_name: maybe(4),
            },
        }
    }
}

prop_compose! {
    fn any_decision()(
        message_id in any_text(30),
        message in any_text(30),
        request_id in option::of(any_text(30)),
        umrn in "[A-Z]{4}[0-9A-Z]{16}",
        has_umrn: bool,
        verdict in prop_oneof![
            Just(Verdict::Accepted),
            option::of(any_text(30)).prop_map(Verdict::Rejected),
        ],
    ) -> Decision {
        let umrn = (has_umrn || request_id.is_none()).then_some(umrn);
        Decision {
            original_message_id: message_id,
            original_message: message,
            request_id,
            umrn,
            verdict,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_message_reads_back(
        request in any_request(),
        decisions in vec(any_decision(), 1..5),
        umrn in "[A-Z]{4}[0-9A-Z]{16}",
        reason in any_text(30),
    ) {
        let header = request.header.clone();
        let messages = [
            Message::Request(Box::new(request)),
            Message::Report(Report { header: header.clone(), decisions }),
            Message::Cancellation(Cancellation { header, umrn, reason }),
        ];
        for message in messages {
            let xml = message.to_xml().unwrap();
            prop_assert_eq!(Message::from_xml(xml.as_bytes()), Ok(message));
        }
    }
}
