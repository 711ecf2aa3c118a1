//! California workers' compensation Independent Medical Review (IMR) letters as a columnar dataset.
//!
//! One straight way through: source → letter → tables → dataset → sql → show. Each module uses only those
//! before it (and the vocabulary).
//!
//! - [`letter::parse`] reads one letter,
//! - [`dataset::build`] builds a dataset of a corpus,
//! - [`sql::open`] opens one as a DataFusion session,
//! - [`show`] draws one letter with what was read in it.

pub mod cmd;
pub mod dataset;
mod harmless;
pub mod letter;
pub mod show;
pub mod source;
pub mod sql;
pub mod tables;
pub mod vocabulary;

pub use harmless::harmless;
