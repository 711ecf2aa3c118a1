//! The reviewer's credentials, from the list ("State(s) of Licensure: …") or from prose ("Board
//! Certified in …, has a subspecialty in … and is licensed to practice in …").

use super::model::{Found, Reviewer};
use super::phrases::Phrases;
use super::prose::Prose;
use super::words::match_words;
use crate::vocabulary::Vocabulary;
use std::ops::Range;
use std::sync::LazyLock;

/// What introduces credentials. Of phrases for the same the first in its list is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Opening {
    /// Labels of the list.
    States(usize),
    Specialties(usize),
    /// Phrases of prose.
    CertifiedIn,
    LicensedIn(usize),
}

const STATES: &[&str] = &[
    "state s of licensure",
    "states of licensure",
    "state of licensure",
    "licensure",
];

const SPECIALTIES: &[&str] = &[
    "certification s specialty",
    "certification s specialties",
    "certifications specialty",
    "certification specialty",
    "specialty",
];

const CERTIFIED_IN: &[&str] = &[
    "board certified in",
    "board certification in",
    "certified in",
    "subspecialty in",
    "sub specialty in",
    "subspecialties in",
    "a specialty in",
    "fellowship trained in",
    "additional certification in",
    "subspecialty certification in",
    "subspecialty certificate in",
    "certificate of added qualifications in",
    "subspecialty board certification in",
    "a certificate in",
];

const LICENSED_IN: &[&str] = &[
    "licensed to practice medicine in",
    "licensed to practice in",
    "licensed in",
    "license to practice in",
    "licensed to practice chiropractic in",
    "licensed to practice psychology in",
    "licensed to practice",
    "active license in",
    "holds a license in",
];

static OPENINGS: LazyLock<Phrases<Opening>> = LazyLock::new(|| {
    let ranked = |phrases: &'static [&str], opening: fn(usize) -> Opening| {
        phrases
            .iter()
            .enumerate()
            .map(move |(i, p)| (*p, opening(i)))
    };
    Phrases::new(
        ranked(STATES, Opening::States)
            .chain(ranked(SPECIALTIES, Opening::Specialties))
            .chain(ranked(CERTIFIED_IN, |_| Opening::CertifiedIn))
            .chain(ranked(LICENSED_IN, Opening::LicensedIn)),
    )
});

/// Reads the credentials in `part`; `None` where none are stated.
pub fn read(prose: &Prose, part: &Range<usize>, vocabulary: &Vocabulary) -> Option<Reviewer> {
    let text = &prose.text[..part.end];
    let openings = OPENINGS.find(prose.runs(part));
    // The first of the phrases that rank highest.
    let first = |is: fn(&Opening) -> bool, fits: &dyn Fn(usize) -> bool| {
        openings
            .iter()
            .filter(|o| is(&o.value) && fits(o.end))
            .min_by_key(|o| (o.value, o.start))
            .map(|o| o.end)
    };
    let is_label = |end: usize| colon(text, end).is_some();
    let mut reviewer = Reviewer::default();
    if let Some(end) =
        first(|o| matches!(o, Opening::States(_)), &is_label).and_then(|end| colon(text, end))
    {
        let line = line_from(text, end);
        states(prose, &line, vocabulary, &mut reviewer);
    }
    if let Some(end) =
        first(|o| matches!(o, Opening::Specialties(_)), &is_label).and_then(|end| colon(text, end))
    {
        for piece in listed(text, line_from(text, end), vocabulary) {
            reviewer
                .specialties
                .push(prose.found(vocabulary.specialty_name(&text[piece.clone()]), &piece));
        }
    }
    if reviewer.specialties.is_empty() {
        for opening in openings.iter().filter(|o| o.value == Opening::CertifiedIn) {
            for piece in listed(text, clause(text, opening.end), vocabulary) {
                let name = prose.found(vocabulary.specialty_name(&text[piece.clone()]), &piece);
                if !reviewer.specialties.iter().any(|s| s.span == name.span) {
                    reviewer.specialties.push(name);
                }
            }
        }
        reviewer.specialties.sort_by_key(|s| s.span);
    }
    if reviewer.licensure_states.is_empty()
        && let Some(end) = first(|o| matches!(o, Opening::LicensedIn(_)), &|_| true)
    {
        states(prose, &sentence_from(text, end), vocabulary, &mut reviewer);
    }
    let unstated = reviewer.licensure_states.is_empty() && reviewer.specialties.is_empty();
    (!unstated).then_some(reviewer)
}

