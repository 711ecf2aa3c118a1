//! The title of a citation.

use super::cues::{Cue, Sentence};
use super::pages::page_phrases;
use std::ops::Range;

/// The chapter or section words of a citation, without "Decision based on" and pages.
pub fn title(sentence: &Sentence, range: &Range<usize>) -> String {
    let text = &sentence.prose.text[..said_from(sentence, range)];
    let lead_ins = sentence
        .within(range)
        .filter(|c| matches!(c.value, Cue::BasedOn | Cue::NonMtus));
    let mut cuts: Vec<Range<usize>> = lead_ins.map(|c| c.start..c.end).collect();
    cuts.extend(page_phrases(sentence, range));
    cuts.sort_unstable_by_key(|cut| cut.start);
    let mut out = String::with_capacity(range.len());
    let mut at = range.start;
    for cut in cuts {
        out.push_str(text.get(at..cut.start.min(text.len())).unwrap_or(""));
        at = at.max(cut.end);
    }
    out.push_str(text.get(at..).unwrap_or(""));
    let mut trimmed = String::with_capacity(out.len());
    for word in out.split_ascii_whitespace() {
        // What stood between a name and its comma or parenthesis is gone.
        let comma = word.starts_with(',') && trimmed.ends_with(',');
        let word = if comma { &word[1..] } else { word };
        if word.starts_with("()") && !word[2..].starts_with(|c: char| c.is_alphanumeric()) {
            trimmed.push_str(&word[2..]);
            continue;
        }
        if word.starts_with([')', ';']) && trimmed.ends_with(',') {
            trimmed.pop();
        } else if !(trimmed.is_empty() || word.is_empty() || word.starts_with(',')) {
            trimmed.push(' ');
        }
        trimmed.push_str(word);
    }
    let mut end = trimmed
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '.' | ':' | '-'));
    for tail in [
        " and",
        " and on",
        " and on the",
        " and the",
        ", and",
        " which is",
        " which are",
        " and Non-MTUS",
    ] {
        end = end
            .strip_suffix(tail)
            .unwrap_or(end)
            .trim_end_matches([',', ';', ' ']);
    }
    end.strip_prefix("the ").unwrap_or(end).to_owned()
}

/// Where what is only said of the guideline begins ("…, which is part of the MTUS"), else the end of `range`.
fn said_from(sentence: &Sentence, range: &Range<usize>) -> usize {
    let text = &sentence.prose.text[..range.end];
    let begins = |at: usize| {
        let (before, from) = text.split_at(at);
        let before = before.get(range.start..)?;
        if before.ends_with(", ") && (from.starts_with("all part") || from.starts_with("as part")) {
            return Some(at - 2);
        }
        let which = from.starts_with("which is") || from.starts_with("which are");
        (which && before.ends_with(' ')).then_some(at - 1)
    };
    sentence
        .within(range)
        .filter(|c| c.value == Cue::Said)
        .find_map(|c| begins(c.start))
        .unwrap_or(range.end)
}
