//! Disputed items: their headings, and what is true of them.

use std::fmt::Write;

use crate::material::{Body, Drug, Material, Topic};
use crate::rng::Rng;
use crate::words::{Words, write_date};

/// A disputed item.
pub struct Request<'a> {
    pub topic: &'a Topic,
    pub drug: Option<&'a Drug>,
    /// As it is headed.
    pub text: String,
    /// Without what stands before or after it: how a summary lists it.
    pub bare: String,
    /// What rationales call it: the drug by its name.
    pub name: String,
    pub review_type: Option<&'static str>,
    pub strength: Option<String>,
    pub quantity: Option<u32>,
    pub refills: Option<u32>,
    pub visits: Option<u32>,
    pub mme: Option<f64>,
    /// The words of the heading that make it a request for weaning.
    pub for_weaning: Option<&'static str>,
    /// A compound of several ingredients.
    pub compound: bool,
}

impl Request<'_> {
    /// The class of the drug, as sentences name it.
    pub fn class(&self, rng: &mut Rng) -> &'static str {
        let generic = self.drug.map_or("", |d| d.generic.as_str());
        match self.topic.name.as_str() {
            "benzodiazepine" => "benzodiazepines",
            "muscle_relaxant" => "muscle relaxants",
            "sedative_hypnotic" => "sedative hypnotics",
            "anticonvulsant" => "anticonvulsants",
            "antidepressant" => "antidepressants",
            _ if generic.starts_with("butalbital") => "barbiturates",
            _ => rng.one(&[
                "opioids",
                "opioid medications",
                "opioids",
                "opioid analgesics",
            ]),
        }
    }

    /// What "the requested …" calls it.
    pub fn thing(&self) -> &'static str {
        match self.topic.group.as_str() {
            "drug" => "medication",
            "imaging" => "study",
            "test" => "test",
            "injection" | "surgery" => "procedure",
            "equipment" => "equipment",
            "visit" => "visit",
            "program" => "program",
            "home" => "service",
            _ => "treatment",
        }
    }

    pub fn weanable(&self) -> bool {
        !self.compound && self.drug.is_some_and(Drug::weanable)
    }
}

/// Some different disputed items of a letter on one body part.
pub fn requests<'a>(
    material: &'a Material,
    body: &Body,
    words: &mut Words,
    n: usize,
    rng: &mut Rng,
) -> Vec<Request<'a>> {
    let mut all: Vec<Request> = Vec::new();
    let mut tries = 0;
    while all.len() < n && tries < 40 {
        tries += 1;
        let topic = &material.topics[rng.weighted(material.topics.iter().map(|t| t.weight))];
        let request = if topic.category == "pharmaceutical" {
            drug_request(material, topic, words, rng)
        } else {
            match other_request(material, topic, body, words, rng) {
                Some(request) => request,
                None => continue,
            }
        };
        // Items of one kind would be hard to tell apart in the letter's own sentences.
        let same = |other: &Request| match (other.drug, request.drug) {
            (Some(a), Some(b)) => ingredients(a).any(|i| ingredients(b).any(|j| i == j)),
            _ => other.topic.name == request.topic.name,
        };
        if !all.iter().any(same) {
            all.push(request);
        }
    }
    all
}

fn ingredients(drug: &Drug) -> impl Iterator<Item = &str> {
    drug.generic.split('/').filter(|i| *i != "acetaminophen")
}

fn empty<'a>(topic: &'a Topic) -> Request<'a> {
    Request {
        topic,
        drug: None,
        text: String::new(),
        bare: String::new(),
        name: String::new(),
        review_type: None,
        strength: None,
        quantity: None,
        refills: None,
        visits: None,
        mme: None,
        for_weaning: None,
        compound: false,
    }
}

