//! JSON Lines: an object a line. The scan cuts a stream into blocks of whole lines, of which the threads
//! parse one each.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use memchr::{memchr, memchr_iter, memrchr};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::Options;
use super::document::{Document, Format};
use super::fault::{Fault, rows_before};
use super::kind;
use super::limits::Stop;
use super::open::{Container, Context, Piece, Place, Weight};
use super::scan::UNIT_BYTES;
use super::stream::{BUFFER, Peeked, Stream};

/// Opens a stream of lines.
pub(super) fn open(peeked: Peeked, place: Place, context: &Context) -> Piece {
    let stream: Stream = Box::new(peeked.whole());
    Piece::Inner(Box::new(Blocks {
        stream,
        rest: Vec::new(),
        row: 0,
        done: false,
        fault: None,
        place,
        context: context.clone(),
    }))
}

/// Cuts a stream into blocks of lines.
struct Blocks {
    stream: Stream,
    /// What was read of the next block.
    rest: Vec<u8>,
    /// The next block's first row.
    row: u64,
    done: bool,
    fault: Option<Piece>,
    place: Place,
    context: Context,
}

impl Container for Blocks {
    fn next(&mut self) -> Option<Piece> {
        if let Some(fault) = self.fault.take() {
            return Some(fault);
        }
        while !self.done {
            let mut block = std::mem::take(&mut self.rest);
            let filled = self.fill(&mut block);
            if let Err(error) = &filled {
                self.done = true;
                // A line that is cut off is no line.
                block.truncate(memrchr(b'\n', &block).map_or(0, |at| at + 1));
                let rows = self.row + lines(&block);
                self.fault = Some(self.cut(error, rows));
            }
            if self.row == 0 && !block.is_empty() && !has_object(&block) {
                self.done = true;
                let why = "no line of it is a JSON object; JSON Lines has one with the letter on each \
                           line; it was left out";
                return Some(self.place.clone().fault("invalid_json", why));
            }
            if let Ok(Filled::Part) = filled {
                drop(block);
                return Some(self.pass_over_line());
            }
            let row = self.row;
            self.row += lines(&block);
            if block.is_empty() {
                continue;
            }
            let weight = Weight {
                documents: 0,
                bytes: block.len() as u64,
            };
            let rows = Rows {
                block,
                at: 0,
                row,
                source: self.place.source.clone(),
                options: Arc::clone(&self.context.options),
            };
            return Some(Piece::Later(Box::new(rows), weight));
        }
        self.fault.take()
    }
}

/// What a block was filled with.
enum Filled {
    Lines,
    /// The beginning of a line that is too long.
    Part,
}

impl Blocks {
    /// Fills a block up to a unit's size and to the end of a line.
    fn fill(&mut self, block: &mut Vec<u8>) -> io::Result<Filled> {
        let most = self.context.options.limits.row;
        let mut want = UNIT_BYTES.min(most.saturating_add(1));
        let mut searched = 0;
        loop {
            let missing = want.saturating_sub(block.len() as u64);
            block.reserve(missing as usize);
            let n = (&mut self.stream).take(missing).read_to_end(block)? as u64;
            self.done = n < missing;
            if self.done {
                return Ok(Filled::Lines);
            }
            if let Some(at) = memrchr(b'\n', &block[searched..]) {
                self.rest = block.split_off(searched + at + 1);
                return Ok(Filled::Lines);
            }
            searched = block.len();
            if want > most {
                return Ok(Filled::Part);
            }
            want = (want * 2).min(most.saturating_add(1));
        }
    }

    /// Goes to the end of the line, whose beginning was read.
    fn pass_over_line(&mut self) -> Piece {
        let row = self.row;
        self.row += 1;
        let mut buffer = vec![0; BUFFER];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => {
                    self.done = true;
                    break;
                }
                Ok(n) => {
                    if let Some(at) = memchr(b'\n', &buffer[..n]) {
                        self.rest = buffer[at + 1..n].to_vec();
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.done = true;
                    self.fault = Some(self.cut(&error, row));
                    break;
                }
            }
        }
        let mut place = self.place.clone();
        place.source = row_name(&place.source, row, None);
        place.stopped(Stop::Row(self.context.options.limits.row), "shorten it")
    }

    fn cut(&self, error: &io::Error, rows: u64) -> Piece {
        let done = rows_before(rows);
        Piece::Fault(Fault::of_io(self.place.source.as_str(), error, &done))
    }
}

/// The number of lines, of which the last may lack its end.
fn lines(block: &[u8]) -> u64 {
    let ends = memchr_iter(b'\n', block).count() as u64;
    ends + u64::from(block.last().is_some_and(|b| *b != b'\n'))
}

/// Whether any line is an object, or the beginning of one that goes on.
fn has_object(block: &[u8]) -> bool {
    let mut lines = block.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    let blank = block.trim_ascii().is_empty();
    blank
        || lines.any(|line| {
            let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
            kind::is_json_object(line) || line == b"{}"
        })
}

/// The rows of a block.
struct Rows {
    block: Vec<u8>,
    at: usize,
    row: u64,
    source: String,
    options: Arc<Options>,
}

