//! `WriteDatasetExec`: the operator that writes letters' rows as a dataset's tables.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, AsArray, RecordBatch, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, UInt64Type};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{Distribution, EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{
    Boundedness, ChildrenPropertiesMode, EmissionType, EvaluationType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::metrics::{
    Count, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet, Time,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, Partitioning, PlanProperties, SendableRecordBatchStream,
};
use futures::StreamExt;
use futures::future::try_join_all;
use rustc_hash::FxHashMap;

use super::Error;
use super::encoding::Layout;
use super::gather::{Gatherer, Profiles, in_order};
use super::inputs::Recorder;
use super::letters::ORDINAL;
use super::manifest::{FileEntry, LetterCounts, TableEntry};
use super::read::Known;
use super::summary::Tally;
use super::write::{Gate, TableWriter, Writing};
use crate::source::Inputs;
use crate::tables::{TABLES, reviewers};

/// What was written.
pub struct Written {
    pub tally: Tally,
    pub tables: Vec<TableEntry>,
    /// The inputs, if they were recorded.
    pub inputs: Option<FileEntry>,
    /// The reviewers' profiles.
    pub profiles: Profiles,
}

/// What else is needed to write the tables.
#[derive(Clone, Default)]
pub struct Context {
    /// The inputs, which are recorded beside the tables.
    pub inputs: Option<Arc<Inputs>>,
    /// Letters that are left out, as their rows are elsewhere.
    pub known: Option<Arc<Known>>,
    /// The place of each letter among all, where the rows do not come in that order.
    pub places: Option<Arc<FxHashMap<u64, u64>>>,
}

/// Writes the rows of [`super::LettersExec`] as tables, in the order of the inputs, and gives one row
/// with the number of letters read.
///
/// Every partition of the input has its units in order, so that merging by the least ordinal at hand
/// restores the order of all: no more is held than what the partitions are ahead.
pub struct WriteDatasetExec {
    input: Arc<dyn ExecutionPlan>,
    dir: PathBuf,
    layout: Layout,
    limit: Option<usize>,
    context: Context,
    gate: Gate,
    written: Arc<Mutex<Option<Written>>>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl WriteDatasetExec {
    /// Writes the rows of `input` in the folder `dir`, not more than `limit`.
    pub fn new(
        input: Arc<dyn ExecutionPlan>,
        dir: PathBuf,
        layout: Layout,
        limit: Option<usize>,
    ) -> Self {
        let count = Field::new("count", DataType::UInt64, false);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::new(Schema::new(vec![count]))),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Self {
            input,
            dir,
            layout,
            limit,
            context: Context::default(),
            gate: Gate::default(),
            written: Arc::default(),
            properties: Arc::new(properties.with_evaluation_type(EvaluationType::Eager)),
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }

    /// With what else is needed.
    pub(super) fn with_context(mut self, context: Context) -> Self {
        self.context = context;
        self
    }

    /// Makes the tables' files through `gate`.
    pub(super) fn with_gate(mut self, gate: Gate) -> Self {
        self.gate = gate;
        self
    }

    /// What the tables' files are made through.
    pub(super) fn gate(&self) -> Gate {
        self.gate.clone()
    }

    /// What was written, once that is done.
    pub fn written(&self) -> Option<Written> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.take()
    }
}

impl fmt::Debug for WriteDatasetExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteDatasetExec")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

