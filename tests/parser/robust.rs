//! Whatever comes, the parser reads what it can, points only into the text, and never panics.

use crate::corpus;
use crate::rewrap::values;
use imr::letter::{self, Case, Citation, Decision, Letter, Mention, Span, Status};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::sync::LazyLock;

static TEXTS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    corpus::all()
        .into_iter()
        .map(|d| (d.name, d.text))
        .collect()
});

/// Reads `text`, and looks at every span of the result.
fn read(text: &str) -> Letter {
    let letter = letter::parse(text);
    let mut spans = Spans {
        text: text.chars().collect(),
    };
    spans.letter(&letter);
    letter
}

/// Looks at the places of values: inside the text, in order, not empty, and the words that stand there.
struct Spans {
    text: Vec<char>,
}

impl Spans {
    fn letter(&mut self, letter: &Letter) {
        letter
            .problems
            .iter()
            .filter_map(|p| p.span)
            .for_each(|s| self.at("problem", s));
        match &letter.case {
            Some(case) => self.case(case),
            None => assert_eq!(letter.status, Status::Rejected),
        }
    }

    fn case(&mut self, case: &Case) {
        let dates = [
            &case.date_of_injury,
            &case.date_assigned,
            &case.decision_date,
            &case.ur_denial_date,
            &case.application_received_date,
        ];
        dates
            .into_iter()
            .flatten()
            .for_each(|d| self.at("date", d.span));
        case.case_number
            .iter()
            .for_each(|n| self.words("case number", &n.value, n.span));
        case.priority
            .iter()
            .for_each(|p| self.at("priority", p.span));
        case.patient_age.iter().for_each(|a| self.at("age", a.span));
        case.patient_sex.iter().for_each(|s| self.at("sex", s.span));
        case.diagnoses
            .iter()
            .for_each(|d| self.words("diagnosis", &d.value, d.span));
        case.clinical_summary
            .iter()
            .for_each(|s| self.words("summary", &s.value, s.span));
        if let Some(reviewer) = &case.reviewer {
            reviewer
                .licensure_states
                .iter()
                .for_each(|s| self.at("state", s.span));
            reviewer
                .specialties
                .iter()
                .for_each(|s| self.at("specialty", s.span));
        }
        self.mentions(&case.summary_mentions);
        case.decisions.iter().for_each(|d| self.decision(d));
    }

    fn decision(&mut self, d: &Decision) {
        self.words("request", &d.request_text.value, d.request_text.span);
        d.review_type
            .iter()
            .for_each(|r| self.inside("review type", r.span, d));
        d.outcome.iter().for_each(|o| self.at("outcome", o.span));
        self.inside("category", d.request_category.span, d);
        self.inside("subcategory", d.request_subcategory.span, d);
        let texts = [&d.brand_name, &d.generic_name, &d.strength];
        texts
            .into_iter()
            .flatten()
            .for_each(|t| self.inside("drug", t.span, d));
        let numbers = [&d.quantity, &d.refills, &d.visits];
        numbers
            .into_iter()
            .flatten()
            .for_each(|n| self.inside("number", n.span, d));
        d.mme_per_unit
            .iter()
            .for_each(|m| self.inside("equivalents", m.span, d));
        let parts = [
            &d.claims_administrator_guideline,
            &d.reviewer_guideline,
            &d.rationale,
        ];
        parts
            .into_iter()
            .flatten()
            .for_each(|p| self.words("part", &p.value, p.span));
        d.citations.iter().for_each(|c| self.citation(c));
        self.mentions(&d.mentions);
    }

    fn citation(&mut self, citation: &Citation) {
        self.at("title", citation.title.span);
        if let Some(pages) = &citation.pages {
            self.at("pages", pages.span);
            assert!(pages.value.0 <= pages.value.1, "pages {:?}", pages.value);
        }
    }

    fn mentions(&mut self, mentions: &[Mention]) {
        for mention in mentions {
            let sentence = mention.sentence.span;
            self.words("sentence", &mention.sentence.value, sentence);
            self.at("cue", mention.cue);
            let within = sentence.start <= mention.cue.start && mention.cue.end <= sentence.end;
            assert!(within, "cue {:?} in sentence {sentence:?}", mention.cue);
        }
    }

