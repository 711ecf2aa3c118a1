//! Parquet made to keep its reader busy, or to have it ask for more memory than there is.

use std::io::Write;

use imr::source::{Inputs, Limits, Options, Unit};

use super::{read, read_within};
use crate::pack::gzip;

/// Thrift's compact protocol: a field's number and type in full, and its value.
fn field(id: u8, wire: u8, value: &[u8]) -> Vec<u8> {
    [&[wire, id << 1], value].concat()
}

fn number(mut n: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while n > 0x7F {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
    bytes
}

fn int(id: u8, n: u32) -> Vec<u8> {
    field(id, 5, &number(u64::from(n) << 1))
}

fn long(id: u8, n: u64) -> Vec<u8> {
    field(id, 6, &number(n << 1))
}

fn name(id: u8, name: &str) -> Vec<u8> {
    field(id, 8, &[&[name.len() as u8], name.as_bytes()].concat())
}

fn structure(fields: &[Vec<u8>]) -> Vec<u8> {
    [fields.concat(), vec![0]].concat()
}

fn list(id: u8, structures: &[Vec<u8>]) -> Vec<u8> {
    let count = number(structures.len() as u64);
    field(id, 9, &[vec![0xFC], count, structures.concat()].concat())
}

/// A list of two thousand million truth values, which take up no bytes.
const TRUTHS: [u8; 6] = [0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07];

/// A group of no columns.
const NOTHING: u32 = u32::MAX;
const INT32: u32 = 1;
const BYTE_ARRAY: u32 = 6;
const FIXED: u32 = 7;

const PLAIN: u32 = 0;
const DELTA_LENGTH: u32 = 6;
const DELTA: u32 = 7;
const DICTIONARY: u32 = 8;

/// A node of the schema: a column of values that must be there, or may be missing.
fn column(title: &str, kind: u32, size: u32, optional: u32) -> Vec<u8> {
    let kind = match kind {
        NOTHING => Vec::new(),
        kind => int(1, kind),
    };
    structure(&[kind, int(2, size), int(3, optional), name(4, title)])
}

fn group(children: u32) -> Vec<u8> {
    structure(&[int(3, 0), name(4, "g"), int(5, children)])
}

/// The pages of a column of a row group.
#[derive(Clone)]
struct Pages {
    codec: u32,
    rows: u64,
    /// What they are said to expand to.
    expanded: u64,
    bytes: Vec<u8>,
}

/// A header: of a dictionary, or of values in an encoding, a little or far more than there are.
fn header(kind: u32, values: u32, encoding: u32, expanded: u32, size: usize) -> Vec<u8> {
    let values = match kind {
        2 => field(7, 12, &structure(&[int(1, values), int(2, encoding)])),
        _ => field(
            5,
            12,
            &structure(&[int(1, values), int(2, encoding), int(3, 3), int(4, 3)]),
        ),
    };
    structure(&[int(1, kind), int(2, expanded), int(3, size as u32), values])
}

fn page(values: u32, encoding: u32, bytes: &[u8]) -> Vec<u8> {
    let size = bytes.len();
    [&header(0, values, encoding, size as u32, size), bytes].concat()
}

/// A column of so many rows, not compressed.
fn pages(rows: u64, bytes: Vec<u8>) -> Pages {
    Pages {
        codec: 0,
        rows,
        expanded: bytes.len() as u64,
        bytes,
    }
}

/// Texts one after another.
fn plain(texts: &[&str]) -> Vec<u8> {
    let one = |text: &&str| [&(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat();
    texts.iter().flat_map(one).collect()
}

/// A file of these columns, of which those that hold nothing have no pages; its row group stands in the footer so many times.
fn file(schema: &[(&str, u32, u32, u32)], columns: &[Pages], groups: usize) -> Vec<u8> {
    let mut bytes = b"PAR1".to_vec();
    let mut chunks = Vec::new();
    let kinds = schema.iter().map(|c| c.1).filter(|kind| *kind != NOTHING);
    for (pages, kind) in columns.iter().zip(kinds) {
        let size = pages.bytes.len() as u64;
        let begin = bytes.len() as u64;
        let column = structure(&[
            int(1, kind),
            field(2, 9, &[0x15, 0]),
            int(4, pages.codec),
            long(5, pages.rows),
            long(6, pages.expanded),
            long(7, size),
            long(9, begin),
        ]);
        chunks.push(structure(&[long(2, begin), field(3, 12, &column)]));
        bytes.extend_from_slice(&pages.bytes);
    }
    let rows = columns[0].rows;
    let group_ = structure(&[list(1, &chunks), long(2, 100), long(3, rows)]);
    let columns = schema.iter().map(|c| column(c.0, c.1, c.2, c.3));
    let schema: Vec<_> = [group(schema.len() as u32)]
        .into_iter()
        .chain(columns)
        .collect();
    let footer = [
        int(1, 1),
        list(2, &schema),
        long(3, rows),
        list(4, &vec![group_; groups]),
    ];
    bytes.extend_from_slice(&with_footer(&structure(&footer))[4..]);
    bytes
}

fn with_footer(footer: &[u8]) -> Vec<u8> {
    let length = (footer.len() as u32).to_le_bytes();
    [b"PAR1", footer, &length, b"PAR1"].concat()
}

const TEXT: (&str, u32, u32, u32) = ("text", BYTE_ARRAY, 0, 0);

fn texts(pages: Pages) -> Vec<u8> {
    file(&[TEXT], &[pages], 1)
}

/// What is said of the first thing that cannot be read.
fn told(bytes: Vec<u8>) -> String {
    let units = Inputs::held("a.parquet", bytes).scan(&Options::default());
    let mut found = units.flat_map(Unit::documents);
    let fault = found.find_map(|found| found.document.err());
    fault.expect("a fault").message
}

const BROKEN: [&str; 1] = ["a.parquet broken_parquet"];

#[test]
fn what_is_made_up_of_such_parts_is_read() {
    let two = pages(2, page(2, PLAIN, &plain(&["a", "b"])));
    assert_eq!(
        read("a.parquet", texts(two.clone())),
        ["a.parquet#0", "a.parquet#1"]
    );
    let one = page(1, PLAIN, &plain(&["a"])).repeat(2);
    assert_eq!(
        read("a.parquet", texts(pages(2, one))),
        ["a.parquet#0", "a.parquet#1"]
    );
    let ids = pages(2, page(2, PLAIN, &[1, 0, 0, 0, 2, 0, 0, 0]));
    let named = file(&[TEXT, ("id", INT32, 0, 0)], &[two, ids], 1);
    assert_eq!(read("a.parquet", named), ["a.parquet#0!1", "a.parquet#1!2"]);
    let nothing = [("none", NOTHING, 0, 0), TEXT];
    let one = pages(1, page(1, PLAIN, &plain(&["a"])));
    assert_eq!(
        read("a.parquet", file(&nothing, &[one], 1)),
        ["a.parquet#0"]
    );
    let dictionary = plain(&["a"]);
    let dictionary = [header(2, 1, PLAIN, 5, 5), dictionary].concat();
    let same = [dictionary, page(2, DICTIONARY, &[1, 4, 0])].concat();
    assert_eq!(
        read("a.parquet", texts(pages(2, same))),
        ["a.parquet#0", "a.parquet#1"]
    );
    // One length of 3, and three bytes.
    let lengths = [0x80, 1, 4, 1, 6, b'a', b'b', b'c'];
    let one = pages(1, page(1, DELTA_LENGTH, &lengths));
    assert_eq!(read("a.parquet", texts(one)), ["a.parquet#0"]);
}

#[test]
fn a_footer_is_read_as_far_as_it_is_used() {
    let whole = texts(pages(1, page(1, PLAIN, &plain(&["a"]))));
    // What nothing knows stands before all else.
    let end = whole.len() - 8;
    let length = u32::from_le_bytes(whole[end..end + 4].try_into().unwrap());
    let footer = &whole[end - length as usize..end];
    let before = &whole[4..end - length as usize];
    let with = |field: &[u8]| {
        let footer = with_footer(&[field, footer].concat());
        [b"PAR1", before, &footer[4..]].concat()
    };
    assert_eq!(
        read("a.parquet", with(&field(50, 9, &[0x23, 1, 2]))),
        ["a.parquet#0"]
    );
    assert_eq!(read("a.parquet", with(&field(50, 9, &TRUTHS))), BROKEN);
    assert_eq!(
        read("a.parquet", with(&field(50, 9, &TRUTHS).repeat(1000))),
        BROKEN
    );
}

#[test]
fn a_list_that_is_not_said_to_be_one_is_not_read() {
    // A number where the row groups should stand, which is their number too.
    let schema = list(2, &[group(1), column("text", BYTE_ARRAY, 0, 0)]);
    let many = [0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07];
    for wire in [5, 6] {
        let groups = field(4, wire, &many);
        let footer = structure(&[int(1, 1), schema.clone(), long(3, 1), groups]);
        assert_eq!(read("a.parquet", with_footer(&footer)), BROKEN);
    }
}

#[test]
fn a_schema_is_neither_deep_nor_larger_than_it_is() {
    let footer = |nodes: &[Vec<u8>]| {
        let groups = list(4, &[]);
        with_footer(&structure(&[int(1, 1), list(2, nodes), long(3, 0), groups]))
    };
    let text = column("text", BYTE_ARRAY, 0, 0);
    assert!(read("a.parquet", footer(&[group(1), text.clone()])).is_empty());
    let wide = vec![group(i32::MAX as u32); 20];
    assert_eq!(read("a.parquet", footer(&wide)), BROKEN);
    let deep = [vec![group(1); 50_000], vec![text]].concat();
    assert_eq!(read("a.parquet", footer(&deep)), BROKEN);
}

#[test]
fn lists_in_the_header_of_a_page_are_no_longer_than_it_is() {
    let bytes = plain(&["a"]);
    let whole = header(0, 1, PLAIN, 5, 5);
    let with = |field: &[u8]| [field, &whole[..], &bytes[..]].concat();
    let short = field(50, 9, &[0x23, 1, 2]);
    assert_eq!(
        read("a.parquet", texts(pages(1, with(&short)))),
        ["a.parquet#0"]
    );
    let long = field(50, 9, &TRUTHS).repeat(1000);
    assert_eq!(read("a.parquet", texts(pages(1, with(&long)))), BROKEN);
}

#[test]
fn a_long_header_is_read() {
    let least = vec![b'x'; 100_000];
    let least = [number(least.len() as u64), least].concat();
    let header = [field(50, 8, &least), header(0, 1, PLAIN, 5, 5)].concat();
    let one = pages(1, [header, plain(&["a"])].concat());
    assert_eq!(read("a.parquet", texts(one)), ["a.parquet#0"]);
}

#[test]
fn a_page_expands_to_what_it_says_and_no_more() {
    const GZIP: u32 = 2;
    const BROTLI: u32 = 4;
    let text = plain(&[&"a".repeat(1 << 20)]);
    let mut brotli = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut brotli, 4096, 5, 22);
    writer.write_all(&text).unwrap();
    drop(writer);
    for (codec, bytes) in [(GZIP, gzip(&text)), (BROTLI, brotli)] {
        let page = |expanded: usize| {
            let header = header(0, 1, PLAIN, expanded as u32, bytes.len());
            texts(Pages {
                codec,
                rows: 1,
                expanded: expanded as u64,
                bytes: [&header[..], &bytes].concat(),
            })
        };
        assert_eq!(read("a.parquet", page(text.len())), ["a.parquet#0"]);
        let more = told(page(text.len() - 1));
        assert!(
            more.contains("a page expands to more than it says"),
            "{more}"
        );
        // It says what no file of its size does.
        let found = read("a.parquet", page(i32::MAX as usize));
        assert_eq!(found, ["a.parquet expands_too_much"]);
    }
}

#[test]
fn values_are_no_more_than_their_bytes_or_rows() {
    let many = i32::MAX as u32;
    let dictionary = [header(2, many, PLAIN, 5, 5), plain(&["a"])].concat();
    let same = [dictionary, page(1, DICTIONARY, &[1, 2, 0])].concat();
    assert!(told(texts(pages(1, same))).contains("more values than bytes"));
    let more = page(2, PLAIN, &plain(&["a", "b"]));
    assert!(told(texts(pages(1, more))).contains("more values than there are rows"));
}

#[test]
fn lengths_without_bytes_are_no_more_than_values() {
    // As many lengths as nobody has memory for, all of them 0.
    let lengths = [vec![0x80, 1, 4], number(1 << 44), vec![0], vec![0; 100]].concat();
    for encoding in [DELTA_LENGTH, DELTA] {
        for rows in [1, 1_000_000, i32::MAX as u32] {
            let one = pages(rows.into(), page(rows, encoding, &lengths));
            let found = read("a.parquet", texts(one));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with("a.parquet "), "{found:?}");
        }
    }
}

#[test]
fn a_text_is_not_repeated_out_of_nothing() {
    // Each text is the one before it: all of its bytes, and none of its own.
    const SIZE: u64 = 50_000;
    let rows = 1000;
    let block = |first: u64, least: u64, differences: [u64; 128]| {
        let head = [vec![0x80, 1, 4], number(rows), number(first), number(least)].concat();
        // The others are all 0.
        [head, vec![16; 4], packed(&differences), [0; 5].repeat(7)].concat()
    };
    let mut once = [0; 128];
    once[0] = SIZE;
    let prefixes = block(0, 0, once);
    // The least takes all away, and all but the first add it again.
    let suffixes = block(SIZE << 1, (SIZE << 1) - 1, once.map(|n| SIZE - n));
    let bytes = [prefixes, suffixes, vec![b'a'; SIZE as usize]].concat();
    let table = texts(pages(rows, page(rows as u32, DELTA, &bytes)));
    assert_eq!(read("a.parquet", &table).len(), rows as usize);
    let limits = Limits {
        ratio_from: 1 << 20,
        ..Limits::default()
    };
    let found = read_within(limits, "a.parquet", &table);
    assert_eq!(found, ["a.parquet expands_too_much"]);
}

/// Numbers of two bytes.
fn packed(numbers: &[u64]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|n| (*n as u16).to_le_bytes())
        .collect()
}

