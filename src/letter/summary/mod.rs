//! The clinical summary: its prose, and the patient's age, sex and date of injury in it.

mod age;
mod injury;
mod lists;
mod sex;
mod words;

pub use age::age;
pub use injury::date_of_injury;
pub use lists::{LISTS, Plainness};
pub use sex::sex;

use super::phrases::Phrases;
use super::prose::Prose;
use std::ops::Range;
use std::sync::LazyLock;

/// Words that only lead into a summary.
const LEAD_INS: &[&str] = &[
    "developed the following clinical case summary",
    "the following case summary was taken",
    "the following clinical case summary was",
    "disclaimer",
];

static LEAD_IN_PHRASES: LazyLock<Phrases<()>> =
    LazyLock::new(|| Phrases::new(LEAD_INS.iter().map(|phrase| (*phrase, ()))));

/// The summary's own prose inside `body`: without the boilerplate that leads into it. `None` if nothing is left.
pub fn prose(prose: &Prose, body: &Range<usize>) -> Option<Range<usize>> {
    let mut start = body.start;
    for sentence in prose.sentences(body).take(3) {
        if !LEAD_IN_PHRASES.any(sentence.runs) {
            break;
        }
        // The lead-in ends with a colon, which ends no sentence: "… including all medical records: The patient …"
        let range = sentence.range;
        let colon = prose.text[range.clone()]
            .find("records:")
            .map(|i| range.start + i + "records:".len());
        start = colon.unwrap_or(range.end);
    }
    let rest = &prose.text[start..body.end];
    let from = start + (rest.len() - rest.trim_start().len());
    let trimmed = rest.trim();
    (!trimmed.is_empty()).then(|| from..from + trimmed.len())
}

/// What is read in a text that is all summary.
#[cfg(test)]
fn with<T>(
    text: &str,
    f: impl Fn(&Prose, &Range<usize>) -> Option<super::model::Found<T>>,
) -> Option<T> {
    let prose = Prose::new(text, |_| false);
    let all = 0..prose.text.len();
    f(&prose, &all).map(|f| f.value)
}
