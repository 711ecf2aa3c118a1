//! The clinical summary: its prose, and the patient's age, sex and date of injury in it.

use super::dates;
use super::model::{Found, Sex};
use super::phrases::Phrases;
use super::prose::Prose;
use super::sentences::Sentence;
use super::words::contains_words;
use crate::vocabulary::numbers;
use crate::vocabulary::runs::{ByHash, Run, hash};
use chrono::NaiveDate;
use std::ops::Range;
use std::sync::LazyLock;

/// Words that only lead into a summary.
const LEAD_INS: &[&str] = &[
    "developed the following clinical case summary",
    "the following case summary was taken",
    "the following clinical case summary was",
    "disclaimer",
];

static LEAD_IN_PHRASES: LazyLock<Phrases<()>> =
    LazyLock::new(|| Phrases::new(LEAD_INS.iter().map(|phrase| (*phrase, ()))));

/// The summary's own prose inside `body`: without the boilerplate that leads into it. `None` if nothing is left.
pub fn prose(prose: &Prose, body: &Range<usize>) -> Option<Range<usize>> {
    let mut start = body.start;
    for sentence in prose.sentences(body).take(3) {
        if !LEAD_IN_PHRASES.any(sentence.runs) {
            break;
        }
        // The lead-in ends with a colon, which ends no sentence: "… including all medical records: The patient …"
        let range = sentence.range;
        let colon = prose.text[range.clone()]
            .find("records:")
            .map(|i| range.start + i + "records:".len());
        start = colon.unwrap_or(range.end);
    }
    let rest = &prose.text[start..body.end];
    let from = start + (rest.len() - rest.trim_start().len());
    let trimmed = rest.trim();
    (!trimmed.is_empty()).then(|| from..from + trimmed.len())
}

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
            && AGED.contains(&last_but_one.to_ascii_lowercase().as_str())
            && ends_statement(&text[rest_at..]);
        // "a woman of 60 years", "a man of 44, a roofer"
        let of_age = last == "of"
            && AGED.contains(&last_but_one.to_ascii_lowercase().as_str())
            && (text[rest_at..].starts_with(" years") || ends_statement(&text[rest_at..]));
        if aged || by_itself || of_age || is_age_unit(&text[rest_at..]) {
            let end = word.start + lower.len() - tail.len();
            let at = range.start + word.start..range.start + end.max(rest_at.min(text.len()));
            return Some(prose.found(value as i32, &at));
        }
    }
    None
}

/// Who is of some age ("he is 58 and retired").
const AGED: &[&str] = &[
    "he",
    "she",
    "patient",
    "worker",
    "employee",
    "claimant",
    "applicant",
    "man",
    "woman",
    "gentleman",
    "lady",
    "male",
    "female",
];

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
    ![
        "mri", "film", "study", "ct ", "injury", "claim", "x-ray", "scan", "report", "son",
        "daughter", "child", "surgery", "fusion",
    ]
    .iter()
    .any(|w| noun.starts_with(w))
}

/// How a word tells of the patient's sex.
#[derive(Clone, Copy, PartialEq)]
enum Tells {
    ByItself,
    /// As the title before a name, at the beginning.
    AsTitle,
    /// As a capital, after an age.
    AsLetter,
    AsPronoun,
}

const SEXES: &[(Sex, Tells, &[&str])] = &[
    (Sex::Male, Tells::ByItself, &["male", "man", "gentleman"]),
    (
        Sex::Female,
        Tells::ByItself,
        &["female", "woman", "lady", "gentlewoman"],
    ),
    (Sex::Male, Tells::AsTitle, &["mr"]),
    (Sex::Female, Tells::AsTitle, &["mrs", "ms"]),
    (Sex::Male, Tells::AsLetter, &["m"]),
    (Sex::Female, Tells::AsLetter, &["f"]),
    (
        Sex::Male,
        Tells::AsPronoun,
        &["he", "him", "his", "himself"],
    ),
    (
        Sex::Female,
        Tells::AsPronoun,
        &["she", "her", "hers", "herself"],
    ),
];

static SEX_WORDS: LazyLock<ByHash<(Sex, Tells)>> = LazyLock::new(|| {
    let rows = SEXES.iter().flat_map(|(sex, tells, words)| {
        let row = (*sex, *tells);
        words.iter().map(move |word| (hash(word.as_bytes()), row))
    });
    rows.collect()
});

