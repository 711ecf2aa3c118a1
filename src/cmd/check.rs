//! `imr check`: proves a dataset sound.

use std::io::{self, Write};
use std::path::PathBuf;

use super::Failure;
use super::build::share;
use super::report::thousands;
use crate::dataset::check::{Check, Deep, Report, check, other_parser};
use crate::dataset::{Dataset, Folder, Sample, open};
use crate::harmless;

/// Prove a dataset sound: its files, keys, references, enumerations, counts and places in the text.
///
/// Prints every rule with how much was looked at, and the offending rows where one is broken; the exit
/// code is 1 then.
#[derive(clap::Args)]
pub struct Args {
    /// The folder of the dataset.
    #[arg(value_name = "DIR", default_value = "dataset")]
    dir: PathBuf,

    /// Also parse the letters again, from their texts in the dataset, and compare every value of every
    /// table with what that gives.
    ///
    /// What was met in reading a document before its text was parsed (a damaged PDF, another encoding) is
    /// taken as it stands, as are the sources: the documents themselves are not needed.
    #[arg(long)]
    deep: bool,

    /// Parse only this share of the letters again (0.01, or 1%), always the same ones.
    #[arg(long, value_name = "P", value_parser = share, requires = "deep")]
    sample: Option<Sample>,
}

/// How often a check is begun anew because another dataset took the place of the one that was checked.
const ATTEMPTS: usize = 10;

pub fn run(args: Args) -> Result<(), Failure> {
    let report = (0..ATTEMPTS)
        .find_map(|_| attempt(&args).transpose())
        .unwrap_or_else(|| {
            let dir = args.dir.display().to_string();
            let dir = harmless(&dir);
            Err(Failure::new(format!(
                "{dir} was replaced {ATTEMPTS} times while it was checked; check it when it rests"
            )))
        })?;
    let mut out = io::stdout().lock();
    for check in &report.checks {
        print(&mut out, check)?;
    }
    let broken = report.checks.iter().filter(|c| c.broken > 0).count();
    let dir = args.dir.display().to_string();
    let dir = harmless(&dir);
    if broken == 0 {
        writeln!(
            out,
            "\n{dir} is sound: all {} rules hold",
            report.checks.len()
        )?;
    }
    out.flush()?;
    match broken {
        0 => Ok(()),
        n => Err(Failure::new(format!(
            "{dir} is not sound: {n} of {} rules are broken; build it anew with --overwrite",
            report.checks.len()
        ))),
    }
}

/// Checks what lies in the folder; `None` if it was not sound and another dataset has taken its place meanwhile, whose
/// files may have been taken for its own.
fn attempt(args: &Args) -> Result<Option<Report>, Failure> {
    let folder = Folder::open(&args.dir);
    let report = open(&args.dir)
        .map_err(Failure::from)
        .and_then(|dataset| look(args, &dataset));
    let is_sound = report.as_ref().is_ok_and(Report::is_sound);
    match folder {
        Ok(folder) if !is_sound && !folder.is_in_place(&args.dir) => Ok(None),
        _ => Ok(Some(report?)),
    }
}

fn look(args: &Args, dataset: &Dataset) -> Result<Report, Failure> {
    let deep = args.deep.then_some(Deep {
        sample: args.sample,
    });
    if let Some(note) = other_parser(dataset).filter(|_| args.deep) {
        eprintln!("imr: {}", harmless(&note.to_string()));
    }
    Ok(check(dataset, deep)?)
}

fn print(out: &mut impl Write, check: &Check) -> io::Result<()> {
    let mark = match check.broken {
        0 if check.looked_at == 0 => "  -   ",
        0 => "ok    ",
        _ => "BROKEN",
    };
    let looked_at = thousands(check.looked_at);
    writeln!(
        out,
        "{mark} {:<52}{looked_at:>10} {}",
        check.rule, check.unit
    )?;
    for example in &check.examples {
        writeln!(out, "         {}", harmless(example))?;
    }
    let more = check.broken.saturating_sub(check.examples.len() as u64);
    if more > 0 {
        writeln!(out, "         and {} more", thousands(more))?;
    }
    Ok(())
}
