//! `imr sql`: SQL over a dataset, interactively or from scripts.

use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use datafusion::prelude::SessionContext;

use clap::{Arg, ArgAction, ArgMatches, value_parser};

use crate::cmd::Failure;
use crate::cmd::bounds::Bounds;
use crate::cmd::build::stop_signal;
use crate::dataset::MANIFEST;
use crate::sql::{self, Format, Output, Script};

/// Query a dataset with SQL
///
/// Without -c and -f, and on a terminal, this is a shell: \? in it explains the rest. Otherwise the
/// statements of -c, -f or standard input are run in turn and only their results are printed.
///
/// Tables: letters, cases, reviewers, decisions, citations, weaning_mentions, problems, evidence. The view
/// determinations has a row for each decision, with its case and reviewer. The table dictionary says what every
/// column means, the table storage what it costs on disk.
///
/// read_letters('letters/**/*.txt') is a table of letters that are in no dataset, a row each with nested columns;
/// parse_letter(text) gives the same of any text. Without a dataset these work too.
///
/// A session reads the dataset as it was when it was opened, also when it is replaced or updated meanwhile (and the old
/// files take up their room on disk until the session ends). No statement can change the dataset's files. For SQL from other people see --sandbox, --memory-limit, --timeout and
/// --csv-safe.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  imr sql dataset
  imr sql dataset -c \"SELECT outcome, count(*) FROM decisions GROUP BY outcome\"
  imr sql -c \"SELECT source, status FROM read_letters('letters')\"
  imr sql dataset -f report.sql --format csv --output report.csv
  imr sql dataset --sandbox --memory-limit 2GB --timeout 30s -f theirs.sql
  echo \"SELECT * FROM dictionary\" | imr sql dataset --format markdown")]
pub struct Args {
    /// The dataset, as imr build wrote it [default: dataset, if there is one]
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,

    #[command(flatten)]
    scripts: Scripts,

    /// How results are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "table")]
    format: Format,

    /// Write results to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    spreadsheet: Spreadsheet,

    #[command(flatten)]
    bounds: Bounds,
}

/// For results that a spreadsheet will open.
#[derive(Debug, clap::Args)]
pub(super) struct Spreadsheet {
    /// In csv and tsv, put an apostrophe before text that a spreadsheet would run as a formula (that begins with
    /// = + - @, a tab or a carriage return); numbers stay as they are
    #[arg(long)]
    csv_safe: bool,
}

/// Runs the command.
pub fn run(args: Args) -> Result<(), Failure> {
    let mut output = output(args.format, args.output, args.spreadsheet);
    let dir = dataset(args.dir);
    let without = dir.is_none();
    let (options, _spilled) = args.bounds.open()?;
    let shell = args.scripts.0.is_empty() && io::stdin().is_terminal();
    let session = async {
        let ctx = match &dir {
            Some(dir) => sql::open_with(dir, &options).await?,
            None => sql::without_dataset(&options)?,
        };
        admit(&ctx, &mut output)?;
        if !args.scripts.0.is_empty() {
            for source in &args.scripts.0 {
                let (name, text) = source.read()?;
                sql::run(
                    &ctx,
                    Script {
                        name: name.as_deref(),
                        text: &text,
                    },
                    &mut output,
                )
                .await?;
            }
        } else if shell {
            sql::shell(&ctx, dir.as_deref(), &mut output).await?;
        } else {
            let text = read_stdin()?;
            sql::run(
                &ctx,
                Script {
                    name: None,
                    text: &text,
                },
                &mut output,
            )
            .await?;
        }
        Ok(())
    };
    let done = match shell {
        // It listens itself, and goes on.
        true => {
            #[cfg(unix)]
            end_when_told(options.temp_dir.clone());
            block_on(session)
        }
        false => block_on(interruptible(session)),
    };
    done.map_err(|failure| match without {
        true if failure.message.contains("no table named ") => failure.with(WITHOUT),
        _ => failure,
    })
}

/// Said where a table is missed and no dataset is open.
const WITHOUT: &str = "no dataset is open: there is none in dataset; `imr build LETTERS --out dataset` \
    makes one, and `imr sql DIR` opens another";

/// The dataset to open: the one that is named, else the one in the usual place, if there is one.
fn dataset(named: Option<PathBuf>) -> Option<PathBuf> {
    let usual = Path::new("dataset");
    named.or_else(|| usual.join(MANIFEST).exists().then(|| usual.to_owned()))
}

