//! `imr build`: letters → a dataset.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use clap::ValueEnum;

use super::Failure;
use super::limits;
use super::progress::Display;
use super::report::{self, size, thousands};
use super::sql::block_on;
use crate::dataset::{self, Layout, Options, Sample, Stage, Summary, Update};
use crate::harmless;
use crate::source::{FindOptions, Inputs};

/// Build a dataset of letters.
///
/// An INPUT is a file, a folder, which is searched to any depth, a pattern in quotes ('letters/**/*.pdf'),
/// or standard input (-). Letters are read from text, PDF and HTML files, from .zip, .tar, .gz and .zst
/// archives of such, and from the rows of JSON Lines, CSV and Parquet files. What a file holds is told by
/// its content first; in folders and archives only files with extensions of these kinds are taken.
///
/// The dataset appears whole or not at all: a build that fails leaves what was there. Every input is
/// accounted for; what cannot be read is a row of the table `problems`.
///
/// With --update, a dataset that is there already takes in what is new, for which it keeps a list of its
/// inputs. Then it has the rows that a build of all its letters would give it. It is read in as it was built
/// (--text-column, --sample); one of the first letters only (--limit) cannot be updated, nor can one be with
/// what comes through standard input, which has no name to be known by.
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
    ///
    /// The default is `text`, or what it was when the dataset that is updated was built.
    #[arg(long, value_name = "NAME")]
    text_column: Option<String>,

    /// The folder of the dataset.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Replace the dataset that is in DIR already.
    #[arg(long)]
    overwrite: bool,

    /// Add what is new to the dataset that is in DIR already; without one, build it.
    ///
    /// Files of the same path, size and time are not read again, and letters whose bytes are known are not
    /// parsed again. A file that has changed takes the place of what it was. Letters of files that are gone
    /// stay (see --prune), under the new name if the file was moved.
    #[arg(long, conflicts_with_all = ["overwrite", "limit"])]
    update: bool,

    /// With --update: remove letters that are no longer among the inputs.
    #[arg(long, requires = "update")]
    prune: bool,

    /// Reading threads [default: one for each core]. The dataset is the same with any number.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Read no more than the first N letters, for a first look.
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroUsize>,

    /// Read only this share of the letters (0.01, or 1%), always the same ones.
    #[arg(long, value_name = "P", value_parser = share)]
    sample: Option<Sample>,

    /// Fail (exit code 1) if a document was rejected or met an error; the dataset is built all the same.
    #[arg(long)]
    strict: bool,

    /// Print no progress and no summary.
    #[arg(long, conflicts_with = "verbose")]
    quiet: bool,

    /// Say on standard error what is being done, and what each step took.
    #[arg(short, long)]
    verbose: bool,

    /// How to print the summary.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    limits: limits::Args,
}

const EXAMPLES: &str = "\
Examples:
  imr build letters --out dataset                     a folder, whatever it holds
  imr build 'scans/**/*.pdf' 2018.tar.zst --out d     PDFs and an archive
  imr build letters.jsonl --text-column body --out d  a letter a line
  imr build letters --out dataset --update            take in what is new
  zcat letters.jsonl.gz | imr build - --out d         standard input
  find . -name '*.pdf' -print0 | imr build --files-from - --out d";

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub fn run(args: Args) -> Result<(), Failure> {
    block_on(async {
        // Whatever is under way is dropped at a signal, and clears up after itself.
        tokio::select! {
            signal = stop_signal() => Err(stopped(signal?, &args)),
            done = build(&args) => done,
        }
    })
}

async fn build(args: &Args) -> Result<(), Failure> {
    let paths = args.inputs.clone();
    let find = FindOptions {
        files_from: args.files_from.clone(),
    };
    let inputs = tokio::task::spawn_blocking(move || Inputs::find(&paths, &find)).await??;
    if inputs.files() == 0 {
        return Err(no_letters(args, &inputs));
    }
    let options = Options {
        out: args.out.clone(),
        overwrite: args.overwrite,
        jobs: args.jobs.unwrap_or_else(cores),
        limit: args.limit.map(NonZeroUsize::get),
        sample: args.sample,
        layout: Layout::default(),
        text_column: args.text_column.clone(),
        limits: args.limits.limits(),
        update: args.update.then_some(Update { prune: args.prune }),
    };
    let mut display = Display::new(args.quiet, args.verbose);
    display.say(|| {
        let (files, bytes) = (thousands(inputs.files() as u64), size(inputs.bytes()));
        format!(
            "reading {files} files ({bytes}) with {} threads",
            options.jobs
        )
    });
    let mut told = args.quiet;
    let built = dataset::build(Arc::new(inputs), &options, |progress| {
        if progress.stage == Stage::Parsing && !told {
            told = true;
            display.tell(&format!(
                "{} was built by an earlier version of the program; its {} letters are parsed anew from \
                 their texts",
                args.out.display(),
                thousands(progress.letters)
            ));
        }
        display.show(progress);
    });
    let built = built.await;
    display.clear();
    let summary = built.map_err(|error| advised(error.into()))?;
    display.say(|| summary.plan.trim_end().to_owned());
    if !args.quiet {
        print(&summary, args)?;
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
        Format::Text => {
            let text = report::text(summary, &args.out);
            out.write_all(harmless(&text).as_bytes())?;
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, summary)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// With advice, if it is the place of the dataset that is at fault.
fn advised(failure: Failure) -> Failure {
    use io::ErrorKind::{
        FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let advice = match failure.io {
        Some(StorageFull | QuotaExceeded) => {
            "free some space there, or name a folder on another disk with --out; what was there is as it was"
        }
        Some(FileTooLarge) => {
            "files there may not be so large (`ulimit -f` shows a limit); what was there is as it was"
        }
        Some(PermissionDenied | ReadOnlyFilesystem) => {
            "name a folder that you may write in with --out; what was there is as it was"
        }
        _ => return failure,
    };
    failure.with(advice)
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

/// Parses a share, `0.01` or `1%`.
pub(super) fn share(text: &str) -> Result<Sample, String> {
    let (number, of) = match text.strip_suffix('%') {
        Some(number) => (number, 100.0),
        None => (text, 1.0),
    };
    let share = number.trim().parse::<f64>().ok();
    let sample = share.and_then(|share| Sample::new(share / of));
    sample.ok_or_else(|| "a share lies above 0 and not above 1, as 0.01 or 1%".to_owned())
}

/// Waits for the signal to stop, and names it.
pub(super) async fn stop_signal() -> Result<&'static str, Failure> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminate.recv() => return Ok("SIGTERM"),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok("Ctrl-C")
}

fn stopped(signal: &str, args: &Args) -> Failure {
    let out = args.out.display();
    Failure::new(format!(
        "stopped by {signal}; nothing was built, and {out} is as it was"
    ))
}