    /// A value of a heading stands in that heading.
    fn inside(&mut self, what: &str, span: Span, decision: &Decision) {
        self.at(what, span);
        let heading = decision.request_text.span;
        assert!(
            heading.start <= span.start && span.end <= heading.end,
            "{what} {span:?} in {heading:?}"
        );
    }

    fn at(&mut self, what: &str, span: Span) {
        let (start, end) = (span.start as usize, span.end as usize);
        assert!(
            start < end && end <= self.text.len(),
            "{what} at {start}..{end} of {}",
            self.text.len()
        );
    }

    /// A verbatim value begins and ends with the characters at its place. (Page numbers may stand
    /// inside it.)
    fn words(&mut self, what: &str, value: &str, span: Span) {
        self.at(what, span);
        let cut = &self.text[span.start as usize..span.end as usize];
        let same = |a: Option<char>, b: Option<&char>| {
            a.zip(b)
                .is_some_and(|(a, b)| a.to_lowercase().eq(b.to_lowercase()))
        };
        let begins = same(value.chars().next(), cut.first());
        let ends = same(value.chars().next_back(), cut.last());
        assert!(
            begins && ends,
            "{what} {value:?} at {span:?} is {:?}",
            cut.iter().collect::<String>()
        );
    }
}

/// The byte before which the characters of `text` up to about `at` end.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(0)
}

#[test]
fn every_place_lies_in_its_letter() {
    for (_, text) in TEXTS.iter() {
        read(text);
    }
}

#[test]
fn a_letter_cut_off_anywhere_is_read_as_far_as_it_goes() {
    for (name, text) in TEXTS.iter() {
        let whole = read(text).case.map_or(0, |c| c.decisions.len());
        for at in (0..text.len()).step_by(97) {
            let part = read(&text[..boundary(text, at)])
                .case
                .map_or(0, |c| c.decisions.len());
            assert!(
                part <= whole,
                "{name} up to byte {at}: {part} decisions of {whole}"
            );
        }
        for at in (0..text.len()).step_by(970) {
            read(&text[boundary(text, at)..]);
        }
    }
}

/// Layouts whose letters a split knows by the same headings.
fn family(letter: &Letter) -> &str {
    match letter.layout {
        Some("professional_review_2013" | "notice_2013") => letter.layout.unwrap_or_default(),
        _ => "imr_2014_and_later",
    }
}

/// Puts every letter before another one of its family, or of another family, and parts them.
fn split_pairs(of_one_family: bool) {
    let read = TEXTS
        .iter()
        .map(|(name, text)| (name, text.trim(), letter::parse(text.trim())));
    let letters: Vec<_> = read
        .filter(|(.., letter)| letter.status != Status::Rejected)
        .collect();
    for (i, (name, text, letter)) in letters.iter().enumerate() {
        let others = letters.iter().cycle().skip(i + 1).take(letters.len());
        let fits = |other: &&(_, _, Letter)| (family(&other.2) == family(letter)) == of_one_family;
        for (other, second, second_letter) in others.filter(fits).take(1) {
            for gap in ["\n", "\r\n\r\n", "\n\u{c}"] {
                let both = format!("{text}{gap}{second}");
                let parts = letter::split(&both);
                assert_eq!(parts.len(), 2, "{name} and {other} with {gap:?} between");
                let (one, two) = (&both[parts[0].clone()], &both[parts[1].clone()]);
                assert_eq!(
                    (one.trim(), two),
                    (*text, *second),
                    "{name} and {other} with {gap:?} between"
                );
                assert_eq!(
                    values(&self::read(one)),
                    values(letter),
                    "{name} before {other}"
                );
                assert_eq!(
                    values(&self::read(two)),
                    values(second_letter),
                    "{other} after {name}"
                );
            }
        }
    }
}

#[test]
fn two_letters_in_one_document_are_two() {
    split_pairs(true);
}

#[test]
fn two_letters_of_different_years_in_one_document_are_two() {
    split_pairs(false);
}

