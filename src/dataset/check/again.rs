//! Reads letters again from their texts, and compares every value of every table with what that gives.
//!
//! This is done beside the walk through the tables, some letters at a time on a thread of their own, so
//! that memory is bounded by the letters that are in work.

use std::collections::{HashSet, VecDeque};
use std::num::NonZeroUsize;
use std::thread::{self, JoinHandle};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::super::manifest::{EXTRACTION, Manifest};
use super::super::read::{Sample, explained, parse, rejected};
use super::super::{Dataset, Error};
use super::rows::{Row, runs};
use super::{Check, EXAMPLES, Report, Rule};
use crate::letter::{Problem, Severity};
use crate::source::reading_code;
use crate::tables::nested::{Builders, Column, Item};
use crate::tables::split::{Tables, profiles};
use crate::tables::{
    TABLES, Table, cases, citations, decisions, evidence, letters, number, problems, reviewers,
    weaning_mentions,
};

/// Letters that are compared together: so many, or those with so much text.
const LETTERS: usize = 64;
const BYTES: usize = 8 * 1024 * 1024;

/// Which letters are read again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deep {
    /// All, or only these.
    pub sample: Option<Sample>,
}

/// What is to be known of a dataset that another parser has read: that its values may differ for that reason.
pub fn other_parser(dataset: &Dataset) -> Option<String> {
    let Manifest {
        version,
        extraction,
        ..
    } = &dataset.manifest;
    (extraction.as_deref() != Some(EXTRACTION)).then(|| {
        format!(
            "the letters were parsed by another version of the parser (that of imr {version}); \
             where this one reads a letter otherwise, that is a difference; `imr build --update` parses them anew"
        )
    })
}

/// A letter with its rows.
pub struct Stored {
    pub letter: Row,
    pub case: Vec<Row>,
    pub reviewer: Option<Row>,
    pub decisions: Vec<Row>,
    pub citations: Vec<Row>,
    pub mentions: Vec<Row>,
    /// But for that of a repeat.
    pub problems: Vec<Row>,
    pub evidence: Vec<Row>,
}

/// The letters that are read again.
pub struct Again {
    sample: Option<Sample>,
    /// Letters that wait for others to be compared with.
    waiting: Vec<Stored>,
    bytes: usize,
    /// Those that are being compared, in their order.
    working: VecDeque<JoinHandle<Result<Findings, ArrowError>>>,
    workers: usize,
    /// The profiles that stand as a letter has them.
    exact: HashSet<String>,
}

impl Again {
    pub fn new(deep: Deep) -> Self {
        Self {
            sample: deep.sample,
            waiting: Vec::new(),
            bytes: 0,
            working: VecDeque::new(),
            workers: thread::available_parallelism().map_or(1, NonZeroUsize::get),
            exact: HashSet::new(),
        }
    }

    /// Takes a letter, if it is one of those to be read again.
    pub fn take(&mut self, stored: Stored, report: &mut Report) -> Result<(), Error> {
        let key = number(stored.letter.id("letter_id"));
        if self.sample.is_some_and(|s| !s.has_key(key)) {
            return Ok(());
        }
        self.bytes += stored.letter.text("text").map_or(0, str::len);
        self.waiting.push(stored);
        if self.waiting.len() >= LETTERS || self.bytes >= BYTES {
            self.compare(report)?;
        }
        Ok(())
    }

    /// Has the letters compared that wait for it.
    fn compare(&mut self, report: &mut Report) -> Result<(), Error> {
        let letters = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        if self.working.len() >= self.workers {
            self.join(report)?;
        }
        let work = thread::Builder::new().spawn(move || compare(&letters));
        self.working.push_back(work.map_err(Error::Thread)?);
        Ok(())
    }

    /// Waits for the first that are being compared.
    fn join(&mut self, report: &mut Report) -> Result<(), Error> {
        let Some(work) = self.working.pop_front() else {
            return Ok(());
        };
        let found = work.join().map_err(|_| Error::WorkerLost)??;
        for (n, found) in found.tables.into_iter().enumerate() {
            report.add(Rule::ALL.len() + n, found);
        }
        self.exact.extend(found.exact);
        Ok(())
    }

