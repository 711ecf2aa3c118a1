//! `imr build`: every kind of input, whole and broken.

use std::fs;
use std::io::Write;

use serde_json::json;

use crate::built::{build, built, jsonl, letter};
use crate::pack::{gzip, parquet, pdf, stored, tar, zip, zst};
use crate::scratch::{ROOT, Run, Scratch};

/// Runs `imr build` with something on standard input.
fn piped(scratch: &Scratch, args: &str, stdin: &[u8]) -> Run {
    let mut child = scratch.begin(&args.split_whitespace().collect::<Vec<_>>());
    // A program that stops early closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap().into()
}

#[test]
fn archives_of_all_kinds_are_read() {
    let scratch = Scratch::new();
    let texts: Vec<String> = (0..6).map(letter).collect();
    let members: Vec<(&str, &[u8])> = vec![
        ("b/2.txt", texts[0].as_bytes()),
        ("a.txt", texts[1].as_bytes()),
        ("b/notes.doc", b"x"),
        ("__MACOSX/._a.txt", b"\0\x05\x16\x07"),
    ];
    scratch.write("in/a.zip", zip(&members));
    let others: Vec<(&str, &[u8])> = vec![
        ("z.txt", texts[2].as_bytes()),
        ("y.txt", texts[3].as_bytes()),
    ];
    scratch.write("in/b.tar", tar(&others));
    scratch.write("in/c.tar.gz", gzip(&tar(&others[..1])));
    scratch.write("in/d.txt.gz", gzip(texts[4].as_bytes()));
    scratch.write("in/e.txt.zst", zst(texts[5].as_bytes()));
    scratch.write("in/f.tzst", zst(&tar(&others[1..])));
    let built = build(&scratch, "in");
    built.has(
        &[
            "in/a.zip!a.txt",
            "in/a.zip!b/2.txt",
            "in/b.tar!y.txt",
            "in/b.tar!z.txt",
            "in/d.txt.gz!d.txt",
            "in/e.txt.zst!e.txt",
        ],
        &[],
    );
    // Of the same letter the first is kept.
    assert_eq!(built.summary["letters"]["duplicates"], 2);
    assert_eq!(built.summary["skipped"], json!({".doc": 1, ".txt": 1}));
}

#[test]
fn content_tells_what_a_file_holds() {
    let scratch = Scratch::new();
    let texts: Vec<String> = (0..4).map(letter).collect();
    scratch.write("in/a.txt", zip(&[("x.txt", texts[0].as_bytes())]));
    scratch.write("in/b.txt", jsonl(1..2));
    scratch.write("in/c.zip", gzip(texts[2].as_bytes()));
    scratch.write("in/letter", &texts[3]);
    let built = build(&scratch, "in in/letter");
    built.has(
        &[
            "in/a.txt!x.txt",
            "in/b.txt#0!l1.txt",
            "in/c.zip",
            "in/letter",
        ],
        &[],
    );
}

#[test]
fn json_that_is_not_of_lines_is_passed_over_unless_named() {
    let scratch = Scratch::new();
    scratch.write("in/a.json", jsonl(0..1));
    scratch.write("in/b.json", "{\n  \"letter\": \"a\"\n}\n");
    let built = build(&scratch, "in");
    built.has(&["in/a.json#0!l0.txt"], &[]);
    assert_eq!(built.summary["skipped"], json!({".json": 1}));
    build(&scratch, "in/b.json").has(&[], &[("in/b.json", "invalid_json")]);
}

