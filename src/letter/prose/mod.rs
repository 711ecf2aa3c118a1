//! The letter's text unwrapped: the lines of a paragraph joined with one space, paragraphs with one
//! newline, and every byte's way back to its character in the letter.
//!
//! Published letters reach us as text dumps whose lines were cut to a page width, in any spacing.
//! A line break is a paragraph's end where the next word would still have fitted well on the line,
//! where the spacing says so, or where a known heading begins; otherwise it is a cut and is mended.

mod lines;
mod page;
mod places;

use super::model::{Found, Span};
use super::sentences::{Ends, Sentences, sentences};
use crate::vocabulary::Vocabulary;
use crate::vocabulary::bits::Bits;
use crate::vocabulary::runs::Run;
use lines::{Line, paragraph_lines};
use page::{Join, Page};
pub use places::Places;
use std::ops::Range;

/// Unwrapped text with its way back to the letter.
#[derive(Default)]
pub struct Prose {
    /// Words separated by one space, paragraphs by one newline.
    pub text: String,
    pieces: Vec<Piece>,
    piece_places: Places,
    runs: Vec<Run>,
    pub(super) run_places: Places,
    pub(super) ends: Ends,
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

impl Prose {
    /// Unwraps `raw`. `is_heading` tells of a line whether a heading or label of a letter begins it.
    pub fn new(raw: &str, is_heading: impl Fn(&str) -> bool) -> Prose {
        let lines = paragraph_lines(raw);
        let page = Page::of(&lines);
        let mut prose = Prose {
            text: String::with_capacity(raw.len()),
            pieces: Vec::with_capacity(lines.len() * 2),
            ..Prose::default()
        };
        let mut last: Option<&Line> = None;
        for line in &lines {
            if let Some(last) = last {
                match page.join(last, line, &is_heading) {
                    Join::Paragraph => prose.text.push('\n'),
                    Join::Space => prose.text.push(' '),
                    Join::Nothing => {}
                }
            }
            prose.push_line(line);
            last = Some(line);
        }
        let mut begins = Bits::none(prose.text.len());
        for piece in &prose.pieces {
            begins.set(piece.at..piece.at + 1);
        }
        prose.piece_places = Places::new(&begins);
        prose.with_words()
    }

    /// Finds the words of the text.
    fn with_words(mut self) -> Prose {
        let words = Vocabulary::get().words(&self.text);
        self.runs = words.runs;
        self.run_places = Places::new(&words.begins);
        self.ends = Ends::of(&self.text);
        self
    }

    /// Text that is already prose, of no letter.
    #[cfg(test)]
    pub fn of_text(text: String) -> Prose {
        let prose = Prose {
            text,
            ..Prose::default()
        };
        prose.with_words()
    }

    fn push_line(&mut self, line: &Line) {
        if line.tidy {
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
                    self.push_piece(chars, false);
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

    /// Begins a piece, in the place of one that has nothing in it.
    fn push_piece(&mut self, chars: u32, plain: bool) {
        let at = self.text.len();
        self.pieces.pop_if(|last| last.at == at);
        self.pieces.push(Piece { at, chars, plain });
    }

    /// Adds a line that stands in the prose as it stands in the letter.
    fn push_tidy(&mut self, line: &Line) {
        let plain = line.is_ascii();
        let (mut chars, mut rest) = (line.chars, line.text);
        while !rest.is_empty() {
            let mut end = rest.len();
            if !plain && end > LONGEST_PIECE {
                end = (0..=LONGEST_PIECE)
                    .rev()
                    .find(|&i| rest.is_char_boundary(i))
                    .unwrap_or(end);
            }
            self.push_piece(chars, plain);
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
        let from = self.run_places.before(range.start);
        let to = self.run_places.before(range.end);
        &self.runs[from..to.max(from)]
    }

    /// The sentences in the bytes `range` of the prose.
    pub fn sentences(&self, range: &Range<usize>) -> Sentences<'_> {
        sentences(self, range)
    }

    /// The index of the piece that byte `at` of the prose is in.
    fn piece_at(&self, at: usize) -> usize {
        self.piece_places.up_to(at).saturating_sub(1)
    }

    /// The character of the letter at byte `at` of the prose, which is in the piece of this index.
    fn char_in(&self, piece: usize, at: usize) -> u32 {
        match self.pieces.get(piece) {
            Some(piece) if piece.plain => piece.chars + (at - piece.at) as u32,
            Some(piece) => piece.chars + char_count(&self.text[piece.at..at]),
            None => 0,
        }
    }

    /// Where in the letter the bytes `range` of the prose stand.
    pub fn span(&self, range: &Range<usize>) -> Span {
        let first = self.piece_at(range.start);
        let start = self.char_in(first, range.start);
        if range.is_empty() {
            return Span { start, end: start };
        }
        let last_char = self.text[..range.end].chars().next_back();
        let end = range.end - last_char.map_or(0, char::len_utf8);
        let is_within = self.pieces.get(first + 1).is_none_or(|next| end < next.at);
        let last = if is_within { first } else { self.piece_at(end) };
        Span {
            start,
            end: self.char_in(last, end) + 1,
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