    /// Waits for all. If all letters were read, each of the profiles `in_use` stands as one has it.
    pub fn finish(mut self, in_use: &HashSet<String>, report: &mut Report) -> Result<(), Error> {
        self.compare(report)?;
        while !self.working.is_empty() {
            self.join(report)?;
        }
        let whole = self.sample.is_none();
        let mut others: Vec<_> = in_use.difference(&self.exact).filter(|_| whole).collect();
        others.sort();
        let mut found = Finding::default();
        for id in others {
            found.differs(|| {
                format!("reviewers.specialties of {id}: no letter has them in this order")
            });
        }
        report.add(Rule::ALL.len() + place(&reviewers::TABLE), found);
        Ok(())
    }
}

/// The checks of the tables, in the order of [`TABLES`].
pub fn checks() -> impl Iterator<Item = Check> {
    TABLES.into_iter().map(|table| Check {
        rule: format!("values of {} are what the parser reads", table.name),
        unit: "values",
        ..Check::default()
    })
}

fn place(table: &'static Table) -> usize {
    let place = TABLES.iter().position(|t| t.name == table.name);
    place.unwrap_or_default()
}

/// What was found of a table.
#[derive(Default)]
pub struct Finding {
    pub looked_at: u64,
    pub broken: u64,
    pub examples: Vec<String>,
}

impl Finding {
    fn differs(&mut self, how: impl FnOnce() -> String) {
        self.broken += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(how());
        }
    }
}

/// What was found of some letters.
#[derive(Default)]
struct Findings {
    tables: [Finding; TABLES.len()],
    exact: HashSet<String>,
}

/// Reads letters again and compares their rows.
fn compare(stored: &[Stored]) -> Result<Findings, ArrowError> {
    let mut builders = Builders::new(Column::ALL.to_vec());
    for letter in stored {
        let row = &letter.letter;
        let text = row.text("text");
        let read = explained(text.map_or_else(rejected, parse), met(&letter.problems));
        builders.add(&Item {
            letter_id: row.id("letter_id"),
            source: row.id("source"),
            text,
            letter: &read,
        });
    }
    let rows = builders.finish()?;
    let mut found = Findings::default();
    for (n, letter) in stored.iter().enumerate() {
        let row = rows.slice(n, 1);
        let tables = Tables::of(&row)?;
        let pairs = [
            (
                &letters::TABLE,
                tables.letters,
                std::slice::from_ref(&letter.letter),
            ),
            (&cases::TABLE, tables.cases, &letter.case),
            (&decisions::TABLE, tables.decisions, &letter.decisions),
            (&citations::TABLE, tables.citations, &letter.citations),
            (
                &weaning_mentions::TABLE,
                tables.weaning_mentions,
                &letter.mentions,
            ),
            (&problems::TABLE, tables.problems, &letter.problems),
            (&evidence::TABLE, tables.evidence, &letter.evidence),
        ];
        for (table, read, stored) in pairs {
            let found = &mut found.tables[place(table)];
            compare_rows(table, &read, stored, letter.letter.id("letter_id"), found);
        }
        found.compare_profile(&profiles(&row)?, letter);
    }
    Ok(found)
}

/// The problems of a letter that were met before it was parsed: these are not in its text.
fn met(problems: &[Row]) -> Vec<Problem> {
    let met = problems.iter().map_while(|row| {
        Some(Problem {
            code: reading_code(row.id("code"))?,
            severity: row.text("severity").and_then(Severity::from_text)?,
            message: row.id("message").to_owned(),
            span: None,
        })
    });
    met.collect()
}

