//! Guideline lines: which guidelines each side cited, with what pages.

mod cues;
mod pages;

use super::model::{Citation, CitedBy, GuidelineSource};
use super::prose::Prose;
use super::words::{contains_words, match_words};
use crate::vocabulary::Vocabulary;
use cues::{Cue, Sentence};
use pages::{page_phrases, pages};
use rustc_hash::FxHashSet;
use std::ops::Range;

/// Wordings of "is part of the MTUS", which tell of the guideline before them.
const PART_OF_MTUS: &[&str] = &[
    "part of the",
    "part of",
    "adopted by the",
    "adopted into the",
    "incorporated into the",
    "incorporated in the",
    "included in the",
    "within the",
    "taken into the",
    "contained in the",
    "belong to the",
    "belongs to the",
    "belonging to the",
];

struct Anchor {
    at: usize,
    end: usize,
    source: GuidelineSource,
    /// "which is part of the MTUS": tells the source of what precedes it.
    trailing: bool,
}

struct Part {
    range: Range<usize>,
    source: GuidelineSource,
}

/// The citations in the guideline text at the bytes `range` of the prose.
pub fn read(
    prose: &Prose,
    range: &Range<usize>,
    cited_by: CitedBy,
    vocabulary: &Vocabulary,
) -> Vec<Citation> {
    let mut out: Vec<Citation> = Vec::new();
    for (n, sentence) in citing(prose, range).into_iter().enumerate() {
        let sentence = Sentence::of(prose, sentence);
        for part in parts(&sentence, n == 0, vocabulary) {
            // Sentences that explain a choice name guidelines again; only a new one or new pages count.
            let pages = pages(&sentence, &part.range);
            let known = out.iter().any(|c| c.guideline_source == part.source);
            if n > 0 && known && pages.is_empty() && !sentence.opens_citation() {
                continue;
            }
            let named = trimmed(&prose.text, &part.range);
            let title = prose.found(title(&sentence, &named), &named);
            let mut push = |pages: Option<(i32, i32, Range<usize>)>| {
                let pages = pages.map(|(a, b, r)| prose.found((a, b), &r));
                let same = |c: &Citation| {
                    c.guideline_source == part.source
                        && c.pages.as_ref().map(|p| p.value) == pages.as_ref().map(|p| p.value)
                        && c.title.value == title.value
                };
                if !out.iter().any(same) {
                    out.push(Citation {
                        cited_by,
                        guideline_source: part.source,
                        title: title.clone(),
                        pages,
                    });
                }
            };
            if pages.is_empty() {
                push(None);
            }
            let mut told = FxHashSet::default();
            for page in pages {
                if told.insert((page.0, page.1)) {
                    push(Some(page));
                }
            }
        }
    }
    out
}

/// The sentences of a guideline text; one that only gives pages belongs to the one before.
fn citing(prose: &Prose, range: &Range<usize>) -> Vec<Range<usize>> {
    let text = &prose.text[..range.end];
    let mut out: Vec<Range<usize>> = Vec::new();
    for sentence in prose.sentences(range).map(|s| s.range) {
        let only_pages = ["page", "pages", "page s"]
            .iter()
            .any(|p| match_words(text, sentence.start, p).is_some());
        match out.last_mut() {
            Some(last) if only_pages => last.end = sentence.end,
            _ => out.push(sentence),
        }
    }
    out
}

/// `range` without the blanks and signs around what it names.
fn trimmed(text: &str, range: &Range<usize>) -> Range<usize> {
    let slice = &text[range.clone()];
    let sign = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '.');
    let lead = slice.len() - slice.trim_start_matches(sign).len();
    let body = slice.trim_matches(sign);
    range.start + lead..range.start + lead + body.len()
}

