//! A letter: what happened, what was decided, and how it is put. Letter `i` depends on the seed and `i` alone.

use chrono::{Days, NaiveDate};

use crate::decision::{Decision, rationale};
use crate::guideline::bases;
use crate::label::{DecisionLabel, Kind, Label, Mention};
use crate::layout;
use crate::material::{Body, Material, Topic};
use crate::request::{Request, requests};
use crate::rng::Rng;
use crate::summary::{self, Substance, Summary};
use crate::words::{Words, write_date};

/// How a letter is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// Early 2013: `MEDICAL PROFESSIONAL REVIEW`.
    Professional,
    /// August to December 2013: `Notice of Independent Medical Review Determination`.
    Notice,
    /// 2014: "physician reviewer".
    Physician,
    /// 2015 to 2017: "expert reviewer".
    Expert,
    /// 2018 on.
    Later,
}

impl Layout {
    fn name(self) -> &'static str {
        match self {
            Layout::Professional => "T2013p",
            Layout::Notice => "T2013n",
            Layout::Physician => "T2014",
            Layout::Expert => "T2015",
            Layout::Later => "T2018",
        }
    }

    /// The first day of decisions in this layout, and for how many days it was in use.
    fn days(self) -> (NaiveDate, u32) {
        let (year, month, days) = match self {
            Layout::Professional => (2013, 2, 150),
            Layout::Notice => (2013, 8, 140),
            Layout::Physician => (2014, 1, 330),
            Layout::Expert => (2014, 12, 1100),
            Layout::Later => (2018, 1, 2500),
        };
        (
            NaiveDate::from_ymd_opt(year, month, 1).expect("a day"),
            days,
        )
    }
}

/// The dates of a case, as its header has them.
pub struct Dates {
    pub injury: NaiveDate,
    pub assigned: NaiveDate,
    pub decision: NaiveDate,
    pub denial: NaiveDate,
    pub application: NaiveDate,
}

/// What a layout puts on paper.
pub struct Facts<'a> {
    pub layout: Layout,
    pub case_number: String,
    pub dates: Dates,
    pub expedited: bool,
    /// The states by name, as they are listed.
    pub states: Vec<&'a str>,
    pub specialties: Vec<&'a str>,
    pub summary: Summary,
    pub requests: Vec<Request<'a>>,
    pub decisions: Vec<Decision>,
    /// Whether the last two headings share one guideline and rationale block.
    pub shared: bool,
}

/// A letter in blocks of a paragraph each, with what is true of it.
pub struct Letter {
    pub blocks: Vec<String>,
    pub label: Label,
    /// The number that page footers bear, if they bear one.
    pub case_number: Option<String>,
}

/// Letter `index` under `seed`.
pub fn letter(material: &Material, seed: u64, index: u64) -> Letter {
    let rng = &mut Rng::new(seed, index);
    let layouts = [
        (Layout::Professional, 2),
        (Layout::Notice, 4),
        (Layout::Physician, 22),
        (Layout::Expert, 52),
        (Layout::Later, 20),
    ];
    let layout = layouts[rng.weighted(layouts.iter().map(|l| l.1))].0;
    let dates = dates(layout, rng);
    let body = &material.bodies[rng.weighted(material.bodies.iter().map(|b| b.weight))];
    let mut words = words(material, layout, body, &dates, rng);
    let n = match layout {
        Layout::Professional => 1,
        _ => 1 + rng.weighted([28, 26, 20, 13, 8, 5].into_iter()),
    };
    let requests = requests(material, body, &mut words, n, rng);
    let summary = summary::write(material, layout, body, &requests, &mut words, rng);
    let numbered = layout == Layout::Later && rng.chance(8);
    let mut decisions: Vec<Decision> = Vec::new();
    for request in &requests {
        let overturned = if request.for_weaning.is_some() {
            60
        } else {
            14
        };
        let upheld = !rng.chance(overturned);
        let (administrator, reviewer) = bases(layout, request, body, rng);
        decisions.push(Decision {
            upheld,
            administrator,
            reviewer,
            rationale: rationale(material, layout, request, upheld, numbered, &mut words, rng),
        });
    }
    let shared = layout == Layout::Expert && share(&requests, &mut decisions, rng);
    let (states, specialties) = reviewer(material, rng);
    let facts = Facts {
        layout,
        case_number: case_number(&dates, index),
        dates,
        expedited: rng.chance(3),
        states: states.iter().map(|s| s.0).collect(),
        specialties,
        summary,
        requests,
        decisions,
        shared,
    };
    let (blocks, header) = layout::blocks(&facts, rng);
    let mut label = label(&facts, &words, &header);
    label.states = states.iter().map(|s| s.1.to_string()).collect();
    Letter {
        blocks,
        case_number: label.case_number.clone(),
        label,
    }
}

