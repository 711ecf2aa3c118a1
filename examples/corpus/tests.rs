use std::collections::HashSet;

use super::letter::{Letter, letter};
use super::material::Material;
use super::rng::Rng;
use super::style;

/// Compared as the labels are: without white space and case.
fn folded(text: &str) -> String {
    let text = text.to_lowercase();
    text.split_whitespace().collect()
}

fn some(n: u64) -> (Material, Vec<Letter>) {
    let material = Material::load();
    let letters = (0..n).map(|i| letter(&material, 7, i)).collect();
    (material, letters)
}

fn text(letter: &Letter, index: u64) -> String {
    let mut out = String::new();
    style::render(letter, &mut Rng::new(8, index), &mut out);
    out
}

#[test]
fn a_letter_depends_on_the_seed_and_its_number_alone() {
    let (material, letters) = some(20);
    let again = letter(&Material::load(), 7, 13);
    assert_eq!(text(&letters[13], 13), text(&again, 13));
    assert_eq!(letters[13].label.json("x"), again.label.json("x"));
    assert_ne!(letter(&material, 8, 13).blocks, again.blocks);
}

#[test]
fn no_two_letters_are_the_same() {
    let (_, letters) = some(2_000);
    let blocks: HashSet<String> = letters.iter().map(|l| l.blocks.join("\n")).collect();
    assert_eq!(blocks.len(), letters.len());
}

#[test]
fn what_labels_quote_stands_in_the_text() {
    let (_, letters) = some(1_000);
    for (i, letter) in letters.iter().enumerate() {
        let text = folded(&letter.blocks.join(" "));
        let holds = |quote: &str| assert!(text.contains(&folded(quote)), "{i}: {quote}");
        let label = &letter.label;
        label.summary_mentions.iter().for_each(|m| holds(&m.quote));
        label.diagnoses.iter().for_each(|d| holds(d));
        for decision in &label.decisions {
            holds(&decision.request_text);
            decision
                .rationale
                .iter()
                .for_each(|r| holds(&r.replace('\n', " ")));
            let bases = [&decision.administrator, &decision.reviewer];
            let of_bases = bases.into_iter().flat_map(|b| &b.mentions);
            let all = decision
                .request_mentions
                .iter()
                .chain(&decision.rationale_mentions);
            all.chain(of_bases).for_each(|m| holds(&m.quote));
        }
    }
}

#[test]
fn wrapping_changes_white_space_only() {
    let (_, letters) = some(60);
    for (i, letter) in letters.iter().enumerate() {
        let mut style = Rng::new(8, i as u64);
        let (_, pages) = (style.below(7), style.below(6));
        // Page footers of one style add words.
        if pages != 3 {
            let text = text(letter, i as u64).replace('\u{feff}', "");
            assert_eq!(folded(&text), folded(&letter.blocks.join(" ")), "{i}");
        }
    }
}

#[test]
fn a_sentence_on_weaning_decides_the_context() {
    let (_, letters) = some(500);
    let decisions = || letters.iter().flat_map(|l| &l.label.decisions);
    assert!(decisions().any(|d| d.context.is_none()));
    for decision in decisions() {
        let own = decision.rationale_mentions.iter().map(|m| m.kind).min();
        assert!(
            own.is_none() || (decision.context.is_some() && decision.context <= own),
            "{}",
            decision.request_text
        );
    }
}
