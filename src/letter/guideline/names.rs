//! The guidelines that a sentence names.

use super::cues::{Cue, Sentence};
use super::lists::LISTS;
use crate::letter::model::GuidelineSource;
use crate::letter::words::without_end;
use crate::vocabulary::Vocabulary;
use std::ops::Range;

/// A guideline's name in a sentence.
pub struct Anchor {
    /// Bytes of the prose.
    pub at: usize,
    pub end: usize,
    pub source: GuidelineSource,
    /// "which is part of the MTUS": tells the source of what precedes it.
    pub trailing: bool,
}

/// The guideline names in a sentence, in order, without those that name the MTUS to deny it.
pub fn anchors(sentence: &Sentence, vocabulary: &Vocabulary) -> Vec<Anchor> {
    let text = sentence.prose.text.as_str();
    let Sentence { range, runs, .. } = sentence;
    let bounded = &text[..range.end];
    let denials = sentence.cues.iter();
    let mut denials = denials
        .filter(|c| matches!(c.value, Cue::Denied | Cue::NonMtus))
        .peekable();
    // Names come in order, so that what ends before one is not looked at again.
    let mut denied = |name: Range<usize>| {
        while denials.next_if(|c| c.end <= name.start).is_some() {}
        denials.peek().is_some_and(|c| c.start < name.end)
    };
    let mut out: Vec<Anchor> = Vec::new();
    let mut past = range.start;
    for (i, run) in runs.iter().enumerate() {
        let at = run.start as usize;
        if at < past {
            continue;
        }
        let named = vocabulary
            .guideline_at(bounded, &runs[i..])
            .and_then(|(source, end)| Some((GuidelineSource::from_text(source)?, end)));
        let Some((source, end)) = named else {
            continue;
        };
        past = end;
        if !denied(at..end) && !is_in_address(&text[range.start..at]) {
            let trailing = source == GuidelineSource::Mtus && is_part_of(&text[range.start..at]);
            let echo = out
                .last()
                .is_some_and(|last| last.trailing && last.end + 3 >= at);
            out.push(Anchor {
                at,
                end,
                source,
                trailing: trailing || echo,
            });
        }
    }
    // "Non-MTUS Citation Some Society's Paper": the paper is no guideline of the table.
    let papers = sentence.cues.iter().filter(|c| c.value == Cue::NonMtus);
    let mut others = Vec::new();
    for cue in papers {
        let next = out.partition_point(|a| a.at < cue.end);
        let next = out.get(next).map_or(range.end, |a| a.at);
        let words = text[cue.end..next].split_whitespace();
        let words = words.filter(|w| w.len() > 2).take(7).count();
        if words >= 2 && (next == range.end || words > 6) {
            let sign = text[cue.end..].chars().next().map_or(0, char::len_utf8);
            others.push(Anchor {
                at: cue.end + sign,
                end: cue.end + sign,
                source: GuidelineSource::Other,
                trailing: false,
            });
        }
    }
    out.extend(others);
    out.sort_by_key(|a| a.at);
    out
}

/// Whether what follows is part of an address on the web.
fn is_in_address(before: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or("");
    word.contains("://") || word.contains("www.")
}

/// Whether what stands before the name of the MTUS tells that something is part of it.
fn is_part_of(before: &str) -> bool {
    let before = before.trim_end_matches(|c: char| !c.is_alphanumeric());
    let before = before.strip_suffix(" California").unwrap_or(before);
    let before = before.strip_suffix(" CA").unwrap_or(before);
    let is_said = |said: &&str| without_end(before, said).is_some_and(|rest| !rest.is_empty());
    LISTS.part_of.iter().any(is_said)
}
