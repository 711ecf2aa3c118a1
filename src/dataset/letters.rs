//! `LettersExec`: the operator that reads letters.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{
    Boundedness, ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions, SchedulingType,
};
use datafusion::physical_plan::metrics::{
    BaselineMetrics, Count, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet, RecordOutput, Time,
};
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
    SendableRecordBatchStream,
};
use tokio::sync::mpsc::Sender;

use super::read::{Known, Reader, Sample};
use crate::source::{self, Inputs, Scan, Skipped};
use crate::tables::nested::{Builders, Column};

/// The column that tells the place of a row's unit among the inputs.
pub const ORDINAL: &str = "ordinal";

/// The column that tells the place of a row's file among the inputs.
pub const INPUT: &str = "input";

/// The column that tells how a row's document was read ([`super::read::Reading`]).
pub const READING: &str = "reading";

/// The column with the SHA-256 of a row's file, where that is one document.
pub const SHA256: &str = "sha256";

/// Text in a batch: a unit with more of it gives several batches.
const BATCH_BYTES: usize = 16 * 1024 * 1024;

/// Batches that a partition may be ahead of who takes them.
const AHEAD: usize = 2;

/// Reads letters: a row each, with the columns that are wanted.
///
/// Any number of partitions share one pass over the inputs, of which each takes the next unit when it
/// has done with the last: so they are all busy to the end, even if the inputs are one archive. Each is
/// a blocking thread of its own. In a partition the units stand in the order of the inputs.
pub struct LettersExec {
    inputs: Arc<Inputs>,
    columns: Vec<Column>,
    source: source::Options,
    with_trace: bool,
    sample: Option<Sample>,
    known: Option<Arc<Known>>,
    /// A partition ends after so many rows.
    fetch: Option<usize>,
    pass: Mutex<Pass>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

/// One pass over the inputs.
#[derive(Default)]
struct Pass {
    scan: Option<Arc<Mutex<Scan>>>,
    skipped: Option<Skipped>,
    /// The partitions that take part in it.
    partitions: Vec<usize>,
}

impl LettersExec {
    /// Reads `inputs` in so many partitions.
    pub fn new(inputs: Arc<Inputs>, columns: Vec<Column>, partitions: usize) -> Self {
        let schema = Builders::new(columns.clone()).schema();
        Self {
            inputs,
            columns,
            source: source::Options::default(),
            with_trace: false,
            sample: None,
            known: None,
            fetch: None,
            pass: Mutex::default(),
            properties: properties(schema, partitions),
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }

    /// Reads of the inputs what `source` says.
    pub fn with_source(mut self, source: source::Options) -> Self {
        self.source = source;
        self
    }

    /// With the columns [`ORDINAL`], [`INPUT`], [`READING`] and [`SHA256`] as the last ones.
    pub fn with_trace(mut self) -> Self {
        let schema = with_trace(&self.schema());
        self.with_trace = true;
        self.properties = properties(schema, self.properties.partitioning.partition_count());
        self
    }

    /// Reads only a sample of the letters.
    pub fn with_sample(mut self, sample: Option<Sample>) -> Self {
        self.sample = sample;
        self
    }

    /// Does not parse letters that are known: their rows have the key and the source only.
    pub(super) fn knowing(mut self, known: Option<Arc<Known>>) -> Self {
        self.known = known;
        self
    }

    /// Reads no more letters than are needed for so many rows.
    pub fn with_limit(mut self, limit: Option<usize>) -> Self {
        self.fetch = limit;
        self
    }

    /// The same operator, which reads the inputs anew.
    fn anew(&self) -> Self {
        Self {
            inputs: Arc::clone(&self.inputs),
            columns: self.columns.clone(),
            source: self.source.clone(),
            with_trace: self.with_trace,
            sample: self.sample,
            known: self.known.clone(),
            fetch: self.fetch,
            pass: Mutex::default(),
            properties: Arc::clone(&self.properties),
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }

    /// The pass that `partition` takes part in: a partition that is run again begins a new one.
    fn scan(&self, partition: usize) -> Arc<Mutex<Scan>> {
        let mut pass = self.pass.lock().unwrap_or_else(PoisonError::into_inner);
        if pass.partitions.contains(&partition) {
            *pass = Pass::default();
        }
        pass.partitions.push(partition);
        if let Some(scan) = &pass.scan {
            return Arc::clone(scan);
        }
        let scan = self.inputs.scan(&self.source);
        pass.skipped = Some(scan.skipped());
        Arc::clone(pass.scan.insert(Arc::new(Mutex::new(scan))))
    }

    /// How many files and members the last pass has passed over, by extension.
    pub fn skipped(&self) -> BTreeMap<String, u64> {
        let pass = self.pass.lock().unwrap_or_else(PoisonError::into_inner);
        pass.skipped
            .as_ref()
            .map_or_else(BTreeMap::new, Skipped::counts)
    }
}

/// The columns of a schema, and those of the trace.
pub fn with_trace(schema: &Schema) -> SchemaRef {
    let trace = [
        Field::new(ORDINAL, DataType::UInt64, false),
        Field::new(INPUT, DataType::UInt32, false),
        Field::new(READING, DataType::UInt32, false),
        Field::new(SHA256, DataType::FixedSizeBinary(32), true),
    ];
    let fields = schema.fields().iter().cloned();
    Arc::new(Schema::new(
        fields.chain(trace.map(Arc::new)).collect::<Vec<_>>(),
    ))
}

fn properties(schema: SchemaRef, partitions: usize) -> Arc<PlanProperties> {
    let properties = PlanProperties::new(
        EquivalenceProperties::new(schema),
        Partitioning::UnknownPartitioning(partitions),
        EmissionType::Incremental,
        Boundedness::Bounded,
    );
    Arc::new(properties.with_scheduling_type(SchedulingType::Cooperative))
}

impl fmt::Debug for LettersExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LettersExec")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl DisplayAs for LettersExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        let partitions = self.properties.partitioning.partition_count();
        write!(
            f,
            "LettersExec: files={}, partitions={partitions}",
            self.inputs.files()
        )?;
        let names: Vec<_> = self
            .schema()
            .fields()
            .iter()
            .map(|f| f.name().clone())
            .collect();
        write!(f, ", columns=[{}]", names.join(", "))?;
        if let Some(sample) = self.sample {
            write!(f, ", sample={}", sample.share())?;
        }
        if let Some(fetch) = self.fetch {
            write!(f, ", fetch={fetch}")?;
        }
        Ok(())
    }
}

impl ExecutionPlan for LettersExec {
    fn name(&self) -> &str {
        "LettersExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match children.len() {
            0 => Ok(self),
            _ => internal_err!("LettersExec has no inputs"),
        }
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        self.replace_children(children, options)
    }

    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(self.anew()))
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let mut builder = RecordBatchReceiverStreamBuilder::new(self.schema(), AHEAD);
        let worker = Worker {
            scan: self.scan(partition),
            reader: Reader::new(
                Builders::new(self.columns.clone()),
                self.sample,
                MetricBuilder::new(&self.metrics).subset_time("parse_time", partition),
                MetricBuilder::new(&self.metrics).subset_time("build_time", partition),
            )
            .knowing(self.known.clone()),
            traced: self.with_trace.then(|| self.schema()),
            left: self.fetch,
            to: builder.tx(),
            read_time: MetricBuilder::new(&self.metrics).subset_time("read_time", partition),
            letters: MetricBuilder::new(&self.metrics).counter("letters", partition),
            bytes: MetricBuilder::new(&self.metrics).counter("bytes", partition),
            baseline: BaselineMetrics::new(&self.metrics, partition),
        };
        builder.spawn_blocking(move || worker.run());
        Ok(builder.build())
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        Some(Arc::new(self.anew().with_limit(limit)))
    }

    fn fetch(&self) -> Option<usize> {
        self.fetch
    }
}

