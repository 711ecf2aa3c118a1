//! What a file holds: told by its first bytes, else by its name.

use memchr::memmem;

use super::document::Format;

/// What a file, a member or a stream holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One document, or several letters in one text.
    Document(Format),
    Gzip,
    Zstd,
    Tar,
    Zip,
    JsonLines,
    /// Values separated by this byte.
    Csv(u8),
    Parquet,
}

/// How many first bytes tell what a file holds.
pub(super) const HEAD: usize = 4096;

/// The extensions that are taken in folders and archives, and what they say.
const EXTENSIONS: [(&str, Kind); 19] = [
    ("txt", Kind::Document(Format::Text)),
    ("text", Kind::Document(Format::Text)),
    ("pdf", Kind::Document(Format::Pdf)),
    ("html", Kind::Document(Format::Html)),
    ("htm", Kind::Document(Format::Html)),
    ("xhtml", Kind::Document(Format::Html)),
    ("gz", Kind::Gzip),
    ("gzip", Kind::Gzip),
    ("tgz", Kind::Gzip),
    ("zst", Kind::Zstd),
    ("zstd", Kind::Zstd),
    ("tzst", Kind::Zstd),
    ("tar", Kind::Tar),
    ("zip", Kind::Zip),
    ("jsonl", Kind::JsonLines),
    ("ndjson", Kind::JsonLines),
    ("csv", Kind::Csv(b',')),
    ("tsv", Kind::Csv(b'\t')),
    ("parquet", Kind::Parquet),
];

/// The last part of a name after its last dot, in lower case; none for `name` and `.name`.
pub(super) fn extension(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty()).then(|| extension.to_lowercase())
}

/// What the name says.
pub(super) fn by_name(name: &str) -> Option<Kind> {
    let extension = extension(name)?;
    EXTENSIONS
        .iter()
        .find(|(e, _)| *e == extension)
        .map(|(_, kind)| *kind)
}

/// Whether a file of this name is taken where it was not named itself. A `.json` file is taken if it turns
/// out to be JSON Lines.
pub(super) fn is_taken(name: &str) -> bool {
    by_name(name).is_some() || is_json(name)
}

/// Whether the name is that of JSON, which may be JSON Lines.
pub(super) fn is_json(name: &str) -> bool {
    extension(name).is_some_and(|e| e == "json")
}

/// The name of what a compressed file holds.
pub(super) fn unpacked_name(name: &str) -> Option<String> {
    let (stem, _) = name.rsplit_once('.')?;
    match extension(name)?.as_str() {
        "gz" | "gzip" | "zst" | "zstd" => Some(stem.to_owned()),
        "tgz" | "tzst" => Some(format!("{stem}.tar")),
        _ => None,
    }
}

/// What a file with these first bytes and this name holds. `column` is that of the letters' text, by which
/// the head of a table is known.
pub(super) fn of(head: &[u8], name: &str, column: &str) -> Kind {
    let named = by_name(name);
    if let Some(kind) = by_magic(head) {
        return kind;
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let text = text.trim_ascii_start();
    match named {
        // Bytes before the mark are allowed.
        Some(Kind::Document(Format::Pdf)) if memmem::find(head, b"%PDF-").is_some() => {
            Kind::Document(Format::Pdf)
        }
        Some(kind @ (Kind::JsonLines | Kind::Csv(_))) => kind,
        _ if text.starts_with(b"%PDF-") => Kind::Document(Format::Pdf),
        _ if is_html(text) => Kind::Document(Format::Html),
        _ if is_json_object(text) => Kind::JsonLines,
        // A damaged archive is one that its name only tells.
        Some(Kind::Document(Format::Pdf)) => Kind::Document(Format::Text),
        Some(kind) => kind,
        None => match separator(text, column) {
            Some(separator) => Kind::Csv(separator),
            None => Kind::Document(Format::Text),
        },
    }
}

fn by_magic(head: &[u8]) -> Option<Kind> {
    let magics: [(&[u8], Kind); 6] = [
        (b"PK\x03\x04", Kind::Zip),
        (b"PK\x05\x06", Kind::Zip), // an empty one
        (b"\x1F\x8B\x08", Kind::Gzip),
        (b"\x28\xB5\x2F\xFD", Kind::Zstd),
        (b"PAR1", Kind::Parquet),
        (b"PARE", Kind::Parquet), // an encrypted one
    ];
    let found = magics.iter().find(|(magic, _)| head.starts_with(magic));
    let tar = || (head.get(257..262) == Some(b"ustar")).then_some(Kind::Tar);
    found.map(|(_, kind)| *kind).or_else(tar)
}

/// Whether it begins as a page does, after comments and the XML declaration.
fn is_html(mut text: &[u8]) -> bool {
    loop {
        text = text.trim_ascii_start();
        let end: &[u8] = match text {
            _ if text.starts_with(b"<!--") => b"-->",
            _ if text.starts_with(b"<?xml") => b"?>",
            _ => break,
        };
        match memmem::find(text, end) {
            Some(at) => text = &text[at + end.len()..],
            None => return false,
        }
    }
    let begins = |tag: &str| {
        text.get(..tag.len())
            .is_some_and(|t| t.eq_ignore_ascii_case(tag.as_bytes()))
    };
    begins("<!doctype html") || begins("<html") || begins("<head>") || begins("<body")
}

/// Whether it begins as a line of JSON Lines does. An object over several lines does not.
pub(super) fn is_json_object(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"{") else {
        return false;
    };
    let blank = rest
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    rest.get(blank) == Some(&b'"')
}