/// The guidelines that a sentence cites, with the bytes that belong to each.
fn parts(sentence: &Sentence, first: bool, vocabulary: &Vocabulary) -> Vec<Part> {
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

/// The guideline names in a sentence, in order, without those that name the MTUS to deny it.
fn anchors(sentence: &Sentence, vocabulary: &Vocabulary) -> Vec<Anchor> {
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
        if !denied(at..end) {
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

/// Whether what stands before the name of the MTUS tells that something is part of it.
fn is_part_of(before: &str) -> bool {
    let before = before.trim_end_matches(|c: char| !c.is_alphanumeric());
    let before = before.strip_suffix(" California").unwrap_or(before);
    let before = before.strip_suffix(" CA").unwrap_or(before);
    PART_OF_MTUS.iter().any(|p| {
        before.len() > p.len()
            && before.is_char_boundary(before.len() - p.len())
            && before[before.len() - p.len()..].eq_ignore_ascii_case(p)
    })
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
    let is_none = ["none", "n/a", "other", "unknown"]
        .iter()
        .any(|none| rest.eq_ignore_ascii_case(none));
    (rest.chars().filter(|c| c.is_alphabetic()).count() >= 3 && !is_none).then(|| Part {
        range: sentence.range.start + cited..sentence.range.end,
        source: GuidelineSource::Other,
    })
}

/// The chapter or section words of a citation, without "Decision based on" and pages.
fn title(sentence: &Sentence, range: &Range<usize>) -> String {
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
        if word.starts_with(')') && trimmed.ends_with(',') {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cited(text: &str) -> Vec<String> {
        let prose = Prose::new(text, |_| false);
        let all = 0..prose.text.len();
        read(&prose, &all, CitedBy::Reviewer, Vocabulary::get())
            .into_iter()
            .map(|c| match c.pages {
                Some(p) => format!(
                    "{} {}-{}",
                    c.guideline_source.as_str(),
                    p.value.0,
                    p.value.1
                ),
                None => c.guideline_source.as_str().to_owned(),
            })
            .collect()
    }

    #[test]
    fn citations_with_their_pages() {
        let cases: &[(&str, &[&str])] = &[
            (
                "Decision based on MTUS Chronic Pain Treatment Guidelines Page(s): 78; 80.",
                &["MTUS 78-78", "MTUS 80-80"],
            ),
            (
                "Decision based on MTUS Chronic Pain Treatment Guidelines. Decision based on Non-MTUS Citation Official Disability Guidelines",
                &["MTUS", "ODG"],
            ),
            (
                "the MTUS Chronic Pain Medical Treatment Guidelines, Opioids, pages 76-80; and Weaning of Medications, page 124.",
                &["MTUS 76-80", "MTUS 124-124"],
            ),
            (
                "Shoulder Complaints (ACOEM Practice Guidelines, 2nd Edition (2004), Chapter 9, pages 207-209), which is part of the California Medical Treatment Utilization Schedule (MTUS).",
                &["MTUS 207-209"],
            ),
            (
                "the Low Back Complaints Chapter (ACOEM Practice Guidelines, 2nd Edition (2004), Chapter 12, pages 303-305), which is part of the MTUS, and on the Official Disability Guidelines (ODG), Low Back Chapter, MRIs, which is a medical treatment guideline that is not part of the MTUS.",
                &["MTUS 303-305", "ODG"],
            ),
            (
                "Decision based on Non-MTUS Citation ACOEM Practice Guidelines, Chronic Pain.",
                &["ACOEM"],
            ),
            (
                "The MTUS does not address the requested service. Decision based on Non-MTUS Citation Official Disability Guidelines, Pain Chapter",
                &["ODG"],
            ),
            (
                "The Claims Administrator did not cite any medical evidence for its decision.",
                &[],
            ),
            (
                "The Expert Reviewer found the guidelines used by the Claims Administrator relevant and appropriate for the employee's clinical circumstance.",
                &[],
            ),
            (
                "Decision based on MTUS ACOEM Chapter 13 Knee Complaints Page(s): 339, 346. Decision based on Non-MTUS Citation Official Disability Guidelines (ODG) Knee & Leg Chapter",
                &["MTUS 339-339", "MTUS 346-346", "ODG"],
            ),
            (
                "Decision based on Non-MTUS Citation CDC Clinical Practice Guideline for Prescribing Opioids for Pain.",
                &["other"],
            ),
            (
                "Decision based on Non-MTUS Citation ACR Appropriateness Criteria, low back pain.",
                &["other"],
            ),
            ("Decision based on Non-MTUS Citation Drugs.com.", &["other"]),
            (
                "Snow V, et al. Management of obesity in primary care. Ann Intern Med. 2005.",
                &["other"],
            ),
            ("Decision based on Non-MTUS Citation.", &[]),
            (
                "the MTUS Chronic Pain Medical Treatment Guidelines, Opioids, pages 78-80, 92, and 124.",
                &["MTUS 78-80", "MTUS 92-92", "MTUS 124-124"],
            ),
        ];
        for (text, want) in cases {
            assert_eq!(cited(text), *want, "{text}");
        }
    }

    #[test]
    fn titles_end_where_something_is_said_of_the_guideline() {
        for (text, want) in [
            (
                "Decision based on MTUS Low Back Complaints, which is part of the MTUS, pages 303-305.",
                "MTUS Low Back Complaints",
            ),
            (
                "Decision based on MTUS Opioids (page 78), Weaning, page 124.",
                "MTUS Opioids (), Weaning",
            ),
        ] {
            let prose = Prose::new(text, |_| false);
            let all = 0..prose.text.len();
            let citations = read(&prose, &all, CitedBy::Reviewer, Vocabulary::get());
            assert_eq!(citations[0].title.value, want, "{text}");
        }
    }
}
