//! The tables of the dataset to be: files that hold are linked, those with rows that go or change are written
//! anew, and the files of the new rows follow, together with the small ones before them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::encoding::Layout;
use super::super::gather::{Profiles, REPEAT};
use super::super::inputs::List;
use super::super::manifest::{FileEntry, TableEntry};
use super::super::write::{Gate, TableWriter, Writing, part};
use super::super::{Dataset, Error, io_error};
use super::changes::{Changes, Trouble};
use super::profiles;
use crate::tables::{TABLES, Table, letters, number, problems, reviewers};

/// What was read by an update.
#[derive(Default)]
pub struct Addition {
    /// The folder of its tables.
    pub dir: PathBuf,
    pub inputs: List,
    pub tables: Vec<TableEntry>,
    pub profiles: Profiles,
}

/// A file that is not larger than so many times those that follow it is written together with them. So the
/// files of a table stay few, and a row is written anew not more often than that they are.
const MERGED: u64 = 2;

/// Rows that are read at a time.
const BATCH: usize = 1024;

/// A file on its way into the dataset to be.
struct Segment<'a> {
    dir: &'a Path,
    file: &'a FileEntry,
    is_new: bool,
    /// Some of its rows go or change.
    is_dirty: bool,
}

/// Writes the tables into the folder `to`.
pub async fn assemble(
    old: &Dataset,
    new: &Addition,
    changes: &Changes,
    to: &Path,
    layout: Layout,
    gate: Gate,
) -> Result<Vec<TableEntry>, Error> {
    let metrics = ExecutionPlanMetricsSet::new();
    let writing = Writing {
        gate,
        ..Writing::new(to.to_owned(), layout, 2, &metrics)
    };
    let mut edit = Edit {
        changes,
        solved: changes.solved.clone(),
    };
    let mut tables = Vec::new();
    for table in TABLES {
        writing.make_folder(table)?;
        let files = match table.name == reviewers::TABLE.name {
            true => {
                let rows = profiles::after(old, new, changes)?;
                let mut writer = TableWriter::resume(writing.clone(), table, 0)?;
                writer.write(rows).await?;
                writer.finish().await?.files
            }
            false => assemble_table(table, old, new, &mut edit, &writing).await?,
        };
        tables.push(TableEntry {
            name: table.name.to_owned(),
            rows: files.iter().map(|f| f.rows).sum(),
            files,
        });
    }
    Ok(tables)
}

async fn assemble_table(
    table: &'static Table,
    old: &Dataset,
    new: &Addition,
    edit: &mut Edit<'_>,
    writing: &Writing,
) -> Result<Vec<FileEntry>, Error> {
    let of = |tables: &'_ [TableEntry]| -> Vec<FileEntry> {
        let entry = tables.iter().find(|t| t.name == table.name);
        entry.map_or_else(Vec::new, |t| t.files.clone())
    };
    let (before, added) = (of(&old.manifest.tables), of(&new.tables));
    let mut segments = Vec::new();
    for (dir, files, is_new) in [(&old.dir, &before, false), (&new.dir, &added, true)] {
        for file in files.iter().filter(|f| f.rows > 0) {
            segments.push(Segment {
                is_dirty: edit.touches(table, &dir.join(&file.path), is_new)?,
                dir,
                file,
                is_new,
            });
        }
    }
    let repeats = match table.name == problems::TABLE.name {
        true => Some(edit.changes.repeats()?).filter(|rows| rows.num_rows() > 0),
        false => None,
    };
    let mut files = Vec::new();
    let more = repeats
        .as_ref()
        .map_or(0, RecordBatch::get_array_memory_size) as u64;
    let tail = tail(&segments, writing.layout.file_bytes, more);
    for segment in &segments[..tail] {
        if segment.is_dirty {
            let mut writer = TableWriter::resume(writing.clone(), table, files.len())?;
            edit.copy(table, segment, &mut writer).await?;
            files.extend(
                writer
                    .finish()
                    .await?
                    .files
                    .into_iter()
                    .filter(|f| f.rows > 0),
            );
        } else {
            let path = part(table, files.len());
            place(
                &segment.dir.join(&segment.file.path),
                &writing.dir.join(&path),
                &writing.gate,
            )?;
            files.push(FileEntry {
                path,
                ..segment.file.clone()
            });
        }
    }
    if tail < segments.len() || repeats.is_some() || files.is_empty() {
        let mut writer = TableWriter::resume(writing.clone(), table, files.len())?;
        for segment in &segments[tail..] {
            edit.copy(table, segment, &mut writer).await?;
        }
        if let Some(rows) = repeats {
            writer.write(rows).await?;
        }
        files.extend(writer.finish().await?.files);
    }
    Ok(files)
}