#[test]
fn rows_are_read_together_as_far_as_there_is_room() {
    // Pages that say to be 600 MiB each, of two rows.
    const SIZE: u32 = 600 << 20;
    let one = [header(0, 1, PLAIN, SIZE, 5), plain(&["a"])].concat();
    let two = |expanded| {
        texts(Pages {
            expanded,
            ..pages(2, one.repeat(2))
        })
    };
    let limits = Limits {
        ratio_from: 1 << 40,
        ..Limits::default()
    };
    let found = read_within(limits.clone(), "a.parquet", two(2 * u64::from(SIZE)));
    assert_eq!(found, ["a.parquet#0", "a.parquet#1"]);
    assert_eq!(read_within(limits, "a.parquet", two(10)), BROKEN);
}

#[test]
fn row_groups_do_not_share_their_pages() {
    let text = "a letter ".repeat(1000);
    let one = pages(1, page(1, PLAIN, &plain(&[&text])));
    let found = read("a.parquet", file(&[TEXT], &[one], 1000));
    assert!(found.len() < 10, "{}", found.len());
    assert_eq!(found.last().unwrap(), BROKEN[0]);
}

#[test]
fn values_of_any_size_are_not_made_room_for() {
    // Missing values of two thousand million bytes each.
    let none = [2, 0, 0, 0, 20, 0];
    let missing = pages(10, page(10, PLAIN, &none));
    let wide = file(
        &[("text", FIXED, i32::MAX as u32, 1)],
        std::slice::from_ref(&missing),
        1,
    );
    assert_eq!(read("a.parquet", wide), ["a.parquet no_text_column"]);
    let texts = pages(10, page(10, PLAIN, &plain(&["a"; 10])));
    let wide = file(
        &[TEXT, ("id", FIXED, i32::MAX as u32, 1)],
        &[texts, missing],
        1,
    );
    let sources: Vec<_> = (0..10).map(|row| format!("a.parquet#{row}")).collect();
    assert_eq!(read("a.parquet", wide), sources);
}
