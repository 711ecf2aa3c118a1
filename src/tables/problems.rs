//! `problems`: whatever did not go cleanly.

use super::cell::{Enum, Int, Text, table};
use super::offset;
use crate::letter::{Problem, Severity};

table! {
    /// One row for each thing that did not go cleanly in reading a document.
    problems {
        /// The letter; NULL where the document could not be read at all.
        letter_id: Option<Text> [refers letters],
        /// The document, as in `letters.source`.
        source: Text,
        /// `error` where something is lost, `warning` where a value is in doubt.
        severity: Enum<Severity>,
        /// What kind of problem: a stable snake_case name.
        code: Text,
        /// What, where, and what was done about it.
        message: Text,
        /// Where it begins in `letters.text`, if it has a place there.
        start_char: Option<Int>,
        /// Where it ends, exclusive.
        end_char: Option<Int>,
    }
}

impl Builder {
    /// Adds one problem of a document.
    pub fn add(&mut self, letter_id: Option<&str>, source: &str, problem: &Problem) {
        self.push(Row {
            letter_id,
            source,
            severity: problem.severity,
            code: problem.code,
            message: &problem.message,
            start_char: problem.span.map(|s| offset(s.start)),
            end_char: problem.span.map(|s| offset(s.end)),
        });
    }
}
