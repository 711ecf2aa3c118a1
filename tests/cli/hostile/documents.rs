//! Documents that lie.

use imr::source::{Document, Format};

/// The text of a document, or the code of the reason why it has none.
fn text(bytes: impl AsRef<[u8]>, format: Format) -> Result<String, &'static str> {
    let document = Document {
        source: "a".to_owned(),
        bytes: bytes.as_ref().to_vec(),
        format,
    };
    let decoded = document.decode();
    let code = decoded.problems.last().map_or("", |problem| problem.code);
    decoded.text.map(String::from).ok_or(code)
}

fn html(page: &str) -> String {
    text(page, Format::Html).unwrap_or_default()
}

#[test]
fn elements_within_one_another_are_no_depth() {
    for tag in ["div", "ul", "table", "pre", "b", "svg", "template"] {
        let page = format!("{}x", format!("<{tag}>").repeat(50_000));
        html(&page);
        html(&format!("{page}{}", format!("</{tag}>").repeat(50_000)));
    }
    assert_eq!(html(&("<div>".repeat(50_000) + "x")), "x\n");
    html(&"<".repeat(200_000));
    html(&"<!--".repeat(100_000));
    html(&"<![CDATA[".repeat(100_000));
    html(&"&".repeat(200_000));
    html(&"<p ".repeat(100_000));
}

#[test]
fn entities_are_characters_and_never_more() {
    let declared = "<!DOCTYPE html [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>&b;";
    assert!(html(declared).len() < 100);
    assert_eq!(
        html("&#0;&#xD800;&#x110000;&#99999999999999;&#x41;")
            .chars()
            .count(),
        6
    );
}

#[test]
fn attributes_without_number_take_no_time_for_it() {
    let attributes: String = (0..100_000).map(|n| format!(" a{n}")).collect();
    assert_eq!(html(&format!("<p{attributes}>x")), "x\n");
    let unclosed = html(&format!("a<p{attributes}"));
    assert!(unclosed.starts_with('a'));
}

fn pdf(objects: &[&str]) -> String {
    let mut bytes = "%PDF-1.7\n".to_owned();
    for (n, object) in objects.iter().enumerate() {
        bytes += &format!("{} 0 obj\n{object}\nendobj\n", n + 1);
    }
    bytes + "trailer\n<</Size 99/Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
}

const CATALOGUE: &str = "<</Type/Catalog/Pages 2 0 R>>";

/// A document with something wrong comes to an end, with or without text.
fn ends(bytes: impl AsRef<[u8]>) {
    if let Err(code) = text(bytes, Format::Pdf) {
        assert!(["damaged_pdf", "empty_document"].contains(&code), "{code}");
    }
}

#[test]
fn objects_that_lead_back_to_themselves_come_to_an_end() {
    let cycles: [&[&str]; 6] = [
        &[CATALOGUE, "<</Type/Pages/Kids[2 0 R]/Count 1>>"],
        &[
            CATALOGUE,
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Pages/Kids[2 0 R 3 0 R]/Count 9>>",
        ],
        &["1 0 R"],
        &[CATALOGUE, "3 0 R", "2 0 R"],
        &[
            CATALOGUE,
            "<</Type/Pages/Kids[3 0 R]/Count 1/Parent 3 0 R>>",
            "<</Type/Page/Parent 3 0 R/Contents 3 0 R/Resources 3 0 R>>",
        ],
        &[
            CATALOGUE,
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
            "<</Length 4 0 R/Filter 4 0 R>>\nstream\nBT ET\nendstream",
        ],
    ];
    for objects in cycles {
        ends(pdf(objects));
    }
    let table = "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF\n";
    ends(format!("%PDF-1.7\n{table}"));
    let stream = "1 0 obj\n<</Type/XRef/Size 2/W[1 1 1]/Root 1 0 R/Prev 9/Length 6>>\nstream\n\0\0\0\u{1}\u{9}\0\nendstream\nendobj\n";
    ends(format!("%PDF-1.7\n{stream}startxref\n9\n%%EOF\n"));
}

#[test]
fn objects_within_one_another_are_no_depth() {
    for (open, close) in [("[", "]"), ("<</A ", ">>"), ("(", ")"), ("<", ">")] {
        let deep = open.repeat(3000) + &close.repeat(3000);
        let page = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
        let contents = "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>";
        let stream = format!("<</Length 9>>\nstream\nBT {deep} Tj {deep} TJ ET\nendstream");
        ends(pdf(&[CATALOGUE, page, contents, &stream]));
        ends(pdf(&[CATALOGUE, &deep]));
        ends(pdf(&[
            CATALOGUE,
            page,
            &format!("<</Type/Page/MediaBox {deep}>>"),
        ]));
        ends(format!("%PDF-1.7\ntrailer\n{deep}"));
        ends(format!("%PDF-1.7\n1 0 obj\n{}", open.repeat(5000)));
    }
}

#[test]
fn numbers_beyond_reason_do_no_harm() {
    for n in [
        "-1",
        "99999999999999999999",
        "2147483647",
        "-2147483648",
        "1e999",
    ] {
        let pages = format!("<</Type/Pages/Kids[3 0 R]/Count {n}>>");
        let page = format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[{n} {n} {n} 0]/Rotate {n}/Contents 4 0 R>>"
        );
        let stream =
            format!("<</Length {n}>>\nstream\nBT /F {n} Tf {n} {n} Td (a) Tj ET\nendstream");
        ends(pdf(&[CATALOGUE, &pages, &page, &stream]));
        let whole = pdf(&[CATALOGUE, &pages]);
        ends(whole.replace("startxref\n0", &format!("startxref\n{n}")));
        ends(whole.replace("/Size 99", &format!("/Size {n}")));
        let packed = format!("<</Type/ObjStm/N {n}/First {n}/Length 5>>\nstream\n1 0 2\nendstream");
        ends(pdf(&[CATALOGUE, &pages, &packed]));
        let table = format!(
            "%PDF-1.7\nxref\n{n} {n}\n0000000000 65535 f \ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF"
        );
        ends(table);
    }
}

#[test]
fn bytes_that_are_no_text_are_told() {
    let read = |bytes: &[u8]| text(bytes, Format::Text);
    assert_eq!(read(b"\0\0\0\0"), Err("unreadable"));
    // Overlong, beyond Unicode, cut: another encoding's text, not a way around a check.
    for bytes in [&b"a\xC0\xAFb"[..], b"a\xF4\x90\x80\x80b", b"a\xE2\x82"] {
        let found = read(bytes).unwrap();
        assert!(found.starts_with('a') && !found.contains('/'), "{found}");
    }
    // Halves of surrogate pairs stand for no character; what is around them stays.
    assert_eq!(
        read(b"\xC3\xA9\xED\xA0\x80b"),
        Ok("\u{e9}\u{fffd}b".to_owned())
    );
    assert_eq!(read(b"\xFF\xFEa\0\x00\xD8"), Ok("a\u{fffd}".to_owned()));
}
