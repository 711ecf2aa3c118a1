//! The guidelines that the two sides cite, in the manner of each layout.

use std::fmt::Write;

use crate::label::{Basis, Citation, Kind, Mention};
use crate::letter::Layout;
use crate::material::{Body, Pages};
use crate::request::Request;
use crate::rng::Rng;

const OTHER: [&str; 6] = [
    "Drugs.com",
    "FDA prescribing information",
    "Medscape reference",
    "CDC Clinical Practice Guideline for Prescribing Opioids for Pain",
    "Physicians as Assistants at Surgery",
    "Cochrane Database of Systematic Reviews",
];

/// What a part of a guideline line cites.
enum Part {
    /// A section of the chronic pain guidelines, or none, with pages, or none.
    Chronic(Option<String>, Pages),
    Acupuncture,
    /// The chapter on the body part.
    Chapter(Pages),
    /// A section of the guidelines of 2017 and later.
    Later(String),
    /// A chapter and an entry.
    Odg(String),
    Other(&'static str),
}

impl Part {
    fn citation(&self) -> Citation {
        let (source, pages) = match self {
            Part::Chronic(_, pages) | Part::Chapter(pages) => ("MTUS", pages.clone()),
            Part::Acupuncture | Part::Later(_) => ("MTUS", Vec::new()),
            Part::Odg(_) => ("ODG", Vec::new()),
            Part::Other(_) => ("other", Vec::new()),
        };
        Citation { source, pages }
    }

    /// The title that speaks of weaning.
    fn weaning(&self) -> Option<&'static str> {
        let title = match self {
            Part::Chronic(Some(title), _) | Part::Later(title) | Part::Odg(title) => title,
            _ => return None,
        };
        let cues = [
            "Weaning of Medications",
            "Tapering of Opioids",
            "Tapering",
            "Detoxification",
        ];
        cues.into_iter().find(|cue| title.contains(cue))
    }
}

/// What the two sides of a decision cite: first the claims administrator, then the reviewer.
pub fn bases(layout: Layout, request: &Request, body: &Body, rng: &mut Rng) -> (Basis, Basis) {
    let mut administrator = parts(layout, request, body, false, rng);
    if rng.chance(8) {
        administrator.clear();
    }
    let reviewer = parts(layout, request, body, true, rng);
    match layout {
        Layout::Professional => {
            let mut basis = basis(professional(&reviewer, body), &reviewer);
            basis.mentions = mentions(&reviewer);
            (Basis::default(), basis)
        }
        Layout::Notice => {
            let own = administrator.is_empty() || rng.chance(60);
            let first = notice(
                "The Claims Administrator based its decision on",
                &administrator,
                body,
            );
            if own {
                let second = notice(
                    "The Expert Reviewer based his/her decision on",
                    &reviewer,
                    body,
                );
                (basis(first, &administrator), basis(second, &reviewer))
            } else {
                let text = "The Expert Reviewer found the guidelines used by the Claims Administrator relevant \
                            and appropriate for the employee's clinical circumstance.";
                (basis(first, &administrator), basis(text.to_string(), &[]))
            }
        }
        Layout::Physician => {
            let first = notice(
                "The Claims Administrator based its decision on",
                &administrator,
                body,
            );
            let second = notice(
                "The Physician Reviewer based his/her decision on",
                &reviewer,
                body,
            );
            (basis(first, &administrator), basis(second, &reviewer))
        }
        Layout::Expert | Layout::Later => (
            expert(layout, &administrator, body, rng),
            expert(layout, &reviewer, body, rng),
        ),
    }
}

