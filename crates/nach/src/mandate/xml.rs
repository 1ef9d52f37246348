//! XML as small trees, with bounds: the messages here have at most some thousand elements.
//!
//! A document type is refused, so there are no entities to expand; what a file may cost is bounded
//! by its size, the number of elements and their depth, and all three have caps.

use quick_xml::XmlVersion;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::error::{MandateError, Why};

/// Largest message that is read, in bytes.
pub(crate) const XML_BYTES_MAX: usize = 1024 * 1024;
const ELEMENTS_MAX: usize = 30_000;
const DEPTH_MAX: usize = 16;

/// An element.
#[derive(Debug, Default)]
pub(crate) struct Node {
    name: String,
    /// Its text, without blanks around it.
    text: String,
    /// The attribute `Ccy`, the only one that means something here.
    pub(crate) currency: Option<String>,
    children: Vec<Node>,
}

/// Reads a document; the node is its root.
pub(crate) fn read(bytes: &[u8]) -> Result<Node, MandateError> {
    let bad = |why| MandateError::new("Document", why);
    if bytes.len() > XML_BYTES_MAX {
        return Err(bad(Why::TooLarge));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| bad(Why::NotXml))?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    // The open elements; the first holds the root when everything has closed.
    let (mut open, mut elements) = (vec![Node::default()], 0_usize);
    loop {
        let event = reader.read_event().map_err(|_| bad(Why::NotXml))?;
        let top = open.last_mut().ok_or_else(|| bad(Why::NotXml))?;
        match event {
            Event::Start(start) => {
                elements += 1;
                if open.len() > DEPTH_MAX {
                    return Err(bad(Why::TooDeep));
                }
                let node = element(&start)?;
                open.push(node);
            }
            Event::Empty(start) => {
                elements += 1;
                let node = element(&start)?;
                top.children.push(node);
            }
            Event::End(_) => {
                let mut node = open.pop().ok_or_else(|| bad(Why::NotXml))?;
                node.text = node.text.trim().to_owned();
                open.last_mut().ok_or_else(|| bad(Why::NotXml))?.children.push(node);
            }
            Event::Text(part) => top.text.push_str(&part),
            Event::CData(part) => top.text.push_str(&part),
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(character)) => top.text.push(character),
                Ok(None) => top
                    .text
                    .push_str(resolve_predefined_entity(&name).ok_or_else(|| bad(Why::NotXml))?),
                Err(_) => return Err(bad(Why::NotXml)),
            },
            Event::DocType(_) => return Err(bad(Why::HasDoctype)),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
        if elements > ELEMENTS_MAX {
            return Err(bad(Why::TooManyElements));
        }
    }
    let top = open.pop().filter(|_| open.is_empty()).ok_or_else(|| bad(Why::NotXml))?;
    if !top.text.trim().is_empty() {
        return Err(bad(Why::NotXml));
    }
    let mut roots = top.children.into_iter();
    match (roots.next(), roots.next()) {
        (Some(root), None) => Ok(root),
        _ => Err(bad(Why::NotXml)),
    }
}

fn element(start: &BytesStart<'_>) -> Result<Node, MandateError> {
    let mut node = Node { name: start.local_name().as_ref().to_owned(), ..Node::default() };
    // The check for repeated names would take quadratic time.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| MandateError::new("Document", Why::NotXml))?;
        if attribute.key.as_ref() == "Ccy" {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_| MandateError::new("Ccy", Why::NotXml))?;
            node.currency = Some(value.into_owned());
        }
    }
    Ok(node)
}

