//! Letters read again.

use arrow::array::{Array, Date32Array, Float64Array, ListArray, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Date32Type, Float64Type};

use super::*;
use crate::dataset::read::{Sample, explained, parse};
use crate::tables::{Table, number};

/// Two letters, and what is none.
const LETTERS: [(&str, &str); 3] = [
    (
        "a",
        include_str!("../../../../data/letters/000_8777545f973767d2.txt"),
    ),
    (
        "b",
        include_str!("../../../../data/letters/001_12a1b4f7c3cb7cb4.txt"),
    ),
    ("c", "milk, eggs"),
];

/// The dataset of these letters, after `change` has had its tables.
fn letters(change: impl Fn(&str, RecordBatch) -> RecordBatch) -> TempDir {
    let met = Problem {
        severity: Severity::Warning,
        code: "decoded_as_windows_1252",
        message: "byte 7 is not UTF-8; the document was read as Windows-1252".to_owned(),
        span: None,
    };
    let letters = LETTERS.map(|(source, text)| {
        let letter = explained(parse(text), vec![met.clone()]);
        (source, text, letter)
    });
    write(letters, change)
}

fn deep(dir: &TempDir, sample: Option<Sample>) -> Report {
    check(&open(dir.path()).unwrap(), Some(Deep { sample })).unwrap()
}

/// How many values differ in each table, in the order of [`TABLES`], and how.
fn differences(report: &Report) -> ([u64; TABLES.len()], Vec<String>) {
    let checks = &report.checks[Rule::ALL.len()..];
    let counts = std::array::from_fn(|n| checks[n].broken);
    let examples = checks.iter().flat_map(|c| c.examples.clone());
    (counts, examples.collect())
}

#[test]
fn letters_read_again_give_the_same_values() {
    let dir = letters(|_, batch| batch);
    let report = deep(&dir, None);
    assert!(report.is_sound(), "{report:#?}");
    for check in &report.checks {
        assert!(check.looked_at > 0, "{}", check.rule);
    }
}

