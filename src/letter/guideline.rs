//! Guideline lines: which guidelines each side cited, with what pages.

use super::model::{Citation, CitedBy, GuidelineSource};
use super::phrases::{PhraseAt, Phrases};
use super::prose::Prose;
use super::sentences::sentences;
use super::words::{contains_words, match_words};
use crate::vocabulary::Vocabulary;
use crate::vocabulary::runs::Run;
use std::ops::Range;
use std::sync::LazyLock;

/// Wordings that name the MTUS only to say that it does not apply.
const NOT_MTUS: &[&str] = &[
    "non mtus citation",
    "non mtus",
    "not part of the mtus",
    "not a part of the mtus",
    "not part of mtus",
    "not part of the medical treatment utilization schedule",
    "not found in the mtus",
    "outside the mtus",
    "mtus does not address",
    "mtus do not address",
    "mtus did not address",
    "mtus guidelines do not address",
    "mtus is silent",
    "mtus are silent",
    "mtus was silent",
    "mtus guidelines are silent",
    "no section of the mtus",
    "no part of the mtus",
    "not addressed by the mtus",
    "not addressed in the mtus",
    "not addressed by mtus",
    "not covered by the mtus",
    "mtus does not specifically address",
    "mtus does not specifically",
    "mtus does not discuss",
    "mtus does not contain",
    "mtus does not cover",
    "mtus does not mention",
    "mtus was not applicable",
    "mtus is not applicable",
    "mtus were not applicable",
    "sections of the mtus were not applicable",
];

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
];

/// Wordings of a side that named no guideline of its own.
const NONE_CITED: &[&str] = &[
    "did not cite",
    "cited no",
    "does not cite",
    "not cite any",
    "no guideline",
    "no guidelines",
    "none cited",
    "no citation",
    "did not provide",
    "did not specify",
    "did not reference",
    "did not rely",
    "no evidence based",
    "no medical evidence",
    "did not identify",
    "not cited",
    "named no",
    "did not name",
    "names no guideline",
];

/// What a phrase tells of the citations in its sentence.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cue {
    /// The MTUS is named only to say that it does not apply.
    Denied,
    /// "Non-MTUS Citation": a denial too, and its source follows.
    NonMtus,
    NothingCited,
    /// "Decision based on": its source follows.
    BasedOn,
    /// "his/her decision on": its source follows.
    PartysDecision,
    DecisionOn,
    /// The guidelines are those of the other party.
    OthersGuidelines,
    /// What follows may be said of a guideline.
    Said,
    Pages,
    /// "p78", "pg80"
    GluedPages,
}

/// Every cue, so that a sentence is looked through once.
static CUES: LazyLock<Phrases<Cue>> = LazyLock::new(|| {
    let others: &[(Cue, &[&'static str])] = &[
        (Cue::Denied, NOT_MTUS),
        (Cue::NothingCited, NONE_CITED),
        (Cue::NonMtus, &["non mtus citation"]),
        (Cue::BasedOn, &["decision based on"]),
        (
            Cue::PartysDecision,
            &[
                "his her decision on",
                "his decision on",
                "her decision on",
                "its decision on",
            ],
        ),
        (Cue::DecisionOn, &["decision on"]),
        (
            Cue::OthersGuidelines,
            &["guidelines used by the claims administrator"],
        ),
        (Cue::Said, &["which", "all", "as"]),
        (
            Cue::Pages,
            &["pages", "page s", "page", "pgs", "pg", "pp", "p"],
        ),
    ];
    Phrases::new(
        others
            .iter()
            .flat_map(|(cue, all)| all.iter().map(|phrase| (*phrase, *cue))),
    )
});

/// A sentence of a guideline text.
struct Sentence<'a> {
    prose: &'a Prose,
    /// Bytes of the prose.
    range: Range<usize>,
    runs: &'a [Run],
    /// In order.
    cues: Vec<PhraseAt<Cue>>,
}

impl<'a> Sentence<'a> {
    fn of(prose: &'a Prose, range: Range<usize>) -> Sentence<'a> {
        let runs = prose.runs(&range);
        let mut cues: Vec<_> = CUES.find(runs).collect();
        let known = cues.len();
        cues.extend(runs.iter().filter_map(|run| glued(&prose.text, run)));
        if cues.len() > known {
            cues.sort_by_key(|cue| cue.start);
        }
        Sentence {
            prose,
            range,
            runs,
            cues,
        }
    }

    fn text(&self) -> &'a str {
        &self.prose.text[self.range.clone()]
    }

    fn has(&self, cue: Cue) -> bool {
        self.cues.iter().any(|c| c.value == cue)
    }

    /// The cues in the bytes `range` of the prose.
    fn within(&self, range: &Range<usize>) -> impl Iterator<Item = &PhraseAt<Cue>> {
        self.cues
            .iter()
            .filter(move |c| range.start <= c.start && c.end <= range.end)
    }

    fn opens_citation(&self) -> bool {
        self.within(&self.range)
            .any(|c| c.value == Cue::BasedOn && c.start == self.range.start)
    }
}

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
    for (n, sentence) in citing(&prose.text[range.clone()]).into_iter().enumerate() {
        let at = range.start + sentence.start..range.start + sentence.end;
        let sentence = Sentence::of(prose, at);
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
                        && c.title.value == title.value
                        && c.pages.as_ref().map(|p| p.value) == pages.as_ref().map(|p| p.value)
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
            for page in pages {
                push(Some(page));
            }
        }
    }
    out
}

