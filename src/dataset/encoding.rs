//! How the tables lie in Parquet: compression, encodings, row groups, pages, indexes.

use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::tables::{CONTRACT_VERSION, Role, Table};

/// Where row groups and files end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// A row group has no more rows than this.
    pub group_rows: usize,
    /// A row group that has so many bytes in memory takes no further rows.
    pub group_bytes: usize,
    /// A file of so many bytes takes no further row group.
    pub file_bytes: u64,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            group_rows: 128 * 1024,
            group_bytes: 32 * 1024 * 1024,
            file_bytes: 256 * 1024 * 1024,
        }
    }
}

/// Bytes in a page: small enough that one letter is read without many others.
const PAGE_BYTES: usize = 512 * 1024;

/// Columns by which a row is looked up.
const LOOKED_UP: [&str; 3] = ["letter_id", "case_id", "case_number"];

/// Columns of prose, in which hardly a value stands twice.
const PROSE: [&str; 4] = ["text", "clinical_summary", "rationale", "sentence"];

/// Columns of numbers that mostly grow.
const OFFSETS: [&str; 2] = ["start_char", "end_char"];

pub fn properties(table: &Table) -> Result<WriterProperties, ParquetError> {
    let metadata = [
        ("program", env!("CARGO_PKG_NAME")),
        ("version", env!("CARGO_PKG_VERSION")),
        ("contract_version", CONTRACT_VERSION),
        ("table", table.name),
    ];
    let metadata = metadata.map(|(k, v)| KeyValue::new(k.to_owned(), v.to_owned()));
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_data_page_size_limit(PAGE_BYTES)
        .set_key_value_metadata(Some(metadata.to_vec()));
    for column in table.columns {
        let path = || ColumnPath::from(column.name);
        if PROSE.contains(&column.name) {
            properties = properties
                .set_column_dictionary_enabled(path(), false)
                .set_column_statistics_enabled(path(), EnabledStatistics::Chunk);
        }
        if OFFSETS.contains(&column.name) {
            properties = properties
                .set_column_dictionary_enabled(path(), false)
                .set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED);
        }
        if column.role == Role::Key {
            properties = properties
                .set_column_dictionary_enabled(path(), false)
                .set_column_encoding(path(), Encoding::DELTA_BYTE_ARRAY);
        }
        if LOOKED_UP.contains(&column.name) {
            properties = properties.set_column_bloom_filter_enabled(path(), true);
        }
    }
    Ok(properties.build())
}