impl Node {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    pub(crate) fn all(&self, name: &'static str) -> impl Iterator<Item = &Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The only child of a name, where there is one.
    pub(crate) fn optional(&self, name: &'static str) -> Result<Option<&Node>, MandateError> {
        let mut children = self.all(name);
        match (children.next(), children.next()) {
            (child, None) => Ok(child),
            _ => Err(MandateError::new(name, Why::Repeated)),
        }
    }

    /// The only child of a name.
    pub(crate) fn one(&self, name: &'static str) -> Result<&Node, MandateError> {
        self.optional(name)?.ok_or_else(|| MandateError::new(name, Why::Missing))
    }

    /// The element at the end of a path of only children.
    pub(crate) fn at(&self, path: &[&'static str]) -> Result<&Node, MandateError> {
        path.iter().try_fold(self, |node, name| node.one(name))
    }

    /// Its text, at most `max` characters and not empty.
    pub(crate) fn value(&self, name: &'static str, max: usize) -> Result<String, MandateError> {
        match check_text(name, &self.text, max)? {
            "" => Err(MandateError::new(name, Why::Missing)),
            text => Ok(text.to_owned()),
        }
    }

    /// The text of the only child of a name.
    pub(crate) fn text_of(&self, name: &'static str, max: usize) -> Result<String, MandateError> {
        self.one(name)?.value(name, max)
    }

    /// The same where the child may be missing or empty.
    pub(crate) fn optional_text(
        &self,
        name: &'static str,
        max: usize,
    ) -> Result<Option<String>, MandateError> {
        let Some(node) = self.optional(name)? else { return Ok(None) };
        let text = check_text(name, &node.text, max)?;
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }
}

fn check_text<'a>(name: &'static str, text: &'a str, max: usize) -> Result<&'a str, MandateError> {
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) {
        return Err(MandateError::new(name, Why::NotText));
    }
    if text.chars().count() > max {
        return Err(MandateError::new(name, Why::TooLong));
    }
    Ok(text)
}

/// Writes a document, indented by two blanks a level.
pub(crate) struct Writer {
    text: String,
    open: Vec<&'static str>,
}

impl Writer {
    /// Begins a document of an ISO 20022 message such as `pain.009.001.01`.
    pub(crate) fn new(message: &str) -> Writer {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{message}\">\n"
        );
        Writer { text, open: vec![] }
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n("  ", self.open.len() + 1));
    }

    /// Writes an element around what `inside` writes.
    pub(crate) fn nest(
        &mut self,
        name: &'static str,
        inside: impl FnOnce(&mut Writer) -> Result<(), MandateError>,
    ) -> Result<(), MandateError> {
        self.indent();
        self.text.push_str(&format!("<{name}>\n"));
        self.open.push(name);
        inside(self)?;
        self.open.pop();
        self.indent();
        self.text.push_str(&format!("</{name}>\n"));
        Ok(())
    }

    /// Writes an element with a text, at most `max` characters, not empty.
    pub(crate) fn leaf(
        &mut self,
        name: &'static str,
        text: &str,
        max: usize,
    ) -> Result<(), MandateError> {
        self.leaf_with(name, "", text, max)
    }

    /// Writes nothing for `None`.
    pub(crate) fn optional(
        &mut self,
        name: &'static str,
        text: Option<&str>,
        max: usize,
    ) -> Result<(), MandateError> {
        text.map_or(Ok(()), |text| self.leaf(name, text, max))
    }

    /// Writes an element with an attribute, such as ` Ccy="INR"`.
    pub(crate) fn leaf_with(
        &mut self,
        name: &'static str,
        attribute: &str,
        text: &str,
        max: usize,
    ) -> Result<(), MandateError> {
        let text = check_text(name, text.trim(), max)?;
        if text.is_empty() {
            return Err(MandateError::new(name, Why::Missing));
        }
        self.indent();
        self.text.push_str(&format!("<{name}{attribute}>{}</{name}>\n", escape(text)));
        Ok(())
    }

    /// The document.
    pub(crate) fn finish(mut self) -> String {
        self.text.push_str("</Document>\n");
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn why(text: &str) -> Why {
        read(text.as_bytes()).unwrap_err().why
    }

    #[test]
    fn hostile_documents_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>";
        assert_eq!(why(bomb), Why::HasDoctype);
        assert_eq!(why("<a>&b;</a>"), Why::NotXml);
        assert_eq!(why(&"<a>".repeat(17)), Why::TooDeep);
        let wide = format!("<a>{}</a>", "<b/>".repeat(ELEMENTS_MAX));
        assert_eq!(why(&wide), Why::TooManyElements);
        assert_eq!(why(&" ".repeat(XML_BYTES_MAX + 1)), Why::TooLarge);
        for text in ["", "<a>", "<a></b>", "<a/><b/>", "text", "<a/>text", "</a>", "<a b=></a"] {
            assert_eq!(why(text), Why::NotXml, "{text}");
        }
        assert_eq!(read(b"<a>\xff</a>").unwrap_err().why, Why::NotXml);
    }

    #[test]
    fn prefixes_comments_and_references_are_read() {
        let text = "\u{feff}<?xml version=\"1.0\"?><p:a xmlns:p='x'><!-- c --><p:b Ccy='INR'> \
                    Rao &amp; Sons &#x20B9;<![CDATA[<>]]> </p:b></p:a>";
        let root = read(text.as_bytes()).unwrap();
        let node = root.one("b").unwrap();
        assert_eq!(node.value("b", 40).unwrap(), "Rao & Sons ₹<>");
        assert_eq!(node.currency.as_deref(), Some("INR"));
        assert!(root.is("a"));
        assert_eq!(node.value("b", 3).unwrap_err().why, Why::TooLong);
        let control = read(b"<a>&#7;</a>").unwrap();
        assert_eq!(control.value("a", 3).unwrap_err().why, Why::NotText);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "[^\\p{Cc}\u{fffe}\u{ffff}]{1,40}") {
            prop_assume!(!text.trim().is_empty());
            let mut writer = Writer::new("test");
            writer.nest("a", |writer| writer.leaf("b", &text, 40)).unwrap();
            let root = read(writer.finish().as_bytes()).unwrap();
            prop_assert_eq!(root.one("a").unwrap().text_of("b", 40).unwrap(), text.trim());
        }

        #[test]
        fn any_bytes_are_read_or_refused(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            text in "[<>/!\\[\\]&;a-c\"'= #x0-9?-]{0,200}",
        ) {
            let _ = (read(&bytes), read(text.as_bytes()));
        }
    }
}
