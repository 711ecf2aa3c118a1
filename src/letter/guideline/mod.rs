//! Guideline lines: which guidelines each side cited, with what pages.

mod cues;
mod lists;
mod names;
mod pages;
mod parts;
mod title;

use super::model::{Citation, CitedBy};
use super::prose::Prose;
use super::words::match_words;
use crate::vocabulary::Vocabulary;
use cues::Sentence;
use pages::pages;
use parts::parts;
use rustc_hash::FxHashSet;
use std::ops::Range;
use title::title;

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

#[cfg(test)]
mod tests {
    use super::*;

    pub fn cited(text: &str) -> Vec<String> {
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
                "The entries on detoxification, which stand at page 42, and on weaning of medications at page 124 of the Chronic Pain Medical Treatment Guidelines were relied upon.",
                &["MTUS 42-42", "MTUS 124-124"],
            ),
            (
                "the MTUS Chronic Pain Medical Treatment Guidelines, Opioids, pages 80, 84; Weaning, 124.",
                &["MTUS 80-80", "MTUS 84-84", "MTUS 124-124"],
            ),
            (
                "Decision based on Non-MTUS Citation Other Evidence: http://www.ncbi.nlm.nih.gov/pubmed/12345",
                &["other"],
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
                "MTUS Opioids, Weaning",
            ),
            (
                "Decision based on MTUS Opioids, pages 80, 84; Weaning of Medications, page 124.",
                "MTUS Opioids; Weaning of Medications",
            ),
            (
                "Decision based on MTUS Physical Medicine Page(s): 98-99, and Non-MTUS ODG, Low Back.",
                "MTUS Physical Medicine",
            ),
        ] {
            let prose = Prose::new(text, |_| false);
            let all = 0..prose.text.len();
            let citations = read(&prose, &all, CitedBy::Reviewer, Vocabulary::get());
            assert_eq!(citations[0].title.value, want, "{text}");
        }
    }
}
