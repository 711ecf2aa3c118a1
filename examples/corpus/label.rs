//! What is true of a letter, in the form in which labels are written.

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::material::Pages;

/// What a sentence says of weaning, the strongest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    RequestIsForWeaning,
    WeaningRecommended,
    PatientWeaning,
    WeaningNotShown,
    WithdrawalCaution,
    GuidelineMention,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::RequestIsForWeaning => "request_is_for_weaning",
            Kind::WeaningRecommended => "weaning_recommended",
            Kind::PatientWeaning => "patient_weaning",
            Kind::WeaningNotShown => "weaning_not_shown",
            Kind::WithdrawalCaution => "withdrawal_caution",
            Kind::GuidelineMention => "guideline_mention",
        }
    }
}

/// A sentence that speaks of weaning, by some of its words.
#[derive(Clone, Debug)]
pub struct Mention {
    pub kind: Kind,
    pub quote: String,
}

/// A guideline cited; no pages where none are given.
#[derive(Clone, Debug, PartialEq)]
pub struct Citation {
    pub source: &'static str,
    pub pages: Pages,
}

/// What one side cites, and what its line says of weaning.
#[derive(Clone, Default, Debug)]
pub struct Basis {
    pub text: Option<String>,
    pub citations: Vec<Citation>,
    pub mentions: Vec<Mention>,
}

/// What is true of a decision.
pub struct DecisionLabel {
    pub request_text: String,
    pub review_type: Option<&'static str>,
    pub upheld: bool,
    pub category: String,
    pub subcategory: String,
    pub brand: Option<String>,
    pub generic: Option<String>,
    pub strength: Option<String>,
    pub quantity: Option<u32>,
    pub refills: Option<u32>,
    pub visits: Option<u32>,
    pub mme: Option<f64>,
    pub context: Option<Kind>,
    pub rationale: Option<String>,
    pub administrator: Basis,
    pub reviewer: Basis,
    pub request_mentions: Vec<Mention>,
    pub rationale_mentions: Vec<Mention>,
}

/// What is true of a letter.
pub struct Label {
    pub template: &'static str,
    pub case_number: Option<String>,
    pub date_of_injury: Option<NaiveDate>,
    pub date_assigned: Option<NaiveDate>,
    pub decision_date: Option<NaiveDate>,
    pub ur_denial_date: Option<NaiveDate>,
    pub application_received_date: Option<NaiveDate>,
    pub priority: Option<&'static str>,
    pub age: Option<u32>,
    pub female: Option<bool>,
    pub diagnoses: Vec<String>,
    pub states: Vec<String>,
    pub specialties: Vec<String>,
    pub summary_mentions: Vec<Mention>,
    pub decisions: Vec<DecisionLabel>,
}

impl Label {
    /// `upheld`, `overturned` or `partially_overturned`.
    pub fn outcome(&self) -> &'static str {
        let upheld = self.decisions.iter().filter(|d| d.upheld).count();
        match upheld {
            0 => "overturned",
            n if n == self.decisions.len() => "upheld",
            _ => "partially_overturned",
        }
    }

    /// As JSON, for the letter of this name.
    pub fn json(&self, name: &str) -> Value {
        let date = |d: Option<NaiveDate>| d.map(|d| d.to_string());
        let sex = |female| if female { "female" } else { "male" };
        let mut states = self.states.clone();
        states.sort();
        let mut mentions = Vec::new();
        let mut mention = |seq: Option<usize>, section: &str, of: &[Mention]| {
            mentions.extend(of.iter().map(|m| {
                json!({"seq": seq, "section": section, "kind": m.kind.name(), "quote": m.quote})
            }));
        };
        mention(None, "clinical_summary", &self.summary_mentions);
        let mut decisions = Vec::new();
        for (i, d) in self.decisions.iter().enumerate() {
            let seq = Some(i + 1);
            mention(seq, "request", &d.request_mentions);
            let sides = [
                ("claims_administrator", &d.administrator),
                ("reviewer", &d.reviewer),
            ];
            let mut citations = Vec::new();
            for (side, basis) in sides {
                mention(seq, &format!("{side}_guideline"), &basis.mentions);
                citations.extend(
                    basis
                        .citations
                        .iter()
                        .map(|c| json!({"cited_by": side, "source": c.source, "pages": c.pages})),
                );
            }
            mention(seq, "rationale", &d.rationale_mentions);
            let words: Option<Vec<&str>> =
                d.rationale.as_ref().map(|r| r.split_whitespace().collect());
            decisions.push(json!({
                "seq": seq,
                "request_text": d.request_text,
                "review_type": d.review_type,
                "outcome": if d.upheld { "upheld" } else { "overturned" },
                "request_category": d.category,
                "request_subcategory": d.subcategory,
                "brand_name": d.brand,
                "generic_name": d.generic,
                "strength": d.strength,
                "quantity": d.quantity,
                "refills": d.refills,
                "visits": d.visits,
                "mme_per_unit": d.mme,
                "weaning_context": d.context.map_or("none", Kind::name),
                "rationale_begins": words.as_ref().map(|w| w[..w.len().min(5)].join(" ")),
                "rationale_ends": words.as_ref().map(|w| w[w.len().saturating_sub(5)..].join(" ")),
                "citations": citations,
            }));
        }
        json!({
            "letter": name,
            "template": self.template,
            "status": "parsed",
            "case": {
                "case_number": self.case_number,
                "case_outcome": self.outcome(),
                "date_of_injury": date(self.date_of_injury),
                "date_assigned": date(self.date_assigned),
                "decision_date": date(self.decision_date),
                "ur_denial_date": date(self.ur_denial_date),
                "application_received_date": date(self.application_received_date),
                "priority": self.priority,
                "patient_age": self.age,
                "patient_sex": self.female.map(sex),
                "diagnoses": self.diagnoses,
            },
            "reviewer": {"licensure_states": states, "specialties": self.specialties},
            "decisions": decisions,
            "weaning_mentions": mentions,
        })
    }
}
