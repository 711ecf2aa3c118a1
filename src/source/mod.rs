//! Where letters come from: files, folders, archives, tables and standard input → documents.
//!
//! ```text
//! Inputs::find    paths, folders, patterns, lists   → the files, in their order
//! Inputs::scan    the files                         → units of work, in their order (one thread)
//! Unit::documents a unit                            → documents and faults, in their order (any thread)
//! ```
//!
//! What a file holds is told by its content first, then by its name. Everything is streamed: nothing is
//! unpacked to disk, and names of archive members are never paths. Whatever cannot be read is a
//! [`Fault`] in its place, and what came before it is kept.
//!
//! The order of documents, their names and the bounds of the units depend on the inputs only:
//!
//! | input | order | name |
//! |---|---|---|
//! | file | by path | the path as given and below it |
//! | member of a zip archive | by name | `archive!member` |
//! | member of a tar archive | as it stands there | `archive!member` |
//! | compressed file | | `letter.txt.gz!letter.txt` |
//! | row of JSON Lines, CSV, Parquet | as it stands there | `file#row`, from 0; with an id `file#row!id` |

mod csv;
pub mod decode;
mod document;
mod fault;
mod find;
mod html;
mod jsonl;
mod kind;
mod limits;
mod meter;
mod open;
mod parquet;
mod pdf;
mod scan;
mod search;
mod stream;
mod tar;
#[cfg(test)]
mod tests;
mod zip;

pub use decode::reading_code;
pub use document::{Document, Format};
pub use fault::Fault;
pub use find::{FindError, FindOptions, Input, Inputs, Lies, Times, path};
pub use limits::Limits;
pub use scan::{Documents, Found, Scan, Skipped, Unit};

/// What to read and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The column of JSON Lines, CSV and Parquet that holds the letters.
    pub text_column: String,
    pub limits: Limits,
}

/// The column of tables that holds the letters, if no other is named.
pub const TEXT_COLUMN: &str = "text";

impl Default for Options {
    fn default() -> Self {
        Self {
            text_column: TEXT_COLUMN.to_owned(),
            limits: Limits::default(),
        }
    }
}
