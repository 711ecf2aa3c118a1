//! `imr check`: proves a dataset sound.

use std::io::{self, Write};
use std::path::PathBuf;

use super::Failure;
use super::build::share;
use super::report::thousands;
use crate::dataset::check::{Check, Deep, check, other_parser};
use crate::dataset::{Sample, open};
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

pub fn run(args: Args) -> Result<(), Failure> {
    let dataset = open(&args.dir)?;
    let deep = args.deep.then_some(Deep {
        sample: args.sample,
    });
    if let Some(note) = other_parser(&dataset).filter(|_| args.deep) {
        eprintln!("imr: {}", harmless(&note.to_string()));
    }
    let report = check(&dataset, deep)?;
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