/// The patient's sex: from a word for it near the beginning, else from pronouns if they all agree.
pub fn sex(prose: &Prose, range: &Range<usize>) -> Option<Found<Sex>> {
    let text = &prose.text[range.clone()];
    let all = || {
        let words = words(text, range.start, prose.runs(range));
        words.enumerate().filter_map(|(i, word)| {
            let (sex, tells) = SEX_WORDS.get(&word.alone()?)?;
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
                matches!(word.of(text), "M" | "F")
                    && so_far()
                        .skip(i.saturating_sub(4))
                        .any(|w| is_age_tail(w.of(text)))
            }
            Tells::AsPronoun => false,
        };
        let other = |w: Word| {
            ["another", "other", "by", "angry", "drunk"]
                .iter()
                .any(|other| w.of(text).eq_ignore_ascii_case(other))
        };
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

/// A word: letters, digits and the signs inside them.
#[derive(Clone, Copy)]
struct Word {
    /// Bytes of the summary.
    start: usize,
    end: usize,
    /// The hash of its letters and digits up to the first sign.
    first: u64,
    /// It has no sign.
    plain: bool,
}

impl Word {
    fn of<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start..self.end]
    }

    /// The hash of a word without signs.
    fn alone(&self) -> Option<u64> {
        self.plain.then_some(self.first)
    }
}

/// The words of `text`, which begins at byte `from` of the prose.
fn words<'a>(text: &'a str, from: usize, runs: &'a [Run]) -> impl Iterator<Item = Word> + 'a {
    let signs = |at: usize| {
        let tail = text.as_bytes()[at..].iter();
        tail.take_while(|b| matches!(b, b'-' | b'/')).count()
    };
    let mut rest = runs.iter().peekable();
    std::iter::from_fn(move || {
        let run = rest.next()?;
        let start = run.start as usize - from;
        let mut end = run.end as usize - from;
        let joining = signs(end);
        end += joining;
        while let Some(next) = rest.next_if(|next| next.start as usize - from == end) {
            end = next.end as usize - from;
            end += signs(end);
        }
        Some(Word {
            start,
            end,
            first: run.hash,
            plain: joining == 0,
        })
    })
}

/// What makes a date the date of the injury when it stands before it.
const INJURY: &[&str] = &[
    "injury",
    "injuries",
    "injured",
    "hurt",
    "accident",
    "doi",
    "d/o/i",
    "incident",
    "sustained",
    "trauma",
    "assaulted",
    "attacked",
    "fell",
    "fall",
    "shooting",
    "robbery",
    "robbed",
    "collision",
    "rear-ended",
    "crash",
    "crashed",
    "explosion",
    "crushed",
    "burned",
    "bitten",
    "overturned",
    "thrown",
    "shot",
    "slipped",
    "tripped",
    "lifting",
    "struck",
    "twisted",
    "exposure",
    "onset",
    "happened",
    "occurred",
];

/// What makes it the date of something else.
const OTHER: &[&str] = &[
    "report",
    "visit",
    "exam",
    "examination",
    "note",
    "notes",
    "mri",
    "seen",
    "evaluated",
    "evaluation",
    "surgery",
    "underwent",
    "request",
    "requested",
    "dated",
    "ct",
    "x-ray",
    "x-rays",
    "emg",
    "pr-2",
    "progress",
    "presented",
    "presents",
    "status",
    "denied",
    "reinjured",
    "re-injured",
    "returned",
    "follow-up",
    "consultation",
    "films",
    "injection",
    "arthroscopy",
    "fusion",
    "discectomy",
    "current",
    "currently",
    "since",
    "until",
    "through",
    "aggravated",
    "aggravation",
    "diagnosis",
    "diagnoses",
    "diagnosed",
];

/// The date of injury that the summary states.
pub fn date_of_injury(prose: &Prose, range: &Range<usize>) -> Option<Found<NaiveDate>> {
    let last = dates::dates(&prose.text[..range.end], prose.runs(range)).pop()?;
    let dated = |s: &Sentence| s.range.start <= last.range.start;
    let first = prose.sentences(range).take(12).take_while(dated);
    let mut best = None;
    for (n, Sentence { range: at, runs }) in first.enumerate() {
        let body = &prose.text[..at.end];
        let found = dates::dates(body, runs);
        for (i, date) in found.iter().enumerate() {
            let Some(day) = date.date.filter(|d| dates::is_plausible(*d)) else {
                continue;
            };
            let from = i.checked_sub(1).map_or(at.start, |k| found[k].range.end);
            // "The injured worker" is the patient, whatever the date is of.
            let read = |part: &str| {
                let lower = part.to_ascii_lowercase();
                lower
                    // "fell through a skylight" tells of no period.
                    .replace("through a", "into a")
                    .replace("through the", "into the")
                    .replace("injured worker", "worker")
                    .replace("injured employee", "employee")
            };
            let before = read(&body[from..date.range.start]);
            let to = found.get(i + 1).map_or(body.len(), |d| d.range.start);
            let after = read(&body[date.range.end..to]);
            let is_period = found.get(i + 1).is_some()
                && matches!(after.trim(), "to" | "through" | "-" | "–" | "and" | "thru")
                || i > 0 && matches!(before.trim(), "to" | "through" | "-" | "–" | "thru")
                || before.contains("cumulative trauma")
                    && (before.trim_end().ends_with("from")
                        || before.trim_end().ends_with("through"));
            if is_period {
                continue;
            }
            // The first sentence introduces the injury, in whatever words.
            let introduced = n == 0
                && i == 0
                && !before
                    .split_whitespace()
                    .any(|w| OTHER.contains(&w.trim_matches(|c: char| !c.is_alphanumeric())));
            // "reported on 4/9/13 … The date of injury is April 8, 2013."
            if is_named(&before) {
                return Some(prose.found(day, &date.range));
            }
            if best.is_none() && (introduced || is_of_injury(&before, &after)) {
                best = Some(prose.found(day, &date.range));
            }
        }
    }
    best
}

