//! How far statements may go: the options that `imr sql` and `imr query` share.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use crate::cmd::Failure;
use crate::cmd::units::{size, time};
use crate::sql::Options;

/// For statements that others wrote.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct Bounds {
    /// For SQL from other people: statements read the dataset and no other file, write nothing, and change no
    /// setting that matters
    #[arg(long)]
    sandbox: bool,

    /// The memory that statements may gather, as 500MB, 2GB or 512MiB; what does not fit is spilled to disk where that
    /// can be done, else the statement fails. What one function makes (array_agg, range, repeat) is not counted
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory_limit: Option<usize>,

    /// The time that each statement may take, as 30s or 5m; then it fails
    #[arg(long, value_name = "TIME", value_parser = time)]
    timeout: Option<Duration>,

    /// The folder for what is spilled to disk, and removed at the end [default: the system's for temporary files]
    #[arg(long, value_name = "DIR")]
    temp_dir: Option<PathBuf>,
}

impl Bounds {
    /// The options of a session, and its folder for what does not fit into memory, which goes when it is dropped:
    /// also if threads that nobody waits for still use it.
    pub fn open(&self) -> Result<(Options, Option<TempDir>), Failure> {
        let mut builder = tempfile::Builder::new();
        let builder = builder.prefix("imr-spill-");
        let folder = match &self.temp_dir {
            Some(parent) => Some(builder.tempdir_in(parent).map_err(|error| {
                let parent = parent.display();
                Failure::new(format!(
                    "cannot spill to {parent}: {error}; --temp-dir takes a folder"
                ))
            })?),
            // Most statements spill nothing; those that do will say that there is no place for it.
            None => builder.tempdir().ok(),
        };
        let options = Options {
            sandbox: self.sandbox,
            memory_limit: self.memory_limit,
            timeout: self.timeout,
            temp_dir: folder.as_ref().map(|folder| folder.path().to_owned()),
        };
        Ok((options, folder))
    }
}

fn memory(text: &str) -> Result<usize, String> {
    let size = size(text)?;
    if size < 1_000_000 {
        return Err("a limit is 1MB or more".to_owned());
    }
    usize::try_from(size).map_err(|_| "that is more memory than a machine has".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_size_that_is_worth_one() {
        assert_eq!(memory("2GB"), Ok(2_000_000_000));
        assert_eq!(memory("512MiB"), Ok(512 << 20));
        for wrong in ["2", "1kb", "0MB", "5 bananas"] {
            assert!(memory(wrong).is_err(), "{wrong}");
        }
    }
}
