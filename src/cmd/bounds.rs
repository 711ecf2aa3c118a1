//! How far statements may go: the options that `imr sql` and `imr query` share.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use crate::cmd::Failure;
use crate::sql::Options;

/// For statements that others wrote.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct Bounds {
    /// For SQL from other people: statements read the dataset and no other file, write nothing, and change no
    /// setting that matters
    #[arg(long)]
    sandbox: bool,

    /// The memory that statements may gather, as 500MB or 2GB; what does not fit is spilled to disk where that can be
    /// done, else the statement fails. What one function makes (array_agg, range, repeat) is not counted
    #[arg(long, value_name = "SIZE", value_parser = size)]
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

/// A number and its unit.
fn measure(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().to_lowercase();
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    Some(number.parse::<f64>().ok()? * factor)
}

fn size(text: &str) -> Result<usize, String> {
    let units = [
        ("kb", 1e3),
        ("mb", 1e6),
        ("gb", 1e9),
        ("tb", 1e12),
        ("kib", 1024.0),
        ("mib", 1024.0 * 1024.0),
        ("gib", 1024.0 * 1024.0 * 1024.0),
    ];
    match measure(text, &units) {
        Some(bytes) if (1e6..1e16).contains(&bytes) => Ok(bytes as usize),
        Some(_) => Err("a limit is 1MB or more".to_owned()),
        None => Err("a size is a number and its unit, as 500MB or 2GB".to_owned()),
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let units = [
        ("ms", 1e-3),
        ("s", 1.0),
        ("", 1.0),
        ("m", 60.0),
        ("min", 60.0),
        ("h", 3600.0),
    ];
    match measure(text, &units) {
        Some(seconds) if (1e-3..1e9).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        Some(_) => Err("a limit is 1ms or more".to_owned()),
        None => Err("a time is a number and its unit, as 30s or 5m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("2GB"), Ok(2_000_000_000));
        assert_eq!(size("1.5 mb"), Ok(1_500_000));
        assert_eq!(size("512MiB"), Ok(512 << 20));
        for wrong in ["2", "GB", "-1GB", "1e3GB", "5 bananas", "1kb", "0MB", "nan"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_units_or_are_seconds() {
        assert_eq!(time("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(time("30"), Ok(Duration::from_secs(30)));
        assert_eq!(time("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(time("250ms"), Ok(Duration::from_millis(250)));
        for wrong in ["", "0s", "-3s", "soon", "3 fortnights", "1..2s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
