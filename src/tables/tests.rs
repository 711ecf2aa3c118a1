//! The tables of letters written by hand.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Float64Type, Int32Type};
use chrono::NaiveDate;

use super::nested::{Builders, Column, Item};
use super::split::Tables;
use super::*;
use crate::letter::*;

/// A value whose place does not matter to the test.
pub(crate) fn found<T>(value: T) -> Found<T> {
    at(value, 0, 1)
}

/// A value and its place.
pub(crate) fn at<T>(value: T, start: u32, end: u32) -> Found<T> {
    let span = Span { start, end };
    Found { value, span }
}

/// A decision on `request`, with nothing else said.
pub(crate) fn decision(request: &str, outcome: Option<Outcome>) -> Decision {
    Decision {
        request_text: found(request.to_owned()),
        review_type: None,
        outcome: outcome.map(found),
        request_category: found("pharmaceutical"),
        request_subcategory: found("opioid"),
        brand_name: None,
        generic_name: None,
        strength: None,
        quantity: None,
        refills: None,
        visits: None,
        mme_per_unit: None,
        claims_administrator_guideline: None,
        reviewer_guideline: None,
        rationale: None,
        weaning_context: None,
        citations: Vec::new(),
        mentions: Vec::new(),
    }
}

/// A letter on a case.
pub(crate) fn letter(case: Case) -> Letter {
    Letter {
        layout: Some("expert_reviewer"),
        status: Status::Parsed,
        case: Some(case),
        problems: Vec::new(),
    }
}

fn mention(kind: MentionKind, section: MentionSection) -> Mention {
    Mention {
        section,
        kind,
        sentence: at("He is weaning.".to_owned(), 10, 24),
        cue: Span { start: 16, end: 23 },
    }
}

fn citation(pages: Option<(i32, i32)>) -> Citation {
    Citation {
        cited_by: CitedBy::Reviewer,
        guideline_source: GuidelineSource::Mtus,
        title: found("Opioids".to_owned()),
        pages: pages.map(found),
    }
}

/// A case with something in most columns.
fn full_case() -> Case {
    let mut norco = decision("Norco 10/325mg #60", Some(Outcome::Overturned));
    norco.brand_name = Some(at("Norco".to_owned(), 30, 35));
    norco.quantity = Some(found(60));
    norco.mme_per_unit = Some(found(10.0));
    norco.weaning_context = Some(MentionKind::PatientWeaning);
    norco.citations = vec![
        citation(Some((78, 80))),
        citation(None),
        citation(Some((78, 80))),
    ];
    norco.mentions = vec![mention(
        MentionKind::GuidelineMention,
        MentionSection::Rationale,
    )];
    Case {
        case_number: Some(found("CM15-0012345".to_owned())),
        date_of_injury: NaiveDate::from_ymd_opt(2008, 5, 29).map(found),
        patient_age: Some(found(50)),
        patient_sex: Some(found(Sex::Male)),
        diagnoses: vec![at("a".to_owned(), 1, 2), at("b".to_owned(), 4, 5)],
        reviewer: Some(Reviewer {
            licensure_states: vec![found("TN"), found("NY")],
            specialties: vec![found("Emergency Medicine".to_owned())],
        }),
        decisions: vec![norco, decision("Soma", Some(Outcome::Upheld))],
        summary_mentions: vec![mention(
            MentionKind::PatientWeaning,
            MentionSection::ClinicalSummary,
        )],
        ..Case::default()
    }
}

/// The row of one letter, and of something unreadable before it.
fn row(letter: &Letter) -> RecordBatch {
    let mut builders = Builders::new(Column::ALL.to_vec());
    let problem = Problem {
        severity: Severity::Error,
        code: "unreadable",
        message: "it is on fire".to_owned(),
        span: None,
    };
    builders.add_unreadable("0.txt", &problem);
    builders.add(&Item {
        letter_id: "00000000000000aa",
        source: "a.txt",
        text: Some("some text"),
        letter,
    });
    assert_eq!(builders.rows(), 2);
    let batch = builders.finish().unwrap();
    assert_eq!(batch.schema(), nested::schema());
    assert_eq!(builders.rows(), 0);
    batch
}

