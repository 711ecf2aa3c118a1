//! A letter on a terminal: its text with the values in colours, or plain, with the values listed.

use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::error::DataFusionError;

use super::palette::Palette;
use super::reading::{Kind, one_line, pieces};
use super::segments::{Segment, segments};
use super::sheet::{Sheet, Value};
use crate::harmless;
use crate::sql::{self, Screen};

/// How much of a long value is shown in a list.
const VALUE: usize = 72;

const RESET: &str = "\x1b[0m";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const UNDERLINE: &str = "\x1b[4m";

/// Writes a letter: its text, what the colours mean or, without them, the values, then the decisions.
pub fn write(
    out: &mut impl Write,
    sheet: &Sheet,
    colour: bool,
    screen: Option<Screen>,
) -> Result<(), sql::Error> {
    let put = sql::Error::Write;
    let width = screen.map(|screen| screen.width);
    head(out, sheet, colour).map_err(put)?;
    if colour {
        let palette = Palette::of(sheet);
        coloured(out, sheet, &palette).map_err(put)?;
        legend(out, &palette).map_err(put)?;
    } else {
        plain(out, sheet).map_err(put)?;
        list(out, &values(sheet)?, "Values", width)?;
    }
    list(out, &decisions(sheet)?, "Decisions", width)?;
    list(out, &problems(sheet)?, "Problems", width)?;
    out.flush().map_err(put)
}

/// What the letter is.
fn head(out: &mut impl Write, sheet: &Sheet, colour: bool) -> io::Result<()> {
    let about = ["letter_id", "source", "template", "status"].map(|c| sheet.letter.text(c));
    let mut about: Vec<_> = about.into_iter().flatten().collect();
    about.retain(|word| *word != sheet.name());
    let (name, about) = (harmless(sheet.name()), about.join(" · "));
    let about = harmless(&about);
    match colour {
        true => writeln!(out, "{BOLD}{name}{RESET}  {DIM}{about}{RESET}\n"),
        false => writeln!(out, "{name}  {about}\n"),
    }
}

/// The white space of a piece as a terminal gets it: a paragraph's gap is one blank line.
fn gap(kind: Kind) -> &'static str {
    match kind {
        Kind::Paragraph => "\n\n",
        _ => "\n",
    }
}

fn plain(out: &mut impl Write, sheet: &Sheet) -> io::Result<()> {
    let text = sheet.text();
    for piece in pieces(text) {
        match piece.kind {
            Kind::Words | Kind::Heading => {
                out.write_all(harmless(&text[piece.range]).as_bytes())?
            }
            _ if piece.range.end == text.len() => {}
            kind => out.write_all(gap(kind).as_bytes())?,
        }
    }
    writeln!(out)
}

/// The text with colours. Prose shows as a bar at the left, as its colour behind whole paragraphs would
/// drown the values in it; sentences are underlined.
fn coloured(out: &mut impl Write, sheet: &Sheet, palette: &Palette) -> io::Result<()> {
    let text = sheet.text();
    let ranges: Vec<_> = sheet.marks.iter().map(|m| m.bytes.clone()).collect();
    let segments = segments(text.len(), &ranges);
    let mut at = 0;
    let mut fresh = true;
    for piece in pieces(text) {
        if !matches!(piece.kind, Kind::Words | Kind::Heading) {
            if piece.range.end < text.len() {
                out.write_all(gap(piece.kind).as_bytes())?;
            }
            fresh = true;
            continue;
        }
        while segments
            .get(at)
            .is_some_and(|s| s.range.end <= piece.range.start)
        {
            at += 1;
        }
        for segment in &segments[at.min(segments.len())..] {
            if segment.range.start >= piece.range.end {
                break;
            }
            let look = Look::of(sheet, palette, segment, piece.kind);
            if std::mem::take(&mut fresh) {
                look.bar(out)?;
            }
            let start = piece.range.start.max(segment.range.start);
            let end = piece.range.end.min(segment.range.end);
            look.words(out, &harmless(&text[start..end]))?;
        }
    }
    writeln!(out)
}

/// How a segment is shown.
struct Look {
    /// The colour behind the words.
    back: Option<u8>,
    /// The colour of the bar.
    bar: Option<u8>,
    underlined: bool,
    bold: bool,
}

impl Look {
    fn of(sheet: &Sheet, palette: &Palette, segment: &Segment, kind: Kind) -> Self {
        let marks = segment.marks.iter().map(|m| &sheet.marks[*m]);
        let keys = marks.map(|m| &palette.keys[palette.key_of(sheet, m)]);
        let keys: Vec<_> = keys.collect();
        let sentence = |k: &&&super::palette::Key| k.column == "sentence";
        let prose = keys.iter().find(|k| k.prose && !sentence(k));
        Look {
            back: keys.iter().find(|k| !k.prose).map(|k| k.ansi),
            bar: prose.map(|k| k.ansi),
            underlined: keys.iter().any(|k| sentence(&k)),
            bold: kind == Kind::Heading,
        }
    }