/// The byte after the colon that makes a label of the phrase that ends at `end`.
fn colon(text: &str, end: usize) -> Option<usize> {
    let rest = text[end..].trim_start_matches([')', ' ', '*']);
    rest.starts_with(':').then(|| text.len() - rest.len() + 1)
}

/// The rest of the line at `at`; where nothing is left on it, the line after.
fn line_from(text: &str, at: usize) -> Range<usize> {
    let start = at + text[at..].len() - text[at..].trim_start().len();
    let end = text[start..].find('\n').map_or(text.len(), |i| start + i);
    // A line that opens with another label is not this one's value.
    if text[start..end].contains(':') && text[at..start].contains('\n') {
        return start..start;
    }
    start..end
}

/// What is certified: up to the next statement of the sentence.
fn clause(text: &str, at: usize) -> Range<usize> {
    let sentence = sentence_from(text, at);
    let stops = [
        " and is licensed",
        " is licensed",
        " and licensed",
        ", licensed",
        " has a ",
        " and has ",
        " with ",
        " who ",
        " in the state",
        " by the ",
        ";",
        " holds a ",
        " and a subspecialty",
        " and holds",
    ];
    let body = &text[sentence.clone()];
    // "Neurology with Special Qualification in Child Neurology" is one name.
    let of_name = |i: usize| body[i..].starts_with(" with Special Qualification");
    let end = stops
        .iter()
        .filter_map(|s| body.match_indices(s).map(|(i, _)| i).find(|i| !of_name(*i)))
        .min()
        .unwrap_or(body.len());
    sentence.start..sentence.start + end
}

fn sentence_from(text: &str, at: usize) -> Range<usize> {
    let rest = &text[at..];
    let lead = rest.len() - rest.trim_start_matches([' ', ':']).len();
    let end = rest
        .match_indices(". ")
        .map(|(i, _)| i)
        .find(|i| !rest[..*i].ends_with("U.S"))
        .or_else(|| rest.find(".\n"))
        .or_else(|| rest.find('\n'))
        .unwrap_or(rest.len());
    at + lead.min(end)..at + end
}

/// The specialties of a list: names of the vocabulary first, since some hold an "and" of their own;
/// what lies between them is cut at commas and semicolons, in prose at "and" too.
fn listed(text: &str, range: Range<usize>, vocabulary: &Vocabulary) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = range.start;
    let mut at = range.start;
    while at < range.end {
        let boundary = at == range.start || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
        if boundary && let Some(end) = vocabulary.specialty_at(&text[..range.end], at) {
            // A known name inside a longer one ("Interventional Pain Medicine") is part of it.
            at = end;
            continue;
        }
        let rest = &text[at..range.end];
        let separator = [", and ", ", ", "; and ", "; ", ",", ";", " and ", "\n"]
            .iter()
            .find(|s| rest.starts_with(**s));
        match separator {
            Some(s) => {
                push(text, start..at, &mut out);
                at += s.len();
                start = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    push(text, start..range.end, &mut out);
    out
}

fn push(text: &str, range: Range<usize>, out: &mut Vec<Range<usize>>) {
    let body = &text[range.clone()];
    let trimmed = body.trim_matches(|c: char| !c.is_alphanumeric() && c != ')' && c != '(');
    let start = range.start
        + (body.len()
            - body
                .trim_start_matches(|c: char| !c.is_alphanumeric() && c != '(')
                .len());
    let lead = ["and ", "in ", "also "]
        .iter()
        .find(|s| trimmed.starts_with(**s))
        .map_or(0, |s| s.len());
    let range = start + lead..start + trimmed.len();
    let words = text[range.clone()].split(' ').count();
    if range.len() > 2 && words <= 8 && match_words(text, range.start, "none").is_none() {
        out.push(range);
    }
}

fn states(prose: &Prose, range: &Range<usize>, vocabulary: &Vocabulary, reviewer: &mut Reviewer) {
    let text = &prose.text[..range.end];
    let mut at = range.start;
    while at < range.end {
        let boundary = at == range.start || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
        match boundary.then(|| vocabulary.state_at(text, at)).flatten() {
            Some((code, end)) => {
                let found: Found<&'static str> = prose.found(code, &(at..end));
                if !reviewer.licensure_states.iter().any(|s| s.value == code) {
                    reviewer.licensure_states.push(found);
                }
                at = end;
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
}
