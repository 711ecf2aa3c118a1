//! What the words of a sentence say of doses and of what else is counted.

use super::lists::LISTS;
use crate::vocabulary::patterns::Word;
use std::ops::Range;

/// Whether a sentence speaks of drugs or doses at all.
pub fn speaks_of_doses(words: &[Word]) -> bool {
    words
        .iter()
        .any(|w| w.drug || LISTS.doses.has(w.hash) || has_dose_unit(&w.text))
        || words.windows(3).any(|w| {
            w[0].number.is_some()
                && matches!(w[1].text.as_str(), "a" | "per" | "times")
                && matches!(w[2].text.as_str(), "day" | "night" | "a" | "daily")
        })
}

fn has_dose_unit(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && (word.ends_with("mg") || word.ends_with("mcg"))
}

/// Whether the numbers that a pattern compared are doses or counts of units.
pub fn compares_doses(words: &[Word], hit: &Range<usize>) -> bool {
    let end = (hit.end + 3).min(words.len());
    let near = &words[hit.start.saturating_sub(5)..end];
    let dose = |w: &Word| {
        w.drug
            || w.counted
            || LISTS.doses.has(w.hash)
            || has_dose_unit(&w.text)
            || LISTS.frequencies.has(w.hash)
    };
    let before = &words[hit.start.saturating_sub(5)..hit.start];
    near.iter().any(dose)
        && !before.iter().any(|w| LISTS.scores.has(w.hash))
        && !(hit.start..(hit.end + 1).min(words.len())).any(|i| counts_other(words, i))
}

/// Whether the word at `at` says that something else than doses is counted; a time is counted only where
/// a number stands before it ("a year ago" tells when).
pub fn counts_other(words: &[Word], at: usize) -> bool {
    let word = &words[at];
    let is_time = LISTS.times.has(word.hash);
    // "for two weeks" tells how long.
    let lasts = is_time
        && at > 1
        && matches!(
            words[at - 2].text.as_str(),
            "for" | "over" | "within" | "every" | "after"
        );
    (is_time || LISTS.counts.has(word.hash))
        && !lasts
        && (!is_time || at > 0 && words[at - 1].number.is_some() && words[at - 1].text != "a")
        && !words
            .get(at + 1)
            .is_some_and(|n| matches!(n.text.as_str(), "ago" | "earlier" | "before" | "later"))
}

/// Whether a phrase that ends before word `at` has an object of its own that is no drug ("cut down on
/// ice cream").
pub fn goes_on_with_another_thing(words: &[Word], at: usize) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    let object = &words[(at + 1).min(words.len())..(at + 4).min(words.len())];
    let is_drug = |w: &Word| w.drug || w.number.is_some() || LISTS.doses.has(w.hash);
    text(at) == "on"
        && !matches!(
            text(at + 1),
            "his" | "her" | "own" | "the" | "this" | "it" | "their"
        )
        && !object.iter().any(is_drug)
        && !object.iter().any(tells_when)
}

/// Whether a word is a day ("on workdays", "on Mondays").
fn tells_when(word: &Word) -> bool {
    ["day", "days", "weekend", "weekends", "nights", "mornings"]
        .iter()
        .any(|end| word.text.ends_with(end))
}

/// Whether someone steps down from a thing to stand on, not from a dose ("stepping down from an engine").
pub fn steps_from_another_thing(words: &[Word], hit: &Range<usize>) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    let down = (hit.start + 1..hit.end + 1).find(|i| text(*i) == "down");
    let Some(from) = down
        .map(|i| i + 1)
        .filter(|_| text(hit.start).starts_with("step"))
    else {
        return false;
    };
    let thing = &words[(from + 1).min(words.len())..(from + 5).min(words.len())];
    let is_dose = |w: &Word| {
        w.drug
            || w.number
                .is_some_and(|_| !matches!(w.text.as_str(), "a" | "an" | "one"))
            || LISTS.doses.has(w.hash)
            || has_dose_unit(&w.text)
    };
    matches!(text(from), "from" | "off" | "onto" | "into" | "out")
        && matches!(text(from + 1), "a" | "an" | "the" | "his" | "her" | "one")
        && !thing.iter().any(is_dose)
}

/// Whether a phrase that begins with "pain" means a physician ("pain physician plans to lower").
pub fn names_a_person(words: &[Word], hit: &Range<usize>) -> bool {
    let known = |next: &Word| LISTS.practitioners.has(next.hash);
    words.get(hit.start).is_some_and(|w| w.text == "pain")
        && words.get(hit.start + 1).is_some_and(known)
}

/// Whether each of the numbers in `hit` is smaller than the one before, and all are of one kind: a strength,
/// a count and refills ("10 mg #90, 2 refills") are not.
pub fn falls(words: &[Word], hit: &Range<usize>) -> bool {
    let numbers = || words[hit.clone()].iter().filter(|w| w.number.is_some());
    let alike = numbers().all(|w| w.counted) || !numbers().any(|w| w.counted);
    alike && numbers().is_sorted_by(|a, b| b.number < a.number)
}

/// Whether the numbers that a pattern compared may be counts of units dispensed.
pub fn counts_units(words: &[Word], hit: &Range<usize>) -> bool {
    !words[hit.start..(hit.end + 1).min(words.len())]
        .iter()
        .any(|w| LISTS.times.has(w.hash) || LISTS.counts.has(w.hash))
}

/// Whether a phrase that ends with "pain" means the drugs for it ("decrease his pain medication"), or
/// one that ends with "use" this patient's use of a drug ("reduce her opioid use").
pub fn goes_on_to_drugs(words: &[Word], hit: &Range<usize>) -> bool {
    let Some(last) = words[hit.clone()].last() else {
        return false;
    };
    let is = |at: usize, any: &[&str]| {
        words
            .get(at)
            .is_some_and(|w| any.contains(&w.text.as_str()))
    };
    match last.text.as_str() {
        "pain" => words
            .get(hit.end)
            .is_some_and(|w| LISTS.pain_drugs.has(w.hash)),
        "use" if is(hit.end, &["to", "from", "by"]) => words[hit.clone()].iter().any(|w| w.drug),
        "use" => {
            let end = (hit.end + 2).min(words.len());
            (hit.start.saturating_sub(2)..hit.end)
                .any(|i| is(i, &["his", "her", "patient", "their", "%", "percent"]))
                && words[hit.start..end].iter().any(|w| w.drug)
        }
        _ => false,
    }
}

/// Whether a sentence names this number of units, not of milligrams.
pub fn names_units(words: &[Word], quantity: f64) -> bool {
    words.iter().enumerate().any(|(i, w)| {
        w.number == Some(quantity)
            && !w.text.ends_with('g')
            && words
                .get(i + 1)
                .is_none_or(|next| !matches!(next.text.as_str(), "mg" | "mcg" | "%" | "percent"))
    })
}

/// Whether a verb or an arrow of a sentence says that something became less.
pub fn goes_down(words: &[Word]) -> bool {
    // An arrow stands as "to", which is two bytes where it is a word.
    let is_arrow = |w: &Word| w.text == "to" && w.range.len() != 2;
    words.iter().any(|w| LISTS.down.has(w.hash) || is_arrow(w))
}
