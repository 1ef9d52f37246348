//! A reader of our own PDFs, for tests: what a program that extracts text finds in them. It follows
//! the fonts' maps to Unicode, so it fails where a viewer's search would.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::ZlibDecoder;

/// Everything that is shown, a string per text object or marked text, in the order of the page.
pub(super) fn texts(pdf: &[u8]) -> Vec<String> {
    let streams = streams(pdf);
    let page = &streams[0];
    let maps = [map(&streams[1]), map(&streams[3])];
    let (mut texts, mut marked) = (vec![], None);
    let (mut operands, mut shown, mut font): (Vec<Token>, String, usize) =
        (vec![], String::new(), 0);
    for token in tokens(page) {
        let Token::Word(word) = &token else {
            operands.push(token);
            continue;
        };
        match word.as_str() {
            "BT" => shown.clear(),
            "Tf" => font = usize::from(operands.contains(&Token::Word("/F2".into()))),
            "Tj" => {
                let Some(Token::Text(bytes)) = operands.last() else { panic!("a text") };
                shown.extend(
                    bytes
                        .chunks(2)
                        .map(|glyph| maps[font][&u16::from_be_bytes(glyph.try_into().unwrap())]),
                );
            }
            "ET" if marked.is_none() => texts.push(shown.clone()),
            "BDC" => {
                let Some(Token::Text(bytes)) = operands.last() else { panic!("a text") };
                marked = Some(text_string(bytes));
            }
            "EMC" => texts.extend(marked.take()),
            // Names and numbers are operands.
            _ if word.starts_with('/') || word.parse::<f32>().is_ok() => {
                operands.push(token);
                continue;
            }
            _ => {}
        }
        operands.clear();
    }
    texts
}

/// The streams of a file, unpacked, in its order: the page, then a map and a file of each font.
fn streams(pdf: &[u8]) -> Vec<Vec<u8>> {
    let find = |from: usize, what: &[u8]| {
        pdf[from..].windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    let (mut streams, mut at) = (vec![], 0);
    while let Some(start) = find(at, b"stream\n") {
        let end = find(start, b"\nendstream").expect("a stream ends");
        let mut bytes = vec![];
        ZlibDecoder::new(&pdf[start + 7..end]).read_to_end(&mut bytes).expect("packed");
        streams.push(bytes);
        at = end + 10;
    }
    assert_eq!(streams.len(), 5);
    streams
}

#[derive(PartialEq)]
enum Token {
    Word(String),
    Text(Vec<u8>),
}

/// Strings, and everything else between blanks and brackets.
fn tokens(page: &[u8]) -> Vec<Token> {
    let (mut tokens, mut at) = (vec![], 0);
    while let Some(byte) = page.get(at) {
        match byte {
            b'(' => {
                let mut text = vec![];
                let mut depth = 1;
                while depth > 0 {
                    at += 1;
                    match page[at] {
                        b'(' => depth += 1,
                        b')' => depth -= 1,
                        b'\\' => {
                            at += 1;
                            let digits =
                                page[at..].iter().take(3).take_while(|c| c.is_ascii_digit());
                            let octal = digits.fold(None, |number: Option<u8>, digit| {
                                Some(number.unwrap_or(0).wrapping_mul(8) + (digit - b'0'))
                            });
                            text.push(match (page[at], octal) {
                                (_, Some(byte)) => {
                                    at += 2;
                                    byte
                                }
                                (b'n', _) => b'\n',
                                (b'r', _) => b'\r',
                                (b't', _) => b'\t',
                                (b'b', _) => 8,
                                (b'f', _) => 12,
                                (other, _) => other,
                            });
                            continue;
                        }
                        _ => {}
                    }
                    if depth > 0 {
                        text.push(page[at]);
                    }
                }
                tokens.push(Token::Text(text));
                at += 1;
            }
            b'<' if page.get(at + 1) == Some(&b'<') => at += 2,
            b'<' => {
                let end = at + page[at..].iter().position(|byte| *byte == b'>').unwrap();
                let hex = std::str::from_utf8(&page[at + 1..end]).unwrap();
                let byte = |from: usize| u8::from_str_radix(&hex[from..from + 2], 16).unwrap();
                tokens.push(Token::Text((0..hex.len()).step_by(2).map(byte).collect()));
                at = end + 1;
            }
            b' ' | b'\n' | b'>' | b'[' | b']' => at += 1,
            _ => {
                let is_end = |byte: &u8| b" \n<>[]()".contains(byte);
                let length = page[at..].iter().position(is_end).unwrap_or(page.len() - at);
                let word = String::from_utf8(page[at..at + length].to_vec()).unwrap();
                tokens.push(Token::Word(word));
                at += length;
            }
        }
    }
    tokens
}

/// Which character each glyph of a font shows.
fn map(stream: &[u8]) -> BTreeMap<u16, char> {
    let text = std::str::from_utf8(stream).unwrap();
    let mut map = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with('<')) {
        let mut parts = line.split_whitespace().map(|part| part.trim_matches(['<', '>']));
        let (Some(glyph), Some(units), None) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let Ok(glyph) = u16::from_str_radix(glyph, 16) else { continue };
        let bytes = (0..units.len()).step_by(4);
        let units = bytes.map(|at| u16::from_str_radix(&units[at..at + 4], 16).unwrap());
        let character = char::decode_utf16(units).next().unwrap().unwrap();
        map.insert(glyph, character);
    }
    map
}

/// A text string of a PDF: UTF-16 with a mark, else a superset of ASCII.
fn text_string(bytes: &[u8]) -> String {
    match bytes.strip_prefix(&[0xfe, 0xff]) {
        Some(units) => {
            let units = units.chunks(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
            char::decode_utf16(units).map(|c| c.unwrap()).collect()
        }
        None => String::from_utf8(bytes.to_vec()).expect("ASCII"),
    }
}
