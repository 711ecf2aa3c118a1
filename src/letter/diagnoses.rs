//! The diagnoses as the clinical summary lists them: numbered, with semicolons, or in prose.

use super::model::Found;
use super::phrases::Phrases;
use super::prose::Prose;
use super::words::list_number;
use crate::vocabulary::Vocabulary;
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

/// The diagnoses in the clinical summary `range`.
pub fn read(prose: &Prose, range: &Range<usize>, vocabulary: &Vocabulary) -> Vec<Found<String>> {
    let text = &prose.text[..range.end];
    let mut items = Vec::new();
    let lists = lists(prose, range);
    let labelled = lists.len() > 1;
    for list in lists {
        let numbered = numbered(text, &list);
        items.extend(if numbered.is_empty() {
            semicolons(text, &list, labelled, vocabulary)
        } else {
            numbered
        });
    }
    items
        .into_iter()
        .filter_map(|r| tidy(text, r))
        .map(|r| prose.verbatim(&r))
        .collect()
}

/// Where the plainest list of diagnoses stands; several where each has its own label ("Dx: … Dx: …").
fn lists(prose: &Prose, range: &Range<usize>) -> Vec<Range<usize>> {
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
        if let Some(date) = super::dates::date_at(&text[..end], at) {
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

/// The items of "1) …; 2) …", "1. … 2. …", "(1) … (2) …"; empty if the list has no numbers.
fn numbered(text: &str, list: &Range<usize>) -> Vec<Range<usize>> {
    let mut starts: Vec<(usize, usize)> = Vec::new();
    let mut past = list.start;
    let mut next = 1u32;
    let bytes = text.as_bytes();
    for at in list.clone() {
        let boundary =
            at == list.start || matches!(bytes[at - 1], b' ' | b'\n' | b';' | b',' | b'.' | b':');
        if at < past || !boundary {
            continue;
        }
        let rest = &text[at..list.end];
        let len = list_number(rest);
        if len > 0 && ordinal(rest) == Some(next) {
            starts.push((at, at + len));
            next += 1;
            past = at + len;
        }
    }
    if starts.is_empty() || !text[list.start..starts[0].0].trim().is_empty() {
        return Vec::new();
    }
    (0..starts.len())
        .map(|i| starts[i].1..starts.get(i + 1).map_or(list.end, |s| s.0))
        .collect()
}

/// The place in its list of the item that a mark opens: 2 for "2.", "(2)", "b)".
fn ordinal(mark: &str) -> Option<u32> {
    let mark = mark.trim_start_matches('(');
    match mark.chars().next()? {
        c if c.is_ascii_digit() => mark
            .chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .ok(),
        c if c.is_ascii_lowercase() => Some(u32::from(c) - u32::from('a') + 1),
        _ => None,
    }
}

/// `labelled`: the list is one of several that each have a label of their own.
fn semicolons(
    text: &str,
    list: &Range<usize>,
    labelled: bool,
    vocabulary: &Vocabulary,
) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut pieces = cut(text, list.clone(), &[";", "\n"]);
    // "post-laminectomy syndrome / depression / insomnia"
    let body = &text[list.clone()];
    if pieces.len() == 1 && body.split(" / ").count() > 1 && !body.contains(',') {
        let mut at = list.start;
        pieces = body
            .split(" / ")
            .map(|piece| {
                let range = at..at + piece.len();
                at = range.end + 3;
                range
            })
            .collect();
    }
    let parted = labelled || pieces.len() > 1;
    for piece in pieces {
        let piece = without_and(text, piece);
        commas(text, piece, parted, vocabulary, &mut out);
    }
    out
}

fn without_and(text: &str, range: Range<usize>) -> Range<usize> {
    let body = &text[range.clone()];
    let lead = body.len() - body.trim_start().len();
    let and = ["and ", "& "]
        .iter()
        .find(|a| body[lead..].starts_with(**a))
        .map_or(0, |a| a.len());
    range.start + lead + and..range.end
}

/// Cuts at commas (and at "and") where a new diagnosis begins, not where a qualifier follows.
/// In a list parted by semicolons a history after a comma ("…, status post fusion") belongs to what it follows.
fn commas(
    text: &str,
    range: Range<usize>,
    parted: bool,
    vocabulary: &Vocabulary,
    out: &mut Vec<Range<usize>>,
) {
    let mut open: Option<Range<usize>> = None;
    for piece in cut(text, range, &[","]) {
        let piece = without_and(text, piece);
        let words = text[piece.clone()].trim();
        if words.is_empty() {
            continue;
        }
        match &mut open {
            // "sedative, hypnotic or anxiolytic use disorder": what has named nothing yet goes on.
            Some(item)
                if is_unfinished(&text[item.clone()], vocabulary)
                    || vocabulary.qualifies_diagnosis(words)
                    || parted && vocabulary.is_history(words) =>
            {
                item.end = piece.end;
            }
            Some(item) => {
                ands(text, item.clone(), vocabulary, out);
                open = Some(piece);
            }
            None => open = Some(piece),
        }
    }
    if let Some(item) = open {
        ands(text, item, vocabulary, out);
    }
}

/// A single word that names no diagnosis ("sedative, hypnotic or anxiolytic use disorder").
fn is_unfinished(item: &str, vocabulary: &Vocabulary) -> bool {
    item.split_whitespace().count() < 2 && !vocabulary.names_diagnosis(item)
}

fn ands(text: &str, range: Range<usize>, vocabulary: &Vocabulary, out: &mut Vec<Range<usize>>) {
    let body = &text[range.clone()];
    let all = [" and ", " & "];
    let may_be_two = all.iter().any(|and| places(body, and).next().is_some());
    if may_be_two && !vocabulary.is_one_diagnosis(body) {
        for and in all {
            for i in places(body, and) {
                let (left, right) = (&body[..i], &body[i + and.len()..]);
                if vocabulary.names_diagnosis(left)
                    && vocabulary.names_diagnosis(right)
                    && !vocabulary.qualifies_diagnosis(right)
                {
                    out.push(range.start..range.start + i);
                    return ands(
                        text,
                        range.start + i + and.len()..range.end,
                        vocabulary,
                        out,
                    );
                }
            }
        }
    }
    out.push(range);
}

/// Where `phrase`, which begins with a blank, stands in `text`.
fn places<'a>(text: &'a str, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
    memchr::memchr_iter(b' ', text.as_bytes()).filter(move |i| text[*i..].starts_with(phrase))
}