/// Whether the words before a date call it the date of injury.
fn is_named(before: &str) -> bool {
    let words: Vec<&str> = before
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let words = match words.as_slice() {
        [most @ .., "is" | "was" | "of"] => most,
        all => all,
    };
    matches!(
        words,
        [.., "date", "of", "injury"] | [.., "doi"] | [.., "injury", "date"]
    )
}

fn is_of_injury(before: &str, after: &str) -> bool {
    let word = |w: &str| w.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let earlier: Vec<String> = before.split_whitespace().map(word).collect();
    let last = |set: &[&str]| earlier.iter().rposition(|w| set.contains(&w.as_str()));
    let dated_injury = earlier.last().is_some_and(|w| w == "dated" || w == "of")
        && last(INJURY).is_some_and(|i| i + 3 >= earlier.len());
    match (last(INJURY), last(OTHER)) {
        (Some(_), None) => return true,
        (Some(injury), Some(other)) if injury > other || dated_injury => return true,
        _ => {}
    }
    // "with a 7/22/2010 industrial injury", "On 5/14/13 he fell", "On January 17, 2013, while lifting …"
    let later: Vec<String> = after.split_whitespace().take(9).map(word).collect();
    let next = later.iter().position(|w| INJURY.contains(&w.as_str()));
    let opens = earlier.is_empty()
        || earlier.iter().all(|w| {
            matches!(
                w.as_str(),
                "on" | "with"
                    | "a"
                    | "an"
                    | "the"
                    | "in"
                    | "has"
                    | "of"
                    | "patient"
                    | "worker"
                    | "injured"
                    | "claimant"
                    | "employee"
                    | "applicant"
                    | "male"
                    | "female"
                    | "man"
                    | "woman"
                    | "is"
                    | "who"
                    | "his"
                    | "her"
            )
        });
    let other = later.iter().position(|w| OTHER.contains(&w.as_str()));
    next.is_some_and(|n| other.is_none_or(|o| n < o) && (n <= 3 || opens))
        || opens && later.first().is_some_and(|w| w == "while" || w == "when")
        || last(OTHER).is_none()
            && later.first().is_some_and(|w| w == "when" || w == "while")
            && contains_words(before, "on")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(text: &str, f: impl Fn(&Prose, &Range<usize>) -> Option<Found<T>>) -> Option<T> {
        let prose = Prose::new(text, |_| false);
        let all = 0..prose.text.len();
        f(&prose, &all).map(|f| f.value)
    }

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
    }

    #[test]
    fn injuries() {
        for (text, want) in [
            (
                "who sustained an industrial injury on 5/29/08. He",
                "2008-05-29",
            ),
            ("with an industrial injury dated 11/01/2004.", "2004-11-01"),
            (
                "who fell through a skylight on June 3, 2006 and broke a heel",
                "2006-06-03",
            ),
            (
                "who reported an injury to the right shoulder on January 17, 2013, when a load",
                "2013-01-17",
            ),
            (
                "On 5/14/13 he was pulling a truck when he felt a pop. The injury was reported on 5/20/13",
                "2013-05-14",
            ),
            (
                "is a male with a 7/22/2010 industrial injury to the left shoulder",
                "2010-07-22",
            ),
            (
                "Injured worker is a male with date of injury 7/28/2005. Per report dated 12/1/2014",
                "2005-07-28",
            ),
            (
                "72 year-old female with DOI 2/17/1995 (slipped)",
                "1995-02-17",
            ),
        ] {
            assert_eq!(
                with(text, date_of_injury).map(|d| d.to_string()).as_deref(),
                Some(want),
                "{text}"
            );
        }
        for text in [
            "was seen on 3/4/2013 for pain",
            "The MRI of 2/20/2013 showed a tear",
            "cumulative trauma from 1/2/2005 to 3/4/2009",
            "injured in June 2010",
            "Due to cumulative trauma. Per the PR-2 dated 3/11/15, the injured worker has pain.",
        ] {
            assert_eq!(with(text, date_of_injury), None, "{text}");
        }
    }
}
