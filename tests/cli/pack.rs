//! Letters packed in every kind of input.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use rawzip::{CompressionMethod, ZipArchiveWriter};

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

pub fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, content) in members {
        let file = archive.new_file(rawzip::path::EntryPath::verbatim(name.as_bytes()));
        let (mut entry, config) = file
            .compression_method(CompressionMethod::DEFLATE)
            .start()
            .unwrap();
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, Compression::default());
        let mut writer = config.wrap(encoder);
        writer.write_all(content).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

/// The members of a zip archive, uncompressed, without the directory at its end.
pub fn stored(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in members {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let size = content.len() as u32;
        bytes.extend(b"PK\x03\x04\x0A\0\0\0\0\0\0\0\0\0");
        for word in [crc.sum(), size, size, name.len() as u32] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(name.as_bytes());
        bytes.extend(*content);
    }
    bytes
}

pub fn parquet(column: &str, texts: Vec<Option<String>>) -> Vec<u8> {
    let ids: Vec<i32> = (0..texts.len() as i32).map(|n| 100 + n).collect();
    let columns: [(&str, ArrayRef); 2] = [
        ("id", Arc::new(Int32Array::from(ids))),
        (column, Arc::new(StringArray::from(texts))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// A PDF of a letter in Times, with a footer on each page.
pub fn pdf(letter: &str) -> Vec<u8> {
    let lines: Vec<&str> = letter.trim_start_matches('\u{feff}').lines().collect();
    let lines: Vec<&str> = lines.iter().step_by(2).map(|l| l.trim_end()).collect();
    let pages: Vec<&[&str]> = lines.chunks(45).collect();
    let kids: String = (0..pages.len())
        .map(|n| format!("{} 0 R ", 4 + 2 * n))
        .collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Kids[{kids}]/Count {}>>", pages.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    for (n, page) in pages.iter().enumerate() {
        let shown: String = page
            .iter()
            .map(|line| {
                let escaped = line
                    .replace('\\', "\\\\")
                    .replace('(', "\\(")
                    .replace(')', "\\)");
                format!("({}) Tj T*\n", escaped.replace('\u{2019}', "\\222"))
            })
            .collect();
        let footer = format!(
            "1 0 0 1 72 40 Tm (Final Determination Letter for IMR Case Number CM15-0012345) Tj 460 0 Td ({}) Tj",
            n + 1
        );
        let content = format!("BT /F 11 Tf 14 TL 1 0 0 1 72 720 Tm\n{shown}{footer} ET");
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F 3 0 R>>>>/Contents {} 0 R>>",
            5 + 2 * n
        ));
        let length = content.len();
        objects.push(format!(
            "<</Length {length}>>\nstream\n{content}\nendstream"
        ));
    }
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut xref = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (n, object) in objects.iter().enumerate() {
        xref += &format!("{:010} 00000 n \n", bytes.len());
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", n + 1).bytes());
    }
    let begin = bytes.len();
    let size = objects.len() + 1;
    let end = format!("{xref}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{begin}\n%%EOF\n");
    bytes.extend(end.bytes());
    bytes
}
