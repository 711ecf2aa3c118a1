//! A decision: its rationale, and what bears upon it.

use crate::label::{Basis, Kind};
use crate::letter::Layout;
use crate::material::Material;
use crate::request::Request;
use crate::rng::Rng;
use crate::words::{Prose, Words};

/// A decision on a request, without its heading.
pub struct Decision {
    pub upheld: bool,
    pub administrator: Basis,
    pub reviewer: Basis,
    pub rationale: Prose,
}

impl Request<'_> {
    /// Makes the words of the letter speak of this request.
    pub fn set_words(&self, words: &mut Words, rng: &mut Rng) {
        words.drug.clone_from(&self.name);
        words.class = self.class(rng).to_string();
        words.request.clone_from(&self.text);
        words.thing = self.thing();
        words.form = self.drug.map_or("unit", |d| d.form.as_str()).to_string();
        words.quantity = self.quantity.unwrap_or(60);
        words.request_is_for_weaning = self.for_weaning.is_some();
    }
}

/// Writes the rationale of a decision.
pub fn rationale(
    material: &Material,
    layout: Layout,
    request: &Request,
    upheld: bool,
    numbered: bool,
    words: &mut Words,
    rng: &mut Rng,
) -> Prose {
    request.set_words(words, rng);
    let mut prose = Prose {
        numbered,
        ..Prose::default()
    };
    let topic = request.topic;
    let side = if upheld { "upheld" } else { "overturned" };
    let statements = material.sentences(&topic.name);
    let n = rng.range(2, if topic.name == "opioid" { 7 } else { 5 }) as usize;
    for place in sorted(rng.places(n, statements.len())) {
        prose.say(&statements[place], None, words, rng);
    }
    if topic.name == "detoxification" {
        let sentence = rng.pick(material.sentences("detoxification.guideline_mention"));
        prose.say(sentence, Some(Kind::GuidelineMention), words, rng);
    }
    let mut weaning = weaning(material, request, upheld, rng).into_iter();
    if rng.chance(40)
        && let Some((section, kind, place)) = weaning.next()
    {
        let sentence = &material.sentences(&section)[place];
        prose.say(sentence, Some(kind), words, rng);
    }
    let found = material.sentences(&format!("found.{}.{side}", topic.group));
    let case = material.sentences("case");
    let n = rng.range(2, 5) as usize;
    for place in rng.places(n, found.len()) {
        prose.say(&found[place], None, words, rng);
        if rng.chance(40) {
            prose.say(&case[rng.below(case.len())], None, words, rng);
        }
    }
    for (section, kind, place) in weaning {
        let sentence = &material.sentences(&section)[place];
        prose.say(sentence, Some(kind), words, rng);
    }
    if request.drug.is_some() && upheld && request.quantity.is_some() && rng.chance(20) {
        let sentence = rng.pick(material.sentences("rationale.near_miss"));
        prose.say(sentence, None, words, rng);
    }
    let old = matches!(layout, Layout::Professional | Layout::Notice);
    let close = if old {
        format!("close.old.{side}")
    } else {
        format!("close.{side}")
    };
    prose.say(rng.pick(material.sentences(&close)), None, words, rng);
    prose
}

/// Which sentences speak of weaning: their section, kind and place in it, in the order in which they stand.
fn weaning(
    material: &Material,
    request: &Request,
    upheld: bool,
    rng: &mut Rng,
) -> Vec<(String, Kind, usize)> {
    let drug = request.weanable();
    let tapered =
        drug || ["anticonvulsant", "antidepressant"].contains(&request.topic.name.as_str());
    let scope = if tapered { "rationale" } else { "other" };
    let likely = match (drug, tapered) {
        (true, _) => 55,
        (_, true) => 12,
        // Sentences on other treatments speak of the class of "opioids".
        _ if ["psych", "program"].contains(&request.topic.group.as_str()) => 30,
        _ => 2,
    };
    if request.drug.is_some() && !tapered {
        return Vec::new();
    }
    let mut chosen: Vec<(String, Kind, usize)> = Vec::new();
    let mut add = |kind: Kind, rng: &mut Rng| {
        let section = format!("{scope}.{}", kind.name());
        let sentences = material.sentences(&section);
        let place = rng.below(sentences.len());
        let counted = |name| sentences[place].has(name);
        let quantity =
            request.quantity.is_some() || !(counted("qty") || counted("less") || counted("more"));
        if quantity && !chosen.iter().any(|c| c.0 == section && c.2 == place) {
            chosen.push((section, kind, place));
        }
    };
    if request.for_weaning.is_some() && drug {
        add(Kind::RequestIsForWeaning, rng);
    }
    if !rng.chance(likely) {
        return chosen;
    }
    for _ in 0..rng.range(1, 3) {
        let kind = match rng.below(10) {
            0..=2 => Kind::GuidelineMention,
            3..=4 => Kind::WithdrawalCaution,
            5..=6 if upheld => Kind::WeaningNotShown,
            7..=8 if upheld => Kind::WeaningRecommended,
            9 if scope == "other" && !upheld => Kind::RequestIsForWeaning,
            _ => Kind::PatientWeaning,
        };
        add(kind, rng);
    }
    chosen
}

fn sorted(mut places: Vec<usize>) -> Vec<usize> {
    places.sort_unstable();
    places
}
