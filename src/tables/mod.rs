//! Letters → rows. A table's schema, documentation and builder stand in one file; [`nested`] holds all
//! tables' rows of a letter as one row, from which [`split`] takes the tables.

pub mod cases;
pub mod cell;
pub mod citations;
pub mod decisions;
pub mod evidence;
pub mod letters;
pub mod nested;
pub mod problems;
pub mod reviewers;
pub mod split;
pub mod weaning_mentions;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sha2::{Digest as _, Sha256};

use crate::letter::Found;

/// The version of the data contract that these tables keep.
pub const CONTRACT_VERSION: &str = "1";

/// A table as it is declared: the one place that feeds the Arrow schema, `imr schema` and the README.
pub struct Table {
    pub name: &'static str,
    about: &'static [&'static str],
    pub columns: &'static [Column],
    schema: OnceLock<SchemaRef>,
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
        let schema = self.schema.get_or_init(|| {
            let fields: Vec<_> = self.columns.iter().map(Column::field).collect();
            let metadata = HashMap::from([("description".to_owned(), self.about())]);
            Arc::new(Schema::new_with_metadata(fields, metadata))
        });
        Arc::clone(schema)
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

/// A SHA-256.
pub type Digest = [u8; 32];

/// A key that a hash gives: its first 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id([u8; 16]);

impl Id {
    /// The key that a document's (or a letter's) bytes give.
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_hash(&Sha256::digest(bytes))
    }

    /// The key that a hash gives.
    pub fn of_hash(hash: &[u8]) -> Self {
        let mut digits = [b'0'; 16];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(hash) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Self(digits)
    }

    /// As it stands in the tables.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The key as a number, which is what it was hashed to.
    pub fn number(&self) -> u64 {
        number(self.as_str())
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The number that a key's digits write.
pub fn number(id: &str) -> u64 {
    u64::from_str_radix(id, 16).unwrap_or_default()
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
