//! Where the diagnoses are listed.

use super::{mark, mark_of, ordinal};
use crate::letter::dates;
use crate::letter::prose::Prose;
use crate::letter::summary::{LISTS, Plainness};
use crate::letter::words::list_number;
use crate::vocabulary::Vocabulary;
use std::ops::Range;

/// Words without a meaning of their own that may stand between an opening and its list.
const BETWEEN: &[&str] = &[
    "have", "has", "as", "on", "in", "at", "this", "that", "the", "to", "be", "having", "with",
    "for", "from", "by", "per",
];

/// Where the plainest list of diagnoses stands; several where each has its own label ("Dx: … Dx: …"), or none has one.
pub fn lists(prose: &Prose, range: &Range<usize>, vocabulary: &Vocabulary) -> Vec<Range<usize>> {
    let (text, runs) = (&prose.text[..range.end], prose.runs(range));
    let openings = &LISTS.openings;
    let mut best: Vec<(Plainness, Range<usize>)> = Vec::new();
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
        let phrase = || {
            let opening = openings.at(&runs[i..]).next()?;
            match opening.value {
                Plainness::IfMarked => {
                    is_marked(&text[opening.end..]).then_some((Plainness::IfKnown, opening.end))
                }
                plain => Some((plain, opening.end)),
            }
        };
        let Some((plain, end)) = shorthand
            .map(|end| (Plainness::Usually, end))
            .or_else(phrase)
        else {
            continue;
        };
        let before = &text[range.start..at];
        let denied = ["no ", "without a ", "No "]
            .iter()
            .any(|n| before.ends_with(n))
            || before.ends_with(" a ") && opens_with_nothing(before);
        past = end;
        if denied {
            continue;
        }
        // Of lists as plain the first is taken, but for those that each have a label, or none of which has one.
        let may_be_several = matches!(plain, Plainness::IfKnown | Plainness::Plainly);
        let is_passed = |p: Plainness| p > plain || p == plain && !may_be_several;
        if best.last().is_some_and(|(p, _)| is_passed(*p)) {
            continue;
        }
        let Some(start) = start_of_list(text, end, range.end, plain) else {
            continue;
        };
        let list = start..end_of_list(prose, start, range.end);
        let says_that = || text[end..start].contains(" that ");
        if plain == Plainness::IfKnown
            && (says_that() || !vocabulary.names_diagnosis(first_item(&text[list.clone()])))
        {
            continue;
        }
        match best.last() {
            None => best.push((plain, list)),
            Some((p, _)) if *p < plain => best = vec![(plain, list)],
            Some((_, last)) if plain == Plainness::IfKnown || follows(text, last, end) => {
                best.push((plain, list))
            }
            Some(_) => continue,
        }
        past = best.last().map_or(end, |(_, list)| list.end.max(end));
    }
    best.into_iter().map(|(_, list)| list).collect()
}

/// Whether the sentence that `text` ends in begins with "nothing" ("nothing that could be called a diagnosis").
fn opens_with_nothing(text: &str) -> bool {
    let sentence = text.rsplit(". ").next().unwrap_or(text);
    sentence
        .trim_start()
        .get(..7)
        .is_some_and(|word| word.eq_ignore_ascii_case("nothing"))
}

/// What stands before the first mark that parts items.
fn first_item(list: &str) -> &str {
    let list = list.trim_start();
    let list = &list[mark(list)..];
    let end = list.find([',', ';', '(', '\n']);
    &list[..end.unwrap_or(list.len())]
}

/// Whether nothing stands between a list and the next label, which ends at byte `label_end`.
fn follows(text: &str, list: &Range<usize>, label_end: usize) -> bool {
    text.get(list.end..label_end)
        .is_some_and(|between| between.split_whitespace().take(3).count() <= 2)
}

/// The byte at which the list begins, if what follows the opening leads into one.
fn start_of_list(text: &str, mut at: usize, end: usize, plain: Plainness) -> Option<usize> {
    let mut linked = plain <= Plainness::InProse;
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
        if let Some(label_end) = aside_before_colon(rest) {
            return Some(at + label_end);
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
        let links = LISTS.links.has_word(&word);
        let known = || BETWEEN.contains(&word.as_str()) || LISTS.before_list.has_word(&word);
        if !links && !known() {
            return linked
                .then_some(at)
                .or_else(|| Some(at + marked_after_colon(rest)?));
        }
        linked |= links;
        at += len;
    }
    None
}

/// Whether a colon or the mark of a first item stands at the beginning.
fn is_marked(rest: &str) -> bool {
    let rest = rest.trim_start_matches(' ');
    rest.starts_with(':') || mark_of(rest, 1).is_some()
}

/// Behind the colon that a first item's mark follows, with few words before it ("Dx per podiatry 7/6/15: 1) …").
fn marked_after_colon(rest: &str) -> Option<usize> {
    let colon = rest.bytes().take(40).position(|b| b == b':')?;
    let is_label = !rest[..colon].contains(['.', ';', '\n']);
    let list = rest[colon + 1..].trim_start();
    (is_label && mark_of(list, 1).is_some()).then_some(colon + 1)
}

/// Behind the colon of "Diagnoses (ICD-9): …".
fn aside_before_colon(rest: &str) -> Option<usize> {
    let aside = rest.strip_prefix('(')?;
    let close = aside.bytes().take(40).position(|b| b == b')')?;
    let colon = close + 2;
    rest[colon..].starts_with(':').then_some(colon + 1)
}

/// Whether a line is an item of a list without marks: a few words, no sentence and no label.
fn is_item(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty()
        && !line.ends_with(['.', ':'])
        && !line.contains(". ")
        && line.split(' ').count() <= 12
}

/// Bytes that no list of diagnoses is longer than.
const LONGEST_LIST: usize = 8_000;

/// A list in prose ends with its sentence; a numbered one with its last number's item, one with a bullet before each item
/// with the last bullet's.
fn end_of_list(prose: &Prose, start: usize, end: usize) -> usize {
    let text = prose.text.as_str();
    let end = (start..=end.min(start + LONGEST_LIST))
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(start);
    let rest = &text[start..end];
    let lead = rest.len() - rest.trim_start().len();
    let numbered = mark(rest.trim_start()) > 0;
    let before = text[..start].strip_suffix(' ').unwrap_or("");
    let bullets = [before.chars().next_back(), rest.trim_start().chars().next()];
    let bullet = bullets
        .into_iter()
        .flatten()
        .find(|c| matches!(c, '-' | '–' | '•' | '*'));
    if !numbered && bullet.is_none() && rest.starts_with('\n') {
        let lines = rest[1..].split_inclusive('\n');
        let length: usize = lines.take_while(|line| is_item(line)).map(str::len).sum();
        if length > 0 {
            return start + 1 + rest[1..][..length].trim_end().len();
        }
    }
    let mut at = start;
    let mut expected = 1u32;
    for sentence in prose.sentences(&(start..end)).map(|s| s.range) {
        let body = &text[sentence.clone()];
        if numbered {
            let continues = mark_of(body, expected).is_some() || sentence.start == start + lead;
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
            if mark(next) == 0 {
                break;
            }
        } else if let Some(bullet) = bullet
            && text[sentence.end..end].trim_start().starts_with(bullet)
        {
            at = sentence.end;
        } else {
            return sentence.end;
        }
    }
    at.max(start)
}
