//! A letter as one page that needs nothing else: the text at the left with its values marked, the rows of
//! the tables at the right, each value joined to its place.
//!
//! What stands in a letter is text and nothing else: every piece of it is escaped, and the page's content
//! security policy runs no script and loads no file but the page's own.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::palette::Palette;
use super::panel;
use super::reading::{Kind, pieces};
use super::segments::{Segment, segments};
use super::sheet::{Sheet, Value};
use crate::harmless;

const CSS: &str = include_str!("page.css");
const JS: &str = include_str!("page.js");

/// The page of a letter.
pub fn page(sheet: &Sheet) -> String {
    let palette = Palette::of(sheet);
    let nonce = nonce(sheet);
    let name = escape(sheet.name());
    let mut page = String::with_capacity(6 * sheet.text().len() + 32 * 1024);
    let mut put = |text: &str| page.push_str(text);
    put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    put("<meta name=\"color-scheme\" content=\"light dark\">\n");
    put(&format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'\">\n"
    ));
    put(&format!("<title>{name} · IMR letter</title>\n"));
    put(&format!("<style nonce=\"{nonce}\">\n{CSS}"));
    for (n, key) in palette.keys.iter().enumerate() {
        let hue = key.hue;
        put(&format!(".k{n} {{ --h: {hue} }} .u{n} {{ --u: {hue} }}\n"));
    }
    put("</style>\n</head>\n<body>\n");
    put(&header(sheet, &name));
    put("<main>\n<section class=\"letter\" aria-label=\"The letter\" tabindex=\"0\">\n");
    put(&legend(sheet, &palette));
    put("<article id=\"text\" class=\"text read\">");
    put(&text(sheet, &palette));
    put("</article>\n</section>\n");
    put("<section class=\"tables\" aria-label=\"The tables\" tabindex=\"0\">\n");
    put(&panel::tables(sheet, &palette));
    put("</section>\n</main>\n<div id=\"tip\" role=\"status\" hidden></div>\n");
    put(&format!(
        "<script type=\"application/json\" id=\"marks\">{}</script>\n",
        marks(sheet, &palette)
    ));
    put(&format!(
        "<script nonce=\"{nonce}\">\n{JS}</script>\n</body>\n</html>\n"
    ));
    page
}

