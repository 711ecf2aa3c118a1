//! Letters → one record batch a table. A table's schema, documentation and builder stand in one file.

pub mod cases;
pub mod cell;
pub mod citations;
pub mod decisions;
pub mod evidence;
pub mod letters;
pub mod problems;
pub mod reviewers;
pub mod weaning_mentions;

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use sha2::{Digest, Sha256};

use crate::letter::{Found, Letter, Problem};
use reviewers::Reviewers;

/// The version of the data contract that these tables keep.
pub const CONTRACT_VERSION: &str = "1";

/// A table as it is declared: the one place that feeds the Arrow schema, `imr schema` and the README.
pub struct Table {
    pub name: &'static str,
    about: &'static [&'static str],
    pub columns: &'static [Column],
}

/// A column as it is declared.
pub struct Column {
    pub name: &'static str,
    meaning: &'static [&'static str],
    data_type: fn() -> DataType,
    pub nullable: bool,
    allowed: fn() -> Vec<&'static str>,
    pub role: Role,
}

/// What else a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Plain,
    /// The table's key: unique, never NULL.
    Key,
    /// The key of a row of that table.
    Refers(&'static str),
    /// The words as they stand in the letter, but for white space and what was hyphenated.
    Verbatim,
}

/// Every table, in the order in which they are documented.
pub static TABLES: [&Table; 8] = [
    &letters::TABLE,
    &cases::TABLE,
    &reviewers::TABLE,
    &decisions::TABLE,
    &citations::TABLE,
    &weaning_mentions::TABLE,
    &problems::TABLE,
    &evidence::TABLE,
];

/// The table of that name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.into_iter().find(|t| t.name == name)
}

impl Table {
    /// What a row is.
    pub fn about(&self) -> String {
        unwrap(self.about)
    }

    /// The key column, if it has one.
    pub fn key(&self) -> Option<&'static str> {
        let key = self.columns.iter().find(|c| c.role == Role::Key);
        key.map(|c| c.name)
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// The Arrow schema; the documentation is in its metadata.
    pub fn schema(&self) -> SchemaRef {
        let fields: Vec<_> = self.columns.iter().map(Column::field).collect();
        let metadata = HashMap::from([("description".to_owned(), self.about())]);
        Arc::new(Schema::new_with_metadata(fields, metadata))
    }
}

impl Column {
    /// What the column's values mean.
    pub fn meaning(&self) -> String {
        unwrap(self.meaning)
    }

    /// The values of an enumeration; empty where any value may stand.
    pub fn allowed(&self) -> Vec<&'static str> {
        (self.allowed)()
    }

    pub fn data_type(&self) -> DataType {
        (self.data_type)()
    }

    /// The type in a reader's words.
    pub fn type_name(&self) -> &'static str {
        match self.data_type() {
            DataType::Utf8 => "string",
            DataType::Int32 => "int32",
            DataType::Float64 => "float64",
            DataType::Date32 => "date",
            DataType::List(_) => "list of string",
            _ => "other",
        }
    }

    fn field(&self) -> Field {
        let mut metadata = HashMap::from([("description".to_owned(), self.meaning())]);
        let allowed = self.allowed();
        if !allowed.is_empty() {
            metadata.insert("allowed".to_owned(), allowed.join(", "));
        }
        Field::new(self.name, self.data_type(), self.nullable).with_metadata(metadata)
    }
}

/// A doc comment as one line.
fn unwrap(lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|l| l.trim()).collect();
    lines.join(" ")
}

/// The key that a document's (or a letter's) bytes give.
pub fn letter_id(bytes: &[u8]) -> String {
    hex_id(&Sha256::digest(bytes))
}

/// The first 16 hexadecimal digits of a hash.
fn hex_id(hash: &[u8]) -> String {
    hash.iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// One letter on its way into the tables.
pub struct Item<'a> {
    pub letter_id: &'a str,
    pub source: &'a str,
    pub text: Option<&'a str>,
    pub letter: &'a Letter,
}

/// Gathers letters into one record batch a table.
#[derive(Default)]
pub struct Builders {
    letters: letters::Builder,
    cases: cases::Builder,
    reviewers: reviewers::Builder,
    decisions: decisions::Builder,
    citations: citations::Builder,
    weaning_mentions: weaning_mentions::Builder,
    problems: problems::Builder,
    evidence: evidence::Builder,
}

impl Builders {
    /// Adds all rows of a letter; its reviewer joins `reviewers`, whose rows come at the end.
    pub fn add(&mut self, item: &Item<'_>, reviewers: &mut Reviewers) {
        self.letters.push(letters::Row {
            letter_id: item.letter_id,
            source: item.source,
            template: item.letter.layout,
            status: item.letter.status,
            text: item.text,
        });
        for problem in &item.letter.problems {
            self.add_problem(Some(item.letter_id), item.source, problem);
        }
        let Some(case) = &item.letter.case else {
            return;
        };
        let reviewer_id = case.reviewer.as_ref().and_then(|r| reviewers.add(r));
        self.cases.add(item, case, reviewer_id.as_deref());
        self.evidence.add_case(item, case);
        if let (Some(id), Some(reviewer)) = (&reviewer_id, &case.reviewer) {
            self.evidence.add_reviewer(item, id, reviewer);
        }
        let mut mentions = 0;
        for mention in &case.summary_mentions {
            mentions += 1;
            self.weaning_mentions.add(item, None, mention);
            self.evidence.add_mention(item, mentions, mention);
        }
        for (n, decision) in case.decisions.iter().enumerate() {
            let seq = n + 1;
            let id = decisions::decision_id(item.letter_id, seq);
            self.decisions.add(item, &id, seq, decision);
            self.evidence.add_decision(item, &id, decision);
            for (_, citation) in citations::distinct(decision) {
                self.citations.add(&id, citation);
            }
            for mention in &decision.mentions {
                mentions += 1;
                self.weaning_mentions.add(item, Some(&id), mention);
                self.evidence.add_mention(item, mentions, mention);
            }
        }
    }

    /// Adds a problem of a document that gives no letter of its own.
    pub fn add_problem(&mut self, letter_id: Option<&str>, source: &str, problem: &Problem) {
        self.problems.add(letter_id, source, problem);
    }

    /// Adds the rows of `reviewers`.
    pub fn add_reviewers(&mut self, reviewers: &Reviewers) {
        reviewers.fill(&mut self.reviewers);
    }

    /// The rows gathered, in the order of [`TABLES`]; the builders are empty after it.
    pub fn finish(&mut self) -> Result<[RecordBatch; TABLES.len()], ArrowError> {
        Ok([
            self.letters.finish()?,
            self.cases.finish()?,
            self.reviewers.finish()?,
            self.decisions.finish()?,
            self.citations.finish()?,
            self.weaning_mentions.finish()?,
            self.problems.finish()?,
            self.evidence.finish()?,
        ])
    }
}

/// A value without its place.
fn value<T: Copy>(found: &Option<Found<T>>) -> Option<T> {
    found.as_ref().map(|f| f.value)
}

/// A text without its place.
fn text(found: &Option<Found<String>>) -> Option<&str> {
    found.as_ref().map(|f| f.value.as_str())
}

/// Texts without their places.
fn texts(found: &[Found<String>]) -> Vec<&str> {
    found.iter().map(|f| f.value.as_str()).collect()
}

/// A count as the tables hold it. No document is so large that this would not fit.
fn int(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// An offset as the tables hold it.
fn offset(chars: u32) -> i32 {
    i32::try_from(chars).unwrap_or(i32::MAX)
}

#[cfg(test)]
pub(crate) mod tests;
