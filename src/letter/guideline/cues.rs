//! The cues of citations in the sentences of a guideline text.

use crate::letter::phrases::{PhraseAt, Phrases};
use crate::letter::prose::Prose;
use crate::vocabulary::runs::Run;
use std::ops::Range;
use std::sync::LazyLock;

/// Wordings that name the MTUS only to say that it does not apply.
const NOT_MTUS: &[&str] = &[
    "non mtus citation",
    "non mtus",
    "not part of the mtus",
    "not a part of the mtus",
    "not part of mtus",
    "not part of the medical treatment utilization schedule",
    "not found in the mtus",
    "outside the mtus",
    "mtus does not address",
    "mtus do not address",
    "mtus did not address",
    "mtus guidelines do not address",
    "mtus is silent",
    "mtus are silent",
    "mtus was silent",
    "mtus guidelines are silent",
    "no section of the mtus",
    "no part of the mtus",
    "not addressed by the mtus",
    "not addressed in the mtus",
    "not addressed by mtus",
    "not covered by the mtus",
    "mtus does not specifically address",
    "mtus does not specifically",
    "mtus does not discuss",
    "mtus does not contain",
    "mtus does not cover",
    "mtus does not mention",
    "mtus was not applicable",
    "mtus is not applicable",
    "mtus were not applicable",
    "sections of the mtus were not applicable",
];

/// Wordings of a side that named no guideline of its own.
const NONE_CITED: &[&str] = &[
    "did not cite",
    "do not address",
    "cited no",
    "does not cite",
    "not cite any",
    "no guideline",
    "no guidelines",
    "none cited",
    "no citation",
    "did not provide",
    "did not specify",
    "did not reference",
    "did not rely",
    "no evidence based",
    "no medical evidence",
    "did not identify",
    "not cited",
    "named no",
    "did not name",
    "names no guideline",
];

/// What a phrase tells of the citations in its sentence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cue {
    /// The MTUS is named only to say that it does not apply.
    Denied,
    /// "Non-MTUS Citation": a denial too, and its source follows.
    NonMtus,
    NothingCited,
    /// "Decision based on": its source follows.
    BasedOn,
    /// "his/her decision on": its source follows.
    PartysDecision,
    DecisionOn,
    /// The guidelines are those of the other party.
    OthersGuidelines,
    /// What follows may be said of a guideline.
    Said,
    Pages,
    /// "p78", "pg80"
    GluedPages,
}

/// Every cue, so that a sentence is looked through once.
static CUES: LazyLock<Phrases<Cue>> = LazyLock::new(|| {
    let others: &[(Cue, &[&'static str])] = &[
        (Cue::Denied, NOT_MTUS),
        (Cue::NothingCited, NONE_CITED),
        (Cue::NonMtus, &["non mtus citation"]),
        (Cue::BasedOn, &["decision based on"]),
        (
            Cue::PartysDecision,
            &[
                "his her decision on",
                "his decision on",
                "her decision on",
                "its decision on",
            ],
        ),
        (Cue::DecisionOn, &["decision on"]),
        (
            Cue::OthersGuidelines,
            &["guidelines used by the claims administrator"],
        ),
        (Cue::Said, &["which", "all", "as"]),
        (
            Cue::Pages,
            &["pages", "page s", "page", "pgs", "pg", "pp", "p"],
        ),
    ];
    Phrases::new(
        others
            .iter()
            .flat_map(|(cue, all)| all.iter().map(|phrase| (*phrase, *cue))),
    )
});

/// A sentence of a guideline text.
pub struct Sentence<'a> {
    pub prose: &'a Prose,
    /// Bytes of the prose.
    pub range: Range<usize>,
    pub runs: &'a [Run],
    /// In order.
    pub cues: Vec<PhraseAt<Cue>>,
}

impl<'a> Sentence<'a> {
    pub fn of(prose: &'a Prose, range: Range<usize>) -> Sentence<'a> {
        let runs = prose.runs(&range);
        let mut cues = CUES.find(runs);
        let known = cues.len();
        let bytes = prose.text.as_bytes();
        let may_be_pages = |run: &&Run| matches!(bytes[run.start as usize], b'p' | b'P');
        let all = runs.iter().filter(may_be_pages);
        cues.extend(all.filter_map(|run| glued(&prose.text, run)));
        if cues.len() > known {
            cues.sort_by_key(|cue| cue.start);
        }
        Sentence {
            prose,
            range,
            runs,
            cues,
        }
    }

    pub fn text(&self) -> &'a str {
        &self.prose.text[self.range.clone()]
    }

    pub fn has(&self, cue: Cue) -> bool {
        self.cues.iter().any(|c| c.value == cue)
    }

    /// The cues in the bytes `range` of the prose.
    pub fn within(&self, range: &Range<usize>) -> impl Iterator<Item = &PhraseAt<Cue>> {
        let first = self.cues.partition_point(|c| c.start < range.start);
        self.cues[first..]
            .iter()
            .take_while(|c| c.start <= range.end)
            .filter(|c| c.end <= range.end)
    }

    pub fn opens_citation(&self) -> bool {
        self.within(&self.range)
            .any(|c| c.value == Cue::BasedOn && c.start == self.range.start)
    }
}

/// The word for pages that a number is glued to.
fn glued(text: &str, run: &Run) -> Option<PhraseAt<Cue>> {
    let word = text[run.range()].strip_prefix(['p', 'P'])?;
    let letters = word.find(|c: char| c.is_ascii_digit())?;
    ["ages", "age", "gs", "g", "p", ""]
        .iter()
        .any(|label| word[..letters].eq_ignore_ascii_case(label))
        .then(|| PhraseAt {
            value: Cue::GluedPages,
            start: run.start as usize,
            end: run.start as usize + 1 + letters,
        })
}