fn other_request<'a>(
    material: &'a Material,
    topic: &'a Topic,
    body: &Body,
    words: &mut Words,
    rng: &mut Rng,
) -> Option<Request<'a>> {
    let fits = |on: &str| on == "any" || on == body.kind || on == body.key;
    let texts = material.requests[&topic.name]
        .iter()
        .filter(|(on, _)| fits(on));
    let texts: Vec<_> = texts.map(|(_, text)| text).collect();
    if texts.is_empty() {
        return None;
    }
    let text = rng.one(&texts);
    let mut request = empty(topic);
    if text.has("v") {
        let (phrase, visits) = visits(rng);
        words.visits = phrase;
        request.visits = Some(visits);
    }
    text.write(words, rng, &mut request.bare);
    request.name = request.bare.clone();
    request.text = request.bare.clone();
    if topic.name == "detoxification" {
        request.for_weaning = Some("detoxification program");
    }
    if rng.chance(8) || (topic.name == "urine_drug_test" && rng.chance(40)) {
        retrospective(&mut request, words, rng);
    } else if rng.chance(4) {
        request.review_type = Some("prospective");
        request.text.insert_str(0, "Prospective request for ");
    }
    Some(request)
}

/// A number of therapy visits in one of the ways in which it is written.
fn visits(rng: &mut Rng) -> (String, u32) {
    let (a, b) = (rng.range(1, 3), rng.one(&[3, 4, 6, 8]));
    let n = rng.one(&[6, 8, 10, 12, 16, 18, 24]);
    match rng.below(9) {
        0 if a > 1 => (format!("{a} times a week for {b} weeks"), a * b),
        1 if a > 1 => (format!("{a} times per week for {b} weeks"), a * b),
        2 => (format!("{a}x{b}"), a * b),
        3 => (format!("{a} x {b}"), a * b),
        4 => (format!("twice a week for {b} weeks"), 2 * b),
        5 => (format!("x {n} sessions"), n),
        6 => (format!("x{n} visits"), n),
        7 => (format!("{n} visits"), n),
        _ => (format!("{n} sessions"), n),
    }
}

fn retrospective(request: &mut Request, words: &Words, rng: &mut Rng) {
    let date = words.now - chrono::Days::new(u64::from(rng.range(0, 60)));
    let before = rng.one(&["Retrospective request for ", "Retrospective "]);
    let mut text = format!("{before}{} (DOS: ", request.text);
    write_date(&mut text, date, [1, 2, 0][rng.below(3)]);
    text.push(')');
    request.text = text;
    request.review_type = Some("retrospective");
}

fn drug_request<'a>(
    material: &'a Material,
    topic: &'a Topic,
    words: &mut Words,
    rng: &mut Rng,
) -> Request<'a> {
    let mut request = empty(topic);
    if topic.name == "topical_analgesic" && rng.chance(45) {
        compounded(&mut request, rng);
        return request;
    }
    let fits = |d: &Drug| {
        if d.subcategory == topic.subcategory {
            d.weight
        } else {
            0
        }
    };
    let drug = &material.drugs[rng.weighted(material.drugs.iter().map(fits))];
    request.drug = Some(drug);
    request.name = match &drug.brand {
        Some(brand) => brand.clone(),
        None => rng.pick(&drug.names).clone(),
    };
    let mut text = request.name.clone();
    if drug.brand.is_some() && rng.chance(18) {
        let _ = write!(text, " ({})", drug.generic);
    }
    if !drug.strengths.is_empty() && rng.chance(90) {
        strength(&mut request, drug, &mut text, rng);
    }
    if drug.form == "patch" && !request.name.contains("patch") {
        text.push_str(if rng.chance(50) { " patch" } else { " patches" });
    }
    request.bare = text.clone();
    if rng.chance(93) {
        let n = quantity(drug, rng);
        request.quantity = Some(n);
        push_quantity(&mut text, drug, n, rng);
    }
    if rng.chance(25) {
        let n = rng.range(1, 4);
        let s = if n == 1 { "" } else { "s" };
        let (phrase, n) = match rng.below(5) {
            0 => (" with no refills".to_string(), 0),
            1 => (format!(", {n} refill{s}"), n),
            _ => (format!(" with {n} refill{s}"), n),
        };
        text.push_str(&phrase);
        request.refills = Some(n);
    }
    if drug.weanable() && request.quantity.is_some() && rng.chance(9) {
        let n = rng.range(1, 3) * 4;
        let (phrase, cue) = match rng.below(6) {
            0 => (" for taper".to_string(), "for taper"),
            1 => (" for weaning".to_string(), "for weaning"),
            2 => (
                format!(" (tapering dose over {n} weeks)"),
                "tapering dose over",
            ),
            3 => (" for continued taper".to_string(), "for continued taper"),
            4 => (
                " for purposes of weaning".to_string(),
                "for purposes of weaning",
            ),
            _ => (", tapering dose".to_string(), "tapering dose"),
        };
        text.push_str(&phrase);
        request.for_weaning = Some(cue);
    }
    request.text = text;
    match rng.below(100) {
        0..=6 => retrospective(&mut request, words, rng),
        7..=12 => {
            let one = ["", "1 prescription of "][rng.below(2)];
            request.text = format!("Prospective request for {one}{}", request.text);
            request.review_type = Some("prospective");
        }
        13 => {
            request.text = format!("Concurrent request for {}", request.text);
            request.review_type = Some("concurrent");
        }
        _ => {}
    }
    request
}

