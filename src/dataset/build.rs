//! Building a dataset: documents are read by several threads, and their rows are gathered and written
//! in the order of the inputs, so that the same letters give the same bytes on any number of threads.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::manifest::{MANIFEST, Manifest};
use super::stage::Stage;
use super::summary::{Summary, Tally};
use super::write::TableWriter;
use super::{Error, io_error};
use crate::letter::{self, Letter, Problem, Severity, Status};
use crate::source::{self, Document, Fault, Inputs, Scan, Unit};
use crate::tables::reviewers::Reviewers;
use crate::tables::{Builders, Item, TABLES, letter_id};

/// How a dataset is built.
#[derive(Debug, Clone)]
pub struct Options {
    /// The dataset's folder.
    pub out: PathBuf,
    /// Whether a dataset that is there already is replaced.
    pub overwrite: bool,
    /// The number of reading threads.
    pub jobs: NonZeroUsize,
    /// What is read of the inputs.
    pub source: source::Options,
}

/// How far a build is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub documents: u64,
    /// Bytes of the inputs.
    pub bytes: u64,
}

/// Rows of `letters` in a batch, and bytes of their text: whichever is reached first.
const BATCH_LETTERS: usize = 1024;
const BATCH_BYTES: usize = 32 * 1024 * 1024;

/// Builds the dataset of `inputs`. It appears whole or not at all.
pub fn build(
    inputs: &Inputs,
    options: &Options,
    mut progress: impl FnMut(Progress),
) -> Result<Summary, Error> {
    let begun = Instant::now();
    let stage = Stage::open(&options.out, options.overwrite)?;
    let dir = stage.path();
    let mut gatherer = Gatherer::create(&dir)?;
    let scan = inputs.scan(&options.source);
    let skipped = scan.skipped();
    let mut done = Progress::default();
    for_each_in_order(scan, options.jobs, |bytes, readings| {
        done.documents += readings.len() as u64;
        done.bytes += bytes;
        for (source, findings) in readings {
            gatherer.take(&source, findings)?;
        }
        progress(done);
        Ok(())
    })?;
    let (mut summary, manifest) = gatherer.finish()?;
    summary.skipped = skipped.counts();
    let path = dir.join(MANIFEST);
    manifest
        .to_json()
        .map_err(std::io::Error::from)
        .and_then(|json| write_synced(&path, &json))
        .map_err(io_error("cannot write", &path))?;
    stage.commit()?;
    summary.seconds = begun.elapsed().as_secs_f64();
    summary.letters_per_second = summary.letters.read as f64 / summary.seconds.max(1e-9);
    Ok(summary)
}

fn write_synced(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.sync_all()
}

/// The documents of a unit by name, with what was found in each.
type Readings = Vec<(String, Vec<Finding>)>;

