//! The layouts in which determination letters were published: their headings, and what stands under
//! each. A new layout is a new row of [`LAYOUTS`].

use super::labels;
use super::phrases::Phrases;
use super::prose::Prose;
use super::words::{FirstWords, contains_words, match_words};
use std::ops::Range;
use std::sync::LazyLock;

/// What a part of a letter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Sender, parties, dates, the outcome in short.
    Cover,
    /// Who reviewed the case.
    Reviewer,
    Documents,
    Summary,
    /// The requests with their decisions, in the form the layout gives them.
    Decisions,
    /// The one request of a letter that decides one.
    Issue,
    /// The guidelines for the one request.
    Guidelines,
    /// The rationale for the one request; its heading tells the outcome.
    Rationale,
    /// Effect, signature, copies.
    Closing,
}

/// How a layout sets out its decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One issue, its guidelines and its rationale are parts of their own.
    OneIssue,
    /// "1) Regarding the request for …:", sections for guidelines and rationale.
    Regarding,
    /// "1. … is not medically necessary and appropriate." or "…: Upheld", labelled paragraphs.
    Labelled,
}

/// One published layout. All phrases are lower-case words as [`match_words`] reads them.
pub struct Layout {
    /// The name in `letters.template`.
    pub name: &'static str,
    /// When it was in use and what tells it.
    pub about: &'static str,
    pub form: Form,
    /// Headings, which begin a line.
    pub headings: &'static [(&'static str, Part)],
    /// Phrases anywhere in a letter that speak for this layout among those of like headings.
    pub signs: &'static [&'static str],
}

const HOW: &str = "how the imr final determination was made";
const ADJUDICATED: &str = "the final determination was based on decisions for the disputed items services set forth below";

/// Every layout, the oldest first.
pub const LAYOUTS: &[Layout] = &[
    Layout {
        name: "professional_review_2013",
        about: "early 2013: MEDICAL PROFESSIONAL REVIEW, one ISSUE AT DISPUTE a letter, the outcome in the rationale's heading",
        form: Form::OneIssue,
        headings: &[
            ("medical professional review", Part::Cover),
            ("issue at dispute", Part::Issue),
            ("issues at dispute", Part::Issue),
            ("issue s at dispute", Part::Issue),
            ("issue in dispute", Part::Issue),
            ("case summary", Part::Summary),
            ("documents reviewed for determination", Part::Documents),
            ("documents reviewed", Part::Documents),
            (
                "medical treatment guideline s relied upon by professional reviewer and why",
                Part::Guidelines,
            ),
            (
                "medical treatment guideline s relied upon",
                Part::Guidelines,
            ),
            ("medical treatment guidelines relied upon", Part::Guidelines),
            (
                "rationale for why the requested treatment service is was not medically necessary",
                Part::Rationale,
            ),
            (
                "rationale for why the requested treatment service is was medically necessary",
                Part::Rationale,
            ),
            (
                "rationale for why the requested treatment service",
                Part::Rationale,
            ),
            ("medical reviewer qualifications", Part::Reviewer),
            (
                "medical qualifications of the professional reviewer",
                Part::Reviewer,
            ),
            ("sincerely", Part::Closing),
        ],
        signs: &["professional reviewer"],
    },
    Layout {
        name: "notice_2013",
        about: "August to December 2013: Notice of Independent Medical Review Determination, \"1) Regarding the request for …\"",
        form: Form::Regarding,
        headings: &[
            (
                "notice of independent medical review determination",
                Part::Cover,
            ),
            (
                "independent medical review decision and rationale",
                Part::Cover,
            ),
            (
                "medical qualifications of the expert reviewer",
                Part::Reviewer,
            ),
            (
                "medical qualifications of the professional reviewer",
                Part::Reviewer,
            ),
            (
                "medical qualifications of the physician reviewer",
                Part::Reviewer,
            ),
            ("case summary", Part::Summary),
            ("documents reviewed for determination", Part::Documents),
            ("documents reviewed", Part::Documents),
            ("regarding the request for", Part::Decisions),
            ("regarding the retrospective request for", Part::Decisions),
            ("effect of the decision", Part::Closing),
            ("sincerely", Part::Closing),
        ],
        signs: &[
            "relied upon by the expert reviewer to make his her decision",
            "has determined the request for",
        ],
    },
    Layout {
        name: "physician_reviewer_2014",
        about: "end of 2013 to 2014: IMR DECISION(S) AND RATIONALE(S), a \"physician reviewer\", with or without a cover page",
        form: Form::Labelled,
        headings: &[
            (
                "independent medical review final determination letter",
                Part::Cover,
            ),
            (HOW, Part::Reviewer),
            ("documents reviewed", Part::Documents),
            ("clinical case summary", Part::Summary),
            ("imr decision s and rationale s", Part::Decisions),
            ("imr decisions and rationales", Part::Decisions),
            ("imr decision and rationale", Part::Decisions),
            ("effect of the decision", Part::Closing),
            ("sincerely", Part::Closing),
        ],
        signs: &[
            "physician reviewer",
            "physician reviewer s decision rationale",
        ],
    },
    Layout {
        name: "expert_reviewer_2015",
        about: "December 2014 to 2017: IMR ISSUES, DECISIONS AND RATIONALES, an \"expert reviewer\", credentials in a list",
        form: Form::Labelled,
        headings: EXPERT_REVIEWER,
        signs: &[
            "the expert reviewer has the following credentials",
            "maximus guideline",
        ],
    },
    Layout {
        name: "expert_reviewer_2018",
        about: "2018 on: as expert_reviewer_2015, with \"Section(s):\" in guideline lines and the label \"Rationale:\"",
        form: Form::Labelled,
        headings: EXPERT_REVIEWER,
        signs: &[
            "the expert reviewer has the following credentials",
            "maximus guideline",
            "2017 section s",
            "guidelines section s",
        ],
    },
];

