//! The patient's age.

use super::lists::LISTS;
use super::sex::Tells;
use super::words::{Word, words};
use crate::letter::model::{Found, Sex};
use crate::letter::prose::Prose;
use crate::vocabulary::numbers;
use crate::vocabulary::runs::hash;
use std::ops::Range;

/// The patient's age in years: the first age that a worker can have.
pub fn age(prose: &Prose, range: &Range<usize>) -> Option<Found<i32>> {
    let text = &prose.text[range.clone()];
    if let Some((value, _, at)) = in_shorthand(prose, range) {
        return Some(prose.found(value, &at));
    }
    let mut words = words(text, range.start, prose.runs(range)).peekable();
    // The two words before, the nearer first.
    let mut earlier: [Option<Word>; 2] = [None, None];
    while let Some(word) = words.next() {
        let before = earlier;
        earlier = [Some(word), before[0]];
        let figure = text.as_bytes()[word.start].is_ascii_digit();
        if !figure && numbers::amount(word.first).is_none() {
            continue;
        }
        let next = words.peek().map(|w| w.of(text));
        let lower = word.of(text).to_ascii_lowercase();
        // "58-year-old", "33 y/o", "72yo", "44 years of age", "46-yr-old", "aged 52", "age: 52"
        let digits = lower.bytes().take_while(u8::is_ascii_digit).count();
        let (value, tail) = if digits > 0 {
            (lower[..digits].parse().ok(), &lower[digits..])
        } else {
            let number = ["-year", "-yr", "-years", "-y"]
                .iter()
                .find_map(|u| lower.find(u));
            let head = &lower[..number.unwrap_or(lower.len())];
            let one_more = next.map(str::to_ascii_lowercase);
            match (numbers::from_word(head), one_more) {
                (Some(ten), Some(next))
                    if (20..=90).contains(&ten) && ten % 10 == 0 && number.is_none() =>
                {
                    // "fifty two year old"
                    let unit = numbers::from_word(next.split('-').next().unwrap_or(""))
                        .filter(|n| (1..10).contains(n));
                    (Some(ten + unit.unwrap_or(0)), &lower[head.len()..])
                }
                (value, _) => (value, &lower[head.len()..]),
            }
        };
        let Some(value) = value.filter(|v| (14..=99).contains(v)) else {
            continue;
        };
        let compound = numbers::from_word(&lower).is_some_and(|n| n != value);
        let rest_at = if compound {
            words.peek().map_or(word.end, |w| {
                w.start + w.of(text).find('-').unwrap_or(w.of(text).len())
            })
        } else {
            word.start + lower.len() - tail.len()
        };
        let is_capital = |word: Option<Word>| {
            word.is_some_and(|word| word.of(text).starts_with(char::is_uppercase))
        };
        let [last, last_but_one] = before.map(|w| w.map_or("", |w| w.of(text)));
        let last = last.to_ascii_lowercase();
        let aged = matches!(last.as_str(), "aged" | "age")
            && tail.trim_matches(|c: char| !c.is_alphanumeric()).is_empty();
        let by_itself = last == "is"
            && LISTS.persons.has_word(last_but_one)
            && ends_statement(&text[rest_at..]);
        // "a woman of 60 years", "a man of 44, a roofer"
        let of_age = last == "of"
            && LISTS.persons.has_word(last_but_one)
            && (text[rest_at..].starts_with(" years") || ends_statement(&text[rest_at..]));
        let who = last_but_one == "and" || LISTS.persons.has_word(last_but_one);
        let now = last == "is"
            && who
            && [" now", " today"]
                .iter()
                .any(|w| text[rest_at..].starts_with(w))
            || last == "now" && is_capital(before[0]) && text[rest_at..].starts_with(',');
        let turned = last == "turned" && !is_measure(&text[rest_at..]);
        if aged || by_itself || of_age || now || turned || is_age_unit(&text[rest_at..]) {
            let end = word.start + lower.len() - tail.len();
            let at = range.start + word.start..range.start + end.max(rest_at.min(text.len()));
            return Some(prose.found(value as i32, &at));
        }
    }
    None
}

/// An age with the letter of a sex in the summary's first sentence, as progress notes begin: "38F", "52 M", "F/52".
pub fn in_shorthand(prose: &Prose, range: &Range<usize>) -> Option<(i32, Sex, Range<usize>)> {
    let first = prose.sentences(range).next()?;
    let text = &prose.text[range.start..first.range.end];
    let mut words = words(text, range.start, first.runs).peekable();
    while let Some(word) = words.next() {
        // Nearly no word gets further.
        if !matches!(
            text.as_bytes()[word.start..],
            [b'0'..=b'9', ..] | [_, b'/', ..]
        ) {
            continue;
        }
        let whole = word.of(text);
        let next = words
            .peek()
            .filter(|next| text[word.end..next.start] == *" ");
        let apart = next.and_then(|next| Some((aged(whole, next.of(text))?, next.end)));
        let joined = || {
            let parts = match whole.split_once('/') {
                Some((letter, age)) if letter.len() == 1 => (age, letter),
                Some(parts) => parts,
                None => whole.split_at_checked(whole.len().checked_sub(1)?)?,
            };
            Some((aged(parts.0, parts.1)?, word.end))
        };
        if let Some(((age, sex), end)) = apart.or_else(joined) {
            return Some((age, sex, range.start + word.start..range.start + end));
        }
    }
    None
}

