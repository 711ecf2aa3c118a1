//! The files themselves.

use std::fs::File;
use std::io;
use std::path::Path;

use arrow::datatypes::Schema;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};

use super::super::hashing::hex;
use super::super::stage::strays;
use super::super::times::{self, TIMES};
use super::super::{Dataset, Error, FileEntry, TableEntry, io_error};
use super::{Report, Rule};
use crate::tables::{CONTRACT_VERSION, Table, table};

pub fn check(dataset: &Dataset, report: &mut Report) -> Result<(), Error> {
    for entry in &dataset.manifest.tables {
        for file in &entry.files {
            check_file(dataset, entry, file, report)?;
        }
        let rows: u64 = entry.files.iter().map(|f| f.rows).sum();
        report.expect(Rule::Rows, rows == entry.rows, || {
            format!(
                "{}: {rows} rows in files, {} in all",
                entry.name, entry.rows
            )
        });
    }
    if let Some(file) = &dataset.manifest.inputs {
        check_bytes(dataset, file, report)?;
    }
    if !times::is_whole(&dataset.dir)? {
        report.expect(Rule::Files, false, || {
            format!("{TIMES}: the SHA-256 at its end is not that of what stands before")
        });
    }
    let strays = strays(&dataset.dir, &dataset.manifest)?;
    report.looked_at(Rule::Strays, dataset.manifest.files().count() as u64);
    for stray in strays {
        report.expect(Rule::Strays, false, || stray.display().to_string());
    }
    Ok(())
}

fn check_file(
    dataset: &Dataset,
    entry: &TableEntry,
    file: &FileEntry,
    report: &mut Report,
) -> Result<(), Error> {
    let same = check_bytes(dataset, file, report)?;
    let Some(table) = table(&entry.name).filter(|_| same) else {
        return Ok(()); // a table of a later version, or bytes that need not be read
    };
    let path = dataset.dir.join(&file.path);
    let opened = File::open(&path).map_err(io_error("cannot read", &path))?;
    let reader = match ParquetRecordBatchReaderBuilder::try_new(opened) {
        Ok(reader) => reader,
        Err(e) => {
            report.expect(Rule::Schema, false, || format!("{}: {e}", file.path));
            return Ok(());
        }
    };
    let metadata = reader.metadata().file_metadata();
    let version = metadata.key_value_metadata().into_iter().flatten();
    let version = version
        .filter(|m| m.key == "contract_version")
        .find_map(|m| m.value.as_deref());
    let fault = match version {
        Some(CONTRACT_VERSION) => difference(reader.schema(), table),
        other => Some(format!("its contract_version is {other:?}")),
    };
    report.expect(Rule::Schema, fault.is_none(), || {
        format!("{}: {}", file.path, fault.unwrap_or_default())
    });
    let rows = metadata.num_rows().unsigned_abs();
    report.expect(Rule::Rows, rows == file.rows, || {
        format!("{}: {rows} rows, not {}", file.path, file.rows)
    });
    Ok(())
}

/// Whether the file is that of the manifest.
fn check_bytes(dataset: &Dataset, file: &FileEntry, report: &mut Report) -> Result<bool, Error> {
    let sha256 = sha256(&dataset.dir.join(&file.path))?;
    Ok(report.expect(Rule::Files, sha256 == file.sha256, || {
        format!(
            "{}: its SHA-256 is {sha256}, not {}",
            file.path, file.sha256
        )
    }))
}

/// Where a file's columns are not the table's; further columns may follow.
fn difference(found: &Schema, table: &Table) -> Option<String> {
    table.columns.iter().find_map(|column| {
        let name = column.name;
        let Ok(field) = found.field_with_name(name) else {
            return Some(format!("it has no column {name}"));
        };
        if *field.data_type() != column.data_type() {
            return Some(format!(
                "{name} is {}, not {}",
                field.data_type(),
                column.data_type()
            ));
        }
        let (is, should) = (field.is_nullable(), column.nullable);
        (is != should).then(|| format!("{name} is nullable: {is}, not {should}"))
    })
}

fn sha256(path: &Path) -> Result<String, Error> {
    let cannot_read = || io_error("cannot read", path);
    let mut file = File::open(path).map_err(cannot_read())?;
    let mut hash = Sha256::new();
    io::copy(&mut file, &mut hash).map_err(cannot_read())?;
    Ok(hex(&hash.finalize()))
}
