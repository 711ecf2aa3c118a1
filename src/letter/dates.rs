//! Dates in every notation that letters use: figures, words, and both.

use crate::vocabulary::runs::Run;
use chrono::{Datelike, NaiveDate};
use std::ops::Range;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What stands at a place where a date is expected.
#[derive(Debug, PartialEq)]
pub struct DateAt {
    pub range: Range<usize>,
    /// `None` where the notation is a date's but no such day exists (13/45/2015).
    pub date: Option<NaiveDate>,
}

/// The full dates (day, month and year) among the words `runs` of `text`, in order.
pub fn dates(text: &str, runs: &[Run]) -> Vec<DateAt> {
    let bytes = text.as_bytes();
    let is_figure = |run: &Run| bytes[run.start as usize].is_ascii_digit();
    let mut out: Vec<DateAt> = Vec::new();
    for (i, run) in runs.iter().enumerate() {
        let at = run.start as usize;
        // A month's name begins a date that a number goes on.
        if !is_figure(run) && !runs.get(i + 1).is_some_and(is_figure) {
            continue;
        }
        let inside =
            i > 0 && matches!(bytes[at - 1], b'/' | b'-' | b'.') && bytes[at - 2].is_ascii_digit();
        let past = out.last().is_some_and(|last| at < last.range.end);
        if !inside && !past {
            out.extend(date_at(text, at));
        }
    }
    out
}

/// The date that begins at byte `at` of `text`.
pub fn date_at(text: &str, at: usize) -> Option<DateAt> {
    let rest = &text[at..];
    let (len, parts) = in_figures(rest).or_else(|| in_words(rest))?;
    let date = parts.and_then(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d));
    Some(DateAt {
        range: at..at + len,
        date,
    })
}

/// Two-digit years: 00-29 are of this century, 30-99 of the last.
fn full_year(text: &str) -> Option<i32> {
    let year: i32 = text.parse().ok()?;
    match text.len() {
        2 if year < 30 => Some(2000 + year),
        2 => Some(1900 + year),
        4 if (1900..2100).contains(&year) => Some(year),
        _ => None,
    }
}

type Parts = Option<(i32, u32, u32)>;

fn number(text: &str, longest: usize) -> &str {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    if len <= longest { &text[..len] } else { "" }
}

/// `7/8/2015`, `07-08-15`, `7.8.2015`, `2015-07-08`.
fn in_figures(text: &str) -> Option<(usize, Parts)> {
    let a = number(text, 4);
    let separator = text[a.len()..]
        .chars()
        .next()
        .filter(|c| matches!(c, '/' | '-' | '.'))?;
    if a.is_empty() || a.len() == 3 {
        return None;
    }
    let rest = &text[a.len() + 1..];
    let b = number(rest, 2);
    if b.is_empty() || !rest[b.len()..].starts_with(separator) {
        return None;
    }
    let rest = &rest[b.len() + 1..];
    let c = number(rest, 4);
    if c.is_empty()
        || rest[c.len()..].starts_with(|x: char| x.is_ascii_alphanumeric() || x == '/' || x == '%')
    {
        return None;
    }
    let len = a.len() + b.len() + c.len() + 2;
    let (m, d, y) = if a.len() == 4 { (b, c, a) } else { (a, b, c) };
    if a.len() > 2 && a.len() != 4
        || y.len() == 3
        || y.len() == 1
        || (separator == '.' && y.len() != 4)
    {
        return None;
    }
    let parts = full_year(y)
        .zip(m.parse().ok().zip(d.parse().ok()))
        .map(|(y, (m, d))| (y, m, d));
    Some((len, parts))
}

/// `June 15, 2002`, `Nov. 4th 2013`, `15 June 2002`, `the 3rd of May, 2012` (from the number on).
fn in_words(text: &str) -> Option<(usize, Parts)> {
    let mut at = 0;
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let day = number(text, 2);
        at += day.len();
        at += ordinal(&text[at..]);
        at += skip(&text[at..], &[" of ", " ", "-"])?;
        let (month, len) = month(&text[at..])?;
        at += len;
        at += skip(&text[at..], &[", ", ". ", " ", "-"])?;
        let year = number(&text[at..], 4);
        let parts = full_year(year)?;
        return Some((at + year.len(), day.parse().ok().map(|d| (parts, month, d))));
    }
    let (month, len) = month(text)?;
    at += len;
    at += skip(&text[at..], &[". ", " ", "-"])?;
    let day = number(&text[at..], 2);
    if day.is_empty() {
        return None;
    }
    at += day.len();
    at += ordinal(&text[at..]);
    at += skip(
        &text[at..],
        &[", of ", " of ", ", ", " , ", ",", ". ", " ", "-"],
    )?;
    let year = number(&text[at..], 4);
    let y = full_year(year).filter(|_| year.len() == 4)?;
    Some((at + year.len(), day.parse().ok().map(|d| (y, month, d))))
}

fn skip(text: &str, any: &[&str]) -> Option<usize> {
    any.iter().find(|s| text.starts_with(**s)).map(|s| s.len())
}

fn ordinal(text: &str) -> usize {
    ["st", "nd", "rd", "th"]
        .iter()
        .find(|s| text.starts_with(**s))
        .map_or(0, |s| s.len())
}

/// The month whose name or three- or four-letter abbreviation begins `text`, and its length.
fn month(text: &str) -> Option<(u32, usize)> {
    let len = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    if !(3..=9).contains(&len) {
        return None;
    }
    let word = text[..len].to_ascii_lowercase();
    let i = MONTHS
        .iter()
        .position(|m| *m == word || (len <= 4 && m.starts_with(&word)))?;
    Some((i as u32 + 1, len))
}

/// Whether `date` can be the date of something in a letter: injuries of living workers, not the future.
pub fn is_plausible(date: NaiveDate) -> bool {
    (1940..=2100).contains(&date.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Vocabulary;

    #[test]
    fn notations() {
        for (text, want) in [
            ("on 5/29/08.", "2008-05-29"),
            ("dated 11/01/2004", "2004-11-01"),
            ("on June 15, 2002.", "2002-06-15"),
            ("on 02-11-2013 while", "2013-02-11"),
            ("injury on 3-14-98.", "1998-03-14"),
            ("Aug 19th, 2008", "2008-08-19"),
            ("Sept. 4, 2013", "2013-09-04"),
            ("the 3rd of May, 2012", "2012-05-03"),
            ("15 June 2002", "2002-06-15"),
            ("2015-07-08", "2015-07-08"),
            ("7.8.2015", "2015-07-08"),
            ("7/28/30", "1930-07-28"),
        ] {
            let found = dates(text, &Vocabulary::get().runs(text));
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(
                found[0].date.map(|d| d.to_string()).as_deref(),
                Some(want),
                "{text}"
            );
        }
    }

    #[test]
    fn not_dates() {
        for text in [
            "pain 7/10",
            "10/325mg",
            "in May 2013",
            "4/5 strength",
            "pages 76-80, 2009",
            "5/325/40 tablets",
            "BP 158/94",
        ] {
            assert_eq!(dates(text, &Vocabulary::get().runs(text)), [], "{text}");
        }
        assert_eq!(date_at("13/45/2015", 0).map(|d| d.date), Some(None));
    }
}
