//! The clinical case summary.

use crate::label::Kind;
use crate::letter::Layout;
use crate::material::{Body, Material};
use crate::request::Request;
use crate::rng::Rng;
use crate::words::{Prose, Words};

/// What a mention of the summary speaks of: it bears upon the decisions on that.
pub enum Substance {
    /// The drug of the decision of this number, from 0.
    Drug(usize),
    /// A class of drugs, by the topic.
    Class(String),
    Medications,
}

/// A summary and what it says.
pub struct Summary {
    pub prose: Prose,
    /// For each of the prose's mentions, its substance.
    pub substances: Vec<Substance>,
    pub states_age: bool,
    pub states_sex: bool,
    /// Whether the injury has a single date.
    pub dated: bool,
}

/// Writes it.
pub fn write(
    material: &Material,
    layout: Layout,
    body: &Body,
    requests: &[Request],
    words: &mut Words,
    rng: &mut Rng,
) -> Summary {
    words.requests = listed(requests);
    words.medications = medications(requests, rng);
    words.diagnoses = diagnoses(material, body, words, rng);
    let say = |prose: &mut Prose, section: &str, words: &mut Words, rng: &mut Rng| {
        prose.say(rng.pick(material.sentences(section)), None, words, rng);
    };
    let several = |prose: &mut Prose, section: &str, n: u32, words: &mut Words, rng: &mut Rng| {
        let sentences = material.sentences(section);
        for place in rng.places(n as usize, sentences.len()) {
            prose.say(&sentences[place], None, words, rng);
        }
    };
    let mut prose = Prose::default();
    let opening = match (words.female, rng.below(100)) {
        (None, n) => ["opening.age", "opening.none"][n % 2],
        (_, 0..=1) => "opening.cumulative",
        (_, 2..=9) => "opening.sex",
        (_, 10..=15) => "opening.age",
        (_, 16..=19) => "opening.none",
        _ => "opening.age_sex",
    };
    say(&mut prose, opening, words, rng);
    if rng.chance(40) {
        say(&mut prose, "mechanism_sentence", words, rng);
    }
    let early = rng.chance(50);
    let lists = match words.diagnoses.iter().any(|d| d.contains(',')) {
        true => &["diagnoses.semicolon", "diagnoses.numbered"][..],
        false => &[
            "diagnoses.semicolon",
            "diagnoses.comma",
            "diagnoses.numbered",
        ],
    };
    let list = rng.one(lists);
    // In a list that ends with "and", "a or b and c" would be hard to read.
    let numbered_only = words.diagnoses.iter().any(|d| d.contains(" or "));
    let list = if numbered_only {
        "diagnoses.numbered"
    } else {
        list
    };
    let states_diagnoses = !words.diagnoses.is_empty();
    if early && states_diagnoses {
        say(&mut prose, list, words, rng);
    }
    let (low, high) = if layout == Layout::Professional {
        (2, 3)
    } else {
        (1, 3)
    };
    several(&mut prose, "treatment", rng.range(1, 2), words, rng);
    several(&mut prose, "studies", rng.range(0, 2), words, rng);
    say(&mut prose, "visit", words, rng);
    several(&mut prose, "complaint", rng.range(low, high), words, rng);
    let exam = format!("exam.{}", body.kind);
    several(&mut prose, &exam, rng.range(1, 3), words, rng);
    if !words.medications.is_empty() {
        say(&mut prose, "medications", words, rng);
    }
    let substances = weaning(material, requests, &mut prose, words, rng);
    if rng.chance(35) {
        say(&mut prose, "summary.near_miss", words, rng);
    }
    several(&mut prose, "life", rng.range(0, 3), words, rng);
    if rng.chance(60) {
        say(&mut prose, "work", words, rng);
    }
    if !early && states_diagnoses {
        say(&mut prose, list, words, rng);
    }
    if !words.requests.is_empty() && rng.chance(70) {
        say(&mut prose, "plan", words, rng);
    }
    let opening_states = |what: &str| opening.contains(what);
    Summary {
        prose,
        substances,
        states_age: opening_states("age") || opening_states("cumulative"),
        states_sex: words.female.is_some()
            && (opening_states("sex") || opening_states("cumulative") || words.told),
        dated: !opening_states("cumulative"),
    }
}

