//! How many refills are requested.

use super::numbers::{NUMBER, parsed};
use super::{At, pattern};
use crate::letter::words::without_end;
use regex::Regex;
use std::sync::LazyLock;

static REFILLS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)\b(?:(?:no|zero|without)\s+(?:any\s+)?(?:refil+s?|rf)|refil+s?:?\snone)\b|(?:^|[^#\d])\b(?P<before>{NUMBER})\s?(?:\(\d+\)\s?)?(?:additional\s+|addt'l\s+)?(?:refil+s?|rfs?)\b|\b(?:refil+s?|rfs?)\s?(?:[:x×=\#]|\bof\b|\btimes\b)?\s?(?:x\s?)?(?P<after>{NUMBER})\b"
    ))
});

/// The number of refills requested.
pub fn refills(text: &str) -> At<i32> {
    // "refill", "rf"
    let bytes = text.as_bytes();
    let may_name = |f: usize| match &bytes[..f] {
        [.., r, e] if e.eq_ignore_ascii_case(&b'e') => r.eq_ignore_ascii_case(&b'r'),
        [.., r] => r.eq_ignore_ascii_case(&b'r'),
        [] => false,
    };
    if !memchr::memchr2_iter(b'f', b'F', bytes).any(may_name) {
        return None;
    }
    let mut captures = REFILLS.captures(text)?;
    // "quantity: 60 refills: 0", "qty 60 refills 2"
    let end = captures.get(0)?.end();
    let rest = text[end..].trim_start();
    let of_quantity = |number: regex::Match| {
        let before = text[..number.start()].trim_end_matches([' ', ':', '.']);
        let digit = rest.starts_with(|c: char| c.is_ascii_digit());
        digit
            && ["qty", "quantity"]
                .iter()
                .any(|q| without_end(before, q).is_some())
    };
    let before = captures.name("before");
    if before.is_some_and(|n| rest.starts_with([':', '=']) || of_quantity(n)) {
        let from = text[..end]
            .rfind(|c: char| !c.is_alphabetic())
            .map_or(0, |i| i + 1);
        captures = REFILLS.captures(&text[from..])?;
        let number = captures.name("after")?;
        let range = from + number.start()..from + number.end();
        return Some((parsed(number.as_str())?, range));
    }
    let range = captures.get(0)?.range();
    // Without a number there are none.
    let Some(number) = captures.name("before").or_else(|| captures.name("after")) else {
        return Some((0, range));
    };
    let range = number.start()..range.end.max(number.end());
    Some((parsed(number.as_str())?, range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refills_in_every_notation() {
        for (text, want) in [
            ("#90 with 2 refills", 2),
            ("#90 no refills", 0),
            ("42 tablets, refills: none", 0),
            ("#30, refills: 0", 0),
            ("#30 refill x 3", 3),
            ("with one refill", 1),
            ("+ 2 refils", 2),
            ("with five (5) refills", 5),
            ("quantity: 60 refills: 0", 0),
            ("750mg qty 60 refills 2", 2),
            ("quantity 60, 2 refills", 2),
        ] {
            assert_eq!(refills(text).map(|r| r.0), Some(want), "{text}");
        }
        assert_eq!(refills("refill of Norco 10/325mg #60"), None);
    }
}
