//! The letter's text unwrapped: the lines of a paragraph joined with one space, paragraphs with one
//! newline, and every byte's way back to its character in the letter.
//!
//! Published letters reach us as text dumps whose lines were cut to a page width, in any spacing.
//! A line break is a paragraph's end where the next word would still have fitted well on the line,
//! where the spacing says so, or where a known heading begins; otherwise it is a cut and is mended.

use super::model::{Found, Span};
use crate::vocabulary::runs::{Run, runs};
use std::ops::Range;

/// Lines longer than this are not the work of a line wrapper (pages are at most landscape).
const WIDEST_PAGE: usize = 180;

/// Unwrapped text with its way back to the letter.
pub struct Prose {
    /// Words separated by one space, paragraphs by one newline.
    pub text: String,
    pieces: Vec<Piece>,
    runs: Vec<Run>,
}

/// From byte `at` of the prose on, characters run parallel to those of the letter from `chars` on.
struct Piece {
    at: usize,
    chars: u32,
    /// Each of its characters is one byte.
    plain: bool,
}

/// Bytes after which a new piece begins, so that a place in a long line is found without counting it all.
const LONGEST_PIECE: usize = 256;

/// A line of the letter that has something on it, without the blanks around it.
struct Line<'a> {
    text: &'a str,
    /// Character offset of its first character in the letter.
    chars: u32,
    /// Its length in characters.
    width: usize,
    /// Empty lines before it.
    gap: usize,
    /// A form feed stands before it.
    new_page: bool,
}

#[derive(PartialEq)]
enum Join {
    Paragraph,
    Space,
    Nothing,
}

impl Prose {
    /// Unwraps `raw`. `is_heading` tells of a line whether a heading or label of a letter begins it.
    pub fn new(raw: &str, is_heading: impl Fn(&str) -> bool) -> Prose {
        let all = lines(raw);
        let numbered = has_page_numbers(&all);
        // The lines of the text, each with whether a page ended before it.
        let mut lines: Vec<(Line, bool)> = Vec::with_capacity(all.len());
        let mut page_ended = false;
        let mut all = all.into_iter().peekable();
        while let Some(line) = all.next() {
            page_ended |= line.new_page;
            // A number is a page's at its head and at its foot.
            let at_foot = all.peek().is_some_and(|next| next.new_page);
            if is_page_furniture(&line, numbered || at_foot) {
                page_ended = true;
            } else {
                lines.push((line, std::mem::take(&mut page_ended)));
            }
        }
        let page = Page::of(&lines);
        let mut prose = Prose {
            text: String::with_capacity(raw.len()),
            pieces: Vec::with_capacity(lines.len() * 2),
            runs: Vec::new(),
        };
        let mut last: Option<&Line> = None;
        for (line, new_page) in &lines {
            if let Some(last) = last {
                match page.join(last, line, *new_page, &is_heading) {
                    Join::Paragraph => prose.text.push('\n'),
                    Join::Space => prose.text.push(' '),
                    Join::Nothing => {}
                }
            }
            prose.push_line(line);
            last = Some(line);
        }
        prose.runs = runs(&prose.text, 0..prose.text.len());
        prose
    }

    fn push_line(&mut self, line: &Line) {
        if is_tidy(line.text) {
            self.push_tidy(line);
            return;
        }
        let mut chars = line.chars;
        let mut fresh = true;
        let mut blank = false;
        for word in line.text.split_inclusive(is_blank) {
            let body = word.trim_end_matches(is_blank);
            if body.is_empty() {
                blank = true;
                chars += word.chars().count() as u32;
                fresh = true;
                continue;
            }
            if blank {
                self.text.push(' ');
                blank = false;
            }
            for part in body.split_inclusive(is_invisible) {
                let seen = part.trim_end_matches(is_invisible);
                let long = |piece: &Piece| self.text.len() - piece.at > LONGEST_PIECE;
                if fresh || self.pieces.last().is_some_and(long) {
                    self.pieces.push(Piece {
                        at: self.text.len(),
                        chars,
                        plain: false,
                    });
                    fresh = false;
                }
                self.text.push_str(seen);
                let all = char_count(part);
                if seen.len() != part.len() {
                    fresh = true;
                }
                chars += all;
            }
            if word.len() != body.len() {
                let gap = word[body.len()..].chars().count() as u32;
                chars += gap;
                blank = true;
                // A single blank keeps the two texts parallel.
                fresh |= gap != 1;
            }
        }
    }

