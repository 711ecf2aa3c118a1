//! Keeping a dataset up to date: what is new among the inputs is read, and the rest of the dataset stays.
//!
//! ```text
//! known::choose   the inputs, the dataset's list of them    → what must be read
//! (a build)       what must be read                         → the tables of what is new, aside
//! list::merge     both lists                                → the list of the dataset to be
//! changes::of     the lists before and after                → which rows go, come and change
//! assemble        the dataset, the new tables, the changes  → the tables of the dataset to be
//! ```
//!
//! A dataset is that of its inputs at all times: after any updates it has the rows that one build of the same
//! inputs would give it. Only their order differs, as new rows stand in files of their own.

mod assemble;
mod changes;
mod list;
mod parse;
mod profiles;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use datafusion::common::runtime::SpawnedTask;
use serde::Serialize;

use super::build::{Options, Progress, Stage, pass, watch, write_manifest};
use super::inputs::{self, Entry, Writer};
use super::manifest::{EXTRACTION, FileEntry, Manifest};
use super::stage::Stage as Staged;
use super::summary::{Summary, Tally};
use super::write::{Gate, Shut};
use super::{Dataset, Error, open, times};
use crate::source::{Inputs, Lies};
pub use assemble::read;
use assemble::{Addition, assemble};
use changes::Changes;
use list::{Choice, choose, merge};

/// How a dataset is kept up to date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Update {
    /// Whether letters go that are no longer among the inputs.
    pub prune: bool,
}

/// What an update has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Updated {
    /// Inputs that were not opened, as they have not changed.
    pub unchanged_files: u64,
    /// Inputs that were read.
    pub read_files: u64,
    /// Letters that were not in the dataset.
    pub added: u64,
    /// Letters that are no more in it.
    pub removed: u64,
    /// Letters that have another source now.
    pub moved: u64,
    /// Letters that were parsed anew, as the program reads more in them than the one that parsed them.
    pub parsed_anew: u64,
}

/// Updates the dataset that is in the place of `staged`.
pub async fn update(
    staged: Staged,
    inputs: Arc<Inputs>,
    options: &Options,
    how: Update,
    tell: &mut impl FnMut(Progress),
) -> Result<Summary, Error> {
    let begun = Instant::now();
    let mut old = open(staged.out())?;
    let options = settled(&old, &inputs, options)?;
    let mut done = Updated::default();
    let telling = |stage, letters| Progress {
        stage,
        letters,
        bytes: 0,
        of: 0,
    };
    let list = Arc::new(inputs::read(&old.dir)?);
    let known_times = Arc::new(known_times(&old, list.len()));
    let selection = old.manifest.selection;
    if is_outdated(&old)? {
        done.parsed_anew = old.manifest.letters.rows();
        let letters = done.parsed_anew;
        let (dir, jobs, layout) = (staged.aside("parsed")?, options.jobs.get(), options.layout);
        let anew = parse::anew(old, Arc::clone(&list), dir, jobs, layout);
        old = watch(anew, || tell(telling(Stage::Parsing, letters))).await?;
    }
    let choosing = {
        let (list, times, inputs) = (list.clone(), known_times.clone(), inputs.clone());
        SpawnedTask::spawn_blocking(move || choose(&list, times.as_deref(), &inputs))
    };
    let Choice { states, known } = choosing.await.map_err(|_| Error::WorkerLost)?;
    let known = Arc::new(known);
    let fresh = Arc::new(inputs.only(list::is_read(&list, &states)));
    done.read_files = fresh.files() as u64;
    done.unchanged_files = (inputs.files() - fresh.files()) as u64;
    let (mut skipped, mut plan) = (inputs.skipped.clone(), String::new());
    let mut new = Addition::default();
    if fresh.files() > 0 {
        let dir = staged.aside("new")?;
        let pass = pass(fresh, &options, Some(Arc::clone(&known)), &dir, tell).await?;
        (skipped, plan) = (pass.skipped, pass.plan);
        new = Addition {
            inputs: inputs::read(&dir)?,
            tables: pass.written.tables,
            profiles: pass.written.profiles,
            dir,
        };
    }
    tell(telling(Stage::Writing, new.inputs.len() as u64));
    let gate = Gate::default();
    // Dropped before the stage is, which clears away.
    let _shut = Shut(gate.clone());
    let (dir, layout) = (staged.path(), options.layout);
    let text_column = options.text_column().to_owned();
    let run = async move {
        let merged = merge(&list, &states, &new.inputs, &known, how.prune);
        let changes = Changes::of(&list, &merged, &new.inputs, &known);
        done.added = changes.added;
        done.removed = changes.removed;
        done.moved = changes.moved.len() as u64;
        // The list is written by a thread of its own, while the tables are put together.
        let recording = {
            let (dir, gate, merged) = (dir.clone(), gate.clone(), merged.clone());
            let (searched, known_times) = (inputs.searched, known_times.clone());
            SpawnedTask::spawn_blocking(move || {
                let recorded = write_list(&dir, &gate, &merged)?;
                let times = list::times(&merged, &list, known_times.as_deref(), &inputs);
                gate.make(|| times::write(&dir, &recorded.sha256, searched, times.into_iter()))?;
                Ok::<_, Error>(recorded)
            })
        };
        let tables = assemble(&old, &new, &changes, &dir, layout, gate).await?;
        let tally = Tally::of_files(&dir, &tables)?;
        let recorded = recording.await.map_err(|_| Error::WorkerLost)??;
        let mut manifest = Manifest::new(tally.letters, tables.clone());
        manifest.selection = selection;
        write_manifest(&dir, &manifest.of(recorded, &text_column))?;
        Ok::<_, Error>((done, tally, tables))
    };
    let (done, tally, tables) = watch(run, || ()).await?;
    tell(telling(Stage::Committing, done.added));
    staged.commit()?;
    let mut summary = Summary::new(tally, &tables, skipped);
    summary.update = Some(done);
    summary.time(begun.elapsed());
    summary.plan = plan;
    Ok(summary)
}

