//! Workbooks as programs write them, and as nobody should.

use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use vasool_core::bulk::BulkKind;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::wire::bulk;

const WORKBOOK: &str = r#"<?xml version="1.0"?><workbook xmlns:r="x"><workbookPr/><sheets>
    <sheet name="A" sheetId="7" r:id="rId3"/><sheet name="B" sheetId="8" r:id="rId9"/>
    </sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="rId9" Target="worksheets/b.xml"/>
    <Relationship Id="rId3" Target="worksheets/sheet1.xml"/></Relationships>"#;
const TEXTS: &str = r#"<sst count="4" uniqueCount="18446744073709551615"><si><t>Virtual Account Id</t></si>
    <si><r><t>Expire</t></r><r><t xml:space="preserve"> By</t></r><rPh><t>x</t></rPh></si>
    <si><t>va_QcA1Meera00001</t></si><si/><si><t>a &amp; b&#33;</t></si></sst>"#;
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\-mm\-yyyy hh:mm"/>
    <numFmt numFmtId="165" formatCode="[Red]0.00&quot;days&quot;"/></numFmts>
    <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
    <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/></cellXfs>
    </styleSheet>"#;

fn read_file(kind: BulkKind, file: &[u8]) -> Result<Vec<Vec<String>>, ApiError> {
    let mut rows = vec![];
    bulk::read_file(kind, Cursor::new(file), |cells| {
        rows.push(cells.to_vec());
        Ok(())
    })?;
    Ok(rows)
}

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(vec![]));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn workbook(rows: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    zipped(&[
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/sharedStrings.xml", TEXTS),
        ("xl/styles.xml", STYLES),
        ("xl/worksheets/sheet1.xml", &sheet),
    ])
}

fn cells(rows: &str) -> Result<Vec<(u64, Vec<String>)>, String> {
    let mut seen = vec![];
    read(Cursor::new(workbook(rows)), DateStyle::Dashes, |line, cells| {
        seen.push((line, cells));
        Ok(())
    })
    .map(|()| seen)
    .map_err(|error| error.description.into_owned())
}

fn row(cell: &str) -> String {
    cells(&format!("<row>{cell}</row>")).unwrap().remove(0).1.remove(0)
}

const HEADER: &str = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>"#;

#[test]
fn sc_114_a_sheet_of_expiries() {
    let file = workbook(&format!(
        r#"{HEADER}<row r="2"/><row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3" s="1"><v>46357.416666666664</v></c></row>
        <row r="9"><c r="A9" t="inlineStr"><is><t>va_2</t></is></c><c r="B9" t="str"><f>A1</f><v>01-12-2026 10:00</v></c></row>"#
    ));
    let rows = read_file(BulkKind::MoveExpiries, &file).unwrap();
    assert_eq!(rows, [["va_QcA1Meera00001", "01-12-2026 10:00"], ["va_2", "01-12-2026 10:00"]]);
}

#[test]
fn cells_are_what_a_person_sees() {
    for (cell, want) in [
        (r#"<c><v>9000012345</v></c>"#, "9000012345"),
        (r#"<c><v>9.000012345E9</v></c>"#, "9000012345"),
        (r#"<c s="2"><v>1.5</v></c>"#, "1.5"),
        (r#"<c s="3"><v>46357</v></c>"#, "01-12-2026 00:00"),
        (r#"<c s="1"><v>46356.999999999</v></c>"#, "01-12-2026 00:00"),
        (r#"<c s="1"><v>-4</v></c>"#, "-4"),
        (r#"<c t="s"><v>4</v></c>"#, "a & b!"),
        (r#"<c t="s"><v>3</v></c>"#, ""),
        (r#"<c t="b"><v>1</v></c>"#, "TRUE"),
        (r#"<c t="e"><v>#N/A</v></c>"#, "#N/A"),
        (r#"<c t="str"><v><![CDATA[<x>]]></v></c>"#, "<x>"),
    ] {
        assert_eq!(row(cell), want, "{cell}");
    }
    let seen = cells(r#"<row r="4"><c r="C4"><v>1</v></c><c/><c><v>2</v></c></row>"#).unwrap();
    assert_eq!(seen, [(4, ["", "", "1", "", "2"].map(str::to_owned).to_vec())]);
    let dashes = date_text("44895.5", true, DateStyle::Dashes);
    assert_eq!(dashes.as_deref(), Some("01-12-2026 12:00"));
}

#[test]
fn pn_80_dates_of_a_sheet() {
    for (serial, want) in [
        ("46357", "01/12/2026"),
        ("46357.416666666664", "01/12/2026 10:00:00"),
        ("46357.99998842593", "01/12/2026 23:59:59"),
    ] {
        assert_eq!(date_text(serial, false, DateStyle::Slashes).as_deref(), Some(want));
    }
}

#[test]
fn crooked_workbooks_are_refused() {
    for rows in [
        r#"<row r="2"></row><row r="2"></row>"#,
        r#"<row r="x"></row>"#,
        r#"<row><c r="1A"><v>1</v></c></row>"#,
        r#"<row><c r="ABCD1"><v>1</v></c></row>"#,
        r#"<row><c t="s"><v>99</v></c></row>"#,
        r#"<row><c t="str"><v>&nobody;</v></c></row>"#,
        r#"<row><c"#,
    ] {
        assert_eq!(cells(rows), Err(unreadable().description.into_owned()), "{rows}");
    }
    for parts in [
        &[("xl/workbook.xml", WORKBOOK)][..],
        &[("xl/workbook.xml", "<workbook/>"), ("xl/_rels/workbook.xml.rels", RELATIONS)],
        &[("xl/workbook.xml", WORKBOOK), ("xl/_rels/workbook.xml.rels", "<x/>")],
        &[("word/document.xml", "<x/>")],
    ] {
        assert_eq!(
            read(Cursor::new(zipped(parts)), DateStyle::Dashes, |_, _| Ok(())),
            Err(unreadable())
        );
    }
}

#[test]
fn sc_115_what_unpacks_to_too_much_is_refused() {
    let blanks = " ".repeat(1024 * 1024);
    let bomb = format!("{HEADER}{}", blanks.repeat(65));
    let file = workbook(&bomb);
    assert!(file.len() < 1024 * 1024);
    let error = read_file(BulkKind::MoveExpiries, &file).unwrap_err();
    let want = "The workbook holds more than 64 MB. Send the file as CSV.";
    assert_eq!(error.description, want);
    // One long text that ten thousand cells point to.
    let long = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(1024 * 1024));
    let rows: String = (1..=20).map(|_| r#"<row><c t="s"><v>0</v></c></row>"#).collect();
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let file = zipped(&[
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/sharedStrings.xml", &long),
        ("xl/worksheets/sheet1.xml", &sheet),
    ]);
    let error = read_file(BulkKind::OpenAccounts, &file).unwrap_err();
    assert_eq!(error.description, "A cell of the workbook has more than 32767 characters.");
}

proptest! {
    #[test]
    fn a_damaged_workbook_never_panics(
        xml in "[<>/a-z\"=&;# 0-9]{0,60}",
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
    ) {
        let file = workbook(&format!("{HEADER}<row><c r=\"A2\">{xml}</c></row>{xml}"));
        let _ = read_file(BulkKind::MoveExpiries, &file);
        let mut file = workbook(HEADER);
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = read_file(BulkKind::MoveExpiries, &file);
    }
}
