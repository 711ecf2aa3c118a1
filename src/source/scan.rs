//! Going through the inputs: the scan cuts them into units of work, and whoever takes a unit reads it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::vec;

use super::document::Document;
use super::fault::Fault;
use super::find::{Input, Lies};
use super::kind::{self, HEAD, Kind};
use super::open::{self as opening, Container, Context, Piece, Place, Weight, open_at, unreadable};
use super::stream::{At, Counted};
use super::{Inputs, Options};

/// About so many documents, or so many bytes, are a unit.
pub(super) const UNIT_DOCUMENTS: u64 = 64;
pub(super) const UNIT_BYTES: u64 = 1024 * 1024;

/// A cursor over all documents of the inputs, in their order, a unit at a time.
///
/// A step is cheap for files that are one document by their name, as their unit opens them; archives, tables
/// and the like are read and cut up by the step itself, so that several threads can parse what one stream
/// yields.
pub struct Scan {
    stack: Stack,
    context: Context,
    /// The file that is being gone through, by its place among the inputs.
    file: Arc<AtomicUsize>,
    /// Of the next unit.
    ordinal: u64,
    /// Bytes of the inputs that the units so far stand for.
    counted: u64,
}

/// Some documents that are read and parsed together. Its bounds depend on the inputs only.
pub struct Unit {
    /// Its place among the units.
    pub ordinal: u64,
    /// How many bytes of the inputs it stands for; over all units about the size of the inputs.
    pub bytes: u64,
    /// With the file of each, by its place among the inputs.
    pieces: Vec<(usize, Piece)>,
}

/// What was found at one place.
#[derive(Debug)]
pub struct Found {
    /// The file, by its place among the inputs.
    pub input: usize,
    /// Whether the document is all of that file.
    pub is_whole: bool,
    pub document: Result<Document, Fault>,
}

/// The documents of a unit, in their order.
pub struct Documents {
    pieces: vec::IntoIter<(usize, Piece)>,
    input: usize,
    stack: Stack,
}

/// How many files and members were passed over, by extension (`.doc`; empty for none). It counts on while
/// the units are read.
#[derive(Debug, Clone, Default)]
pub struct Skipped(Arc<Mutex<BTreeMap<String, u64>>>);

impl Skipped {
    pub(super) fn new(counts: BTreeMap<String, u64>) -> Self {
        Self(Arc::new(Mutex::new(counts)))
    }

    /// Counts a file of this name.
    pub(super) fn add(&self, name: &str) {
        let extension = kind::extension(name).map_or(String::new(), |e| format!(".{e}"));
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(extension).or_default() += 1;
    }

    /// The counts as they stand.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.clone()
    }
}

impl Scan {
    pub(super) fn new(inputs: &Inputs, options: &Options) -> Self {
        let context = Context {
            options: Arc::new(options.clone()),
            skipped: Skipped::new(inputs.skipped.clone()),
            consumed: Arc::default(),
            meter: None,
        };
        let file = Arc::default();
        let files = Files {
            files: Arc::clone(&inputs.files),
            next: 0,
            at: Arc::clone(&file),
            passed: 0,
            context: context.clone(),
        };
        Self {
            stack: Stack(vec![Box::new(files)]),
            context,
            file,
            ordinal: 0,
            counted: 0,
        }
    }

    /// The counts of what was passed over, once all units are read.
    pub fn skipped(&self) -> Skipped {
        self.context.skipped.clone()
    }
}

impl Iterator for Scan {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        let mut pieces = Vec::new();
        let mut weight = Weight::default();
        while weight.documents < UNIT_DOCUMENTS && weight.bytes < UNIT_BYTES {
            let Some(piece) = self.stack.next() else {
                break;
            };
            let more = match &piece {
                Piece::Document(document) | Piece::Whole(document) => Weight {
                    documents: 1,
                    bytes: document.bytes.len() as u64,
                },
                Piece::Fault(_) => Weight {
                    documents: 1,
                    bytes: 0,
                },
                Piece::Later(_, weight) => *weight,
                Piece::Inner(_) => Weight::default(),
            };
            weight.documents += more.documents;
            weight.bytes += more.bytes;
            pieces.push((self.file.load(Relaxed), piece));
        }
        let consumed = self.context.consumed.load(Relaxed);
        let bytes = consumed.saturating_sub(self.counted);
        if pieces.is_empty() {
            return None;
        }
        self.counted += bytes;
        let ordinal = self.ordinal;
        self.ordinal += 1;
        Some(Unit {
            ordinal,
            bytes,
            pieces,
        })
    }
}