impl Container for Rows {
    fn next(&mut self) -> Option<Piece> {
        loop {
            let rest = self.block.get(self.at..).filter(|rest| !rest.is_empty())?;
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest[..end].trim_ascii();
            let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
            self.at += end + 1;
            let row = self.row;
            self.row += 1;
            if !line.is_empty() {
                return Some(read(line, &self.source, row, &self.options));
            }
        }
    }
}

/// Reads a row.
fn read(line: &[u8], source: &str, row: u64, options: &Options) -> Piece {
    let name = |id: Option<&str>| row_name(source, row, id);
    let fault = |code, why: String| {
        let name = name(None);
        let message = format!("cannot read {name}: {why}; it was left out");
        Piece::Fault(Fault::new(name, code, message))
    };
    let column = &options.text_column;
    let mut json = serde_json::Deserializer::from_slice(line);
    let read = Columns { text: column }
        .deserialize(&mut json)
        .and_then(|row| json.end().map(|()| row));
    match read {
        Err(error) => fault("invalid_json", in_line(&error)),
        Ok(Row { text: None, .. }) => fault(
            "no_text_column",
            format!("it has no {column}; name the letters' column with --text-column"),
        ),
        Ok(Row {
            text: Some(text), ..
        }) if text.len() as u64 > options.limits.document => {
            let stop = Stop::Document(options.limits.document);
            fault(stop.code(), format!("{stop}; raise the limit"))
        }
        Ok(Row {
            text: Some(text),
            id,
        }) => Piece::Document(Document {
            source: name(id.as_deref()),
            bytes: text.into_owned(),
            format: Format::Text,
        }),
    }
}

/// The error as it is said of a line alone.
fn in_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line ") {
        Some((what, _)) => format!("{what} at byte {} of the line", error.column()),
        None => text,
    }
}

/// The most characters of an id in a name.
const ID: usize = 200;

/// The name of a row in the dataset.
pub(super) fn row_name(source: &str, row: u64, id: Option<&str>) -> String {
    match id.map(str::trim).filter(|id| !id.is_empty()) {
        None => format!("{source}#{row}"),
        Some(id) => {
            let id: String = id.chars().filter(|c| !c.is_control()).take(ID).collect();
            format!("{source}#{row}!{id}")
        }
    }
}

/// The columns of a row that are used.
struct Row<'a> {
    /// As bytes, which may hold halves of surrogate pairs.
    text: Option<Cow<'a, [u8]>>,
    id: Option<Cow<'a, str>>,
}

/// Reads a row, its text from this column.
struct Columns<'c> {
    text: &'c str,
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, [u8]>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Id<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Number(serde_json::Number),
    Other(IgnoredAny),
}

impl<'de> DeserializeSeed<'de> for Columns<'_> {
    type Value = Row<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Row<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Columns<'_> {
    type Value = Row<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<'de>, A::Error> {
        let mut row = Row {
            text: None,
            id: None,
        };
        while let Some(Key(key)) = map.next_key()? {
            if key == self.text {
                row.text = map.next_value::<Option<Text>>()?.map(|text| text.0);
            } else if key == "id" {
                row.id = match map.next_value()? {
                    Id::Text(text) => Some(text),
                    Id::Number(number) => Some(number.to_string().into()),
                    Id::Other(_) => None,
                };
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: &str) -> Result<(String, String), &'static str> {
        let options = Options::default();
        match read(line.as_bytes(), "a.jsonl", 7, &options) {
            Piece::Document(d) => Ok((d.source, String::from_utf8(d.bytes).unwrap())),
            Piece::Fault(fault) => Err(fault.code),
            _ => panic!(),
        }
    }

    fn ok(source: &str, text: &str) -> Result<(String, String), &'static str> {
        Ok((source.to_owned(), text.to_owned()))
    }

    #[test]
    fn a_row_is_named_by_its_number_and_id() {
        assert_eq!(row(r#"{"text": "a"}"#), ok("a.jsonl#7", "a"));
        assert_eq!(
            row(r#"{"id": "b/c.txt", "x": [1, {}], "text": "a\n\u00e9"}"#),
            ok("a.jsonl#7!b/c.txt", "a\né")
        );
        assert_eq!(row(r#"{"id": 12, "text": ""}"#), ok("a.jsonl#7!12", ""));
        assert_eq!(row(r#"{"id": null, "text": "a"}"#), ok("a.jsonl#7", "a"));
    }

    #[test]
    fn what_is_no_row_is_a_fault() {
        assert_eq!(row(r#"{"text": "a"#), Err("invalid_json"));
        assert_eq!(row(r#"{"text": "a"} x"#), Err("invalid_json"));
        assert_eq!(row(r#"{"text": 1}"#), Err("invalid_json"));
        assert_eq!(row("[1]"), Err("invalid_json"));
        assert_eq!(row(r#"{"txt": "a"}"#), Err("no_text_column"));
        assert_eq!(row(r#"{"text": null}"#), Err("no_text_column"));
    }

    #[test]
    fn the_last_line_needs_no_end() {
        assert_eq!(lines(b"a\nb"), 2);
        assert_eq!(lines(b"a\nb\n"), 2);
        assert_eq!(lines(b""), 0);
    }
}
