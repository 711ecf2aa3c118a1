//! The pages that a citation names.

use super::cues::{Cue, Sentence};
use std::ops::Range;

/// The page ranges in `range`, in order.
pub fn pages(sentence: &Sentence, range: &Range<usize>) -> Vec<(i32, i32, Range<usize>)> {
    let bounded = &sentence.prose.text[..range.end];
    let mut out = Vec::new();
    let mut past = range.start;
    for cue in sentence.within(range) {
        if matches!(cue.value, Cue::Pages | Cue::GluedPages) && cue.start >= past {
            past = numbers(bounded, cue.end, &mut out);
            while let Some(at) = next_section(bounded, past)
                && let end = numbers(bounded, at, &mut out)
                && end > at
            {
                past = end;
            }
        }
    }
    out
}

/// Where the page of a further section stands ("Opioids, pages 80, 84; Weaning, 124"), after the pages that end at
/// byte `at`.
fn next_section(text: &str, at: usize) -> Option<usize> {
    let section = text.get(at..)?.strip_prefix("; ")?;
    let (title, page) = section.split_once(", ")?;
    let is_title = title.len() < LONGEST_SECTION
        && title.starts_with(char::is_uppercase)
        && !title.contains(['.', ';', ':']);
    let (_, digits) = number(page).filter(|(_, digits)| *digits <= 3 && is_title)?;
    let ends = page[digits..].trim_start_matches(['-', '–']);
    let ends = ends.trim_start_matches(|c: char| c.is_ascii_digit());
    (ends.is_empty() || ends.starts_with(['.', ';', ',', ')'])).then(|| text.len() - page.len())
}

/// Bytes that no title of a section is longer than.
const LONGEST_SECTION: usize = 80;

/// Reads "78, 80-81 and 86" from byte `at` on; returns the byte after.
fn numbers(text: &str, at: usize, out: &mut Vec<(i32, i32, Range<usize>)>) -> usize {
    let mut at = at;
    let mut any = false;
    loop {
        let rest = &text[at..];
        let mut skip = rest.len()
            - rest
                .trim_start_matches([' ', ':', ',', ';', '(', ')', '.', '&', '#', '\n'])
                .len();
        for word in ["and ", "to ", "page ", "pages "] {
            if any && rest[skip..].starts_with(word) {
                skip += word.len();
            }
        }
        // A full stop ends the list ("Page(s): 42. Decision").
        if any && rest[..skip].contains(". ") {
            return at;
        }
        let Some((first, len)) = number(&rest[skip..]) else {
            return at.max(if any { at } else { at + 1 }.min(text.len()));
        };
        let start = at + skip;
        let mut end = start + len;
        let mut last = first;
        let tail = &text[end..];
        let dash = tail.trim_start_matches(' ');
        let dash = ["-", "–", "—", "to ", "through ", "thru "]
            .iter()
            .find_map(|d| dash.strip_prefix(d));
        if let Some(rest) = dash {
            let rest_at = text.len() - rest.len();
            let lead = rest.len() - rest.trim_start_matches(' ').len();
            if let Some((second, len)) = number(&rest[lead..]) {
                // "102-3" is short for 102-103.
                last = if second < first && len < first.to_string().len() {
                    let scale = 10i32.pow(len as u32);
                    first / scale * scale + second
                } else {
                    second
                };
                end = rest_at + lead + len;
            }
        }
        if last < first {
            last = first;
        }
        out.push((first, last, start..end));
        any = true;
        at = end;
        // "Page 8 of 127" gives the length of the document.
        if let Some(rest) = text[at..].strip_prefix(" of ")
            && number(rest).is_some()
        {
            return text.len() - rest.len();
        }
        at = past_section(text, at);
        let next = text[at..].trim_start_matches(' ');
        if !(next.starts_with([',', ';', '&']) || next.starts_with("and ")) {
            return at;
        }
    }
}

/// Behind the section that a page is said to be of, where the list of pages goes on: "44 (fentanyl), 86 and 124".
fn past_section(text: &str, at: usize) -> usize {
    let behind = || {
        let section = text[at..].trim_start_matches(' ').strip_prefix('(')?;
        let close = section
            .bytes()
            .take(LONGEST_SECTION)
            .position(|b| b == b')')?;
        let rest = section[close + 1..].trim_start_matches(' ');
        let rest = ["and ", ", and ", ", ", "; "]
            .iter()
            .find_map(|sign| rest.strip_prefix(sign))?;
        number(rest).map(|_| text.len() - section.len() + close + 1)
    };
    behind().unwrap_or(at)
}

/// A page number at the start of `text`: not a year, an edition or a section.
fn number(text: &str) -> Option<(i32, usize)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    let after = text[len..].chars().next();
    let joined = matches!(after, Some(c) if c.is_alphabetic())
        || text[len..].starts_with("th ")
        || (after == Some('.') && text[len + 1..].starts_with(|c: char| c.is_ascii_digit()));
    if len == 0 || len > 4 || joined {
        return None;
    }
    text[..len].parse().ok().map(|n| (n, len))
}

/// The bytes of "Page(s): 78, 80", "pages 76-80 and 86" in a title.
pub fn page_phrases(sentence: &Sentence, range: &Range<usize>) -> Vec<Range<usize>> {
    let text = &sentence.prose.text[..range.end];
    let mut out = Vec::new();
    let mut past = range.start;
    for label in sentence.within(range).filter(|c| c.value == Cue::Pages) {
        if label.start < past {
            continue;
        }
        let mut found = Vec::new();
        let end = numbers(text, label.end, &mut found);
        if let Some((_, _, last)) = found.last() {
            out.push(label.start..last.end.max(end.min(text.len())));
            past = last.end;
        }
    }
    out
}