/// What one side cites.
fn parts(
    layout: Layout,
    request: &Request,
    body: &Body,
    reviewer: bool,
    rng: &mut Rng,
) -> Vec<Part> {
    let topic = request.topic;
    let mut parts = Vec::new();
    let weaning = request.weanable()
        && rng.chance(if request.for_weaning.is_some() {
            60
        } else {
            16
        });
    if layout == Layout::Later && !topic.sections_2017.is_empty() {
        let mut section = rng.pick(&topic.sections_2017).clone();
        if weaning && topic.name == "opioid" {
            section = format!(
                "Opioids Treatment 2017, Section(s): Recommendations, {}",
                rng.one(&["Discontinuation and Tapering of Opioids", "Tapering"])
            );
        }
        parts.push(Part::Later(section));
    } else if layout == Layout::Later && !topic.pages.is_empty() && topic.name != "detoxification" {
        parts.push(Part::Later(
            "Chronic Pain Treatment Guidelines 2017".to_string(),
        ));
    } else if !topic.sections.is_empty() {
        let mut section = Some(rng.pick(&topic.sections).clone());
        let mut pages = rng.pick(&topic.pages).clone();
        if weaning {
            section = section.map(|s| format!("{s}, Weaning of Medications"));
            pages.push((124, 124));
        } else if !reviewer && rng.chance(25) && topic.name != "detoxification" {
            section = None;
        }
        if rng.chance(if reviewer { 12 } else { 40 }) {
            pages.clear();
        }
        parts.push(Part::Chronic(section, pages));
    } else if topic.name == "acupuncture" {
        parts.push(Part::Acupuncture);
    } else if ["imaging", "surgery", "injection", "visit"].contains(&topic.group.as_str()) {
        let investigates = topic.group == "imaging" && layout == Layout::Later;
        if investigates && rng.chance(60) {
            let title = body.title.replace("Complaints", "Disorders");
            parts.push(Part::Later(format!(
                "{title} 2017, Section(s): Diagnostic Investigations"
            )));
            return parts;
        }
        let mut pages = rng.pick(&body.pages).clone();
        if rng.chance(25) {
            pages.clear();
        }
        parts.push(Part::Chapter(pages));
    }
    if !topic.odg_chapter.is_empty() && (parts.is_empty() || rng.chance(18)) {
        let chapter = topic.odg_chapter.replace("{body}", &body.odg);
        let entry = &topic.odg_entry;
        if !reviewer && parts.is_empty() && rng.chance(20) {
            parts.push(Part::Odg(String::new()));
        } else {
            parts.push(Part::Odg(format!("{chapter} Chapter, {entry}")));
        }
    } else if reviewer && rng.chance(3) {
        parts.push(Part::Other(rng.one(&OTHER)));
    }
    parts
}

fn basis(text: String, parts: &[Part]) -> Basis {
    let mut citations: Vec<Citation> = Vec::new();
    for part in parts {
        let citation = part.citation();
        if !citations.contains(&citation) {
            citations.push(citation);
        }
    }
    let cue = parts.iter().find_map(Part::weaning);
    Basis {
        text: Some(text),
        citations,
        mentions: cue.map(mention).into_iter().collect(),
    }
}

fn mention(cue: &str) -> Mention {
    Mention {
        kind: Kind::GuidelineMention,
        quote: cue.to_string(),
    }
}