impl Findings {
    /// Compares the profile of a letter's reviewer. Its row is that of one of the letters that have it,
    /// which may name the specialties in another order.
    fn compare_profile(&mut self, read: &RecordBatch, letter: &Stored) {
        let Some(stored) = &letter.reviewer else {
            return; // that the case names none, or one that is not there, is found elsewhere
        };
        let (table, id) = (&reviewers::TABLE, stored.id("reviewer_id"));
        let found = &mut self.tables[place(table)];
        if read.num_rows() == 0 || read.column(0).as_string::<i32>().value(0) != id {
            return; // as is that it names another
        }
        let mut exact = Finding::default();
        let rows = std::slice::from_ref(stored);
        compare_rows(table, read, rows, letter.letter.id("letter_id"), &mut exact);
        found.looked_at += exact.looked_at;
        if exact.broken == 0 {
            self.exact.insert(id.to_owned());
        }
    }
}

/// Compares the rows that a table has of a letter with those that were read.
fn compare_rows(
    table: &'static Table,
    read: &RecordBatch,
    stored: &[Row],
    letter_id: &str,
    found: &mut Finding,
) {
    let rows = read.num_rows();
    if stored.len() != rows {
        found.looked_at += 1;
        found.differs(|| {
            let (name, stored) = (table.name, stored.len());
            format!("{name} has {stored} rows of letter {letter_id}, the parser reads {rows}")
        });
        return;
    }
    let mut first = 0;
    for (batch, range) in runs(stored) {
        let len = range.len();
        for (column, read) in table.columns.iter().zip(read.columns()) {
            found.looked_at += len as u64;
            let Some(stored) = batch.column_by_name(column.name) else {
                continue; // found with the schema
            };
            if stored.slice(range.start, len) == read.slice(first, len) {
                continue;
            }
            for n in 0..len {
                let (stored, read) = (stored.slice(range.start + n, 1), read.slice(first + n, 1));
                if *stored != *read {
                    found.differs(|| {
                        let row = match table.key().and_then(|key| batch.column_by_name(key)) {
                            Some(keys) => text(keys, range.start + n),
                            None => format!("row {} of letter {letter_id}", first + n + 1),
                        };
                        let (stored, read) = excerpts(&text(&stored, 0), &text(&read, 0));
                        let (table, column) = (table.name, column.name);
                        format!("{table}.{column} of {row}: {stored}, the parser reads {read}")
                    });
                }
            }
        }
        first += len;
    }
}

/// A value as people read it.
fn text(values: &ArrayRef, row: usize) -> String {
    let options = FormatOptions::default().with_null("NULL");
    let formatter = ArrayFormatter::try_new(values, &options);
    formatter.map_or_else(|e| e.to_string(), |f| f.value(row).to_string())
}

/// Characters of a value that are shown from where it differs, and before.
const SHOWN: usize = 60;
const BEFORE: usize = 9;

/// Two values from near where they begin to differ.
fn excerpts(a: &str, b: &str) -> (String, String) {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let begin = match a.chars().count().max(b.chars().count()) > SHOWN {
        true => same.saturating_sub(BEFORE),
        false => 0,
    };
    let excerpt = |text: &str| {
        let shown: String = text.chars().skip(begin).take(SHOWN).collect();
        let before = if begin > 0 { "…" } else { "" };
        let after = match text.chars().nth(begin + SHOWN) {
            Some(_) => "…",
            None => "",
        };
        format!("{before}{shown}{after}").replace('\n', "⏎")
    };
    (excerpt(a), excerpt(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_shown_where_they_differ() {
        let (a, b) = excerpts("Norco", "Soma");
        assert_eq!((a.as_str(), b.as_str()), ("Norco", "Soma"));
        let same = "a line\n".repeat(50);
        let long = |end: &str| format!("{same}{end}");
        let (a, b) = excerpts(&long("this"), &long("that"));
        assert_eq!((a.as_str(), b.as_str()), ("…a line⏎this", "…a line⏎that"));
        let (a, _) = excerpts(&"x".repeat(100), "y");
        assert_eq!(a, format!("{}…", "x".repeat(SHOWN)));
    }
}