    /// Begins a line.
    fn bar(&self, out: &mut impl Write) -> io::Result<()> {
        match self.bar {
            Some(colour) => write!(out, "\x1b[38;5;{colour}m▎{RESET} "),
            None => write!(out, "  "),
        }
    }

    fn words(&self, out: &mut impl Write, words: &str) -> io::Result<()> {
        let mut codes = String::new();
        if let Some(colour) = self.back {
            codes.push_str(&format!("\x1b[38;5;16;48;5;{colour}m"));
        }
        if self.bold {
            codes.push_str(BOLD);
        }
        if self.underlined {
            codes.push_str(UNDERLINE);
        }
        match codes.as_str() {
            "" => write!(out, "{words}"),
            codes => write!(out, "{codes}{words}{RESET}"),
        }
    }
}

/// The colours, a line a table.
fn legend(out: &mut impl Write, palette: &Palette) -> io::Result<()> {
    let mut table = "";
    for key in &palette.keys {
        if key.table != table {
            table = key.table;
            write!(out, "\n{BOLD}{table:<17}{RESET}")?;
        }
        let (ansi, column) = (key.ansi, harmless(&key.column));
        match (key.prose, key.column.as_str()) {
            (true, "sentence") => write!(out, " {UNDERLINE}{column}{RESET}")?,
            (true, _) => write!(out, " \x1b[38;5;{ansi}m▎{RESET}{column}")?,
            (false, _) => write!(out, " \x1b[38;5;16;48;5;{ansi}m {column} {RESET}")?,
        }
    }
    writeln!(out)
}

/// Writes rows under a heading; nothing if there are none.
fn list(
    out: &mut impl Write,
    rows: &RecordBatch,
    heading: &str,
    width: Option<usize>,
) -> Result<(), sql::Error> {
    if rows.num_rows() == 0 {
        return Ok(());
    }
    let text = sql::table_text(&rows.schema(), std::slice::from_ref(rows), width)?;
    write!(out, "\n{heading}\n{text}").map_err(sql::Error::Write)
}

fn batch<const N: usize>(columns: [(&str, ArrayRef); N]) -> Result<RecordBatch, sql::Error> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(n, c)| (n, c, true)));
    Ok(batch.map_err(DataFusionError::from)?)
}

/// A column of strings.
fn strings(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// Every value that has a place, in the order of the text.
fn values(sheet: &Sheet) -> Result<RecordBatch, sql::Error> {
    let marks = || sheet.marks.iter();
    let offsets = |offset: fn(&super::Mark) -> usize| -> ArrayRef {
        let offsets = marks().map(|m| i64::try_from(offset(m)).ok());
        Arc::new(offsets.collect::<Int64Array>())
    };
    batch([
        ("start", offsets(|m| m.chars.start)),
        ("end", offsets(|m| m.chars.end)),
        (
            "row",
            strings(marks().map(|m| Some(sheet.rows[m.row].name.clone()))),
        ),
        ("column", strings(marks().map(|m| Some(m.column.clone())))),
        (
            "value",
            strings(marks().map(|m| Some(one_line(&m.value, VALUE)))),
        ),
    ])
}

/// The columns of some rows of a table, as strings on one line each.
fn columns<const N: usize>(
    sheet: &Sheet,
    table: &str,
    columns: [(&str, &str); N],
) -> Result<RecordBatch, sql::Error> {
    batch(columns.map(|(name, column)| {
        let cells = sheet
            .of(table)
            .map(|(_, row)| match row.record.get(column) {
                Some(Value::One(text)) => Some(one_line(text, VALUE)),
                Some(Value::Many(texts)) => Some(one_line(&texts.join(", "), VALUE)),
                None => None,
            });
        (name, strings(cells))
    }))
}

fn decisions(sheet: &Sheet) -> Result<RecordBatch, sql::Error> {
    let shown = [
        ("#", "seq"),
        ("request", "request_text"),
        ("category", "request_category"),
        ("weaning", "weaning_context"),
        ("outcome", "outcome"),
    ];
    columns(sheet, "decisions", shown)
}

fn problems(sheet: &Sheet) -> Result<RecordBatch, sql::Error> {
    let shown = [
        ("severity", "severity"),
        ("code", "code"),
        ("message", "message"),
    ];
    columns(sheet, "problems", shown)
}