/// Runs a session to its end, and does not wait for work that nobody needs any more (after an error,
/// Ctrl-C, or a reader that hung up).
pub(super) fn block_on(session: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start the query engine: {error}")))?;
    let result = runtime.block_on(session);
    runtime.shutdown_background();
    result
}

/// A session that Ctrl-C or a request to end ends in order, so that nothing is left on disk.
pub(super) async fn interruptible(
    session: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    tokio::select! {
        // First of all, so that nothing is begun before somebody listens.
        biased;
        signal = stop_signal() => Err(Failure::new(format!("stopped by {}", signal?))),
        result = session => result,
    }
}

/// Ends the shell when it is asked to, or loses its terminal, and removes what it spilled. It waits for a line on the
/// thread that would otherwise hear of it.
#[cfg(unix)]
fn end_when_told(spilled: Option<PathBuf>) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        // Without it, such signals end the program at once.
        if runtime
            .and_then(|runtime| runtime.block_on(told()))
            .is_err()
        {
            return;
        }
        // A statement may still be writing there.
        for _ in 0..10 {
            if spilled
                .iter()
                .all(|folder| std::fs::remove_dir_all(folder).is_ok())
            {
                break;
            }
        }
        std::process::exit(1);
    });
}

#[cfg(unix)]
async fn told() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = hangup.recv() => Ok(()),
    }
}

/// Where results go: a file, or standard output.
pub(super) fn output(format: Format, file: Option<PathBuf>, spreadsheet: Spreadsheet) -> Output {
    let mut output = match file {
        Some(path) => Output::file(format, path),
        None => Output::stdout(format),
    };
    if spreadsheet.csv_safe {
        output.neutralise_formulas();
    }
    output
}

/// Joins the output to its session: they share their memory, and it does not write into the dataset either.
pub(super) fn admit(ctx: &SessionContext, output: &mut Output) -> Result<(), Failure> {
    output.share_memory(ctx);
    if let Some(path) = output.path() {
        sql::refuse_dataset(ctx, path)?;
    }
    Ok(())
}

/// The text of a script file.
pub(super) fn read_file(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))
}

fn read_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    match io::stdin().lock().read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::new(format!(
            "cannot read SQL from standard input: {error}"
        ))),
    }
}

/// The statements of all -c and -f, in the order in which they were given.
#[derive(Debug)]
struct Scripts(Vec<Source>);

#[derive(Debug)]
enum Source {
    Text(String),
    File(PathBuf),
}

impl Source {
    /// What to call the script in an error, and its text.
    fn read(&self) -> Result<(Option<String>, String), Failure> {
        match self {
            Source::Text(text) => Ok((None, text.clone())),
            Source::File(path) if path.as_os_str() == "-" => Ok((None, read_stdin()?)),
            Source::File(path) => Ok((Some(path.display().to_string()), read_file(path)?)),
        }
    }
}

// By hand, because a derived struct keeps the values of each option and not the order between the two.
impl clap::FromArgMatches for Scripts {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let indices = |id| matches.indices_of(id).into_iter().flatten();
        let texts = matches.get_many::<String>("command").into_iter().flatten();
        let files = matches.get_many::<PathBuf>("file").into_iter().flatten();
        let texts = indices("command").zip(texts.map(|text| Source::Text(text.clone())));
        let files = indices("file").zip(files.map(|path| Source::File(path.clone())));
        let mut sources: Vec<(usize, Source)> = texts.chain(files).collect();
        sources.sort_by_key(|(index, _)| *index);
        Ok(Scripts(
            sources.into_iter().map(|(_, source)| source).collect(),
        ))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Args for Scripts {
    fn augment_args(command: clap::Command) -> clap::Command {
        command
            .arg(
                Arg::new("command")
                    .short('c')
                    .long("command")
                    .value_name("SQL")
                    .action(ArgAction::Append)
                    // A comment begins as an option does.
                    .allow_hyphen_values(true)
                    .help("Run these statements; may be given several times, also between -f"),
            )
            .arg(
                Arg::new("file")
                    .short('f')
                    .long("file")
                    .value_name("FILE")
                    .action(ArgAction::Append)
                    .value_parser(value_parser!(PathBuf))
                    .help("Run the statements of a file (- for standard input)"),
            )
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}