/// Of a few letters the last two headings follow each other directly, and the last block belongs to both: a
/// block that names neither of them.
fn share(requests: &[Request], decisions: &mut [Decision], rng: &mut Rng) -> bool {
    let [.., before, last] = decisions else {
        return false;
    };
    let [.., first, second] = requests else {
        return false;
    };
    let alike = first.topic.group == second.topic.group && first.topic.group != "drug";
    if !alike || !rng.chance(80) || last.rationale.text.contains(&second.text) {
        return false;
    }
    before.upheld = last.upheld;
    before.administrator = last.administrator.clone();
    before.reviewer = last.reviewer.clone();
    before.rationale.text.clone_from(&last.rationale.text);
    before
        .rationale
        .mentions
        .clone_from(&last.rationale.mentions);
    true
}

fn dates(layout: Layout, rng: &mut Rng) -> Dates {
    let (first, days) = layout.days();
    let decision = first + Days::new(u64::from(rng.range(0, days)));
    let back = |from: NaiveDate, low, high, rng: &mut Rng| {
        from - Days::new(u64::from(rng.range(low, high)))
    };
    let assigned = back(decision, 15, 50, rng);
    let application = back(assigned, 4, 20, rng);
    let denial = back(application, 3, 28, rng);
    Dates {
        injury: back(denial, 200, 7000, rng),
        assigned,
        decision,
        denial,
        application,
    }
}

/// A number that no other letter has.
fn case_number(dates: &Dates, index: u64) -> String {
    use chrono::Datelike;
    // 7,654,321 has no factor in common with ten million, so that this goes through all numbers.
    let number = (index + 1) * 7_654_321 % 10_000_000;
    format!("CM{:02}-{number:07}", dates.application.year() % 100)
}

fn words(material: &Material, layout: Layout, body: &Body, dates: &Dates, rng: &mut Rng) -> Words {
    let side = rng.one(&["left", "right"]);
    let sided = |text: &str| text.replace("{side}", side);
    let levels: &[&str] = match body.key.as_str() {
        "neck" => &["C4-C5", "C5-C6", "C6-C7", "C5-6"],
        _ => &["L3-L4", "L4-L5", "L5-S1", "L4-5"],
    };
    let patients: &[&str] = match layout {
        Layout::Expert | Layout::Later => {
            &["the injured worker", "the injured worker", "the patient"]
        }
        Layout::Physician => &["the patient", "the employee"],
        _ => &["the employee", "the patient", "the claimant"],
    };
    let mut words = Words {
        female: (!rng.chance(3)).then(|| rng.chance(45)),
        age: rng.range(21, 74),
        patient: rng.one(patients),
        side,
        part: sided(&body.part),
        region: sided(&body.region),
        level: rng.one(levels),
        dermatome: if body.key == "neck" { "C6" } else { "L5" },
        now: dates.denial - Days::new(u64::from(rng.range(7, 30))),
        date_style: rng.below(5),
        ..Words::default()
    };
    let style = if rng.chance(50) {
        words.date_style
    } else {
        rng.below(5)
    };
    write_date(&mut words.injury, dates.injury, style);
    let mut text = String::new();
    rng.pick(material.sentences("job"))
        .write(&mut words, rng, &mut text);
    words.job = std::mem::take(&mut text);
    rng.pick(material.sentences("mechanism"))
        .write(&mut words, rng, &mut text);
    words.mechanism = text;
    words
}

