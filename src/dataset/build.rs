//! Building a dataset: documents are read by several threads, and their rows are gathered and written
//! in the order of the inputs, so that the same letters give the same bytes on any number of threads.

use std::collections::HashMap;
use std::fs;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use super::manifest::{MANIFEST, Manifest};
use super::stage::Stage;
use super::summary::{Summary, Tally};
use super::write::TableWriter;
use super::{Error, io_error};
use crate::letter::{self, Letter, Problem, Severity, Status};
use crate::source::decode::decode;
use crate::source::{Input, Inputs};
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
}

/// How far a build is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub documents: u64,
    pub of: u64,
}

/// Documents that a thread reads at a time.
const CHUNK: usize = 16;

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
    let mut gatherer = Gatherer::create(&dir, inputs)?;
    let of = inputs.documents.len() as u64;
    for_each_in_order(&inputs.documents, options.jobs, |n, findings| {
        gatherer.take(n, findings)?;
        let documents = n as u64 + 1;
        progress(Progress { documents, of });
        Ok(())
    })?;
    let (mut summary, manifest) = gatherer.finish()?;
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

/// Reads the documents on `jobs` threads and hands what was found to `take` in their order.
///
/// The threads take the chunks in turn, and each may be but one chunk ahead of `take`: this bounds
/// the memory, whatever the size of the corpus.
fn for_each_in_order(
    documents: &[Input],
    jobs: NonZeroUsize,
    mut take: impl FnMut(usize, Vec<Finding>) -> Result<(), Error>,
) -> Result<(), Error> {
    type Chunk = Vec<Vec<Finding>>;
    let chunks = documents.len().div_ceil(CHUNK);
    let jobs = jobs.get().min(chunks.max(1));
    thread::scope(|scope| {
        let receivers: Vec<Receiver<Chunk>> = (0..jobs)
            .map(|job| {
                let (sender, receiver): (SyncSender<Chunk>, _) = sync_channel(1);
                scope.spawn(move || {
                    for chunk in documents.chunks(CHUNK).skip(job).step_by(jobs) {
                        // The receiver is gone when the build has failed.
                        if sender.send(chunk.iter().map(read).collect()).is_err() {
                            return;
                        }
                    }
                });
                receiver
            })
            .collect();
        for chunk in 0..chunks {
            let findings = receivers[chunk % jobs]
                .recv()
                .map_err(|_| Error::WorkerLost)?;
            for (n, findings) in findings.into_iter().enumerate() {
                take(chunk * CHUNK + n, findings)?;
            }
        }
        Ok(())
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

/// Reads one document. This never fails: whatever happens is a finding.
fn read(input: &Input) -> Vec<Finding> {
    let document = match input.read() {
        Ok(document) => document,
        Err(fault) => {
            return vec![Finding::Unreadable(Problem {
                severity: Severity::Error,
                code: "unreadable",
                message: format!("cannot read {}: {fault}; it was left out", input.source()),
                span: None,
            })];
        }
    };
    let decoded = decode(&document.bytes);
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
struct Gatherer<'a> {
    inputs: &'a Inputs,
    writers: Vec<TableWriter>,
    builders: Builders,
    reviewers: Reviewers,
    /// Where each letter was met first: its document, and its place in that.
    seen: HashMap<String, (u32, u32)>,
    tally: Tally,
    letters: usize,
    bytes: usize,
}

impl<'a> Gatherer<'a> {
    fn create(dir: &std::path::Path, inputs: &'a Inputs) -> Result<Self, Error> {
        let writers = TABLES.into_iter().map(|t| TableWriter::create(dir, t));
        Ok(Self {
            inputs,
            writers: writers.collect::<Result<_, _>>()?,
            builders: Builders::default(),
            reviewers: Reviewers::default(),
            seen: HashMap::new(),
            tally: Tally::default(),
            letters: 0,
            bytes: 0,
        })
    }

    /// Takes the findings of the `n`th document.
    fn take(&mut self, n: usize, findings: Vec<Finding>) -> Result<(), Error> {
        let of_several = findings.len() > 1;
        for (part, finding) in findings.into_iter().enumerate() {
            let source = self.source(n, of_several.then_some(part));
            self.tally.letters.read += 1;
            match finding {
                Finding::Unreadable(problem) => {
                    self.tally.letters.unreadable += 1;
                    self.problem(None, &source, &problem);
                }
                Finding::Letter(reading) => {
                    let place = (n as u32, if of_several { part as u32 } else { WHOLE });
                    self.take_letter(&source, place, &reading)?;
                }
            }
        }
        Ok(())
    }

    fn take_letter(
        &mut self,
        source: &str,
        place: (u32, u32),
        reading: &Reading,
    ) -> Result<(), Error> {
        let id = &reading.letter_id;
        if let Some(&(n, part)) = self.seen.get(id) {
            self.tally.letters.duplicates += 1;
            let first = self.source(n as usize, (part != WHOLE).then_some(part as usize));
            let problem = Problem {
                severity: Severity::Warning,
                code: "duplicate_document",
                message: format!("the same bytes as {first}; it was left out"),
                span: None,
            };
            self.problem(Some(id), source, &problem);
            return Ok(());
        }
        self.seen.insert(id.clone(), place);
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

    /// The `n`th document's name in the dataset; of several letters in it, that of the `part`th.
    fn source(&self, n: usize, part: Option<usize>) -> String {
        let source = self.inputs.documents[n].source();
        match part {
            None => source.into_owned(),
            Some(part) => format!("{source}#{}", part + 1),
        }
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
            skipped: self.inputs.skipped.clone(),
            rows: rows.collect(),
            bytes: files.map(|f| f.bytes).sum(),
            seconds: 0.0,
            letters_per_second: 0.0,
        };
        Ok((summary, Manifest::new(letters, tables)))
    }
}

/// The place in its document of a letter that is the whole of it.
const WHOLE: u32 = u32::MAX;