/// All tables of one letter, by name.
fn tables(letter: &Letter) -> impl Fn(&str) -> RecordBatch + use<> {
    let rows = row(letter);
    let tables = Tables::of(&rows).unwrap();
    let reviewers = split::profiles(&rows).unwrap();
    move |name| {
        let batch = match name {
            "letters" => &tables.letters,
            "cases" => &tables.cases,
            "reviewers" => &reviewers,
            "decisions" => &tables.decisions,
            "citations" => &tables.citations,
            "weaning_mentions" => &tables.weaning_mentions,
            "problems" => &tables.problems,
            _ => &tables.evidence,
        };
        assert_eq!(batch.schema(), table(name).unwrap().schema());
        batch.clone()
    }
}

fn strings(batch: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let array = batch.column_by_name(column).unwrap().as_string::<i32>();
    array.iter().map(|s| s.map(str::to_owned)).collect()
}

fn some(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|v| Some((*v).to_owned())).collect()
}

#[test]
fn every_table_and_column_is_documented_and_named_once() {
    for (n, table) in TABLES.iter().enumerate() {
        assert!(TABLES[..n].iter().all(|t| t.name != table.name));
        assert!(table.about().ends_with('.') && table.about().len() > 20);
        for (n, column) in table.columns.iter().enumerate() {
            let name = column.name;
            assert!(table.columns[..n].iter().all(|c| c.name != name), "{name}");
            assert!(
                column.meaning().ends_with('.'),
                "{name}: {}",
                column.meaning()
            );
            assert_ne!(column.type_name(), "other", "{name}");
        }
    }
}

#[test]
fn references_lead_to_tables_with_a_key() {
    for column in TABLES.iter().flat_map(|t| t.columns) {
        if let Role::Refers(to) = column.role {
            assert!(table(to).and_then(Table::key).is_some(), "{}", column.name);
        }
    }
}

#[test]
fn the_schema_carries_descriptions_and_allowed_values() {
    let schema = decisions::TABLE.schema();
    let field = schema.field_with_name("outcome").unwrap();
    assert!(field.is_nullable());
    assert_eq!(field.metadata()["allowed"], "upheld, overturned");
    assert!(field.metadata()["description"].starts_with("`upheld`: the denial stands;"));
    let key = schema.field_with_name("decision_id").unwrap();
    assert!(!key.is_nullable() && !key.metadata().contains_key("allowed"));
}

