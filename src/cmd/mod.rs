//! The commands: one file each, with its arguments, its help and its `run`.
//!
//! Every command is a `#[derive(clap::Args)] pub struct Args` and a
//! `pub fn run(args: Args) -> Result<(), Failure>`.

mod bounds;
pub mod build;
pub mod check;
mod limits;
mod progress;
pub mod query;
mod report;
pub mod schema;
pub mod show;
pub mod sql;
mod units;

use std::error::Error;
use std::fmt;
use std::io;

/// Why a command stopped: one message for the user, written to be read (what, where, what to do).
///
/// Any `std::error::Error` turns into a failure by `?`; its sources are appended to the message. A
/// reader that hung up (a broken pipe, as in `imr … | head`) is kept apart, because that ends the
/// program quietly and is no failure of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub message: String,
    /// What kind of I/O error is at its bottom.
    io: Option<io::ErrorKind>,
}

impl Failure {
    /// A failure with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            io: None,
        }
    }

    /// With a further line of advice.
    fn with(mut self, advice: &str) -> Self {
        self.message.push_str("\n  ");
        self.message.push_str(advice);
        self
    }

    /// Whether the reader of our output hung up.
    pub fn is_broken_pipe(&self) -> bool {
        self.io == Some(io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Not `Error` itself, so that this blanket conversion may stand (as in `anyhow`).
impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut failure = Failure::new(error.to_string());
        let mut next: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(error) = next {
            let io = error.downcast_ref::<io::Error>();
            failure.io = io.map(io::Error::kind).or(failure.io);
            let text = error.to_string();
            // Many errors print their source themselves; say each thing once.
            if !failure.message.contains(&text) {
                failure.message.push_str(": ");
                failure.message.push_str(&text);
            }
            next = error.source();
        }
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_its_sources_and_says_each_thing_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot read a.txt")]
        struct Outer(#[source] io::Error);
        let failure = Failure::from(Outer(io::Error::other("disk on fire")));
        assert_eq!(failure.message, "cannot read a.txt: disk on fire");
        assert!(!failure.is_broken_pipe());
    }

    #[test]
    fn a_broken_pipe_is_recognised_at_any_depth() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot write")]
        struct Outer(#[source] io::Error);
        let failure = Failure::from(Outer(io::ErrorKind::BrokenPipe.into()));
        assert!(failure.is_broken_pipe());
    }
}