/// Cuts at any of `marks` outside parentheses.
fn cut(text: &str, range: Range<usize>, marks: &[&str]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let (mut start, mut depth) = (range.start, 0i32);
    for (i, c) in text[range.clone()].char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth <= 0 && marks.iter().any(|m| m.starts_with(c)) => {
                out.push(start..range.start + i);
                start = range.start + i + c.len_utf8();
            }
            _ => {}
        }
    }
    out.push(start..range.end);
    out
}

fn tidy(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let range = without_and(text, range);
    let body = &text[range.clone()];
    let junk = |c: char| {
        c.is_whitespace() || matches!(c, ';' | ',' | ':' | '"' | '“' | '”' | '*' | '-' | '•')
    };
    let lead = body.len() - body.trim_start_matches(junk).len();
    let mut trimmed = body
        .trim_matches(junk)
        .trim_end_matches(|c: char| c == '.' || junk(c));
    trimmed = trimmed
        .strip_suffix(" and")
        .unwrap_or(trimmed)
        .trim_end_matches(|c: char| c == '.' || junk(c));
    let start = range.start + lead;
    // "… and opioid dependence were given on 5/5/15"
    let verbs = [
        " were given",
        " were made",
        " were listed",
        " were noted",
        " was made",
        " was given",
    ];
    let verb = places(trimmed, " w").find(|at| verbs.iter().any(|v| trimmed[*at..].starts_with(v)));
    trimmed = &trimmed[..verb.unwrap_or(trimmed.len())];
    for article in ["a ", "an ", "the "] {
        if let Some(rest) = trimmed.strip_prefix(article) {
            let cut = trimmed.len() - rest.len();
            trimmed = rest;
            return (!trimmed.is_empty()).then(|| start + cut..start + cut + trimmed.len());
        }
    }
    (!trimmed.is_empty()).then(|| start..start + trimmed.len())
}
