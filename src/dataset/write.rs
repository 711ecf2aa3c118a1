//! Writing a table's Parquet files.
//!
//! Each row group is encoded on a blocking thread of its own, a little at a time as its rows come, so that of
//! an unfinished one hardly more is held than its compressed pages; then it is appended in order. Row groups
//! of all tables are in work at the same time, so that no table's encoding is a bottleneck.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{Array, RecordBatch};
use datafusion::common::runtime::SpawnedTask;
use datafusion::physical_plan::metrics::{Count, ExecutionPlanMetricsSet, MetricBuilder, Time};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::encoding::{Layout, properties};
use super::hashing::Hashing;
use super::manifest::{FileEntry, TableEntry};
use super::pages::Room;
use super::{Error, io_error};
use crate::tables::Table;

/// Row groups of a table that wait to be appended.
const WAITING: usize = 2;

/// Bytes of rows that are encoded in one go.
const STEP_BYTES: usize = 1024 * 1024;

/// Whether files may still be made: a build that is given up shuts it before it clears away what it
/// has written, as threads cannot be stopped in the middle of their work.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Mutex<bool>>);

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(true)))
    }
}

impl Gate {
    fn is_open(&self) -> MutexGuard<'_, bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a file or folder, if that may still be.
    pub fn make<T>(&self, make: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let open = self.is_open();
        match *open {
            true => make(),
            false => Err(Error::WorkerLost), // and nobody waits for it any more
        }
    }
}

/// Shuts the gate when it is dropped.
pub struct Shut(pub Gate);

impl Drop for Shut {
    fn drop(&mut self) {
        *self.0.is_open() = false;
    }
}

/// What all tables' writers share.
#[derive(Clone)]
pub struct Writing {
    /// The dataset's folder.
    pub dir: PathBuf,
    pub gate: Gate,
    pub layout: Layout,
    /// A permit for each thread that may encode at the same time.
    pub encoders: Arc<Semaphore>,
    pub encode_time: Time,
    pub write_time: Time,
    pub bytes_written: Count,
}

impl Writing {
    /// Writes in the folder `dir`, with so many threads encoding at the same time.
    pub fn new(
        dir: PathBuf,
        layout: Layout,
        encoders: usize,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Self {
        let time = |name| MetricBuilder::new(metrics).subset_time(name, 0);
        Self {
            dir,
            gate: Gate::default(),
            layout,
            encoders: Arc::new(Semaphore::new(encoders.max(1))),
            encode_time: time("encode_time"),
            write_time: time("write_time"),
            bytes_written: MetricBuilder::new(metrics).counter("bytes_written", 0),
        }
    }
}

impl Writing {
    /// Makes the folder of a table.
    pub fn make_folder(&self, table: &Table) -> Result<(), Error> {
        let folder = self.dir.join(table.name);
        let make = || fs::create_dir(&folder).map_err(io_error("cannot create", &folder));
        self.gate.make(make)
    }
}

/// A row group on its way into the file.
type Encoding = SpawnedTask<Result<Group, Error>>;

/// An encoded row group.
struct Group {
    columns: Vec<ArrowColumnChunk>,
    rows: u64,
}

/// Rows of the row group that is being encoded.
struct Step {
    rows: Vec<RecordBatch>,
    /// Whether the row group ends with them.
    last: bool,
}

/// Writes one table.
pub struct TableWriter {
    table: &'static Table,
    writing: Writing,
    factory: Arc<ArrowRowGroupWriterFactory>,
    /// Rows for the next step, and their bytes.
    pending: Vec<RecordBatch>,
    pending_bytes: usize,
    /// The row group that takes rows: who encodes it, and the rows and bytes that it has with those pending.
    open: Option<Sender<Step>>,
    rows: usize,
    bytes: usize,
    /// `None` ends the table.
    groups: Sender<Option<Encoding>>,
    appender: SpawnedTask<Result<TableEntry, Error>>,
}

impl TableWriter {
    /// Creates the table's folder.
    pub fn create(writing: Writing, table: &'static Table) -> Result<Self, Error> {
        writing.make_folder(table)?;
        Self::resume(writing, table, 0)
    }

    /// Goes on with a table that has so many files.
    pub fn resume(writing: Writing, table: &'static Table, files: usize) -> Result<Self, Error> {
        let (_, factory) = parquet_writer(io::sink(), table).map_err(failed(table))?;
        let (groups, receiver) = channel(WAITING);
        let appender = Appender {
            table,
            writing: writing.clone(),
            before: files,
            files: Vec::new(),
            open: None,
        };
        Ok(Self {
            table,
            writing,
            factory: Arc::new(factory),
            pending: Vec::new(),
            pending_bytes: 0,
            open: None,
            rows: 0,
            bytes: 0,
            groups,
            appender: SpawnedTask::spawn_blocking(move || appender.run(receiver)),
        })
    }

