//! Outcomes: "Upheld" and "Overturned" in headings, and the older wording "is (not) medically
//! necessary and appropriate" in headings and closing sentences.

use super::model::Outcome;
use super::prose::Prose;
use super::words::{match_words, without_end};
use crate::vocabulary::roles::WordTable;
use std::ops::Range;

const WORDS: &[(&str, Outcome)] = &[
    ("upheld", Outcome::Upheld),
    ("overturned", Outcome::Overturned),
];

const TABLE: &str = include_str!("../../data/vocabulary/outcome_words.csv");

/// The words of `outcome_words.csv`.
static LISTS: WordTable<Lists> = WordTable::new(TABLE, |table| Lists {
    labels: table.words("label").collect(),
    negations: table.words("negation").collect(),
    shown: table.words("shown").collect(),
    other_cases: table.words("other_case").collect(),
    verbs: table.words("verb").collect(),
});

struct Lists {
    /// What may stand before the outcome of a heading.
    labels: Vec<&'static str>,
    /// What denies the medical necessity that is told after it.
    negations: Vec<&'static str>,
    /// What a medical necessity may be said to be or not; of several in a sentence the first row counts.
    shown: Vec<&'static str>,
    /// What words begin with that make a sentence speak of another case than the one at hand.
    other_cases: Vec<&'static str>,
    /// What stands before the outcome of the decision at hand.
    verbs: Vec<&'static str>,
}

/// The outcome at the end of a heading line ("…: Upheld", "… - OVERTURNED", "… (Upheld)"), where it
/// stands, and where the request before it ends.
pub fn suffix(text: &str, line: &Range<usize>) -> Option<(Outcome, Range<usize>, usize)> {
    let slice = &text[line.clone()];
    let body = slice.trim_end_matches(|c: char| !c.is_alphanumeric());
    let mut outcomes = WORDS.iter();
    let (before, outcome) =
        outcomes.find_map(|(word, outcome)| Some((without_end(body, word)?, outcome)))?;
    if before.is_empty() || before.ends_with(char::is_alphanumeric) {
        return None;
    }
    let at = before.len();
    let capital = body[at..].starts_with(char::is_uppercase);
    let head =
        before.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '(' | '['));
    let separated = head.ends_with([':', '-', '–', '—', '=', '|'])
        || head.len() + 1 < before.len() && before.trim_end().ends_with(['(', '[']);
    if !separated && !capital {
        return None;
    }
    let mut head = head.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—' | '=' | '|' | '*' | '_')
    });
    for word in &LISTS.labels {
        let rest = without_end(head, word).filter(|rest| !rest.is_empty());
        if let Some(rest) = rest.filter(|rest| !rest.ends_with(char::is_alphanumeric)) {
            head = rest.trim_end_matches(|c: char| {
                c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—' | '*')
            });
        }
    }
    (!head.is_empty()).then(|| {
        (
            *outcome,
            line.start + at..line.start + body.len(),
            line.start + head.len(),
        )
    })
}

/// Whether `line` ends as a heading with its outcome does ("…: Upheld").
pub fn ends_heading(line: &str) -> bool {
    // Both words end with the same letter, and nearly no line does.
    let last = line.bytes().rev().find(u8::is_ascii_alphanumeric);
    last.is_some_and(|b| b.eq_ignore_ascii_case(&b'd'))
        && suffix(line, &(0..line.len()))
            .is_some_and(|(_, verdict, cut)| is_set_apart(line, cut, &verdict))
}

/// Whether the outcome `verdict` is set apart from the request that ends at `cut` by a colon or dash,
/// as in a heading and not as the last word of a sentence.
pub fn is_set_apart(text: &str, cut: usize, verdict: &Range<usize>) -> bool {
    text[cut..verdict.start].contains([':', '-', '–', '—', '(', '[', '|', '='])
}

/// The outcome that is all of a line: a heading's outcome on the line after it.
pub fn alone(text: &str, line: &Range<usize>) -> Option<(Outcome, Range<usize>)> {
    let slice = &text[line.clone()];
    let start = slice.find(char::is_alphanumeric)?;
    let word = slice[start..].trim_end_matches(|c: char| !c.is_alphanumeric());
    let (word, outcome) = WORDS.iter().find(|(w, _)| word.eq_ignore_ascii_case(w))?;
    let start = line.start + start;
    Some((*outcome, start..start + word.len()))
}

