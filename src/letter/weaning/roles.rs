//! What acts on a cue: the modifiers of a sentence, each in its own statement.

use super::{Own, clauses, overlaps, words};
use crate::letter::model::MentionSection;
use crate::vocabulary::patterns::{Hit, Word};

/// Everything that acts on a cue.
pub fn of<'a>(
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
    // "With no refills", "not medically necessary": what is denied is something else, unless more follows.
    let denies_other = |h: &Hit| {
        hits.iter().any(|o| {
            o.role == "other_denied"
                && o.words.start <= h.words.start
                && h.words.start < o.words.end
                && !overlaps(&o.words, &cue.words)
                && !(h.role == "undone" && h.words.end < o.words.end)
                && !words
                    .get(o.words.end)
                    .is_some_and(|w| matches!(w.text.as_str(), "or" | "nor" | "of" | "that"))
        })
    };
    let causes: Vec<usize> = (0..words.len())
        .filter(|b| {
            causes.contains(b) || *b >= cue.words.end && clauses::turns(sentence, words, *b)
        })
        .collect();
    let meanwhile = at(&["boundary", "while"]);
    let verbs = at(&["boundary", "verb"]);
    let coordinated = at(&["boundary", "coord"]);
    let decisive = |h: &Hit| {
        matches!(
            h.role,
            "recommend" | "certified" | "start" | "able" | "request"
        ) && h.acts_on(&cue.words, &strong)
    };
    // "As there is no benefit, the drug should be tapered": what is denied is in a clause of its own.
    let clause_before = |h: &Hit| {
        let opened = clauses
            .iter()
            .copied()
            .filter(|b| h.words.end <= *b && *b < cue.words.start);
        clauses::commas_between(sentence, words, &h.words, &cue.words)
            .chain(opened)
            .any(|after| hits.iter().any(|d| d.words.start >= after && decisive(d)))
    };
    // "Although the guidelines speak of a slower rate, the 75 tablets requested are part of a taper."
    let said_before = |h: &Hit| {
        const CASE: &[&str] = &[
            "request",
            "recommend",
            "certified",
            "doing",
            "undone",
            "failed",
        ];
        clauses::commas_between(sentence, words, &h.words, &cue.words).any(|after| {
            hits.iter()
                .any(|d| d.words.start >= after && CASE.contains(&d.role))
        })
    };
    let turns_to_case = |h: &Hit| {
        clauses::commas_between(sentence, words, &h.words, &cue.words).any(|after| {
            let of_case =
                |d: &Hit| d.words.start >= after && matches!(d.role, "patient" | "this_case");
            matches!(words[after].text.as_str(), "and" | "but" | "so" | "yet")
                && hits.iter().any(of_case)
                && hits.iter().any(|d| d.words.start >= after && decisive(d))
        })
    };
    let wished_before = |h: &Hit| {
        hits.iter()
            .any(|d| d.role == "willing" && d.acts_on(&cue.words, &strong))
            && strong
                .iter()
                .any(|b| cue.words.end <= *b && *b <= h.words.start)
    };
    // "Having failed once, he has begun a second taper."
    let then = |h: &Hit| {
        clauses::is_subordinate(words)
            && clauses::commas_between(sentence, words, &h.words, &cue.words).any(|after| {
                hits.iter().any(|d| {
                    d.words.start >= after
                        && matches!(d.role, "doing" | "willing")
                        && d.acts_on(&cue.words, &strong)
                })
            })
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
                "absent" | "unadvised" | "generic" => &weak,
                // "It is requested because weaning at home failed."
                "failed" | "undone" | "refused" if h.words.start >= cue.words.end => &causes
                    .iter()
                    .copied()
                    .filter(|b| !(cue.role.starts_with("cue") && clauses::goes_on(words, *b)))
                    .collect(),
                // "He is coming off it and support is sensible": the second statement is on something else.
                "recommend" if h.words.start >= cue.words.end => &coordinated
                    .iter()
                    .copied()
                    .filter(|b| !aside(*b, h) && !clauses::joins(words, &cue.words, *b, &h.words))
                    .collect(),
                // "It should stay as it is while lorazepam is being withdrawn."
                // "It should not be stopped abruptly but tapered."
                "recommend" => &meanwhile
                    .iter()
                    .copied()
                    .filter(|b| !(words[*b].text == "but" && cue.words.start <= *b + 2))
                    .collect(),
                _ => &strong,
            };
            // "2 mg, then none": what is part of a cue does not deny it.
            let is_part = cue.words.start <= h.words.start
                && (h.words.end == cue.words.end
                    || h.words.end < cue.words.end
                        && (clauses::compares(&words[h.words.start])
                            || words[h.words.start].text == "without"
                            || words[h.words.start].text.starts_with("declin"))
                    || cue.less.is_some() && h.role != "failed" && h.words.end < cue.words.end);
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
                // "He should be weaned, as stopping a benzodiazepine is unsafe": drugs in general in a clause
                // of its own.
                && !(h.role == "generic"
                    && (clauses::is_definite(words, h.words.start)
                        || weak.iter().any(|b| cue.words.end <= *b && *b <= h.words.start)))
                // "No schedule for tapering, which the MTUS asks for".
                && !(h.role == "guideline"
                    && overlaps(&h.words, &cue.words)
                    && weak.iter().any(|b| cue.words.end <= *b && *b < h.words.end))
                && !(matches!(h.role, "absent" | "undone") && clauses::denies_nothing(words, h.words.start))
                // "It has to be tapered and cannot be dropped overnight": what is denied is the other thing.
                && !(matches!(h.role, "absent" | "failed")
                    && cue.role != "abrupt"
                    && hits.iter().any(|a| {
                        a.role == "abrupt"
                            && a.words.start <= h.words.start + 3
                            && h.words.end <= a.words.end
                            && !overlaps(&a.words, &cue.words)
                    }))
                // "He was detoxified and has not relapsed."
                && !(h.role == "failed"
                    && h.words.len() == 1
                    && clauses::is_denied(words, h.words.start))
                // "It was not submitted, so I have nothing to approve."
                && !(h.role == "certified"
                    && (clauses::is_denied(words, h.words.start)
                        || cue.words.end <= h.words.start
                            && clauses::is_none_of(words, cue.words.start)))
                && !(matches!(h.role, "absent" | "undone" | "failed" | "refused" | "unadvised" | "withdrawal")
                    && denies_other(h))
                // "As the guidelines advise it, he should be weaned."
                && !(h.role == "guideline" && clauses::is_subordinate(words) && said_before(h))
                // "The MTUS supports weaning, and this claimant should be weaned."
                && !(h.role == "guideline" && turns_to_case(h))
                // "As no taper was documented, the criterion is not met."
                && !(h.role == "criterion"
                    && h.words.start >= cue.words.end
                    && clauses::is_subordinate(words)
                    && clauses::commas_between(sentence, words, &cue.words, &h.words).next().is_some())
                // "He wishes to wean, although attempts have failed."
                && !(h.role == "failed_attempt" && wished_before(h))
                // "The records do not say whether it was done."
                && !(h.role == "criterion"
                    && hits.iter().any(|d| {
                        d.role == "absent"
                            && d.words.start < h.words.start
                            && h.words.start <= d.words.end + 1
                    }))
                // "For weaning the MTUS suggests …" is no advice for this patient.
                && !(h.role == "recommend"
                    && !clauses::is_passive(words, h.words.start)
                    && hits
                        .iter()
                        .any(|g| g.role == "guideline" && overlaps(&g.words, &h.words)))
                // "A supervised withdrawal is due" warns of none.
                && !(h.role == "withdrawal"
                    && cue.role.starts_with("cue")
                    && cue.words.len() <= 2
                    && overlaps(&h.words, &cue.words))
                // "Being weaned from one drug, he should not be started on another."
                && !(h.role == "undone"
                    && h.words.start >= cue.words.end
                    && clauses::is_subordinate(words)
                    && clauses::commas_between(sentence, words, &cue.words, &h.words).next().is_some())
                // "She has asked for a plan" is no request for authorization.
                && !(h.role == "request" && clauses::is_asked_by_patient(words, h.words.start))
                // "His taper should not be disturbed."
                && !(h.role == "recommend"
                    && h.words.start >= cue.words.end
                    && clauses::forbids(words, &h.words))
                // "He needs fewer tablets" tells of him.
                && !(h.role == "recommend" && h.words.start == cue.words.start)
                // "He is tapering as instructed."
                && !(h.role == "recommend"
                    && h.words.start > 0
                    && cue.words.end <= h.words.start
                    && words[h.words.start - 1].text == "as")
                // "In accordance with the guideline he should be weaned."
                && !(h.role == "guideline_weak"
                    && hits
                        .iter()
                        .any(|a| a.role == "applied" && overlaps(&a.words, &h.words)))
                // "The dose has, to his credit, been halved" does not have to be.
                && !(h.role == "recommend" && clauses::is_parted(sentence, words, &h.words))
                && !(is_part && matches!(h.role, "absent" | "undone" | "failed" | "refused" | "doing"))
                && !(matches!(h.role, "absent" | "failed" | "refused" | "unadvised" | "criterion")
                    && (clause_before(h) || modal_between(h) || then(h)))
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
    // "No taper was tried and it should be begun now": a second statement on the same thing.
    let anew = |h: &Hit| {
        matches!(h.role, "recommend" | "certified")
            && !clauses::is_denied(words, h.words.start)
            && !clauses::forbids(words, &h.words)
            && clauses::speaks_again(words, &(cue.words.end..h.words.start), &h.words)
    };
    if hits.iter().any(anew) {
        out.push("anew");
    }
    // "The guideline advises a taper, and the 75 tablets requested are meant to provide one."
    let anew_request = |h: &Hit| {
        h.role == "request" && clauses::takes_up(words, &(cue.words.end..h.words.start), &h.words)
    };
    if hits.iter().any(anew_request) {
        out.push("anew_request");
    }
    // "The guideline asks for a taper and none has been tried."
    let none_of_it = |h: &Hit| {
        matches!(h.role, "absent" | "undone")
            && !denies_other(h)
            && !hits.iter().any(|a| a.role.starts_with("abrupt"))
            && clauses::denies_again(words, cue.words.end, &h.words)
    };
    if hits.iter().any(none_of_it) {
        out.push("none_of_it");
    }
    // A denial beyond a boundary speaks of the sentence as a whole where nothing else does.
    let denied = |h: &&Hit| {
        matches!(h.role, "absent" | "undone" | "failed" | "refused")
            && !clauses::compares(&words[h.words.start])
    };
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
        && crate::letter::words::contains_words(sentence, "medically necessary")
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
    // "Continued use is not supported; taper per MTUS."
    if cue.words.start > 2
        && matches!(words[cue.words.start - 1].text.as_str(), ";" | ":")
        && clauses::is_order(&words[cue.words.start..])
    {
        out.push("order");
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
