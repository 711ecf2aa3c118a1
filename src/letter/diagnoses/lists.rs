//! Where the diagnoses are listed.

use super::ordinal;
use crate::letter::dates;
use crate::letter::phrases::Phrases;
use crate::letter::prose::Prose;
use crate::letter::words::list_number;
use std::ops::Range;
use std::sync::LazyLock;

/// Words that open a list of diagnoses, as [`match_words`] reads them, and how plainly they do: of
/// several in a summary the plainest wins.
const OPENINGS: &[(&str, u8)] = &[
    ("diagnoses", 3),
    ("diagnosis", 3),
    ("dx", 3),
    ("diagnostic impression", 3),
    ("impression", 2),
    ("impressions", 2),
    ("assessment", 2),
    ("problem list", 3),
    ("problems", 2),
    ("axis i", 3),
    ("icd codes", 2),
    ("icd 9 codes", 2),
    ("icd 10 codes", 2),
    ("icd 9", 2),
    ("icd 10", 2),
    ("being treated for", 1),
    ("is followed for", 1),
    ("is treated for", 1),
    ("undergoing treatment for", 1),
    ("receiving treatment for", 1),
    ("under treatment for", 1),
    ("being followed for", 1),
    ("been followed for", 1),
    ("been followed since for", 1),
    ("being seen for", 1),
    ("under care for", 1),
    ("carries the diagnoses of", 3),
    ("diagnosed with", 1),
    ("diagnosed as having", 1),
    ("diagnosed as", 1),
];

static PHRASES: LazyLock<Phrases<u8>> = LazyLock::new(|| Phrases::new(OPENINGS.iter().copied()));

/// Words that may stand between an opening and its list ("Diagnoses listed on 8/10/15 are …").
const BETWEEN: &[&str] = &[
    "include",
    "includes",
    "included",
    "including",
    "are",
    "is",
    "were",
    "was",
    "have",
    "has",
    "been",
    "listed",
    "as",
    "of",
    "on",
    "in",
    "at",
    "this",
    "visit",
    "that",
    "date",
    "the",
    "following",
    "follows",
    "to",
    "be",
    "given",
    "noted",
    "remain",
    "remains",
    "that",
    "having",
    "with",
    "for",
    "from",
    "by",
    "treating",
    "provider",
    "physician",
    "current",
    "working",
    "carried",
    "included:",
    "report",
    "treated",
    "made",
    "consist",
    "consists",
    "consisted",
    "comprise",
    "comprises",
    "reads",
    "read",
    "names",
    "contains",
    "shows",
    "forward",
    "reports",
    "records",
    "record",
    "notes",
    "note",
    "chart",
    "lists",
    "list",
    "established",
    "accepted",
    "reported",
    "recorded",
    "documented",
    "entered",
    "stated",
    "shown",
    "pr-2",
    "pr2",
    "qme",
    "ame",
    "examination",
    "exam",
];

/// Where the plainest list of diagnoses stands; several where each has its own label ("Dx: … Dx: …").
pub fn lists(prose: &Prose, range: &Range<usize>) -> Vec<Range<usize>> {
    let (text, runs) = (&prose.text[..range.end], prose.runs(range));
    let mut best: Vec<(u8, Range<usize>)> = Vec::new();
    let mut past = range.start;
    for (i, run) in runs.iter().enumerate() {
        let at = run.start as usize;
        if at < past {
            continue;
        }
        // "A: 1. …; P: …": the assessment in the shorthand of progress notes.
        let shorthand = text[at..]
            .starts_with("A: ")
            .then_some(at + 1)
            .filter(|end| list_number(&text[end + 2..]) > 0);
        let phrase = || PHRASES.at(&runs[i..]).next().map(|p| (p.value, p.end));
        let Some((plain, end)) = shorthand.map(|end| (2, end)).or_else(phrase) else {
            continue;
        };
        let denied = ["no ", "without a ", "No "]
            .iter()
            .any(|n| text[range.start..at].ends_with(n));
        past = end;
        if denied {
            continue;
        }
        // Of lists as plain the first is taken, but for those that each have a label.
        if best
            .last()
            .is_some_and(|(p, _)| *p > plain || *p == plain && plain != 3)
        {
            continue;
        }
        let Some(start) = start_of_list(text, end, range.end, plain) else {
            continue;
        };
        let list = start..end_of_list(prose, start, range.end);
        match best.last() {
            None => best.push((plain, list)),
            Some((p, _)) if *p < plain => best = vec![(plain, list)],
            Some((p, last)) if *p == plain && plain == 3 && follows(text, last, end) => {
                best.push((plain, list))
            }
            Some(_) => continue,
        }
        past = best.last().map_or(end, |(_, list)| list.end.max(end));
    }
    best.into_iter().map(|(_, list)| list).collect()
}

