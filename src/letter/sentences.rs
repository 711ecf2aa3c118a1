//! Sentences: the unit in which reviewers say things. Text → byte ranges.
//!
//! A list item is a sentence. Full stops inside abbreviations, numbers, credentials and list numbers
//! do not end one; a full stop with its following blank forgotten ("stop.Weaning") does.

use super::prose::{Places, Prose};
use crate::vocabulary::ABBREVIATIONS;
use crate::vocabulary::bits::Bits;
use crate::vocabulary::lexicon::Marks;
use crate::vocabulary::runs::{Run, may_end};
use std::ops::Range;

/// Abbreviations that may stand last in a sentence: a capital after them begins the next.
const MAY_END: &[&str] = &[
    "a.m", "p.m", "etc", "mg", "mcg", "lbs", "lb", "hrs", "hr", "min", "b.i.d", "t.i.d", "q.i.d",
    "q.d", "q.h.s", "h.s", "p.r.n", "bid", "tid", "qid", "prn", "wks", "mos", "yrs", "max", "inc",
    "no", "ext", "tabs", "tab", "caps", "cap", "al", "jr", "sr", "ed", "jan", "feb", "mar", "apr",
    "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "tx", "rx", "hx", "dx", "wk",
];

/// A sentence.
#[derive(Debug, Clone)]
pub struct Sentence<'a> {
    /// Bytes of the text, without the blanks around it.
    pub range: Range<usize>,
    /// Its words.
    pub runs: &'a [Run],
}

/// Where in a text a sentence may end.
#[derive(Default)]
pub struct Ends(Bits);

impl Ends {
    /// The signs that may end one, and the blanks before numbers, which may be those of a list's items.
    pub fn of(text: &str) -> Ends {
        let is_end = |b: u8, next: u8| may_end(b) | (b == b' ') & next.is_ascii_digit();
        Ends(Bits::of_pairs(text.as_bytes(), is_end))
    }
}

/// The sentences in the bytes `range` of `prose`.
pub fn sentences<'a>(prose: &'a Prose, range: &Range<usize>) -> Sentences<'a> {
    Sentences {
        text: &prose.text[..range.end],
        places: &prose.run_places,
        ends: &prose.ends,
        from: range.start,
        start: range.start,
        first: prose.run_places.before(range.start),
        runs: prose.runs(range),
        next: 0,
        item: None,
        last: None,
    }
}

/// Cuts a text as far as it is asked to.
pub struct Sentences<'a> {
    /// Ends where what is to be cut ends.
    text: &'a str,
    /// Where what is to be cut begins.
    from: usize,
    /// Where what is not yet cut begins.
    start: usize,
    runs: &'a [Run],
    /// How many words stand before those.
    first: usize,
    places: &'a Places,
    ends: &'a Ends,
    /// The first of the runs that is not yet in a sentence.
    next: usize,
    /// The number of the list item that it stands in.
    item: Option<u32>,
    /// The sentence before, to which a stray sign may still belong.
    last: Option<Sentence<'a>>,
}

impl<'a> Iterator for Sentences<'a> {
    type Item = Sentence<'a>;

    fn next(&mut self) -> Option<Sentence<'a>> {
        while self.start < self.text.len() {
            let (start, first) = (self.start, self.next);
            (self.start, self.next) = self.end();
            let slice = &self.text[start..self.start];
            let body = slice.trim_start();
            let from = self.start - body.len();
            let range = from..from + body.trim_end().len();
            let runs = &self.runs[first..self.next];
            if !runs.is_empty() {
                if let Some(whole) = self.last.replace(Sentence { range, runs }) {
                    return Some(whole);
                }
            } else if let Some(last) = &mut self.last
                && !range.is_empty()
            {
                // A stray full stop or quotation mark belongs to what it closes.
                last.range.end = range.end;
            }
        }
        self.last.take()
    }
}

impl Sentences<'_> {
    /// Where the piece that begins at `start` ends, and the first run after it. Sentences end at signs
    /// between words, and before the numbers of list items.
    fn end(&mut self) -> (usize, usize) {
        let (text, start) = (self.text, self.start);
        let bytes = text.as_bytes();
        let mut from = start;
        while let Some(at) = self.ends.0.first_from(from)
            && at < text.len()
        {
            from = at + 1;
            let next = self.places.before(at) - self.first;
            let before = self.runs[self.next..next].last();
            let end = match bytes[at] {
                b'\n' => ends_at_newline(text, start, at).then_some(at),
                b';' | b':' => enumerated_next(text, at).then_some(at + 1),
                b' ' => numbered_next(text, self.from, at, &mut self.item).then_some(at),
                b'.' if before.is_some_and(|run| ends_plainly(bytes, start, at, run)) => {
                    Some(at + 1)
                }
                _ => stop(text, start, at, before, &mut self.item),
            };
            // What ends where it begins is a sign more of the next piece.
            if let Some(end) = end.filter(|end| *end > start) {
                return (end, next);
            }
        }
        (text.len(), self.runs.len())
    }
}