/// The age of two digits and the sex that `letter` stands for.
fn aged(age: &str, letter: &str) -> Option<(i32, Sex)> {
    let is_age = age.len() == 2 && age.bytes().all(|b| b.is_ascii_digit());
    let age = is_age.then(|| age.parse().ok()).flatten()?;
    let (sex, tells) = LISTS.sexes.get(&hash(letter.as_bytes()))?;
    let is_letter = *tells == Tells::AsLetter && letter.starts_with(char::is_uppercase);
    (is_letter && (14..=99).contains(&age)).then_some((age, *sex))
}

/// Whether what follows a number makes it no age ("the neck turned 40 degrees").
fn is_measure(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.starts_with(['°', '%', '/', '.']) && !ends_statement(rest)
        || ["degree", "percent", "deg", "to the "]
            .iter()
            .any(|unit| rest.starts_with(unit))
}

fn ends_statement(rest: &str) -> bool {
    rest.is_empty()
        || rest.starts_with([',', ';'])
        || rest.starts_with(" and ")
        || rest.starts_with('.') && !rest[1..].starts_with(|c: char| c.is_ascii_digit())
}

/// "-year-old", " y/o", "yo", " years of age", " year-old" (not "three year old MRI", "a 9 year old injury").
fn is_age_unit(rest: &str) -> bool {
    let lower: String = rest
        .chars()
        .take(40)
        .collect::<String>()
        .to_ascii_lowercase();
    let mut s = lower.trim_start_matches([' ', '-', '–', ',']);
    for unit in ["years", "year", "yrs", "yr", "y"] {
        if let Some(r) = s.strip_prefix(unit) {
            s = r;
            break;
        }
    }
    if s.len() == lower.trim_start_matches([' ', '-', '–', ',']).len() {
        return false;
    }
    let s = s.trim_start_matches(['.', ' ', '-', '/', '–', ',']);
    let after = match s
        .strip_prefix("old")
        .or_else(|| s.strip_prefix("of age"))
        .or_else(|| s.strip_prefix("o."))
    {
        Some(after) => after,
        None => match s.strip_prefix('o') {
            Some(after) if !after.starts_with(|c: char| c.is_alphabetic()) => after,
            _ => return false,
        },
    };
    let noun = after.trim_start_matches([' ', ',', '-']);
    !LISTS.things.iter().any(|thing| noun.starts_with(thing))
}

#[cfg(test)]
mod tests {
    use super::super::with;
    use super::*;

    #[test]
    fn ages() {
        for (text, want) in [
            ("The injured worker is a 50 year old male", 50),
            ("The patient is a 46-year-old right-hand-dominant male", 46),
            ("a fifty-seven-year-old gentleman", 57),
            ("The patient is a fifty-two year old gentleman", 52),
            ("This is a 33 y/o male", 33),
            ("This is a 72 year-old female", 72),
            ("is 44 years of age and was hurt", 44),
            ("is a woman of 60 years, a nurse", 60),
            ("is a man of 47, a roofer", 47),
            ("61yo F with", 61),
            ("a 38-yr-old", 38),
            ("Patient, aged 52, fell", 52),
            ("a forty one year old woman", 41),
            ("was 28 when a door closed on her foot; she is 44 today", 44),
            (
                "who was 38 at the time of the injury and is 50 now, fell",
                50,
            ),
            ("Now 51, the claimant was referred", 51),
            ("38F, warehouse picker", 38),
            ("F/52, housekeeper", 52),
            ("Pt is 47 M with LBP", 47),
            ("61/M, mechanic", 61),
            ("this woman, who is 53, once laid brick", 53),
            ("The injured worker, who turned 41 this spring, is", 41),
        ] {
            assert_eq!(with(text, age), Some(want), "{text}");
        }
        for text in [
            "a 5 year history of pain",
            "a 20 year old injury",
            "worked 25 years as a welder",
            "her 8 year old son",
            "Norco was 120 tablets, now 60, and it is 40 now in mg",
            "the neck turned 40 degrees to either side",
            "C5 M and 3 F are listed",
        ] {
            assert_eq!(with(text, age), None, "{text}");
        }
    }
}
