//! Operations as people read them, from the API's description.

use serde_json::Value;

use super::guides::marked;
use super::samples::{Sample, samples};
use crate::api::description;

/// Objects inside objects are written out so deep.
const DEPTH_MAX: usize = 4;

/// The operations of one tag.
pub struct Group {
    /// What follows `/docs/`.
    pub slug: String,
    pub name: String,
    pub about: String,
    pub operations: Vec<Operation>,
}

/// One operation.
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    /// HTML.
    pub summary: String,
    /// HTML.
    pub about: String,
    /// In the path and the query.
    pub parameters: Vec<Field>,
    /// In the body.
    pub fields: Vec<Field>,
    pub samples: Vec<Sample>,
    /// Titles and texts; an operation may answer in several ways.
    pub answers: Vec<(String, String)>,
    /// Status and meaning.
    pub errors: Vec<(String, String)>,
}

/// One input.
pub struct Field {
    pub name: String,
    pub kind: String,
    pub is_required: bool,
    /// HTML.
    pub about: String,
}

/// All groups, in the order of the description's tags.
pub fn groups() -> Vec<Group> {
    let description: Value = serde_json::from_str(description()).expect("a test reads the file");
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let tags = description["tags"].as_array().map_or(&[][..], Vec::as_slice);
    let group = |tag: &Value| {
        let name = text(&tag["name"]);
        let slug = name.to_ascii_lowercase().replace(' ', "-");
        let operations = operations(&description, &name);
        Group { slug, about: text(&tag["description"]), operations, name }
    };
    tags.iter().map(group).collect()
}

fn operations(description: &Value, tag: &str) -> Vec<Operation> {
    let paths = description["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path, method, operation))
    });
    // One that has two tags stands on the page of the first.
    all.filter(|(_, _, operation)| operation["tags"][0] == tag)
        .map(|(path, method, operation)| read(description, path, method, operation))
        .collect()
}

fn read(description: &Value, path: &str, method: &str, operation: &Value) -> Operation {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let rows = list(&operation["parameters"]);
    let parameters = rows.iter().map(|row| Field {
        name: text(&row["name"]),
        kind: format!("{}, in the {}", kind(description, &row["schema"]), text(&row["in"])),
        is_required: row["required"] == true || row["in"] == "path",
        about: marked(&text(&row["description"])),
    });
    let parameters = parameters.collect();
    let mut fields = vec![];
    let bodies = &operation["requestBody"]["content"];
    if let Some(content) = bodies.as_object().and_then(|content| content.values().next()) {
        let mut reader = Reader { description, fields: &mut fields };
        reader.add("", &content["schema"], true, 0);
    }
    let mut answers = vec![];
    let mut errors = vec![];
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let response = resolve(description, response);
        if status.starts_with('2') {
            for content in response["content"].as_object().into_iter().flat_map(|all| all.values())
            {
                examples(content, &mut answers);
            }
        } else {
            errors.push((status.clone(), marked(&text(&response["description"]))));
        }
    }
    errors.sort();
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        summary: marked(&text(&operation["summary"])),
        about: marked(&text(&operation["description"])),
        parameters,
        fields,
        samples: samples(path, method, operation),
        answers,
        errors,
    }
}

fn examples(content: &Value, out: &mut Vec<(String, String)>) {
    if !content["example"].is_null() {
        out.push((String::new(), shown(&content["example"])));
    }
    for (name, example) in content["examples"].as_object().into_iter().flatten() {
        out.push((name.clone(), shown(&example["value"])));
    }
}

fn shown(example: &Value) -> String {
    match example {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

fn resolve<'a>(description: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    target.and_then(|pointer| description.pointer(pointer)).unwrap_or(value)
}

/// Writes out the fields of a body, those of objects in it with dotted names.
struct Reader<'a> {
    description: &'a Value,
    fields: &'a mut Vec<Field>,
}

impl Reader<'_> {
    fn add(&mut self, path: &str, schema: &Value, is_whole: bool, depth: usize) {
        let schema = resolve(self.description, schema);
        for choice in ["anyOf", "oneOf"].iter().flat_map(|word| schema[*word].as_array()).flatten()
        {
            // What only one of the choices wants is not wanted by all.
            self.add(path, choice, false, depth);
        }
        let required = schema["required"].as_array();
        let is_required =
            |name: &str| required.is_some_and(|names| names.iter().any(|row| row == name));
        for (name, row) in schema["properties"].as_object().into_iter().flatten() {
            let full = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let inner = resolve(self.description, row);
            let about = [&row["description"], &inner["description"]];
            let about = about.into_iter().find_map(Value::as_str).map(marked).unwrap_or_default();
            if !self.fields.iter().any(|field| field.name == full) {
                self.fields.push(Field {
                    kind: kind(self.description, row),
                    is_required: is_whole && is_required(name),
                    about,
                    name: full.clone(),
                });
            }
            if depth < DEPTH_MAX && name != "notes" {
                let whole = is_whole && is_required(name);
                self.add(&full, row, whole, depth + 1);
            }
        }
    }
}

/// What a value is, in words.
fn kind(description: &Value, schema: &Value) -> String {
    let schema = resolve(description, schema);
    if let Some(value) = schema.get("const") {
        return shown(value);
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(shown).collect::<Vec<_>>().join(", ");
    }
    match &schema["type"] {
        Value::String(word) => word.clone(),
        Value::Array(words) => {
            let words = words.iter().filter_map(Value::as_str).filter(|word| *word != "null");
            words.collect::<Vec<_>>().join(" or ")
        }
        _ => "object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_place_and_says_everything() {
        let groups = groups();
        let count: usize = groups.iter().map(|group| group.operations.len()).sum();
        let description: Value = serde_json::from_str(description()).unwrap();
        let paths = description["paths"].as_object().unwrap();
        let all: usize = paths.values().map(|item| item.as_object().unwrap().len()).sum();
        assert_eq!(count, all);
        for operation in groups.iter().flat_map(|group| &group.operations) {
            let Operation { id, summary, about, samples, .. } = operation;
            assert!(!summary.is_empty() && !about.is_empty() && !samples.is_empty(), "{id}");
            for field in &operation.parameters {
                assert!(!field.about.is_empty(), "{id}: {}", field.name);
            }
        }
    }

    #[test]
    fn nested_fields_have_dotted_names() {
        let groups = groups();
        let operations = groups.iter().flat_map(|group| &group.operations);
        let create = operations.into_iter().find(|row| row.id == "create_virtual_account").unwrap();
        let types = create.fields.iter().find(|field| field.name == "receivers.types").unwrap();
        assert!(types.is_required);
        assert!(create.samples.iter().any(|sample| sample.language == "Python"));
    }
}
