//! Sound datasets, and datasets with one fault each.

mod again;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::Int32Type;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use tempfile::TempDir;

use super::*;
use crate::dataset::gather::{Gatherer, in_order};
use crate::dataset::manifest::{MANIFEST, Manifest};
use crate::dataset::write::{TableWriter, Writing};
use crate::dataset::{Layout, open};
use crate::letter::*;
use crate::tables::nested::{Builders, Column, Item};
use crate::tables::tests::{at, decision, letter};
use crate::tables::{Id, TABLES};

const TEXT: &str = "\
Licensed in CA, Neurology. A naïve 50 year old man. He is weaning off Norco.
Diagnoses: lumbar pain, on- 
going spasm.
1. Norco 10/325mg is overturned. Decision based on MTUS, page 78. It says taper
Page 3
slowly. 2. Soma is upheld.";

/// The place of `words` in the text.
fn span(words: &str) -> Span {
    let start = TEXT.find(words).unwrap();
    let start = TEXT[..start].chars().count() as u32;
    let end = start + words.chars().count() as u32;
    Span { start, end }
}

fn here(words: &str) -> Found<String> {
    reading(words, words)
}

/// A value that reads otherwise than its place.
fn reading(value: &str, words: &str) -> Found<String> {
    let span = span(words);
    at(value.to_owned(), span.start, span.end)
}

fn case() -> Case {
    let mut norco = decision("Norco 10/325mg", Some(Outcome::Overturned));
    norco.brand_name = Some(here("Norco"));
    norco.weaning_context = Some(MentionKind::PatientWeaning);
    norco.rationale = Some(reading(
        "It says taper slowly.",
        "It says taper\nPage 3\nslowly.",
    ));
    norco.citations = vec![Citation {
        cited_by: CitedBy::Reviewer,
        guideline_source: GuidelineSource::Mtus,
        title: here("MTUS"),
        pages: Some(at((78, 78), 0, 1)),
    }];
    norco.mentions = vec![Mention {
        section: MentionSection::Rationale,
        kind: MentionKind::GuidelineMention,
        sentence: reading("It says taper slowly.", "It says taper\nPage 3\nslowly."),
        cue: span("taper"),
    }];
    Case {
        diagnoses: vec![
            here("lumbar pain"),
            reading("on-going spasm", "on- \ngoing spasm"),
        ],
        reviewer: Some(Reviewer {
            licensure_states: vec![at("CA", 12, 14)],
            specialties: vec![here("Neurology")],
        }),
        decisions: vec![norco, decision("Soma", Some(Outcome::Upheld))],
        summary_mentions: vec![Mention {
            section: MentionSection::ClinicalSummary,
            kind: MentionKind::PatientWeaning,
            sentence: here("He is weaning off Norco."),
            cue: span("weaning"),
        }],
        ..Case::default()
    }
}

/// Writes a dataset of two letters and a rejected one, after `change` has had its tables.
fn dataset(change: impl Fn(&str, RecordBatch) -> RecordBatch) -> TempDir {
    let mut bad = letter(case());
    (bad.case, bad.status) = (None, Status::Rejected);
    bad.problems.push(Problem {
        severity: Severity::Error,
        code: "not_an_imr_letter",
        message: "no".to_owned(),
        span: Some(span("Licensed")),
    });
    let letters = [("a", letter(case())), ("b", letter(case())), ("c", bad)];
    write(
        letters.map(|(source, letter)| (source, TEXT, letter)),
        change,
    )
}