#[test]
fn what_is_no_letter_is_rejected() {
    let quoted = "Last week the Division of Workers' Compensation published a decision. \"IMR ISSUES, \
        DECISIONS AND RATIONALES\", it begins, and goes on for two pages about Norco 10/325mg, which \
        the reviewer found not medically necessary and appropriate.\n\
        HOW THE IMR FINAL DETERMINATION WAS MADE is a heading that every such letter has, and that few \
        of the injured workers who get one ever understand, says the applicants' bar.";
    let documents = [
        "",
        " \r\n\u{c}\t\n",
        "\u{feff}",
        "Norco 10/325mg #60: Upheld",
        "Dear Sir,\n\nyour request for an MRI of the lumbar spine is denied. It is not medically necessary and \
         appropriate. You may apply for Independent Medical Review within 30 days.\n\nSincerely,\nthe adjuster",
        "APPLICATION FOR INDEPENDENT MEDICAL REVIEW\nDWC Form IMR\nEmployee Name:\nDate of Injury: 5/1/2014\n\
         Claim Number:\nDate of UR Decision: 6/1/2014\nRequested treatment: physical therapy",
        "case_number,outcome\nCM15-0012345,upheld\nCM15-0012346,overturned\n",
        quoted,
    ];
    for text in documents {
        let letter = read(text);
        assert_eq!(letter.status, Status::Rejected, "{text}");
        assert!(
            letter.case.is_none() && letter.problems.len() == 1,
            "{text}"
        );
    }
}

/// What may get into a text on its way.
const DEBRIS: &[&str] = &[
    "\0",
    "\u{feff}",
    "\u{200f}",
    "\u{202e}",
    "\u{ad}",
    "😀",
    "👩\u{200d}⚕\u{fe0f}",
    "é",
    "e\u{301}",
    "ﬁ",
    "İ",
    "ß",
    "\u{fffd}",
    "\u{c}",
    "\r",
    "\n\n\n",
    "\t",
    "\u{a0}",
    "\u{2028}",
    "\"",
    "(",
    "]",
    "#",
    ":",
    "1.",
    "Page(s):",
    "Upheld",
    "–",
    "½",
    "Ω",
    "١٢",
    "²",
];

proptest! {
    #![proptest_config(crate::random(250))]

    #[test]
    fn any_text(text in any::<String>()) {
        read(&text);
        letter::split(&text);
    }

    /// Headings, labels and values in any order.
    #[test]
    fn any_heap_of_a_letters_lines(
        picks in prop::collection::vec((any::<Index>(), any::<Index>(), any::<bool>()), 0..60)
    ) {
        let mut text = String::new();
        for (letter, line, new_line) in picks {
            let (_, of) = &TEXTS[letter.index(TEXTS.len())];
            let lines: Vec<&str> = of.lines().collect();
            text.push_str(lines[line.index(lines.len())]);
            text.push(if new_line { '\n' } else { ' ' });
        }
        read(&text);
        for part in letter::split(&text) {
            read(&text[part]);
        }
    }

    #[test]
    fn a_letter_with_debris_in_it(
        at in any::<Index>(),
        debris in prop::collection::vec((any::<Index>(), select(DEBRIS)), 1..40)
    ) {
        let mut text = TEXTS[at.index(TEXTS.len())].1.clone();
        for (at, junk) in debris {
            text.insert_str(boundary(&text, at.index(text.len())), junk);
        }
        read(&text);
    }

    #[test]
    fn a_letter_with_bytes_changed(
        at in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..60)
    ) {
        let mut bytes = TEXTS[at.index(TEXTS.len())].1.clone().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_letter_with_lines_lost_or_doubled(
        at in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), any::<bool>()), 1..20)
    ) {
        let (_, text) = &TEXTS[at.index(TEXTS.len())];
        let mut lines: Vec<&str> = text.lines().collect();
        for (at, lost) in changes {
            let at = at.index(lines.len());
            if lost && lines.len() > 1 {
                lines.remove(at);
            } else {
                lines.insert(at, lines[at]);
            }
        }
        read(&lines.join("\n"));
    }
}