/// The statement "X is (not) medically necessary" in `range`: the outcome, where it stands, and where X ends.
pub fn statement(text: &str, range: &Range<usize>) -> Option<(Outcome, Range<usize>, usize)> {
    let (outcome, verdict) = necessity(text, range)?;
    let before = text[range.start..verdict.start].trim_end();
    let verbs = [
        " is", " are", " was", " were", " is/was", " is/are", " as", " be", " is:", ":",
    ];
    let cut = verbs.iter().find_map(|v| before.strip_suffix(v))?;
    Some((outcome, verdict, range.start + cut.len()))
}

/// The last wording of (no) medical necessity in `range`, with its place from "not" on.
pub fn necessity(text: &str, range: &Range<usize>) -> Option<(Outcome, Range<usize>)> {
    let slice = &text[range.clone()];
    let bytes = slice.as_bytes();
    let mut found = None;
    for at in memchr::memchr2_iter(b'm', b'M', bytes) {
        let glued_not = at >= 3 && bytes[at - 3..at].eq_ignore_ascii_case(b"not");
        if at > 0 && bytes[at - 1].is_ascii_alphanumeric() && !glued_not {
            continue;
        }
        let Some(end) = medically_necessary(slice, at) else {
            continue;
        };
        let (negated, start) = negation(slice, at);
        let outcome = if negated {
            Outcome::Upheld
        } else {
            Outcome::Overturned
        };
        let end = match_words(slice, skip_blank(slice, end), "and appropriate").unwrap_or(end);
        found = Some((outcome, range.start + start..range.start + end));
    }
    found
}

fn skip_blank(text: &str, at: usize) -> usize {
    at + (text[at..].len() - text[at..].trim_start_matches([' ', '\n']).len())
}

/// The end of "medically necessary" at `at`, also run together or misspelt ("medicaly neccesary").
fn medically_necessary(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let end_of_word = |from: usize| {
        from + bytes[from..]
            .iter()
            .take_while(|b| b.is_ascii_alphabetic())
            .count()
    };
    let first = end_of_word(at);
    let word = text[at..first].to_ascii_lowercase();
    if !word.starts_with("medic") {
        return None;
    }
    if is_necessary(
        word.trim_start_matches("medically")
            .trim_start_matches("medicaly"),
    ) {
        return Some(first);
    }
    if !matches!(
        word.as_str(),
        "medically" | "medicaly" | "medicallly" | "medical"
    ) {
        return None;
    }
    let second = skip_blank(
        text,
        if bytes.get(first) == Some(&b'-') {
            first + 1
        } else {
            first
        },
    );
    let end = end_of_word(second);
    is_necessary(&text[second..end].to_ascii_lowercase()).then_some(end)
}

/// "necessary" as physicians type it.
fn is_necessary(word: &str) -> bool {
    word.starts_with("nec")
        && word.len() >= 7
        && word.len() <= 11
        && (word.ends_with("ary") || word.ends_with("ery") || word.ends_with("arry"))
}

/// Bytes that no negation is longer than.
const FARTHEST: usize = 30;

/// Whether what stands before byte `at` denies it ("not", "neither", "n't"), and where that begins.
fn negation(text: &str, at: usize) -> (bool, usize) {
    let before = text[..at].trim_end();
    let near = (before.len().saturating_sub(FARTHEST)..=before.len())
        .find(|&i| before.is_char_boundary(i))
        .unwrap_or(0);
    let lower = before[near..].to_ascii_lowercase();
    let not = LISTS.negations.iter().find(|not| lower.ends_with(**not));
    not.map_or((false, at), |not| (true, before.len() - not.len()))
}

/// The outcome that a rationale's closing determination states. Only its last two sentences speak of
/// the request as a whole; earlier ones weigh parts of it or other requests.
pub fn closing(prose: &Prose, rationale: &Range<usize>) -> Option<(Outcome, Range<usize>)> {
    let text = prose.text.as_str();
    let all: Vec<_> = prose.sentences(rationale).collect();
    all.into_iter().rev().take(2).find_map(|s| {
        let range = s.range;
        // "In light of the above issues" refers to reasons, "approved above" to another request.
        let sentence = text[range.clone()].to_ascii_lowercase();
        let sentence = sentence.replace("the above", "these");
        if LISTS
            .other_cases
            .iter()
            .any(|case| goes_on_with(&sentence, case))
        {
            return None;
        }
        necessity(text, &range)
            .or_else(|| established(text, &range))
            .or_else(|| overturned(text, &range))
    })
}