#[test]
fn tables_give_a_letter_a_row() {
    let scratch = Scratch::new();
    scratch.write("in/a.jsonl", jsonl(0..2));
    scratch.write("in/b.ndjson.gz", gzip(jsonl(2..3).as_bytes()));
    let rows = vec![Some(letter(3)), None, Some(letter(4))];
    scratch.write("in/c.parquet", parquet("text", rows));
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["n", "text"]).unwrap();
    csv.write_record(["1", &letter(5)]).unwrap();
    csv.write_record(["2", &letter(6)]).unwrap();
    scratch.write("in/d.csv", csv.into_inner().unwrap());
    let built = build(&scratch, "in");
    built.has(
        &[
            "in/a.jsonl#0!l0.txt",
            "in/a.jsonl#1!l1.txt",
            "in/b.ndjson.gz#0!l2.txt",
            "in/c.parquet#0!100",
            "in/c.parquet#2!102",
            "in/d.csv#0",
            "in/d.csv#1",
        ],
        &[("in/c.parquet#1!101", "no_text_column")],
    );
}

#[test]
fn the_text_column_can_be_named() {
    let scratch = Scratch::new();
    scratch.write("in/a.jsonl", jsonl(0..1).replace("\"text\"", "\"body\""));
    scratch.write("in/b.parquet", parquet("body", vec![Some(letter(1))]));
    scratch.write(
        "in/c.csv",
        format!("body;id\n\"{}\";7\n", letter(2).replace('"', "\"\"")),
    );
    let built = build(&scratch, "in --text-column body");
    built.has(
        &["in/a.jsonl#0!l0.txt", "in/b.parquet#0!100", "in/c.csv#0!7"],
        &[],
    );
    let built = build(&scratch, "in");
    built.has(
        &[],
        &[
            ("in/a.jsonl#0", "no_text_column"),
            ("in/b.parquet", "no_text_column"),
            ("in/c.csv", "no_text_column"),
        ],
    );
}

#[test]
fn what_is_cut_off_keeps_what_came_before() {
    let scratch = Scratch::new();
    let texts: Vec<String> = (0..4).map(letter).collect();
    let members: Vec<(&str, &[u8])> = vec![
        ("1.txt", texts[0].as_bytes()),
        ("2.txt", texts[1].as_bytes()),
    ];
    let cut = |bytes: Vec<u8>, n: usize| bytes[..bytes.len() - n].to_vec();
    scratch.write("in/a.tar", cut(tar(&members), 4000));
    scratch.write("in/b.txt.gz", cut(gzip(texts[2].as_bytes()), 20));
    // The second line is cut in the middle.
    scratch.write("in/c.jsonl", cut(jsonl(2..4).into_bytes(), 100));
    scratch.write("in/d.jsonl.gz", cut(gzip(jsonl(4..6).as_bytes()), 12));
    let others = [letter(8), letter(9)];
    let others = [
        ("1.txt", others[0].as_bytes()),
        ("2.txt", others[1].as_bytes()),
    ];
    scratch.write("in/e.zip", cut(stored(&others), 400));
    scratch.write(
        "in/f.parquet",
        cut(parquet("text", vec![Some(letter(7))]), 9),
    );
    scratch.write("in/g.tar.zst", cut(zst(&tar(&members)), 20));
    let built = build(&scratch, "in");
    built.has(
        &[
            "in/a.tar!1.txt",
            "in/c.jsonl#0!l2.txt",
            "in/d.jsonl.gz#0!l4.txt",
            "in/e.zip!1.txt",
        ],
        &[
            ("in/a.tar!2.txt", "broken_archive"),
            ("in/b.txt.gz", "broken_archive"),
            ("in/c.jsonl#1", "invalid_json"),
            ("in/d.jsonl.gz", "broken_archive"),
            ("in/e.zip", "broken_archive"),
            ("in/f.parquet", "broken_parquet"),
            ("in/g.tar.zst", "broken_archive"),
        ],
    );
}

