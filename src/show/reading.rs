//! A letter's text prepared for reading: its lines joined to the paragraphs that they were wrapped from,
//! its headings known, and nothing in it that a terminal or a browser would obey.

use std::ops::Range;

use crate::harmless;
use crate::letter::layout::is_heading;

/// What a piece of the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Words,
    /// A heading, or the label that a line opens with.
    Heading,
    /// White space at which a line was wrapped.
    Wrap,
    /// White space between two lines.
    Line,
    /// White space between two paragraphs.
    Paragraph,
}

/// A piece of the text, in bytes. The pieces follow each other without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub range: Range<usize>,
    pub kind: Kind,
}

/// A line that is not blank.
#[derive(Debug)]
struct Line<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    width: usize,
    /// How many blank lines stand before it.
    blanks: usize,
}

impl Line<'_> {
    /// How many blanks it begins with.
    fn indent(&self) -> usize {
        let blank = |c: &char| c.is_whitespace();
        self.text.chars().take_while(blank).count()
    }
}

/// Lines longer than this were not wrapped: each is a paragraph.
const WIDEST: usize = 160;

/// Takes a text apart.
pub fn pieces(text: &str) -> Vec<Piece> {
    let lines = lines(text);
    let page = Page::of(&lines);
    let mut pieces = Vec::new();
    let mut at = 0;
    for (n, line) in lines.iter().enumerate() {
        let last = n.checked_sub(1).and_then(|n| lines.get(n));
        let kind = last.map_or(Kind::Line, |last| page.gap(last, line));
        // A wrapped line's indent is part of the gap; any other line keeps what goes beyond the margin.
        let indent = line.text.len() - line.text.trim_start().len();
        let start = match kind {
            Kind::Wrap => line.start + indent,
            _ if line.indent() <= page.margin + 2 => line.start + indent,
            _ => line.start + page.margin_of(line),
        };
        push(&mut pieces, at..start, kind);
        let label = match kind {
            Kind::Wrap => 0,
            _ => label(line.text),
        };
        push(
            &mut pieces,
            start..(line.start + label).max(start),
            Kind::Heading,
        );
        push(
            &mut pieces,
            start.max(line.start + label)..line.end,
            Kind::Words,
        );
        at = line.end;
    }
    push(&mut pieces, at..text.len(), Kind::Line);
    pieces
}