/// The sentences of the summary on weaning.
fn weaning(
    material: &Material,
    requests: &[Request],
    prose: &mut Prose,
    words: &mut Words,
    rng: &mut Rng,
) -> Vec<Substance> {
    let on: Vec<usize> = (0..requests.len())
        .filter(|&i| requests[i].weanable())
        .collect();
    let mut substances = Vec::new();
    if on.is_empty() || !rng.chance(40) {
        return substances;
    }
    let mut used = Vec::new();
    for _ in 0..rng.range(1, 2) {
        let seq = rng.one(&on);
        let request = &requests[seq];
        let kind = match rng.below(10) {
            _ if request.for_weaning.is_some() && rng.chance(50) => Kind::RequestIsForWeaning,
            0..=4 => Kind::PatientWeaning,
            5..=7 => Kind::WeaningNotShown,
            _ => Kind::WeaningRecommended,
        };
        // A sentence on a class speaks of one for which there is a decision.
        let topic = request.topic.name.as_str();
        let classed = ["opioid", "benzodiazepine"].contains(&topic);
        let sentences = material.sentences(&format!("summary.{}", kind.name()));
        let place = rng.below(sentences.len());
        let sentence = &sentences[place];
        let counted = sentence.has("qty") || sentence.has("less") || sentence.has("more");
        // Once each: a sentence stands once in a section.
        if (sentence.has("class") && !classed)
            || (counted && request.quantity.is_none())
            || used.contains(&(kind, place))
        {
            continue;
        }
        used.push((kind, place));
        request.set_words(words, rng);
        prose.say(sentence, Some(kind), words, rng);
        substances.push(if sentence.has("d") {
            Substance::Drug(seq)
        } else if sentence.has("class") {
            Substance::Class(topic.to_string())
        } else {
            Substance::Medications
        });
    }
    substances
}

/// The requests as a summary lists them; what is for weaning would make a mention of the list.
fn listed(requests: &[Request]) -> String {
    let bare = requests.iter().filter(|r| r.topic.name != "detoxification");
    joined(bare.map(|r| r.bare.as_str()).collect())
}

fn medications(requests: &[Request], rng: &mut Rng) -> String {
    let mut names: Vec<&str> = requests
        .iter()
        .filter(|r| r.drug.is_some())
        .map(|r| r.name.as_str())
        .collect();
    let others = [
        "lisinopril",
        "metformin",
        "levothyroxine",
        "loratadine",
        "atorvastatin",
    ];
    if names.is_empty() || rng.chance(40) {
        names.push(rng.one(&others));
    }
    joined(names)
}

fn joined(names: Vec<&str>) -> String {
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_string(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn diagnoses(material: &Material, body: &Body, words: &mut Words, rng: &mut Rng) -> Vec<String> {
    let fits = |on: &str| on == body.key || on == "any";
    let all: Vec<_> = material
        .diagnoses
        .iter()
        .filter(|(on, _)| fits(on))
        .collect();
    // The first is one of the body part.
    let own = all.iter().filter(|(on, _)| on == &body.key).count();
    let first = rng.below(own);
    let n = [0, 1, 2, 3, 3, 4, 5][rng.below(7)];
    let places = rng.places(n, all.len());
    let others = places.into_iter().filter(|&p| p != first);
    let places = std::iter::once(first).chain(others).take(n);
    let written = |text: &crate::template::Template, words: &mut Words, rng: &mut Rng| {
        let mut out = String::new();
        text.write(words, rng, &mut out);
        out
    };
    places.map(|p| written(&all[p].1, words, rng)).collect()
}
