//! Documents → letters' rows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{ArrayRef, FixedSizeBinaryBuilder, UInt32Builder};
use datafusion::physical_plan::metrics::Time;
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use crate::letter::{self, Letter, Problem, Severity, Status};
use crate::source::{self, Document, Fault, Format, Found};
use crate::tables::nested::{Builders, Item};
use crate::tables::{Digest, Id};

/// A share of all letters, always the same ones: those whose keys, which are hashes, are low.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    share: f64,
    highest: u64,
}

impl Sample {
    /// Of all letters so many: 0.01 is one in a hundred. `None` where that is no share.
    pub fn new(share: f64) -> Option<Self> {
        let some = share > 0.0 && share <= 1.0;
        // A float converts to the nearest integer in range, so that 1.0 takes every key.
        let highest = (share * 2f64.powi(64)) as u64;
        some.then_some(Self { share, highest })
    }

    /// Which share it is.
    pub fn share(self) -> f64 {
        self.share
    }

    fn has(self, id: Id) -> bool {
        self.has_key(id.number())
    }

    /// Whether the letter of this key is in the sample.
    pub fn has_key(self, key: u64) -> bool {
        key <= self.highest
    }
}

/// How a letter's document was read: the same bytes give the same rows only if they are read alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading(pub u32);

impl Reading {
    /// The text of one letter among several.
    const PIECE: u32 = 3;

    /// Of what is no letter.
    pub const NONE: Self = Self(0);

    fn of_document(format: Format) -> Self {
        Self(match format {
            Format::Text => 0,
            Format::Html => 1,
            Format::Pdf => 2,
        })
    }

    /// Of one letter among several, in a document with these problems.
    fn of_piece(met: &[Problem]) -> Self {
        if met.is_empty() {
            return Self(Self::PIECE);
        }
        let mut hash = Sha256::new();
        for problem in met {
            hash.update(problem.code);
            hash.update(&problem.message);
        }
        let hash: Digest = hash.finalize().into();
        let [a, b, c, d, ..] = hash;
        Self(u32::from_be_bytes([a | 0x80, b, c, d]))
    }
}

/// Letters whose rows a dataset has already, by key, with how they were read.
pub type Known = FxHashMap<u64, Reading>;

/// Where the rows gathered come from, one entry a row.
#[derive(Default)]
pub struct Trace {
    input: UInt32Builder,
    reading: UInt32Builder,
    sha256: Option<FixedSizeBinaryBuilder>,
}

impl Trace {
    /// Adds a row: its file's place among the inputs, and the SHA-256 of that file if it is one document.
    fn add(&mut self, input: usize, sha256: Option<&Digest>, reading: Reading) {
        self.input
            .append_value(u32::try_from(input).unwrap_or(u32::MAX));
        self.reading.append_value(reading.0);
        let hashes = self
            .sha256
            .get_or_insert_with(|| FixedSizeBinaryBuilder::new(32));
        match sha256 {
            // A digest has the width of the column.
            Some(sha256) => drop(hashes.append_value(sha256)),
            None => hashes.append_null(),
        }
    }

    /// The columns of the rows gathered; the trace is empty after it.
    pub fn finish(&mut self) -> [ArrayRef; 3] {
        let hashes = self.sha256.take();
        let mut hashes = hashes.unwrap_or_else(|| FixedSizeBinaryBuilder::new(32));
        [
            Arc::new(self.input.finish()),
            Arc::new(self.reading.finish()),
            Arc::new(hashes.finish()),
        ]
    }
}

/// Reads documents into rows.
pub struct Reader {
    pub rows: Builders,
    pub trace: Trace,
    sample: Option<Sample>,
    /// Letters that are not parsed again: their rows have the key and the source only.
    known: Option<Arc<Known>>,
    /// Where the time goes.
    parse_time: Time,
    build_time: Time,
}

impl Reader {
    pub fn new(rows: Builders, sample: Option<Sample>, parse_time: Time, build_time: Time) -> Self {
        Self {
            rows,
            trace: Trace::default(),
            sample,
            known: None,
            parse_time,
            build_time,
        }
    }

    /// Does not parse these letters.
    pub fn knowing(mut self, known: Option<Arc<Known>>) -> Self {
        self.known = known;
        self
    }

    /// Takes what was found. This never fails: whatever happens is in the rows.
    pub fn take(&mut self, found: Found) {
        let rows = self.rows.rows();
        let (sha256, readings) = match found.document {
            Ok(document) => {
                let sha256 = Sha256::digest(&document.bytes).into();
                let reading = self.take_document(&document, &sha256);
                (Some(sha256), reading)
            }
            Err(fault) => {
                self.take_fault(fault);
                (None, Reading::NONE)
            }
        };
        let sha256 = sha256.filter(|_| found.is_whole);
        for _ in rows..self.rows.rows() {
            self.trace.add(found.input, sha256.as_ref(), readings);
        }
    }