#[test]
fn empty_files_of_all_kinds_are_accounted_for() {
    let scratch = Scratch::new();
    let kinds = [
        "zip", "tar", "gz", "zst", "parquet", "csv", "jsonl", "html", "txt", "pdf",
    ];
    for kind in kinds {
        scratch.write(&format!("in/a.{kind}"), "");
    }
    scratch.write("in/empty.zip", zip(&[]));
    scratch.write("in/empty.tar", tar(&[]));
    scratch.write("in/empty.txt.gz", gzip(b""));
    let built = build(&scratch, "in");
    // Nothing is the same as nothing.
    assert_eq!(built.summary["letters"]["duplicates"], 3);
    built.has(
        &[],
        &[
            ("in/a.csv", "no_text_column"),
            ("in/a.gz", "broken_archive"),
            ("in/a.html", "empty_document"),
            ("in/a.parquet", "broken_parquet"),
            ("in/a.tar", "broken_archive"),
            ("in/a.zip", "broken_archive"),
            ("in/a.zst", "broken_archive"),
        ],
    );
}

#[test]
fn archives_in_archives_are_read_to_the_second() {
    let scratch = Scratch::new();
    let text = letter(0);
    let one = zip(&[("l.txt", text.as_bytes())]);
    let two = tar(&[("one.zip", &one), ("rows.jsonl", jsonl(1..2).as_bytes())]);
    let three = zip(&[("two.tar.gz", &gzip(&two))]);
    scratch.write("in/two.tar", &two);
    scratch.write("in/z.zip", &three);
    scratch.write("in/twice.txt.gz", gzip(&gzip(text.as_bytes())));
    let built = build(&scratch, "in");
    built.has(
        &["in/two.tar!one.zip!l.txt", "in/two.tar!rows.jsonl#0!l1.txt"],
        &[
            ("in/twice.txt.gz", "nested_too_deeply"),
            ("in/z.zip!two.tar.gz!one.zip", "nested_too_deeply"),
        ],
    );
}

#[test]
fn names_of_members_are_no_paths() {
    let scratch = Scratch::new();
    let text = letter(0);
    scratch.write("in/a.zip", zip(&[("../../etc/l.txt", text.as_bytes())]));
    build(&scratch, "in").has(&["in/a.zip!../../etc/l.txt"], &[]);
    assert_eq!(scratch.names("."), ["dataset", "in"]);
}

#[test]
fn html_is_read_as_text() {
    let scratch = Scratch::new();
    let paragraphs: String = letter(0)
        .split("\n \n")
        .map(|p| format!("<p>{}</p>", p.replace('&', "&amp;")))
        .collect();
    let page =
        format!("<!DOCTYPE html><title>x</title><script>var a = '<p>';</script><body>{paragraphs}");
    scratch.write("in/a.html", page);
    build(&scratch, "in").has(&["in/a.html"], &[]);
}

#[test]
fn a_pdf_gives_what_its_text_gives() {
    let scratch = Scratch::new();
    let name = "001_12a1b4f7c3cb7cb4.txt";
    let letter = fs::read_to_string(format!("{ROOT}/data/letters/{name}")).unwrap();
    let decisions = |input: &str| {
        build(&scratch, input);
        let fields = "seq, request_text, outcome, generic_name, weaning_context, replace(rationale, '  ', ' ') as r";
        scratch.write(
            "q.sql",
            format!("select {fields} from decisions order by seq;"),
        );
        scratch.imr("sql dataset --file q.sql --format json").ok()
    };
    scratch.write("in/a.txt", &letter);
    scratch.write("in/b.pdf", pdf(&letter));
    assert_eq!(decisions("in/b.pdf"), decisions("in/a.txt"));
}

