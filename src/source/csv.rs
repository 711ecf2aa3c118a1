//! CSV with a head: a record is a row, its text in one column.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use ::csv::{ByteRecord, Reader, ReaderBuilder};

use super::document::{Document, Format};
use super::fault::{Fault, rows_before};
use super::jsonl::row_name;
use super::kind;
use super::limits::{Limits, Stop};
use super::open::{Container, Context, Piece, Place, too_large, unreadable};
use super::stream::{BUFFER, Peeked, Stream};

/// Opens a table.
pub(super) fn open(peeked: Peeked, separator: u8, place: Place, context: &Context) -> Piece {
    let options = &context.options;
    let column = options.text_column.as_str();
    // Tables whose name says commas are written with semicolons in many countries.
    let head = peeked.head.strip_prefix(b"\xEF\xBB\xBF");
    let head = head.unwrap_or(&peeked.head);
    let separator = kind::separator(head, column).unwrap_or(separator);
    let skip = peeked.head.len() - head.len();
    let mut stream = peeked.whole();
    let mut mark = [0; 3];
    if let Err(error) = stream.read_exact(&mut mark[..skip]) {
        return unreadable(place, &error);
    }
    let quotes = Arc::new(AtomicBool::new(false));
    let stream: Stream = Box::new(Checked {
        stream: Box::new(stream),
        separator,
        limits: options.limits.clone(),
        state: State::Begin,
        columns: 1,
        bytes: 0,
        stop: None,
        open_at_end: Arc::clone(&quotes),
    });
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .buffer_capacity(BUFFER)
        .from_reader(stream);
    let heads = match reader.byte_headers() {
        Ok(heads) => heads,
        Err(error) => return Piece::Fault(fault(&place, error, 0)),
    };
    let named = |name: &str| {
        let name = name.as_bytes().to_vec();
        let heads = heads.iter().enumerate();
        heads.filter_map(move |(at, head)| (head.trim_ascii() == name).then_some(at))
    };
    let (text, id) = (named(column).next(), named("id").next());
    let namesakes = named(column).count();
    let Some(text) = text else {
        let why = format!(
            "it has no column {column}; name the letters' column with --text-column; it was left out"
        );
        return place.fault("no_text_column", &why);
    };
    let ambiguous = (namesakes > 1).then(|| {
        let source = place.source.as_str();
        let message = format!(
            "{source} has {namesakes} columns {column}; the first of them was read: give the letters' column \
             a name of its own"
        );
        Piece::Fault(Fault::new(source, "ambiguous_text_column", message))
    });
    Piece::Inner(Box::new(Records {
        ambiguous,
        reader,
        open_at_end: quotes,
        text,
        id,
        row: 0,
        record: ByteRecord::new(),
        done: false,
        place,
        document: options.limits.document,
    }))
}

/// Goes through a table.
struct Records {
    /// That several columns have the name of the text's, until it is told.
    ambiguous: Option<Piece>,
    reader: Reader<Stream>,
    /// Whether the table ends within quotes.
    open_at_end: Arc<AtomicBool>,
    text: usize,
    id: Option<usize>,
    row: u64,
    record: ByteRecord,
    done: bool,
    place: Place,
    document: u64,
}

impl Container for Records {
    fn next(&mut self) -> Option<Piece> {
        if self.done {
            return None;
        }
        if let Some(piece) = self.ambiguous.take() {
            return Some(piece);
        }
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => {
                self.done = true;
                return self.open_at_end.load(Relaxed).then(|| self.never_closed());
            }
            Err(error) => {
                self.done = true;
                return Some(Piece::Fault(fault(&self.place, error, self.row)));
            }
        }
        let row = self.row;
        self.row += 1;
        let id = self.id.and_then(|id| self.record.get(id));
        let id = id.map(String::from_utf8_lossy);
        let source = row_name(&self.place.source, row, id.as_deref());
        Some(match self.record.get(self.text) {
            None => {
                let message = format!(
                    "cannot read {source}: it has {} columns only; it was left out",
                    self.record.len()
                );
                Piece::Fault(Fault::new(source, "invalid_csv", message))
            }
            Some(text) if text.len() as u64 > self.document => {
                let mut place = self.place.clone();
                place.source = source;
                too_large(place, self.document)
            }
            Some(text) => Piece::Document(Document {
                source,
                bytes: text.to_vec(),
                format: Format::Text,
            }),
        })
    }
}

impl Records {
    /// Tells that the last row may hold others.
    fn never_closed(&self) -> Piece {
        let source = &self.place.source;
        let last = self.row.saturating_sub(1);
        let message = format!(
            "cannot read {source}: a quote in row {last} is never closed; all that follows it was read as \
             part of that row"
        );
        Piece::Fault(Fault::new(source.as_str(), "invalid_csv", message))
    }
}

fn fault(place: &Place, error: ::csv::Error, row: u64) -> Fault {
    let done = rows_before(row);
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => Fault::of_io(place.source.as_str(), &error, &done),
        kind => {
            let source = &place.source;
            let message = format!("cannot read {source}: {kind:?}; {done}");
            Fault::new(source.as_str(), "invalid_csv", message)
        }
    }
}

/// Where in a row a byte stands: the rules are those of the reader behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a field.
    Begin,
    /// In a field without quotes.
    Bare,
    Quoted,
    /// After a quote in a quoted field, which ends that or is doubled.
    Quote,
}

/// The bytes of a table, up to a row that goes beyond the limits.
struct Checked {
    stream: Stream,
    separator: u8,
    limits: Limits,
    state: State,
    /// Of the row so far.
    columns: usize,
    bytes: u64,
    stop: Option<Stop>,
    open_at_end: Arc<AtomicBool>,
}

impl Read for Checked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(stop) = self.stop {
            return Err(stop.into());
        }
        let n = self.stream.read(into)?;
        if n == 0 && !into.is_empty() {
            self.open_at_end.store(self.state == State::Quoted, Relaxed);
        }
        match self.check(&into[..n]) {
            // What stands before is read first.
            Some(0) => self.read(into),
            Some(whole) => Ok(whole),
            None => Ok(n),
        }
    }
}

impl Checked {
    /// Goes over bytes; gives how many of them are of rows within the limits, unless all may be.
    fn check(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut whole = 0;
        for (at, byte) in bytes.iter().enumerate() {
            self.bytes += 1;
            self.state = match (self.state, *byte) {
                (State::Begin | State::Quote, b'"') => State::Quoted,
                (State::Quoted, b'"') => State::Quote,
                (State::Quoted, _) => State::Quoted,
                (_, b'\r' | b'\n') => {
                    (self.columns, self.bytes, whole) = (1, 0, at + 1);
                    State::Begin
                }
                (_, byte) if byte == self.separator => {
                    self.columns += 1;
                    State::Begin
                }
                _ => State::Bare,
            };
            self.stop = match () {
                () if self.columns > self.limits.columns => {
                    Some(Stop::Columns(self.limits.columns))
                }
                () if self.bytes > self.limits.row => Some(Stop::Row(self.limits.row)),
                () => continue,
            };
            return Some(whole);
        }
        None
    }
}
