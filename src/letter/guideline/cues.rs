//! The cues of citations in the sentences of a guideline text.

use super::lists::LISTS;
use crate::letter::phrases::PhraseAt;
use crate::letter::prose::Prose;
use crate::vocabulary::runs::Run;
use std::ops::Range;

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
        let mut cues = LISTS.cues.find(runs);
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
    let word = &text[run.range()];
    let letters = word.find(|c: char| c.is_ascii_digit())?;
    LISTS.pages.has_word(&word[..letters]).then(|| PhraseAt {
        value: Cue::GluedPages,
        start: run.start as usize,
        end: run.start as usize + letters,
    })
}