/// The column with another value in the first or last row that has one (or in the first).
fn changed(column: &ArrayRef, others: &[&'static str], last: bool) -> ArrayRef {
    let mut rows = (0..column.len()).filter(|n| column.is_valid(*n));
    let row = if last { rows.next_back() } else { rows.next() };
    let row = row.unwrap_or(0);
    macro_rules! change {
        ($array:ty, $values:expr, $other:expr) => {{
            let values = $values.enumerate();
            let values = values.map(|(n, v)| if n == row { Some($other(v)) } else { v });
            Arc::new(values.collect::<$array>())
        }};
    }
    match column.data_type() {
        DataType::Utf8 => {
            let other = |old: Option<&str>| {
                let other = others.iter().find(|o| Some(**o) != old);
                other.map_or(format!("{}x", old.unwrap_or_default()), |o| (*o).to_owned())
            };
            let strings = column.as_string::<i32>().iter().enumerate();
            let strings = strings.map(|(n, old)| match n == row {
                true => Some(other(old)),
                false => old.map(str::to_owned),
            });
            Arc::new(strings.collect::<StringArray>())
        }
        DataType::Int32 => change!(
            Int32Array,
            column.as_primitive::<Int32Type>().iter(),
            |v: Option<i32>| v.unwrap_or(0) + 1
        ),
        DataType::Float64 => change!(
            Float64Array,
            column.as_primitive::<Float64Type>().iter(),
            |v: Option<f64>| v.unwrap_or(0.0) + 0.5
        ),
        DataType::Date32 => change!(
            Date32Array,
            column.as_primitive::<Date32Type>().iter(),
            |v: Option<i32>| v.unwrap_or(0) + 1
        ),
        DataType::List(item) => {
            let lists = column.as_list::<i32>();
            let offsets = lists.offsets().clone();
            // The first element of all.
            let values = changed(lists.values(), &[], last);
            Arc::new(ListArray::new(Arc::clone(item), offsets, values, None))
        }
        other => panic!("{other}"),
    }
}

/// Changes a column of a batch.
fn change(table: &Table, column: &str, batch: &RecordBatch) -> RecordBatch {
    let place = batch.schema().index_of(column).unwrap();
    let mut columns = batch.columns().to_vec();
    let others = table.column(column).unwrap().allowed();
    // The first problem was met in reading, of which the text tells nothing.
    let last = table.name == "problems";
    columns[place] = changed(&columns[place], &others, last);
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

#[test]
fn a_change_in_any_column_is_found() {
    for table in TABLES {
        for column in table.columns {
            // The source is not in the text. (But the problems of the letter name it too.)
            if (table.name, column.name) == ("letters", "source") {
                continue;
            }
            let dir = letters(|name, batch| match name == table.name {
                true => change(table, column.name, &batch),
                false => batch,
            });
            let report = deep(&dir, None);
            let place = format!("{}.{}", table.name, column.name);
            assert!(!report.is_sound(), "{place}");
            // Rows that belong to no letter any more are missed where they were.
            let (counts, examples) = differences(&report);
            let missed = format!("{} has ", table.name);
            let named =
                |e: &String| e.starts_with(&format!("{place} of")) || e.starts_with(&missed);
            let named = examples.iter().any(named);
            // A change in these shows in what hangs on them.
            let elsewhere = [
                "letters.letter_id",
                "reviewers.reviewer_id",
                "reviewers.licensure_states",
                "letters.text",
            ];
            assert!(
                named || elsewhere.contains(&&*place),
                "{place}: {counts:?} {examples:#?}"
            );
        }
    }
}

#[test]
fn both_values_are_told_and_all_differences_counted() {
    let dir = letters(|name, batch| match name {
        "cases" => put(
            &put(&batch, "patient_age", 0, New::Int(99)),
            "patient_sex",
            0,
            New::Null,
        ),
        _ => batch,
    });
    let (counts, examples) = differences(&deep(&dir, None));
    assert_eq!(counts.iter().sum::<u64>(), 2);
    let id = Id::of(b"a");
    let age = format!(
        "cases.patient_age of {}: 99, the parser reads ",
        id.as_str()
    );
    assert!(examples[0].starts_with(&age), "{examples:?}");
    assert!(
        examples[1].contains(": NULL, the parser reads "),
        "{examples:?}"
    );
}

#[test]
fn a_row_too_few_is_found() {
    for table in ["decisions", "evidence", "citations", "problems"] {
        let dir = letters(|name, batch| match name == table {
            true => batch.slice(0, batch.num_rows() - 1),
            false => batch,
        });
        let (counts, examples) = differences(&deep(&dir, None));
        assert_eq!(counts.iter().sum::<u64>(), 1, "{table}");
        assert!(
            examples[0].starts_with(&format!("{table} has ")),
            "{examples:?}"
        );
    }
}

#[test]
fn specialties_in_an_order_that_no_letter_has_are_found() {
    let reversed = |batch: RecordBatch| {
        let DataType::List(item) = batch.schema().field(2).data_type().clone() else {
            panic!("a list")
        };
        let mut builder = ListBuilder::new(StringBuilder::new()).with_field(item);
        for list in batch.column(2).as_list::<i32>().iter().flatten() {
            let items: Vec<_> = list.as_string::<i32>().iter().collect();
            builder.append_value(items.into_iter().rev());
        }
        let mut columns = batch.columns().to_vec();
        columns[2] = Arc::new(builder.finish());
        RecordBatch::try_new(batch.schema(), columns).unwrap()
    };
    let dir = letters(|name, batch| match name {
        "reviewers" => reversed(batch),
        _ => batch,
    });
    assert_eq!(broken(&dir), [], "the key is the same for any order");
    let (counts, examples) = differences(&deep(&dir, None));
    // One of the two reviewers has two specialties.
    assert_eq!(counts.iter().sum::<u64>(), 1);
    assert!(
        examples[0].starts_with("reviewers.specialties of "),
        "{examples:?}"
    );
}

#[test]
fn a_sample_reads_its_letters_only() {
    let dir = letters(|name, batch| match name {
        "cases" => put(&batch, "patient_age", 0, New::Int(99)),
        _ => batch,
    });
    let key = number(Id::of(b"a").as_str()) as f64 / 2f64.powi(64);
    let [without, with] = [key * 0.99, key * 1.01].map(|share| {
        let report = deep(&dir, Sample::new(share));
        differences(&report).0.iter().sum::<u64>()
    });
    assert_eq!((without, with), (0, 1));
}