    /// Adds rows.
    pub async fn write(&mut self, mut batch: RecordBatch) -> Result<(), Error> {
        let layout = self.writing.layout;
        while batch.num_rows() > 0 {
            let room = layout.group_rows.saturating_sub(self.rows).max(1);
            let fitting = batch.slice(0, room.min(batch.num_rows()));
            batch = batch.slice(fitting.num_rows(), batch.num_rows() - fitting.num_rows());
            let mut bytes = 0;
            for column in fitting.columns() {
                // Not the memory that is allocated, which depends on where the batch was cut from.
                bytes += column.to_data().get_slice_memory_size()?;
            }
            self.rows += fitting.num_rows();
            self.bytes += bytes;
            self.pending_bytes += bytes;
            self.pending.push(fitting);
            let last = self.rows >= layout.group_rows || self.bytes >= layout.group_bytes;
            if last || self.pending_bytes >= STEP_BYTES {
                self.encode(last).await?;
            }
        }
        Ok(())
    }

    /// Has the rows that are pending encoded.
    async fn encode(&mut self, last: bool) -> Result<(), Error> {
        let step = Step {
            rows: std::mem::take(&mut self.pending),
            last,
        };
        self.pending_bytes = 0;
        let group = match self.open.take() {
            Some(group) => group,
            None => self.begin().await?,
        };
        if group.send(step).await.is_err() {
            return Err(self.fault().await);
        }
        if last {
            (self.rows, self.bytes) = (0, 0);
        } else {
            self.open = Some(group);
        }
        Ok(())
    }

    /// Begins a row group.
    async fn begin(&mut self) -> Result<Sender<Step>, Error> {
        let (sender, steps) = channel(1);
        let encoder = Encoder {
            table: self.table,
            factory: Arc::clone(&self.factory),
            writing: self.writing.clone(),
        };
        let encoding = SpawnedTask::spawn_blocking(move || encoder.run(steps));
        self.send(Some(encoding)).await?;
        Ok(sender)
    }

    async fn send(&mut self, group: Option<Encoding>) -> Result<(), Error> {
        match self.groups.send(group).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.fault().await),
        }
    }

    /// Why encoding or appending has stopped, which the appender knows.
    async fn fault(&mut self) -> Error {
        match (&mut self.appender).await {
            Ok(Err(error)) => error,
            _ => Error::WorkerLost,
        }
    }

    /// Writes the rest and ends the table.
    pub async fn finish(mut self) -> Result<TableEntry, Error> {
        if self.rows > 0 {
            self.encode(true).await?;
        }
        self.send(None).await?;
        self.appender.await.map_err(|_| Error::WorkerLost)?
    }
}

/// Encodes a row group.
struct Encoder {
    table: &'static Table,
    factory: Arc<ArrowRowGroupWriterFactory>,
    writing: Writing,
}

impl Encoder {
    /// Takes steps until the last one. If they end without it, nobody waits for the row group any more.
    fn run(self, mut steps: Receiver<Step>) -> Result<Group, Error> {
        let failed = failed(self.table);
        let runtime = Handle::current();
        let mut writers = self.factory.create_column_writers(0).map_err(&failed)?;
        let mut rows = 0;
        loop {
            let step = steps.blocking_recv().ok_or(Error::WorkerLost)?;
            let permit = runtime.block_on(self.writing.encoders.acquire());
            let _permit = permit.map_err(|_| Error::WorkerLost)?;
            let _timer = self.writing.encode_time.timer();
            rows += step.rows.iter().map(|b| b.num_rows() as u64).sum::<u64>();
            self.encode(&mut writers, &step.rows)?;
            if step.last {
                let columns = writers.into_iter().map(ArrowColumnWriter::close);
                let columns = columns.collect::<Result<_, _>>().map_err(&failed)?;
                return Ok(Group { columns, rows });
            }
        }
    }

    /// Encodes rows, a column after the other.
    fn encode(&self, writers: &mut [ArrowColumnWriter], rows: &[RecordBatch]) -> Result<(), Error> {
        let failed = failed(self.table);
        // Every column of the tables is one column in Parquet, lists too.
        for (n, writer) in writers.iter_mut().enumerate() {
            for batch in rows {
                if !*self.writing.gate.is_open() {
                    return Err(Error::WorkerLost); // the build was given up
                }
                let field = batch.schema_ref().field(n);
                for leaf in compute_leaves(field, batch.column(n)).map_err(&failed)? {
                    writer.write(&leaf).map_err(&failed)?;
                }
            }
        }
        Ok(())
    }
}

