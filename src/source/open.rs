//! From bytes to what they hold.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::document::{Document, Format};
use super::fault::{Fault, is_garbage};
use super::kind::{self, Kind};
use super::limits::Stop;
use super::meter::Meter;
use super::scan::Skipped;
use super::stream::{At, Counted, Peeked, Stream, gunzip, unzstd};
use super::{Options, csv, jsonl, parquet, tar, zip};

/// Something that holds documents, in their order.
pub(super) trait Container: Send {
    fn next(&mut self) -> Option<Piece>;
}

/// What a container holds.
pub(super) enum Piece {
    Document(Document),
    /// A document that is all of its file.
    Whole(Document),
    Fault(Fault),
    /// A container, to be gone through here and now.
    Inner(Box<dyn Container>),
    /// A container of about so many documents and bytes, to be gone through by whoever has time.
    Later(Box<dyn Container>, Weight),
}

/// How much work something is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub documents: u64,
    pub bytes: u64,
}

/// What all that is read shares.
#[derive(Clone)]
pub(super) struct Context {
    pub options: Arc<Options>,
    pub skipped: Skipped,
    /// Bytes of the inputs that the scan has gone through.
    pub consumed: Arc<AtomicU64>,
    /// Measures the compressed stream that is being opened.
    pub meter: Option<Meter>,
}

impl Context {
    /// For what lies in an input that is counted already.
    pub(super) fn uncounted(&self) -> Self {
        Self {
            consumed: Arc::default(),
            meter: None,
            ..self.clone()
        }
    }
}

/// Where something lies.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Its name in the dataset.
    pub source: String,
    /// The name that tells what it holds: the last part of its path.
    pub name: String,
    /// Whether it was named on the command line, not found in a folder or an archive.
    pub named: bool,
    /// The archives that it lies in.
    pub depth: u8,
    /// Whether it is what a compressed file holds.
    pub unpacked: bool,
}

impl Place {
    /// A file.
    pub(super) fn file(source: &str, named: bool) -> Self {
        Self {
            source: source.to_owned(),
            name: last_part(source).to_owned(),
            named,
            depth: 0,
            unpacked: false,
        }
    }

    /// A member of the archive that lies here.
    pub(super) fn member(&self, member: &str) -> Self {
        Self {
            source: format!("{}!{member}", self.source),
            name: last_part(member).to_owned(),
            named: false,
            depth: self.depth + 1,
            unpacked: false,
        }
    }

    /// What the compressed file holds that lies here.
    fn unpack(mut self) -> Self {
        self.name = kind::unpacked_name(&self.name).unwrap_or_default();
        self.unpacked = true;
        self
    }

    /// Its name in the dataset if it is a document.
    fn document(self) -> String {
        match self.unpacked && !self.name.is_empty() {
            true => format!("{}!{}", self.source, self.name),
            false => self.source,
        }
    }

    pub(super) fn fault(self, code: &'static str, why: &str) -> Piece {
        let message = format!("cannot read {}: {why}", self.source);
        Piece::Fault(Fault::new(self.source, code, message))
    }