/// Whether a word of `text` that is not its first begins with `phrase`.
fn goes_on_with(text: &str, phrase: &str) -> bool {
    let mut all = text.match_indices(phrase);
    all.any(|(at, _)| text[..at].ends_with(|c: char| !c.is_alphanumeric()))
}

/// "Medical necessity is (not) established", "has not been demonstrated".
fn established(text: &str, range: &Range<usize>) -> Option<(Outcome, Range<usize>)> {
    let sentence = text[range.clone()].to_ascii_lowercase();
    let at = sentence.find("medical necessity")?;
    let rest = &sentence[at..];
    let shown = LISTS.shown.iter();
    let mut ends = shown.filter_map(|shown| Some(rest.find(shown)? + shown.len()));
    let verb = ends.next()?;
    let denied = [" not ", "n't ", " cannot ", " no "]
        .iter()
        .any(|n| rest[..verb].contains(n))
        || sentence[..at].ends_with("no ");
    let outcome = if denied {
        Outcome::Upheld
    } else {
        Outcome::Overturned
    };
    Some((outcome, range.start + at..range.start + at + verb))
}

/// "The denial is upheld", "the determination is overturned" of the decision at hand.
fn overturned(text: &str, range: &Range<usize>) -> Option<(Outcome, Range<usize>)> {
    let sentence = text[range.clone()].to_ascii_lowercase();
    WORDS.iter().find_map(|(word, outcome)| {
        let at = sentence.find(word)?;
        let before = sentence[..at].strip_suffix(' ')?;
        let now = LISTS.verbs.iter().any(|verb| before.ends_with(verb));
        now.then(|| (*outcome, range.start + at..range.start + at + word.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Range<usize> {
        0..text.len()
    }

    #[test]
    fn outcomes_after_headings() {
        for (line, request, want) in [
            (
                "Norco 10/325mg #60:  Upheld",
                "Norco 10/325mg #60",
                Outcome::Upheld,
            ),
            (
                "Norco 10/325mg #60 - OVERTURNED",
                "Norco 10/325mg #60",
                Outcome::Overturned,
            ),
            (
                "**MRI of the knee: Overturned**",
                "**MRI of the knee",
                Outcome::Overturned,
            ),
            ("X-ray (Upheld)", "X-ray", Outcome::Upheld),
            (
                "Physical therapy – Decision: Upheld.",
                "Physical therapy",
                Outcome::Upheld,
            ),
        ] {
            let (outcome, _, cut) = suffix(line, &all(line)).expect(line);
            assert_eq!((outcome, &line[..cut]), (want, request));
        }
        assert!(suffix("the denial was upheld", &all("the denial was upheld")).is_none());
    }

    #[test]
    fn older_wording() {
        for (text, want) in [
            (
                "The request is not medically necessary and appropriate.",
                Outcome::Upheld,
            ),
            ("the request is notmedically necessary", Outcome::Upheld),
            (
                "is medically necessary and appropriate",
                Outcome::Overturned,
            ),
            ("not medically neccesary", Outcome::Upheld),
            (
                "RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS NOT MEDICALLY NECESSARY:",
                Outcome::Upheld,
            ),
        ] {
            assert_eq!(
                necessity(text, &all(text)).map(|f| f.0),
                Some(want),
                "{text}"
            );
        }
    }

    #[test]
    fn a_rationale_closes_with_its_own_determination() {
        for (text, want) in [
            (
                "An arthrogram would be not medically necessary. The requested MRI is medically necessary.",
                Some(Outcome::Overturned),
            ),
            (
                "As such, medical necessity is not established.",
                Some(Outcome::Upheld),
            ),
            (
                "In light of the above issues, the MRI is not medically necessary.",
                Some(Outcome::Upheld),
            ),
            (
                "The MRI was found not medically necessary above. No spasm on exam.",
                None,
            ),
            ("Not recommended for long. No spasm on exam.", None),
        ] {
            let prose = Prose::new(text, |_| false);
            let found = closing(&prose, &all(&prose.text));
            assert_eq!(found.map(|f| f.0), want, "{text}");
        }
    }

    #[test]
    fn vocabulary_of_outcomes() {
        LISTS.check_values(|row, what| {
            let example = row["example"];
            match what {
                "request" => suffix(example, &all(example)).map(|f| example[..f.2].to_owned()),
                "outcome" => {
                    let prose = Prose::new(example, |_| false);
                    let found = closing(&prose, &all(&prose.text));
                    found.map(|f| f.0.as_str().to_owned())
                }
                _ => panic!("{example}: gives {what}"),
            }
        });
    }
}
