//! The patient's sex.

use super::age::in_shorthand;
use super::lists::LISTS;
use super::words::{Word, words};
use crate::letter::model::{Found, Sex};
use crate::letter::prose::Prose;
use std::ops::Range;

/// How a word tells of the patient's sex.
#[derive(Clone, Copy, PartialEq)]
pub enum Tells {
    ByItself,
    /// As the title before a name, at the beginning.
    AsTitle,
    /// As a capital, after an age.
    AsLetter,
    AsPronoun,
}

/// The patient's sex: from a word for it near the beginning, else from pronouns if they all agree.
pub fn sex(prose: &Prose, range: &Range<usize>) -> Option<Found<Sex>> {
    let text = &prose.text[range.clone()];
    if let Some((_, sex, at)) = in_shorthand(prose, range) {
        return Some(prose.found(sex, &at));
    }
    let sexes = &LISTS.sexes;
    let all = || {
        let words = words(text, range.start, prose.runs(range));
        words.enumerate().filter_map(|(i, word)| {
            let (sex, tells) = sexes.get(&word.alone()?)?;
            Some((i, word, *sex, *tells))
        })
    };
    let found = |sex, w: Word| prose.found(sex, &(range.start + w.start..range.start + w.end));
    let first = prose.sentences(range).take(3);
    let mut ends = first.map(|s| s.range.end - range.start);
    let mut early = 0;
    for (i, word, sex, tells) in all() {
        while early <= word.start
            && let Some(end) = ends.next()
        {
            early = end;
        }
        if word.start >= early {
            break;
        }
        // The words up to this one.
        let so_far = || {
            words(
                text,
                range.start,
                prose.runs(&(range.start..range.start + word.start)),
            )
        };
        let told = match tells {
            Tells::ByItself => true,
            Tells::AsTitle => i < 3,
            Tells::AsLetter => {
                word.of(text).starts_with(|c: char| c.is_ascii_uppercase())
                    && so_far()
                        .skip(i.saturating_sub(4))
                        .any(|w| is_age_tail(w.of(text)))
            }
            Tells::AsPronoun => false,
        };
        let other = |w: Word| LISTS.others.has_word(w.of(text));
        if told && !so_far().last().is_some_and(other) {
            return Some(found(sex, word));
        }
    }
    let mut pronouns = all().filter(|(.., tells)| *tells == Tells::AsPronoun);
    let (_, word, sex, _) = pronouns.next()?;
    pronouns
        .all(|(_, _, other, _)| other == sex)
        .then(|| found(sex, word))
}

fn is_age_tail(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    lower.ends_with("old")
        || lower.ends_with("yo")
        || lower.ends_with("y/o")
        || lower == "o"
        || lower == "age"
}

#[cfg(test)]
mod tests {
    use super::super::with;
    use super::*;

    #[test]
    fn sexes() {
        assert_eq!(
            with("The patient is a 48-year-old man. She", sex),
            Some(Sex::Male)
        );
        assert_eq!(
            with("The worker was struck. She is better. Her pain", sex),
            Some(Sex::Female)
        );
        assert_eq!(
            with("The worker was struck by him. She is better.", sex),
            None
        );
        assert_eq!(with("61 yo F with pain", sex), Some(Sex::Female));
        assert_eq!(with("38F, warehouse picker", sex), Some(Sex::Female));
        assert_eq!(with("M/52, janitor", sex), Some(Sex::Male));
    }
}