/// How many reviewers there are: each decides many cases, in whatever number of letters.
const REVIEWERS: usize = 3000;

/// The states of a reviewer, by name and code, and the specialties.
fn reviewer<'a>(material: &'a Material, rng: &mut Rng) -> (Vec<(&'a str, &'a str)>, Vec<&'a str>) {
    let rng = &mut Rng::new(0, rng.below(REVIEWERS) as u64);
    let mut states: Vec<(&str, &str)> = Vec::new();
    for _ in 0..rng.range(1, 3) {
        let line = rng.pick(material.lines("states"));
        let state = line.split_once('=').expect("a state and its code");
        if !states.contains(&state) {
            states.push(state);
        }
    }
    let mut specialties = vec![rng.pick(material.lines("first")).as_str()];
    let physician = !["Psychology", "Chiropractor"].contains(&specialties[0]);
    if physician && rng.chance(45) {
        let second = rng.pick(material.lines("second")).as_str();
        if second != specialties[0] {
            specialties.push(second);
        }
    }
    (states, specialties)
}

/// What is true of the letter.
fn label(facts: &Facts, words: &Words, header: &layout::Header) -> Label {
    let dates = &facts.dates;
    let summary = &facts.summary;
    let decisions = facts.requests.iter().zip(&facts.decisions).enumerate();
    Label {
        template: facts.layout.name(),
        case_number: header.case_number.then(|| facts.case_number.clone()),
        date_of_injury: (header.injury || summary.dated).then_some(dates.injury),
        date_assigned: header.assigned.then_some(dates.assigned),
        decision_date: header.decision.then_some(dates.decision),
        ur_denial_date: header.denial.then_some(dates.denial),
        application_received_date: header.application.then_some(dates.application),
        priority: header.priority.then_some(if facts.expedited {
            "expedited"
        } else {
            "standard"
        }),
        age: summary.states_age.then_some(words.age),
        female: words.female.filter(|_| summary.states_sex),
        diagnoses: words.diagnoses.clone(),
        states: Vec::new(),
        specialties: facts
            .specialties
            .iter()
            .map(|s| s.replace('&', "and"))
            .collect(),
        summary_mentions: summary.prose.mentions.clone(),
        decisions: decisions
            .map(|(seq, (r, d))| decision(seq, r, d, summary))
            .collect(),
    }
}

fn decision(
    seq: usize,
    request: &Request,
    decision: &Decision,
    summary: &Summary,
) -> DecisionLabel {
    let Topic {
        category,
        subcategory,
        ..
    } = request.topic;
    let request_mentions: Vec<Mention> = request
        .for_weaning
        .map(|cue| Mention {
            kind: Kind::RequestIsForWeaning,
            quote: cue.to_string(),
        })
        .into_iter()
        .collect();
    let bears = |substance: &Substance| match substance {
        Substance::Drug(on) => *on == seq,
        Substance::Class(topic) => *topic == request.topic.name && request.drug.is_some(),
        Substance::Medications => request.weanable(),
    };
    let of_summary = summary.prose.mentions.iter().zip(&summary.substances);
    let of_summary = of_summary.filter(|(_, s)| bears(s)).map(|(m, _)| m.kind);
    let own = [
        &request_mentions,
        &decision.administrator.mentions,
        &decision.reviewer.mentions,
        &decision.rationale.mentions,
    ];
    let own = own.into_iter().flatten().map(|m| m.kind);
    let drug = request.drug;
    DecisionLabel {
        request_text: request.text.clone(),
        review_type: request.review_type,
        upheld: decision.upheld,
        category: category.clone(),
        subcategory: subcategory.clone(),
        brand: drug.and_then(|d| d.brand.clone()),
        generic: drug.map(|d| d.generic.clone()),
        strength: request.strength.clone(),
        quantity: request.quantity,
        refills: request.refills,
        visits: request.visits,
        mme: request.mme,
        context: own.chain(of_summary).min(),
        rationale: Some(decision.rationale.text.clone()),
        administrator: decision.administrator.clone(),
        reviewer: decision.reviewer.clone(),
        request_mentions,
        rationale_mentions: decision.rationale.mentions.clone(),
    }
}
