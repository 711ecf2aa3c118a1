//! Sentences that speak of weaning, and what each of them says.
//!
//! The phrases and the way they combine are tables (`weaning.csv`, `weaning_kinds.csv`); here cues and the modifiers
//! that act on them are brought together, sentence by sentence. What they tell is weighed together with all other words
//! of the sentence (`weighing.rs`): the weights are a table too (`weaning_weights.csv`), learned from sentences that
//! people have labelled (`weaning_sentences.tsv`).

mod clauses;
mod roles;
mod rollup;
#[cfg(test)]
mod training;
mod weighing;
mod words;

pub use rollup::{Subject, Summary, context};

use super::model::{Mention, MentionKind, MentionSection};
use super::prose::Prose;
use super::sentences::Sentence;
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
    /// The request is for a treatment other than drugs and programs: what "goes down" is likely to be of that.
    pub is_treatment: bool,
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
    let whole = Sentence {
        range: range.clone(),
        runs: prose.runs(range),
    };
    let (whole, sentences) = match section {
        MentionSection::Request => (Some(whole), None),
        _ => (None, Some(prose.sentences(range))),
    };
    let mut out = Vec::new();
    let mut clues = vocabulary.weaning.clues();
    // Arrows say "to" and "decrease" without being words.
    let text = prose.text[range.clone()].as_bytes();
    let arrows = memchr::memchr2(b'>', "→".as_bytes()[0], text).is_some();
    let sentences = sentences.into_iter().flatten();
    for Sentence { range, runs } in whole.into_iter().chain(sentences) {
        let sentence = &prose.text[range.clone()];
        let at = range.start;
        let pointed = || arrows && sentence.contains(['>', '→', '↓', '↑']);
        words::note_clues(sentence, at, runs, vocabulary, &mut clues);
        let mut told = vocabulary.weaning.told_by(&clues);
        if told.is_empty() && !pointed() {
            continue;
        }
        let lower = sentence.to_ascii_lowercase();
        let words = words::of_runs(sentence, &lower, at, runs, vocabulary);
        if pointed() {
            told = vocabulary.weaning.told_in(&words);
        }
        let judged = judge(sentence, &words, &told, section, own, vocabulary);
        let Some((kind, cue)) = judged else { continue };
        out.push(Mention {
            section,
            kind,
            sentence: prose.verbatim(&range),
            cue: prose.span(&(at + cue.start..at + cue.end)),
        });
    }
    out
}

/// The words of a sentence that are judged. Each cue is judged by all others, so that a sentence of a million cues
/// would take days; those of letters have some hundred words.
const LONGEST: usize = 1000;

/// What one sentence, which may fulfil the rows `told`, says of weaning, and the bytes of its first cue; `None` if
/// it says nothing of it.
fn judge(
    sentence: &str,
    words: &[Word],
    told: &[usize],
    section: MentionSection,
    own: Own,
    vocabulary: &Vocabulary,
) -> Option<(MentionKind, Range<usize>)> {
    let words = &words[..words.len().min(LONGEST)];
    let hits = vocabulary.weaning.hits(words, told);
    if own.is_treatment && !names_what_is_weaned(words, &hits) {
        return None;
    }
    let reading = read(sentence, words, &hits, section, own, vocabulary);
    let kind = match weighing::is_weighed(section) {
        true => weighing::kind(words, section, &reading, &vocabulary.weights),
        false => reading.kind,
    }?;
    // Where the rows see no cue, what comes nearest to one.
    let cue = reading.first.or_else(|| Some(bytes(words, hits.first()?)));
    Some((kind, cue.unwrap_or(0..sentence.len())))
}

/// Whether a sentence names weaning, a drug or a dose.
fn names_what_is_weaned(words: &[Word], hits: &[Hit]) -> bool {
    let names = |hit: &Hit| matches!(hit.role, "cue" | "abrupt" | "withdrawal");
    words::speaks_of_doses(words) || hits.iter().any(names)
}

/// What the rows of the tables by themselves read in a sentence.
struct Reading<'a> {
    kind: Option<MentionKind>,
    /// The bytes of the first cue.
    first: Option<Range<usize>>,
    hits: &'a [Hit],
    /// The role of each cue, and the roles of what acts on it.
    cues: Vec<(&'a str, Vec<&'a str>)>,
}

