//! What a sentence says of weaning, all its phrases weighed together.
//!
//! Rows of tables read plain language surely, and fail where a thing is said in words that no row foresees. So the last
//! word has a sum: of the weights of the sentence's phrases, and of those of what the rows read in it. The weights come
//! from labelled sentences (`training.rs`).

use super::{Reading, is_guideline};
use crate::letter::model::{MentionKind, MentionSection};
use crate::vocabulary::patterns::Word;
use crate::vocabulary::weights::{Element, KINDS, Sum, Weights};

/// How much of what the rows read counts beside the words themselves. Found by leaving out one hand after the other.
pub const READ: f32 = 0.5;

/// Letters of the stems that phrases are made of, and of those that count by themselves beside them.
const STEM: usize = 5;
const SHORTER: usize = 4;
const LONGER: usize = 7;

/// Whether sentences of a section are weighed; in the others the place itself says what they say.
pub fn is_weighed(section: MentionSection) -> bool {
    section != MentionSection::Request && !is_guideline(section)
}

/// The kind of statement that a sentence makes.
pub fn kind(
    words: &[Word],
    section: MentionSection,
    reading: &Reading,
    weights: &Weights,
) -> Option<MentionKind> {
    let (mut said, mut read) = (Sum::default(), Sum::default());
    phrases(words, section, &mut |phrase| weights.add(phrase, &mut said));
    readings(section, reading, &mut |phrase| {
        weights.add(phrase, &mut read)
    });
    let (said, read) = (said.by_kind(), read.by_kind());
    let sum = |kind: &usize| said[*kind] + READ * read[*kind];
    let most = (0..KINDS.len()).max_by(|a, b| sum(a).total_cmp(&sum(b)))?;
    MentionKind::from_text(KINDS[most])
}

/// The phrases of a sentence that are weighed: its words and stems, two and three of them in a row, and what they are in
/// its section. Drugs and figures stand for each other.
pub fn phrases(words: &[Word], section: MentionSection, each: &mut impl FnMut(&[Element])) {
    let mut texts = vec!["^"];
    for word in words {
        let text = match word.text.as_str() {
            _ if word.drug => "<drug>",
            _ if word.number.is_some() => "<n>",
            text if text.starts_with(|c: char| c.is_ascii_digit()) => "<n>",
            text => text,
        };
        if !(text.starts_with('<') && texts.last() == Some(&text)) {
            texts.push(text);
        }
    }
    texts.push("$");
    let stems: Vec<Element> = texts.iter().map(|t| Element::stem(t, STEM)).collect();
    let section = Element::word(name(section));
    each(&[section]);
    for (text, stem) in texts.iter().zip(&stems) {
        each(&[*stem]);
        each(&[section, *stem]);
        // Of a short word the stems are the word itself.
        if text.len() > SHORTER {
            each(&[Element::word(text)]);
            for letters in [SHORTER, LONGER] {
                each(&[Element::stem(text, letters)]);
            }
        }
    }
    stems.windows(2).for_each(&mut *each);
    stems.windows(3).for_each(each);
}

/// What the rows read, as phrases.
pub fn readings(section: MentionSection, reading: &Reading, each: &mut impl FnMut(&[Element])) {
    let kind = Element::word(reading.kind.map_or("none", MentionKind::as_str));
    each(&[Element::word("read:"), kind]);
    each(&[Element::word("read:"), kind, Element::word(name(section))]);
    for hit in reading.hits {
        each(&[Element::word("found:"), Element::word(hit.role)]);
    }
    for (cue, roles) in &reading.cues {
        each(&[Element::word("cue:"), Element::word(cue)]);
        for role in roles {
            each(&[Element::word("role:"), Element::word(role)]);
        }
    }
}

/// A section's name as phrases have it.
fn name(section: MentionSection) -> &'static str {
    match section {
        MentionSection::ClinicalSummary => "summary:",
        _ => "rationale:",
    }
}