    /// Adds a line that stands in the prose as it stands in the letter.
    fn push_tidy(&mut self, line: &Line) {
        let plain = line.text.len() == line.width;
        let (mut chars, mut rest) = (line.chars, line.text);
        while !rest.is_empty() {
            let mut end = rest.len();
            if !plain && end > LONGEST_PIECE {
                end = (0..=LONGEST_PIECE)
                    .rev()
                    .find(|&i| rest.is_char_boundary(i))
                    .unwrap_or(end);
            }
            self.pieces.push(Piece {
                at: self.text.len(),
                chars,
                plain,
            });
            let (piece, tail) = rest.split_at(end);
            self.text.push_str(piece);
            if !tail.is_empty() {
                chars += char_count(piece);
            }
            rest = tail;
        }
    }

    /// The words in the bytes `range` of the prose.
    pub fn runs(&self, range: &Range<usize>) -> &[Run] {
        let at = |byte: usize| self.runs.partition_point(|r| (r.start as usize) < byte);
        let from = at(range.start);
        &self.runs[from..at(range.end).max(from)]
    }

    /// The character of the letter at byte `at` of the prose.
    fn char_at(&self, at: usize) -> u32 {
        let i = self.pieces.partition_point(|p| p.at <= at);
        match i.checked_sub(1).map(|i| &self.pieces[i]) {
            Some(piece) if piece.plain => piece.chars + (at - piece.at) as u32,
            Some(piece) => piece.chars + char_count(&self.text[piece.at..at]),
            None => 0,
        }
    }

    /// Where in the letter the bytes `range` of the prose stand.
    pub fn span(&self, range: &Range<usize>) -> Span {
        let start = self.char_at(range.start);
        if range.is_empty() {
            return Span { start, end: start };
        }
        let last = self.text[..range.end]
            .char_indices()
            .next_back()
            .map_or(0, |(i, _)| i);
        Span {
            start,
            end: self.char_at(last) + 1,
        }
    }

    /// A value read at the bytes `range` of the prose.
    pub fn found<T>(&self, value: T, range: &Range<usize>) -> Found<T> {
        Found {
            value,
            span: self.span(range),
        }
    }

    /// The bytes `range` of the prose as a value.
    pub fn verbatim(&self, range: &Range<usize>) -> Found<String> {
        self.found(self.text[range.clone()].to_owned(), range)
    }
}