/// The separator of a table's head that names the column.
pub(super) fn separator(text: &[u8], column: &str) -> Option<u8> {
    let line = text.split(|b| matches!(b, b'\n' | b'\r')).next()?;
    let names = |separator: u8| {
        let mut fields = line.split(move |b| *b == separator);
        fields.any(|f| f.trim_ascii().trim_matches_quotes() == column.as_bytes())
    };
    [b',', b'\t', b';']
        .into_iter()
        .find(|s| line.contains(s) && names(*s))
}

trait TrimQuotes {
    fn trim_matches_quotes(&self) -> &[u8];
}

impl TrimQuotes for [u8] {
    fn trim_matches_quotes(&self) -> &[u8] {
        let inner = self.strip_prefix(b"\"").and_then(|s| s.strip_suffix(b"\""));
        inner.unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(head: &[u8], name: &str) -> Kind {
        of(head, name, "text")
    }

    #[test]
    fn content_speaks_first() {
        let pdf = Kind::Document(Format::Pdf);
        let html = Kind::Document(Format::Html);
        assert_eq!(kind(b"%PDF-1.7", "a.txt"), pdf);
        assert_eq!(kind(b"junk %PDF-1.7", "a.pdf"), pdf);
        assert_eq!(kind(b"PK\x03\x04...", "letters.txt"), Kind::Zip);
        assert_eq!(kind(b"\x1F\x8B\x08", "letters"), Kind::Gzip);
        assert_eq!(kind(b"PAR1", "x.bin"), Kind::Parquet);
        assert_eq!(kind(b"<!-- x -->\n<!DOCTYPE HTML>", "a"), html);
        assert_eq!(kind(b"{ \"text\": 1}", "-"), Kind::JsonLines);
        assert_eq!(kind(b"id;text;n\n", "-"), Kind::Csv(b';'));
        let mut tar = vec![b'x'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(kind(&tar, "a"), Kind::Tar);
    }

    #[test]
    fn the_name_speaks_next_and_all_else_is_text() {
        let text = Kind::Document(Format::Text);
        assert_eq!(kind(b"a,b\n", "a.csv"), Kind::Csv(b','));
        assert_eq!(kind(b"no zip", "a.zip"), Kind::Zip);
        assert_eq!(kind(b"", "a.jsonl"), Kind::JsonLines);
        assert_eq!(kind(b"<p>hello", "a.htm"), Kind::Document(Format::Html));
        for (head, name) in [
            (&b"CLINICAL CASE SUMMARY"[..], "a.txt"),
            (b"id, text of a letter", "a"),
            (b"{\n  \"letter\": 1", "a"),
            (b"", "a"),
        ] {
            assert_eq!(kind(head, name), text, "{name}");
        }
    }

    #[test]
    fn names_lose_the_extension_of_the_compression() {
        assert_eq!(unpacked_name("a.txt.gz").as_deref(), Some("a.txt"));
        assert_eq!(unpacked_name("a.TGZ").as_deref(), Some("a.tar"));
        assert_eq!(unpacked_name("a"), None);
        assert_eq!(extension("folder.d/name"), None);
        assert!(is_taken("x/A.PDF") && is_taken("a.json") && !is_taken(".txt"));
    }
}
