//! Why a statement, or the session, failed.

use std::io;

use datafusion::error::DataFusionError;

use crate::dataset;

/// A failure of the SQL session, written to be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no sound dataset.
    #[error(transparent)]
    Dataset(#[from] dataset::Error),
    /// A table or a script cannot be read, or there is no such thing.
    #[error("{0}")]
    Input(String),
    /// A statement failed; the message says where in the script.
    #[error("{0}")]
    Statement(String),
    /// The result could not be written.
    #[error("cannot write the result: {0}")]
    Write(#[source] io::Error),
    /// The engine failed outside of any statement of the user's.
    #[error("{0}")]
    Engine(#[from] DataFusionError),
}

impl Error {
    /// Something that the user can set right.
    pub fn input(message: impl Into<String>) -> Self {
        Error::Input(message.into())
    }
}
