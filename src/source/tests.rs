//! Limits and units, which the command line does not reach.

use std::fs::{create_dir, write};
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use rawzip::{CompressionMethod, ZipArchiveWriter};

use super::{FindOptions, Inputs, Limits, Options};

/// The sources of the documents and the codes of the faults, by unit, and the bytes of the units.
fn scan(dir: &Path, limits: Limits) -> (Vec<Vec<String>>, u64) {
    let inputs = Inputs::find(&[dir], &FindOptions::default()).unwrap();
    let options = Options {
        limits,
        ..Options::default()
    };
    let root = dir.to_str().unwrap().len() + 1;
    let mut bytes = 0;
    let units = inputs.scan(&options).enumerate().map(|(n, unit)| {
        assert_eq!(unit.ordinal, n as u64);
        bytes += unit.bytes;
        let name = |found: super::Found| match found.document {
            Ok(document) => document.source[root..].to_owned(),
            Err(fault) => format!("{} {}", &fault.source[root..], fault.code),
        };
        unit.documents().map(name).collect()
    });
    (units.collect(), bytes)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, content) in members {
        let file = archive.new_file(name);
        let file = file.compression_method(CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().unwrap();
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::fast()));
        writer.write_all(content).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

#[test]
fn units_are_of_some_documents_and_stand_for_all_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let mut expected = 0;
    for n in 0..150 {
        let name = format!("a{n:03}.txt");
        write(dir.path().join(name), "letter").unwrap();
        expected += 6;
    }
    let members: Vec<(String, String)> = (0..100)
        .map(|n| (format!("{n:03}.txt"), "letter ".repeat(n)))
        .collect();
    let members: Vec<_> = members
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_bytes()))
        .collect();
    let packed = zip(&members);
    expected += packed.len() as u64;
    write(dir.path().join("b.zip"), packed).unwrap();
    write(dir.path().join("c.txt"), "letter").unwrap();
    expected += 6;
    let (units, bytes) = scan(dir.path(), Limits::default());
    let sizes: Vec<_> = units.iter().map(Vec::len).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 251);
    assert!(sizes.iter().all(|n| *n <= 128), "{sizes:?}");
    let last = units.last().and_then(|unit| unit.last());
    assert_eq!(last.map(String::as_str), Some("c.txt"));
    assert_eq!(bytes, expected);
}

#[test]
fn limits_are_kept_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let zeros = vec![b' '; 300_000];
    let two: [(&str, &[u8]); 2] = [("1.txt", b"a"), ("2.txt", b"b")];
    let files: [(&str, &[u8]); 7] = [
        ("bomb.txt.gz", &gzip(&zeros)),
        ("bomb.zip", &zip(&[("a.txt", &zeros)])),
        ("large.csv", &[b"text\n\"", &zeros[..250_000]].concat()),
        (
            "large.jsonl",
            &[b"{\"text\": \"", &zeros[..150_000]].concat(),
        ),
        ("large.txt", &zeros[..100_001]),
        ("many.zip", &zip(&[two[0], two[1], ("3.txt", b"c")])),
        ("nested.zip", &zip(&[("x.zip", &zip(&two))])),
    ];
    for (name, bytes) in files {
        write(dir.path().join(name), bytes).unwrap();
    }
    let limits = Limits {
        document: 100_000,
        row: 200_000,
        ratio: 50,
        ratio_from: 200_000,
        members: 2,
        depth: 1,
        ..Limits::default()
    };
    let (units, _) = scan(dir.path(), limits);
    let expected = [
        "bomb.txt.gz too_large",
        "bomb.zip!a.txt expands_too_much",
        "large.csv too_large",
        "large.jsonl#0 invalid_json",
        "large.txt too_large",
        "many.zip!1.txt",
        "many.zip!2.txt",
        "many.zip too_many_members",
        "nested.zip!x.zip nested_too_deeply",
    ];
    assert_eq!(units.concat(), expected);
}

#[test]
fn a_folder_may_have_any_name() {
    let dir = tempfile::tempdir().unwrap();
    create_dir(dir.path().join("a.zip")).unwrap();
    write(dir.path().join("a.zip/1.txt"), "letter").unwrap();
    let (units, _) = scan(dir.path(), Limits::default());
    assert_eq!(units.concat(), ["a.zip/1.txt"]);
}
