//! Why a statement, or the session, failed.

use std::io;

use datafusion::error::DataFusionError;

/// A failure of the SQL session, written to be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The dataset cannot be opened, or a script cannot be read.
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
    /// Something about the dataset or a script that the user can set right.
    pub fn input(message: impl Into<String>) -> Self {
        Error::Input(message.into())
    }
}
