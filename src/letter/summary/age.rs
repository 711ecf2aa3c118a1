//! The patient's age.

use super::lists::LISTS;
use super::words::{Word, words};
use crate::letter::model::Found;
use crate::letter::prose::Prose;
use crate::vocabulary::numbers;
use std::ops::Range;

/// The patient's age in years: the first age that a worker can have.
pub fn age(prose: &Prose, range: &Range<usize>) -> Option<Found<i32>> {
    let text = &prose.text[range.clone()];
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
        if aged || by_itself || of_age || is_age_unit(&text[rest_at..]) {
            let end = word.start + lower.len() - tail.len();
            let at = range.start + word.start..range.start + end.max(rest_at.min(text.len()));
            return Some(prose.found(value as i32, &at));
        }
    }
    None
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
        ] {
            assert_eq!(with(text, age), Some(want), "{text}");
        }
        for text in [
            "a 5 year history of pain",
            "a 20 year old injury",
            "worked 25 years as a welder",
            "her 8 year old son",
        ] {
            assert_eq!(with(text, age), None, "{text}");
        }
    }
}
