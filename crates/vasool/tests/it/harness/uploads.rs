//! Files: sending them, waiting for them, reading their reports.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use axum::body::Bytes;
use hyper::Method;
use serde_json::Value;
use zip::write::SimpleFileOptions;

use super::{Answer, Client, TestApp, id};

const SEAM: &str = "vasool-test-seam";

/// A multipart body: its content type and bytes.
pub fn multipart(fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> (String, Bytes) {
    let mut body = vec![];
    for (name, value) in fields {
        let head = format!("--{SEAM}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    if let Some((name, bytes)) = file {
        let head = format!(
            "--{SEAM}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{SEAM}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={SEAM}"), body.into())
}

/// A workbook with one sheet of texts.
pub fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let cell = |text: &&str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |row: &&[&str]| format!("<row>{}</row>", row.iter().map(cell).collect::<String>());
    let rows: String = rows.iter().map(row).collect();
    let parts = [
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"S\" sheetId=\"1\" id=\"rId1\"/></sheets></workbook>"
                .to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/>\
             </Relationships>"
                .to_owned(),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(vec![]));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(text.as_bytes()).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

impl Client {
    /// `POST /v1/batches`.
    pub async fn upload(&self, kind: &str, name: &str, bytes: impl AsRef<[u8]>) -> Answer {
        let (content_type, body) = multipart(&[("type", kind)], Some((name, bytes.as_ref())));
        self.send(Method::POST, "/v1/batches", Some(&content_type), body).await
    }
}

impl TestApp {
    /// Uploads a file and waits until it is processed: the batch, and its report by column.
    pub async fn process(
        &self,
        kind: &str,
        bytes: impl AsRef<[u8]>,
    ) -> (Value, Vec<BTreeMap<String, String>>) {
        let batch = id(&self.test.upload(kind, "rows.csv", bytes).await.ok());
        (self.processed(&batch).await, self.report(&batch).await)
    }

    /// Waits until a batch is processed.
    pub async fn processed(&self, batch: &str) -> Value {
        let path = format!("/v1/batches/{batch}");
        self.eventually("a processed batch", async || {
            self.test.get(&path).await.ok()["status"] == "processed"
        })
        .await;
        self.test.get(&path).await.ok()
    }

    /// The report of a batch, each row by column.
    pub async fn report(&self, batch: &str) -> Vec<BTreeMap<String, String>> {
        let answer = self.test.get(&format!("/v1/batches/{batch}/report")).await;
        assert_eq!(answer.status, 200, "{:?}", answer.bytes);
        assert_eq!(answer.headers["content-type"], "text/csv");
        let mut reader = csv::Reader::from_reader(&answer.bytes[..]);
        reader.deserialize().map(|row| row.expect("a row")).collect()
    }
}
