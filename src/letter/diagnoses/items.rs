//! A list of diagnoses cut into its items.

use super::mark_of;
use crate::letter::summary::LISTS;
use crate::vocabulary::Vocabulary;
use std::ops::Range;

/// The items of "1) …; 2) …", "1. … 2. …", "(1) … (2) …"; empty if the list has no numbers.
pub fn numbered(text: &str, list: &Range<usize>) -> Vec<Range<usize>> {
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
        let Some(len) = mark_of(rest, next) else {
            continue;
        };
        // An item of a list with figures may end with a letter ("hepatitis B.").
        let is_alike = |first: usize| has_figure(&text[first..]) == has_figure(rest);
        if starts.first().is_none_or(|(first, _)| is_alike(*first)) {
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

/// Whether the mark of an item that `text` begins with is a figure.
fn has_figure(text: &str) -> bool {
    text.trim_start_matches('(')
        .starts_with(|c: char| c.is_ascii_digit())
}

/// The items of a list without numbers. `labelled`: the list is one of several that each have a label of their own.
pub fn semicolons(
    text: &str,
    list: &Range<usize>,
    labelled: bool,
    vocabulary: &Vocabulary,
) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let pieces = cut(text, list.clone(), &[";", "\n"]);
    let body = &text[list.clone()];
    // "post-laminectomy syndrome / depression / insomnia"
    let slashes = body.matches(" / ").count();
    if pieces.len() == 1 && (slashes > 1 || slashes == 1 && !body.contains(',')) {
        let mut at = list.start;
        let parts = body.split(" / ").map(|part| {
            let range = at..at + part.len();
            at = range.end + 3;
            range
        });
        return parts.collect();
    }
    // Of a line an item is all.
    if pieces.len() > 1 && !body.contains(';') {
        return pieces;
    }
    let parted = labelled || pieces.len() > 1;
    for piece in pieces {
        if let Some(items) = coded(text, &piece) {
            let apart = |item| with_uncoded(text, item, vocabulary);
            out.extend(items.into_iter().flat_map(apart));
            continue;
        }
        let piece = without_and(text, piece);
        commas(text, piece, parted, vocabulary, &mut out);
    }
    out
}

/// The items of a list in which each ends with its code: "sprain, right knee (844.9) and strain, right calf (844.8)".
fn coded(text: &str, range: &Range<usize>) -> Option<Vec<Range<usize>>> {
    let body = &text[range.clone()];
    let mut out = Vec::new();
    let mut start = range.start;
    for at in memchr::memchr_iter(b')', body.as_bytes()) {
        let end = range.start + at + 1;
        if ends_with_code(&body[..=at]) {
            out.push(start..end);
            start = end + text[end..range.end].len()
                - text[end..range.end].trim_start_matches([',', ';']).len();
        }
    }
    let is_all = text[start..range.end]
        .trim_matches(['.', ' ', '"', '”'])
        .is_empty();
    (is_all && out.len() > 1).then_some(out)
}

/// An item that ends with its code, and those without a code that stand before it.
fn with_uncoded(text: &str, item: Range<usize>, vocabulary: &Vocabulary) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for piece in cut(text, item, &[","]) {
        let words = text[piece.clone()].trim();
        let begins = |before: &Range<usize>| {
            words.starts_with("and ")
                || vocabulary.names_diagnosis(&text[before.clone()])
                    && vocabulary.names_diagnosis(words)
                    && !vocabulary.qualifies_diagnosis(words)
        };
        match out.last_mut() {
            Some(last) if !begins(last) => last.end = piece.end,
            _ => out.push(piece),
        }
    }
    out
}

/// Whether the code of a diagnosis in parentheses stands last: "(836.0)", "(M51.17)".
fn ends_with_code(text: &str) -> bool {
    let code = text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('));
    code.is_some_and(|(_, code)| is_code(code))
}

/// Whether a word is the code of a diagnosis (ICD-9, ICD-10).
fn is_code(word: &str) -> bool {
    let of_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '.';
    (3..=8).contains(&word.len())
        && word.chars().all(of_code)
        && word.bytes().filter(u8::is_ascii_digit).count() >= 2
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
        let whole = text[piece.clone()].trim_start().len();
        let piece = without_and(text, piece);
        let words = text[piece.clone()].trim();
        if words.is_empty() {
            continue;
        }
        // "…, and fasciculations": the last of a list is a diagnosis, whether its word is known or not.
        let is_last = !parted && piece.len() < whole && !vocabulary.begins_as_qualifier(words);
        match &mut open {
            // "sedative, hypnotic or anxiolytic use disorder": what has named nothing yet goes on.
            Some(item)
                if is_unfinished(&text[item.clone()], vocabulary)
                    || !is_last && vocabulary.qualifies_diagnosis(words)
                    || is_code(words)
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

/// An item without the marks and words around it; `None` if nothing is left.
pub fn tidy(text: &str, range: Range<usize>) -> Option<Range<usize>> {
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
    let verb = places(trimmed, " w").find(|at| is_said_of_list(&trimmed[at + 1..]));
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

/// Whether `text` begins with what is said of a list ("were given").
fn is_said_of_list(text: &str) -> bool {
    let said = text.strip_prefix("were ").or(text.strip_prefix("was "));
    let word = said.and_then(|said| said.split(|c: char| !c.is_alphanumeric()).next());
    word.is_some_and(|word| LISTS.after_list.has_word(word))
}