/// The first of the files that are written together at the table's end; as many as there are if none are.
///
/// After them come rows of so many bytes `more`.
fn tail(segments: &[Segment<'_>], full: u64, more: u64) -> usize {
    let mut tail = segments.len();
    let mut bytes = more;
    while let Some(before) = tail.checked_sub(1).map(|n| segments[n].file.bytes) {
        let is_last = bytes == 0;
        if !is_last && (before > MERGED * bytes || before + bytes > full) {
            break;
        }
        bytes += before;
        tail -= 1;
    }
    match segments.len() - tail {
        // One file alone is as well linked.
        1 if more == 0 && !segments[tail].is_dirty => segments.len(),
        _ => tail,
    }
}

/// Puts a file in another folder, as another name of the same one where that can be.
fn place(from: &Path, to: &Path, gate: &Gate) -> Result<(), Error> {
    gate.make(|| match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(_) => {
            let copied = fs::copy(from, to).and_then(|_| File::open(to)?.sync_all());
            copied.map_err(io_error("cannot write", to))
        }
    })
}

/// Applies the changes to rows.
struct Edit<'a> {
    changes: &'a Changes,
    /// The rows of `problems` that are still to go.
    solved: FxHashMap<Trouble, usize>,
}

impl Edit<'_> {
    /// The letters whose rows go.
    fn dropped(&self, is_new: bool) -> &FxHashSet<u64> {
        match is_new {
            true => &self.changes.unneeded,
            false => &self.changes.dropped,
        }
    }

    /// Whether rows of a file go or change.
    fn touches(&self, table: &'static Table, path: &Path, is_new: bool) -> Result<bool, Error> {
        let dropped = self.dropped(is_new);
        let is_letters = table.name == letters::TABLE.name;
        let is_problems = table.name == problems::TABLE.name;
        let moves = !is_new && (is_letters || is_problems) && !self.changes.moved.is_empty();
        let solves = !is_new && is_problems && !self.solved.is_empty();
        if dropped.is_empty() && !moves && !solves {
            return Ok(false);
        }
        let all = ["letter_id", "source", "code", "message"];
        let columns = if solves { &all[..] } else { &[key(table)][..] };
        for batch in read(table, path, Some(columns))? {
            let batch = batch?;
            let ids = batch[key(table)].as_string::<i32>();
            let touched = ids.iter().enumerate().any(|(row, id)| {
                let id = id.map(letter_of);
                let own = id.is_some_and(|id| {
                    dropped.contains(&id) || moves && self.changes.moved.contains_key(&id)
                });
                own || solves && trouble(&batch, row).is_some_and(|t| self.solved.contains_key(&t))
            });
            if touched {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes the rows of a file that stay.
    async fn copy(
        &mut self,
        table: &'static Table,
        segment: &Segment<'_>,
        writer: &mut TableWriter,
    ) -> Result<(), Error> {
        for batch in read(table, &segment.dir.join(&segment.file.path), None)? {
            let mut batch = batch?;
            if segment.is_dirty {
                batch = self.apply(table, &batch, segment.is_new)?;
            }
            let columns = batch.columns().to_vec();
            writer
                .write(RecordBatch::try_new(table.schema(), columns)?)
                .await?;
        }
        Ok(())
    }

    fn apply(
        &mut self,
        table: &'static Table,
        batch: &RecordBatch,
        is_new: bool,
    ) -> Result<RecordBatch, Error> {
        let is_problems = table.name == problems::TABLE.name;
        let ids = batch[key(table)].as_string::<i32>();
        let mut own = vec![true; batch.num_rows()];
        let mut kept = Vec::with_capacity(batch.num_rows());
        for (row, id) in ids.iter().enumerate() {
            let trouble = if is_problems {
                trouble(batch, row)
            } else {
                None
            };
            own[row] = trouble.is_none();
            kept.push(match trouble {
                Some(trouble) => is_new || !self.solve(&trouble),
                None => id.is_none_or(|id| !self.dropped(is_new).contains(&letter_of(id))),
            });
        }
        let mut columns = batch.columns().to_vec();
        if let Some((n, _)) = table
            .schema()
            .column_with_name("source")
            .filter(|_| !is_new)
        {
            let sources = columns[n].as_string::<i32>();
            let moved = |row: usize| {
                let own = own[row] && ids.is_valid(row);
                let id = own.then(|| letter_of(ids.value(row)))?;
                self.changes.moved.get(&id).map(String::as_str)
            };
            let sources = sources.iter().enumerate();
            let sources: StringArray = sources.map(|(row, s)| moved(row).or(s)).collect();
            columns[n] = Arc::new(sources) as ArrayRef;
        }
        let batch = RecordBatch::try_new(batch.schema(), columns)?;
        Ok(filter_record_batch(&batch, &BooleanArray::from(kept))?)
    }

    /// Whether such a row is to go; then one fewer is.
    fn solve(&mut self, trouble: &Trouble) -> bool {
        match self.solved.get_mut(trouble) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
}

/// A row of `problems` that is no letter's own.
fn trouble(problems: &RecordBatch, row: usize) -> Option<Trouble> {
    let text = |column: &str| problems[column].as_string::<i32>().value(row).to_owned();
    let ids = problems["letter_id"].as_string::<i32>();
    match ids.is_valid(row).then(|| ids.value(row)) {
        None => Some(Trouble::Fault(
            text("source"),
            text("code"),
            text("message"),
        )),
        Some(id) if problems["code"].as_string::<i32>().value(row) == REPEAT => {
            Some(Trouble::Repeat(number(id), text("source")))
        }
        Some(_) => None,
    }
}

/// The column by which a table's row belongs to a letter.
pub fn key(table: &Table) -> &'static str {
    let keys = ["letter_id", "case_id", "decision_id"];
    let has = |key: &&str| table.column(key).is_some();
    keys.into_iter().find(has).unwrap_or("letter_id")
}

/// The letter that a key belongs to: the key of a decision begins with its letter's.
pub fn letter_of(key: &str) -> u64 {
    number(key.split('-').next().unwrap_or(key))
}

/// The rows of a table's file; of some columns only, if these are named.
pub fn read(
    table: &'static Table,
    path: &Path,
    columns: Option<&[&str]>,
) -> Result<Batches, Error> {
    let name = table.name;
    let failed = |source: ParquetError| Error::Read {
        table: name,
        source,
    };
    let file = File::open(path).map_err(io_error("cannot read", path))?;
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    if let Some(columns) = columns {
        let mask = ProjectionMask::columns(reader.parquet_schema(), columns.iter().copied());
        reader = reader.with_projection(mask);
    }
    let reader = reader.with_batch_size(BATCH).build().map_err(failed)?;
    Ok(Batches { name, reader })
}

/// The rows of a file.
pub struct Batches {
    name: &'static str,
    reader: ParquetRecordBatchReader,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        Some(batch.map_err(|e| Error::Read {
            table: self.name,
            source: e.into(),
        }))
    }
}
