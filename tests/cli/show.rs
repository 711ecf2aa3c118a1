//! `imr show`.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::scratch::{IMR, Run, Scratch};

/// One of the five letters.
const NORCO: &str = "000_8777545f973767d2.txt";

fn dataset() -> Scratch {
    let scratch = Scratch::with_letters();
    scratch.imr("build data/letters --out dataset --quiet").ok();
    scratch
}

/// The ids of the letters in a dataset.
fn ids(scratch: &Scratch) -> Vec<String> {
    let rows = json(scratch, "SELECT letter_id FROM letters ORDER BY source");
    rows.iter()
        .map(|row| row["letter_id"].as_str().unwrap().to_owned())
        .collect()
}

/// The rows of a query.
fn json(scratch: &Scratch, sql: &str) -> Vec<Value> {
    let mut command = Command::new(IMR);
    command
        .args(["sql", "dataset", "--format", "json", "-c", sql])
        .current_dir(scratch.path(""));
    serde_json::from_str(&Run::of(&mut command).ok()).unwrap()
}

/// Text without its HTML escapes.
fn unescape(html: &str) -> String {
    let mut text = html.to_owned();
    for (escape, c) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(escape, c);
    }
    text
}

/// An element of a page: its tag with attributes, how deep it stands, and the text up to the next tag.
struct Piece<'a> {
    tag: &'a str,
    text: &'a str,
}

/// Takes a page apart and asserts that every element is closed where it should be.
fn parse(html: &str) -> Vec<Piece<'_>> {
    const EMPTY: [&str; 3] = ["meta", "input", "!DOCTYPE"];
    let mut open: Vec<&str> = Vec::new();
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        assert!(!tag.contains('<'), "a < in the tag {tag}");
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes in {tag}");
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "before {:.80}", rest);
        } else {
            let name = tag.split([' ', '\n']).next().unwrap();
            if ["style", "script"].contains(&name) {
                let close = format!("</{name}>");
                rest = &rest[rest.find(&close).expect("it is closed")..];
            }
            if !EMPTY.contains(&name) {
                open.push(name);
            }
        }
        let text = &rest[..rest.find('<').unwrap_or(rest.len())];
        assert!(!text.contains('>'), "a > in {text:?}");
        pieces.push(Piece { tag, text });
    }
    assert_eq!(open, Vec::<&str>::new());
    pieces
}

/// The letter's text in a page, and with each character the marks that hold there.
fn marked(html: &str) -> (String, Vec<Vec<usize>>) {
    let pieces = parse(html);
    let mut pieces = pieces
        .iter()
        .skip_while(|p| !p.tag.starts_with("article id=\"text\""));
    let (mut text, mut marks) = (String::new(), Vec::new());
    let mut held: Vec<usize> = Vec::new();
    for piece in pieces.by_ref().take_while(|p| p.tag != "/article") {
        if let Some((_, list)) = piece.tag.split_once("data-m=\"") {
            held = list
                .trim_end_matches('"')
                .split(' ')
                .map(|n| n.parse().unwrap())
                .collect();
        } else if piece.tag == "/span" {
            held.clear();
        }
        let words = unescape(piece.text);
        marks.extend(words.chars().map(|_| held.clone()));
        text.push_str(&words);
    }
    (text, marks)
}

