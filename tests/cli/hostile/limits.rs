//! The limits, and the flags that set them.

use serde_json::Value;

use crate::built::{build, letter};
use crate::pack::{gzip, parquet, tar, zip};
use crate::scratch::Scratch;

/// The messages of the problems of the dataset.
fn messages(scratch: &Scratch) -> String {
    scratch.write("q.sql", "select source, code, message from problems;");
    scratch.imr("sql dataset --file q.sql --format json").ok()
}

#[test]
fn each_limit_has_a_flag_and_its_message_names_it() {
    let scratch = Scratch::new();
    let text = letter(0);
    let text = text.as_bytes();
    scratch.write("in/a.txt", text);
    scratch.write("in/b.csv", format!("id,x,text\n1,2,{}\n", "y".repeat(3000)));
    scratch.write(
        "in/c.zip",
        zip(&[("1.txt", b"1"), ("2.txt", b"2"), ("3.txt", b"3")]),
    );
    scratch.write("in/d.tar", tar(&[("n.zip", &zip(&[("l.txt", text)]))]));
    let one = zip(&[("l.txt", b"x")]);
    scratch.write("in/e.zip", zip(&[("f.tar", &tar(&[("g.zip", &one)]))]));
    scratch.write("in/h.gz", gzip(&vec![b' '; 100_000]));
    scratch.write(
        "in/i.parquet.gz",
        gzip(&parquet("text", vec![Some("x".to_owned())])),
    );
    for (flag, value, said) in [
        ("--max-document", "1KB", "larger than 1 KB"),
        ("--max-row", "2KiB", "larger than 2 KiB"),
        ("--max-columns", "2", "more than 2 columns"),
        ("--max-members", "2", "more than 2 members"),
        (
            "--max-depth",
            "1",
            "more than 1 archives within one another",
        ),
        ("--max-held", "50", "larger than 50 bytes"),
        ("--max-expanded", "50000", "more than 50 KB"),
    ] {
        build(&scratch, &format!("in {flag} {value}"));
        let messages = messages(&scratch);
        let named = messages.contains(&format!("{said} ({flag})"));
        assert!(named, "{flag}: {messages}");
    }
    build(&scratch, "in --max-depth 3");
    let messages: Value = serde_json::from_str(&messages(&scratch)).unwrap();
    assert!(!messages.to_string().contains("--max-depth"), "{messages}");
}

#[test]
fn limits_that_are_none_are_refused() {
    let scratch = Scratch::new();
    for (flag, value) in [
        ("--max-document", "2G"),
        ("--max-document", "0"),
        ("--max-row", "many"),
        ("--max-ratio", "0"),
        ("--max-depth", "1000"),
    ] {
        let run = scratch.imr(&format!("build in --out d {flag} {value}"));
        run.fails(2, &[flag, value]);
    }
}