const EXPERT_REVIEWER: &[(&str, Part)] = &[
    (
        "independent medical review final determination letter",
        Part::Cover,
    ),
    (HOW, Part::Reviewer),
    ("documents reviewed", Part::Documents),
    ("clinical case summary", Part::Summary),
    ("imr issues decisions and rationales", Part::Decisions),
    ("imr issues decisions and rationale", Part::Decisions),
    ("imr issue s decision s and rationale s", Part::Decisions),
    ("effect of the decision", Part::Closing),
    ("sincerely", Part::Closing),
];

/// What only letters say of themselves: text that stands under these headings in a letter and not
/// in a text about one.
const PROCESS: &[&str] = &[
    "sent the complete case file to",
    "developed the following clinical case summary",
    ADJUDICATED,
    "has determined the request for",
    "relied upon by the expert reviewer to make his her decision",
    "relied upon by professional reviewer and why",
    "state s of licensure",
    "is licensed to practice in",
    "and licensed to practice in",
];

/// What the prose of a cover page says.
const COVER: &[&str] = &[
    "has completed the independent medical review",
    "has determined the request for",
    "application for independent medical review was filed",
    "this means we decided that",
    "final determination of the administrative director",
    "appealing the final determination",
    "appeals must be filed with the workers compensation appeals board",
];

/// A part of a letter: the bytes of its heading and of what stands under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    pub part: Part,
    pub heading: Range<usize>,
    pub body: Range<usize>,
}

/// The layout of a letter and its parts in order; what precedes the first heading is its cover.
pub struct Sections {
    pub layout: &'static Layout,
    pub all: Vec<Section>,
}

impl Sections {
    /// The bodies of a part, in order.
    pub fn bodies(&self, part: Part) -> impl Iterator<Item = Range<usize>> {
        self.all
            .iter()
            .filter(move |s| s.part == part)
            .map(|s| s.body.clone())
    }