/// What the page's script knows of the marks.
fn marks(html: &str) -> Vec<Value> {
    let (_, data) = html.split_once("id=\"marks\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    serde_json::from_str(data).unwrap()
}

fn page(scratch: &Scratch, letter: &str) -> String {
    scratch
        .imr(&format!(
            "show dataset {letter} --html page.html --overwrite"
        ))
        .ok();
    std::fs::read_to_string(scratch.path("page.html")).unwrap()
}

#[test]
fn a_page_marks_every_value_at_its_place() {
    let scratch = dataset();
    for id in ids(&scratch) {
        let html = page(&scratch, &id);
        let (text, held) = marked(&html);
        let letter = json(
            &scratch,
            &format!("SELECT text FROM letters WHERE letter_id = '{id}'"),
        );
        assert_eq!(
            Some(text.replace('\r', "").as_str()),
            letter[0]["text"].as_str()
        );

        let marks = marks(&html);
        let evidence = json(
            &scratch,
            &format!("SELECT * FROM evidence WHERE letter_id = '{id}'"),
        );
        assert!(evidence.len() > 20);
        for row in &evidence {
            let there = marks.iter().position(|mark| {
                mark["c"] == row["column_name"]
                    && mark["s"] == row["start_char"]
                    && mark["e"] == row["end_char"]
            });
            let n = there.unwrap_or_else(|| panic!("no mark for {row}"));
            let offset = |column: &str| usize::try_from(row[column].as_u64().unwrap()).unwrap();
            let range = offset("start_char")..offset("end_char");
            for (at, held) in held.iter().enumerate() {
                assert_eq!(held.contains(&n), range.contains(&at), "{row} at {at}");
            }
        }
        // Each mark leads to a value beside the letter.
        let values: Vec<usize> = parse(&html)
            .iter()
            .filter(|p| p.tag.starts_with("button"))
            .flat_map(|p| {
                p.tag
                    .rsplit_once("data-m=\"")
                    .unwrap()
                    .1
                    .trim_end_matches('"')
                    .split(' ')
            })
            .map(|n| n.parse().unwrap())
            .collect();
        for (n, mark) in marks.iter().enumerate() {
            assert!(values.contains(&n), "no value for {mark}");
        }
    }
}

#[test]
fn a_page_needs_nothing_else() {
    let scratch = dataset();
    let html = page(&scratch, NORCO);
    assert!(html.contains("default-src 'none'"));
    for outside in [
        "http:",
        "https:",
        "url(",
        "@import",
        " src=",
        "<link",
        " style=\"",
        " onclick",
    ] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert_eq!(
        html,
        page(&scratch, NORCO),
        "the same letter gives the same page"
    );
    for words in [
        "Norco",
        "hydrocodone/acetaminophen",
        "Emergency Medicine",
        "50 years, male",
    ] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn a_letter_cannot_put_anything_into_its_page() {
    let scratch = Scratch::with_letters();
    let letter =
        std::fs::read_to_string(scratch.path("data/letters/000_8777545f973767d2.txt")).unwrap();
    let attack = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \" onclick='x' & &amp; \u{1b}[2J\u{202e}";
    let letter = letter
        .replace("back pain.", &format!("back pain {attack}."))
        .replace(
            "Norco 10/325mg #60:",
            "Norco 10/325mg #60 <b onclick=alert(3)>\"x\"</b>:",
        )
        .replace("Emergency Medicine", "Emergency <i>Medicine</i>");
    scratch.write("letters/a<b>'\".txt", letter);
    scratch.imr("build letters --out dataset --quiet").ok();
    let id = &ids(&scratch)[0];
    let html = page(&scratch, id);
    let pieces = parse(&html);
    let scripts: Vec<_> = pieces
        .iter()
        .filter(|p| p.tag.starts_with("script"))
        .collect();
    assert_eq!(scripts.len(), 2);
    for piece in &pieces {
        assert!(!piece.tag.starts_with("img"), "{}", piece.tag);
        // Beside those quoted, an attribute's name could only be one of ours.
        let names = piece.tag.split('"').step_by(2).collect::<String>();
        assert!(!names.contains("onclick"), "{}", piece.tag);
    }
    assert!(!html.contains('\u{1b}') && !html.contains('\u{202e}'));
    let (text, _) = marked(&html);
    assert!(text.contains("</script><script>alert(1)</script><img src=x onerror=alert(2)>"));
    let shown = scratch
        .imr(&format!("show dataset {id} --color always"))
        .ok();
    assert!(!shown.contains("\u{1b}[2J") && !shown.contains('\u{202e}'));
    assert!(shown.contains("␛[2J"));
}

#[test]
fn without_a_terminal_the_values_are_listed_below_the_text() {
    let scratch = dataset();
    let text = scratch.imr(&format!("show dataset {}", NORCO)).ok();
    assert!(!text.contains('\u{1b}'));
    for words in [
        "Currently, the PR-2 notes dated 2/25/15",
        "Values",
        "generic_name",
        "hydrocodone/acetaminophen",
        "Decisions",
        "patient_weaning",
        "upheld",
    ] {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
    let row = text.lines().find(|l| l.contains("│ patient_age")).unwrap();
    assert!(row.ends_with("│ 50"), "{row}");
    let in_colour = scratch
        .imr(&format!("show dataset {} --color always", NORCO))
        .ok();
    assert!(in_colour.contains("\u{1b}[38;5;16;48;5;"));
    for line in in_colour.lines().filter(|l| l.contains('\u{1b}')) {
        let (_, last) = line.rsplit_once('\u{1b}').unwrap();
        assert!(last.starts_with("[0m"), "a colour runs on after {line:?}");
    }
}

#[test]
fn a_letter_is_found_by_each_of_its_names() {
    let scratch = dataset();
    let id = &ids(&scratch)[0];
    let whole = scratch.imr(&format!("show dataset {id}")).ok();
    let source = format!("data/letters/{NORCO}");
    let names = [&id[..5], &id.to_uppercase(), NORCO, &source];
    for name in names {
        assert_eq!(
            scratch.imr(&format!("show dataset {name}")).ok(),
            whole,
            "{name}"
        );
    }
}

#[test]
fn a_case_number_or_its_beginning_is_a_name() {
    let scratch = Scratch::with_letters();
    let letter =
        std::fs::read_to_string(scratch.path("data/letters/000_8777545f973767d2.txt")).unwrap();
    for n in [1, 2] {
        let header = format!("Case Number: CM15-000123{n}\nDate Assigned: 04/02/2015\n\n");
        scratch.write(&format!("letters/{n}.txt"), format!("{header}{letter}"));
    }
    scratch.imr("build letters --out dataset --quiet").ok();
    let text = scratch.imr("show dataset cm15-0001231").ok();
    assert!(text.starts_with("CM15-0001231  "), "{text}");
    let several = scratch.imr("show dataset CM15-");
    several.fails(
        1,
        &[
            "2 letters answer to \"CM15-\"",
            "CM15-0001231",
            "CM15-0001232",
            "2.txt",
        ],
    );
}

#[test]
fn what_is_no_letter_of_the_dataset_is_said_to_be_none() {
    let scratch = dataset();
    for name in ["CM15-0012345", "zork", "'"] {
        let run = scratch.imr(&format!("show dataset {name}"));
        run.fails(1, &["no letter", name, "imr sql dataset"]);
    }
    // A name is the end of a source, not any part of it.
    scratch.imr("show dataset letters").fails(1, &["no letter"]);
    scratch
        .imr("show nowhere x")
        .fails(1, &["no dataset in nowhere"]);
    scratch.imr("show dataset").fails(2, &["CASE"]);
}

#[test]
fn a_file_is_replaced_only_on_request() {
    let scratch = dataset();
    scratch.write("page.html", "my notes");
    let show = format!("show dataset {} --html page.html", NORCO);
    scratch
        .imr(&show)
        .fails(1, &["page.html is there already", "--overwrite"]);
    let read = || std::fs::read_to_string(scratch.path("page.html")).unwrap();
    assert_eq!(read(), "my notes");
    let told = scratch.imr(&format!("{show} --overwrite")).ok();
    assert!(told.starts_with("page.html: "), "{told}");
    assert!(read().starts_with("<!DOCTYPE html>"));
    assert_eq!(scratch.names(""), ["data", "dataset", "page.html"]);
    scratch
        .imr(&format!("show dataset {} --html data", NORCO))
        .fails(1, &["data is a folder"]);
    scratch
        .imr(&format!("show dataset {} --html no/page.html", NORCO))
        .fails(1, &["cannot write no/page.html"]);
    scratch
        .imr(&format!("show dataset {} --overwrite", NORCO))
        .fails(2, &["--html"]);
}

#[test]
fn a_rejected_document_is_shown_with_its_problem() {
    let scratch = Scratch::new();
    scratch.write(
        "letters/a.txt",
        "Dear Sir or Madam,\n\nno letter of that kind.\n",
    );
    scratch.imr("build letters --out dataset --quiet").ok();
    let text = scratch.imr("show dataset a.txt").ok();
    for words in [
        "rejected",
        "no letter of that kind",
        "Problems",
        "not_an_imr_letter",
    ] {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
    let html = page(&scratch, "a.txt");
    parse(&html);
    assert!(html.contains("no letter of that kind"));
}

#[cfg(unix)]
#[test]
fn a_reader_that_hangs_up_is_no_error() {
    let scratch = dataset();
    let mut child = Command::new(IMR)
        .args(["show", "dataset", NORCO])
        .current_dir(scratch.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut error = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut error)
        .unwrap();
    assert_eq!(
        (child.wait().unwrap().code(), error.as_str()),
        (Some(0), "")
    );
}
