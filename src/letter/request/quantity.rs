//! How many units are requested.

use super::lists::LISTS;
use super::numbers::{NUMBER, parsed};
use super::{At, pattern};
use crate::vocabulary::DrugMatch;
use crate::vocabulary::roles::WordSet;
use crate::vocabulary::runs::Hashed;
use crate::vocabulary::tokens::Token;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

static HASH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)#\s?(\d{1,4})\b"));
static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|[\s,(])(?:x|×)\s?(\d{1,4})\b(\s*(?:month|week|day|refill|year|session|visit)?)",
    )
});

/// A number that stands alone between commas: "Topamax 50 mg b.i.d., sixty (60), 3 refills".
static ALONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?i),\s({NUMBER})(?:\s\(\d+\))?\s*(?:$|[,;])")));

/// Matches a number after one of `labels`.
pub fn labelled(labels: &str) -> Regex {
    pattern(&format!(
        r"(?i)\b(?:{labels})\b\.?\s?(?:of|is|=|\#)?\s?[:.#=]?\s?(?:\#\s?)?({NUMBER})\b"
    ))
}

/// Matches a number before one of `units`.
pub fn counted(units: &str) -> Regex {
    pattern(&format!(r"(?i)\b({NUMBER})\s?(?:\(\d+\)\s?)?-?({units})\b"))
}

/// Matches one of `frequencies` at the beginning.
pub fn frequency(frequencies: &str) -> Regex {
    pattern(&format!(r"(?i)^(?:\(?s\))?[\s,(]*(?:{frequencies})\b"))
}

/// Matches a number inside one of `packages`.
pub fn packed(packages: &str) -> Regex {
    pattern(&format!(
        r"(?i)\b(?:{packages})\s+(?:of|containing|with)\s+({NUMBER})\b"
    ))
}

/// The number of units requested.
pub fn quantity(text: &str, words: &[Token], drugs: &[DrugMatch]) -> At<i32> {
    // No pattern is tried without a word or sign that every match of it has.
    let has = |any: &WordSet| words.iter().any(|t| any.has(t.hash()));
    let in_name = |r: &Range<usize>| {
        drugs
            .iter()
            .any(|d| d.range.start <= r.start && r.end <= d.range.end)
    };
    let first = |regex: &Regex| {
        regex.captures_iter(text).find_map(|c| {
            let all = c.get(0)?;
            let number = c.get(1)?;
            (!in_name(&all.range()) && !in_name(&number.range()))
                .then(|| Some((parsed(number.as_str())?, all.range())))?
        })
    };
    let labelled = || has(&LISTS.labels).then(|| first(&LISTS.labelled)).flatten();
    let packed = || has(&LISTS.boxes).then(|| first(&LISTS.packed)).flatten();
    let hash = text.contains('#').then(|| first(&HASH)).flatten();
    if let Some(found) = hash.or_else(labelled).or_else(packed) {
        return Some(found);
    }
    let mut package = None;
    for captures in LISTS.counted.captures_iter(text) {
        let (Some(all), Some(number), Some(unit)) =
            (captures.get(0), captures.get(1), captures.get(2))
        else {
            continue;
        };
        // "10/325 tablets" is a strength, "5 g/100 ml" too.
        let before = text[..number.start()].chars().next_back().unwrap_or(' ');
        if matches!(before, '/' | '.' | '-')
            || in_name(&number.range())
            || is_strength_of_volume(text, unit.end())
            || LISTS.frequency.is_match(&text[unit.end()..])
        {
            continue;
        }
        let Some(value) = parsed(number.as_str()) else {
            continue;
        };
        if LISTS.packages.has_word(unit.as_str()) {
            package.get_or_insert((value, all.range()));
        } else {
            return Some((value, all.range()));
        }
    }
    let times = || {
        TIMES.captures_iter(text).find_map(|c| {
            let number = c.get(1)?;
            let period = c.get(2).map_or("", |m| m.as_str().trim());
            (period.is_empty() && !in_name(&number.range()))
                .then(|| Some((parsed(number.as_str())?, number.range())))?
        })
    };
    let alone = || (!drugs.is_empty()).then(|| first(&ALONE)).flatten();
    package.or_else(times).or_else(alone)
}

fn is_strength_of_volume(text: &str, end: usize) -> bool {
    text[end..].starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::letter::prose::Prose;
    use crate::vocabulary::Vocabulary;
    use crate::vocabulary::tokens::tokens;

    #[test]
    fn quantities_in_every_notation() {
        for (text, want) in [
            ("Norco 10/325mg #60", 60),
            ("Norco 5/325 mg # 30", 30),
            ("Norco quantity 90", 90),
            ("Etodolac 400mg qty: 60", 60),
            ("Norco 10/325mg, 120 tablets", 120),
            ("cream, quantity 240 grams", 240),
            ("Terocin, one box (30 patches)", 30),
            ("Flector patch, 1 box of 30", 30),
            ("Soma #45, modified from #90", 45),
            ("Ultram 50mg x60", 60),
            ("Ultram 50 mg, sixty tablets", 60),
            ("Lovenox 40 mg, 14 syringes", 14),
            ("OxyContin quantity of 1,000", 1000),
        ] {
            let found = quantity(text, &tokens(text), &[]);
            assert_eq!(found.map(|q| q.0), Some(want), "{text}");
        }
        for (heading, want) in [
            ("Norco 5/325 mg b.i.d., sixty (60), 3 refills", Some(60)),
            ("Norco 5/325 mg capsules, one hundred twenty", Some(120)),
            ("Norco 5/325 mg, 1 tab TID, ninety tablets", Some(90)),
            ("Norco 5/325 mg, 1 tab TID", None),
        ] {
            let prose = Prose::new(heading, |_| false);
            let read = read(&prose, &(0..prose.text.len()), Vocabulary::get());
            assert_eq!(read.quantity.map(|q| q.value), want, "{heading}");
        }
        for text in [
            "Percocet",
            "Norco 10/325 tablets",
            "TENS unit, 30 day rental",
            "Norco x 3 months",
        ] {
            assert_eq!(quantity(text, &tokens(text), &[]), None, "{text}");
        }
    }
}
