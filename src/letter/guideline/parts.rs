//! The guidelines that a sentence cites, and what of it belongs to each.

use super::cues::{Cue, Sentence};
use super::lists::LISTS;
use super::names::{Anchor, anchors};
use crate::letter::model::GuidelineSource;
use crate::letter::words::contains_words;
use crate::vocabulary::Vocabulary;
use std::ops::Range;

/// What of a sentence cites one guideline.
pub struct Part {
    /// Bytes of the prose.
    pub range: Range<usize>,
    pub source: GuidelineSource,
}

/// The guidelines that a sentence cites, with the bytes that belong to each.
pub fn parts(sentence: &Sentence, first: bool, vocabulary: &Vocabulary) -> Vec<Part> {
    let text = sentence.prose.text.as_str();
    let anchors = anchors(sentence, vocabulary);
    if anchors.is_empty() {
        return unnamed(sentence, first).into_iter().collect();
    }
    if sentence.has(Cue::NothingCited) && !sentence.has(Cue::BasedOn) {
        return Vec::new();
    }
    // "found the guidelines used by the Claims Administrator relevant and appropriate" cites none.
    if sentence.has(Cue::OthersGuidelines)
        && !contains_words(sentence.text(), "based his her decision on")
    {
        return Vec::new();
    }
    let mut out: Vec<Part> = Vec::new();
    // Of the parts before, it has been told already.
    let mut told = 0;
    for anchor in &anchors {
        if anchor.trailing {
            // "A, pages 1-2, and B, page 3, which are part of the MTUS" tells of both, back to another's guideline.
            for part in out[told..]
                .iter_mut()
                .rev()
                .take_while(|p| matches!(p.source, GuidelineSource::Acoem | GuidelineSource::Mtus))
            {
                part.source = GuidelineSource::Mtus;
            }
            told = out.len();
            continue;
        }
        let joined = out.last().is_some_and(|last| belongs(text, last, anchor));
        match out.last_mut() {
            Some(last) if joined => {
                if anchor.source == GuidelineSource::Mtus {
                    last.source = GuidelineSource::Mtus;
                }
                last.range.end = anchor.end;
            }
            Some(last) => {
                last.range.end = anchor.at;
                out.push(Part {
                    range: anchor.at..anchor.end,
                    source: anchor.source,
                });
            }
            None => out.push(Part {
                range: anchor.at..anchor.end,
                source: anchor.source,
            }),
        }
    }
    if let Some(first) = out.first_mut() {
        first.range.start = first.range.start.min(lead(sentence, first.range.start));
    }
    if let Some(last) = out.last_mut() {
        last.range.end = sentence.range.end;
    }
    out
}

/// A chapter's name before its guideline ("Low Back Complaints (ACOEM Practice Guidelines, …)") is part of the title.
fn lead(sentence: &Sentence, anchor: usize) -> usize {
    let before = sentence.range.start..anchor;
    let first = |cue| sentence.within(&before).find(|c| c.value == cue);
    match first(Cue::BasedOn).or_else(|| first(Cue::DecisionOn)) {
        Some(cue) => cue.end,
        None if before.len() < 90 => before.start,
        // "page 42 and page 124 of the Chronic Pain Medical Treatment Guidelines"
        None if sentence.within(&before).any(|c| c.value == Cue::Pages) => before.start,
        None => anchor,
    }
}

/// Whether a further name belongs to the guideline before it: "MTUS ACOEM", "ODG" after its full name,
/// the society after its publication.
fn belongs(text: &str, last: &Part, anchor: &Anchor) -> bool {
    let between = &text[last.range.end.min(anchor.at)..anchor.at];
    if last.source == anchor.source
        && last.source != GuidelineSource::Mtus
        && last.source != GuidelineSource::Acoem
    {
        // A second chapter of one guideline, or its abbreviation.
        return last.source == GuidelineSource::Odg || between.len() < 60 && !between.contains(';');
    }
    let near = between.chars().filter(|c| c.is_alphanumeric()).count() == 0
        && !between.contains([';', ',']);
    match (last.source, anchor.source) {
        // "MTUS Chronic Pain …", "MTUS, ACOEM", "MTUS Low Back Complaints Chapter (ACOEM …)"
        (GuidelineSource::Mtus, GuidelineSource::Mtus) => {
            near || (!text[anchor.at..].starts_with("MTUS")
                && !contains_words(between, "and")
                && between.len() < 60)
        }
        (GuidelineSource::Mtus, GuidelineSource::Acoem) => {
            !has_pages(between)
                && !["and", "and the", "and on the", "and on"]
                    .iter()
                    .any(|a| between.trim_end().ends_with(a))
                && between.len() < 90
        }
        (GuidelineSource::Acoem, GuidelineSource::Acoem) => {
            between.len() < 60 && !contains_words(between, "and")
        }
        (GuidelineSource::Acoem, GuidelineSource::Mtus) => near,
        _ => false,
    }
}

fn has_pages(text: &str) -> bool {
    contains_words(text, "page") || contains_words(text, "pages")
}

/// Whether a text is worded as titles are: most of its longer words have capitals.
fn is_title(text: &str) -> bool {
    let long = || text.split_whitespace().filter(|w| w.len() > 3);
    let capitals = long().filter(|w| w.starts_with(|c: char| c.is_uppercase()));
    let (capitals, all) = (capitals.count(), long().count());
    capitals >= 4 && capitals * 3 >= all * 2
}

/// A source that no table names, where a decision is said to be based on it.
fn unnamed(sentence: &Sentence, first: bool) -> Option<Part> {
    let slice = sentence.text();
    if sentence.has(Cue::NothingCited) {
        return None;
    }
    let cited = sentence
        .cues
        .iter()
        .filter(|c| matches!(c.value, Cue::BasedOn | Cue::PartysDecision | Cue::NonMtus))
        .map(|c| c.end - sentence.range.start)
        .max();
    // Behind a label that said "based its decision on", the first sentence begins with its source.
    let source = slice.starts_with("the ")
        || slice.starts_with("The ") && contains_words(slice, "guideline")
        || contains_words(slice, "et al")
        || is_title(slice);
    let cited = cited.or((first && source).then_some(0))?;
    let rest = slice[cited..].trim_matches(|c: char| !c.is_alphanumeric());
    let is_none = LISTS.no_source.has_word(rest);
    (rest.chars().filter(|c| c.is_alphabetic()).count() >= 3 && !is_none).then(|| Part {
        range: sentence.range.start + cited..sentence.range.end,
        source: GuidelineSource::Other,
    })
}
