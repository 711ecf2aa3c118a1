//! Sentences that speak of weaning, and what each of them says.
//!
//! The phrases and the way they combine are tables (`weaning.csv`, `weaning_kinds.csv`); here cues and
//! the modifiers that act on them are brought together, sentence by sentence.

mod clauses;
mod rollup;
mod words;

pub use rollup::{Subject, Summary, context};

use super::model::{Mention, MentionKind, MentionSection};
use super::prose::Prose;
use super::sentences::sentences;
use crate::vocabulary::Vocabulary;
use crate::vocabulary::patterns::{Hit, Word};
use std::ops::Range;

/// What the decision under which a sentence stands says of itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Own {
    /// Units requested: a sentence that goes down to this number speaks of the request.
    pub quantity: Option<i32>,
    /// The request itself speaks of weaning.
    pub is_for_weaning: bool,
    /// The request is for a drug: "his use", "a slow reduction" are of that drug.
    pub is_drug: bool,
    /// The request is for a drug that people are given to come off another.
    pub is_vehicle: bool,
}

/// The sentences in `range` that speak of weaning.
pub fn mentions(
    prose: &Prose,
    range: &Range<usize>,
    section: MentionSection,
    own: Own,
    vocabulary: &Vocabulary,
) -> Vec<Mention> {
    let text = &prose.text[range.clone()];
    let parts = match section {
        MentionSection::Request => vec![0..text.len()],
        _ => sentences(text).collect(),
    };
    let mut out = Vec::new();
    let runs = prose.runs(range);
    let symbols = words::symbols(&prose.text, runs, vocabulary);
    let mut sheet = vocabulary.weaning.sheet();
    let mut first = 0;
    for part in parts {
        let at = range.start + part.start;
        let end = range.start + part.end;
        let inside = runs[first..]
            .iter()
            .take_while(|r| (r.start as usize) < end);
        let here = first..first + inside.count();
        first = here.end;
        let mut roles = vocabulary
            .weaning
            .cue_roles(&symbols[here.clone()], &mut sheet);
        let numbers =
            || words::Numbers::of(&prose.text, &runs[here.clone()], own.quantity, vocabulary);
        if !roles.any(|role| may_be_cue(role, section, &numbers)) {
            continue;
        }
        let sentence = &text[part.clone()];
        let words = words::of_runs(
            sentence,
            at,
            &runs[here.clone()],
            &symbols[here],
            vocabulary,
        );
        let Some((kind, cue)) = judge(sentence, &words, section, own, vocabulary) else {
            continue;
        };
        out.push(Mention {
            section,
            kind,
            sentence: prose.verbatim(&(at..range.start + part.end)),
            cue: prose.span(&(at + cue.start..at + cue.end)),
        });
    }
    out
}

/// Whether a cue of this role can count, as far as that shows before a sentence is read closely: numbers
/// have to be doses, and where nothing else tells that they fall, some word has to.
fn may_be_cue(role: &str, section: MentionSection, numbers: &impl Fn() -> words::Numbers) -> bool {
    if !matches!(
        role,
        "numbers" | "numbers_loose" | "less_first" | "down_to" | "numbers_seq"
    ) {
        return true;
    }
    let found = numbers();
    section == MentionSection::Rationale && found.own
        || section != MentionSection::Request
            && found.doses
            && (role != "numbers_loose" || found.falling)
}

/// What one sentence says of weaning, and the bytes of its first cue; `None` if it says nothing of it.
fn judge(
    sentence: &str,
    words: &[Word],
    section: MentionSection,
    own: Own,
    vocabulary: &Vocabulary,
) -> Option<(MentionKind, Range<usize>)> {
    let hits = vocabulary.weaning.hits(words);
    let cues = cues(words, &hits, section, own);
    let bytes = |cue: &Hit| words[cue.words.start].range.start..words[cue.words.end - 1].range.end;
    let mut best: Option<MentionKind> = None;
    let mut first: Option<Range<usize>> = None;
    for cue in &cues {
        let kind = match section {
            MentionSection::Request => Some(MentionKind::RequestIsForWeaning),
            section if is_guideline(section) => Some(MentionKind::GuidelineMention),
            _ => {
                let roles = roles(sentence, section, cue, words, &hits, own);
                vocabulary
                    .weaning
                    .kind(&roles)
                    .and_then(MentionKind::from_text)
            }
        };
        let Some(kind) = kind else { continue };
        if best.is_none_or(|b| kind < b) {
            best = Some(kind);
        }
        // Of cues that begin alike the longest names what is reduced.
        let place = |r: &Range<usize>| (r.start, std::cmp::Reverse(r.end));
        if first.as_ref().is_none_or(|f| place(&bytes(cue)) < place(f)) {
            first = Some(bytes(cue));
        }
    }
    best.zip(first)
}

