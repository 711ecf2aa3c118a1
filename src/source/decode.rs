//! Bytes → text: UTF-16 by its mark or its zeros, UTF-8, else Windows-1252.

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::letter::{Problem, Severity};

/// A document's text, and what did not go cleanly in decoding it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<'a> {
    /// Without its byte order mark; `None` where the bytes hold no text.
    pub text: Option<Cow<'a, str>>,
    pub problems: Vec<Problem>,
}

impl Decoded<'_> {
    /// Without a text that turned out to be none.
    pub(super) fn or_empty(mut self) -> Self {
        if self
            .text
            .as_ref()
            .is_some_and(|text| text.trim().is_empty())
        {
            self.text = None;
            self.problems.push(empty());
        }
        self
    }
}

/// The codes of all problems that are met in reading a document, before it is parsed.
const CODES: [&str; 11] = [
    "damaged_pdf",
    "decoded_as_utf_16",
    "decoded_as_windows_1252",
    "empty_document",
    "encrypted_pdf",
    "malformed_utf_16",
    "malformed_utf_8",
    "scanned_pages",
    "scanned_pdf",
    "unknown_characters",
    "unreadable",
];

/// The code of that name, if it is one of a problem that is met in reading a document.
pub fn reading_code(code: &str) -> Option<&'static str> {
    CODES.into_iter().find(|c| *c == code)
}

fn empty() -> Problem {
    let message = "the document holds no text; it was rejected";
    problem(Severity::Error, "empty_document", message)
}

/// One character in this many may be a control character; with more it is no text.
const CONTROL_SHARE: usize = 50;

/// Decodes a document.
pub fn decode(bytes: &[u8]) -> Decoded<'_> {
    let mut problems = Vec::new();
    let mut warn = |code, message: &str| problems.push(problem(Severity::Warning, code, message));
    let text = if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        utf_16(UTF_16LE, rest, &mut warn)
    } else if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        utf_16(UTF_16BE, rest, &mut warn)
    } else if let Some(encoding) = unmarked_utf_16(bytes) {
        let name = encoding.name();
        let message = format!("it has no byte order mark; the document was read as {name}");
        warn("decoded_as_utf_16", &message);
        utf_16(encoding, bytes, &mut warn)
    } else {
        let rest = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        match std::str::from_utf8(rest) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) if let Some(text) = without_surrogates(rest) => {
                let at = error.valid_up_to() + (bytes.len() - rest.len());
                let message = format!(
                    "byte {at} begins half of a surrogate pair, which is no character; U+FFFD stands for each"
                );
                warn("malformed_utf_8", &message);
                Cow::Owned(text)
            }
            Err(error) => {
                let at = error.valid_up_to() + (bytes.len() - rest.len());
                let message =
                    format!("byte {at} is not UTF-8; the document was read as Windows-1252");
                warn("decoded_as_windows_1252", &message);
                WINDOWS_1252.decode_without_bom_handling(rest).0
            }
        }
    };
    if text.trim().is_empty() {
        problems.push(empty());
        Decoded {
            text: None,
            problems,
        }
    } else if is_binary(&text) {
        // Whatever was guessed of its encoding does not matter any more.
        let message = "the document is binary data, not text; it was rejected";
        let problems = vec![problem(Severity::Error, "unreadable", message)];
        Decoded {
            text: None,
            problems,
        }
    } else {
        let text = Some(text);
        Decoded { text, problems }
    }
}

/// The text of UTF-8 with halves of surrogate pairs, as programs write it that hold text as UTF-16; `None` where
/// something else is wrong with it.
fn without_surrogates(bytes: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let end = match str::from_utf8(rest) {
            Ok(last) => return Some(text + last),
            Err(error) => error.valid_up_to(),
        };
        text.push_str(str::from_utf8(&rest[..end]).ok()?);
        let [0xED, 0xA0..=0xBF, 0x80..=0xBF, after @ ..] = &rest[end..] else {
            return None;
        };
        text.push('\u{FFFD}');
        rest = after;
    }
}

