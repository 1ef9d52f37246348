//! JSON with line breaks, its keys in the order they were sent.

/// Two blanks per level; a text that is no JSON comes out as something else that is none.
pub fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut is_escaped) = (0usize, false, false);
    let mut characters = json.chars().peekable();
    while let Some(character) = characters.next() {
        if in_string {
            out.push(character);
            in_string = is_escaped || character != '"';
            is_escaped = character == '\\' && !is_escaped;
            continue;
        }
        match character {
            '"' => {
                in_string = true;
                out.push('"');
            }
            '{' | '[' => {
                out.push(character);
                let closing = if character == '{' { '}' } else { ']' };
                if characters.next_if_eq(&closing).is_some() {
                    out.push(closing);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            character if character.is_whitespace() => {}
            character => out.push(character),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_keep_their_order_and_texts_their_blanks() {
        let text = r#"{"b":[],"a":{"x":"1, {2}: \"3\" \\","y":[1,-2.5]},"c":{}}"#;
        let want = "{\n  \"b\": [],\n  \"a\": {\n    \"x\": \"1, {2}: \\\"3\\\" \\\\\",\n    \"y\": [\n      \
                    1,\n      -2.5\n    ]\n  },\n  \"c\": {}\n}";
        assert_eq!(pretty(text), want);
    }

    proptest! {
        #[test]
        fn the_meaning_stays(text: String, number: i64) {
            let value = json!({&*text: [text, number, null, {"a": {}}]});
            let back: serde_json::Value = serde_json::from_str(&pretty(&value.to_string())).unwrap();
            prop_assert_eq!(back, value);
        }
    }
}