/// The word by which the page's own script and style are known to a browser. A letter cannot hold it, as
/// it is a hash of the letter.
fn nonce(sheet: &Sheet) -> String {
    let hash = Sha256::new()
        .chain_update(JS)
        .chain_update(format!("{sheet:?}"))
        .finalize();
    hash.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Text as HTML, in an element or between quotation marks.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in harmless(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// What the letter is, in a few words.
fn header(sheet: &Sheet, name: &str) -> String {
    let about = ["source", "template", "status"].map(|c| sheet.letter.text(c));
    let mut about: Vec<String> = about.into_iter().flatten().map(escape).collect();
    if sheet.name() != sheet.letter.id("letter_id") {
        about.insert(1, escape(sheet.letter.id("letter_id")));
    }
    let mut html = format!(
        "<header class=\"top\">\n<div><h1>{name}</h1><p>{}</p></div>\n<dl>",
        about.join(" · ")
    );
    for (term, fact) in facts(sheet) {
        let _ = write!(html, "<div><dt>{term}</dt><dd>{}</dd></div>", escape(&fact));
    }
    html.push_str("</dl>\n</header>\n");
    html
}

/// What a reader wants to know first.
fn facts(sheet: &Sheet) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let Some((_, case)) = sheet.only("cases") else {
        return facts;
    };
    let text = |column| case.record.text(column);
    let age = text("patient_age").map(|age| format!("{age} years"));
    let patient: Vec<String> = age
        .into_iter()
        .chain(text("patient_sex").map(str::to_owned))
        .collect();
    if !patient.is_empty() {
        facts.push(("Patient", patient.join(", ")));
    }
    for (term, column) in [("Injured", "date_of_injury"), ("Decided", "decision_date")] {
        facts.extend(text(column).map(|date| (term, date.to_owned())));
    }
    if let Some((_, reviewer)) = sheet.only("reviewers")
        && let Some(Value::Many(specialties)) = reviewer.record.get("specialties")
        && !specialties.is_empty()
    {
        facts.push(("Reviewer", specialties.join(", ")));
    }
    let count = |column| text(column).unwrap_or("0");
    let (overturned, all) = (count("overturned_count"), count("decision_count"));
    facts.push(("Overturned", format!("{overturned} of {all}")));
    facts
}

/// The colours, each with a switch.
fn legend(sheet: &Sheet, palette: &Palette) -> String {
    let mut html = String::from(
        "<details class=\"legend\" open>\n<summary>Legend</summary>\n\
         <p class=\"how\">Hover over a mark to see what was read in it, click to hold it. A line below a mark \
         is a second value that it is part of.</p>\n",
    );
    let mut counts = vec![0_usize; palette.keys.len()];
    for mark in &sheet.marks {
        counts[palette.key_of(sheet, mark)] += 1;
    }
    let mut table = "";
    for (n, key) in palette.keys.iter().enumerate() {
        if key.table != table {
            if !table.is_empty() {
                html.push_str("</fieldset>\n");
            }
            table = key.table;
            let _ = write!(
                html,
                "<fieldset><legend><label><input type=\"checkbox\" checked data-table=\"{n}\"> {}</label></legend>",
                panel::label(table)
            );
        }
        let prose = if key.prose { " q" } else { "" };
        let _ = write!(
            html,
            "<label class=\"chip k{n}{prose}\"><input type=\"checkbox\" checked data-key=\"{n}\"> {} <small>{}</small></label>",
            escape(&panel::label(&key.column)),
            counts[n]
        );
    }
    if !table.is_empty() {
        html.push_str("</fieldset>\n");
    }
    html.push_str(
        "<label class=\"wrap\"><input type=\"checkbox\" id=\"wrap\"> Lines as in the document</label>\n</details>\n",
    );
    html
}

/// The letter's text. Without its tags it is `letters.text`, character by character, but for what
/// [`harmless`] replaces.
fn text(sheet: &Sheet, palette: &Palette) -> String {
    let text = sheet.text();
    if text.is_empty() {
        return "<p>The document holds no text.</p>".to_owned();
    }
    let ranges: Vec<_> = sheet.marks.iter().map(|m| m.bytes.clone()).collect();
    let pieces = pieces(text);
    let mut next = 0;
    let mut html = String::with_capacity(4 * text.len());
    for segment in segments(text.len(), &ranges) {
        if !segment.marks.is_empty() {
            open(&mut html, sheet, palette, &segment);
        }
        while let Some(piece) = pieces.get(next)
            && piece.range.start < segment.range.end
        {
            let start = piece.range.start.max(segment.range.start);
            let end = piece.range.end.min(segment.range.end);
            put_piece(&mut html, &text[start..end], piece.kind);
            if piece.range.end > end {
                break; // the rest of it stands in the next segment
            }
            next += 1;
        }
        if !segment.marks.is_empty() {
            html.push_str("</span>");
        }
    }
    html
}

/// Begins a marked segment. Its colour is that of the innermost short value, its line that of the next;
/// where there is prose only, it has the prose's tint. The page's script does the same at a switch.
fn open(html: &mut String, sheet: &Sheet, palette: &Palette, segment: &Segment) {
    let keys: Vec<usize> = segment
        .marks
        .iter()
        .map(|m| palette.key_of(sheet, &sheet.marks[*m]))
        .collect();
    let mut short = keys.iter().filter(|k| !palette.keys[**k].prose);
    let class = match short.next() {
        Some(inner) => match short.find(|k| *k != inner) {
            Some(outer) => format!("m k{inner} u{outer}"),
            None => format!("m k{inner}"),
        },
        None => format!("m q k{}", keys.first().unwrap_or(&0)),
    };
    let marks: Vec<_> = segment.marks.iter().map(usize::to_string).collect();
    let _ = write!(
        html,
        "<span class=\"{class}\" data-m=\"{}\">",
        marks.join(" ")
    );
}

fn put_piece(html: &mut String, words: &str, kind: Kind) {
    let class = match kind {
        Kind::Words => return html.push_str(&escape(words)),
        Kind::Heading => {
            let _ = write!(html, "<b>{}</b>", escape(words));
            return;
        }
        Kind::Wrap => "w",
        Kind::Line => "l",
        Kind::Paragraph => "p",
    };
    // White space: a form feed or the like has no place on a page.
    let blanks = words.chars().filter(|c| *c != '\r');
    let blanks: String = blanks.map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
    let _ = write!(html, "<i class=\"{class}\">{blanks}</i>");
}

/// The marks for the page's script, as JSON in which nothing can end a script.
fn marks(sheet: &Sheet, palette: &Palette) -> String {
    let marks: Vec<_> = sheet
        .marks
        .iter()
        .map(|mark| {
            let key = palette.key_of(sheet, mark);
            serde_json::json!({
                "n": sheet.rows[mark.row].name,
                "c": mark.column,
                "v": harmless(&mark.value),
                "k": key,
                "q": palette.keys[key].prose,
                "s": mark.chars.start,
                "e": mark.chars.end,
            })
        })
        .collect();
    serde_json::Value::from(marks)
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::super::sheet::{Mark, Row};
    use super::*;

    /// A letter of `text` with a row of `problems` for each mark.
    fn sheet(text: &str, marks: &[std::ops::Range<usize>]) -> Sheet {
        let mut sheet = Sheet {
            text: Some(text.to_owned()),
            ..Sheet::default()
        };
        for (n, bytes) in marks.iter().enumerate() {
            sheet.rows.push(Row {
                table: "problems",
                id: n.to_string(),
                name: format!("Problem {n}"),
                record: Default::default(),
            });
            sheet.marks.push(Mark {
                bytes: bytes.clone(),
                chars: bytes.clone(),
                row: n,
                column: if n == 0 { "rationale" } else { "message" }.to_owned(),
                value: "</script><!--\u{2028}&".to_owned(),
                element: None,
            });
        }
        sheet
    }

    fn drawn(sheet: &Sheet) -> String {
        text(sheet, &Palette::of(sheet))
    }

    #[test]
    fn whatever_means_something_in_html_is_escaped() {
        assert_eq!(
            escape("<b a=\"x\" b='y'>&amp;\u{0}"),
            "&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;␀"
        );
        assert_eq!(drawn(&sheet("a <i> & b", &[])), "a &lt;i&gt; &amp; b");
    }

    #[test]
    fn marks_in_and_across_each_other_are_cut_into_segments() {
        assert_eq!(
            drawn(&sheet("one two three", &[0..13, 4..7])),
            "<span class=\"m q k1\" data-m=\"0\">one </span>\
             <span class=\"m k0\" data-m=\"1 0\">two</span>\
             <span class=\"m q k1\" data-m=\"0\"> three</span>"
        );
        assert_eq!(
            drawn(&sheet("abc", &[0..2, 1..3])),
            "<span class=\"m q k1\" data-m=\"0\">a</span>\
             <span class=\"m k0\" data-m=\"1 0\">b</span>\
             <span class=\"m k0\" data-m=\"1\">c</span>"
        );
    }

    #[test]
    fn a_mark_goes_on_over_a_line_s_end() {
        assert_eq!(
            drawn(&sheet("a < b.\r\n\r\n\nc", &[4..12])),
            "a &lt; <span class=\"m q k0\" data-m=\"0\">b.<i class=\"p\">\n\n\n</i>c</span>"
        );
    }

    #[test]
    fn a_value_cannot_end_the_page_s_data() {
        let sheet = sheet("abc", std::slice::from_ref(&(0..1)));
        let json = marks(&sheet, &Palette::of(&sheet));
        assert!(!json.contains(['<', '>', '&', '\u{2028}']), "{json}");
        let parsed: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(parsed[0]["v"], "</script><!--\u{fffd}&");
    }

    #[test]
    fn each_letter_has_a_nonce_of_its_own() {
        let (a, b) = (sheet("a", &[]), sheet("b", &[]));
        assert_eq!(nonce(&a), nonce(&a));
        assert_ne!(nonce(&a), nonce(&b));
    }
}