    pub fn first(&self, part: Part) -> Option<&Section> {
        self.all.iter().find(|s| s.part == part)
    }
}

/// Whether a heading of any layout, or a label inside the decisions, begins `line`.
pub fn is_heading(line: &str) -> bool {
    if !may_be_heading(line) {
        return false;
    }
    let start = opening(line);
    OPENINGS.at(line, start).any(|opening| match opening {
        Opening::Heading(phrase) => heading(line, start, phrase).is_some(),
        // Nothing stands before a label.
        Opening::Label(phrase) => start == 0 && labels::begins_line(line, phrase),
    })
}

/// What may begin a line of its own.
#[derive(PartialEq)]
enum Opening {
    Heading(&'static str),
    Label(&'static str),
}

/// The headings of all layouts, and the labels, by their first words.
static OPENINGS: LazyLock<FirstWords<Opening>> = LazyLock::new(|| {
    let mut all: Vec<(&str, Opening)> = Vec::new();
    for (phrase, _) in LAYOUTS.iter().flat_map(|l| l.headings) {
        if !all.iter().any(|(known, _)| known == phrase) {
            all.push((phrase, Opening::Heading(phrase)));
        }
    }
    all.extend(labels::LINE_LABELS.iter().map(|p| (*p, Opening::Label(p))));
    FirstWords::new(all.into_iter())
});

/// The headings of any layout that begin `line`, each with the bytes of the line after it.
fn headings(line: &str) -> impl Iterator<Item = (&'static str, usize)> {
    let start = opening(line);
    OPENINGS
        .at(line, start)
        .filter_map(move |opening| match opening {
            Opening::Heading(phrase) => Some((*phrase, heading(line, start, phrase)?)),
            Opening::Label(_) => None,
        })
}

/// Whether the line that `text` begins with may be a heading, which few are.
fn may_be_heading(text: &str) -> bool {
    !begins_with_word(text) || OPENINGS.may_begin(text, 0)
}

/// Whether a line begins with a word and neither mark-up nor a list number, as nearly every line does.
fn begins_with_word(line: &str) -> bool {
    matches!(*line.as_bytes(), [first, second, ..] if first.is_ascii_alphabetic() && second != b')')
}

/// Where the first word of a line stands, behind mark-up and a list number.
fn opening(line: &str) -> usize {
    if begins_with_word(line) {
        return 0;
    }
    let start = super::words::strip_markup(line).start;
    start + super::words::list_number(&line[start..])
}

/// If `phrase` stands at `start` of `line` as a heading, the bytes of the line after it (and its colon).
fn heading(line: &str, start: usize, phrase: &str) -> Option<usize> {
    let end = match_words(line, start, phrase)?;
    let rest = line[end..].trim_start_matches([')', '*', '_', ' ']);
    let rest = rest
        .strip_prefix(':')
        .unwrap_or(rest)
        .trim_start_matches(['*', ' ']);
    // Prose that begins with the words of a heading goes on in lower case.
    let set_apart = line[end..].starts_with([':', '\n', '*', ')', ',']) || line[end..].is_empty();
    let capitals = line[start..end].bytes().all(|b| !b.is_ascii_lowercase());
    (set_apart || capitals || phrase.starts_with("regarding the"))
        .then_some(line.len() - rest.len())
}

/// Phrases that may stand anywhere in a letter: the signs of layouts, and what only letters say.
static SAID: LazyLock<Phrases<&'static str>> = LazyLock::new(|| {
    let mut all: Vec<&str> = LAYOUTS
        .iter()
        .flat_map(|l| l.signs)
        .chain(PROCESS)
        .copied()
        .collect();
    all.sort_unstable();
    all.dedup();
    Phrases::new(all.into_iter().map(|phrase| (phrase, phrase)))
});

