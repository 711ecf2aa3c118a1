//! Sentences: the unit in which reviewers say things. Text → byte ranges.
//!
//! A list item is a sentence. Full stops inside abbreviations, numbers, credentials and list numbers
//! do not end one; a full stop with its following blank forgotten ("stop.Weaning") does.

use std::ops::Range;

/// Abbreviations (lower-case, without their full stop) after which a sentence goes on.
const ABBREVIATIONS: &[&str] = &[
    "dr", "drs", "mr", "mrs", "ms", "st", "jr", "sr", "vs", "v", "no", "pg", "pgs", "pp", "p",
    "ch", "sec", "sect", "fig", "vol", "ed", "eds", "approx", "appt", "inc", "e.g", "i.e", "eg",
    "ie", "cf", "al", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov",
    "dec", "m.d", "d.o", "d.c", "ph.d", "psy.d", "d.p.m", "dept", "div", "ext", "max", "min", "wk",
    "hx", "dx", "tx", "rx", "lic",
];

/// Abbreviations that may stand last in a sentence: a capital after them begins the next.
const MAY_END: &[&str] = &[
    "a.m", "p.m", "etc", "mg", "mcg", "lbs", "lb", "hrs", "hr", "min", "b.i.d", "t.i.d", "q.i.d",
    "q.d", "q.h.s", "h.s", "p.r.n", "bid", "tid", "qid", "prn", "wks", "mos", "yrs", "max", "inc",
    "no", "ext", "tabs", "tab", "caps", "cap", "al", "jr", "sr", "ed", "jan", "feb", "mar", "apr",
    "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "tx", "rx", "hx", "dx", "wk",
];

/// The sentences of `text`, in order, without the blanks around them.
pub fn sentences(text: &str) -> Sentences<'_> {
    Sentences {
        text,
        start: 0,
        item: None,
        last: None,
    }
}

/// Cuts a text as far as it is asked to.
pub struct Sentences<'a> {
    text: &'a str,
    /// Where what is not yet cut begins.
    start: usize,
    /// The number of the list item that it stands in.
    item: Option<u32>,
    /// The sentence before, to which a stray sign may still belong.
    last: Option<Range<usize>>,
}

impl Iterator for Sentences<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        while self.start < self.text.len() {
            let start = self.start;
            self.start = self.end();
            let slice = &self.text[start..self.start];
            let lead = slice.len() - slice.trim_start().len();
            let body = slice.trim();
            let range = start + lead..start + lead + body.len();
            if body.chars().any(char::is_alphanumeric) {
                if let Some(whole) = self.last.replace(range) {
                    return Some(whole);
                }
            } else if let Some(last) = &mut self.last
                && !body.is_empty()
            {
                // A stray full stop or quotation mark belongs to what it closes.
                last.end = range.end;
            }
        }
        self.last.take()
    }
}

/// Bytes at which a sentence may end: signs, and digits for the numbers of list items.
static MAY_CUT: [bool; 256] = {
    let mut may = [false; 256];
    let signs = b"\n.!?;:0123456789";
    let mut i = 0;
    while i < signs.len() {
        may[signs[i] as usize] = true;
        i += 1;
    }
    may
};

impl Sentences<'_> {
    /// Where the piece that begins at `start` ends.
    fn end(&mut self) -> usize {
        let (text, start) = (self.text, self.start);
        let bytes = text.as_bytes();
        let mut i = start;
        while let Some(ahead) = bytes[i..].iter().position(|b| MAY_CUT[*b as usize]) {
            i += ahead;
            let end = match bytes[i] {
                b'\n' => ends_at_newline(text, start, i).then_some(i),
                b';' | b':' => enumerated_next(text, i).then_some(i + 1),
                b'0'..=b'9' => {
                    let blank = i.wrapping_sub(1);
                    (bytes.get(blank) == Some(&b' ') && numbered_next(text, blank, &mut self.item))
                        .then_some(blank)
                }
                _ => stop(text, start, i, &mut self.item),
            };
            match end {
                // What ends where it begins is a sign more of the next piece.
                Some(end) if end > start => return end,
                _ => i += 1,
            }
        }
        text.len()
    }
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

/// Where the sentence ends whose terminator may stand at `i`; `None` if it goes on.
fn stop(text: &str, start: usize, i: usize, item: &mut Option<u32>) -> Option<usize> {
    let bytes = text.as_bytes();
    let after =
        text[i + 1..].trim_start_matches(['.', '!', '?', '"', '\'', ')', ']', '”', '’', '*']);
    let end = text.len() - after.len();
    let next = after.trim_start_matches(' ');
    let spaced = next.len() != after.len() || after.is_empty() || after.starts_with('\n');
    let first = next.chars().next();
    let word_start = text[start..i]
        .rfind([' ', '\n', '(', '"', '“', '/', ','])
        .map_or(start, |k| start + k + char_len(text, start + k));
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
            if is_one_of(bare, ABBREVIATIONS) && (goes_on || !is_one_of(bare, MAY_END)) {
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

/// Whether `word` is one of `abbreviations`, none of which is longer than six letters.
fn is_one_of(word: &str, abbreviations: &[&str]) -> bool {
    word.len() <= 6 && abbreviations.iter().any(|a| a.eq_ignore_ascii_case(word))
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
fn numbered_next(text: &str, i: usize, item: &mut Option<u32>) -> bool {
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
    let before = text[..i].trim_end();
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
    use super::sentences;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).map(|r| &text[r]).collect()
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
