//! The strength of one unit of a drug.

use super::{At, pattern};
use crate::letter::dates;
use crate::vocabulary::{DrugMatch, Vocabulary};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

static STRENGTH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi)(?P<n>\d*\.?\d+(?:,\d{3})?(?:\s?(?:mg)?\s?[/-]\s?\d*\.?\d+)*)\s?-?
          (?P<u>mcg\s?/\s?h(?:ou)?r?|mcg\s+per\s+hour|mcg\s?/\s?ml|ug\s?/\s?hr?|(?:mg|gm?)\s?/\s?(?:\d+(?:\.\d+)?\s?)?m[lL]|mg\s?/\s?\d*\s?h(?:ou)?rs?|mcg|microgram[s]?|meq|mg|milligrams?|%|percent|units?|iu|gm?|grams?)(?P<e>\b|$|\W|\#)",
    )
});

static BARE_PAIR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|\s)(?P<n>\d+(?:\.\d+)?/\d{2,3}(?:/\d{2,3})?)(?:$|[\s,;)#])"));

/// The strength of one unit of the drug.
pub fn strength(text: &str, drugs: &[DrugMatch]) -> At<String> {
    let after = drugs.first().map_or(0, |d| d.range.start);
    let mut earlier = None;
    for captures in STRENGTH.captures_iter(text) {
        let (Some(number), Some(unit)) = (captures.get(1), captures.get(2)) else {
            continue;
        };
        // The start of a number, not the tail of "#60" or of a date.
        let before = text[..number.start()].chars().next_back().unwrap_or(' ');
        if before == '#' || before == '/' || before == '$' || before.is_ascii_digit() {
            continue;
        }
        let Some(unit_name) = unit_of(unit.as_str()) else {
            continue;
        };
        let amount = number
            .as_str()
            .to_lowercase()
            .replace("mg", "")
            .replace([' ', ','], "")
            .replace('-', "/");
        let amount = if amount.starts_with('.') {
            format!("0{amount}")
        } else {
            amount
        };
        let value = if unit_name == "%" {
            format!("{amount}%")
        } else {
            format!("{amount} {unit_name}")
        };
        // The first strength after the drug's name; one before it only if none follows.
        let strength = (value, number.start()..unit.end());
        if number.start() >= after {
            return Some(strength);
        }
        earlier.get_or_insert(strength);
    }
    earlier.or_else(|| {
        if drugs.is_empty() || !text.contains('/') {
            return None;
        }
        let dates = dates::dates(text, &Vocabulary::get().runs(text));
        let is_date = |pair: &Range<usize>| {
            dates
                .iter()
                .any(|d| d.range.start < pair.end && pair.start < d.range.end)
        };
        BARE_PAIR
            .captures_iter(text)
            .filter_map(|c| c.name("n"))
            .find(|pair| !is_date(&pair.range()))
            .map(|pair| (format!("{} mg", pair.as_str()), pair.range()))
    })
}

/// The unit of a strength in the dataset's spelling; `None` for amounts dispensed (grams, millilitres).
fn unit_of(unit: &str) -> Option<String> {
    let unit: String = unit.to_lowercase().split_whitespace().collect();
    Some(match unit.as_str() {
        "%" | "percent" => "%".into(),
        "mg" | "milligram" | "milligrams" => "mg".into(),
        "mcg" | "microgram" | "micrograms" => "mcg".into(),
        "meq" => "meq".into(),
        "unit" | "units" | "iu" => "units".into(),
        "g" | "gm" | "gram" | "grams" => return None,
        "mcgperhour" => "mcg/hr".into(),
        _ if (unit.starts_with("mcg/h") || unit.starts_with("ug/h")) => "mcg/hr".into(),
        _ => unit.replace("/5ml", "/5 ml"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::tokens::tokens;

    #[test]
    fn strengths() {
        for (text, want) in [
            ("Norco 10/325mg #60", "10/325 mg"),
            ("Norco 10/325 #60", "10/325 mg"),
            ("Norco 10-325 mg #60", "10/325 mg"),
            ("Duragesic patch 50mcg/hr #15", "50 mcg/hr"),
            ("Lidoderm 5% patch #30", "5%"),
            ("clonazepam .5mg #45", "0.5 mg"),
            ("Voltaren gel 1% 100 grams", "1%"),
        ] {
            let words = tokens(text);
            let drugs = Vocabulary::get().drugs.find(&words);
            assert_eq!(
                strength(text, &drugs).map(|s| s.0).as_deref(),
                Some(want),
                "{text}"
            );
        }
    }
}