/// The sentences of a guideline text; one that only gives pages belongs to the one before.
fn citing(text: &str) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for sentence in sentences(text) {
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
    for anchor in &anchors {
        if anchor.trailing {
            // "A, pages 1-2, and B, page 3, which are part of the MTUS" tells of both, back to another's guideline.
            for part in out
                .iter_mut()
                .rev()
                .take_while(|p| matches!(p.source, GuidelineSource::Acoem | GuidelineSource::Mtus))
            {
                part.source = GuidelineSource::Mtus;
            }
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
    let denied = |name: Range<usize>| {
        sentence.cues.iter().any(|c| {
            matches!(c.value, Cue::Denied | Cue::NonMtus)
                && c.start < name.end
                && name.start < c.end
        })
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
    for cue in papers {
        let next = out
            .iter()
            .find(|a| a.at >= cue.end)
            .map_or(range.end, |a| a.at);
        let words = text[cue.end..next]
            .split_whitespace()
            .filter(|w| w.len() > 2)
            .count();
        if words >= 2 && (next == range.end || words > 6) {
            out.push(Anchor {
                at: cue.end + 1,
                end: cue.end + 1,
                source: GuidelineSource::Other,
                trailing: false,
            });
        }
    }
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
        || contains_words(slice, "et al");
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

/// The page ranges in `range`, in order.
fn pages(sentence: &Sentence, range: &Range<usize>) -> Vec<(i32, i32, Range<usize>)> {
    let bounded = &sentence.prose.text[..range.end];
    let mut out = Vec::new();
    let mut past = range.start;
    for cue in sentence.within(range) {
        if matches!(cue.value, Cue::Pages | Cue::GluedPages) && cue.start >= past {
            past = numbers(bounded, cue.end, &mut out);
        }
    }
    out
}

/// The word for pages that a number is glued to.
fn glued(text: &str, run: &Run) -> Option<PhraseAt<Cue>> {
    let word = text[run.range()].strip_prefix(['p', 'P'])?;
    let letters = word.find(|c: char| c.is_ascii_digit())?;
    ["ages", "age", "gs", "g", "p", ""]
        .iter()
        .any(|label| word[..letters].eq_ignore_ascii_case(label))
        .then(|| PhraseAt {
            value: Cue::GluedPages,
            start: run.start as usize,
            end: run.start as usize + 1 + letters,
        })
}

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
        let next = text[at..].trim_start_matches(' ');
        if !(next.starts_with([',', ';', '&']) || next.starts_with("and ")) {
            return at;
        }
    }
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
        out.push_str(text.get(at..cut.start).unwrap_or(""));
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

/// The bytes of "Page(s): 78, 80", "pages 76-80 and 86" in a title.
fn page_phrases(sentence: &Sentence, range: &Range<usize>) -> Vec<Range<usize>> {
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
}