fn char_count(text: &str) -> u32 {
    if text.is_ascii() {
        text.len() as u32
    } else {
        text.chars().count() as u32
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace()
}

/// Characters that no reader sees: zero-width blanks and joiners, soft hyphens, marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{c}' | '\u{b}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Whether a line stands in the prose as it stands in the letter: single blanks, nothing invisible.
fn is_tidy(line: &str) -> bool {
    let bytes = line.as_bytes();
    let twice = bytes.iter().zip(&bytes[1..]);
    let gap = twice.fold(false, |gap, (a, b)| gap | (*a == b' ' && *b == b' '));
    let control = bytes.iter().fold(false, |any, b| any | (*b < b' '));
    let unusual = |c: char| !c.is_ascii() && (is_blank(c) || is_invisible(c));
    !gap && !control && (line.is_ascii() || !line.chars().any(unusual))
}

/// The bytes of a line without what cannot be seen around it.
fn seen(line: &str) -> Range<usize> {
    let bytes = line.as_bytes();
    let blank = |b: &u8| matches!(b, b'\t'..=b'\r' | b' ');
    let start = bytes.iter().take_while(|b| blank(b)).count();
    let end = bytes.iter().rposition(|b| !blank(b)).map_or(0, |i| i + 1);
    if start < end && bytes[start].is_ascii() && bytes[end - 1].is_ascii() {
        return start..end;
    }
    let unseen = |c| is_blank(c) || is_invisible(c);
    let start = line.len() - line.trim_start_matches(unseen).len();
    start..start.max(line.trim_end_matches(unseen).len())
}

/// Finds where lines end.
struct LineEnds {
    /// The text has line ends other than the common three.
    rare: bool,
}

impl LineEnds {
    fn of(raw: &str) -> LineEnds {
        let rare = raw.contains('\u{b}')
            || !raw.is_ascii() && raw.contains(['\u{85}', '\u{2028}', '\u{2029}']);
        LineEnds { rare }
    }

    fn next(&self, text: &str) -> Option<usize> {
        if self.rare {
            return text.find(is_line_end);
        }
        memchr::memchr3(b'\n', b'\r', b'\x0c', text.as_bytes())
    }
}

fn lines(raw: &str) -> Vec<Line<'_>> {
    let ends = LineEnds::of(raw);
    let mut lines = Vec::with_capacity(raw.len() / 60 + 8);
    let (mut chars, mut gap, mut new_page) = (0u32, 0usize, false);
    let mut rest = raw;
    while !rest.is_empty() {
        let (line, tail, end) = match ends.next(rest) {
            Some(i) => {
                let c = match rest.as_bytes()[i] {
                    ascii @ 0..0x80 => char::from(ascii),
                    _ => rest[i..].chars().next().unwrap_or('\n'),
                };
                let crlf = c == '\r' && rest.as_bytes().get(i + 1) == Some(&b'\n');
                let len = if crlf { 2 } else { c.len_utf8() };
                (
                    &rest[..i],
                    &rest[i + len..],
                    Some((c, if crlf { 2 } else { 1 })),
                )
            }
            None => (rest, "", None),
        };
        let ascii = line.is_ascii();
        let place = seen(line);
        let body = &line[place.clone()];
        if body.is_empty() {
            // A form feed after a line's end adds no empty line.
            gap += usize::from(!matches!(end, Some(('\u{c}', _))));
        } else {
            lines.push(Line {
                text: body,
                chars: chars
                    + if ascii {
                        place.start as u32
                    } else {
                        char_count(&line[..place.start])
                    },
                width: if ascii {
                    body.len()
                } else {
                    char_count(body) as usize
                },
                gap,
                new_page,
            });
            (gap, new_page) = (0, false);
        }
        chars += if ascii {
            line.len() as u32
        } else {
            char_count(line)
        };
        if let Some((c, n)) = end {
            chars += n;
            new_page |= c == '\u{c}';
        }
        rest = tail;
    }
    lines
}

