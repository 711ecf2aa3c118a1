//! `imr show`: one letter with what was read in it.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::Failure;
use super::report::thousands;
use super::sql::block_on;
use crate::harmless;
use crate::show::{self, Hits, html, terminal};
use crate::sql::{self, Screen};

/// Show one letter with every extracted value at its place
///
/// On a terminal the values stand out in colours, with a legend; without one they are listed below the
/// text, with their offsets. --html writes a page for a browser instead: the letter with its values marked,
/// the rows of the tables beside it, each value joined to its place. The page needs no other file and no
/// network.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  imr show dataset CM15-0012345
  imr show dataset 16bb5bdf --html letter.html
  imr show dataset 003.txt --color always | less -R")]
pub struct Args {
    /// The dataset, as imr build wrote it
    #[arg(value_name = "DATASET")]
    dir: PathBuf,

    /// The letter: its case number, letter_id or source; the beginning of the first two or the last part of a
    /// source (a file's name) will do if just one letter has it
    #[arg(value_name = "CASE")]
    case: String,

    /// Write a page for a browser
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// Replace FILE if it is there
    #[arg(long, requires = "html")]
    overwrite: bool,

    /// Whether to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    fn on(self) -> bool {
        let unset = |name| std::env::var_os(name).is_none_or(|value| value.is_empty());
        let dumb = || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => io::stdout().is_terminal() && unset("NO_COLOR") && !dumb(),
        }
    }
}

/// Letters that are named where several answer.
const LISTED: usize = 20;

/// Runs the command.
pub fn run(args: Args) -> Result<(), Failure> {
    if let Some(file) = &args.html {
        admit(file, args.overwrite)?;
    }
    block_on(async {
        let ctx = sql::open(&args.dir).await?;
        show::prepare(&ctx);
        let hits = show::lookup(&ctx, &args.case).await?;
        let [hit] = hits.hits.as_slice() else {
            return Err(no_single(&args, &hits));
        };
        let sheet = show::load(&ctx, &hit.letter_id).await?;
        match &args.html {
            Some(file) => {
                write_page(file, args.overwrite, &html::page(&sheet))?;
                let (file, values) = (file.display(), thousands(sheet.marks.len() as u64));
                let decisions = match sheet.of("decisions").count() as u64 {
                    1 => "1 decision".to_owned(),
                    n => format!("{} decisions", thousands(n)),
                };
                println!(
                    "{}: {}, {values} values in the text, {decisions}",
                    harmless(&file.to_string()),
                    harmless(sheet.name())
                );
            }
            None => {
                let mut out = BufWriter::new(io::stdout().lock());
                terminal::write(&mut out, &sheet, args.color.on(), Screen::of_stdout())?;
            }
        }
        Ok(())
    })
}

/// Says that no letter, or more than one, answers to the name.
fn no_single(args: &Args, hits: &Hits) -> Failure {
    let (name, dir) = (&args.case, args.dir.display());
    let count = hits.hits.len();
    if count == 0 {
        return Failure::new(format!(
            "no letter {name:?} in {dir}; a letter is named by its case number (CM15-0012345), its letter_id or its \
             source. To find one:\n  imr sql {dir} -c \"SELECT letter_id, case_number, source FROM letters LEFT JOIN \
             cases USING (letter_id) LIMIT 20\""
        ));
    }
    let many = if hits.more { "at least " } else { "" };
    let mut message = format!(
        "{many}{} letters answer to {name:?}; name one of them:",
        thousands(count as u64)
    );
    for hit in hits.hits.iter().take(LISTED) {
        let number = hit.case_number.as_deref().unwrap_or("-");
        message.push_str(&format!(
            "\n  {}  {number:<12}  {:<8}  {}",
            hit.letter_id, hit.status, hit.source
        ));
    }
    if count > LISTED {
        let more = thousands((count - LISTED) as u64);
        message.push_str(&format!("\n  and {many}{more} more"));
    }
    Failure::new(message)
}

/// Refuses early what could not be written in the end.
fn admit(file: &Path, overwrite: bool) -> Result<(), Failure> {
    match file.symlink_metadata() {
        Ok(_) if file.is_dir() => Err(Failure::new(format!(
            "{} is a folder; name a file with --html",
            file.display()
        ))),
        Ok(_) if !overwrite => Err(exists(file)),
        _ => Ok(()),
    }
}

fn exists(file: &Path) -> Failure {
    let file = file.display();
    Failure::new(format!(
        "{file} is there already; add --overwrite to replace it"
    ))
}

/// Writes the page aside and puts it in place by rename: it appears whole or not at all.
fn write_page(file: &Path, overwrite: bool, page: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => exists(file),
        _ => Failure::new(format!("cannot write {}: {error}", file.display())),
    };
    let folder = match file.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut aside = tempfile::Builder::new();
    aside.prefix(".imr-show-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: what the user's umask leaves of it.
        aside.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut aside = aside.tempfile_in(folder).map_err(failed)?;
    aside.write_all(page.as_bytes()).map_err(failed)?;
    aside.as_file().sync_all().map_err(failed)?;
    let placed: Result<File, _> = match overwrite {
        true => aside.persist(file),
        false => aside.persist_noclobber(file),
    };
    placed.map_err(|e| failed(e.error))?;
    Ok(())
}