/// Writes a dataset of letters, each with its source and text.
fn write<'a>(
    letters: impl IntoIterator<Item = (&'a str, &'a str, Letter)>,
    change: impl Fn(&str, RecordBatch) -> RecordBatch,
) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut builders = Builders::new(Column::ALL.to_vec());
    for (source, text, letter) in letters {
        builders.add(&Item {
            letter_id: Id::of(source.as_bytes()).as_str(),
            source,
            text: Some(text),
            letter: &letter,
        });
    }
    let mut gatherer = Gatherer::default();
    let mut batches = in_order(gatherer.take(&builders.finish().unwrap()).unwrap());
    batches[2] = gatherer.reviewers().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let writing = Writing::new(
        dir.path().to_owned(),
        Layout::default(),
        1,
        &ExecutionPlanMetricsSet::new(),
    );
    let tables = TABLES.into_iter().zip(batches).map(|(table, batch)| {
        runtime.block_on(async {
            let mut writer = TableWriter::create(writing.clone(), table).unwrap();
            writer.write(change(table.name, batch)).await.unwrap();
            writer.finish().await.unwrap()
        })
    });
    let tables = tables.collect();
    write_manifest(dir.path(), &Manifest::new(gatherer.tally.letters, tables));
    dir
}

fn write_manifest(dir: &Path, manifest: &Manifest) {
    fs::write(dir.join(MANIFEST), manifest.to_json().unwrap()).unwrap();
}

/// The rules that are broken.
fn broken(dir: &TempDir) -> Vec<Rule> {
    let report = check(&open(dir.path()).unwrap(), None).unwrap();
    let broken = Rule::ALL.into_iter().zip(&report.checks);
    broken
        .filter(|(_, c)| c.broken > 0)
        .map(|(r, _)| r)
        .collect()
}

