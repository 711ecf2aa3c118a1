//! What cannot be read.

use std::io;

use super::limits::Stop;
use super::stream::Garbage;

/// Something that could not be read: a file, a member, a row, or the rest of one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its name in the dataset (`problems.source`).
    pub source: String,
    /// A stable name in snake_case.
    pub code: &'static str,
    /// What, where, and what was done about it.
    pub message: String,
}

impl Fault {
    pub(super) fn new(
        source: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            source: source.into(),
            code,
            message: message.into(),
        }
    }

    /// Of an error in reading `source`; `done` says what was done about it.
    ///
    /// Errors of the system come from the disk, all others from a decoder: they tell of broken data.
    pub(super) fn of_io(source: impl Into<String>, error: &io::Error, done: &str) -> Self {
        let source = source.into();
        let stop = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Stop>());
        let code = match stop {
            Some(stop) => stop.code(),
            None if is_garbage(error) => "trailing_garbage",
            None if error.raw_os_error().is_some() => "unreadable",
            None => "broken_archive",
        };
        let message = format!("cannot read {source}: {error}; {done}");
        Self {
            source,
            code,
            message,
        }
    }
}

/// Whether the error is that something follows what was read whole.
pub(super) fn is_garbage(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(|inner| inner.is::<Garbage>())
}

/// What was read of a table whose row `row` could not be, for a message.
pub(super) fn rows_before(row: u64) -> String {
    match row {
        0 => "no row was read".to_owned(),
        _ => format!("the rows before row {row} were read"),
    }
}
