//! However a letter is set, it says the same.
//!
//! Each letter is rendered anew as the text dumps are in which letters are published: wrapped at any
//! page width, single or double spaced, paged, indented, in any convention of line ends. All values but
//! their places in the text have to stay what they are. `PROPTEST_CASES=100000` looks further than a
//! usual run does, `PROPTEST_RNG_SEED` elsewhere.

use crate::corpus;
use imr::letter::{self, Letter};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use regex::Regex;
use std::sync::LazyLock;

/// How a letter is set.
#[derive(Debug, Clone)]
struct Style {
    width: usize,
    double_spaced: bool,
    line_end: &'static str,
    byte_order_mark: bool,
    indent: usize,
    /// What stands between two columns of a line.
    columns: &'static str,
    /// Blanks at the ends of lines.
    trailing: &'static str,
    /// Words are cut at their hyphens.
    cuts_words: bool,
    pages: Option<Pages>,
}

/// Where pages end, and what stands there.
#[derive(Debug, Clone)]
struct Pages {
    lines: usize,
    form_feed: bool,
    number: Number,
    /// The number stands at the head of the next page, not at the foot of this one.
    at_head: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Number {
    No,
    Alone,
    OfPages,
    RunningFoot,
}

impl Number {
    fn line(self, page: usize) -> Option<String> {
        match self {
            Number::No => None,
            Number::Alone => Some(page.to_string()),
            Number::OfPages => Some(format!("Page {page} of 5")),
            Number::RunningFoot => Some(format!(
                "Final Determination Letter for IMR Case Number CM15-0012345  {page}"
            )),
        }
    }
}

const PLAIN: Style = Style {
    width: 88,
    double_spaced: false,
    line_end: "\n",
    byte_order_mark: false,
    indent: 0,
    columns: "  ",
    trailing: "",
    cuts_words: true,
    pages: None,
};

fn pages() -> impl Strategy<Value = Pages> {
    let numbers = vec![
        Number::No,
        Number::Alone,
        Number::OfPages,
        Number::RunningFoot,
    ];
    let pages = (30..60usize, any::<bool>(), select(numbers), any::<bool>());
    pages.prop_map(|(lines, form_feed, number, at_head)| Pages {
        lines,
        // A single number alone on a line, with nothing else to tell a page's end, may be the
        // last page of a citation.
        form_feed: form_feed || number == Number::Alone,
        number,
        at_head,
    })
}

/// Letters on endless paper.
fn styles() -> impl Strategy<Value = Style> {
    let widths = (60..=120usize, 0..12usize);
    let columns = select(vec!["  ", "   ", "                  ", "\t", " \t "]);
    let line_end = select(vec!["\n", "\r\n", "\r"]);
    let trailing = select(vec!["", " ", "   ", "\t"]);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let parts = (widths, columns, line_end, trailing, flags);
    parts.prop_map(|((width, indent), columns, line_end, trailing, flags)| {
        let (double_spaced, byte_order_mark, cuts_words) = flags;
        let pages = None;
        Style {
            width,
            double_spaced,
            line_end,
            byte_order_mark,
            indent,
            columns,
            trailing,
            cuts_words,
            pages,
        }
    })
}

impl Style {
    /// `blocks`, one a line, set in this style.
    fn render(&self, blocks: &str) -> String {
        let mut out = String::new();
        if self.byte_order_mark {
            out.push('\u{feff}');
        }
        let mut last = String::new();
        let mut parted = true;
        let mut on_page = 0;
        let mut page = 1;
        for block in blocks.lines() {
            // Where a line that ends no sentence fills most of the page's width, only an empty line tells
            // whether the next one goes on.
            if !parted && !is_sentence(&last) && self.is_full(&last, block) {
                self.line("", &mut out);
            }
            parted = block.trim().is_empty();
            let lines = match block.trim() {
                "" => vec![String::new()],
                block => wrap(block, self.width, self.cuts_words),
            };
            for (i, line) in lines.into_iter().enumerate() {
                let full = self.pages.as_ref().filter(|p| on_page >= p.lines);
                if let Some(pages) = full.filter(|_| self.may_turn(&last, &line, i > 0)) {
                    self.turn(pages, page, &mut out);
                    page += 1;
                    on_page = 0;
                }
                self.line(&line, &mut out);
                on_page += 1;
                if !line.is_empty() {
                    last = line;
                }
            }
        }
        out
    }

