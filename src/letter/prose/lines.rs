//! The lines of a letter, without those that only count its pages.

use super::{char_count, is_blank, is_invisible};
use crate::vocabulary::bits::Bits;
use std::ops::Range;

/// A line of the letter that has something on it, without the blanks around it.
pub struct Line<'a> {
    pub text: &'a str,
    /// Character offset of its first character in the letter.
    pub chars: u32,
    /// Its length in characters.
    pub width: usize,
    /// Empty lines before it.
    pub gap: usize,
    /// A page ends before it.
    pub new_page: bool,
    /// It stands in the prose as it stands in the letter: single blanks, nothing invisible.
    pub tidy: bool,
    /// The length of what a wrapper would have had to fit before it: its first word, or the part of
    /// that up to a hyphen.
    pub opening: usize,
}

impl Line<'_> {
    /// Each of its characters is one byte.
    pub fn is_ascii(&self) -> bool {
        self.text.len() == self.width
    }
}

/// The lines that are not the furniture of pages.
pub fn paragraph_lines(raw: &str) -> Vec<Line<'_>> {
    let mut all = lines(raw);
    let numbered = has_page_numbers(&all);
    let mut page_ended = false;
    let mut kept = 0;
    for i in 0..all.len() {
        page_ended |= all[i].new_page;
        // A number is a page's at its head and at its foot.
        let at_foot = all.get(i + 1).is_some_and(|next| next.new_page);
        if is_page_furniture(&all[i], numbered || at_foot) {
            page_ended = true;
            continue;
        }
        all[i].new_page = std::mem::take(&mut page_ended);
        if kept < i {
            all.swap(kept, i);
        }
        kept += 1;
    }
    all.truncate(kept);
    all
}

fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{c}' | '\u{b}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// The bytes of a line without what cannot be seen around it.
fn seen(line: &str) -> Range<usize> {
    let bytes = line.as_bytes();
    // Nearly every line begins and ends with a letter or sign, and many end with one blank.
    let graphic = |b: u8| matches!(b, b'!'..=b'~');
    match *bytes {
        [first, .., last] if graphic(first) && graphic(last) => return 0..bytes.len(),
        [first, .., last, b' '] if graphic(first) && graphic(last) => return 0..bytes.len() - 1,
        [] | [b' '] => return 0..0,
        _ => {}
    }
    let unseen = |c| is_blank(c) || is_invisible(c);
    let start = line.len() - line.trim_start_matches(unseen).len();
    start..start.max(line.trim_end_matches(unseen).len())
}

/// What the bytes of a letter are.
struct Marked<'a> {
    text: &'a str,
    ascii: bool,
    /// Line ends and other controls, and blanks before blanks or controls.
    odd: Bits,
}

impl Marked<'_> {
    fn of(text: &str) -> Marked<'_> {
        let bytes = text.as_bytes();
        let ascii = text.is_ascii();
        // Nothing is left out, so that many bytes may be looked at together.
        let mut odd = Bits::of_pairs(bytes, |b, next| (b < b' ') | (b == b' ') & (next <= b' '));
        if !ascii {
            let leading = Bits::of(bytes, |b| b >= 0xc0);
            let ends = leading
                .each()
                .filter(|at| text[*at..].starts_with(is_line_end));
            ends.for_each(|at| odd.set(at..at + 1));
        }
        Marked { text, ascii, odd }
    }

    /// Where lines end: the bytes between them, and how many characters those are.
    fn line_ends(&self) -> impl Iterator<Item = (Range<usize>, u32)> + '_ {
        let bytes = self.text.as_bytes();
        let mut past = 0;
        let ends = self.odd.each().filter_map(move |at| {
            let end = match bytes[at] {
                b'\r' if bytes.get(at + 1) == Some(&b'\n') => (at..at + 2, 2),
                b'\n' | b'\r' | b'\x0c' | b'\x0b' => (at..at + 1, 1),
                0x80.. => (at..at + char_len(&self.text[at..]), 1),
                _ => return None,
            };
            let is_new = at >= past;
            past = end.0.end;
            is_new.then_some(end)
        });
        let length = self.text.len();
        ends.chain([(length..length, 0)])
    }

    /// Whether a line stands in the prose as it stands in the letter.
    fn is_tidy(&self, line: Range<usize>, ascii: bool) -> bool {
        let unusual = |c: char| !c.is_ascii() && (is_blank(c) || is_invisible(c));
        !self.odd.any(line.clone()) && (ascii || !self.text[line].chars().any(unusual))
    }
}