/// The options, with those of the dataset where none are given.
fn settled(old: &Dataset, inputs: &Inputs, options: &Options) -> Result<Options, Error> {
    let refuse = |why: String| Error::NotUpdatable {
        path: old.dir.clone(),
        why,
    };
    let (Some(read), Some(_)) = (&old.manifest.options, &old.manifest.inputs) else {
        return Err(refuse(
            "it has no list of its inputs, which an earlier version of this program did not keep"
                .into(),
        ));
    };
    let selection = old.manifest.selection;
    if let Some(limit) = selection.and_then(|s| s.limit) {
        return Err(refuse(format!(
            "it holds no more than the first {limit} letters (--limit)"
        )));
    }
    let share = selection.and_then(|s| s.sample);
    let same = |sample: super::Sample| Some(sample.share()) == share;
    if let Some(sample) = options.sample.filter(|s| !same(*s)) {
        let is = share.map_or("all letters".to_owned(), |s| format!("a sample of {s}"));
        return Err(refuse(format!(
            "it holds {is}, not a sample of {}",
            sample.share()
        )));
    }
    let column = options.text_column.as_ref();
    if let Some(column) = column.filter(|c| **c != read.text_column) {
        return Err(refuse(format!(
            "its letters were read from the column {}, not {column}",
            read.text_column
        )));
    }
    if inputs.iter().any(|input| input.lies == Lies::Stdin) {
        return Err(Error::UpdateOfStdin);
    }
    Ok(Options {
        sample: share.and_then(super::Sample::new),
        text_column: Some(read.text_column.clone()),
        ..options.clone()
    })
}

/// Whether the dataset's letters were parsed by an older version of this program. A newer one's are better
/// left alone.
fn is_outdated(old: &Dataset) -> Result<bool, Error> {
    let manifest = &old.manifest;
    if manifest.extraction.as_deref() == Some(EXTRACTION) {
        return Ok(false);
    }
    let own = env!("CARGO_PKG_VERSION");
    let numbers = |version: &str| -> Vec<u64> {
        let numbers = version.split(['.', '-', '+']).map_while(|n| n.parse().ok());
        numbers.collect()
    };
    match numbers(&manifest.version) > numbers(own) {
        true => Err(Error::NotUpdatable {
            path: old.dir.clone(),
            why: format!(
                "version {} has built it, which is newer than this one ({own})",
                manifest.version
            ),
        }),
        false => Ok(true),
    }
}

fn known_times(old: &Dataset, inputs: usize) -> Option<Vec<crate::source::Times>> {
    let entry = old.manifest.inputs.as_ref()?;
    times::read(&old.dir, &entry.sha256, inputs)
}

fn write_list(dir: &Path, gate: &Gate, list: &[Arc<Entry>]) -> Result<FileEntry, Error> {
    let mut writer = gate.make(|| Writer::create(dir))?;
    for entry in list {
        writer.add(entry)?;
    }
    writer.finish(dir)
}

#[cfg(test)]
mod tests;
