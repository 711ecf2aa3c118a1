//! `imr sql`: SQL over a dataset, interactively or from scripts.

use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, value_parser};

use crate::cmd::Failure;
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
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  imr sql dataset
  imr sql dataset -c \"SELECT outcome, count(*) FROM decisions GROUP BY outcome\"
  imr sql -c \"SELECT source, status FROM read_letters('letters')\"
  imr sql dataset -f report.sql --format csv --output report.csv
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
}

/// Runs the command.
pub fn run(args: Args) -> Result<(), Failure> {
    let mut output = output(args.format, args.output);
    let dir = dataset(args.dir);
    let without = dir.is_none();
    let done = block_on(async {
        let ctx = match &dir {
            Some(dir) => sql::open(dir).await?,
            None => sql::without_dataset(),
        };
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
        } else if io::stdin().is_terminal() {
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
    });
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

/// Where results go: a file, or standard output.
pub(super) fn output(format: Format, file: Option<PathBuf>) -> Output {
    match file {
        Some(path) => Output::file(format, path),
        None => Output::stdout(format),
    }
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
