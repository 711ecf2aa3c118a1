//! The date of injury.

use super::lists::LISTS;
use crate::letter::dates;
use crate::letter::model::Found;
use crate::letter::prose::Prose;
use crate::letter::sentences::Sentence;
use crate::letter::words::contains_words;
use crate::vocabulary::roles::WordSet;
use chrono::NaiveDate;
use std::ops::Range;

/// The date of injury that the summary states.
pub fn date_of_injury(prose: &Prose, range: &Range<usize>) -> Option<Found<NaiveDate>> {
    let last = dates::dates(&prose.text[..range.end], prose.runs(range)).pop()?;
    let dated = |s: &Sentence| s.range.start <= last.range.start;
    let first = prose.sentences(range).take(12).take_while(dated);
    let mut best = None;
    for (n, Sentence { range: at, runs }) in first.enumerate() {
        let body = &prose.text[..at.end];
        let found = dates::dates(body, runs);
        for (i, date) in found.iter().enumerate() {
            let Some(day) = date.date.filter(|d| dates::is_plausible(*d)) else {
                continue;
            };
            let from = i.checked_sub(1).map_or(at.start, |k| found[k].range.end);
            // "The injured worker" is the patient, whatever the date is of.
            let read = |part: &str| {
                let lower = part.to_ascii_lowercase();
                lower
                    // "fell through a skylight" tells of no period.
                    .replace("through a", "into a")
                    .replace("through the", "into the")
                    .replace("injured worker", "worker")
                    .replace("injured employee", "employee")
            };
            let before = read(&body[from..date.range.start]);
            let to = found.get(i + 1).map_or(body.len(), |d| d.range.start);
            let after = read(&body[date.range.end..to]);
            let is_period = found.get(i + 1).is_some()
                && matches!(after.trim(), "to" | "through" | "-" | "–" | "and" | "thru")
                || i > 0 && matches!(before.trim(), "to" | "through" | "-" | "–" | "thru")
                || before.contains("cumulative trauma")
                    && (before.trim_end().ends_with("from")
                        || before.trim_end().ends_with("through"));
            if is_period {
                continue;
            }
            // The first sentence introduces the injury, in whatever words.
            let introduced = n == 0
                && i == 0
                && !before.split_whitespace().any(|w| {
                    LISTS
                        .other_date
                        .has_word(w.trim_matches(|c: char| !c.is_alphanumeric()))
                });
            // "reported on 4/9/13 … The date of injury is April 8, 2013."
            if is_named(&before) {
                return Some(prose.found(day, &date.range));
            }
            if best.is_none() && (introduced || is_of_injury(&before, &after)) {
                best = Some(prose.found(day, &date.range));
            }
        }
    }
    best
}

/// Whether the words before a date call it the date of injury.
fn is_named(before: &str) -> bool {
    let words: Vec<&str> = before
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let words = match words.as_slice() {
        [most @ .., "is" | "was" | "of"] => most,
        all => all,
    };
    matches!(
        words,
        [.., "date", "of", "injury"] | [.., "doi"] | [.., "injury", "date"]
    )
}

fn is_of_injury(before: &str, after: &str) -> bool {
    let word = |w: &str| w.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let earlier: Vec<String> = before.split_whitespace().map(word).collect();
    let last = |set: &WordSet| earlier.iter().rposition(|w| set.has_word(w));
    let (injury, other) = (last(&LISTS.injury), last(&LISTS.other_date));
    let dated_injury = earlier.last().is_some_and(|w| w == "dated" || w == "of")
        && injury.is_some_and(|i| i + 3 >= earlier.len());
    match (injury, other) {
        (Some(_), None) => return true,
        (Some(injury), Some(other)) if injury > other || dated_injury => return true,
        _ => {}
    }
    // "with a 7/22/2010 industrial injury", "On 5/14/13 he fell", "On January 17, 2013, while lifting …"
    let later: Vec<String> = after.split_whitespace().take(9).map(word).collect();
    let next = later.iter().position(|w| LISTS.injury.has_word(w));
    let opens = earlier.is_empty()
        || earlier.iter().all(|w| {
            LISTS.persons.has_word(w)
                || matches!(
                    w.as_str(),
                    "on" | "with"
                        | "a"
                        | "an"
                        | "the"
                        | "in"
                        | "has"
                        | "of"
                        | "injured"
                        | "is"
                        | "who"
                        | "his"
                        | "her"
                )
        });
    let later_other = later.iter().position(|w| LISTS.other_date.has_word(w));
    next.is_some_and(|n| later_other.is_none_or(|o| n < o) && (n <= 3 || opens))
        || opens && later.first().is_some_and(|w| w == "while" || w == "when")
        || other.is_none()
            && later.first().is_some_and(|w| w == "when" || w == "while")
            && contains_words(before, "on")
}

#[cfg(test)]
mod tests {
    use super::super::with;
    use super::*;

    #[test]
    fn injuries() {
        for (text, want) in [
            (
                "who sustained an industrial injury on 5/29/08. He",
                "2008-05-29",
            ),
            ("with an industrial injury dated 11/01/2004.", "2004-11-01"),
            (
                "who fell through a skylight on June 3, 2006 and broke a heel",
                "2006-06-03",
            ),
            (
                "who reported an injury to the right shoulder on January 17, 2013, when a load",
                "2013-01-17",
            ),
            (
                "On 5/14/13 he was pulling a truck when he felt a pop. The injury was reported on 5/20/13",
                "2013-05-14",
            ),
            (
                "is a male with a 7/22/2010 industrial injury to the left shoulder",
                "2010-07-22",
            ),
            (
                "Injured worker is a male with date of injury 7/28/2005. Per report dated 12/1/2014",
                "2005-07-28",
            ),
            (
                "72 year-old female with DOI 2/17/1995 (slipped)",
                "1995-02-17",
            ),
        ] {
            assert_eq!(
                with(text, date_of_injury).map(|d| d.to_string()).as_deref(),
                Some(want),
                "{text}"
            );
        }
        for text in [
            "was seen on 3/4/2013 for pain",
            "The MRI of 2/20/2013 showed a tear",
            "cumulative trauma from 1/2/2005 to 3/4/2009",
            "injured in June 2010",
            "Due to cumulative trauma. Per the PR-2 dated 3/11/15, the injured worker has pain.",
        ] {
            assert_eq!(with(text, date_of_injury), None, "{text}");
        }
    }
}
