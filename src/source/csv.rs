//! CSV with a head: a record is a row, its text in one column.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ::csv::{ByteRecord, Reader, ReaderBuilder};

use super::document::{Document, Format};
use super::fault::Fault;
use super::jsonl::row_name;
use super::kind;
use super::open::{Container, Context, Piece, Place, too_large, unreadable};
use super::stream::{BUFFER, Peeked, Stop, Stream};

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
    // A quote that is never closed makes a record of all the rest.
    let most = options.limits.document.saturating_mul(2);
    let left = Arc::new(AtomicU64::new(most));
    let stream: Stream = Box::new(Bounded {
        stream: Box::new(stream),
        left: Arc::clone(&left),
        most,
    });
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .buffer_capacity(BUFFER)
        .from_reader(stream);
    let find = |heads: &ByteRecord, name: &str| {
        let name = name.as_bytes();
        heads.iter().position(|head| head.trim_ascii() == name)
    };
    let (text, id) = match reader.byte_headers() {
        Ok(heads) => (find(heads, column), find(heads, "id")),
        Err(error) => return Piece::Fault(fault(&place, error, 0)),
    };
    let Some(text) = text else {
        let why = format!(
            "it has no column {column}; name the letters' column with --text-column; it was left out"
        );
        return place.fault("no_text_column", &why);
    };
    Piece::Inner(Box::new(Records {
        reader,
        left,
        most,
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
    reader: Reader<Stream>,
    /// How many bytes may be read for the next record.
    left: Arc<AtomicU64>,
    most: u64,
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
        self.left.store(self.most, Relaxed);
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => {
                self.done = true;
                return None;
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

fn fault(place: &Place, error: ::csv::Error, row: u64) -> Fault {
    let done = format!("the rows before row {row} were read");
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => Fault::of_io(place.source.as_str(), &error, &done),
        kind => {
            let source = &place.source;
            let message = format!("cannot read {source}: {kind:?}; {done}");
            Fault::new(source.as_str(), "invalid_csv", message)
        }
    }
}

/// A stream of which only so much may be read for a record.
struct Bounded {
    stream: Stream,
    left: Arc<AtomicU64>,
    most: u64,
}

impl Read for Bounded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.stream.read(into)?;
        let left = self.left.load(Relaxed);
        if n as u64 > left {
            return Err(Stop::Row(self.most).into());
        }
        self.left.store(left - n as u64, Relaxed);
        Ok(n)
    }
}