/// The hits that make a sentence speak of weaning.
fn cues<'a>(words: &[Word], hits: &'a [Hit], section: MentionSection, own: Own) -> Vec<&'a Hit> {
    let has = |role: &str| hits.iter().any(|h| h.role == role);
    let cancelled = |cue: &Hit| {
        hits.iter().any(|h| {
            (h.role == "cancel" && overlaps(&h.words, &cue.words) && cue.role != "abrupt")
                || (h.role == "cancel_lower"
                    && matches!(
                        cue.role,
                        "lower"
                            | "lower_bare"
                            | "lower_rate"
                            | "numbers"
                            | "numbers_loose"
                            | "less_first"
                            | "down_to"
                    )
                    && overlaps(&h.words, &cue.words)
                    && !words::goes_on_to_drugs(words, &h.words))
        })
    };
    let doses = words::speaks_of_doses(words);
    let explicit = has("cue");
    // A quantity that utilization review cut says nothing of weaning unless the purpose is told.
    let told = explicit || has("purpose") && !has("no_purpose");
    let unexplained_cut = has("ur_cut") && !has("certified") && !told;
    let to_own = |h: &Hit| {
        own.quantity.is_some_and(|q| {
            h.less == Some(f64::from(q)) && words::names_units(words, f64::from(q))
        }) && words::counts_units(words, &h.words)
    };
    hits.iter()
        .filter(|h| match h.role {
            "cue" => true,
            "cue_dose" => doses || own.is_drug,
            "abrupt" => true,
            "abrupt_weak" => has("withdrawal"),
            "lower" if is_guideline(section) => true,
            "lower" => {
                (doses || own.is_drug)
                    && !words::goes_on_with_another_thing(words, h.words.end)
                    && (explicit
                        || section == MentionSection::Request
                        || is_about_a_case(words, hits))
            }
            "lower_bare" => {
                (doses || own.is_drug || has("refused") || has("certified"))
                    && (explicit || is_about_a_case(words, hits))
                    && MODIFIERS.iter().any(|m| has(m))
            }
            "numbers_seq" => {
                section != MentionSection::Request
                    && words::compares_doses(words, &h.words)
                    && words::falls(words, &h.words)
            }
            "lower_rate" => !matches!(section, MentionSection::Request),
            "numbers" | "numbers_loose" | "less_first"
                if section == MentionSection::Rationale && to_own(h) =>
            {
                true
            }
            "numbers" | "less_first" | "down_to" => {
                doses
                    && section != MentionSection::Request
                    && words::compares_doses(words, &h.words)
            }
            "numbers_loose" => {
                doses
                    && section != MentionSection::Request
                    && words::compares_doses(words, &h.words)
                    && words::goes_down(words)
            }
            _ => false,
        })
        // "must not be stopped without a taper" is one warning.
        .filter(|h| {
            h.role == "abrupt"
                || !hits.iter().any(|a| {
                    a.role == "abrupt"
                        && a.words.start <= h.words.start
                        && h.words.end <= a.words.end
                })
        })
        // "a decrease of 10 percent every week" is one statement of a rate.
        .filter(|h| {
            h.role != "lower_bare"
                || !hits
                    .iter()
                    .any(|r| r.role == "lower_rate" && overlaps(&r.words, &h.words))
        })
        .filter(|h| !(cancelled(h) || unexplained_cut && h.role != "abrupt"))
        .filter(|h| told || !(has("certified") && h.less.is_some() && !to_own(h)))
        .collect()
}

fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

fn is_guideline(section: MentionSection) -> bool {
    matches!(
        section,
        MentionSection::ClaimsAdministratorGuideline | MentionSection::ReviewerGuideline
    )
}

/// Roles of which one must stand in a sentence for a bare "reduction" to be one of dose.
const MODIFIERS: &[&str] = &[
    "request",
    "request_for",
    "certified",
    "recommend",
    "willing",
    "doing",
    "patient",
    "absent",
    "undone",
    "failed",
    "refused",
    "cue",
    "lower",
    "numbers",
];