/// Page numbers and running feet, which cut paragraphs in two.
fn is_page_furniture(line: &Line, numbered: bool) -> bool {
    if line.width > 90 {
        return false;
    }
    let text = line.text;
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

/// How the letter was set: what its line breaks mean.
struct Page {
    width: usize,
    /// Up to here a word would have fitted for certain. Lines in a proportional font hold more or fewer
    /// letters, so that it is less than the width by as much as cuts in the middle of sentences show.
    fits: usize,
    wrapped: bool,
    double_spaced: bool,
}

impl Page {
    fn of(lines: &[(Line, bool)]) -> Page {
        let mut widths: Vec<usize> = lines.iter().map(|(l, _)| l.width).collect();
        widths.sort_unstable();
        let widest = widths.last().copied().unwrap_or(0);
        // A few lines with column gaps run past the margin; the margin is where many lines end.
        let width = widths
            .len()
            .checked_sub(1 + widths.len() / 20)
            .map_or(0, |i| widths[i]);
        let tight = lines.iter().skip(1).filter(|(l, _)| l.gap == 0).count();
        let pairs = lines.iter().zip(lines.iter().skip(1));
        let mut cuts: Vec<usize> = pairs
            .filter(|((last, _), (next, new_page))| {
                !new_page
                    && next.text.starts_with(char::is_lowercase)
                    && last
                        .text
                        .ends_with(|c: char| c.is_alphanumeric() || c == ',')
            })
            .map(|((last, _), (next, _))| last.width + 1 + first_chunk(next.text))
            .collect();
        cuts.sort_unstable();
        let fits = cuts.get(cuts.len() / 20).filter(|_| cuts.len() >= 8);
        let fits = fits.map_or(width, |least| width.min(least.saturating_sub(1)));
        Page {
            width,
            fits,
            wrapped: widest <= WIDEST_PAGE,
            double_spaced: tight * 10 < lines.len(),
        }
    }

    fn join(
        &self,
        last: &Line,
        next: &Line,
        new_page: bool,
        is_heading: &impl Fn(&str) -> bool,
    ) -> Join {
        if !self.wrapped || is_heading(next.text) {
            return Join::Paragraph;
        }
        let tail = last.text.chars().next_back().unwrap_or(' ');
        let before = last.text[..last.text.len() - tail.len_utf8()]
            .chars()
            .next_back();
        let cut_word = matches!(
            tail,
            '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '\u{2014}' | '/'
        ) && before.is_some_and(char::is_alphanumeric)
            && next.text.starts_with(char::is_alphanumeric);
        let room = last.width + usize::from(!cut_word) + first_chunk(next.text);
        // Proportional fonts fit more or fewer letters on a line: near the margin only the sentence tells.
        // A list's number ends nothing: its item follows.
        let numeral = || {
            last.text.rsplit(is_blank).next().is_some_and(|w| {
                let digits = w.trim_end_matches('.');
                w.len() == digits.len() + 1 && digits.len() <= 2 && digits.parse::<u8>().is_ok()
            })
        };
        let ended = matches!(tail, '.' | '!' | '?' | ':' | ';' | '"' | '”') && !numeral();
        let opens = next.text.starts_with(|c: char| !c.is_lowercase());
        // A heading ends with its outcome, and begins where a sentence has ended.
        let headed = tail.is_alphabetic()
            && super::outcome::ends_heading(last.text)
            && !next.text.starts_with([')', ',', ';', ']']);
        if headed || last.text.ends_with('.') && super::outcome::ends_heading(next.text) {
            return Join::Paragraph;
        }
        let short = room * 5 <= self.width * 4;
        if (short && (ended || opens))
            || (room <= self.fits && ended && opens)
            || room * 2 <= self.width
        {
            return Join::Paragraph;
        }
        // Page gaps of a double-spaced letter have more blank lines than a paragraph's end has.
        let parted = if self.double_spaced {
            matches!(next.gap, 2 | 3 | 5..)
        } else {
            next.gap > 0
        };
        // At a page's end the blank lines say nothing, only the sentence does.
        let closed = ended && tail != ';' && !last.text.ends_with("(s):");
        let ends_here = if new_page {
            closed && opens
        } else {
            parted && (ended || opens) && !cut_word
        };
        if ends_here {
            return Join::Paragraph;
        }
        if cut_word { Join::Nothing } else { Join::Space }
    }
}

/// The length of what a wrapper would have had to fit: the first word, or its part up to a hyphen.
fn first_chunk(text: &str) -> usize {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrapped(raw: &str) -> String {
        Prose::new(raw, |_| false).text
    }

    #[test]
    fn lines_of_a_paragraph_become_one() {
        assert_eq!(
            unwrapped(
                "The injured worker is a male\nwho was hurt. He sustained a\nsprain of the low back, and is\nbetter."
            ),
            "The injured worker is a male who was hurt. He sustained a sprain of the low back, and is better."
        );
    }

    #[test]
    fn a_short_line_ends_a_paragraph() {
        assert_eq!(
            unwrapped("Plan: rest.\nThe injured worker is a male who"),
            "Plan: rest.\nThe injured worker is a male who"
        );
    }

    #[test]
    fn a_word_cut_at_its_hyphen_stays_one() {
        assert_eq!(
            unwrapped("a recommended practice for the on-\ngoing management of opioids, too"),
            "a recommended practice for the on-going management of opioids, too"
        );
    }

    #[test]
    fn spans_count_characters_of_the_letter() {
        let raw = "\u{feff}  “Nörco”   10/325mg.\r\n\r\n  Next word and further words  ";
        let prose = Prose::new(raw, |_| false);
        assert_eq!(prose.text, "“Nörco” 10/325mg.\nNext word and further words");
        let chars: Vec<char> = raw.chars().collect();
        for word in ["Nörco", "10/325mg", "Next"] {
            let at = prose.text.find(word).unwrap();
            let span = prose.span(&(at..at + word.len()));
            let cut: String = chars[span.start as usize..span.end as usize]
                .iter()
                .collect();
            assert_eq!(cut, word);
        }
    }

    #[test]
    fn page_numbers_are_left_out() {
        assert_eq!(
            unwrapped("one two three four five\n\u{c}Page 2 of 5\nsix seven eight nine ten"),
            "one two three four five six seven eight nine ten"
        );
    }
}