/// Whether nothing stands between a list and the next label, which ends at byte `label_end`.
fn follows(text: &str, list: &Range<usize>, label_end: usize) -> bool {
    text.get(list.end..label_end)
        .is_some_and(|between| between.split_whitespace().take(3).count() <= 2)
}

/// The byte at which the list begins, if what follows the opening leads into one.
fn start_of_list(text: &str, mut at: usize, end: usize, plain: u8) -> Option<usize> {
    let mut linked = plain == 1;
    for _ in 0..10 {
        let rest = &text[at..end];
        let before = at;
        at += rest.len() - rest.trim_start_matches([' ', '\n', '-', '–', '*']).len();
        let rest = &text[at..end];
        if rest.len() != text[before..end].len() && text[before..at].contains(['-', '–']) {
            linked = true;
        }
        if let Some(r) = rest.strip_prefix([':', ',']) {
            linked |= rest.starts_with(':');
            at = end - r.len();
            if linked {
                return Some(at);
            }
            continue;
        }
        if list_number(rest) > 0 && (linked || ordinal(rest) == Some(1)) {
            return Some(at);
        }
        if let Some(date) = dates::date_at(&text[..end], at) {
            at = date.range.end;
            continue;
        }
        let len = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '-'))
            .unwrap_or(rest.len());
        let word = rest[..len].to_ascii_lowercase();
        if len == 0 || !BETWEEN.contains(&word.as_str()) {
            return linked.then_some(at);
        }
        linked |= matches!(
            word.as_str(),
            "include"
                | "includes"
                | "included"
                | "including"
                | "are"
                | "is"
                | "were"
                | "was"
                | "of"
                | "following"
                | "remain"
                | "remains"
                | "been"
                | "consist"
                | "consists"
                | "consisted"
                | "comprise"
                | "comprises"
                | "reads"
                | "read"
                | "names"
                | "contains"
                | "shows"
        );
        at += len;
    }
    None
}

/// Bytes that no list of diagnoses is longer than.
const LONGEST_LIST: usize = 8_000;

/// A list in prose ends with its sentence; a numbered one with its last number's item.
fn end_of_list(prose: &Prose, start: usize, end: usize) -> usize {
    let text = prose.text.as_str();
    let end = (start..=end.min(start + LONGEST_LIST))
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(start);
    let rest = &text[start..end];
    let lead = rest.len() - rest.trim_start().len();
    let numbered = list_number(rest.trim_start()) > 0;
    let mut at = start;
    let mut expected = 1u32;
    for sentence in prose.sentences(&(start..end)).map(|s| s.range) {
        let body = &text[sentence.clone()];
        if numbered {
            let continues = list_number(body) > 0 && ordinal(body) == Some(expected)
                || sentence.start == start + lead;
            if !continues {
                // "…; (2) …" stays in the sentence of its first item.
                break;
            }
            expected += 1;
            at = sentence.end;
            if !body.ends_with('.') || body.ends_with("..") {
                continue;
            }
            // The full stop of the last item ends the list unless the next number follows.
            let next = text[sentence.end..end].trim_start();
            if list_number(next) == 0 {
                break;
            }
        } else {
            return sentence.end;
        }
    }
    at.max(start)
}