/// A value to put in a row.
#[derive(Clone, Copy)]
enum New {
    Text(&'static str),
    Int(i32),
    Null,
}

/// The batch with another value in one row.
fn put(batch: &RecordBatch, column: &str, row: usize, new: New) -> RecordBatch {
    let place = batch.schema().index_of(column).unwrap();
    let old = batch.column(place);
    let array: ArrayRef = if let Some(strings) = old.as_string_opt::<i32>() {
        let new = match new {
            New::Text(text) => Some(text),
            _ => None,
        };
        let values = strings.iter().enumerate();
        let values = values.map(|(n, old)| if n == row { new } else { old });
        Arc::new(values.collect::<StringArray>())
    } else {
        let new = match new {
            New::Int(number) => Some(number),
            _ => None,
        };
        let values = old.as_primitive::<Int32Type>().iter().enumerate();
        let values = values.map(|(n, old)| if n == row { new } else { old });
        Arc::new(values.collect::<Int32Array>())
    };
    let mut columns = batch.columns().to_vec();
    columns[place] = array;
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

#[test]
fn rules_are_reported_in_their_order() {
    for (n, rule) in Rule::ALL.into_iter().enumerate() {
        assert_eq!(rule as usize, n);
    }
}

#[test]
fn a_sound_dataset_is_sound_and_every_rule_is_put_to_use() {
    let dir = dataset(|_, batch| batch);
    let report = check(&open(dir.path()).unwrap(), None).unwrap();
    assert!(report.is_sound(), "{report:#?}");
    for check in &report.checks {
        assert!(check.looked_at > 0, "{}", check.rule);
    }
}

/// One value changed breaks this rule (and perhaps others that follow from it).
#[test]
fn every_fault_is_found() {
    use New::*;
    let faults = [
        (
            "letters",
            "letter_id",
            1,
            Text("ca978112ca1bbdca"),
            Rule::Keys,
        ),
        ("letters", "status", 0, Text("fine"), Rule::Enumerations),
        ("letters", "status", 0, Text("partial"), Rule::Letters),
        ("letters", "status", 2, Text("parsed"), Rule::Letters),
        ("letters", "template", 0, Text(""), Rule::NoEmptyStrings),
        ("letters", "text", 0, Text("short"), Rule::EvidenceSpans),
        ("letters", "text", 2, Text("short"), Rule::ProblemSpans),
        ("cases", "reviewer_id", 0, Text("0000"), Rule::References),
        ("cases", "reviewer_id", 0, Null, Rule::Letters),
        ("cases", "decision_count", 0, Int(1), Rule::Cases),
        ("cases", "overturned_count", 1, Int(2), Rule::Cases),
        ("cases", "case_outcome", 0, Text("upheld"), Rule::Cases),
        ("reviewers", "reviewer_id", 0, Text("0000"), Rule::Reviewers),
        ("decisions", "seq", 1, Int(3), Rule::Decisions),
        ("decisions", "decision_id", 1, Text("x-2"), Rule::Decisions),
        ("decisions", "case_id", 0, Text("x"), Rule::Order),
        (
            "decisions",
            "request_subcategory",
            0,
            Text("mri"),
            Rule::Categories,
        ),
        (
            "decisions",
            "request_category",
            0,
            Text("surgery"),
            Rule::Categories,
        ),
        (
            "decisions",
            "weaning_context",
            0,
            Text("none"),
            Rule::WeaningContext,
        ),
        (
            "decisions",
            "weaning_context",
            1,
            Text("withdrawal_caution"),
            Rule::WeaningContext,
        ),
        (
            "decisions",
            "rationale",
            0,
            Text("It says taper."),
            Rule::Verbatim,
        ),
        ("decisions", "brand_name", 0, Null, Rule::EvidenceRows),
        ("citations", "page_end", 0, Int(77), Rule::Citations),
        ("citations", "page_end", 0, Null, Rule::Citations),
        ("weaning_mentions", "start_char", 0, Int(1), Rule::Cues),
        (
            "weaning_mentions",
            "sentence",
            0,
            Text("He is well."),
            Rule::Verbatim,
        ),
        ("problems", "letter_id", 0, Null, Rule::Rows),
        ("problems", "start_char", 0, Null, Rule::ProblemSpans),
        ("evidence", "row_id", 0, Text("x"), Rule::EvidenceRows),
        ("evidence", "column_name", 0, Text("x"), Rule::EvidenceRows),
        ("evidence", "end_char", 0, Int(100_000), Rule::EvidenceSpans),
        ("evidence", "letter_id", 0, Text("x"), Rule::References),
    ];
    for (table, column, row, new, rule) in faults {
        let dir = dataset(|name, batch| match name == table {
            true => put(&batch, column, row, new),
            false => batch,
        });
        let broken = broken(&dir);
        assert!(
            broken.contains(&rule),
            "{table}.{column}: {rule:?}, but {broken:?}"
        );
    }
}

#[test]
fn one_row_out_of_place_does_not_blame_the_others() {
    let dir = dataset(|name, batch| match name {
        "decisions" => put(&batch, "case_id", 1, New::Text("x")),
        _ => batch,
    });
    let report = check(&open(dir.path()).unwrap(), None).unwrap();
    assert_eq!(report.checks[Rule::Order as usize].broken, 1);
    assert_eq!(report.checks[Rule::Cases as usize].broken, 1);
}

#[test]
fn a_repeated_citation_is_found() {
    let dir = dataset(|name, batch| match name {
        "citations" => {
            arrow::compute::concat_batches(&batch.schema(), [&batch.slice(0, 1), &batch]).unwrap()
        }
        _ => batch,
    });
    assert_eq!(broken(&dir), [Rule::Citations]);
}

#[test]
fn the_examples_of_a_breach_are_few_and_all_are_counted() {
    let mut report = Report::new(false);
    for n in 0..25 {
        report.expect(Rule::Keys, false, || n.to_string());
    }
    let check = &report.checks[Rule::Keys as usize];
    assert_eq!((check.broken, check.examples.len()), (25, EXAMPLES));
}

#[test]
fn changed_files_and_strays_are_found() {
    let dir = dataset(|_, batch| batch);
    fs::write(dir.path().join("cases/notes.txt"), "x").unwrap();
    assert_eq!(broken(&dir), [Rule::Strays]);

    let dir = dataset(|_, batch| batch);
    let file = dir.path().join("cases/part-00000.parquet");
    let mut bytes = fs::read(&file).unwrap();
    bytes[100] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(broken(&dir), [Rule::Files]);

    fs::remove_file(&file).unwrap();
    let error = open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("cases/part-00000.parquet"), "{error}");
}