fn char_len(text: &str) -> usize {
    text.chars().next().map_or(1, char::len_utf8)
}

/// The lines of a letter.
fn lines(raw: &str) -> Vec<Line<'_>> {
    let marked = Marked::of(raw);
    let mut lines = Vec::with_capacity(raw.len() / 60 + 8);
    let (mut start, mut chars, mut gap, mut new_page) = (0, 0, 0, false);
    for (end, end_chars) in marked.line_ends() {
        let line = &raw[start..end.start];
        let is_page_end = raw[end.clone()].starts_with('\u{c}');
        let ascii = marked.ascii || line.is_ascii();
        let count = |text: &str| match ascii {
            true => text.len() as u32,
            false => char_count(text),
        };
        let place = seen(line);
        let body = &line[place.clone()];
        if !body.is_empty() {
            lines.push(Line {
                text: body,
                chars: chars + count(&line[..place.start]),
                width: count(body) as usize,
                gap,
                new_page,
                tidy: marked.is_tidy(start + place.start..start + place.end, ascii),
                opening: first_chunk(body),
            });
            (gap, new_page) = (0, false);
        } else if !is_page_end {
            // A form feed after a line's end adds no empty line.
            gap += 1;
        }
        new_page |= is_page_end;
        chars += count(line) + end_chars;
        start = end.end;
    }
    lines
}

/// Page numbers and running feet, which cut paragraphs in two.
fn is_page_furniture(line: &Line, numbered: bool) -> bool {
    let text = line.text;
    if line.width > 90 || !text.starts_with(|c: char| matches!(c, 'P' | 'F' | '0'..='9')) {
        return false;
    }
    let digits = |s: &str| !s.is_empty() && s.len() <= 3 && s.bytes().all(|b| b.is_ascii_digit());
    if let Some(rest) = text
        .strip_prefix("Page ")
        .or_else(|| text.strip_prefix("PAGE "))
    {
        let mut words = rest.split_whitespace();
        return match (words.next(), words.next(), words.next(), words.next()) {
            (Some(n), None, ..) => digits(n),
            (Some(n), Some(of), Some(m), None) => {
                digits(n) && of.eq_ignore_ascii_case("of") && digits(m)
            }
            _ => false,
        };
    }
    if digits(text) {
        return numbered || line.gap > 0 || line.new_page;
    }
    // The foot of DWC's letters: "Final Determination Letter for IMR Case Number CM14-0012345 3".
    text.starts_with("Final Determination Letter for IMR Case Number")
}

/// Whether the numbers that stand alone on lines count pages: they go up one by one.
fn has_page_numbers(lines: &[Line]) -> bool {
    let alone: Vec<u32> = lines
        .iter()
        .filter(|l| l.width <= 3)
        .filter_map(|l| l.text.parse().ok())
        .collect();
    alone.len() > 1 && alone.windows(2).all(|w| w[1] == w[0] + 1)
}

/// The length of the first word, or of its part up to a hyphen that stands behind two letters.
fn first_chunk(text: &str) -> usize {
    let bytes = text.as_bytes();
    for (i, byte) in bytes.iter().enumerate() {
        match byte {
            b'\t'..=b'\r' | b' ' => return i,
            b'-' if i > 1 && bytes[i - 2..i].iter().all(u8::is_ascii_alphabetic) => return i + 1,
            0x80.. => return any_first_chunk(text),
            _ => {}
        }
    }
    bytes.len()
}

/// As [`first_chunk`], of any text.
fn any_first_chunk(text: &str) -> usize {
    let end = text.find(is_blank).unwrap_or(text.len());
    let word = &text[..end];
    // A hyphen behind two letters.
    let hyphens = memchr::memchr_iter(b'-', word.as_bytes());
    let cut = hyphens.map(|i| i + 1).find(|i| {
        let before = &word[..i - 1];
        before
            .chars()
            .rev()
            .take(2)
            .filter(|c| c.is_alphabetic())
            .count()
            == 2
    });
    char_count(&word[..cut.unwrap_or(end)]) as usize
}
