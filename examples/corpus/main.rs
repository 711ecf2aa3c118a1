//! Writes a corpus of realistic IMR letters, with labels that say what is true of each.
//!
//! `cargo run --release --example corpus -- N OUT --format txt|jsonl|parquet|pdf [--seed S] [--labels]`
//!
//! The letters are composed from the templates in `data/`, whose meaning is known, so that the labels are right by
//! construction. The generator shares nothing with the library: not its code, nor its vocabulary.

mod decision;
mod guideline;
mod label;
mod layout;
mod letter;
mod material;
mod pdf;
mod request;
mod rng;
mod style;
mod summary;
mod table;
mod template;
#[cfg(test)]
mod tests;
mod words;
mod write;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};

/// Writes a corpus of composed IMR letters.
///
/// A letter depends on the seed and its number alone, not on how many there are. Labels are written to OUT/labels, a
/// JSON file a letter.
#[derive(Parser)]
#[command(name = "corpus")]
struct Args {
    /// How many letters
    n: u64,
    /// The folder to write; it must not exist, or be empty
    out: PathBuf,
    /// What to write: a file a letter (txt, pdf), or files of many letters with the columns id and text
    #[arg(long, value_enum, default_value = "txt")]
    format: Format,
    /// Another seed gives other letters
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also write what is true of each letter
    #[arg(long)]
    labels: bool,
    /// Threads; 0 means one for each processor
    #[arg(long, default_value_t = 0)]
    jobs: usize,
}

/// How letters are written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Txt,
    Jsonl,
    Parquet,
    Pdf,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let start = Instant::now();
    match write::corpus(&args) {
        Ok(bytes) => {
            let seconds = start.elapsed().as_secs_f64();
            println!(
                "{}: {} letters, {:.1} MB of text, {:.1} s, {:.0} letters/s",
                args.out.display(),
                args.n,
                bytes as f64 / 1e6,
                seconds,
                args.n as f64 / seconds
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {}: {error}", args.out.display());
            ExitCode::FAILURE
        }
    }
}