impl DisplayAs for WriteDatasetExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "WriteDatasetExec: tables={}", TABLES.len())?;
        match self.limit {
            Some(limit) => write!(f, ", limit={limit}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for WriteDatasetExec {
    fn name(&self) -> &str {
        "WriteDatasetExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![Distribution::UnspecifiedDistribution])
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (Some(input), true) = (children.pop(), children.is_empty()) else {
            return internal_err!("WriteDatasetExec has one input");
        };
        let anew = Self::new(input, self.dir.clone(), self.layout, self.limit);
        Ok(Arc::new(anew.with_context(self.context.clone())))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        self.replace_children(children, options)
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let partitions = self.input.output_partitioning().partition_count();
        let streams = (0..partitions).map(|n| self.input.execute(n, Arc::clone(&context)));
        let merge = Merge {
            streams: streams.collect::<Result<_>>()?,
            heads: (0..partitions).map(|_| None).collect(),
        };
        let metric = || MetricBuilder::new(&self.metrics);
        let sink = Sink {
            gatherer: Gatherer::knowing(self.context.known.clone())
                .placed(self.context.places.clone()),
            inputs: self.context.inputs.clone(),
            writing: Writing {
                gate: self.gate.clone(),
                ..Writing::new(self.dir.clone(), self.layout, partitions, &self.metrics)
            },
            limit: self.limit,
            gather_time: metric().subset_time("gather_time", partition),
            letters: metric().counter("letters", partition),
            written: Arc::clone(&self.written),
        };
        let schema = self.schema();
        let row = Arc::clone(&schema);
        let count = futures::stream::once(async move {
            let count = sink.run(merge).await?;
            let count: ArrayRef = Arc::new(UInt64Array::from(vec![count]));
            Ok(RecordBatch::try_new(row, vec![count])?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, count)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

/// Brings the batches of all partitions into the order of their ordinals.
struct Merge {
    streams: Vec<SendableRecordBatchStream>,
    /// The next batch of each partition, as far as it is known; a partition that has ended has none.
    heads: Vec<Option<(u64, RecordBatch)>>,
}

impl Merge {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let mut n = 0;
        while n < self.streams.len() {
            if self.heads[n].is_none() {
                let Some(batch) = self.streams[n].next().await else {
                    drop(self.streams.swap_remove(n));
                    self.heads.swap_remove(n);
                    continue;
                };
                self.heads[n] = Some(with_ordinal(batch?));
            }
            n += 1;
        }
        let ordinal = |head: &&mut Option<(u64, RecordBatch)>| head.as_ref().map(|h| h.0);
        let least = self.heads.iter_mut().min_by_key(ordinal);
        Ok(least.and_then(Option::take).map(|(_, batch)| batch))
    }
}

/// A batch is of one unit, so that its first row tells its place.
fn with_ordinal(batch: RecordBatch) -> (u64, RecordBatch) {
    let ordinals = batch[ORDINAL].as_primitive::<UInt64Type>();
    (ordinals.values().first().copied().unwrap_or(0), batch)
}

/// Writes ordered rows.
struct Sink {
    gatherer: Gatherer,
    inputs: Option<Arc<Inputs>>,
    writing: Writing,
    limit: Option<usize>,
    gather_time: Time,
    letters: Count,
    written: Arc<Mutex<Option<Written>>>,
}

impl Sink {
    async fn run(mut self, mut rows: Merge) -> Result<u64, Error> {
        let create = |table| TableWriter::create(self.writing.clone(), table);
        let mut writers = TABLES
            .into_iter()
            .map(create)
            .collect::<Result<Vec<_>, _>>()?;
        let dir = self.writing.dir.clone();
        let mut recorder = match self.inputs.take() {
            Some(inputs) => Some(self.writing.gate.make(|| Recorder::create(inputs, &dir))?),
            None => None,
        };
        let mut left = self.limit;
        while left != Some(0) {
            let Some(mut batch) = rows.next().await? else {
                break;
            };
            if let Some(left) = &mut left {
                batch = batch.slice(0, batch.num_rows().min(*left));
                *left -= batch.num_rows();
            }
            self.letters.add(batch.num_rows());
            if let Some(recorder) = &mut recorder {
                recorder.take(&batch).await?;
            }
            let timer = self.gather_time.timer();
            let tables = self.gatherer.take(&batch)?;
            timer.done();
            for (writer, rows) in writers.iter_mut().zip(in_order(tables)) {
                writer.write(rows).await?;
            }
        }
        // Readers that have been ahead stop here.
        drop(rows);
        let reviewers = self.gatherer.reviewers()?;
        let place = TABLES.iter().position(|t| t.name == reviewers::TABLE.name);
        if let Some(writer) = place.and_then(|n| writers.get_mut(n)) {
            writer.write(reviewers).await?;
        }
        let tables = try_join_all(writers.into_iter().map(TableWriter::finish)).await?;
        let inputs = match recorder {
            Some(recorder) => Some(recorder.finish(self.limit.is_none(), &dir).await?),
            None => None,
        };
        let (tally, profiles) = self.gatherer.finish();
        let LetterCounts { read, .. } = tally.letters;
        if read != tally.letters.sum() {
            let (inputs, counted) = (read, tally.letters.sum());
            return Err(Error::Miscounted { inputs, counted });
        }
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        *written = Some(Written {
            tally,
            tables,
            inputs,
            profiles,
        });
        Ok(read)
    }
}
