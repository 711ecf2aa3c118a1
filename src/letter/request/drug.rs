//! The drug of a heading: brand, ingredients, morphine equivalents.

use super::At;
use super::lists::LISTS;
use super::strength::strength;
use crate::vocabulary::runs::Hashed;
use crate::vocabulary::tokens::{Token, tokens};
use crate::vocabulary::{Drug, DrugKind, DrugMatch, Request, Vocabulary};
use std::ops::Range;

/// Classes whose members become a topical analgesic in a form that is put on the skin.
const TURN_TOPICAL: &[&str] = &[
    "nsaid",
    "muscle_relaxant",
    "anticonvulsant",
    "antidepressant",
    "topical_analgesic",
];

/// What a heading says of its drug.
#[derive(Default)]
pub struct DrugReading {
    pub brand: At<String>,
    pub generic: At<String>,
    pub strength: At<String>,
    /// In one unit.
    pub mme: At<f64>,
}

impl DrugReading {
    /// Reads the drug of a heading, and corrects its class for forms put on the skin.
    pub fn of(
        text: &str,
        words: &[Token],
        drugs: &[DrugMatch],
        vocabulary: &Vocabulary,
        class: &mut Request,
    ) -> DrugReading {
        let topical =
            words.iter().any(|t| LISTS.skin.has(t.hash())) || has_several_shares(text, drugs);
        let compound = is_compound(words, drugs, topical);
        if compound {
            class.subcategory = "topical_analgesic";
            if let Some(oral) = drugs
                .iter()
                .find(|d| d.drug.subcategory == "opioid")
                .filter(|_| !topical && words.iter().all(|t| !t.word.starts_with("compound")))
            {
                class.subcategory = oral.drug.subcategory;
            }
            return DrugReading::default();
        }
        if topical && class.by_drug && TURN_TOPICAL.contains(&class.subcategory) {
            class.subcategory = "topical_analgesic";
        }
        let Some(first) = drugs.first() else {
            return DrugReading {
                strength: strength(text, drugs),
                ..DrugReading::default()
            };
        };
        let brand = drugs.iter().find(|d| d.drug.kind == DrugKind::Brand);
        let main = brand.unwrap_or(first);
        let (generic, generic_range) = match brand {
            Some(brand) => (brand.drug.ingredients.to_owned(), brand.range.clone()),
            None => ingredients(text, drugs, vocabulary),
        };
        // An opioid decides what a mixture is used for, wherever its ingredient stands.
        if brand.is_none()
            && class.by_drug
            && let Some(opioid) = drugs.iter().find(|d| d.drug.subcategory == "opioid")
            && generic.split('/').count() == drugs.len()
        {
            class.subcategory = opioid.drug.subcategory;
        }
        let strength = strength(text, drugs);
        let mme = mme(&generic, strength.as_ref(), main.drug, topical, vocabulary).map(|v| {
            let r = strength
                .as_ref()
                .map_or(main.range.clone(), |(_, r)| r.clone());
            (v, r)
        });
        DrugReading {
            brand: brand.map(|b| brand_name(text, words, b)),
            generic: (!generic.is_empty()).then_some((generic, generic_range)),
            strength,
            mme,
        }
    }
}

/// A mixture made up by a pharmacy: said so, or several drugs in one form put on the skin.
fn is_compound(words: &[Token], drugs: &[DrugMatch], topical: bool) -> bool {
    let named = words.iter().any(|t| t.word.starts_with("compound"));
    let branded = drugs.iter().any(|d| d.drug.kind == DrugKind::Brand);
    let mut distinct: Vec<&str> = drugs
        .iter()
        .flat_map(|d| d.drug.ingredients.split('/'))
        .collect();
    distinct.sort_unstable();
    distinct.dedup();
    !branded && (named || topical && distinct.len() > 1)
}

/// Whether several drugs have each their share of a mixture ("Flurbiprofen 20%, Baclofen 2%"), as in creams.
fn has_several_shares(text: &str, drugs: &[DrugMatch]) -> bool {
    let has_share = |drug: &&DrugMatch| {
        let after = text[drug.range.end..].trim_start();
        let number = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        number.len() < after.len() && number.trim_start().starts_with('%')
    };
    drugs.iter().filter(has_share).count() > 1
}

