//! Documents → letters' rows.

use std::panic::{AssertUnwindSafe, catch_unwind};

use datafusion::physical_plan::metrics::Time;

use crate::letter::{self, Letter, Problem, Severity, Status};
use crate::source::{Document, Fault};
use crate::tables::Id;
use crate::tables::nested::{Builders, Item};

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

/// Reads documents into rows.
pub struct Reader {
    pub rows: Builders,
    sample: Option<Sample>,
    /// Where the time goes.
    parse_time: Time,
    build_time: Time,
}

impl Reader {
    pub fn new(rows: Builders, sample: Option<Sample>, parse_time: Time, build_time: Time) -> Self {
        Self {
            rows,
            sample,
            parse_time,
            build_time,
        }
    }

    /// Takes what cannot be read.
    pub fn take_fault(&mut self, fault: Fault) {
        let problem = Problem {
            severity: Severity::Error,
            code: fault.code,
            message: fault.message,
            span: None,
        };
        self.rows.add_unreadable(&fault.source, &problem);
    }

    /// Takes the letters of a document. This never fails: whatever happens is in the rows.
    pub fn take(&mut self, document: &Document) {
        let decoded = document.decode();
        let Some(text) = decoded.text else {
            self.take_letter(&document.source, &document.bytes, None, decoded.problems);
            return;
        };
        let parts = letter::split(&text);
        if parts.len() < 2 {
            self.take_letter(
                &document.source,
                &document.bytes,
                Some(&text),
                decoded.problems,
            );
            return;
        }
        let pieces = parts.into_iter().filter_map(|range| text.get(range));
        for (n, piece) in pieces.enumerate() {
            let source = format!("{}#{}", document.source, n + 1);
            self.take_letter(
                &source,
                piece.as_bytes(),
                Some(piece),
                decoded.problems.clone(),
            );
        }
    }

    /// Takes one letter, with what was met before it was parsed.
    fn take_letter(&mut self, source: &str, bytes: &[u8], text: Option<&str>, met: Vec<Problem>) {
        let id = Id::of(bytes);
        if self.sample.is_some_and(|s| !s.has(id)) {
            return;
        }
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
