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
            | "required"
            | "needed"
            | "advised"
            | "recommended"
            | "indicated"
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
    // "downward titration and complete discontinuation is indicated"
    let alike = (at + 1..advice.start.min(at + 4)).any(|i| {
        ["discontin", "cessation", "wean", "taper", "detox"]
            .iter()
            .any(|stem| words[i].text.starts_with(stem))
    });
    and && (modal_next || plural || alike)
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

/// Whether the thing named at `at` is said not to be there ("no further step down is provided for").
pub fn is_none_of(words: &[Word], at: usize) -> bool {
    words[at.saturating_sub(3)..at]
        .iter()
        .any(|w| matches!(w.text.as_str(), "no" | "neither" | "without"))
}

/// Whether a denying word at `at` denies nothing ("not only safe", "no better", "no more than").
pub fn denies_nothing(words: &[Word], at: usize) -> bool {
    const AFTER: &[&str] = &[
        "better",
        "worse",
        "more",
        "less",
        "longer",
        "later",
        "other",
        "fewer",
        "objection",
        "doubt",
        "question",
    ];
    let next = words.get(at + 1).map_or("", |w| w.text.as_str());
    match words[at].text.as_str() {
        "not" => next == "only",
        "no" => AFTER.contains(&next),
        _ => false,
    }
}

/// Whether what follows the "but" at `at` goes on about the same thing, with a pronoun or no subject at
/// all ("offered a taper but was not interested", "a detoxification, but it failed").
pub fn goes_on(words: &[Word], at: usize) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    matches!(text(at), "but" | "yet" | "who" | "which")
        && matches!(
            text(at + 1),
            "he" | "she"
                | "it"
                | "they"
                | "this"
                | "that"
                | "was"
                | "were"
                | "had"
                | "has"
                | "could"
                | "did"
                | "would"
                | "failed"
                | "declined"
                | "refused"
                | "proved"
                | "gave"
                | "never"
                | "not"
        )
}

/// Whether a word sets one thing against another ("instead of nightly").
pub fn compares(word: &Word) -> bool {
    matches!(word.text.as_str(), "instead" | "rather")
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

/// Whether the advice at `advice` takes up again, in a statement of its own, what stands before
/// `between`: "and it should be", "and this patient should have one", "60 tablets for that purpose".
pub fn speaks_again(words: &[Word], between: &Range<usize>, advice: &Range<usize>) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    if between.start > between.end {
        return false;
    }
    let again = |i: usize| matches!(text(i), "it" | "one" | "this" | "that");
    let joined = between
        .clone()
        .find(|i| matches!(text(*i), "and" | "but" | "yet"))
        .or_else(|| {
            // "Although no taper was proposed, one is called for."
            let next = |i: &usize| again(*i) && *i >= between.start;
            between
                .clone()
                .filter(|_| is_subordinate(words))
                .find(next)
                .map(|i| i - 1)
        });
    let for_one = (advice.end..words.len().saturating_sub(1))
        .any(|i| text(i) == "for" && matches!(text(i + 1), "one" | "it") && i + 2 == words.len());
    let purpose = for_one || names_purpose(words, advice.end);
    if is_certifying(words, advice.start) {
        return purpose;
    }
    let Some(and) = joined else { return false };
    // "and in this case it should"
    let leads = |i: usize| {
        matches!(
            text(i),
            "in" | "this" | "the" | "present" | "case" | "patient" | "here" | "now" | "therefore"
        )
    };
    let it = (and + 1..advice.start)
        .find(|i| !leads(*i))
        .unwrap_or(and + 1);
    let is = |i: usize| matches!(text(i), "is" | "are" | "was");
    let subject = again(it)
        && (it + 1 >= advice.start && (is_modal(&words[advice.start]) || is(advice.start))
            || it + 2 >= advice.start && is_passive(words, advice.start))
        || (and + 1..advice.start).any(|i| text(i) == "of" && again(i + 1));
    // "A taper was not begun, but is indicated", "nobody has tried a taper, and somebody should".
    let bare = (and + 1..=advice.start).all(|i| i == advice.start || is(i))
        && matches!(
            text(advice.start),
            "indicated" | "warranted" | "advised" | "recommended" | "needed" | "appropriate"
        )
        || advice.len() == 1
            && is_modal(&words[advice.start])
            && (advice.end == words.len()
                || advice.end + 1 == words.len() && text(advice.end) == "be");
    let object = matches!(text(advice.end), "it" | "one")
        && (and + 1..advice.start).any(|i| matches!(text(i), "i" | "we"))
        || is_modal(&words[advice.start]) && matches!(text(advice.end + 1), "it" | "one");
    let given = |i: usize| matches!(text(i), "have" | "get" | "given" | "offered");
    let has_one = (advice.end..advice.end + 4).any(|i| given(i) && text(i + 1) == "one");
    subject || object || has_one || bare
}