fn strength(request: &mut Request, drug: &Drug, text: &mut String, rng: &mut Rng) {
    let number = rng.pick(&drug.strengths);
    let space = if drug.unit == "%" || rng.chance(55) {
        ""
    } else {
        " "
    };
    let _ = write!(text, " {number}{space}{}", drug.unit);
    let space = if drug.unit == "%" { "" } else { " " };
    request.strength = Some(format!("{number}{space}{}", drug.unit));
    let first = number.split('/').next().and_then(|n| n.parse::<f64>().ok());
    request.mme = drug
        .factor
        .zip(first)
        .map(|(f, n)| (f * n * 1000.0).round() / 1000.0);
}

fn quantity(drug: &Drug, rng: &mut Rng) -> u32 {
    match (drug.form.as_str(), drug.subcategory.as_str()) {
        ("cream", _) => rng.one(&[60, 120]),
        ("patch", "opioid") if drug.factor.is_none() => 4,
        ("patch", "opioid") => rng.one(&[10, 15]),
        (_, "opioid") => rng.one(&[30, 45, 60, 75, 90, 120, 120, 150, 180]),
        (_, "antiemetic") => rng.one(&[10, 20, 30]),
        _ => rng.one(&[30, 30, 60, 60, 90, 90, 120]),
    }
}

fn push_quantity(text: &mut String, drug: &Drug, n: u32, rng: &mut Rng) {
    if drug.form == "cream" {
        let _ = write!(text, ", {n} grams");
        return;
    }
    let forms = match drug.form.as_str() {
        "patch" => "patches",
        "capsule" => "capsules",
        _ => "tablets",
    };
    let _ = match rng.below(12) {
        0 => write!(text, " # {n}"),
        1 => write!(text, " quantity {n}"),
        2 => write!(text, ", quantity: {n}"),
        3 => write!(text, " qty: {n}"),
        4 => write!(text, ", qty {n}"),
        5 if drug.form != "patch" => write!(text, ", {n} {forms}"),
        6 if drug.form != "patch" => write!(text, " ({n} {forms})"),
        7 if drug.form == "patch" => write!(text, ", one box ({n} patches)"),
        _ => write!(text, " #{n}"),
    };
}

/// A cream made up by a pharmacy, of which no single name or strength is true.
fn compounded(request: &mut Request, rng: &mut Rng) {
    let ingredients = [
        "Flurbiprofen 20%",
        "Cyclobenzaprine 4%",
        "Gabapentin 10%",
        "Lidocaine 5%",
        "Tramadol 15%",
        "Baclofen 2%",
        "Menthol 4%",
        "Camphor 2%",
    ];
    let n = rng.range(2, 4) as usize;
    let chosen = rng.places(n, ingredients.len());
    let chosen: Vec<_> = chosen.iter().map(|&i| ingredients[i]).collect();
    let lead = rng.one(&[
        "Compounded topical cream: ",
        "Compound cream: ",
        "Topical compound cream ",
    ]);
    request.bare = format!("{lead}{}", chosen.join(", "));
    let grams = rng.one(&[120, 180, 240]);
    request.text = format!("{}, {grams} grams", request.bare);
    request.quantity = Some(grams);
    request.name = "the compounded cream".to_string();
    request.compound = true;
}
