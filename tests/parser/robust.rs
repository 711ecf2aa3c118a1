//! Whatever comes, the parser reads what it can, points only into the text, and never panics.

use crate::corpus;
use crate::rewrap::values;
use crate::spans::read;
use imr::letter::{self, Letter, Status};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::sync::LazyLock;

static TEXTS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    corpus::all()
        .into_iter()
        .map(|d| (d.name, d.text))
        .collect()
});

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

/// What the fuzzer has found.
#[test]
fn texts_that_once_stopped_the_parser_are_read() {
    let letter = &TEXTS[0].1;
    let guideline = "Decision based on Non-MTUS\u{fffd}Some Society's Paper";
    let at = letter.find("Decision based on").expect("a guideline");
    read(&format!(
        "{}{guideline}\n\n{}",
        &letter[..at],
        &letter[at..]
    ));
}

/// Unwrapped text has nothing left to unwrap.
#[test]
fn unwrapping_again_changes_nothing() {
    for (name, text) in TEXTS.iter() {
        let once = letter::unwrapped(text);
        let twice = letter::unwrapped(&once);
        assert_eq!(once, twice, "{name}");
    }
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

    /// Lines joined, cut and lost, and the letter cut short.
    #[test]
    fn a_letter_with_its_lines_set_anew(
        at in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), 0..4_u8), 1..40),
        end in any::<Index>()
    ) {
        let (_, text) = &TEXTS[at.index(TEXTS.len())];
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, change) in changes {
            let n = at.index(lines.len());
            match change {
                0 if n + 1 < lines.len() => {
                    let next = lines.remove(n + 1);
                    lines[n].push_str(&next);
                }
                1 => {
                    let cut = boundary(&lines[n], at.index(lines[n].len() + 1));
                    let rest = lines[n].split_off(cut);
                    lines.insert(n + 1, rest);
                }
                2 if lines.len() > 1 => drop(lines.remove(n)),
                _ => lines.insert(n, lines[n].clone()),
            }
        }
        let text = lines.join("\n");
        read(&text[..boundary(&text, end.index(text.len() + 1))]);
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
