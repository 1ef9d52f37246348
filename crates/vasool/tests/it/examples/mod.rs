//! The examples of the API's description are what a real server answers: every operation is called
//! once, and the answer has the keys of the example. `VASOOL_WRITE_DOCS=1` writes them anew.

mod calls;
mod schema;
mod shape;

use std::collections::BTreeSet;
use std::path::PathBuf;

use axum::body::Bytes;
use hyper::Method;
use serde::Serialize as _;
use serde_json::{Value, json};

use crate::harness::{Database, TestApp, multipart, root};
use schema::Schemas;

const JSON: &str = "application/json";

/// The description, and the server it is compared with.
pub struct Recorder {
    pub app: TestApp,
    description: Value,
    called: BTreeSet<String>,
    writes: bool,
    /// Addresses of this machine, and what stands for them in examples.
    disguises: Vec<(String, &'static str)>,
}

/// A call of an operation.
pub struct Call<'a> {
    pub operation: String,
    /// What fills the places of the path, in order.
    pub path: Vec<String>,
    pub query: Vec<(&'a str, String)>,
    pub body: Option<Value>,
    /// The name of this example, where an operation has several.
    pub name: Option<&'a str>,
    pub file: Option<(&'a str, Vec<u8>)>,
}

impl<'a> Call<'a> {
    pub fn of(operation: &str) -> Call<'static> {
        Call {
            operation: operation.to_owned(),
            path: vec![],
            query: vec![],
            body: None,
            name: None,
            file: None,
        }
    }

    pub fn at(mut self, id: impl Into<String>) -> Self {
        self.path.push(id.into());
        self
    }

    pub fn body(self, body: Value) -> Self {
        Call { body: Some(body), ..self }
    }

    pub fn query(mut self, name: &'a str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    pub fn named(self, name: &'a str) -> Self {
        Call { name: Some(name), ..self }
    }

    pub fn file(self, name: &'a str, bytes: Vec<u8>) -> Self {
        Call { file: Some((name, bytes)), ..self }
    }
}

fn file() -> PathBuf {
    root().join("crates/vasool/openapi.json")
}

impl Recorder {
    async fn start() -> Recorder {
        let text = std::fs::read_to_string(file()).expect("the description");
        Recorder {
            app: TestApp::start(Database::sqlite()).await,
            description: serde_json::from_str(&text).expect("JSON"),
            called: BTreeSet::new(),
            writes: std::env::var_os("VASOOL_WRITE_DOCS").is_some(),
            disguises: vec![],
        }
    }

    /// In examples this text is written for that one.
    pub fn disguise(&mut self, text: &str, example: &'static str) {
        self.disguises.push((text.to_owned(), example));
    }

    fn place(&self, operation: &str) -> (String, String) {
        let paths = self.description["paths"].as_object().expect("paths");
        let all = paths.iter().flat_map(|(path, item)| {
            let item = item.as_object().expect("operations");
            item.iter().map(move |(method, operation)| (path, method, operation))
        });
        let found = all.into_iter().find(|(_, _, row)| row["operationId"] == operation);
        let (path, method, _) = found.unwrap_or_else(|| panic!("no operation {operation}"));
        (path.clone(), method.clone())
    }

    /// Calls an operation and compares, or writes down, what comes back.
    pub async fn call(&mut self, call: Call<'_>) -> Value {
        let (template, method) = self.place(&call.operation);
        self.called.insert(call.operation.clone());
        let mut path = template.clone();
        let mut places = vec![];
        for value in &call.path {
            let (from, to) = (path.find('{').expect("a place"), path.find('}').expect("its end"));
            places.push((path[from + 1..to].to_owned(), value.clone()));
            path.replace_range(from..=to, value);
        }
        assert!(!path.contains('{'), "{path} has a place that is not filled");
        let query: Vec<String> =
            call.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let (kind, bytes) = match (&call.body, &call.file) {
            (Some(fields), Some((name, bytes))) => {
                let fields = fields.as_object().expect("fields").iter();
                let fields: Vec<(String, String)> = fields
                    .map(|(key, value)| (key.clone(), value.as_str().expect("a text").to_owned()))
                    .collect();
                let pairs: Vec<(&str, &str)> =
                    fields.iter().map(|(key, value)| (&**key, &**value)).collect();
                multipart(&pairs, Some((name, bytes)))
            }
            (Some(body), None) => (JSON.to_owned(), Bytes::from(body.to_string())),
            _ => (JSON.to_owned(), Bytes::new()),
        };
        let verb: Method = method.to_uppercase().parse().expect("a method");
        let answer = self.app.test.send(verb, &path, Some(&kind), bytes).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        let id = &call.operation;
        let operation = &self.description["paths"][&template][&method];
        let status = answer.status.to_string();
        let documented = !operation["responses"][&status].is_null();
        assert!(documented, "{id}: {status} is not described: {text}");
        let has_200 = !operation["responses"]["200"].is_null();
        assert!(answer.status < 300 || !has_200, "{id}: {status} {text}");
        let mut json: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if json["openapi"].is_string() {
            // The description would hold itself.
            json = json!({"openapi": json["openapi"], "info": json["info"]});
        }
        if self.writes {
            self.write(&template, &method, &call, places, &json);
        } else {
            self.compare(&template, &method, &call, &json);
        }
        json
    }