    /// Whether a reader could tell what ends between `last` and `next` if a page ends there too.
    ///
    /// Inside a paragraph nobody knows that it goes on where a sentence ends or a colon leads on; between
    /// paragraphs, that it does not where a long line ends no sentence.
    fn may_turn(&self, last: &str, next: &str, inside: bool) -> bool {
        let sentence = last
            .trim_end_matches(['"', '”', ')'])
            .ends_with(['.', '!', '?']);
        let short = last.chars().count() * 5 < self.width * 3;
        if !inside {
            return short || sentence;
        }
        let goes_on = next.starts_with(char::is_lowercase);
        goes_on || !sentence && !last.ends_with(':')
    }

    /// Whether `last` is about as long as the lines that were cut.
    fn is_full(&self, last: &str, next: &str) -> bool {
        let word = next.trim_start().split(' ').next().unwrap_or("");
        (last.chars().count() + 1 + word.chars().count()) * 4 > self.width * 3
    }

    fn line(&self, line: &str, out: &mut String) {
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', self.indent));
            out.push_str(&line.replace("  ", self.columns));
        }
        out.push_str(self.trailing);
        self.end(out);
        if self.double_spaced {
            self.end(out);
        }
    }

    fn end(&self, out: &mut String) {
        out.push_str(self.line_end);
    }

    /// What stands between a page's last line and the next page's first.
    fn turn(&self, pages: &Pages, page: usize, out: &mut String) {
        let number = pages.number.line(page);
        if number.is_none() && !pages.form_feed {
            // A page gap has more empty lines than a paragraph's end, of which a double-spaced letter has
            // three. In a single-spaced letter nothing would tell it from a paragraph's end.
            if self.double_spaced {
                (0..3).for_each(|_| self.end(out));
            }
            return;
        }
        if pages.at_head && pages.form_feed {
            out.push('\u{c}');
        } else {
            self.end(out);
        }
        if let Some(number) = number {
            self.line(&number, out);
            self.end(out);
        }
        if !pages.at_head && pages.form_feed {
            out.push('\u{c}');
        }
    }
}

/// Whether a sentence ends with `line`.
fn is_sentence(line: &str) -> bool {
    let marks = ['"', '”', ')'];
    line.trim_end_matches(marks).ends_with(['.', '!', '?'])
}

/// The lines of a paragraph, none wider than `width` unless a word is.
fn wrap(block: &str, width: usize, cuts_words: bool) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut blanks = "";
    let mut rest = block;
    while !rest.is_empty() {
        let word = &rest[..rest.find(' ').unwrap_or(rest.len())];
        let mut part = word;
        loop {
            let cut = if cuts_words { hyphen(part) } else { part.len() };
            let chunk = &part[..cut];
            let line = lines.last_mut().unwrap();
            if !line.is_empty()
                && line.chars().count() + blanks.len() + chunk.chars().count() > width
            {
                lines.push(chunk.to_owned());
            } else {
                line.push_str(blanks);
                line.push_str(chunk);
            }
            blanks = "";
            part = &part[cut..];
            if part.is_empty() {
                break;
            }
        }
        rest = &rest[word.len()..];
        blanks = &rest[..rest.len() - rest.trim_start_matches(' ').len()];
        rest = &rest[blanks.len()..];
    }
    lines
}

/// Where `word` may first be cut: after a hyphen with letters on both sides of it.
fn hyphen(word: &str) -> usize {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    word.match_indices('-')
        .map(|(at, _)| at)
        .find(|&at| letter(word[..at].chars().next_back()) && letter(word[at + 1..].chars().next()))
        .map_or(word.len(), |at| at + 1)
}