fn read<'a>(
    sentence: &str,
    words: &[Word],
    hits: &'a [Hit],
    section: MentionSection,
    own: Own,
    vocabulary: &Vocabulary,
) -> Reading<'a> {
    let mut out = Reading {
        kind: None,
        first: None,
        hits,
        cues: Vec::new(),
    };
    for cue in cues(words, hits, section, own) {
        let kind = match section {
            MentionSection::Request => Some(MentionKind::RequestIsForWeaning),
            section if is_guideline(section) => Some(match cue.role {
                "abrupt" => MentionKind::WithdrawalCaution,
                _ => MentionKind::GuidelineMention,
            }),
            _ => {
                let roles = roles::of(sentence, section, cue, words, hits, own);
                let kind = vocabulary.weaning.kind(&roles);
                out.cues.push((cue.role, roles));
                kind.and_then(MentionKind::from_text)
            }
        };
        let Some(kind) = kind else { continue };
        if out.kind.is_none_or(|k| kind < k) {
            out.kind = Some(kind);
        }
        // Of cues that begin alike the longest names what is reduced.
        let place = |r: &Range<usize>| (r.start, std::cmp::Reverse(r.end));
        let cue = bytes(words, cue);
        if out.first.as_ref().is_none_or(|f| place(&cue) < place(f)) {
            out.first = Some(cue);
        }
    }
    out
}

/// Where in the sentence a row's phrase stands.
fn bytes(words: &[Word], hit: &Hit) -> Range<usize> {
    words[hit.words.start].range.start..words[hit.words.end - 1].range.end
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
                        "cue_dose"
                            | "lower"
                            | "lower_bare"
                            | "lower_rate"
                            | "numbers"
                            | "numbers_loose"
                            | "less_first"
                            | "down_to"
                    )
                    && overlaps(&h.words, &cue.words)
                    && !(cue.words.start < h.words.start
                        && clauses::is_passive(words, h.words.start))
                    && !words::names_a_person(words, &h.words)
                    && !words[h.words.start + 1..h.words.end].iter().any(|w| w.drug)
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
                        || has("guideline")
                        || has("guideline_weak")
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
        // "must not be stopped without a taper", "must not be cut off overnight" are one warning each.
        .filter(|h| {
            let is_word_of = |a: &Hit| {
                a.words.start <= h.words.start && h.words.end <= a.words.end
                    || h.role.starts_with("lower") && overlaps(&a.words, &h.words)
            };
            h.role == "abrupt" || !hits.iter().any(|a| a.role == "abrupt" && is_word_of(a))
        })
        .filter(|h| !words::steps_from_another_thing(words, &h.words))
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

/// Looks at the words of a sentence that stands by itself, and at the rows that they may fulfil.
#[cfg(test)]
fn looked_at<T>(sentence: &str, look: impl FnOnce(&[Word], &[usize]) -> T) -> T {
    let vocabulary = Vocabulary::get();
    let lower = sentence.to_ascii_lowercase();
    let words = words::words(sentence, &lower, vocabulary);
    look(&words, &vocabulary.weaning.told_in(&words))
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
        is_treatment: false,
        is_vehicle: false,
    };

    /// What an example says, by rows alone or all things weighed.
    fn gives(example: &str, weighed: bool) -> &'static str {
        let vocabulary = Vocabulary::get();
        let section = MentionSection::Rationale;
        let kind = looked_at(example, |words, told| match weighed {
            true => judge(example, words, told, section, OWN, vocabulary).map(|(kind, _)| kind),
            false => {
                let hits = vocabulary.weaning.hits(words, told);
                read(example, words, &hits, section, OWN, vocabulary).kind
            }
        });
        kind.map_or("none", MentionKind::as_str)
    }

    #[test]
    fn every_row_of_the_tables_gives_what_it_says() {
        let rows = table(include_str!("../../../data/vocabulary/weaning.csv"));
        let kinds = table(include_str!("../../../data/vocabulary/weaning_kinds.csv"));
        let examples = rows
            .iter()
            .map(|r| (r["example"], r["gives"], r["role"]))
            .chain(kinds.iter().map(|r| (r["example"], r["kind"], "")));
        let mut wrong = Vec::new();
        for (example, want, role) in examples {
            // A word that only calls for weighing is read by no row.
            let read = gives(example, role == "telling");
            if read != want {
                wrong.push(format!("{example:?}: {read} instead of {want}"));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} rows\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }

    #[test]
    fn an_arrow_tells_of_a_fall() {
        let prose = Prose::new("Norco 8/d -> 4/d since January.", |_| false);
        let section = MentionSection::ClinicalSummary;
        let all = 0..prose.text.len();
        let found = mentions(&prose, &all, section, Own::default(), Vocabulary::get());
        let kinds: Vec<MentionKind> = found.iter().map(|m| m.kind).collect();
        assert_eq!(kinds, [MentionKind::PatientWeaning]);
    }
}
