//! Building a dataset: [`LettersExec`] reads the letters, [`WriteDatasetExec`] writes their tables, and
//! what they have written is put in place.

use std::fs;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::display::DisplayableExecutionPlan;
use datafusion::physical_plan::{ExecutionPlan, collect};

use super::encoding::Layout;
use super::letters::LettersExec;
use super::manifest::{MANIFEST, Manifest};
use super::read::Sample;
use super::sink::{WriteDatasetExec, Written};
use super::stage::Stage as Staged;
use super::summary::Summary;
use super::write::Shut;
use super::{Error, io_error};
use crate::source::{self, Inputs};
use crate::tables::nested::Column;

/// How a dataset is built.
#[derive(Debug, Clone)]
pub struct Options {
    /// The dataset's folder.
    pub out: PathBuf,
    /// Whether a dataset that is there already is replaced.
    pub overwrite: bool,
    /// The number of reading threads.
    pub jobs: NonZeroUsize,
    /// Reads no more than so many letters, the first ones.
    pub limit: Option<usize>,
    /// Reads only a sample of the letters.
    pub sample: Option<Sample>,
    /// Where row groups and files end.
    pub layout: Layout,
    /// What is read of the inputs.
    pub source: source::Options,
}

/// How far a build is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    pub letters: u64,
    /// Bytes of the inputs that were read, of so many; 0 where that is not known.
    pub bytes: u64,
    pub of: u64,
}

/// What a build is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading, parsing and writing, which go on side by side.
    Reading,
    /// Everything is read, the rest is being written.
    Writing,
    /// The dataset is being put in place.
    Committing,
}

/// How often progress is told.
const TICK: Duration = Duration::from_millis(100);

/// Builds the dataset of `inputs`. It appears whole or not at all: dropped before its end, the build
/// stops and leaves what was there.
pub async fn build(
    inputs: Arc<Inputs>,
    options: &Options,
    mut tell: impl FnMut(Progress),
) -> Result<Summary, Error> {
    let begun = Instant::now();
    let staged = Staged::open(&options.out, options.overwrite)?;
    let letters = LettersExec::new(
        Arc::clone(&inputs),
        Column::ALL.to_vec(),
        options.jobs.get(),
    )
    .with_source(options.source.clone())
    .with_ordinal()
    .with_sample(options.sample)
    .with_limit(options.limit);
    let letters = Arc::new(letters);
    let sink = WriteDatasetExec::new(
        Arc::clone(&letters) as _,
        staged.path(),
        options.layout,
        options.limit,
    );
    let sink = Arc::new(sink);
    // Dropped before the stage is, which clears away.
    let _shut = Shut(sink.gate());
    let of = inputs.bytes();
    let progress = |stage| {
        let metrics = letters.metrics().unwrap_or_default();
        let count = |name| metrics.sum_by_name(name).map_or(0, |m| m.as_usize() as u64);
        Progress {
            stage,
            letters: count("letters"),
            bytes: count("bytes"),
            of,
        }
    };
    let run = collect(Arc::clone(&sink) as _, Arc::new(TaskContext::default()));
    watch(run, || {
        let now = progress(Stage::Reading);
        let stage = if of == 0 || now.bytes < of {
            Stage::Reading
        } else {
            Stage::Writing
        };
        tell(Progress { stage, ..now });
    })
    .await?;
    tell(progress(Stage::Committing));
    let Written { tally, tables } = sink.written().ok_or(Error::WorkerLost)?;
    let mut summary = Summary::new(tally, &tables, letters.skipped());
    let manifest = Manifest::new(summary.letters, tables);
    let manifest = manifest.selected(options.limit, options.sample);
    write_synced(&staged.path().join(MANIFEST), &manifest)?;
    staged.commit()?;
    summary.time(begun.elapsed());
    summary.plan = DisplayableExecutionPlan::with_metrics(sink.as_ref())
        .indent(true)
        .to_string();
    Ok(summary)
}

/// Waits for `run` to end, and calls `tick` from time to time.
async fn watch<T>(
    run: impl Future<Output = Result<T, datafusion::error::DataFusionError>> + Send + 'static,
    mut tick: impl FnMut(),
) -> Result<T, Error>
where
    T: Send + 'static,
{
    // A task of its own, so that no other future that is polled along with this one slows it down.
    let mut run = SpawnedTask::spawn(run);
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            done = &mut run => {
                tick();
                return Ok(done.map_err(|_| Error::WorkerLost)??);
            }
            _ = ticks.tick() => tick(),
        }
    }
}

fn write_synced(path: &Path, manifest: &Manifest) -> Result<(), Error> {
    let write = || -> io::Result<()> {
        let json = manifest.to_json().map_err(io::Error::from)?;
        let mut file = fs::File::create_new(path)?;
        file.write_all(&json)?;
        file.sync_all()
    };
    write().map_err(io_error("cannot write", path))
}