/// The usual spelling of a brand with the release form that follows it in the heading.
fn brand_name(text: &str, words: &[Token], brand: &DrugMatch) -> (String, Range<usize>) {
    // "OxyIR", "Voltaren-XR", "Flurbi (NAP) Cream-LA" say their form themselves.
    let has_form = |name: &str| {
        let lower = name.to_lowercase();
        lower.split([' ', '-']).any(|w| LISTS.releases.has_word(w))
            || lower.len() > 3 && lower.ends_with("ir")
    };
    let mut name = brand.drug.name.to_owned();
    let mut range = brand.range.clone();
    // A variant spelling in the table may hold the form already ("Norflex ER" for Norflex).
    let in_match = words[brand.words.clone()]
        .iter()
        .skip(1)
        .find(|w| LISTS.releases.has(w.hash()));
    if let Some(form) = in_match.filter(|_| !has_form(&name)) {
        return (format!("{name} {}", form.word.to_uppercase()), range);
    }
    if let Some(next) = words.get(brand.words.end)
        && LISTS.releases.has(next.hash())
        && text[range.end..next.range.start]
            .chars()
            .all(|c| c == ' ' || c == '-')
        && !has_form(&name)
    {
        name = format!("{name} {}", next.word.to_uppercase());
        range.end = next.range.end;
    }
    (name, range)
}

/// The ingredients named one by one and joined ("hydrocodone/APAP", "oxycodone with acetaminophen").
fn ingredients(text: &str, drugs: &[DrugMatch], vocabulary: &Vocabulary) -> (String, Range<usize>) {
    let mut all: Vec<&str> = Vec::new();
    let mut range = drugs[0].range.clone();
    for drug in drugs {
        let between = text.get(range.end..drug.range.start).unwrap_or("");
        let joined = all.is_empty()
            || tokens(between).iter().all(|t| {
                vocabulary.drugs.is_salt(&t.word) || matches!(t.word.as_str(), "with" | "and" | "w")
            }) && !between.contains([';', '#'])
            || between.trim().is_empty() && !between.contains(',');
        if !joined {
            break;
        }
        for ingredient in drug.drug.ingredients.split('/') {
            if !all.contains(&ingredient) {
                all.push(ingredient);
            }
        }
        range.end = drug.range.end;
    }
    (vocabulary.drugs.label_order(&all), range)
}

/// Morphine milligram equivalents in one unit of an opioid.
fn mme(
    generic: &str,
    strength: Option<&(String, Range<usize>)>,
    drug: &Drug,
    topical: bool,
    vocabulary: &Vocabulary,
) -> Option<f64> {
    let ingredients: Vec<&str> = generic.split('/').collect();
    let (at, factor) = ingredients
        .iter()
        .enumerate()
        .find_map(|(i, name)| vocabulary.drugs.mme_factor(name).map(|f| (i, f)))?;
    let fixed = fixed_strength(drug.name);
    let (amount, unit) = match strength {
        Some((value, _)) => value.split_once(' ')?,
        None => (fixed?, "mg"),
    };
    let amounts: Vec<f64> = amount.split('/').filter_map(|n| n.parse().ok()).collect();
    let milligrams = *if amounts.len() == ingredients.len() {
        amounts.get(at)
    } else {
        amounts.first()
    }?;
    let transdermal = ingredients[at] == "fentanyl";
    match (transdermal, unit) {
        (true, "mcg/hr") => {}
        (true, "mcg") if topical || drug.name == "Duragesic" => {}
        (false, "mg") if unit == "mg" => {}
        _ => return None,
    }
    Some((milligrams * factor * 1000.0).round() / 1000.0)
}

/// Milligrams of opioid that a number in a brand's name stands for: codeine in Tylenol #3 and its like
/// (DEA Drug & Chemical Evaluation: #2 15 mg, #3 30 mg, #4 60 mg).
fn fixed_strength(name: &str) -> Option<&'static str> {
    let (_, number) = name.split_once('#')?;
    match number.trim() {
        "2" => Some("15"),
        "3" => Some("30"),
        "4" => Some("60"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use crate::letter::prose::Prose;
    use crate::vocabulary::Vocabulary;

    #[test]
    fn drugs_with_a_share_each_are_a_mixture_for_the_skin() {
        for (heading, subcategory) in [
            (
                "FCL (Flurbiprofen 20%, Baclofen 2%) 180 gm",
                "topical_analgesic",
            ),
            ("Flurbiprofen 100 mg, Baclofen 10 mg", "nsaid"),
        ] {
            let prose = Prose::new(heading, |_| false);
            let read = read(&prose, &(0..prose.text.len()), Vocabulary::get());
            assert_eq!(read.subcategory.value, subcategory, "{heading}");
        }
    }
}