/// Whether what is said at `hit`, after `between`, takes up what stands before as "one", or as "that purpose".
pub fn takes_up(words: &[Word], between: &Range<usize>, hit: &Range<usize>) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    let joined = between
        .clone()
        .any(|i| matches!(text(i), "and" | "but" | "yet"));
    let one = (hit.end..hit.end + 4).any(|i| i + 1 == words.len() && text(i) == "one");
    joined && (one || names_purpose(words, hit.end))
}

/// Whether "that purpose", "this very end" stands at or after `from`.
fn names_purpose(words: &[Word], from: usize) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    let ends = |i: usize| matches!(text(i), "purpose" | "end" | "reason" | "use");
    let very = |i: usize| matches!(text(i), "very" | "same" | "exact");
    (from..words.len())
        .any(|i| matches!(text(i), "that" | "this") && (ends(i + 1) || very(i + 1) && ends(i + 2)))
}

/// Whether it is the patient who asked at `at` ("she has asked for").
pub fn is_asked_by_patient(words: &[Word], at: usize) -> bool {
    at > 1
        && words[at].text == "asked"
        && matches!(words[at - 1].text.as_str(), "has" | "had")
        && matches!(
            words[at - 2].text.as_str(),
            "he" | "she" | "patient" | "worker" | "employee" | "claimant" | "and"
        )
}

/// Whether what ought to be is that something be left alone ("should not be disturbed", not "should not be
/// put off").
pub fn forbids(words: &[Word], advice: &Range<usize>) -> bool {
    let after = &words[advice.start..(advice.end + 3).min(words.len())];
    is_modal(&words[advice.start])
        && words[advice.start + 1..(advice.end + 1).min(words.len())]
            .iter()
            .any(|w| w.text == "not")
        && !after.iter().any(|w| {
            matches!(
                w.text.as_str(),
                "delayed" | "postponed" | "put" | "deferred" | "stopped"
            )
        })
}

/// Whether the denial at `denial` is on what stands before `from`, in a statement of its own: "and none
/// has been tried", "but the records show no attempt at it".
pub fn denies_again(words: &[Word], from: usize, denial: &Range<usize>) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    let joined =
        (from..denial.end).find(|i| matches!(text(*i), "and" | "but" | "yet" | ";" | "though"));
    let tried = |i: usize| {
        [
            "attempt", "tri", "record", "mention", "document", "consider", "made", "done", "under",
            "offer", "discuss", "follow", "evidence", "trace",
        ]
        .iter()
        .any(|stem| text(i).starts_with(stem))
    };
    joined.is_some_and(|and| {
        (and..words.len()).any(|i| matches!(text(i), "it" | "none" | "one" | "this"))
            && (and..words.len()).any(tried)
    })
}

/// Whether the word at `at` opens a clause that says why or whose ("…, as weaning failed", "the patient,
/// who could not", "which she was not willing to do").
pub fn turns(sentence: &str, words: &[Word], at: usize) -> bool {
    let next = words.get(at + 1).map_or("", |w| w.text.as_str());
    match words[at].text.as_str() {
        "who" => true,
        "which" => matches!(next, "he" | "she" | "they"),
        "as" | "having" => {
            at > 0
                && sentence[words[at - 1].range.end..words[at].range.start].starts_with(',')
                && next != "well"
        }
        _ => false,
    }
}

fn is_certifying(words: &[Word], at: usize) -> bool {
    [
        "certif", "recertif", "approv", "authoriz", "allow", "grant", "gave",
    ]
    .iter()
    .any(|stem| words[at].text.starts_with(stem))
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
                | "having"
                | "being"
                | "despite"
                | "even"
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