/// What a partition's thread does.
struct Worker {
    scan: Arc<Mutex<Scan>>,
    reader: Reader,
    /// The schema with the trace, if that is wanted.
    traced: Option<SchemaRef>,
    /// Rows that are still wanted.
    left: Option<usize>,
    to: Sender<Result<RecordBatch>>,
    read_time: Time,
    letters: Count,
    bytes: Count,
    baseline: BaselineMetrics,
}

impl Worker {
    fn run(mut self) -> Result<()> {
        while self.left != Some(0) && !self.to.is_closed() {
            let begun = Instant::now();
            let unit = self
                .scan
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next();
            self.read_time.add_elapsed(begun);
            let Some(unit) = unit else { break };
            let (ordinal, bytes) = (unit.ordinal, unit.bytes);
            let mut documents = unit.documents();
            loop {
                let begun = Instant::now();
                let document = documents.next();
                self.read_time.add_elapsed(begun);
                match document {
                    None => break,
                    Some(found) => self.reader.take(found),
                }
                let rows = self.reader.rows.rows();
                let enough = self.left.is_some_and(|left| rows >= left);
                if enough || self.reader.rows.bytes() >= BATCH_BYTES {
                    self.send(ordinal)?;
                }
                if self.left == Some(0) || self.to.is_closed() {
                    return Ok(());
                }
            }
            self.send(ordinal)?;
            self.bytes.add(bytes as usize);
        }
        Ok(())
    }

    /// Sends the rows gathered. Whoever takes them may have had enough, which is no failure.
    fn send(&mut self, ordinal: u64) -> Result<()> {
        let rows = self.reader.rows.rows();
        if rows == 0 {
            return Ok(());
        }
        let timer = self.baseline.elapsed_compute().timer();
        let mut batch = self.reader.rows.finish()?;
        let trace = self.reader.trace.finish();
        if let Some(schema) = &self.traced {
            let ordinal: ArrayRef = Arc::new(UInt64Array::from_value(ordinal, rows));
            let columns = batch.columns().iter().cloned();
            let columns = columns.chain([ordinal]).chain(trace);
            batch = RecordBatch::try_new(Arc::clone(schema), columns.collect())?;
        }
        drop(timer);
        if let Some(left) = &mut self.left {
            batch = batch.slice(0, rows.min(*left));
            *left -= batch.num_rows();
        }
        self.letters.add(batch.num_rows());
        let batch = batch.record_output(&self.baseline);
        let _ = self.to.blocking_send(Ok(batch));
        Ok(())
    }
}
