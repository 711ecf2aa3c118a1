//! Building a dataset: [`LettersExec`] reads the letters, [`WriteDatasetExec`] writes their tables, and
//! what they have written is put in place.

use std::collections::BTreeMap;
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
use super::read::{Known, Sample};
use super::sink::{Context, WriteDatasetExec, Written};
use super::stage::Stage as Staged;
use super::summary::Summary;
use super::times;
use super::update::{Update, update};
use super::write::Shut;
use super::{Error, io_error};
use crate::source::{self, Inputs, Limits};
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
    /// The column of tables that holds the letters; by default that of the dataset which is updated, or
    /// `text`.
    pub text_column: Option<String>,
    /// How much is read.
    pub limits: Limits,
    /// A dataset that is there already is updated.
    pub update: Option<Update>,
}

impl Options {
    /// The column of tables that holds the letters.
    pub fn text_column(&self) -> &str {
        self.text_column.as_deref().unwrap_or(source::TEXT_COLUMN)
    }
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
    /// Parsing letters anew that the dataset has.
    Parsing,
    /// Reading, parsing and writing, which go on side by side.
    Reading,
    /// Everything is read, the rest is being written.
    Writing,
    /// The dataset is being put in place.
    Committing,
}

/// How often progress is told.
const TICK: Duration = Duration::from_millis(100);

/// Builds the dataset of `inputs`, or updates the one that is there. It appears whole or not at all: dropped
/// before its end, the build stops and leaves what was there.
pub async fn build(
    inputs: Arc<Inputs>,
    options: &Options,
    mut tell: impl FnMut(Progress),
) -> Result<Summary, Error> {
    let begun = Instant::now();
    let replace = options.overwrite || options.update.is_some();
    let staged = Staged::open(&options.out, replace)?;
    if let Some(how) = options.update.filter(|_| staged.is_occupied()) {
        return update(staged, inputs, options, how, &mut tell).await;
    }
    let dir = staged.path();
    let Pass {
        written,
        skipped,
        plan,
    } = pass(Arc::clone(&inputs), options, None, &dir, &mut tell).await?;
    let mut summary = Summary::new(written.tally, &written.tables, skipped);
    let recorded = written.inputs.ok_or(Error::WorkerLost)?;
    let read = inputs.iter().map(|input| input.times);
    times::write(&dir, &recorded.sha256, inputs.searched, read)?;
    let manifest = Manifest::new(summary.letters, written.tables);
    let manifest = manifest.selected(options.limit, options.sample);
    write_manifest(&dir, &manifest.of(recorded, options.text_column()))?;
    staged.commit()?;
    summary.time(begun.elapsed());
    summary.plan = plan;
    Ok(summary)
}

/// What reading the inputs has given.
pub struct Pass {
    pub written: Written,
    pub skipped: BTreeMap<String, u64>,
    /// The operators that did it, with their metrics.
    pub plan: String,
}

/// Reads inputs and writes the tables of their letters into the folder `dir`. Letters that are known are
/// neither parsed nor written.
pub async fn pass(
    inputs: Arc<Inputs>,
    options: &Options,
    known: Option<Arc<Known>>,
    dir: &Path,
    tell: &mut impl FnMut(Progress),
) -> Result<Pass, Error> {
    let letters = LettersExec::new(
        Arc::clone(&inputs),
        Column::ALL.to_vec(),
        options.jobs.get(),
    )
    .with_source(source::Options {
        text_column: options.text_column().to_owned(),
        limits: options.limits.clone(),
    })
    .with_trace()
    .with_sample(options.sample)
    .knowing(known.clone())
    .with_limit(options.limit);
    let letters = Arc::new(letters);
    let sink = WriteDatasetExec::new(
        Arc::clone(&letters) as _,
        dir.to_owned(),
        options.layout,
        options.limit,
    );
    let sink = Arc::new(sink.with_context(Context {
        inputs: Some(Arc::clone(&inputs)),
        known,
        ..Context::default()
    }));
    // Dropped before the folder is cleared away.
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
    Ok(Pass {
        written: sink.written().ok_or(Error::WorkerLost)?,
        skipped: letters.skipped(),
        plan: DisplayableExecutionPlan::with_metrics(sink.as_ref())
            .indent(true)
            .to_string(),
    })
}

/// Waits for `run` to end, and calls `tick` from time to time.
pub async fn watch<T, E>(
    run: impl Future<Output = Result<T, E>> + Send + 'static,
    mut tick: impl FnMut(),
) -> Result<T, Error>
where
    T: Send + 'static,
    E: Into<Error> + Send + 'static,
{
    // A task of its own, so that no other future that is polled along with this one slows it down.
    let mut run = SpawnedTask::spawn(run);
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            done = &mut run => {
                tick();
                return done.map_err(|_| Error::WorkerLost)?.map_err(Into::into);
            }
            _ = ticks.tick() => tick(),
        }
    }
}

/// Writes the manifest into the folder `dir`.
pub fn write_manifest(dir: &Path, manifest: &Manifest) -> Result<(), Error> {
    let path = dir.join(MANIFEST);
    let write = || -> io::Result<()> {
        let json = manifest.to_json().map_err(io::Error::from)?;
        let mut file = fs::File::create_new(&path)?;
        file.write_all(&json)?;
        file.sync_all()
    };
    write().map_err(io_error("cannot write", &path))
}