#[test]
fn a_pdf_that_cannot_be_read_says_why() {
    let scratch = Scratch::new();
    let whole = pdf(&letter(0));
    scratch.write("in/a.pdf", &whole[..40]);
    let text = String::from_utf8(whole).unwrap();
    let zeros = "0".repeat(64);
    let encrypt = format!(
        "/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{zeros}>/U<{zeros}>>>/Root"
    );
    scratch.write("in/b.pdf", text.replace("/Root", &encrypt));
    let image = "stream\nBI /W 1 /H 1 /BPC 8 /CS /G ID x EI";
    let scanned = text
        .replace("Tj", "pass")
        .replace("stream\nBT", &format!("{image} BT"));
    scratch.write("in/c.pdf", scanned);
    scratch.write("in/d.pdf", "a page that says Not Found");
    build(&scratch, "in").has(
        &[],
        &[
            ("in/a.pdf", "damaged_pdf"),
            ("in/b.pdf", "encrypted_pdf"),
            ("in/c.pdf", "scanned_pdf"),
            ("in/d.pdf", "not_an_imr_letter"),
        ],
    );
}

#[test]
fn standard_input_is_read_as_any_file() {
    let scratch = Scratch::new();
    let members = [("1.txt", letter(1)), ("2.txt", letter(2))];
    let members: Vec<(&str, &[u8])> = members.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
    let args = "build - --out dataset --overwrite --format json";
    for (bytes, sources) in [
        (letter(0).into_bytes(), vec!["-"]),
        (gzip(letter(0).as_bytes()), vec!["-"]),
        (gzip(&tar(&members)), vec!["-!1.txt", "-!2.txt"]),
        (zip(&members), vec!["-!1.txt", "-!2.txt"]),
        (jsonl(0..1).into_bytes(), vec!["-#0!l0.txt"]),
        (parquet("text", vec![Some(letter(1))]), vec!["-#0!100"]),
    ] {
        let summary = piped(&scratch, args, &bytes).ok();
        built(&scratch, &summary).has(&sources, &[]);
    }
    let none = piped(&scratch, args, b"").ok();
    built(&scratch, &none).has(&[], &[("-", "empty_document")]);
}

#[test]
fn patterns_and_lists_name_inputs() {
    let scratch = Scratch::new();
    for (n, name) in ["a/1.txt", "a/b/2.txt", "a/b/3.text", "4.txt"]
        .iter()
        .enumerate()
    {
        scratch.write(&format!("in/{name}"), letter(n));
    }
    build(&scratch, "in/**/*.txt").has(&["in/4.txt", "in/a/1.txt", "in/a/b/2.txt"], &[]);
    scratch.write("list", "in/4.txt\nin/a/b\nin/gone.txt\n");
    let sources = ["in/4.txt", "in/a/b/2.txt", "in/a/b/3.text"];
    build(&scratch, "--files-from list").has(&sources, &[("in/gone.txt", "unreadable")]);
    let args = "build --files-from - --out dataset --overwrite --format json";
    let summary = piped(&scratch, args, b"in/4.txt\0in/a/1.txt\0").ok();
    built(&scratch, &summary).has(&["in/4.txt", "in/a/1.txt"], &[]);
    scratch
        .imr("build in/*.pdf --out x")
        .fails(1, &["no file matches in/*.pdf"]);
    scratch
        .imr("build - --files-from - --out x")
        .fails(1, &["not both"]);
}

#[test]
fn the_same_inputs_give_the_same_bytes_on_any_number_of_threads() {
    let scratch = Scratch::new();
    let texts: Vec<String> = (0..40).map(letter).collect();
    let names: Vec<String> = (0..40).map(|n| format!("{n}.txt")).collect();
    let members: Vec<_> = names
        .iter()
        .map(String::as_str)
        .zip(texts.iter().map(|t| t.as_bytes()))
        .collect();
    scratch.write("in/a.zip", zip(&members[..20]));
    scratch.write("in/b.tar.zst", zst(&tar(&members[10..30])));
    scratch.write("in/c.jsonl", jsonl(25..45));
    scratch.write("in/d.txt", &texts[39]);
    let manifest = |jobs: usize| {
        let args = format!("build in --out dataset --overwrite --quiet --jobs {jobs}");
        scratch.imr(&args).ok();
        fs::read(scratch.path("dataset/manifest.json")).unwrap()
    };
    assert_eq!(manifest(1), manifest(5));
}