/// Reads the documents on `jobs` threads and hands what was found in a unit, with the bytes it stands for,
/// to `take` in the order of the units.
fn for_each_in_order(
    scan: Scan,
    jobs: NonZeroUsize,
    mut take: impl FnMut(u64, Readings) -> Result<(), Error>,
) -> Result<(), Error> {
    let scan = &Mutex::new(scan);
    let next = || {
        let mut scan = scan.lock().unwrap_or_else(PoisonError::into_inner);
        scan.next()
    };
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(jobs.get());
        for _ in 0..jobs.get() {
            let sender = sender.clone();
            scope.spawn(move || {
                while let Some(unit) = next() {
                    let (ordinal, bytes) = (unit.ordinal, unit.bytes);
                    // The receiver is gone when the build has failed.
                    if sender.send((ordinal, bytes, read(unit))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut ordinal = 0;
        for (n, bytes, readings) in receiver {
            early.insert(n, (bytes, readings));
            while let Some((bytes, readings)) = early.remove(&ordinal) {
                take(bytes, readings)?;
                ordinal += 1;
            }
        }
        if early.is_empty() {
            Ok(())
        } else {
            Err(Error::WorkerLost)
        }
    })
}

/// What reading a document gave: one of these for each letter in it.
enum Finding {
    Unreadable(Problem),
    Letter(Box<Reading>),
}

/// A letter that was read.
struct Reading {
    letter_id: String,
    text: Option<String>,
    letter: Letter,
}

/// Reads the documents of a unit. This never fails: whatever happens is a finding.
fn read(unit: Unit) -> Readings {
    unit.documents()
        .map(|document| match document {
            Ok(document) => (document.source.clone(), read_document(&document)),
            Err(fault) => (fault.source.clone(), vec![unreadable(fault)]),
        })
        .collect()
}

fn unreadable(fault: Fault) -> Finding {
    Finding::Unreadable(Problem {
        severity: Severity::Error,
        code: fault.code,
        message: fault.message,
        span: None,
    })
}

fn read_document(document: &Document) -> Vec<Finding> {
    let decoded = document.decode();
    let Some(text) = decoded.text else {
        return vec![finding(
            letter_id(&document.bytes),
            None,
            rejected(),
            decoded.problems,
        )];
    };
    let parts = letter::split(&text);
    let pieces = parts.iter().filter_map(|range| text.get(range.clone()));
    let pieces: Vec<&str> = match parts.len() {
        0 | 1 => vec![&text],
        _ => pieces.collect(),
    };
    let alone = pieces.len() == 1;
    pieces
        .into_iter()
        .map(|piece| {
            let bytes = if alone {
                &document.bytes
            } else {
                piece.as_bytes()
            };
            let problems = decoded.problems.clone();
            finding(letter_id(bytes), Some(piece), parse(piece), problems)
        })
        .collect()
}

/// A letter with what was met before it was parsed.
fn finding(
    letter_id: String,
    text: Option<&str>,
    mut letter: Letter,
    mut problems: Vec<Problem>,
) -> Finding {
    problems.append(&mut letter.problems);
    let explained = problems.iter().any(|p| p.severity == Severity::Error);
    if letter.status == Status::Rejected && !explained {
        problems.push(Problem {
            severity: Severity::Error,
            code: "not_an_imr_letter",
            message: "no layout of an IMR letter was recognised; it was rejected".to_owned(),
            span: None,
        });
    }
    letter.problems = problems;
    Finding::Letter(Box::new(Reading {
        letter_id,
        text: text.map(str::to_owned),
        letter,
    }))
}

/// Parses a letter. A letter that a fault of the parser would stop at must not stop the others.
fn parse(text: &str) -> Letter {
    catch_unwind(AssertUnwindSafe(|| letter::parse(text))).unwrap_or_else(|_| {
        let mut letter = rejected();
        letter.problems.push(Problem {
            severity: Severity::Error,
            code: "parser_failed",
            message: "the parser stopped at this letter, which is a bug in it; it was rejected"
                .to_owned(),
            span: None,
        });
        letter
    })
}

fn rejected() -> Letter {
    Letter {
        layout: None,
        status: Status::Rejected,
        case: None,
        problems: Vec::new(),
    }
}

/// Gathers letters into batches and writes them.
struct Gatherer {
    writers: Vec<TableWriter>,
    builders: Builders,
    reviewers: Reviewers,
    /// Where each letter was met first.
    seen: HashMap<String, String>,
    tally: Tally,
    letters: usize,
    bytes: usize,
}

impl Gatherer {
    fn create(dir: &std::path::Path) -> Result<Self, Error> {
        let writers = TABLES.into_iter().map(|t| TableWriter::create(dir, t));
        Ok(Self {
            writers: writers.collect::<Result<_, _>>()?,
            builders: Builders::default(),
            reviewers: Reviewers::default(),
            seen: HashMap::new(),
            tally: Tally::default(),
            letters: 0,
            bytes: 0,
        })
    }

    /// Takes the findings of a document.
    fn take(&mut self, document: &str, findings: Vec<Finding>) -> Result<(), Error> {
        let of_several = findings.len() > 1;
        for (part, finding) in findings.into_iter().enumerate() {
            let source = match of_several {
                true => format!("{document}#{}", part + 1),
                false => document.to_owned(),
            };
            self.tally.letters.read += 1;
            match finding {
                Finding::Unreadable(problem) => {
                    self.tally.letters.unreadable += 1;
                    self.problem(None, &source, &problem);
                }
                Finding::Letter(reading) => {
                    self.take_letter(&source, &reading)?;
                }
            }
        }
        Ok(())
    }

    fn take_letter(&mut self, source: &str, reading: &Reading) -> Result<(), Error> {
        let id = &reading.letter_id;
        if let Some(first) = self.seen.get(id) {
            self.tally.letters.duplicates += 1;
            let problem = Problem {
                severity: Severity::Warning,
                code: "duplicate_document",
                message: format!("the same bytes as {first}; it was left out"),
                span: None,
            };
            self.problem(Some(id), source, &problem);
            return Ok(());
        }
        self.seen.insert(id.clone(), source.to_owned());
        let text = reading.text.as_deref();
        let item = Item {
            letter_id: id,
            source,
            text,
            letter: &reading.letter,
        };
        self.tally.letter(&reading.letter);
        self.builders.add(&item, &mut self.reviewers);
        self.letters += 1;
        self.bytes += text.map_or(0, str::len);
        if self.letters >= BATCH_LETTERS || self.bytes >= BATCH_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Notes a problem of a document that gives no row of `letters`.
    fn problem(&mut self, letter_id: Option<&str>, source: &str, problem: &Problem) {
        self.tally.problem(problem);
        self.builders.add_problem(letter_id, source, problem);
    }

    /// Writes what is gathered.
    fn flush(&mut self) -> Result<(), Error> {
        let batches = self.builders.finish()?;
        for (writer, batch) in self.writers.iter_mut().zip(&batches) {
            writer.write(batch)?;
        }
        (self.letters, self.bytes) = (0, 0);
        Ok(())
    }

    /// Writes the rest and counts everything up.
    fn finish(mut self) -> Result<(Summary, Manifest), Error> {
        self.builders.add_reviewers(&self.reviewers);
        self.flush()?;
        let letters = self.tally.letters;
        if letters.read != letters.sum() {
            let (inputs, counted) = (letters.read, letters.sum());
            return Err(Error::Miscounted { inputs, counted });
        }
        let tables = self.writers.into_iter().map(TableWriter::finish);
        let tables: Vec<_> = tables.collect::<Result<_, _>>()?;
        let rows = tables.iter().map(|t| (t.name.clone(), t.rows));
        let files = tables.iter().flat_map(|t| &t.files);
        let summary = Summary {
            letters,
            cases: self.tally.cases,
            decisions: self.tally.decisions,
            overturn_rate: self.tally.rate(),
            overturn_by_weaning: self.tally.rates_by_weaning(),
            problems: self.tally.problems(),
            skipped: BTreeMap::new(),
            rows: rows.collect(),
            bytes: files.map(|f| f.bytes).sum(),
            seconds: 0.0,
            letters_per_second: 0.0,
        };
        Ok((summary, Manifest::new(letters, tables)))
    }
}
