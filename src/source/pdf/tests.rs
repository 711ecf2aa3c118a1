//! Documents made by hand.

use super::{Refusal, text};

/// A document of these objects, the first of which is the catalogue.
fn pdf(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", n + 1).bytes());
    }
    let xref = bytes.len();
    let entries: String = places
        .iter()
        .map(|at| format!("{at:010} 00000 n \n"))
        .collect();
    let size = objects.len() + 1;
    bytes.extend(
        format!(
            "xref\n0 {size}\n0000000000 65535 f \n{entries}trailer\n<</Size {size}/Root 1 0 R{trailer}>>\n\
             startxref\n{xref}\n%%EOF\n"
        )
        .bytes(),
    );
    bytes
}

fn stream(dict: &str, content: &str) -> String {
    format!(
        "<<{dict}/Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// A document of one page, with these resources, content and further objects from 5 on.
fn page(resources: &str, content: &str, others: &[String]) -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<{resources}>>>>"
        ),
        stream("", content),
    ];
    objects.extend_from_slice(others);
    pdf(&objects, "")
}

const TIMES: &str =
    "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>>>";

/// The text of a page that shows this in Times of 12 points.
fn shown(content: &str) -> String {
    let content = format!("BT /F 12 Tf {content} ET");
    text(&page(TIMES, &content, &[])).unwrap().text
}

#[test]
fn strings_are_shown_where_they_stand() {
    assert_eq!(
        shown("72 700 Td (Case) Tj 100 0 Td (Number) Tj -100 -14 Td (next) Tj"),
        "Case             Number\nnext\n\x0C"
    );
    assert_eq!(
        shown("14 TL 72 700 Td (a) Tj (b) ' T* (c) Tj"),
        "a\nb\nc\n\x0C"
    );
    assert_eq!(
        shown("1 0 0 1 72 700 Tm (a\\222s \\(b\\)) Tj"),
        "a\u{2019}s (b)\n\x0C"
    );
    assert_eq!(shown("72 700 Td <48 65 6C6C6F> Tj"), "Hello\n\x0C");
}

#[test]
fn movements_within_a_line_are_blanks_where_they_are_wide() {
    assert_eq!(
        shown("72 700 Td [(W) 80 (ord) -250 (two) -5000 (far)] TJ"),
        "Word two          far\n\x0C"
    );
    // Letters set apart are one word still.
    assert_eq!(shown("1 Tc 72 700 Td (Title) Tj"), "Title\n\x0C");
    // The pieces of a line need not be drawn in its order.
    assert_eq!(
        shown("150 700 Td (second) Tj -78 0 Td (first) Tj"),
        "first          second\n\x0C"
    );
}

#[test]
fn composite_fonts_are_read_by_their_maps() {
    let fonts = "/Font<</F 5 0 R>>";
    let map = "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0001> <001A> <0041> \
               endbfrange 1 beginbfchar <0020> <0020> endbfchar";
    let others = [
        "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[7 0 R]/ToUnicode 6 0 R>>"
            .to_owned(),
        stream("", map),
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/X/DW 500/W[1[600 600] 32 32 250]>>".to_owned(),
    ];
    let content = "BT /F 10 Tf 72 700 Td <000900130012> Tj <00200001> Tj ET";
    let extract = text(&page(fonts, content, &others)).unwrap();
    assert_eq!(extract.text, "ISR A\n\x0C");
    // What the map lacks cannot be told.
    let content = "BT /F 10 Tf 72 700 Td <0009001300120077> Tj ET";
    let extract = text(&page(fonts, content, &others)).unwrap();
    assert_eq!(
        (extract.text.as_str(), extract.unknown),
        ("ISR\u{FFFD}\n\x0C", 1)
    );
    let content = "BT /F 10 Tf 72 700 Td <007700770009> Tj ET";
    let refusal = text(&page(fonts, content, &others)).unwrap_err();
    assert_eq!(refusal.code, "damaged_pdf");
}

#[test]
fn simple_fonts_may_name_their_glyphs() {
    let fonts = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/X/FirstChar 1/Widths[500 500 500 500]/Encoding\
                 <</Differences[1/fi/quoteright/uni0041/space]>>>>>>";
    let extract = text(&page(
        fonts,
        "BT /F 10 Tf 72 700 Td <0103020403> Tj ET",
        &[],
    ))
    .unwrap();
    assert_eq!(extract.text, "fiA\u{2019} A\n\x0C");
}

