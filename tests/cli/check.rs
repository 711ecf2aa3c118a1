//! `imr check`.

use std::fs;

use crate::dice::Dice;
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
fn letters_read_again_give_every_value_of_every_table() {
    let scratch = Scratch::with_letters();
    let letter = fs::read_to_string(scratch.path("data/letters/000_8777545f973767d2.txt"));
    let letter = letter.unwrap().replace('\u{feff}', "");
    let cut = &letter[..letter.len() / 2];
    let utf_16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(letter.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    scratch.write("data/letters/cut.txt", cut);
    scratch.write("data/letters/utf-16.txt", utf_16);
    scratch.write(
        "data/letters/windows.txt",
        [letter.as_bytes(), b"\x92"].concat(),
    );
    scratch.write(
        "data/letters/windows-cut.txt",
        [b"\x92\n", cut.as_bytes()].concat(),
    );
    scratch.write("data/letters/again.txt", &letter);
    scratch.write(
        "data/letters/page.html",
        format!("<html><pre>{letter}</pre></html>"),
    );
    scratch.write("data/letters/shopping.txt", "milk, eggs");
    scratch.write("data/letters/shopping-1252.txt", b"milk, \x9Cufs");
    scratch.write("data/letters/empty.txt", "");
    scratch.write("data/letters/binary.txt", [0; 1000]);
    scratch.write(
        "data/letters/two.txt",
        format!("{letter}\n{}", letter.replace("Norco", "Soma")),
    );
    scratch.imr("build data/letters --out dataset --quiet").ok();
    let text = scratch.imr("check dataset --deep").ok();
    for table in ["letters", "cases", "reviewers", "decisions", "citations"] {
        let line = format!("ok     values of {table} are what the parser reads");
        assert!(text.contains(&line), "{text}");
    }
    assert!(
        text.ends_with("dataset is sound: all 29 rules hold\n"),
        "{text}"
    );
    // Of a sample fewer values are looked at; of none, none.
    let values = |text: &str| {
        let line = text
            .lines()
            .find(|l| l.contains("values of evidence"))
            .unwrap();
        let number = line
            .split_whitespace()
            .rev()
            .nth(1)
            .unwrap()
            .replace(',', "");
        number.parse::<u64>().unwrap()
    };
    let half = scratch.imr("check dataset --deep --sample 50%").ok();
    assert!(values(&half) < values(&text), "{half}");
    assert!(values(&half) > 0, "{half}");
    scratch
        .imr("check dataset --sample 50%")
        .fails(2, &["--deep"]);
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let scratch = Scratch::with_letters();
    scratch.imr("build data/letters --out dataset --quiet").ok();
    let files: Vec<_> = walkdir::WalkDir::new(scratch.path("dataset"))
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.into_path())
        .collect();
    assert!(files.len() > 8, "{files:?}");
    let mut dice = Dice(20151125);
    let mut flip = |file: &std::path::Path| {
        let whole = fs::read(file).unwrap();
        let bit = dice.below(whole.len() * 8);
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(file, bytes).unwrap();
        let run = scratch.imr("check dataset");
        assert_eq!(
            run.code,
            Some(1),
            "bit {bit} of {}: {run:?}",
            file.display()
        );
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!((run.out + &run.err).contains(name), "{name}");
        fs::write(file, whole).unwrap();
    };
    // A hundred places over all bytes alike, and some in each file, of which some are small.
    let sizes: Vec<_> = files
        .iter()
        .map(|f| f.metadata().unwrap().len() as usize)
        .collect();
    let mut places = Dice(2013);
    for _ in 0..100 {
        let mut at = places.below(sizes.iter().sum());
        let file = sizes.iter().position(|size| {
            let here = at < *size;
            at -= if here { 0 } else { *size };
            here
        });
        flip(&files[file.unwrap()]);
    }
    for file in files.iter().flat_map(|file| [file; 3]) {
        flip(file);
    }
    scratch.imr("check dataset").ok();
}

#[test]
fn a_damaged_dataset_is_replaced_on_request() {
    let scratch = Scratch::with_letters();
    scratch.imr("build data/letters --out dataset --quiet").ok();
    let manifest = scratch.path("dataset/manifest.json");
    let changed = fs::read_to_string(&manifest)
        .unwrap()
        .replace("\"read\": 5", "\"read\": 4");
    fs::write(&manifest, changed).unwrap();
    let advice = ["dataset is damaged", "manifest.json", "--overwrite"];
    scratch.imr("check dataset").fails(1, &advice);
    scratch
        .imr("build data/letters --out dataset --overwrite")
        .ok();
    scratch.imr("check dataset").ok();
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
