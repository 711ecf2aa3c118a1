//! `imr build`: letters → a dataset.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Failure, report};
use crate::dataset::{self, Options, Summary};
use crate::source::{self, FindOptions, Inputs};

/// Build a dataset of letters.
///
/// An INPUT is a file, a folder, which is searched to any depth, a pattern in quotes ('letters/**/*.pdf'),
/// or standard input (-). Letters are read from text, PDF and HTML files, from .zip, .tar, .gz and .zst
/// archives of such, and from the rows of JSON Lines, CSV and Parquet files. What a file holds is told by
/// its content first; in folders and archives only files with extensions of these kinds are taken.
///
/// The dataset appears whole or not at all: a build that fails leaves what was there. Every input is
/// accounted for; what cannot be read is a row of the table `problems`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub struct Args {
    /// Letters: files, folders, patterns in quotes, or - for standard input.
    #[arg(required_unless_present = "files_from", value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    /// Read the files and folders that LIST names too, one a line (or ended by NUL); - is standard input.
    #[arg(long, value_name = "LIST")]
    files_from: Option<PathBuf>,

    /// The column of JSON Lines, CSV and Parquet files that holds the letters.
    #[arg(long, value_name = "NAME", default_value = "text")]
    text_column: String,

    /// The folder of the dataset.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Replace the dataset that is in DIR already.
    #[arg(long)]
    overwrite: bool,

    /// Reading threads [default: one for each core]. The dataset is the same with any number.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Fail (exit code 1) if a document was rejected or met an error; the dataset is built all the same.
    #[arg(long)]
    strict: bool,

    /// Print no progress and no summary.
    #[arg(long)]
    quiet: bool,

    /// How to print the summary.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  imr build letters --out dataset                     a folder, whatever it holds
  imr build 'scans/**/*.pdf' 2018.tar.zst --out d     PDFs and an archive
  imr build letters.jsonl --text-column body --out d  a letter a line
  zcat letters.jsonl.gz | imr build - --out d         standard input
  find . -name '*.pdf' -print0 | imr build --files-from - --out d";

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub fn run(args: Args) -> Result<(), Failure> {
    let find = FindOptions {
        files_from: args.files_from.clone(),
    };
    let inputs = Inputs::find(&args.inputs, &find)?;
    if inputs.files() == 0 {
        return Err(no_letters(&args, &inputs));
    }
    let options = Options {
        out: args.out.clone(),
        overwrite: args.overwrite,
        jobs: args.jobs.unwrap_or_else(cores),
        source: source::Options {
            text_column: args.text_column.clone(),
            ..source::Options::default()
        },
    };
    let bar = bar(inputs.bytes(), args.quiet);
    let built = dataset::build(&inputs, &options, |p| {
        bar.set_position(p.bytes);
        bar.set_message(p.documents.to_string());
    });
    bar.finish_and_clear();
    let summary = built?;
    if !args.quiet {
        print(&summary, &args)?;
    }
    if args.strict && summary.has_errors() {
        return Err(Failure::new(format!(
            "--strict: {} letters were rejected, {} inputs unreadable; see the table problems in {}",
            summary.letters.rejected,
            summary.letters.unreadable,
            args.out.display()
        )));
    }
    Ok(())
}

fn print(summary: &Summary, args: &Args) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match args.format {
        Format::Text => out.write_all(report::text(summary, &args.out).as_bytes())?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, summary)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(())
}

fn no_letters(args: &Args, inputs: &Inputs) -> Failure {
    let list = args.files_from.iter();
    let paths: Vec<_> = args.inputs.iter().chain(list).collect();
    let paths: Vec<_> = paths.iter().map(|p| p.display().to_string()).collect();
    let skipped: u64 = inputs.skipped.values().sum();
    let others = match skipped {
        0 => String::new(),
        _ => format!(" ({skipped} files with other extensions)"),
    };
    let paths = paths.join(", ");
    Failure::new(format!(
        "no letters in {paths}{others}; nothing was built: see `imr build --help` for what is read"
    ))
}

fn cores() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// A progress bar on a terminal, else none.
fn bar(bytes: u64, quiet: bool) -> ProgressBar {
    if quiet || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let form = "{bar:40} {bytes} of {total_bytes}, {msg} letters, {bytes_per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style.progress_chars("━╸ "));
    }
    bar
}
