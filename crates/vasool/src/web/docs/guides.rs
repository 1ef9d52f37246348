//! Guides: Markdown from `docs/`, as HTML.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// One guide.
pub struct Guide {
    /// What follows `/docs/guides/`, and the file's name.
    pub name: &'static str,
    /// As the menu shows it.
    pub title: &'static str,
    /// What it is for, in a sentence.
    pub about: &'static str,
    /// Markdown.
    pub text: &'static str,
}

macro_rules! guide {
    ($name:literal, $title:literal, $about:literal) => {
        Guide {
            name: $name,
            title: $title,
            about: $about,
            text: include_str!(concat!("../../../../../docs/", $name, ".md")),
        }
    };
}

/// All guides, products first.
pub const GUIDES: &[Guide] = &[
    guide!(
        "smart-collect",
        "Smart Collect",
        "Virtual accounts, UPI addresses and QR codes that customers pay into."
    ),
    guide!("reserve-pay", "UPI Reserve Pay", "One approval blocks money, many debits take it."),
    guide!("paper-nach", "Paper NACH", "Mandates on paper, and debits in NACH cycles."),
    guide!("webhooks", "Webhooks", "How events are told, signed and repeated."),
    guide!("sandbox", "Sandbox", "Payers, banks, outages and time itself, on demand."),
    guide!("operations", "Operations", "Installing, watching, backing up, upgrading."),
    guide!("nach-files", "NACH files", "A sponsor bank of one's own, over a directory."),
    guide!("vendor-host", "The vendor's host", "SDKs that have their host built in."),
];

/// Languages whose blocks stand side by side.
const LANGUAGES: [(&str, &str); 3] = [("sh", "curl"), ("python", "Python"), ("js", "Node")];

/// Markdown as HTML. HTML in it is shown as text.
pub fn html(markdown: &str) -> String {
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let mut page = Page::default();
    for event in parser {
        page.take(event);
    }
    page.flush();
    let mut out = String::new();
    html::push_html(&mut out, page.events.into_iter());
    out
}

#[derive(Default)]
struct Page<'a> {
    events: Vec<Event<'a>>,
    /// Blocks of code that follow each other: language and text.
    blocks: Vec<(String, String)>,
    in_block: bool,
    /// Whether the link that is open leads to something that is no page here.
    dead_link: bool,
}

impl<'a> Page<'a> {
    fn take(&mut self, event: Event<'a>) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.blocks.push((language, String::new()));
                self.in_block = true;
            }
            Event::End(TagEnd::CodeBlock) => self.in_block = false,
            Event::Text(text) if self.in_block => {
                if let Some((_, block)) = self.blocks.last_mut() {
                    block.push_str(&text);
                }
            }
            other => {
                self.flush();
                self.show(other);
            }
        }
    }

    fn show(&mut self, event: Event<'a>) {
        match event {
            Event::Html(text) | Event::InlineHtml(text) => self.events.push(Event::Text(text)),
            Event::Start(Tag::Table(sides)) => {
                self.html(
                    "<div class=\"sheet\" tabindex=\"0\" role=\"region\" aria-label=\"Table\">",
                );
                self.events.push(Event::Start(Tag::Table(sides)));
            }
            Event::End(TagEnd::Table) => {
                self.events.push(Event::End(TagEnd::Table));
                self.html("</div>");
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => match target(&dest_url) {
                Some(url) => {
                    let dest_url = CowStr::from(url);
                    self.events.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
                }
                None => self.dead_link = true,
            },
            Event::End(TagEnd::Link) if self.dead_link => self.dead_link = false,
            other => self.events.push(other),
        }
    }

    fn html(&mut self, text: &str) {
        self.events.push(Event::Html(CowStr::from(text.to_owned())));
    }

    /// Writes the blocks of code that were collected: side by side where there is more than one.
    fn flush(&mut self) {
        let blocks = std::mem::take(&mut self.blocks);
        let together = blocks.len() > 1;
        if together {
            self.html("<div class=\"samples\">");
        }
        for (language, text) in blocks {
            let name = LANGUAGES.iter().find(|(known, _)| *known == language);
            let caption = match name {
                Some((_, name)) if together => format!("<figcaption>{name}</figcaption>"),
                _ => String::new(),
            };
            self.html(&format!(
                "<figure class=\"sample\">{caption}<pre tabindex=\"0\"><code>{}</code></pre></figure>",
                escaped(&text)
            ));
        }
        if together {
            self.html("</div>");
        }
    }
}

/// Where a link of a file leads among the pages; `None` for a file that is none of them.
fn target(url: &str) -> Option<String> {
    if url.starts_with("https://") || url.starts_with("http://") || url.starts_with(['#', '/']) {
        return Some(url.to_owned());
    }
    let (file, part) = url.split_once('#').unwrap_or((url, ""));
    let name = file.strip_suffix(".md")?;
    let part = if part.is_empty() { String::new() } else { format!("#{part}") };
    if name == "errors" {
        return Some(format!("/docs/errors{part}"));
    }
    let known = GUIDES.iter().any(|guide| guide.name == name);
    known.then(|| format!("/docs/guides/{name}{part}"))
}

/// A line of words as HTML, with code between backticks.
pub fn marked(line: &str) -> String {
    let mut out = String::new();
    for (at, part) in escaped(line).split('`').enumerate() {
        match at % 2 {
            0 => out.push_str(part),
            _ => out.extend(["<code>", part, "</code>"]),
        }
    }
    out
}

/// Text as HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_in_a_file_is_text() {
        let page = html("a <script>x</script> b\n\n<div onclick=x>y</div>\n\n    <b>\n");
        assert!(!page.contains("<script") && !page.contains("<div onclick"), "{page}");
        assert!(page.contains("&lt;b&gt;"), "{page}");
    }

    #[test]
    fn languages_of_a_step_stand_together() {
        let page =
            html("x\n\n```sh\ncurl <1>\n```\n```python\nimport\n```\n\ny\n\n```sh\nalone\n```\n");
        assert_eq!(page.matches("class=\"samples\"").count(), 1, "{page}");
        assert!(page.contains("<figcaption>Python</figcaption>"), "{page}");
        assert!(page.contains("curl &lt;1&gt;") && page.contains("alone"), "{page}");
    }

    #[test]
    fn words_between_backticks_are_code() {
        assert_eq!(marked("`a` or <b>"), "<code>a</code> or &lt;b&gt;");
    }

    #[test]
    fn links_lead_to_pages_or_nowhere() {
        let page = html("[a](errors.md) [b](sandbox.md#time) [c](sources.md) [d](https://x.test)");
        assert!(page.contains("href=\"/docs/errors\""), "{page}");
        assert!(page.contains("href=\"/docs/guides/sandbox#time\""), "{page}");
        assert!(!page.contains("sources") && page.contains(" c "), "{page}");
        assert!(page.contains("https://x.test"), "{page}");
    }

    #[test]
    fn every_guide_begins_with_its_title() {
        for guide in GUIDES {
            assert!(guide.text.starts_with("# "), "{}", guide.name);
            assert_eq!(html(guide.text).matches("<h1").count(), 1, "{} has one title", guide.name);
        }
    }
}
