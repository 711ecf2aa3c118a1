//! Letters as a Parquet file with the columns `id` and `text`.

use std::io;
use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::Args;
use crate::material::Material;
use crate::write::{compose, create, name};

/// Letters in a row group.
const GROUP: usize = 10_000;

/// Writes some letters and gives the bytes of text in them.
pub fn table(
    args: &Args,
    material: &Material,
    part: u64,
    letters: std::ops::Range<u64>,
) -> io::Result<u64> {
    let file = format!("letters-{part:04}.parquet");
    let column = |name| Field::new(name, DataType::Utf8, false);
    let schema = Arc::new(Schema::new(vec![column("id"), column("text")]));
    let level = ZstdLevel::try_new(1).map_err(io::Error::other)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP))
        .set_dictionary_enabled(false)
        .build();
    let out = create(&args.out.join(&file))?;
    let mut writer =
        ArrowWriter::try_new(out, schema.clone(), Some(properties)).map_err(io::Error::other)?;
    let mut bytes = 0;
    let first = letters.start;
    let all: Vec<u64> = letters.collect();
    for group in all.chunks(GROUP / 10) {
        let mut ids = Vec::with_capacity(group.len());
        let mut texts = Vec::with_capacity(group.len());
        for &index in group {
            let mut text = String::with_capacity(16_384);
            compose(
                args,
                material,
                index,
                || format!("{file}#{}", index - first),
                &mut text,
            )?;
            bytes += text.len() as u64;
            ids.push(name(args, index));
            texts.push(text);
        }
        let columns = vec![
            Arc::new(StringArray::from(ids)) as _,
            Arc::new(StringArray::from(texts)) as _,
        ];
        let batch = RecordBatch::try_new(schema.clone(), columns).map_err(io::Error::other)?;
        writer.write(&batch).map_err(io::Error::other)?;
    }
    writer.close().map_err(io::Error::other)?;
    Ok(bytes)
}