    fn take_fault(&mut self, fault: Fault) {
        let problem = Problem {
            severity: Severity::Error,
            code: fault.code,
            message: fault.message,
            span: None,
        };
        self.rows.add_unreadable(&fault.source, &problem);
    }

    /// Takes the letters of a document, and tells how they were read.
    fn take_document(&mut self, document: &Document, sha256: &Digest) -> Reading {
        let id = Id::of_hash(sha256);
        let reading = Reading::of_document(document.format);
        let source = &document.source;
        // The same bytes were one letter when they were read before.
        if self.is_known(id, reading) {
            self.take_known(id, source);
            return reading;
        }
        let decoded = document.decode();
        let Some(text) = decoded.text else {
            self.take_letter(id, source, None, decoded.problems);
            return reading;
        };
        let parts = letter::split(&text);
        if parts.len() < 2 {
            self.take_letter(id, source, Some(&text), decoded.problems);
            return reading;
        }
        let reading = Reading::of_piece(&decoded.problems);
        let pieces = parts.into_iter().filter_map(|range| text.get(range));
        for (n, piece) in pieces.enumerate() {
            let source = format!("{source}#{}", n + 1);
            let id = Id::of(piece.as_bytes());
            match self.is_known(id, reading) {
                true => self.take_known(id, &source),
                false => self.take_letter(id, &source, Some(piece), decoded.problems.clone()),
            }
        }
        reading
    }

    fn is_known(&self, id: Id, reading: Reading) -> bool {
        let known = self.known.as_ref();
        known.is_some_and(|known| known.get(&id.number()) == Some(&reading))
    }

    /// Takes a letter whose rows are known.
    fn take_known(&mut self, id: Id, source: &str) {
        if self.sample.is_none_or(|s| s.has(id)) {
            self.rows.add(&Item {
                letter_id: id.as_str(),
                source,
                text: None,
                letter: &rejected(),
            });
        }
    }

    /// Takes one letter, with what was met before it was parsed.
    fn take_letter(&mut self, id: Id, source: &str, text: Option<&str>, met: Vec<Problem>) {
        if self.sample.is_some_and(|s| !s.has(id)) {
            return;
        }
        debug_assert!(
            met.iter().all(|p| source::reading_code(p.code).is_some()),
            "{met:?}"
        );
        let timer = self.parse_time.timer();
        let letter = match text {
            Some(text) if self.rows.need_parsing() => parse(text),
            _ => rejected(),
        };
        drop(timer);
        let timer = self.build_time.timer();
        self.rows.add(&Item {
            letter_id: id.as_str(),
            source,
            text,
            letter: &explained(letter, met),
        });
        drop(timer);
    }
}

/// Adds what was met before a letter was parsed to its problems. A rejected letter has one that says why.
pub fn explained(mut letter: Letter, mut met: Vec<Problem>) -> Letter {
    met.append(&mut letter.problems);
    letter.problems = met;
    let explained = letter
        .problems
        .iter()
        .any(|p| p.severity == Severity::Error);
    if letter.status == Status::Rejected && !explained {
        letter.problems.push(Problem {
            severity: Severity::Error,
            code: "not_an_imr_letter",
            message: "no layout of an IMR letter was recognised; it was rejected".to_owned(),
            span: None,
        });
    }
    letter
}

/// Parses a letter. A letter that a fault of the parser would stop at must not stop the others.
pub fn parse(text: &str) -> Letter {
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

/// A letter in which nothing was recognised.
pub fn rejected() -> Letter {
    Letter {
        layout: None,
        status: Status::Rejected,
        case: None,
        problems: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_a_share_of_the_keys() {
        assert_eq!([0.0, -1.0, 1.5, f64::NAN].map(Sample::new), [None; 4]);
        let ids: Vec<Id> = (0..4000u32).map(|n| Id::of(&n.to_le_bytes())).collect();
        let count = |share| {
            let sample = Sample::new(share).unwrap();
            ids.iter().filter(|id| sample.has(**id)).count()
        };
        assert_eq!(count(1.0), 4000);
        assert!((800..1200).contains(&count(0.25)), "{}", count(0.25));
    }

    #[test]
    fn a_rejected_letter_says_why() {
        let letter = explained(rejected(), Vec::new());
        assert_eq!(letter.problems[0].code, "not_an_imr_letter");
    }
}
