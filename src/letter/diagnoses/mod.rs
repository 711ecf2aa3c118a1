//! The diagnoses as the clinical summary lists them: numbered, with semicolons, or in prose.

mod items;
mod lists;

use super::model::Found;
use super::prose::Prose;
use super::words::list_number;
use crate::vocabulary::Vocabulary;
use items::{numbered, semicolons, tidy};
use lists::lists;
use std::ops::Range;

/// The diagnoses in the clinical summary `range`.
pub fn read(prose: &Prose, range: &Range<usize>, vocabulary: &Vocabulary) -> Vec<Found<String>> {
    let text = &prose.text[..range.end];
    let mut items = Vec::new();
    let lists = lists(prose, range, vocabulary);
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

/// The length of the mark that opens an item of a list (`1.`, `(b)`, `C.`) and the blanks after it; 0 if there is none.
fn mark(text: &str) -> usize {
    match (list_number(text), text.as_bytes()) {
        (0, [b'A'..=b'Z', b'.', b' ', ..]) => 3,
        (length, _) => length,
    }
}

/// The length of the mark that opens the item at this place of its list, if `text` begins with it.
fn mark_of(text: &str, place: u32) -> Option<usize> {
    Some(mark(text)).filter(|length| *length > 0 && ordinal(text) == Some(place))
}

/// The place in its list of the item that a mark opens: 2 for "2.", "(2)", "b)", "B.".
fn ordinal(mark: &str) -> Option<u32> {
    let mark = mark.trim_start_matches('(');
    match mark.chars().next()? {
        c if c.is_ascii_digit() => mark
            .chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .ok(),
        c if c.is_ascii_alphabetic() => {
            Some(u32::from(c.to_ascii_lowercase()) - u32::from('a') + 1)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(summary: &str) -> Vec<String> {
        let prose = Prose::new(summary, |_| false);
        let all = 0..prose.text.len();
        let found = read(&prose, &all, Vocabulary::get());
        found.into_iter().map(|diagnosis| diagnosis.value).collect()
    }

    #[test]
    fn lists_in_every_form() {
        for (summary, want) in [
            (
                "Dx\n- L shoulder pain, chronic\n- Insomnia\n\nOn 12/29/2020 she complained of pain.",
                &["L shoulder pain, chronic", "Insomnia"][..],
            ),
            (
                "The list of 1/9/2014 reads:\n\nKnee osteoarthritis, advanced\nObesity, BMI 39\n\nHe is 58 years old, stands five foot ten, and weighs two hundred and seventy pounds.",
                &["Knee osteoarthritis, advanced", "Obesity, BMI 39"],
            ),
            (
                "Impressions:\nA. Arachnoiditis\nB. Insomnia\nHe has been followed for pain of the low back since three operations.",
                &["Arachnoiditis", "Insomnia"],
            ),
            (
                "Diagnosed with tear of medial meniscus, right knee (836.0) and chondromalacia, right knee (717.7).",
                &[
                    "tear of medial meniscus, right knee (836.0)",
                    "chondromalacia, right knee (717.7)",
                ],
            ),
            (
                "Diagnoses: Cervical sprain / Depression / Constipation, opioid-induced.",
                &[
                    "Cervical sprain",
                    "Depression",
                    "Constipation, opioid-induced",
                ],
            ),
            (
                "Assessment: spinal stenosis, lumbar region, M48.06; insomnia.",
                &["spinal stenosis, lumbar region, M48.06", "insomnia"],
            ),
            (
                "Dx per podiatry 7/6/15: 1) Hardware pain 2) Neuritis",
                &["Hardware pain", "Neuritis"],
            ),
            (
                "Nothing that could be called a diagnosis is written in the note.",
                &[],
            ),
        ] {
            assert_eq!(listed(summary), want, "{summary}");
        }
    }
}