fn push(pieces: &mut Vec<Piece>, range: Range<usize>, kind: Kind) {
    if !range.is_empty() {
        pieces.push(Piece { range, kind });
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let (mut start, mut blanks) = (0, 0);
    for whole in text.split_inclusive('\n') {
        let body = whole.trim_end();
        if body.is_empty() {
            blanks += 1;
        } else {
            let width = body.chars().count();
            let end = start + body.len();
            lines.push(Line {
                text: body,
                start,
                end,
                width,
                blanks,
            });
            blanks = 0;
        }
        start += whole.len();
    }
    lines
}

/// How a letter's lines are set.
struct Page {
    /// The width at which lines were wrapped.
    width: usize,
    /// Blank lines between two lines of one paragraph: text out of a PDF often has one.
    blanks: usize,
    /// Blanks that nearly all lines begin with.
    margin: usize,
}

impl Page {
    fn of(lines: &[Line<'_>]) -> Self {
        let quantile = |mut all: Vec<usize>, tenths: usize| {
            all.sort_unstable();
            let at = all.len() * tenths / 10;
            all.get(at).copied().unwrap_or(0)
        };
        Page {
            width: quantile(lines.iter().map(|l| l.width).collect(), 9),
            blanks: quantile(lines.iter().map(|l| l.blanks).collect(), 5).min(1),
            margin: quantile(lines.iter().map(Line::indent).collect(), 1),
        }
    }

    /// The margin of a line that is indented further, in bytes.
    fn margin_of(&self, line: &Line<'_>) -> usize {
        let mut starts = line.text.char_indices().map(|(byte, _)| byte);
        starts.nth(self.margin).unwrap_or(0)
    }

    /// What stands between two lines.
    fn gap(&self, last: &Line<'_>, line: &Line<'_>) -> Kind {
        if line.blanks > self.blanks {
            return Kind::Paragraph;
        }
        // A line was wrapped if the next word had no more room on it.
        let word = line.text.split_whitespace().next().unwrap_or_default();
        let full = 10 * (last.width + 1 + word.chars().count()) >= 8 * self.width;
        let wrapped = self.width <= WIDEST && full;
        if wrapped && !opens(line.text) && !is_title(last.text) {
            Kind::Wrap
        } else {
            Kind::Line
        }
    }
}

/// Whether a line opens something new, whatever stands before it.
fn opens(line: &str) -> bool {
    let line = line.trim_start();
    let item = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - item.len();
    let numbered = (1..=2).contains(&digits)
        && item.starts_with([')', '.'])
        && item[1..].starts_with(char::is_whitespace);
    numbered
        || line.starts_with(['•', '*', '\u{f0b7}'])
        || line.starts_with("- ")
        || is_title(line)
        || is_heading(line)
}

/// Whether a line is set in capitals.
fn is_title(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 6 && line.split_whitespace().count() >= 2 && !line.chars().any(char::is_lowercase)
}

/// How many bytes of a line are a heading: all of a line in capitals, else the words up to a colon.
fn label(line: &str) -> usize {
    if is_title(line) {
        return line.len();
    }
    let Some(colon) = line
        .find(": ")
        .or_else(|| line.strip_suffix(':').map(str::len))
    else {
        return 0;
    };
    let label = &line[..colon];
    let short = label.chars().count() <= 70 && label.split_whitespace().count() <= 9;
    let sentence = label.contains(". ")
        || label.trim_start().starts_with(['(', '+'])
        || label.starts_with(char::is_lowercase);
    if short && !sentence { colon + 1 } else { 0 }
}

/// Text on one line, harmless, at most `width` characters of it.
pub fn one_line(text: &str, width: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = harmless(&words);
    match words.char_indices().nth(width) {
        None => words.into_owned(),
        Some(_) => {
            let kept: String = words.chars().take(width.saturating_sub(1)).collect();
            format!("{}…", kept.trim_end())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with its pieces' kinds: `|` a wrap, `/` a line, `//` a paragraph, `<…>` a heading.
    fn shown(text: &str) -> String {
        let mut shown = String::new();
        let mut at = 0;
        for piece in pieces(text) {
            assert_eq!(piece.range.start, at);
            at = piece.range.end;
            let words = &text[piece.range];
            shown.push_str(&match piece.kind {
                Kind::Words => words.to_owned(),
                Kind::Heading => format!("<{words}>"),
                Kind::Wrap => "|".to_owned(),
                Kind::Line => "/".to_owned(),
                Kind::Paragraph => "//".to_owned(),
            });
        }
        assert_eq!(at, text.len());
        shown
    }

    #[test]
    fn wrapped_lines_are_joined_and_others_kept() {
        let text = "CASE SUMMARY\nThe worker has had pain for\n  many years and was seen by\nhis doctor.\n\nState: NY\n";
        assert_eq!(
            shown(text),
            "<CASE SUMMARY>/The worker has had pain for|many years and was seen by|his doctor.//<State:> NY/"
        );
    }

    #[test]
    fn lines_set_apart_by_blank_ones_are_joined_too() {
        let text = "The worker has had pain for \n\nmany years and was seen by \n\nhis doctor again. \n \n \n\nNorco: Upheld\n\nThe worker has had pain for\n\nmany years and was seen.";
        assert_eq!(
            shown(text),
            "The worker has had pain for|many years and was seen by|his doctor again.//<Norco:> Upheld/The worker has had pain for|many years and was seen."
        );
    }

    #[test]
    fn lists_and_paragraphs_on_one_line_are_left_alone() {
        let text = "1. lumbar strain of years\n2. cervical strain of old\n3. rest";
        assert_eq!(
            shown(text),
            "1. lumbar strain of years/2. cervical strain of old/3. rest"
        );
        assert_eq!(
            shown("  NAME ONE\n  - first of two items\n  - second\n          far out"),
            "/<NAME ONE>/- first of two items/- second/        far out"
        );
        let long = "x ".repeat(200);
        assert_eq!(pieces(&format!("{long}\n{long}\n")).len(), 4);
        assert_eq!(pieces(""), []);
        assert_eq!(shown(" \n\n"), "/");
    }

    #[test]
    fn nothing_stays_that_a_terminal_obeys() {
        assert_eq!(one_line("a\n b\u{0} c", 80), "a b␀ c");
        assert_eq!(one_line("a long line", 7), "a long…");
    }
}