impl Unit {
    /// Reads the documents, one after another.
    pub fn documents(self) -> Documents {
        Documents {
            pieces: self.pieces.into_iter(),
            input: 0,
            stack: Stack::default(),
        }
    }
}

impl Iterator for Documents {
    type Item = Found;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let piece = match self.stack.next() {
                Some(piece) => piece,
                None => {
                    let (input, piece) = self.pieces.next()?;
                    self.input = input;
                    piece
                }
            };
            let is_whole = matches!(piece, Piece::Whole(_));
            let document = match piece {
                Piece::Document(document) | Piece::Whole(document) => Ok(document),
                Piece::Fault(fault) => Err(fault),
                Piece::Inner(container) | Piece::Later(container, _) => {
                    self.stack.0.push(container);
                    continue;
                }
            };
            return Some(Found {
                input: self.input,
                is_whole,
                document,
            });
        }
    }
}

/// Containers within containers; the innermost, which is gone through first, is the last.
#[derive(Default)]
struct Stack(Vec<Box<dyn Container>>);

impl Stack {
    /// The next piece that is not to be gone through here.
    fn next(&mut self) -> Option<Piece> {
        loop {
            match self.0.last_mut()?.next() {
                Some(Piece::Inner(container)) => self.0.push(container),
                Some(piece) => return Some(piece),
                None => {
                    self.0.pop();
                }
            }
        }
    }
}

/// Goes through the files.
struct Files {
    files: Arc<[Input]>,
    next: usize,
    /// Tells which file is being gone through.
    at: Arc<AtomicUsize>,
    /// Bytes of the files gone through.
    passed: u64,
    context: Context,
}

impl Container for Files {
    fn next(&mut self) -> Option<Piece> {
        // The files before have been gone through, read or not.
        self.context.consumed.store(self.passed, Relaxed);
        let n = self.next;
        let file = self.files.get(n)?;
        self.at.store(n, Relaxed);
        self.next += 1;
        self.passed += file.size;
        let source = file.source();
        let place = Place::file(&source, file.named);
        Some(match &file.lies {
            Lies::Fault(fault) => place.fault("unreadable", &format!("{fault}; it was left out")),
            Lies::Stdin => {
                let stream = Counted::new(io::stdin(), Arc::clone(&self.context.consumed));
                opening::open(Box::new(stream), place, &self.context.uncounted())
            }
            Lies::Bytes(bytes) => open_at(At::Memory(bytes.clone()), place, &self.context),
            Lies::File if self.is_document(file) => {
                self.context.consumed.store(self.passed, Relaxed);
                let weight = Weight {
                    documents: 1,
                    bytes: file.size,
                };
                let file = OneFile {
                    files: Arc::clone(&self.files),
                    n: Some(n),
                    context: self.context.uncounted(),
                };
                Piece::Later(Box::new(file), weight)
            }
            Lies::File => match File::open(&file.path).and_then(At::file) {
                Ok(at) => open_at(at, place, &self.context),
                Err(error) => unreadable(place, &error),
            },
        })
    }
}

impl Files {
    /// Whether the file is one document by its name and size.
    fn is_document(&self, file: &Input) -> bool {
        file.is_document() && file.size <= self.context.options.limits.document
    }
}

/// A file that is one document by its name.
struct OneFile {
    files: Arc<[Input]>,
    n: Option<usize>,
    context: Context,
}

impl Container for OneFile {
    fn next(&mut self) -> Option<Piece> {
        let file = &self.files[self.n.take()?];
        Some(self.read(file))
    }
}

impl OneFile {
    /// Reads a document. What turns out to be something else by its content is opened as that.
    fn read(&self, file: &Input) -> Piece {
        let source = file.source();
        let most = self.context.options.limits.document;
        let mut bytes = Vec::with_capacity(file.size as usize + 1);
        let read =
            File::open(&file.path).and_then(|opened| opened.take(most + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            return unreadable(Place::file(&source, file.named), &error);
        }
        let head = &bytes[..bytes.len().min(HEAD)];
        let column = &self.context.options.text_column;
        match kind::of(head, &source, column) {
            Kind::Document(format) if bytes.len() as u64 <= most => Piece::Whole(Document {
                source: source.into_owned(),
                bytes,
                format,
            }),
            _ => {
                let at = At::Memory(bytes.into());
                open_at(at, Place::file(&source, file.named), &self.context)
            }
        }
    }
}