/// Appends row groups to a table's files, a new one where one is full.
struct Appender {
    table: &'static Table,
    writing: Writing,
    /// The files that the table has already.
    before: usize,
    files: Vec<FileEntry>,
    open: Option<Part>,
}

impl Appender {
    /// Takes row groups until the table ends. If they end without it, nobody waits for it any more.
    fn run(mut self, mut groups: Receiver<Option<Encoding>>) -> Result<TableEntry, Error> {
        let runtime = Handle::current();
        loop {
            match groups.blocking_recv() {
                None => return Err(Error::WorkerLost),
                Some(None) => return self.finish(),
                Some(Some(encoding)) => {
                    let group = runtime.block_on(encoding).map_err(|_| Error::WorkerLost)?;
                    self.append(group?)?;
                }
            }
        }
    }

    fn append(&mut self, group: Group) -> Result<(), Error> {
        let time = self.writing.write_time.clone();
        let _timer = time.timer();
        let mut part = match self.open.take() {
            Some(part) => part,
            None => self.create()?,
        };
        part.append(group).map_err(failed(self.table))?;
        self.open = Some(part);
        if self
            .open
            .as_ref()
            .is_some_and(|p| p.bytes() >= self.writing.layout.file_bytes)
        {
            self.close()?;
        }
        Ok(())
    }

    fn create(&self) -> Result<Part, Error> {
        let path = part(self.table, self.before + self.files.len());
        let place = self.writing.dir.join(&path);
        let create = || File::create_new(&place).map_err(io_error("cannot create", &place));
        let file = self.writing.gate.make(create)?;
        let sink = Hashing::new(BufWriter::new(file));
        let (writer, _) = parquet_writer(sink, self.table).map_err(failed(self.table))?;
        Ok(Part {
            path,
            place,
            rows: 0,
            writer,
        })
    }

    /// Closes the file that is open.
    fn close(&mut self) -> Result<(), Error> {
        let Some(part) = self.open.take() else {
            return Ok(());
        };
        let file = part.finish(self.table)?;
        self.writing.bytes_written.add(file.bytes as usize);
        self.files.push(file);
        Ok(())
    }

    /// Ends the table. One without rows has a file too, for its columns.
    fn finish(mut self) -> Result<TableEntry, Error> {
        let time = self.writing.write_time.clone();
        let _timer = time.timer();
        if self.before == 0 && self.files.is_empty() && self.open.is_none() {
            self.open = Some(self.create()?);
        }
        self.close()?;
        Ok(TableEntry {
            name: self.table.name.to_owned(),
            rows: self.files.iter().map(|f| f.rows).sum(),
            files: self.files,
        })
    }
}

/// The path of a table's `n`th file, below the dataset's folder.
pub fn part(table: &Table, n: usize) -> String {
    format!("{}/part-{n:05}.parquet", table.name)
}

/// A file while it is written.
struct Part {
    /// Below the dataset's folder.
    path: String,
    place: PathBuf,
    rows: u64,
    writer: SerializedFileWriter<Hashing<BufWriter<File>>>,
}

impl Part {
    fn bytes(&self) -> u64 {
        self.writer.bytes_written() as u64
    }

    fn append(&mut self, group: Group) -> Result<(), ParquetError> {
        self.rows += group.rows;
        let mut row_group = self.writer.next_row_group()?;
        for column in group.columns {
            column.append_to_row_group(&mut row_group)?;
        }
        row_group.close()?;
        Ok(())
    }

    /// Ends the file and makes sure that it is on disk.
    fn finish(mut self, table: &'static Table) -> Result<FileEntry, Error> {
        // Not `into_inner`, which does not tell what kept it from flushing.
        self.writer.finish().map_err(failed(table))?;
        let written = self.writer.inner_mut().finish();
        let (bytes, sha256) = written.map_err(io_error("cannot write", &self.place))?;
        Ok(FileEntry {
            path: self.path,
            rows: self.rows,
            bytes,
            sha256,
        })
    }
}

/// A writer of a table's file, and what makes row groups for it.
fn parquet_writer<W: Write + Send>(
    sink: W,
    table: &'static Table,
) -> Result<(SerializedFileWriter<W>, ArrowRowGroupWriterFactory), ParquetError> {
    let properties = properties(table)?;
    let writer = ArrowWriter::try_new(sink, table.schema(), Some(properties))?;
    let (writer, factory) = writer.into_serialized_writer()?;
    Ok((writer, factory.with_page_store_factory(Arc::new(Room))))
}

/// Names the table in a Parquet error.
fn failed(table: &'static Table) -> impl Fn(ParquetError) -> Error {
    move |source| Error::Write {
        table: table.name,
        source,
    }
}
