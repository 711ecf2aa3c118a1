//! What a sentence says of weaning, all its phrases weighed together.
//!
//! Rows of tables read plain language surely, and fail where a thing is said in words that no row foresees. So the last
//! word has a sum: of the weights of the sentence's phrases, and of those of what the rows read in it. The weights come
//! from labelled sentences (`training.rs`).

use super::{Reading, is_guideline};
use crate::letter::model::{MentionKind, MentionSection};
use crate::vocabulary::patterns::Word;
use crate::vocabulary::runs::hash;
use crate::vocabulary::weights::{Element, KINDS, Section, Sum, Weights};
#[cfg(test)]
use crate::vocabulary::weights::{of_word, stem};

/// How much of what the rows read counts beside the words themselves. Found by leaving out one hand after the other.
pub const READ: f32 = 0.5;

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
    let section = placed(section);
    weights.add(&[section.element()], &mut said);
    weights.add_words(texts(words), section, &mut said);
    readings(section, reading, &mut |phrase| {
        weights.add(phrase, &mut read)
    });
    let (said, read) = (said.by_kind(), read.by_kind());
    let sum = |kind: &usize| said[*kind] + READ * read[*kind];
    let most = (0..KINDS.len()).max_by(|a, b| sum(a).total_cmp(&sum(b)))?;
    MentionKind::from_text(KINDS[most])
}

/// What is weighed of the words of a sentence, with its hash: drugs and figures stand for each other.
fn texts<'a>(words: &'a [Word]) -> impl Iterator<Item = (&'a str, u64)> {
    let sign = |sign: &'static str| (sign, hash(sign.as_bytes()));
    let mut last = "";
    let inner = words.iter().filter_map(move |word| {
        let (text, hash) = match word.text.as_str() {
            _ if word.drug => sign("<drug>"),
            _ if word.number.is_some() => sign("<n>"),
            text if text.starts_with(|c: char| c.is_ascii_digit()) => sign("<n>"),
            text => (text, word.hash),
        };
        let again = text.starts_with('<') && text == last;
        last = text;
        (!again).then_some((text, hash))
    });
    [sign("^")].into_iter().chain(inner).chain([sign("$")])
}

/// The phrases of a sentence that are weighed: its words and stems, two and three of them in a row, and what they are in
/// its section.
#[cfg(test)]
pub fn phrases(words: &[Word], section: MentionSection, each: &mut impl FnMut(&[Element])) {
    let section = placed(section);
    each(&[section.element()]);
    texts(words).for_each(|(text, _)| of_word(text, section, each));
    let stems: Vec<Element> = texts(words).map(|(text, _)| stem(text)).collect();
    stems.windows(2).for_each(&mut *each);
    stems.windows(3).for_each(each);
}

/// What the rows read, as phrases.
pub fn readings(section: Section, reading: &Reading, each: &mut impl FnMut(&[Element])) {
    let kind = Element::word(reading.kind.map_or("none", MentionKind::as_str));
    each(&[Element::word("read:"), kind]);
    each(&[Element::word("read:"), kind, section.element()]);
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

/// A section as phrases have it.
pub fn placed(section: MentionSection) -> Section {
    match section {
        MentionSection::ClinicalSummary => Section::Summary,
        _ => Section::Rationale,
    }
}

#[cfg(test)]
mod tests {
    use super::super::looked_at;
    use super::*;
    use crate::vocabulary::Vocabulary;

    #[test]
    fn words_weigh_what_their_phrases_do() {
        let weights = &Vocabulary::get().weights;
        for sentence in [
            "He should be weaned off Norco, 10 mg a day, over 4-6 weeks.",
            "The zyzzyva of détente; abruptly stopping the opioids is not recommended.",
            "",
        ] {
            for section in [MentionSection::ClinicalSummary, MentionSection::Rationale] {
                looked_at(sentence, |words, _| {
                    let (mut each, mut all) = (Sum::default(), Sum::default());
                    phrases(words, section, &mut |p| weights.add(p, &mut each));
                    weights.add(&[placed(section).element()], &mut all);
                    weights.add_words(texts(words), placed(section), &mut all);
                    assert_eq!(all, each, "{sentence}");
                });
            }
        }
    }
}
