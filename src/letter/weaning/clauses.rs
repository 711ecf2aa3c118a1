//! Where one statement of a sentence ends and another begins, and what its verbs say of it.

use crate::vocabulary::patterns::Word;
use std::ops::Range;

/// Whether a word says that something ought to be.
pub fn is_modal(word: &Word) -> bool {
    matches!(
        word.text.as_str(),
        "should" | "must" | "ought" | "needs" | "need"
    )
}

/// Whether a sentence opens with an order to go down ("Taper over four weeks", not "Taper in progress").
pub fn is_order(words: &[Word]) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    let verb = matches!(
        text(0),
        "wean" | "taper" | "halve" | "reduce" | "decrease" | "lower" | "cut" | "titrate" | "step"
    );
    verb && !matches!(
        text(1),
        "in" | "is"
            | "was"
            | "of"
            | "has"
            | "had"
            | "should"
            | "will"
            | "schedule"
            | "plan"
            | "not"
            | "underway"
            | "under"
            | "ongoing"
    )
}

/// Whether the "and" at `at` joins two things or verbs that the advice at `advice` is on alike: "taper
/// and discontinuation are recommended", "will take months and should begin".
pub fn joins(words: &[Word], cue: &Range<usize>, at: usize, advice: &Range<usize>) -> bool {
    let and = words[at].text == "and";
    let modal_next = cue.start < 3 && words.get(at + 1).is_some_and(is_modal);
    let plural = advice.start > 0 && words[advice.start - 1].text == "are";
    and && (modal_next || plural)
}

/// Whether what begins at `at` is denied ("nothing to approve", "has not certified").
pub fn is_denied(words: &[Word], at: usize) -> bool {
    words[at.saturating_sub(2)..at].iter().any(|w| {
        matches!(
            w.text.as_str(),
            "not" | "nothing" | "never" | "cannot" | "neither"
        )
    })
}

/// Whether a denying word at `at` denies nothing ("not only safe", "no better", "no more than").
pub fn denies_nothing(words: &[Word], at: usize) -> bool {
    const AFTER: &[&str] = &[
        "better", "worse", "more", "less", "longer", "later", "other",
    ];
    let next = words.get(at + 1).map_or("", |w| w.text.as_str());
    match words[at].text.as_str() {
        "not" => next == "only",
        "no" => AFTER.contains(&next),
        _ => false,
    }
}

/// Whether a word opens a reason.
pub fn gives_cause(word: &Word) -> bool {
    matches!(word.text.as_str(), "because" | "since")
}

/// Whether the verb at `at` tells what is done to its subject ("is recommended").
pub fn is_passive(words: &[Word], at: usize) -> bool {
    at > 0
        && matches!(
            words[at - 1].text.as_str(),
            "is" | "are" | "was" | "were" | "be" | "been" | "being" | "therefore" | "thus"
        )
}

/// Whether a comma parts the first two words of a phrase.
pub fn is_parted(sentence: &str, words: &[Word], hit: &Range<usize>) -> bool {
    hit.len() > 1
        && sentence[words[hit.start].range.end..words[hit.start + 1].range.start].starts_with(',')
}

/// The words around a cue up to the next boundaries.
pub fn clause(cue: &Range<usize>, boundaries: &[usize], end: usize) -> Range<usize> {
    let before = boundaries.iter().filter(|b| **b < cue.start).max();
    let after = boundaries.iter().filter(|b| **b >= cue.end).min();
    before.copied().unwrap_or(0)..after.copied().unwrap_or(end)
}

/// Whether a sentence opens with a clause under another.
pub fn is_subordinate(words: &[Word]) -> bool {
    words.first().is_some_and(|w| {
        matches!(
            w.text.as_str(),
            "because"
                | "since"
                | "while"
                | "as"
                | "when"
                | "although"
                | "though"
                | "once"
                | "after"
                | "until"
                | "during"
        )
    })
}

/// Whether what begins at `at` is a certain one: "the oral opioids", not "opioids".
pub fn is_definite(words: &[Word], at: usize) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    // "in a patient who is tapering"
    let in_one = at > 0 && text(at - 1) == "in" && matches!(text(at), "a" | "an");
    in_one
        || words[at.saturating_sub(2)..at].iter().any(|w| {
            matches!(
                w.text.as_str(),
                "the" | "his" | "her" | "both" | "patient" | "worker" | "employee"
            )
        })
}

/// Whether the word at `at` ends no clause: the "as" of "such as" and "as well as", the "but" of "not
/// only … but".
pub fn ends_nothing(words: &[Word], at: usize) -> bool {
    let not_only = |w: &[Word]| w[0].text == "not" && w[1].text == "only";
    if words[at].text == "but" && words[..at].windows(2).any(not_only) {
        return true;
    }
    words[at].text == "as"
        && (at > 0 && matches!(words[at - 1].text.as_str(), "such" | "well")
            || words.get(at + 1).is_some_and(|w| w.text == "well"))
}

/// Whether one of these words makes what follows the object of what went before ("no reason why").
pub fn opens_clause(words: &[Word]) -> bool {
    words.iter().any(|w| {
        matches!(
            w.text.as_str(),
            "that" | "why" | "whether" | "how" | "when" | "if"
        )
    })
}

/// The words that follow a comma between the words `from` and `to` of a sentence.
pub fn commas_between<'a>(
    sentence: &'a str,
    words: &'a [Word],
    from: &Range<usize>,
    to: &Range<usize>,
) -> impl Iterator<Item = usize> + 'a {
    (from.end..=to.start).filter(move |&i| {
        i > 0
            && i < words.len()
            && sentence[words[i - 1].range.end..words[i].range.start].starts_with(',')
    })
}