/// Whether the full stop at `at` directly after the word `run` ends a sentence beyond doubt: the word
/// is no abbreviation, and a blank and a capital follow.
fn ends_plainly(bytes: &[u8], start: usize, at: usize, run: &Run) -> bool {
    let (from, length) = (run.start as usize, run.end - run.start);
    run.end as usize == at
        && matches!(bytes[at + 1..], [b' ', b'A'..=b'Z', ..])
        && (length > LONGEST_ABBREVIATION
            || length > 2
                && from > start
                && bytes[from - 1] == b' '
                && !run.marks.has(Marks::ABBREVIATION))
}

/// A paragraph ends a sentence, unless it was cut within one.
fn ends_at_newline(text: &str, start: usize, at: usize) -> bool {
    let before = text[start..at].trim_end();
    let next = text[at + 1..].chars().next().unwrap_or(' ');
    before.ends_with(['.', '!', '?', ':', ';', '"', '”'])
        || !(next.is_lowercase() || leads_on(before))
}

/// Words after which no sentence ends, whatever begins the next line.
const LEADING: &[&str] = &[
    "to", "of", "the", "a", "an", "and", "or", "with", "for", "in", "on", "by", "at", "from", "as",
    "is", "was", "are", "were", "be", "been", "has", "have", "had", "that", "which", "who", "his",
    "her", "their", "this", "per", "than", "into", "go", "goes",
];

fn leads_on(before: &str) -> bool {
    let last = before.rsplit([' ', '\n']).next().unwrap_or("");
    LEADING.contains(&last)
}

/// The bytes of a word, and the signs after it, that are looked at: in a text without blanks every full stop would
/// have all those before it looked at again.
const LONGEST: usize = 64;

/// Where the sentence ends whose terminator may stand at `i`, after the word `before`; `None` if it goes on.
fn stop(
    text: &str,
    start: usize,
    i: usize,
    before: Option<&Run>,
    item: &mut Option<u32>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let closing = ['.', '!', '?', '"', '\'', ')', ']', '”', '’', '*'];
    let signs = text[i + 1..].chars().take_while(|c| closing.contains(c));
    let end = i + 1 + signs.take(LONGEST).map(char::len_utf8).sum::<usize>();
    let after = &text[end..];
    let next = after.trim_start_matches(' ');
    let spaced = next.len() != after.len() || after.is_empty() || after.starts_with('\n');
    let first = next.chars().next();
    let near = text
        .floor_char_boundary(i.saturating_sub(LONGEST))
        .max(start);
    let word_start = text[near..i]
        .rfind([' ', '\n', '(', '"', '“', '/', ','])
        .map_or(near, |k| near + k + char_len(text, near + k));
    let word = &text[word_start..i];
    if bytes[i] == b'.' {
        if !spaced {
            // "stop.Weaning", "necessary.The"
            let glued = end == i + 1
                && word.len() >= 2
                && (word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '\'' || c == '-')
                    || word.len() >= 3 && word.chars().all(|c| c.is_ascii_alphanumeric()))
                && first.is_some_and(char::is_uppercase)
                && after
                    .chars()
                    .nth(1)
                    .is_some_and(|c| c.is_lowercase() || c == ' ');
            return glued.then_some(end);
        }
        if end == i + 1 || after.is_empty() {
            let list_number =
                !word.is_empty() && word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit());
            if list_number && text[start..word_start].trim().is_empty() {
                *item = word.parse().ok();
                return None;
            }
            let bare = word.trim_start_matches(['[', '‘', '\'']);
            let initial = word.len() == 1 && word.chars().all(char::is_uppercase);
            let goes_on = first.is_some_and(|c| {
                c.is_lowercase() || c.is_ascii_digit() || c == ',' || c == ';' || c == ')'
            });
            if initial
                && first.is_some_and(char::is_uppercase)
                && is_name_initial(text, start, word_start, next)
            {
                return None;
            }
            let dotted = word.contains('.')
                && word
                    .split('.')
                    .all(|l| l.len() == 1 && l.chars().all(char::is_uppercase));
            if dotted && !begins_sentence(next) {
                return None; // "U.S. Public Health Service"
            }
            let abbreviated = match before {
                Some(run) if run.range() == (i - bare.len()..i) => {
                    run.marks.has(Marks::ABBREVIATION)
                }
                _ => is_one_of(bare, ABBREVIATIONS),
            };
            if abbreviated && (goes_on || !is_one_of(bare, MAY_END)) {
                return None;
            }
            let unit = bare.trim_start_matches(|c: char| c.is_ascii_digit());
            if goes_on && is_one_of(unit, MAY_END) {
                return None;
            }
        }
        let ellipsis = (text[i..].starts_with("...") || text[..=i].ends_with(".."))
            && first.is_some_and(char::is_lowercase);
        if ellipsis || matches!(first, Some(',' | ';' | ')' | ':')) {
            return None;
        }
    } else if !spaced || first.is_some_and(|c| c.is_lowercase() || c == ',') {
        return None;
    }
    Some(end)
}

