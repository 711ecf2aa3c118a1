//! How the tables lie in Parquet: compression, encodings, row groups, pages, indexes.

use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::tables::{CONTRACT_VERSION, Table, evidence};

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
            group_rows: GROUP_ROWS,
            group_bytes: 32 * 1024 * 1024,
            file_bytes: 256 * 1024 * 1024,
        }
    }
}

/// Rows in a row group.
const GROUP_ROWS: usize = 128 * 1024;

/// Bytes in a page: small enough that one letter is read without many others, large enough that what
/// letters have in common is compressed away.
const PAGE_BYTES: usize = 1024 * 1024;

/// Columns by which a row is looked up.
const LOOKED_UP: [&str; 3] = ["letter_id", "case_id", "case_number"];

/// Keys that begin as the one before: neighbours are of the same letter.
const KEYS: [&str; 4] = ["letter_id", "case_id", "decision_id", "row_id"];

/// Columns in which each value stands once, or its repeats beside each other.
const UNIQUE: [&str; 2] = ["source", "case_number"];

/// Columns of prose, in which hardly a value stands twice.
const PROSE: [&str; 4] = ["text", "clinical_summary", "rationale", "sentence"];

/// Those of them that fill pages. With the lengths apart the encoder keeps its buffer from page to page.
const LONG: [&str; 3] = ["text", "clinical_summary", "rationale"];

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
        // Pages of this version are compressed without being copied before.
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_encoding(Encoding::PLAIN)
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
        if LONG.contains(&column.name) {
            let lengths_apart = Encoding::DELTA_LENGTH_BYTE_ARRAY;
            properties = properties.set_column_encoding(path(), lengths_apart);
        }
        if OFFSETS.contains(&column.name) {
            properties = properties
                .set_column_dictionary_enabled(path(), false)
                .set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED)
                // So packed they do not get any smaller.
                .set_column_compression(path(), Compression::UNCOMPRESSED);
        }
        if UNIQUE.contains(&column.name) {
            properties = properties.set_column_dictionary_enabled(path(), false);
        }
        // A letter has so much evidence that its key is best kept once.
        let repeated = (table.name, column.name) == (evidence::TABLE.name, "letter_id");
        if KEYS.contains(&column.name) && !repeated {
            properties = properties
                .set_column_dictionary_enabled(path(), false)
                .set_column_encoding(path(), Encoding::DELTA_BYTE_ARRAY);
        }
        if LOOKED_UP.contains(&column.name) {
            // A filter is filled at its full size before it is folded to that of its values.
            properties = properties
                .set_column_bloom_filter_enabled(path(), true)
                .set_column_bloom_filter_max_ndv(path(), GROUP_ROWS as u64);
        }
    }
    Ok(properties.build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::TABLES;

    #[test]
    fn every_column_named_here_is_one_of_the_tables() {
        let columns: Vec<_> = TABLES
            .iter()
            .flat_map(|t| t.columns)
            .map(|c| c.name)
            .collect();
        let named = LOOKED_UP.iter().chain(&KEYS).chain(&UNIQUE);
        let named = named.chain(&PROSE).chain(&LONG).chain(&OFFSETS);
        for name in named {
            assert!(columns.contains(name), "{name}");
        }
    }

    #[test]
    fn what_is_looked_up_has_a_bloom_filter() {
        for table in TABLES {
            let properties = properties(table).unwrap();
            for column in table.columns {
                let path = ColumnPath::from(column.name);
                let has = properties.bloom_filter_properties(&path).is_some();
                assert_eq!(has, LOOKED_UP.contains(&column.name), "{}", column.name);
            }
        }
    }
}