/// Whether a sentence speaks of this patient or request, not of doses in general.
fn is_about_a_case(words: &[Word], hits: &[Hit]) -> bool {
    let has = |role: &str| hits.iter().any(|h| h.role == role);
    let generic = |h: &Hit| h.role == "generic" && !clauses::is_definite(words, h.words.start);
    let in_general = hits.iter().any(generic) || has("guideline") || has("guideline_weak");
    has("patient") || has("patient_weak") || has("request") || has("certified") || !in_general
}

/// Everything that acts on a cue.
fn roles<'a>(
    sentence: &str,
    section: MentionSection,
    cue: &'a Hit,
    words: &[Word],
    hits: &'a [Hit],
    own: Own,
) -> Vec<&'a str> {
    let at = |roles: &[&str]| {
        hits.iter()
            .filter(|h| roles.contains(&h.role) && !clauses::ends_nothing(words, h.words.start))
            .map(|h| h.words.start)
            .collect::<Vec<_>>()
    };
    let strong = at(&["boundary"]);
    let weak = at(&["boundary", "boundary_weak"]);
    let clauses = at(&["new_clause"]);
    let causes: Vec<usize> = at(&["boundary", "boundary_weak"])
        .into_iter()
        .filter(|b| strong.contains(b) || clauses::gives_cause(&words[*b]))
        .collect();
    let meanwhile = at(&["boundary", "while"]);
    let verbs = at(&["boundary", "verb"]);
    let coordinated = at(&["boundary", "coord"]);
    let decisive = |h: &Hit| {
        matches!(h.role, "recommend" | "certified" | "start" | "able")
            && h.acts_on(&cue.words, &strong)
    };
    // "As there is no benefit, the drug should be tapered": what is denied is in a clause of its own.
    let clause_before = |h: &Hit| {
        clauses::commas_between(sentence, words, &h.words, &cue.words)
            .any(|after| hits.iter().any(|d| d.words.start >= after && decisive(d)))
    };
    // "Without benefit the patient should be weaned", but not "no reason why he should be weaned".
    let modal_between = |h: &Hit| {
        hits.iter().any(|d| {
            d.role == "recommend"
                && h.words.end <= d.words.start
                && d.words.start < cue.words.start
                && clauses::is_modal(&words[d.words.start])
                && !clauses::opens_clause(&words[h.words.end..d.words.start])
        })
    };
    // "A taper, and not a refill, is indicated": what stands between commas ends no scope.
    let aside = |b: usize, h: &Hit| {
        clauses::commas_between(sentence, words, &cue.words, &(b..b + 1)).any(|after| after == b)
            && clauses::commas_between(sentence, words, &(b..b + 1), &h.words)
                .next()
                .is_some()
    };
    let mut out: Vec<&str> = hits
        .iter()
        .filter(|h| {
            let boundaries = match h.role {
                "request_for" => &verbs,
                "absent" | "unadvised" => &weak,
                // "It is requested because weaning at home failed."
                "failed" | "undone" | "refused" if h.words.start >= cue.words.end => &causes,
                // "He is coming off it and support is sensible": the second statement is on something else.
                "recommend" if h.words.start >= cue.words.end => &coordinated
                    .iter()
                    .copied()
                    .filter(|b| !aside(*b, h) && !clauses::joins(words, &cue.words, *b, &h.words))
                    .collect(),
                // "It should stay as it is while lorazepam is being withdrawn."
                "recommend" => &meanwhile,
                _ => &strong,
            };
            // "2 mg, then none": what is part of a cue does not deny it.
            let is_part = cue.words.start <= h.words.start
                && (h.words.end == cue.words.end
                    || cue.less.is_some() && h.words.end < cue.words.end);
            h.acts_on(&cue.words, boundaries)
                // "…may cause rebound insomnia and it should be lowered": advice in a clause of its own.
                && !(h.role == "withdrawal"
                    && clauses
                        .iter()
                        .any(|b| h.words.end <= *b && *b < cue.words.start))
                // "Because she is being weaned, another agent is reasonable": the advice is on something else.
                && !(h.role == "recommend"
                    && h.words.start >= cue.words.end
                    && clauses::is_subordinate(words)
                    && clauses::commas_between(sentence, words, &cue.words, &h.words).next().is_some())
                && !(h.role == "generic" && clauses::is_definite(words, h.words.start))
                && !(matches!(h.role, "absent" | "undone") && clauses::denies_nothing(words, h.words.start))
                // "It was not submitted, so I have nothing to approve."
                && !(h.role == "certified" && clauses::is_denied(words, h.words.start))
                // "For weaning the MTUS suggests …" is no advice for this patient.
                && !(h.role == "recommend"
                    && !clauses::is_passive(words, h.words.start)
                    && hits
                        .iter()
                        .any(|g| g.role == "guideline" && overlaps(&g.words, &h.words)))
                // "He needs fewer tablets" tells of him.
                && !(h.role == "recommend" && h.words.start == cue.words.start)
                // "The dose has, to his credit, been halved" does not have to be.
                && !(h.role == "recommend" && clauses::is_parted(sentence, words, &h.words))
                && !(is_part && matches!(h.role, "absent" | "undone" | "failed" | "refused"))
                && !(matches!(h.role, "absent" | "failed" | "refused" | "unadvised" | "criterion")
                    && (clause_before(h) || modal_between(h)))
                // A dose that "declined from 150 to 90" was not refused.
                && !(h.role == "refused" && cue.less.is_some() && h.words.end == cue.words.start)
        })
        .map(|h| h.role)
        .filter(|r| {
            !matches!(
                *r,
                "cue"
                    | "cue_dose"
                    | "lower"
                    | "lower_bare"
                    | "abrupt"
                    | "numbers"
                    | "numbers_loose"
                    | "less_first"
                    | "down_to"
                    | "numbers_seq"
                    | "lower_rate"
                    | "abrupt_weak"
            )
        })
        .collect();
    // A denial beyond a boundary speaks of the sentence as a whole where nothing else does.
    let denied = |h: &&Hit| matches!(h.role, "absent" | "undone" | "failed" | "refused");
    if hits.iter().filter(denied).any(|h| {
        strong
            .iter()
            .any(|b| cue.words.end <= *b && *b <= h.words.start)
    }) {
        out.push("elsewhere");
    }
    out.push(match cue.role {
        "numbers_loose" | "less_first" | "down_to" | "numbers_seq" => "numbers",
        "abrupt_weak" => "abrupt",
        "lower_bare" => "lower",
        role => role,
    });
    let comes_to_own = own.quantity.is_some_and(|q| {
        hits.iter().any(|h| {
            matches!(h.role, "numbers" | "numbers_loose" | "less_first")
                && h.less == Some(f64::from(q))
                && words::counts_units(words, &h.words)
                && words::names_units(words, f64::from(q))
        })
    });
    let repeats_request = own.is_for_weaning
        && super::words::contains_words(sentence, "medically necessary")
        && !out.contains(&"generic");
    let clause = clauses::clause(&cue.words, &strong, words.len());
    let names_own = own
        .quantity
        .is_some_and(|q| words::names_units(&words[clause], f64::from(q)));
    if names_own {
        out.push("own");
    }
    // A clinical summary speaks of its patient.
    if section == MentionSection::ClinicalSummary && !out.contains(&"generic") {
        out.push("patient");
    }
    // "Suboxone, so that he can come off Norco", but not "Suboxone should be tapered".
    let carries = |h: &Hit| {
        h.role == "vehicle"
            && h.words.end <= cue.words.start
            && !words[h.words.end..cue.words.start]
                .iter()
                .any(clauses::is_modal)
    };
    if own.is_vehicle && hits.iter().any(carries) {
        out.push("own_vehicle");
    }
    // An order: "Halve to 5 mg for two weeks, then stop."
    if cue.words.start == 0 && clauses::is_order(words) {
        out.push("start");
    }
    if comes_to_own || repeats_request {
        out.retain(|r| !matches!(*r, "certified" | "absent" | "undone"));
        out.push("request");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::table;

    /// The heading of which the examples are to be read: 75 units of a drug.
    const OWN: Own = Own {
        quantity: Some(75),
        is_for_weaning: false,
        is_drug: false,
        is_vehicle: false,
    };

    fn gives(sentence: &str) -> &'static str {
        let words = words::words(sentence, Vocabulary::get());
        judge(
            sentence,
            &words,
            MentionSection::Rationale,
            OWN,
            Vocabulary::get(),
        )
        .map_or("none", |(kind, _)| kind.as_str())
    }

    #[test]
    fn every_row_of_the_tables_gives_what_it_says() {
        let rows = table(include_str!("../../../data/vocabulary/weaning.csv"));
        let kinds = table(include_str!("../../../data/vocabulary/weaning_kinds.csv"));
        let wrong: Vec<String> = rows
            .iter()
            .map(|r| (r["example"], r["gives"]))
            .chain(kinds.iter().map(|r| (r["example"], r["kind"])))
            .filter(|(example, want)| gives(example) != *want)
            .map(|(example, want)| format!("{example:?}: {} instead of {want}", gives(example)))
            .collect();
        assert!(
            wrong.is_empty(),
            "{} rows\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}