#[test]
fn subcategories_are_listed_once_with_other_last() {
    let all = decisions::TABLE
        .column("request_subcategory")
        .unwrap()
        .allowed();
    assert_eq!(all.last(), Some(&"other"));
    let mut distinct = all.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn a_letter_becomes_rows_of_all_tables() {
    let table = tables(&letter(full_case()));
    let id = "00000000000000aa";
    assert_eq!(strings(&table("letters"), "status"), some(&["parsed"]));

    let cases = table("cases");
    assert_eq!(
        strings(&cases, "case_outcome"),
        some(&["partially_overturned"])
    );
    assert_eq!(
        strings(&cases, "reviewer_id"),
        strings(&table("reviewers"), "reviewer_id")
    );
    assert_eq!(strings(&cases, "clinical_summary"), [None]);
    let injured = cases.column_by_name("date_of_injury").unwrap();
    assert_eq!(
        injured.as_primitive::<Date32Type>().value_as_date(0),
        NaiveDate::from_ymd_opt(2008, 5, 29)
    );
    let diagnoses = cases
        .column_by_name("diagnoses")
        .unwrap()
        .as_list::<i32>()
        .value(0);
    assert_eq!(
        diagnoses.as_string::<i32>().iter().collect::<Vec<_>>(),
        [Some("a"), Some("b")]
    );

    let states = table("reviewers").column(1).as_list::<i32>().value(0);
    assert_eq!(
        states.as_string::<i32>().iter().collect::<Vec<_>>(),
        [Some("NY"), Some("TN")]
    );

    let decisions = table("decisions");
    let ids = [format!("{id}-1"), format!("{id}-2")];
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(strings(&decisions, "decision_id"), some(&ids));
    assert_eq!(
        strings(&decisions, "weaning_context"),
        some(&["patient_weaning", "none"])
    );
    let quantity = decisions
        .column_by_name("quantity")
        .unwrap()
        .as_primitive::<Int32Type>();
    assert_eq!(quantity.iter().collect::<Vec<_>>(), [Some(60), None]);
    let mme = decisions
        .column_by_name("mme_per_unit")
        .unwrap()
        .as_primitive::<Float64Type>();
    assert_eq!(mme.iter().collect::<Vec<_>>(), [Some(10.0), None]);

    // The third citation repeats the first.
    let pages = table("citations")
        .column_by_name("page_end")
        .unwrap()
        .clone();
    assert_eq!(
        pages.as_primitive::<Int32Type>().iter().collect::<Vec<_>>(),
        [Some(80), None]
    );

    let mentions = table("weaning_mentions");
    assert_eq!(
        strings(&mentions, "decision_id"),
        [None, Some(ids[0].to_owned())]
    );
    assert_eq!(
        mentions
            .column_by_name("start_char")
            .unwrap()
            .as_primitive::<Int32Type>()
            .value(0),
        16
    );
}

#[test]
fn every_value_read_has_its_evidence() {
    let evidence = tables(&letter(full_case()))("evidence");
    let columns = ["table_name", "row_id", "column_name"].map(|c| strings(&evidence, c));
    let rows: Vec<String> = (0..evidence.num_rows())
        .map(|i| columns.each_ref().map(|c| c[i].clone().unwrap()).join(" "))
        .collect();
    let count = |row: &str| rows.iter().filter(|r| *r == row).count();
    let id = "00000000000000aa";
    assert_eq!(count(&format!("cases {id} diagnoses")), 2);
    assert_eq!(count(&format!("cases {id} clinical_summary")), 0);
    assert_eq!(count(&format!("decisions {id}-1 brand_name")), 1);
    assert_eq!(count(&format!("decisions {id}-2 request_text")), 1);
    assert_eq!(count(&format!("citations {id}-1/1 page_start")), 1);
    assert_eq!(count(&format!("citations {id}-1/2 page_start")), 0);
    assert_eq!(count(&format!("citations {id}-1/2 title")), 1);
    assert_eq!(count(&format!("weaning_mentions {id}/2 sentence")), 1);
    assert_eq!(
        rows.iter().filter(|r| r.starts_with("reviewers")).count(),
        3
    );
}

#[test]
fn a_rejected_letter_has_no_case() {
    let rejected = Letter {
        layout: None,
        status: Status::Rejected,
        case: None,
        problems: Vec::new(),
    };
    let table = tables(&rejected);
    assert_eq!(table("letters").num_rows(), 1);
    assert_eq!(table("cases").num_rows(), 0);
}

#[test]
fn what_cannot_be_read_is_a_problem_and_no_letter() {
    let table = tables(&letter(full_case()));
    assert_eq!(table("letters").num_rows(), 1);
    let problems = table("problems");
    assert_eq!(strings(&problems, "letter_id"), [None]);
    assert_eq!(strings(&problems, "source"), some(&["0.txt"]));
}

#[test]
fn a_slice_of_rows_gives_its_own_tables_only() {
    let rows = row(&letter(full_case()));
    let first = Tables::of(&rows.slice(0, 1)).unwrap();
    assert_eq!(
        (first.problems.num_rows(), first.decisions.num_rows()),
        (1, 0)
    );
    let second = Tables::of(&rows.slice(1, 1)).unwrap();
    assert_eq!(
        (second.problems.num_rows(), second.decisions.num_rows()),
        (0, 2)
    );
    assert_eq!(second.citations.num_rows(), 2);
}

#[test]
fn only_the_columns_that_are_wanted_are_built() {
    let mut builders = Builders::new(vec![Column::Source, Column::LetterId]);
    assert!(!builders.need_parsing());
    builders.add(&Item {
        letter_id: "00000000000000aa",
        source: "a.txt",
        text: Some("some text"),
        letter: &letter(full_case()),
    });
    assert_eq!(builders.bytes(), 0);
    let batch = builders.finish().unwrap();
    assert_eq!(strings(&batch, "source"), some(&["a.txt"]));
    assert_eq!(batch.num_columns(), 2);
    assert!(Builders::new(vec![Column::Case]).need_parsing());
}

#[test]
fn a_text_that_is_no_document_has_no_source() {
    let mut rejected = letter(Case::default());
    rejected.problems.push(Problem {
        severity: Severity::Warning,
        code: "missing_summary",
        message: "no summary".to_owned(),
        span: None,
    });
    let columns = nested::without_source(&row(&rejected)).unwrap();
    assert_eq!(columns[Column::Source as usize].null_count(), 2);
    let problems = columns[Column::Problems as usize]
        .as_list::<i32>()
        .values()
        .clone();
    assert_eq!(
        problems
            .as_struct()
            .column_by_name("source")
            .unwrap()
            .null_count(),
        2
    );
}