/// Recognises the layout of a letter and finds its parts. `None` if it is no such letter.
pub fn recognise(prose: &Prose) -> Option<Sections> {
    let text = prose.text.as_str();
    let found: Vec<(usize, Vec<(&str, usize)>)> = line_starts(text)
        .filter(|at| may_be_heading(&text[*at..]))
        .map(|at| (at, headings(line_at(text, at)).collect::<Vec<_>>()))
        .filter(|(_, headings)| !headings.is_empty())
        .collect();
    let headed = |layout: &Layout| {
        let own = |phrase: &str| layout.headings.iter().any(|(p, _)| *p == phrase);
        found
            .iter()
            .filter(|(_, headings)| headings.iter().any(|(p, _)| own(p)))
            .count()
            .min(8)
    };
    let most = LAYOUTS.iter().map(headed).max()?;
    let mut said: Vec<&str> = Vec::new();
    for phrase in SAID.find(prose.runs(&(0..text.len()))) {
        if !said.contains(&phrase.value) {
            said.push(phrase.value);
        }
    }
    // The signs decide between layouts whose headings are nearly the same.
    let (layout, points) = LAYOUTS
        .iter()
        .filter(|layout| headed(layout) + 4 > most)
        .map(|layout| {
            (
                layout,
                headed(layout) + layout.signs.iter().filter(|s| said.contains(s)).count(),
            )
        })
        .fold(
            None,
            |best: Option<(&Layout, usize)>, (layout, points)| match best {
                Some((_, most)) if most >= points => best,
                _ => Some((layout, points)),
            },
        )?;
    if points < 2 || !PROCESS.iter().any(|p| said.contains(p)) {
        return None;
    }
    let all = parts(text, layout, &found);
    let substance = all
        .iter()
        .any(|s| !matches!(s.part, Part::Cover | Part::Documents | Part::Closing));
    (substance && !has_foreign_opening(text, &all)).then_some(Sections { layout, all })
}

fn line_starts(text: &str) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|i| i + 1))
}

fn line_at(text: &str, at: usize) -> &str {
    let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |i| at + i);
    &text[at..end]
}

fn parts(text: &str, layout: &Layout, found: &[(usize, Vec<(&str, usize)>)]) -> Vec<Section> {
    let mut all: Vec<Section> = vec![Section {
        part: Part::Cover,
        heading: 0..0,
        body: 0..0,
    }];
    for (at, headings) in found {
        let at = *at;
        let part_of = |phrase: &str| {
            layout
                .headings
                .iter()
                .find(|(p, _)| *p == phrase)
                .map(|(_, part)| *part)
        };
        // The longest phrase is the whole heading.
        let longest = headings
            .iter()
            .filter_map(|(phrase, end)| Some((phrase.len(), part_of(phrase)?, *end)))
            .max_by_key(|(len, ..)| *len);
        let Some((_, part, end)) = longest else {
            continue;
        };
        let current = all.last().map(|s| s.part);
        if part == Part::Decisions && layout.form == Form::Regarding {
            if current == Some(Part::Decisions) {
                continue; // the next request of the same part
            }
            close(&mut all, at);
            all.push(Section {
                part,
                heading: at..at,
                body: at..at,
            });
            continue;
        }
        close(&mut all, at);
        all.push(Section {
            part,
            heading: at..at + end,
            body: at + end..at + end,
        });
    }
    close(&mut all, text.len());
    all
}

fn close(all: &mut [Section], at: usize) {
    if let Some(last) = all.last_mut() {
        last.body.end = at.max(last.body.start);
    }
}

/// A news item or a manual that quotes a letter opens with prose of its own; a letter opens with its
/// parties, its dates or a heading.
fn has_foreign_opening(text: &str, all: &[Section]) -> bool {
    let Some(first) = all
        .iter()
        .find(|s| !s.heading.is_empty() || s.part != Part::Cover)
    else {
        return true;
    };
    text[..first.heading.start].lines().any(|line| {
        line.split_whitespace().count() > 22
            && !COVER.iter().any(|p| contains_words(line, p))
            && !super::header::has_label(line)
    })
}
