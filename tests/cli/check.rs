//! `imr check`.

use std::fs;

use crate::scratch::Scratch;

#[test]
fn the_dataset_of_the_five_letters_is_sound() {
    let scratch = Scratch::with_letters();
    scratch.imr("build data/letters --out dataset --quiet").ok();
    let text = scratch.imr("check dataset").ok();
    assert!(text.contains("ok     keys are unique"), "{text}");
    assert!(
        text.ends_with("dataset is sound: all 21 rules hold\n"),
        "{text}"
    );
}

#[test]
fn a_changed_file_is_named() {
    let scratch = Scratch::with_letters();
    scratch.imr("build data/letters --out dataset --quiet").ok();
    let file = scratch.path("dataset/cases/part-00000.parquet");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let run = scratch.imr("check dataset");
    assert!(
        run.out.contains("BROKEN files are those of the manifest"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("cases/part-00000.parquet: its SHA-256"),
        "{}",
        run.out
    );
    run.fails(1, &["dataset is not sound: 1 of 21 rules"]);
}

#[test]
fn a_missing_file_is_named() {
    let scratch = Scratch::with_letters();
    scratch.imr("build data/letters --out dataset --quiet").ok();
    fs::remove_file(scratch.path("dataset/cases/part-00000.parquet")).unwrap();
    scratch
        .imr("check dataset")
        .fails(1, &["damaged", "cases/part-00000.parquet"]);
}

#[test]
fn what_is_no_dataset_is_said_to_be_none() {
    let scratch = Scratch::with_letters();
    scratch
        .imr("check nowhere")
        .fails(1, &["no dataset in nowhere", "no such folder", "imr build"]);
    scratch
        .imr("check data")
        .fails(1, &["no dataset in data", "manifest.json"]);
    scratch.write("other/manifest.json", r#"{"name": "somebody's web page"}"#);
    scratch
        .imr("check other")
        .fails(1, &["no dataset in other", "not a dataset's"]);
}