/// Bytes that no abbreviation is longer than.
const LONGEST_ABBREVIATION: u32 = 6;

/// Whether `word` is one of `abbreviations`.
fn is_one_of(word: &str, abbreviations: &[&str]) -> bool {
    word.len() <= LONGEST_ABBREVIATION as usize
        && abbreviations.iter().any(|a| a.eq_ignore_ascii_case(word))
}

/// "J. Smith": an initial stands before a name and after a title or another name; "vitamin D. The" ends.
fn is_name_initial(text: &str, start: usize, word_start: usize, next: &str) -> bool {
    let before = text[start..word_start].trim_end();
    let title = before.ends_with("Dr.")
        || before.ends_with("Mr.")
        || before.ends_with("Ms.")
        || before.ends_with("Mrs.");
    title || (before.is_empty() && !begins_sentence(next))
}

/// Whether `text` opens with a word that begins sentences rather than names.
fn begins_sentence(text: &str) -> bool {
    let word = text.split([' ', ',', '.']).next().unwrap_or("");
    matches!(
        word,
        "The"
            | "This"
            | "He"
            | "She"
            | "It"
            | "In"
            | "A"
            | "An"
            | "There"
            | "No"
            | "As"
            | "On"
            | "Per"
    )
}

fn char_len(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

/// After "…;" or "…:" an item "(b)", "b)", "2)" begins a sentence of its own.
fn enumerated_next(text: &str, i: usize) -> bool {
    let rest = text[i + 1..].trim_start();
    let rest = rest.strip_prefix("and ").unwrap_or(rest);
    let body = rest.strip_prefix('(').unwrap_or(rest);
    // Looks no further than a mark is long: the text may go on for megabytes.
    let Some(close) = body.bytes().take(3).position(|b| b == b')') else {
        return false;
    };
    let mark = &body[..close];
    !mark.is_empty()
        && mark.len() <= 2
        && (mark.bytes().all(|b| b.is_ascii_digit())
            || (mark.len() == 1 && mark.bytes().all(|b| b.is_ascii_lowercase())))
}

/// "… sprain 2. Thoracic …": the next number of a list that began with "1." begins a sentence.
fn numbered_next(text: &str, from: usize, i: usize, item: &mut Option<u32>) -> bool {
    let rest = &text[i + 1..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 2 {
        return false;
    }
    let Ok(number) = rest[..digits].parse::<u32>() else {
        return false;
    };
    let mark = &rest[digits..];
    if !(mark.starts_with(". ") || mark.starts_with(") ")) {
        return false;
    }
    if !mark[2..].starts_with(|c: char| c.is_alphabetic()) {
        return false;
    }
    let before = text[from..i].trim_end();
    let opens = number == 1
        && (before.ends_with(':') || before.ends_with("include") || before.ends_with("are"));
    if opens || *item == Some(number.wrapping_sub(1)) && number > 1 {
        *item = Some(number);
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        let prose = Prose::of_text(text.to_owned());
        let all = sentences(&prose, &(0..text.len()));
        all.map(|s| &text[s.range]).collect()
    }

    #[test]
    fn full_stops_that_end_nothing() {
        for one in [
            "Dr. Lee saw him at 3 p.m. and gave Norco 10/325mg. three times a day",
            "See Labor Code Sec. 4610.6(h) and No. 4 on pg. 80 of the guideline",
            "Pain is 4.5 of 10 (e.g. at night)",
            "Seen on Nov. 4 by Dr. J. Smith of the clinic",
        ] {
            assert_eq!(split(one).len(), 1, "{one:?} → {:?}", split(one));
        }
    }

    #[test]
    fn full_stops_that_end() {
        for (text, n) in [
            ("It is not medically necessary. Weaning is advised.", 2),
            ("It should stop.Weaning is advised.", 2),
            ("The reports say only \"meds help.\" There is no score.", 2),
            ("Norco 10/325mg. The dose is low.", 2),
            ("improvment in function . Pain goes down", 2),
            ("not recomended as 1st line.. MTUS says so", 2),
            (
                "Taper in progress. 180 a month cut to 90, now 75. Function is holding.",
                3,
            ),
            (
                "1. Indication: pain.\n2. Analgesia: 8/10 to 5/10.\n3. Taper is on",
                3,
            ),
            (
                "Considered: (a) no reason; (b) no pain log; (c) no limit. UR certified 45.",
                5,
            ),
            ("Not on a NSAID. gastritis is listed", 2),
            (
                "Dx: 1. Lumbar sprain 2. Thoracic sprain 3. Radiculitis. Work status: modified",
                5,
            ),
        ] {
            assert_eq!(split(text).len(), n, "{text:?} → {:?}", split(text));
        }
    }
}
