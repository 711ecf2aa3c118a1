//! How many sessions a therapy request asks for.

use super::lists::LISTS;
use crate::vocabulary::numbers;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

const N: &str = r"\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|sixteen|eighteen|twenty|twenty-four|thirty|thirty-six|fourteen|thirteen";

/// A pattern in which `{N}` stands for a number.
fn pattern(text: &str) -> Regex {
    super::pattern(&text.replace("{N}", N))
}

/// "2 times a week for 6 weeks", "3x/week x 4 weeks", "twice weekly for four weeks", "2 per wk x 6".
static RATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi)\b(?:(?P<n>{N})(?:\s?[-–]\s?\d)?\s?(?:\(\d+\)\s?)?(?:x|×|times?|sessions?|visits?)?|(?P<once>once|twice|thrice)) \s? (?:a|an|per|each|every|/|x|×)? \s? (?P<p>week(?:ly)?|wk|month(?:ly)?|mo)\b[\s,.]*
          (?:for|x|×|times|over|during|/)? \s? (?:the\s+next\s+|a\s+period\s+of\s+|a\s+total\s+of\s+)?(?P<m>{N})\s?(?:\(\d+\)\s?)?(?:more\s+)?(?:week|wk|month|mo)?",
    )
});
/// "x 6 sessions", "sessions x 6", "QTY: 12", "#12", "x12".
static MARKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:sessions?|visits?|treatments?)\s?(?:x|×|:|=|\#|,?\s?qty:?)\s?(?P<n>{N})\b|\b(?:qty|quantity)\.?\s?[:#]?\s?(?P<q>\d{1,3})\b|#\s?(?P<h>\d{1,3})\b",
    )
});
/// "2x6", "3 x 4", "2 x 6 weeks".
static GRID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|[\s,(:])(?P<n>\d{1,2})\s?(?:x|×)\s?(?P<m>\d{1,2})\b(?P<u>\s*(?:hours?|hrs?|days?|min(?:ute)?s?|mg|cm))?",
    )
});
/// "x 12", "x12 visits".
static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|[\s,(])(?:x|×|times)\s?(?P<n>{N})\b(?P<u>\s*(?:hours?|hrs?|days?|weeks?|wks?|months?|mos?|min(?:ute)?s?|levels?))?",
    )
});
/// "12 physical therapy", "8 acupuncture".
static LEADING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?P<n>{N})\s?(?:\(\d+\)\s?)?(?:(?:additional|more|further|initial|post-?operative)\s+)?(?:physical therapy|occupational therapy|aquatic therapy|acupuncture|chiropractic|massage|psychotherapy|cognitive behavioral|biofeedback|pt\b|ot\b)",
    )
});

/// Matches "12 sessions", "six visits", "12 additional aquatic therapy sessions", with any of `therapies` between.
pub fn sessions(therapies: &str) -> Regex {
    pattern(&format!(
        r"(?i)\b(?P<n>{{N}})\s?(?:\(\d+\)\s?)?(?:(?:{therapies})[\s-]+){{0,5}}(?:sessions?|visits?|treatments?|appointments?|classes|units of therapy)\b"
    ))
}

fn value(text: &str) -> Option<i32> {
    numbers::parse(text)
        .and_then(|n| i32::try_from(n).ok())
        .filter(|n| (1..=400).contains(n))
}

/// The total of sessions a heading asks for, and the bytes that say so.
pub fn read(text: &str) -> Option<(i32, Range<usize>)> {
    if let Some(c) = RATE.captures(text) {
        let n = match c.name("once").map(|m| m.as_str().to_lowercase()).as_deref() {
            Some("once") => Some(1),
            Some("twice") => Some(2),
            Some(_) => Some(3),
            None => c.name("n").and_then(|m| value(m.as_str())),
        };
        let m = c.name("m").and_then(|m| value(m.as_str()));
        if let (Some(n), Some(m), Some(all)) = (n, m, c.get(0)) {
            return Some((n * m, all.range()));
        }
    }
    if let Some(c) = LISTS.sessions.captures(text)
        && let (Some(n), Some(all)) = (c.name("n").and_then(|m| value(m.as_str())), c.get(0))
    {
        return Some((n, all.range()));
    }
    for c in GRID.captures_iter(text) {
        if c.name("u").is_none()
            && let (Some(n), Some(m), Some(last)) = (
                c.name("n").and_then(|m| value(m.as_str())),
                c.name("m").and_then(|m| value(m.as_str())),
                c.name("m"),
            )
        {
            return Some((n * m, c.name("n").map_or(0, |n| n.start())..last.end()));
        }
    }
    if let Some(c) = MARKED.captures(text)
        && let (Some(n), Some(all)) = (
            ["n", "q", "h"]
                .iter()
                .find_map(|g| c.name(g))
                .and_then(|m| value(m.as_str())),
            c.get(0),
        )
    {
        return Some((n, all.range()));
    }
    for c in TIMES.captures_iter(text) {
        if c.name("u").is_none()
            && let (Some(n), Some(m)) = (c.name("n").and_then(|m| value(m.as_str())), c.name("n"))
        {
            return Some((n, m.range()));
        }
    }
    let c = LEADING.captures(text)?;
    Some((value(c.name("n")?.as_str())?, c.get(0)?.range()))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn notations() {
        for (text, want) in [
            (
                "physical therapy 2 times a week for 6 weeks for the lumbar spine",
                12,
            ),
            ("12 sessions of aquatic therapy", 12),
            ("physical therapy 2 x 4 for the low back", 8),
            ("ACUPUNCTURE 2X6, LEFT SHOULDER", 12),
            ("cognitive behavioral therapy, 6 sessions", 6),
            ("Cognitive behavioral therapy x 6 sessions", 6),
            ("Physical therapy 3x/week x 4 weeks", 12),
            ("Chiropractic twice weekly for four weeks", 8),
            ("Acupuncture x 12", 12),
            ("six visits of massage", 6),
            ("12 physical therapy visits, 2 times per week", 12),
            ("Physical therapy once a week for 8 weeks", 8),
            ("PT 1 x week x 6 weeks", 6),
            ("additional 8 psychotherapy sessions", 8),
            ("twelve (12) sessions of chiropractic", 12),
            ("Occupational therapy, QTY: 12", 12),
            ("8 acupuncture", 8),
        ] {
            assert_eq!(read(text).map(|v| v.0), Some(want), "{text}");
        }
        for text in [
            "Functional restoration program, 80 hours",
            "Inpatient detoxification program x 10 days",
            "Physical therapy for the low back",
            "Gym membership x 6 months",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