/// All that a letter says, a value a line, without the places of the values.
///
/// A hyphen or slash at a line's end may stand before a blank or not, and a paragraph may end there:
/// nothing in the text tells.
pub fn values(letter: &Letter) -> Vec<String> {
    static SPAN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)Span \{.*?\}").unwrap());
    let text = SPAN
        .replace_all(&format!("{letter:#?}"), "_")
        .replace("\\n", " ");
    text.lines()
        .map(|line| {
            line.replace("- ", "-")
                .replace("/ ", "/")
                .replace("– ", "–")
                .replace("— ", "—")
        })
        .collect()
}

/// The first differences between two readings.
fn differences(canonical: &[String], rendered: &[String]) -> String {
    let differing = |(a, b): &(&String, &String)| a != b;
    let pairs = canonical.iter().zip(rendered).filter(differing).take(3);
    pairs
        .map(|(a, b)| format!("\n- {}\n+ {}", a.trim(), b.trim()))
        .collect()
}

/// Every letter, one block a line with empty lines between, and what it says.
static LETTERS: LazyLock<Vec<(String, String, Vec<String>)>> = LazyLock::new(|| {
    let blocks = |text: &str| {
        let wrapped = text.lines().all(|line| line.len() < 180);
        if wrapped {
            letter::unwrapped(text).replace('\n', "\n\n")
        } else {
            text.to_owned()
        }
    };
    corpus::all()
        .into_iter()
        .map(|document| {
            (
                document.name,
                blocks(&document.text),
                values(&letter::parse(&document.text)),
            )
        })
        .collect()
});

fn check(at: usize, style: &Style) -> Result<(), String> {
    let (name, blocks, canonical) = &LETTERS[at];
    let text = style.render(blocks);
    let once = letter::unwrapped(&text);
    if letter::unwrapped(&once) != once {
        return Err(format!("{name} in {style:?}: unwrapped again, it changes"));
    }
    let rendered = values(&letter::parse(&text));
    if *canonical == rendered {
        return Ok(());
    }
    Err(format!(
        "{name} in {style:?}:{}",
        differences(canonical, &rendered)
    ))
}

#[test]
fn unwrapping_changes_nothing() {
    for (name, blocks, canonical) in LETTERS.iter() {
        let read = values(&letter::parse(blocks));
        assert!(
            *canonical == read,
            "{name}:{}",
            differences(canonical, &read)
        );
    }
}