#[test]
fn forms_and_turned_pages_are_followed() {
    let resources = format!("{TIMES}/XObject<</X 5 0 R>>");
    let form = stream(
        &format!("/Subtype/Form/BBox[0 0 612 792]/Matrix[1 0 0 1 72 0]/Resources<<{TIMES}>>"),
        "BT /F 12 Tf 0 600 Td (below) Tj ET",
    );
    let content = "BT /F 12 Tf 72 700 Td (above) Tj ET q 1 0 0 1 0 -10 cm /X Do Q";
    let extract = text(&page(&resources, content, &[form])).unwrap();
    assert_eq!(extract.text, "above\nbelow\n\x0C");
    // The page is turned, and so is what it shows.
    let bytes = page(
        TIMES,
        "BT /F 12 Tf 0 1 -1 0 100 72 Tm (one) Tj 0 -14 Td (two) Tj ET",
        &[],
    );
    let bytes = String::from_utf8(bytes).unwrap();
    let turned = bytes.replace("/MediaBox", "/Rotate 90/MediaBox");
    assert_eq!(text(turned.as_bytes()).unwrap().text, "one\ntwo\n\x0C");
}

#[test]
fn a_form_that_shows_itself_comes_to_an_end() {
    let resources = format!("{TIMES}/XObject<</X 5 0 R>>");
    let own = format!("/Subtype/Form/BBox[0 0 9 9]/Resources<<{resources}>>");
    let form = stream(&own, "BT /F 12 Tf 72 700 Td (a) Tj ET /X Do");
    let extract = text(&page(&resources, "/X Do", &[form])).unwrap();
    assert!(extract.text.starts_with('a'));
}

fn refused(bytes: &[u8]) -> &'static str {
    text(bytes).map(|extract| extract.text).unwrap_err().code
}

#[test]
fn what_holds_no_text_says_why() {
    let resources = "/XObject<</X 5 0 R>>";
    let image = stream(
        "/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray",
        "x",
    );
    assert_eq!(refused(&page(resources, "/X Do", &[image])), "scanned_pdf");
    assert_eq!(text(&page("", "", &[])).unwrap().text, "\x0C");
    let zeros = "0".repeat(64);
    let trailer =
        format!("/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{zeros}>/U<{zeros}>>>");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[]/Count 0>>",
    ];
    let objects = objects.map(str::to_owned);
    assert_eq!(refused(&pdf(&objects, &trailer)), "encrypted_pdf");
    assert_eq!(refused(&pdf(&objects, "")), "damaged_pdf");
    for bytes in [&b""[..], b"%PDF-1.7", b"%PDF-1.7\nnothing that a PDF has"] {
        assert_eq!(refused(bytes), "damaged_pdf");
    }
}

#[test]
fn a_document_cut_anywhere_is_damaged_or_tells_that_it_is_cut() {
    let bytes = page(TIMES, "BT /F 12 Tf 72 700 Td (text) Tj ET", &[]);
    assert!(!text(&bytes).unwrap().cut);
    for end in (0..bytes.len() - 6).step_by(7) {
        match text(&bytes[..end]) {
            Ok(extract) => assert!(extract.cut, "{end}"),
            Err(Refusal { code, .. }) => assert_eq!(code, "damaged_pdf", "{end}"),
        }
    }
}

#[test]
fn changed_bytes_do_no_harm() {
    let resources = format!("{TIMES}/XObject<</X 5 0 R>>");
    let form = stream(
        "/Subtype/Form/BBox[0 0 9 9]",
        "BT /F 12 Tf 72 700 Td [(a) -9 (b)] TJ ET",
    );
    let bytes = page(
        &resources,
        "BT /F 12 Tf 72 700 Td (text) Tj ET /X Do",
        &[form],
    );
    for at in 0..bytes.len() {
        for to in [0, b'(', b'<', b'9', 0xFF] {
            let mut changed = bytes.clone();
            changed[at] = to;
            let _ = text(&changed);
        }
    }
}