/// `Decision based on …`, a sentence a part.
fn expert(layout: Layout, parts: &[Part], body: &Body, rng: &mut Rng) -> Basis {
    if parts.is_empty() {
        let text = "The Claims Administrator did not cite any medical evidence for its decision.";
        return basis(text.to_string(), parts);
    }
    let comma = if rng.chance(60) { "" } else { "," };
    let semicolon = rng.chance(30);
    let chapter = rng.one(&["ACOEM Practice Guidelines, Chapter ", "ACOEM Chapter "]);
    let joined =
        layout == Layout::Later && rng.chance(60) && parts.iter().all(|p| p.weaning().is_none());
    let mut text = String::new();
    if layout == Layout::Later && matches!(parts, [Part::Odg(_)]) && rng.chance(50) {
        text.push_str("The MTUS does not address the requested service. ");
    }
    for (i, part) in parts.iter().enumerate() {
        text.push_str(match (i, joined) {
            (0, _) => "Decision based on ",
            (_, true) => "; and ",
            (_, false) => ". Decision based on ",
        });
        let listed = |pages: &Pages| {
            let separator = if semicolon { "; " } else { ", " };
            match ranges(pages, separator) {
                none if none.is_empty() => none,
                pages => format!(" Page(s): {pages}"),
            }
        };
        let _ = match part {
            Part::Chronic(section, pages) => {
                let space = if section.is_some() { " " } else { "" };
                let section = section.as_deref().unwrap_or("");
                write!(
                    text,
                    "MTUS Chronic Pain Treatment Guidelines{space}{section}{}",
                    listed(pages)
                )
            }
            Part::Acupuncture => write!(text, "MTUS Acupuncture Treatment Guidelines"),
            Part::Chapter(pages) => {
                write!(
                    text,
                    "MTUS {chapter}{} {}{}",
                    body.chapter,
                    body.title,
                    listed(pages)
                )
            }
            Part::Later(section) => write!(text, "MTUS {section}"),
            Part::Odg(title) => {
                let odg = [
                    "Official Disability Guidelines (ODG)",
                    "Official Disability Guidelines",
                ];
                let odg = odg[rng.below(2)];
                let comma = if title.is_empty() || layout == Layout::Later {
                    ","
                } else {
                    comma
                };
                let comma = if title.is_empty() { "" } else { comma };
                let space = if title.is_empty() { "" } else { " " };
                write!(text, "Non-MTUS Citation {odg}{comma}{space}{title}")
            }
            Part::Other(title) => write!(text, "Non-MTUS Citation {title}"),
        };
    }
    text.push('.');
    let mut basis = basis(text, parts);
    // Each part is a sentence here.
    basis.mentions = mentions(parts);
    basis
}

/// Of a line that is a sentence a part.
fn mentions(parts: &[Part]) -> Vec<Mention> {
    parts
        .iter()
        .filter_map(Part::weaning)
        .map(mention)
        .collect()
}

/// `The … based its decision on …`, one sentence.
fn notice(lead: &str, parts: &[Part], body: &Body) -> String {
    if parts.is_empty() {
        return "The Claims Administrator did not cite any medical evidence for its decision."
            .to_string();
    }
    let mut text = lead.to_string();
    for (i, part) in parts.iter().enumerate() {
        text.push_str(if i == 0 { " the " } else { ", and the " });
        push_old(&mut text, part, body);
    }
    text.push('.');
    text
}

fn professional(parts: &[Part], body: &Body) -> String {
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push(' ');
        }
        push_old(&mut text, part, body);
        text.push('.');
    }
    text
}

fn push_old(text: &mut String, part: &Part, body: &Body) {
    let pages = |pages: &Pages| match pages.as_slice() {
        [] => String::new(),
        [(start, end)] if start == end => format!(", page {start}"),
        _ => format!(", pages {}", ranges(pages, ", ")),
    };
    let _ = match part {
        Part::Chronic(section, p) => {
            let comma = if section.is_some() { ", " } else { "" };
            let section = section.as_deref().unwrap_or("");
            write!(
                text,
                "MTUS Chronic Pain Medical Treatment Guidelines (2009){comma}{section}{}, which is part of the MTUS",
                pages(p)
            )
        }
        Part::Acupuncture => write!(
            text,
            "Acupuncture Medical Treatment Guidelines, which is part of the MTUS"
        ),
        Part::Chapter(p) => write!(
            text,
            "{} Chapter (ACOEM Practice Guidelines, 2nd Edition (2004), Chapter {}{}), which is part of the MTUS",
            body.title,
            body.chapter,
            pages(p)
        ),
        Part::Later(section) => write!(text, "MTUS {section}"),
        Part::Odg(title) if title.is_empty() => {
            write!(text, "Official Disability Guidelines (ODG)")
        }
        Part::Odg(title) => {
            write!(
                text,
                "Official Disability Guidelines (ODG), {title}, which is not part of the MTUS"
            )
        }
        Part::Other(title) => write!(text, "{title}"),
    };
}

fn ranges(pages: &Pages, separator: &str) -> String {
    let mut text = String::new();
    for (i, (start, end)) in pages.iter().enumerate() {
        if i > 0 {
            text.push_str(separator);
        }
        let _ = match start == end {
            true => write!(text, "{start}"),
            false => write!(text, "{start}-{end}"),
        };
    }
    text
}
