//! Tables that lie.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, Decimal128Array, DictionaryArray, FixedSizeBinaryArray, Int32Array,
    LargeStringArray, ListBuilder, RecordBatch, StringArray, StringBuilder, StructArray,
    TimestampMicrosecondArray, UInt64Array,
};
use arrow::datatypes::{Field, Int32Type};
use imr::source::Limits;
use parquet::arrow::ArrowWriter;

use super::{read, read_within};
use crate::pack::parquet;

fn jsonl(lines: &[&str]) -> Vec<String> {
    read("a.jsonl", lines.join("\n"))
}

#[test]
fn json_of_any_depth_is_passed_over() {
    let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    let objects = "{\"a\":".repeat(1_000_000) + "1" + &"}".repeat(1_000_000);
    let last = r#"{"text": "b"}"#;
    for value in [&deep, &objects] {
        let other = format!(r#"{{"n": {value}, "text": "a"}}"#);
        assert_eq!(jsonl(&[&other, last]), ["a.jsonl#0", "a.jsonl#1"]);
        for column in ["id", "text"] {
            let row = format!(r#"{{"{column}": {value}, "text": "a"}}"#);
            assert_eq!(jsonl(&[&row, last]).last().unwrap(), "a.jsonl#1");
        }
    }
    let open = format!(r#"{{"n": {}"#, "[".repeat(1_000_000));
    assert_eq!(
        jsonl(&[&open, last]),
        ["a.jsonl#0 invalid_json", "a.jsonl#1"]
    );
}

#[test]
fn strange_characters_do_not_cost_a_row() {
    let rows = [
        r#"{"text": "half of a pair: \ud800"}"#,
        r#"{"text": "the other half: \udc92, and both: \ud83d\ude00"}"#,
        r#"{"text": "\u0000\u202e\u001b[31m"}"#,
        r#"{"text": "a", "text": "b"}"#,
        r#"{"id": "\ud800", "text": "a"}"#,
    ];
    let sources: Vec<_> = (0..5).map(|row| format!("a.jsonl#{row}")).collect();
    assert_eq!(jsonl(&rows)[..4], sources[..4]);
    assert!(jsonl(&rows)[4].starts_with(&sources[4]));
}

#[test]
fn a_line_that_is_too_long_costs_itself_only() {
    let limits = Limits {
        row: 100_000,
        ..Limits::default()
    };
    let long = format!(r#"{{"text": "{}"}}"#, "x".repeat(3_000_000));
    let lines = format!("{{\"text\": \"a\"}}\n{long}\n{{\"text\": \"b\"}}\n{long}\n");
    assert_eq!(
        read_within(limits.clone(), "a.jsonl", &lines),
        [
            "a.jsonl#0",
            "a.jsonl#1 too_large",
            "a.jsonl#2",
            "a.jsonl#3 too_large"
        ]
    );
    let found = read_within(limits, "a.jsonl", &long[..2_000_000]);
    assert_eq!(found, ["a.jsonl#0 too_large"]);
}

#[test]
fn a_quote_that_is_never_closed_is_told() {
    let found = read("a.csv", "id,text\n1,a\n2,\"b\n3,c\n4,d\n");
    assert_eq!(found, ["a.csv#0!1", "a.csv#1!2", "a.csv invalid_csv"]);
    // Inches in a field without quotes are none.
    let found = read("a.csv", "id,text\n1,5\" wide\n2,\"b \"\"c\"\"\"\n");
    assert_eq!(found, ["a.csv#0!1", "a.csv#1!2"]);
    let limits = Limits {
        row: 10_000,
        ..Limits::default()
    };
    let table = format!("id,text\n1,a\n2,\"{}", "3,c\n".repeat(100_000));
    let found = read_within(limits, "a.csv", table);
    assert_eq!(found, ["a.csv#0!1", "a.csv too_large"]);
}

#[test]
fn of_two_text_columns_the_first_is_read_and_that_is_told() {
    let found = read("a.csv", "text,id,text\na,1,\nb,2,c\n");
    assert_eq!(
        found,
        ["a.csv ambiguous_text_column", "a.csv#0!1", "a.csv#1!2"]
    );
}

#[test]
fn columns_are_counted_before_they_are_held() {
    let wide = ",".repeat(100_000);
    assert_eq!(
        read("a.csv", format!("text{wide}\na\n")),
        ["a.csv too_many_columns"]
    );
    let found = read("a.csv", format!("id,text\n1,a\n2,b{wide}\n3,c\n"));
    assert_eq!(found, ["a.csv#0!1", "a.csv too_many_columns"]);
    let column: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let names: Vec<_> = (0..50).map(|n| format!("c{n}")).collect();
    let columns = names.iter().map(|name| (name, Arc::clone(&column)));
    let limits = Limits {
        columns: 49,
        ..Limits::default()
    };
    let table = written(RecordBatch::try_from_iter(columns).unwrap());
    assert_eq!(
        read_within(limits, "a.parquet", table),
        ["a.parquet too_many_columns"]
    );
}

#[test]
fn nul_bytes_and_bad_utf_8_do_not_cost_a_row() {
    let table = b"id,text\n\xFF,a\0b\n2,\xC0\xAFc\n".to_vec();
    assert_eq!(read("a.csv", table), ["a.csv#0!\u{fffd}", "a.csv#1!2"]);
}

fn written(batch: RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn table(text: ArrayRef) -> Vec<u8> {
    written(RecordBatch::try_from_iter([("text", text)]).unwrap())
}

#[test]
fn text_of_any_type_is_read_and_nothing_else_is() {
    let texts = vec!["a", "b"];
    let dictionary: DictionaryArray<Int32Type> = texts.iter().copied().collect();
    let textual: [ArrayRef; 4] = [
        Arc::new(StringArray::from(texts.clone())),
        Arc::new(LargeStringArray::from(texts)),
        Arc::new(BinaryArray::from(vec![&b"a"[..], b"\x92s"])),
        Arc::new(dictionary),
    ];
    for text in textual {
        let kind = text.data_type().clone();
        assert_eq!(
            read("a.parquet", table(text)),
            ["a.parquet#0", "a.parquet#1"],
            "{kind}"
        );
    }
    let numbers: ArrayRef = Arc::new(Int32Array::from(vec![1]));
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append_value([Some("a")]);
    let text: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let field = Arc::new(Field::new("text", text.data_type().clone(), false));
    let nested: [ArrayRef; 3] = [
        numbers,
        Arc::new(lists.finish()),
        Arc::new(StructArray::from(vec![(field, text)])),
    ];
    for column in nested {
        let kind = column.data_type().clone();
        assert_eq!(
            read("a.parquet", table(column)),
            ["a.parquet no_text_column"],
            "{kind}"
        );
    }
}

#[test]
fn ids_of_any_type_name_their_rows() {
    let days = vec![1_577_836_800_000_000];
    let cents = Decimal128Array::from(vec![150]).with_precision_and_scale(20, 2);
    let bytes = FixedSizeBinaryArray::try_from_iter([[0; 16]].into_iter());
    let ids: [(ArrayRef, &str); 6] = [
        (Arc::new(LargeStringArray::from(vec!["k"])), "!k"),
        (
            Arc::new(UInt64Array::from(vec![u64::MAX])),
            "!18446744073709551615",
        ),
        (
            Arc::new(TimestampMicrosecondArray::from(days.clone())),
            "!2020-01-01T00:00:00",
        ),
        (
            Arc::new(TimestampMicrosecondArray::from(days).with_timezone_utc()),
            "!2020-01-01T00:00:00Z",
        ),
        (Arc::new(cents.unwrap()), "!1.50"),
        // Bytes are no name.
        (Arc::new(bytes.unwrap()), ""),
    ];
    for (id, name) in ids {
        let text: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        let table = written(RecordBatch::try_from_iter([("id", id), ("text", text)]).unwrap());
        assert_eq!(read("a.parquet", table), [format!("a.parquet#0{name}")]);
    }
}

#[test]
fn rows_that_cost_no_bytes_are_bounded() {
    let limits = Limits {
        ratio: 50,
        ratio_from: 1 << 20,
        ..Limits::default()
    };
    let text = "a letter ".repeat(1000);
    for rows in [vec![None; 100_000], vec![Some(text.as_str()); 20_000]] {
        let rows = Arc::new(StringArray::from(rows));
        let found = read_within(limits.clone(), "a.parquet", table(rows));
        assert!(found.len() < 20_000, "{}", found.len());
        assert_eq!(found.last().unwrap(), "a.parquet expands_too_much");
    }
}

#[test]
fn a_footer_of_nonsense_is_broken() {
    let whole = parquet("text", vec![Some("a".to_owned())]);
    let with_footer = |footer: &[u8]| {
        let length = (footer.len() as u32).to_le_bytes();
        [b"PAR1", footer, &length, b"PAR1"].concat()
    };
    // A list of two thousand million truth values, which takes up no bytes, a hundred times.
    let list = [0x19, 0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07];
    let footers: [&[u8]; 5] = [
        b"",
        b"\0",
        &list.repeat(100),
        &[0x1C; 1_000_000],
        &[0x15, 2, 0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 7, 0],
    ];
    for footer in footers {
        assert_eq!(
            read("a.parquet", with_footer(footer)),
            ["a.parquet broken_parquet"]
        );
    }
    let end = whole.len();
    for length in [0, 1, u32::MAX, end as u32, end as u32 - 8] {
        let mut bytes = whole.clone();
        bytes[end - 8..end - 4].copy_from_slice(&length.to_le_bytes());
        assert_eq!(
            read("a.parquet", bytes),
            ["a.parquet broken_parquet"],
            "{length}"
        );
    }
    let mut encrypted = whole;
    encrypted[end - 4..].copy_from_slice(b"PARE");
    assert_eq!(read("a.parquet", encrypted), ["a.parquet broken_parquet"]);
}