/// The byte order of UTF-16 that is not told by a mark: of English text nearly every unit has a byte 0, always on the
/// same side, and no other text has any.
fn unmarked_utf_16(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let (first, second) = match bytes {
        [a, b, ..] if bytes.len().is_multiple_of(2) => (*a, *b),
        _ => return None,
    };
    let encoding = match (first, second) {
        (1.., 0) => UTF_16LE,
        (0, 1..) => UTF_16BE,
        _ => return None,
    };
    let units = || bytes.chunks_exact(2);
    let zeros = |side: usize| units().filter(|unit| unit[side] == 0).count();
    let high = usize::from(encoding == UTF_16LE);
    let is_text = zeros(high) * 10 >= units().len() * 9 && zeros(1 - high) == 0;
    is_text.then_some(encoding)
}

fn utf_16<'a>(
    encoding: &'static encoding_rs::Encoding,
    bytes: &'a [u8],
    warn: &mut impl FnMut(&'static str, &str),
) -> Cow<'a, str> {
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    if malformed {
        let message = "some of its UTF-16 is malformed; U+FFFD stands in its place";
        warn("malformed_utf_16", message);
    }
    text
}

pub(super) fn problem(severity: Severity, code: &'static str, message: &str) -> Problem {
    let message = message.to_owned();
    Problem {
        severity,
        code,
        message,
        span: None,
    }
}

/// Whether control characters other than white space, which text does without, abound.
fn is_binary(text: &str) -> bool {
    let control = |b: &u8| u8::from(*b < 0x20 && !(b'\t'..=b'\r').contains(b));
    // A count that fits into a byte is taken of many bytes at a time.
    let chunks = text.as_bytes().chunks(128);
    let counts = chunks.map(|chunk| usize::from(chunk.iter().map(control).sum::<u8>()));
    counts.sum::<usize>() * CONTROL_SHARE > text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text, and the codes of the problems.
    fn read(bytes: &[u8]) -> (Option<String>, Vec<&'static str>) {
        let decoded = decode(bytes);
        let codes = decoded.problems.iter().map(|p| p.code).collect();
        (decoded.text.map(Cow::into_owned), codes)
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn marks_name_the_encoding_and_are_not_text() {
        assert_eq!(read("naïve\r\n".as_bytes()), (text("naïve\r\n"), vec![]));
        assert_eq!(read("\u{feff}naïve".as_bytes()), (text("naïve"), vec![]));
        assert_eq!(read(b"\xFF\xFEn\0a\0\xEF\0"), (text("naï"), vec![]));
        assert_eq!(read(b"\xFE\xFF\0n\0a\0\xEF"), (text("naï"), vec![]));
    }

    #[test]
    fn other_bytes_are_windows_1252_with_a_warning() {
        let expected = (
            text("patient\u{2019}s 10\u{bd}"),
            vec!["decoded_as_windows_1252"],
        );
        assert_eq!(read(b"patient\x92s 10\xBD"), expected);
    }

    #[test]
    fn malformed_utf_16_is_read_with_a_warning() {
        assert_eq!(
            read(b"\xFF\xFEa\0\x00\xD8b\0"),
            (text("a\u{fffd}b"), vec!["malformed_utf_16"])
        );
    }

    #[test]
    fn utf_16_is_known_without_its_mark() {
        let letter = "Norco 10/325mg “as needed” is not medically necessary.";
        let bytes = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            letter.encode_utf16().flat_map(order).collect()
        };
        let expected = (text(letter), vec!["decoded_as_utf_16"]);
        assert_eq!(read(&bytes(u16::to_le_bytes)), expected);
        assert_eq!(read(&bytes(u16::to_be_bytes)), expected);
        let mut odd = bytes(u16::to_le_bytes);
        odd.push(b'x');
        assert_eq!(read(&odd), (None, vec!["unreadable"]));
    }

    #[test]
    fn what_is_no_text_is_rejected() {
        assert_eq!(read(b""), (None, vec!["empty_document"]));
        assert_eq!(read(b" \r\n\x0C"), (None, vec!["empty_document"]));
        assert_eq!(
            read(b"\x7FELF\x02\x01\x01\0\0\0\xFF"),
            (None, vec!["unreadable"])
        );
        assert_eq!(read(b"\x01\0\x02\0\0\0\x03\0"), (None, vec!["unreadable"]));
    }

    #[test]
    fn a_stray_control_character_does_no_harm() {
        let letter = format!("{}\0", "a letter ".repeat(20));
        assert_eq!(read(letter.as_bytes()), (text(&letter), vec![]));
    }
}
