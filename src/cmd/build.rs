//! `imr build`: letters → a dataset.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Failure, report};
use crate::dataset::{self, Options, Summary};
use crate::source::Inputs;

/// Build a dataset of letters.
///
/// The dataset appears whole or not at all: a build that fails leaves what was there. Every input is
/// accounted for; what cannot be read is a row of the table `problems`.
#[derive(clap::Args)]
pub struct Args {
    /// Letters: text files (.txt), and folders that hold such, to any depth.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,

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

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub fn run(args: Args) -> Result<(), Failure> {
    let inputs = Inputs::find(&args.inputs)?;
    if inputs.documents.is_empty() {
        return Err(no_letters(&args.inputs, &inputs));
    }
    let options = Options {
        out: args.out.clone(),
        overwrite: args.overwrite,
        jobs: args.jobs.unwrap_or_else(cores),
    };
    let bar = bar(inputs.documents.len() as u64, args.quiet);
    let built = dataset::build(&inputs, &options, |p| bar.set_position(p.documents));
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

fn no_letters(paths: &[PathBuf], inputs: &Inputs) -> Failure {
    let paths: Vec<_> = paths.iter().map(|p| p.display().to_string()).collect();
    let skipped: u64 = inputs.skipped.values().sum();
    let others = match skipped {
        0 => String::new(),
        _ => format!(" ({skipped} files with other extensions)"),
    };
    let paths = paths.join(", ");
    Failure::new(format!(
        "no .txt files in {paths}{others}; nothing was built"
    ))
}

fn cores() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// A progress bar on a terminal, else none.
fn bar(documents: u64, quiet: bool) -> ProgressBar {
    if quiet || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(documents), ProgressDrawTarget::stderr());
    let form = "{bar:40} {human_pos} of {human_len} documents, {per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style.progress_chars("━╸ "));
    }
    bar
}
