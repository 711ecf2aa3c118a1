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
mod open;
mod parquet;
mod pdf;
mod scan;
mod stream;
mod tar;
#[cfg(test)]
mod tests;
mod zip;

pub use decode::reading_code;
pub use document::{Document, Format};
pub use fault::Fault;
pub use find::{FindError, FindOptions, Input, Inputs, Lies, Times, path};
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

/// The bounds of what is read. They keep the memory and the time of a build bounded whatever is given to
/// it; real letters and archives of them stay far below.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a document. This also keeps every offset within the dataset's 32-bit integers.
    pub document: u64,
    /// Bytes of an archive or Parquet file that must be held in memory, because it lies in another
    /// archive or comes through a pipe.
    pub held: u64,
    /// Bytes that a compressed file or an archive may expand to.
    pub expanded: u64,
    /// How many times its size it may expand to, once that is above [`Limits::ratio_from`].
    pub ratio: u64,
    pub ratio_from: u64,
    /// Members of an archive.
    pub members: u64,
    /// Archives within one another.
    pub depth: u8,
}

const MIB: u64 = 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            document: 64 * MIB,
            held: 512 * MIB,
            expanded: 1024 * 1024 * MIB,
            ratio: 200,
            ratio_from: 64 * MIB,
            members: 5_000_000,
            depth: 2,
        }
    }
}
