//! Several letters in one document: where each begins.

use super::words::{find_words, match_words, strip_markup};
use memchr::memchr3_iter;
use std::iter;
use std::ops::Range;

/// Headings that stand once in every letter, before its decisions.
const ONCE: &[&str] = &[
    "how the imr final determination was made",
    "medical qualifications of the expert reviewer",
    "issue at dispute",
];

/// Headings under which the decisions stand: nothing before them ends a letter.
const DECISIONS: &[&str] = &[
    "imr issues decisions and rationales",
    "imr decision s and rationale s",
    "rationale for why the requested treatment service",
    "regarding the request for",
    "documents reviewed for determination",
];

/// Lines with which a letter begins.
const OPENINGS: &[&str] = &[
    "maximus federal services inc",
    "independent medical review final determination letter",
    "notice of independent medical review determination",
    "medical professional review",
    "case number",
    "imr case number",
    "maximus case number",
];

/// The byte ranges of the letters in `text`, in order, without gaps; one if it holds one letter or none.
pub fn split(text: &str) -> Vec<Range<usize>> {
    let anchors = headings(text);
    if anchors.len() < 2 {
        return vec![0..text.len()];
    }
    let mut starts = vec![0];
    for pair in anchors.windows(2) {
        let from = DECISIONS
            .iter()
            .filter_map(|p| find_words(&text[..pair[1]], pair[0], p))
            .map(|(_, end)| end)
            .min()
            .unwrap_or(pair[0] + 1);
        let opening = lines(text, from..pair[1]).find(|&at| {
            let start = at + strip_markup(line(text, at)).start;
            OPENINGS
                .iter()
                .any(|p| match_words(text, start, p).is_some_and(|end| opens(text, end)))
        });
        starts.push(opening.unwrap_or(pair[1]));
    }
    starts
        .iter()
        .copied()
        .zip(starts[1..].iter().copied().chain([text.len()]))
        .map(|(a, b)| a..b)
        .collect()
}

/// Whether an opening stands by itself or as a label.
fn opens(text: &str, end: usize) -> bool {
    let rest = line(text, end).trim_start_matches([' ', '.', '\t']);
    rest.is_empty() || rest.starts_with(':')
}

/// The starts of the lines that one of [`ONCE`] begins.
fn headings(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let breaks = memchr3_iter(b'\n', b'\r', b'\x0c', bytes).map(|i| i + 1);
    let is_heading = |&start: &usize| {
        let rest = text[start..].trim_start_matches(is_blank);
        let at = text.len() - rest.len();
        let begins = |phrase: &str| {
            let pair = bytes.get(at).zip(phrase.as_bytes().first());
            pair.is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        ONCE.iter()
            .any(|phrase| begins(phrase) && match_words(text, at, phrase).is_some())
    };
    iter::once(0).chain(breaks).filter(is_heading).collect()
}

/// Whether a heading may stand behind `c` in its line.
fn is_blank(c: char) -> bool {
    let ends_line = matches!(c, '\n' | '\r' | '\u{c}');
    c == '*' || c.is_whitespace() && !ends_line
}

fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = usize> + '_ {
    text[range.clone()]
        .match_indices(['\n', '\r', '\u{c}'])
        .map(move |(i, _)| range.start + i + 1)
}

fn line(text: &str, at: usize) -> &str {
    let end = text[at..]
        .find(['\n', '\r', '\u{c}'])
        .map_or(text.len(), |i| at + i);
    &text[at..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "Case Number: CM15-0123456\nHOW THE IMR FINAL DETERMINATION WAS MADE\nx\nIMR ISSUES, DECISIONS AND RATIONALES\nNorco: Upheld\n";

    #[test]
    fn two_letters_in_one_file() {
        let both = format!("{LETTER}\r\n\u{c}{LETTER}");
        let ranges = split(&both);
        assert_eq!(ranges.len(), 2);
        assert_eq!(&both[ranges[1].clone()], LETTER);
        assert_eq!(ranges[0].end, ranges[1].start);
    }

    #[test]
    fn a_heading_begins_a_line() {
        let text = "Issue at dispute\r\n\n \u{a0}** ISSUE AT\nDispute:\n\u{c}\tissue at disputes\n\
                    no issue at dispute\rMedical Qualifications of the Expert Reviewer";
        let lines: Vec<_> = headings(text).iter().map(|at| line(text, *at)).collect();
        assert_eq!(
            lines,
            [
                "Issue at dispute",
                " \u{a0}** ISSUE AT",
                "Medical Qualifications of the Expert Reviewer"
            ]
        );
    }

    #[test]
    fn one_letter_or_none() {
        for text in [
            LETTER,
            "",
            "a news article on HOW THE IMR FINAL DETERMINATION WAS MADE",
        ] {
            assert_eq!(split(text).len(), 1);
        }
    }
}
