//! From the mentions to the weaning context of each decision.

use super::words;
use crate::letter::model::{Mention, MentionKind};
use crate::vocabulary::Vocabulary;
use crate::vocabulary::tokens::tokens;
use std::collections::BTreeSet;

/// What a decision is on, as far as it matters which mentions of the summary apply to it.
pub struct Subject<'a> {
    /// Ingredients joined with `/`.
    pub generic_name: Option<&'a str>,
    pub subcategory: &'a str,
}

/// Ingredients that combinations share without being one drug.
const CARRIERS: &[&str] = &[
    "acetaminophen",
    "aspirin",
    "ibuprofen",
    "caffeine",
    "naloxone",
    "naltrexone",
];

/// What the sentences of a clinical summary speak of weaning, each with the substances it names.
pub struct Summary<'a> {
    mentions: Vec<(MentionKind, BTreeSet<&'a str>, BTreeSet<&'a str>)>,
}

impl<'a> Summary<'a> {
    pub fn of(mentions: &[Mention], vocabulary: &'a Vocabulary) -> Summary<'a> {
        let mentions = mentions.iter().map(|m| {
            let (drugs, classes) = substances(&m.sentence.value, vocabulary);
            (m.kind, drugs, classes)
        });
        Summary {
            mentions: mentions.collect(),
        }
    }
}

/// The highest kind among a decision's own mentions and those of the summary that apply to it.
pub fn context(subject: &Subject, own: &[Mention], summary: &Summary) -> Option<MentionKind> {
    let applying = summary
        .mentions
        .iter()
        .filter(|(_, drugs, classes)| applies(drugs, classes, subject));
    own.iter()
        .map(|m| m.kind)
        .chain(applying.map(|(kind, ..)| *kind))
        .min()
}

/// Whether a sentence of the summary that names these substances speaks of weaning what a decision is on.
fn applies(drugs: &BTreeSet<&str>, classes: &BTreeSet<&str>, subject: &Subject) -> bool {
    let ingredients: BTreeSet<&str> = subject
        .generic_name
        .into_iter()
        .flat_map(|g| g.split('/'))
        .filter(|i| !CARRIERS.contains(i))
        .collect();
    let barbiturate = ["butalbital", "phenobarbital", "secobarbital"]
        .iter()
        .any(|b| ingredients.contains(b));
    if drugs.is_empty() && classes.is_empty() {
        return matches!(
            subject.subcategory,
            "opioid" | "benzodiazepine" | "sedative_hypnotic"
        ) || barbiturate
            || ingredients.contains("carisoprodol");
    }
    drugs.iter().any(|d| ingredients.contains(d))
        || classes.contains(subject.subcategory)
        || classes.contains("barbiturate") && barbiturate
}

/// The drugs' ingredients and the classes named in the part of a sentence that speaks of weaning.
fn substances<'a>(
    sentence: &str,
    vocabulary: &'a Vocabulary,
) -> (BTreeSet<&'a str>, BTreeSet<&'a str>) {
    let lower = sentence.to_ascii_lowercase();
    let all = words::words(sentence, &lower, vocabulary);
    let told = vocabulary.weaning.told_in(&all);
    let hits = vocabulary.weaning.hits(&all, &told);
    let is_cue = |role: &str| {
        matches!(
            role,
            "cue"
                | "cue_dose"
                | "lower"
                | "abrupt"
                | "numbers"
                | "numbers_loose"
                | "numbers_seq"
                | "less_first"
                | "down_to"
        )
    };
    let cues: Vec<usize> = hits
        .iter()
        .filter(|h| is_cue(h.role))
        .map(|h| all[h.words.end - 1].range.start)
        .collect();
    let mut cuts: Vec<usize> = hits
        .iter()
        .filter(|h| h.role == "boundary")
        .map(|h| all[h.words.start].range.start)
        .collect();
    cuts.extend(sentence.match_indices(", ").map(|(i, _)| i));
    cuts.extend(sentence.match_indices(" with ").map(|(i, _)| i));
    let joined = sentence.match_indices(" and ");
    cuts.extend(
        joined
            .map(|(i, _)| i)
            .filter(|i| opens_statement(&sentence[i + 5..])),
    );
    cuts.push(0);
    cuts.sort_unstable();
    cuts.push(sentence.len());
    let clauses = cuts.windows(2).map(|w| w[0]..w[1]);
    let mut found = (BTreeSet::new(), BTreeSet::new());
    for clause in clauses.filter(|c| cues.iter().any(|cue| c.contains(cue))) {
        named(&sentence[clause], vocabulary, &mut found);
    }
    if found.0.is_empty() && found.1.is_empty() {
        named(sentence, vocabulary, &mut found);
    }
    found
}

/// Whether what follows an "and" is a statement of its own ("and takes Xanax", "and Flexeril was
/// started"), not one more thing ("and Xanax").
fn opens_statement(text: &str) -> bool {
    const VERBS: &[&str] = &[
        "takes",
        "took",
        "continues",
        "continued",
        "uses",
        "used",
        "is",
        "was",
        "has",
        "had",
        "remains",
        "receives",
        "he",
        "she",
        "they",
    ];
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or("");
    let second = words.next().unwrap_or("");
    VERBS.contains(&first) || matches!(second, "was" | "is" | "has")
}

fn named<'a>(
    text: &str,
    vocabulary: &'a Vocabulary,
    found: &mut (BTreeSet<&'a str>, BTreeSet<&'a str>),
) {
    let words = tokens(text);
    for drug in vocabulary.drugs.find(&words) {
        found.0.extend(
            drug.drug
                .ingredients
                .split('/')
                .filter(|i| !CARRIERS.contains(i)),
        );
    }
    for i in 0..words.len() {
        let classes = vocabulary.drugs.classes_at(&words[i..]);
        found.1.extend(classes.into_iter().flatten());
    }
}
