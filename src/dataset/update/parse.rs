//! Parsing a dataset's letters anew, from their texts: the files that they came from are not needed.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::vec;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, UInt64Array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::collect;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use rustc_hash::FxHashMap;

use super::super::encoding::Layout;
use super::super::gather::REPEAT;
use super::super::inputs::List;
use super::super::letters::with_trace;
use super::super::read::{explained, parse, rejected};
use super::super::sink::{Context, WriteDatasetExec};
use super::super::write::{Gate, Shut, TableWriter, Writing};
use super::super::{Dataset, Error};
use super::assemble::{Batches, read};
use super::list::winners;
use crate::letter::{Problem, Severity};
use crate::source::reading_code;
use crate::tables::nested::{Builders, Column, Item};
use crate::tables::{letters, number, problems};

/// Batches that a partition may be ahead of who takes them.
const AHEAD: usize = 2;

/// Writes the dataset of the same letters, as this program reads their texts, into the folder `dir`. What was
/// met in reading the documents stays as it is.
pub async fn anew(
    old: Dataset,
    list: Arc<List>,
    dir: PathBuf,
    jobs: usize,
    layout: Layout,
) -> Result<Dataset, Error> {
    let gate = Gate::default();
    let _shut = Shut(gate.clone());
    let (met, others) = met(&old)?;
    let texts = Texts {
        files: old.files(letters::TABLE.name).into_iter(),
        open: None,
        ordinal: 0,
    };
    let partition = Partition {
        texts: Arc::new(Mutex::new(texts)),
        met: Arc::new(met),
        schema: schema(),
    };
    let partition: Arc<dyn PartitionStream> = Arc::new(partition);
    let partitions = vec![partition; jobs];
    let letters = StreamingTableExec::try_new(schema(), partitions, None, [], false, None)?;
    let rank = |place: (u32, u32)| u64::from(place.0) << 32 | u64::from(place.1);
    let places = winners(&list)
        .into_iter()
        .map(|(id, place)| (id, rank(place)));
    let context = Context {
        places: Some(Arc::new(places.collect())),
        ..Context::default()
    };
    let sink = WriteDatasetExec::new(Arc::new(letters), dir.clone(), layout, None);
    let sink = Arc::new(sink.with_context(context).with_gate(gate.clone()));
    collect(Arc::clone(&sink) as _, Arc::new(TaskContext::default())).await?;
    let mut tables = sink.written().ok_or(Error::WorkerLost)?.tables;
    let entry = tables.iter_mut().find(|t| t.name == problems::TABLE.name);
    if let Some(entry) = entry.filter(|_| !others.is_empty()) {
        let metrics = ExecutionPlanMetricsSet::new();
        let writing = Writing {
            gate,
            ..Writing::new(dir.clone(), layout, 1, &metrics)
        };
        let mut writer = TableWriter::resume(writing, &problems::TABLE, entry.files.len())?;
        for rows in others {
            writer.write(rows).await?;
        }
        let written = writer.finish().await?;
        entry.rows += written.rows;
        entry.files.extend(written.files);
    }
    let mut manifest = old.manifest;
    manifest.tables = tables;
    Ok(Dataset { dir, manifest })
}

fn schema() -> SchemaRef {
    // Only the first column of the trace is needed.
    let letters = Builders::new(Column::ALL.to_vec()).schema();
    let traced = with_trace(&letters);
    let fields = traced.fields().iter().take(Column::ALL.len() + 1).cloned();
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// What was met in reading each letter's document.
type Met = FxHashMap<u64, Vec<Problem>>;

/// The problems that were not met in parsing: those of letters, and the rows of all others.
fn met(old: &Dataset) -> Result<(Met, Vec<RecordBatch>), Error> {
    let (mut met, mut others) = (Met::default(), Vec::new());
    for file in old.files(problems::TABLE.name) {
        for batch in read(&problems::TABLE, &file, None)? {
            let batch = batch?;
            let text = |column: &str| batch[column].as_string::<i32>();
            let [ids, severities, codes, messages] =
                ["letter_id", "severity", "code", "message"].map(text);
            let mut other = Vec::with_capacity(batch.num_rows());
            for (row, (id, code)) in ids.iter().zip(codes).enumerate() {
                let code = code.unwrap_or_default();
                other.push(id.is_none() || code == REPEAT);
                let (Some(id), Some(code)) = (id, reading_code(code)) else {
                    continue;
                };
                met.entry(number(id)).or_default().push(Problem {
                    severity: Severity::from_text(severities.value(row)).unwrap_or(Severity::Error),
                    code,
                    message: messages.value(row).to_owned(),
                    span: None,
                });
            }
            let rows = filter_record_batch(&batch, &BooleanArray::from(other))?;
            if rows.num_rows() > 0 {
                let columns = rows.columns().to_vec();
                others.push(RecordBatch::try_new(problems::TABLE.schema(), columns)?);
            }
        }
    }
    Ok((met, others))
}

/// The letters' texts, a batch after the other.
struct Texts {
    files: vec::IntoIter<PathBuf>,
    open: Option<Batches>,
    ordinal: u64,
}

impl Texts {
    fn next(&mut self) -> Option<Result<(u64, RecordBatch), Error>> {
        loop {
            let batch = self.open.as_mut().and_then(Iterator::next);
            if let Some(batch) = batch {
                self.ordinal += 1;
                let ordinal = self.ordinal;
                return Some(batch.map(|batch| (ordinal, batch)));
            }
            let columns = ["letter_id", "source", "text"];
            match read(&letters::TABLE, &self.files.next()?, Some(&columns)) {
                Ok(batches) => self.open = Some(batches),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Parses; all partitions share the texts.
#[derive(Clone)]
struct Partition {
    texts: Arc<Mutex<Texts>>,
    met: Arc<Met>,
    schema: SchemaRef,
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Partition")
    }
}

impl PartitionStream for Partition {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut builder = RecordBatchReceiverStreamBuilder::new(Arc::clone(&self.schema), AHEAD);
        let (partition, to) = (self.clone(), builder.tx());
        builder.spawn_blocking(move || {
            while let Some(texts) = partition.next() {
                let rows = texts.and_then(|(n, texts)| partition.parse(n, &texts));
                let rows = rows.map_err(DataFusionError::from);
                // Whoever takes them may have had enough, which is no failure.
                if to.blocking_send(rows).is_err() {
                    break;
                }
            }
            Ok(())
        });
        builder.build()
    }
}

impl Partition {
    fn next(&self) -> Option<Result<(u64, RecordBatch), Error>> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.next()
    }

    fn parse(&self, ordinal: u64, letters: &RecordBatch) -> Result<RecordBatch, Error> {
        let text = |column: &str| letters[column].as_string::<i32>();
        let [ids, sources, texts] = ["letter_id", "source", "text"].map(text);
        let mut builders = Builders::new(Column::ALL.to_vec());
        for ((id, source), text) in ids.iter().zip(sources).zip(texts) {
            let id = id.unwrap_or_default();
            let met = self.met.get(&number(id)).cloned().unwrap_or_default();
            let letter = text.map_or_else(rejected, parse);
            builders.add(&Item {
                letter_id: id,
                source: source.unwrap_or_default(),
                text,
                letter: &explained(letter, met),
            });
        }
        let rows = builders.finish()?;
        let ordinal: ArrayRef = Arc::new(UInt64Array::from_value(ordinal, rows.num_rows()));
        let columns = rows.columns().iter().cloned().chain([ordinal]).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}