    /// What lies here goes beyond a limit; `advice` says what to do but raise that.
    pub(super) fn stopped(self, stop: Stop, advice: &str) -> Piece {
        let why = format!("{stop}; {advice}, or raise the limit; it was left out");
        self.fault(stop.code(), &why)
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Opens a file, or what is held in memory.
pub(super) fn open_at(at: At, place: Place, context: &Context) -> Piece {
    let head = Peeked::new(Box::new(at.stream()));
    let kind = match &head {
        Ok(peeked) => kind::of(&peeked.head, &place.name, &context.options.text_column),
        Err(error) => return unreadable(place, error),
    };
    match kind {
        Kind::Zip => zip::open(at, place, context),
        Kind::Parquet => parquet::open(at, place, context),
        _ => {
            let counted = Counted::new(at.stream(), Arc::clone(&context.consumed));
            open(Box::new(counted), place, &context.uncounted())
        }
    }
}

/// Opens a stream.
pub(super) fn open(stream: Stream, place: Place, context: &Context) -> Piece {
    let peeked = match Peeked::new(stream) {
        Ok(peeked) => peeked,
        Err(error) => return unreadable(place, &error),
    };
    let options = &context.options;
    let limits = &options.limits;
    let kind = kind::of(&peeked.head, &place.name, &options.text_column);
    if kind::is_json(&place.name) && kind != Kind::JsonLines && is_text(kind) {
        if place.named {
            return place.fault("invalid_json", NOT_JSON_LINES);
        }
        context.skipped.add(&place.name);
        return Piece::Inner(Box::new(Pieces(Vec::new())));
    }
    match kind {
        Kind::Document(format) => read(peeked, format, place, context),
        Kind::JsonLines => jsonl::open(peeked, place, context),
        Kind::Csv(separator) => csv::open(peeked, separator, place, context),
        Kind::Gzip | Kind::Zstd if place.unpacked => place.fault(
            "nested_too_deeply",
            "it was compressed twice; unpack it once",
        ),
        Kind::Gzip => expanded(gunzip(peeked.whole(), limits), place, context),
        Kind::Zstd => expanded(unzstd(peeked.whole(), limits), place, context),
        Kind::Tar | Kind::Zip if place.depth >= limits.depth => {
            place.stopped(Stop::Depth(limits.depth), "unpack the outermost")
        }
        Kind::Tar => tar::open(Box::new(peeked.whole()), place, context),
        Kind::Zip | Kind::Parquet => match peeked.read(limits.held) {
            (_, Some(error)) => unreadable(place, &error),
            (bytes, None) if bytes.len() as u64 > limits.held => {
                place.stopped(Stop::Held(limits.held), "name the file itself")
            }
            (bytes, None) => {
                let at = At::Memory(bytes.into());
                match kind {
                    Kind::Zip => zip::open(at, place, context),
                    _ => parquet::open(at, place, context),
                }
            }
        },
    }
}

/// Opens what a compressed stream expands to.
fn expanded(opened: io::Result<(Stream, Meter)>, place: Place, context: &Context) -> Piece {
    match opened {
        Ok((stream, meter)) => {
            let meter = Some(meter);
            let context = Context {
                meter,
                ..context.clone()
            };
            open(stream, place.unpack(), &context)
        }
        Err(error) => unreadable(place, &error),
    }
}

/// Why a `.json` file is not read.
const NOT_JSON_LINES: &str = "it is not JSON Lines, an object with the letter on each line; \
    `jq -c '.[]'` makes that of an array";

fn is_text(kind: Kind) -> bool {
    kind == Kind::Document(Format::Text)
}

/// Reads a document.
fn read(peeked: Peeked, format: Format, place: Place, context: &Context) -> Piece {
    let most = context.options.limits.document;
    let (bytes, error) = peeked.read(most);
    let garbage = match error {
        // The document itself was read whole.
        Some(error) if is_garbage(&error) => Some(Piece::Fault(Fault::of_io(
            place.source.as_str(),
            &error,
            "what stands before them was read",
        ))),
        Some(error) => return unreadable(place, &error),
        None => None,
    };
    if bytes.len() as u64 > most {
        return too_large(place, most);
    }
    let document = Piece::Document(Document {
        source: place.document(),
        bytes,
        format,
    });
    match garbage {
        None => document,
        Some(garbage) => Piece::Inner(Box::new(Pieces(vec![garbage, document]))),
    }
}

pub(super) fn too_large(place: Place, most: u64) -> Piece {
    place.stopped(Stop::Document(most), "split it into a file a letter")
}

pub(super) fn unreadable(place: Place, error: &io::Error) -> Piece {
    Piece::Fault(Fault::of_io(place.source, error, "it was left out"))
}

/// Holds some pieces, the first of them last.
struct Pieces(Vec<Piece>);

impl Container for Pieces {
    fn next(&mut self) -> Option<Piece> {
        self.0.pop()
    }
}

/// Reads and drops the rest of a stream.
pub(super) fn drain(stream: &mut impl Read) -> io::Result<u64> {
    io::copy(stream, &mut io::sink())
}