    fn compare(&self, template: &str, method: &str, call: &Call<'_>, answer: &Value) {
        let operation = &self.description["paths"][template][method];
        let content = &operation["responses"]["200"]["content"][JSON];
        // What people are shown is no JSON.
        if content.is_null() || answer.is_null() {
            return;
        }
        let id = &call.operation;
        let example = match call.name {
            Some(name) => &content["examples"][name]["value"],
            None => &content["example"],
        };
        let differences = shape::differences(example, answer);
        let how = "VASOOL_WRITE_DOCS=1 cargo test -p vasool --test it examples";
        assert_eq!(differences, [] as [String; 0], "{id}: print the examples with {how}");
        let faults = Schemas(&self.description).faults(&content["schema"], answer);
        assert_eq!(faults, [] as [String; 0], "what {id} really answers");
    }

    fn write(
        &mut self,
        template: &str,
        method: &str,
        call: &Call<'_>,
        places: Vec<(String, String)>,
        answer: &Value,
    ) {
        let disguised = |value: &Value| {
            let mut text = value.to_string();
            for (real, example) in &self.disguises {
                text = text.replace(real, example);
            }
            serde_json::from_str::<Value>(&text).expect("JSON")
        };
        let (mut answer, body) = (disguised(answer), call.body.as_ref().map(disguised));
        if answer["key_secret"].is_string() {
            answer["key_secret"] = json!("ExampleSecret00000000000");
        }
        let operation = &mut self.description["paths"][template][method];
        let asked = call.query.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        for (name, value) in places.into_iter().chain(asked) {
            let parameters = operation["parameters"].as_array_mut().expect("parameters");
            let found =
                parameters.iter_mut().find(|row| row["name"] == name.trim_end_matches("[]"));
            let found = found.unwrap_or_else(|| panic!("{template} has no parameter {name}"));
            found["example"] = match (found["schema"]["type"] == "integer", value.parse::<i64>()) {
                (true, Ok(number)) => json!(number),
                _ => json!(value),
            };
        }
        if let Some(mut body) = body {
            if let Some((name, _)) = &call.file {
                body["file"] = json!(name);
            }
            let kind = if call.file.is_some() { "multipart/form-data" } else { JSON };
            set(&mut operation["requestBody"]["content"][kind], call.name, body);
        }
        if !operation["responses"]["200"]["content"][JSON].is_null() && !answer.is_null() {
            set(&mut operation["responses"]["200"]["content"][JSON], call.name, answer);
        }
    }

    /// Everything was called; what was learnt is stored.
    fn finish(self) {
        let paths = self.description["paths"].as_object().expect("paths");
        let operations = paths.values().flat_map(|item| item.as_object().expect("one").values());
        let all: BTreeSet<String> = operations
            .map(|operation| operation["operationId"].as_str().expect("a name").to_owned())
            .collect();
        let left: Vec<&String> = all.difference(&self.called).collect();
        assert_eq!(left, [] as [&String; 0], "operations that nobody calls");
        if self.writes {
            let mut bytes = vec![];
            let format = serde_json::ser::PrettyFormatter::with_indent(b" ");
            let mut printer = serde_json::Serializer::with_formatter(&mut bytes, format);
            self.description.serialize(&mut printer).expect("JSON");
            bytes.push(b'\n');
            std::fs::write(file(), bytes).expect("the description is written");
        }
    }
}

fn set(content: &mut Value, name: Option<&str>, value: Value) {
    let content = content.as_object_mut().expect("a content");
    match name {
        None => {
            content.remove("examples");
            content.insert("example".to_owned(), value);
        }
        Some(name) => {
            content.remove("example");
            let examples = content.entry("examples").or_insert_with(|| json!({}));
            examples[name] = json!({ "value": value });
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_answers_as_its_example() {
    let mut recorder = Recorder::start().await;
    calls::people(&mut recorder).await;
    calls::collecting(&mut recorder).await;
    calls::refunds(&mut recorder).await;
    calls::webhooks(&mut recorder).await;
    calls::reserve_pay(&mut recorder).await;
    calls::paper(&mut recorder).await;
    calls::sandbox(&mut recorder).await;
    calls::others(&mut recorder).await;
    recorder.finish();
}

#[test]
fn every_example_fits_its_schema() {
    let text = std::fs::read_to_string(file()).expect("the description");
    let description: Value = serde_json::from_str(&text).expect("JSON");
    let schemas = Schemas(&description);
    let mut faults = vec![];
    let mut check = |place: String, content: &Value| {
        let named = content["examples"].as_object();
        let named = named.into_iter().flat_map(|examples| examples.values());
        let examples = named.map(|example| &example["value"]).chain(content.get("example"));
        for example in examples {
            let found = schemas.faults(&content["schema"], example);
            faults.extend(found.into_iter().map(|fault| format!("{place}: {fault}")));
        }
    };
    for (path, item) in description["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let bodies = operation["requestBody"]["content"].as_object();
            for (kind, content) in bodies.into_iter().flatten() {
                check(format!("{method} {path} {kind}"), content);
            }
            for (status, response) in operation["responses"].as_object().expect("responses") {
                for (_, content) in response["content"].as_object().into_iter().flatten() {
                    check(format!("{method} {path} {status}"), content);
                }
            }
        }
    }
    for (name, response) in description["components"]["responses"].as_object().expect("some") {
        check(name.clone(), &response["content"][JSON]);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