/// The styles in which the development letters reached us.
#[test]
fn every_letter_in_every_known_style() {
    let feeds = Pages {
        lines: 47,
        form_feed: true,
        number: Number::No,
        at_head: true,
    };
    let gaps = Pages {
        lines: 44,
        form_feed: false,
        number: Number::No,
        at_head: false,
    };
    let styles = [
        Style {
            width: 95,
            double_spaced: true,
            trailing: " ",
            pages: Some(gaps),
            ..PLAIN
        },
        PLAIN,
        Style {
            width: 100,
            pages: Some(feeds),
            ..PLAIN
        },
        Style {
            width: 78,
            line_end: "\r\n",
            byte_order_mark: true,
            ..PLAIN
        },
        Style {
            width: 92,
            indent: 4,
            columns: "                  ",
            ..PLAIN
        },
    ];
    let failures: Vec<String> = (0..LETTERS.len())
        .flat_map(|at| {
            styles
                .iter()
                .filter_map(move |style| check(at, style).err())
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
}

proptest! {
    #![proptest_config(crate::random(600))]

    #[test]
    fn every_letter_in_any_style(at in any::<Index>(), style in styles()) {
        let checked = check(at.index(LETTERS.len()), &style);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }

    #[test]
    fn every_letter_on_any_pages(at in any::<Index>(), style in styles(), pages in pages()) {
        let style = Style { pages: Some(pages), ..style };
        let checked = check(at.index(LETTERS.len()), &style);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}

/// A letter of 2015 with its header, as it was written.
const LETTER: &str = "\
Case Number: CM15-0123456  Date Assigned: 07/08/2015
Date of Injury: 11/13/2012  Decision Date: 08/05/2015
UR Denial Date: 06/02/2015  Priority: Standard
Application Received: 06/25/2015

HOW THE IMR FINAL DETERMINATION WAS MADE

MAXIMUS Federal Services sent the complete case file to an expert reviewer. He/she has no affiliation with the employer, employee, providers or the claims administrator. He/she has been in active clinical practice for more than five years and is currently working at least 24 hours a week in active practice.

The Expert Reviewer has the following credentials:
State(s) of Licensure: California, Nevada
Certification(s)/Specialty: Physical Medicine & Rehabilitation, Pain Medicine

CLINICAL CASE SUMMARY

The expert reviewer developed the following clinical case summary based on a review of the case file, including all medical records:

The injured worker is a 47-year-old female who sustained an industrial injury on 11/13/12, when a shelf gave way. She was diagnosed with lumbar radiculopathy; cervical sprain; and opioid dependence. Dr. Alvarez has on-going concerns about the dose of 6 tablets of Norco a day, and would like to taper it. She is willing to wean to 4 tablets by the end of the year. A self-directed exercise program was taught on 5/4/15.

IMR ISSUES, DECISIONS AND RATIONALES

The Final Determination was based on decisions for the disputed items/services set forth below:

Norco (hydrocodone/acetaminophen) 10/325mg #120 with 1 refill: Overturned

Claims Administrator guideline: Decision based on MTUS Chronic Pain Treatment Guidelines Opioids, criteria for use Page(s): 76-80, 124.

MAXIMUS guideline: Decision based on MTUS Chronic Pain Treatment Guidelines Opioids; Weaning of Medications Page(s): 78, 124.

Decision rationale: According to the MTUS, opioids may be continued where pain and function have improved. The request is the first step of the taper that utilization review asked for. Opioids should not be stopped abruptly. Therefore, the request is medically necessary.

Physical therapy 2 times a week for 6 weeks, lumbar spine: Upheld

Claims Administrator guideline: The Claims Administrator did not cite any medical evidence for its decision.

MAXIMUS guideline: Decision based on MTUS Chronic Pain Treatment Guidelines Physical Medicine Page(s): 98-99.

Decision rationale: Twelve sessions were attended in 2013, and a home program was taught. Nothing in the file tells why it is not enough. Therefore, the request is not medically necessary.
";

#[test]
fn a_letter_with_its_header_wrapped_five_ways_says_the_same() {
    let styles = [
        Style {
            width: 60,
            double_spaced: true,
            trailing: " ",
            ..PLAIN
        },
        Style {
            width: 72,
            cuts_words: false,
            line_end: "\r",
            ..PLAIN
        },
        Style {
            width: 85,
            line_end: "\r\n",
            byte_order_mark: true,
            indent: 8,
            ..PLAIN
        },
        Style {
            width: 97,
            columns: "                    ",
            trailing: "   ",
            ..PLAIN
        },
        Style {
            width: 118,
            columns: "\t",
            indent: 3,
            double_spaced: true,
            ..PLAIN
        },
    ];
    let letter = letter::parse(LETTER);
    let canonical = values(&letter);
    for style in styles {
        let rendered = values(&letter::parse(&style.render(LETTER)));
        assert!(
            canonical == rendered,
            "{style:?}:{}",
            differences(&canonical, &rendered)
        );
    }
    let case = letter.case.unwrap();
    assert_eq!(case.case_number.unwrap().value, "CM15-0123456");
    let dates = [
        case.date_of_injury,
        case.date_assigned,
        case.decision_date,
        case.ur_denial_date,
        case.application_received_date,
    ];
    let dates = dates.map(|d| d.unwrap().value.to_string());
    assert_eq!(
        dates,
        [
            "2012-11-13",
            "2015-07-08",
            "2015-08-05",
            "2015-06-02",
            "2015-06-25"
        ]
    );
    assert_eq!(case.diagnoses.len(), 3);
    let [norco, therapy] = &case.decisions[..] else {
        panic!("{} decisions", case.decisions.len())
    };
    assert_eq!(
        norco.weaning_context.unwrap().as_str(),
        "request_is_for_weaning"
    );
    assert_eq!(norco.refills.as_ref().unwrap().value, 1);
    assert_eq!(norco.mme_per_unit.as_ref().unwrap().value, 10.0);
    assert_eq!(therapy.visits.as_ref().unwrap().value, 12);
    assert_eq!(therapy.outcome.as_ref().unwrap().value.as_str(), "upheld");
}
