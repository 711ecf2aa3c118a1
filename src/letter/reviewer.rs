//! The reviewer's credentials, from the list ("State(s) of Licensure: …") or from prose ("Board
//! Certified in …, has a subspecialty in … and is licensed to practice in …").

use super::model::{Found, Reviewer};
use super::phrases::Phrases;
use super::prose::Prose;
use super::words::match_words;
use crate::vocabulary::Vocabulary;
use crate::vocabulary::roles::WordTable;
use std::ops::Range;

/// What introduces credentials.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Opening {
    /// Labels of the list.
    States,
    Specialties,
    /// Phrases of prose.
    Certified,
    Licensed,
}

const TABLE: &str = include_str!("../../data/vocabulary/credential_words.csv");

/// The words of `credential_words.csv`, each with its place in the table.
static OPENINGS: WordTable<Phrases<(Opening, usize)>> = WordTable::new(TABLE, |table| {
    let roles = [
        ("states", Opening::States),
        ("specialties", Opening::Specialties),
        ("certified", Opening::Certified),
        ("licensed", Opening::Licensed),
    ];
    let all = table.values(&roles).enumerate();
    Phrases::new(all.map(|(place, (phrase, opening))| (phrase, (opening, place))))
});

/// Reads the credentials in `part`; `None` where none are stated.
pub fn read(prose: &Prose, part: &Range<usize>, vocabulary: &Vocabulary) -> Option<Reviewer> {
    let text = &prose.text[..part.end];
    let openings = OPENINGS.find(prose.runs(part));
    let all = |opening| openings.iter().filter(move |o| o.value.0 == opening);
    // The end of the first label with its colon.
    let label = |opening| all(opening).find_map(|o| colon(text, o.end));
    let mut reviewer = Reviewer::default();
    if let Some(end) = label(Opening::States) {
        let line = line_from(text, end);
        states(prose, &line, vocabulary, &mut reviewer);
    }
    if let Some(end) = label(Opening::Specialties) {
        for piece in listed(text, line_from(text, end), vocabulary) {
            reviewer
                .specialties
                .push(prose.found(vocabulary.specialty_name(&text[piece.clone()]), &piece));
        }
    }
    if reviewer.specialties.is_empty() {
        for opening in all(Opening::Certified) {
            for piece in listed(text, clause(text, opening.end), vocabulary) {
                let name = prose.found(vocabulary.specialty_name(&text[piece.clone()]), &piece);
                if !reviewer.specialties.iter().any(|s| s.span == name.span) {
                    reviewer.specialties.push(name);
                }
            }
        }
        reviewer.specialties.sort_by_key(|s| s.span);
    }
    // Of several phrases the one counts that stands first in the table.
    let licensed = all(Opening::Licensed).min_by_key(|o| (o.value.1, o.start));
    if reviewer.licensure_states.is_empty()
        && let Some(licensed) = licensed
    {
        let sentence = sentence_from(text, licensed.end);
        states(prose, &sentence, vocabulary, &mut reviewer);
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
        let separator = [
            ", and ", ", ", "; and ", "; ", ",", ";", " and ", " & ", "\n",
        ]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vocabulary_of_credentials() {
        OPENINGS.check_values(|row, what| {
            let prose = Prose::new(row["example"], |_| false);
            let all = 0..prose.text.len();
            let reviewer = read(&prose, &all, Vocabulary::get())?;
            let states = reviewer.licensure_states.iter().map(|s| s.value);
            let specialties = reviewer.specialties.iter().map(|s| s.value.as_str());
            // The examples of specialties name no states.
            let found: Vec<&str> = match what {
                "states" => states.collect(),
                "specialties" if states.len() == 0 => specialties.collect(),
                _ => panic!("{}: gives {what}", row["example"]),
            };
            Some(found.join("; ")).filter(|found| !found.is_empty())
        });
    }
}
