//! What the parser reads, beside what people read: precision and recall of every field.
//!
//! `cargo test --test parser labels -- --nocapture` prints the tables and every miss.

use crate::corpus::{self, Document};
use imr::letter::{self, Case, Decision, Letter};
use serde_json::Value;
use std::collections::BTreeSet;

/// The share of the values of letters that the parser was not written by which it must get right, over
/// all fields. It may only rise.
const OWN_FLOOR: f64 = 0.998;

/// The same of letters in the styles in which their texts are met.
const RENDERED_FLOOR: f64 = 0.998;

/// The same of letters that nothing was learned from: how well new letters are read.
const HELD_FLOOR: f64 = 0.985;

/// Fields of which no own letter may have one wrong. The list may only grow.
const OWN_EXACT: &[&str] = &["letters.status"];

#[test]
fn the_real_letters_are_read_exactly() {
    exact("seeds", &corpus::seeds());
}

#[test]
fn the_development_letters_are_read_exactly() {
    exact("dev", &corpus::dev());
}

#[test]
fn letters_of_our_own_are_read_as_well_as_ever() {
    let score = score("own", &corpus::own());
    let all = score.total().f1();
    assert!(
        all >= OWN_FLOOR,
        "F1 over all fields fell to {all:.4}, below {OWN_FLOOR}"
    );
    for field in OWN_EXACT {
        let tally = score.tally(field);
        assert!(tally.is_exact(), "{field}: {tally:?}");
    }
}

#[test]
fn rendered_letters_are_read_as_well_as_ever() {
    let all = score("rendered", &corpus::rendered()).total().f1();
    assert!(
        all >= RENDERED_FLOOR,
        "F1 over all fields fell to {all:.4}, below {RENDERED_FLOOR}"
    );
}

#[test]
fn letters_that_nothing_was_learned_from_are_read_as_well_as_ever() {
    let all = score("held", &corpus::held()).total().f1();
    assert!(
        all >= HELD_FLOOR,
        "F1 over all fields fell to {all:.4}, below {HELD_FLOOR}"
    );
}

fn exact(name: &str, letters: &[Document]) {
    let score = score(name, letters);
    assert!(
        score.misses.is_empty(),
        "{} values wrong:\n{}",
        score.misses.len(),
        score.misses.join("\n")
    );
}

fn score(name: &str, letters: &[Document]) -> Score {
    let mut score = Score::default();
    for document in letters {
        let gold = document
            .label
            .as_ref()
            .unwrap_or_else(|| panic!("{} has no label", document.name));
        score.letter(gold, &letter::parse(&document.text));
    }
    score.print(name, letters.len());
    score
}

/// Right values, wrong or invented ones, and missed ones.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    right: usize,
    wrong: usize,
    missed: usize,
}

impl Tally {
    fn f1(self) -> f64 {
        let all = 2 * self.right + self.wrong + self.missed;
        if all == 0 {
            1.0
        } else {
            2.0 * self.right as f64 / all as f64
        }
    }

    fn is_exact(self) -> bool {
        self.wrong + self.missed == 0
    }
}

/// The tallies of all fields, in the order in which the fields first came.
#[derive(Default)]
struct Score {
    fields: Vec<(String, Tally)>,
    misses: Vec<String>,
}

impl Score {
    fn tally(&self, field: &str) -> Tally {
        self.fields
            .iter()
            .find(|(f, _)| f == field)
            .map_or(Tally::default(), |(_, t)| *t)
    }

    fn of(&mut self, field: &str) -> &mut Tally {
        let known = self.fields.iter().position(|(f, _)| f == field);
        let at = known.unwrap_or_else(|| {
            self.fields.push((field.to_owned(), Tally::default()));
            self.fields.len() - 1
        });
        &mut self.fields[at].1
    }

    fn total(&self) -> Tally {
        self.fields
            .iter()
            .fold(Tally::default(), |all, (_, t)| Tally {
                right: all.right + t.right,
                wrong: all.wrong + t.wrong,
                missed: all.missed + t.missed,
            })
    }

    fn print(&self, name: &str, letters: usize) {
        println!(
            "{:<36} right wrong missed     F1",
            format!("{name}: {letters} letters")
        );
        let total = [("all fields".to_owned(), self.total())];
        for (field, t) in self.fields.iter().chain(&total) {
            let (right, wrong, missed) = (t.right, t.wrong, t.missed);
            println!("{field:<36} {right:5} {wrong:5} {missed:6}  {:.3}", t.f1());
        }
        self.misses.iter().for_each(|miss| println!("{miss}"));
    }

    /// One value; nothing stated and nothing read counts nothing.
    fn value(&mut self, field: &str, place: &str, gold: Option<String>, read: Option<String>) {
        let (folded_gold, folded_read) = (fold(&gold), fold(&read));
        if folded_gold.is_none() && folded_read.is_none() {
            return;
        }
        let tally = self.of(field);
        if folded_gold == folded_read {
            tally.right += 1;
            return;
        }
        tally.wrong += usize::from(folded_read.is_some());
        tally.missed += usize::from(folded_gold.is_some());
        let show = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
        self.misses.push(format!(
            "{field} of {place}: {} is stated, {} was read",
            show(gold),
            show(read)
        ));
    }

    /// Whether something that is there was found.
    fn found(&mut self, field: &str, place: &str, found: bool) {
        self.value(
            field,
            place,
            Some("it".to_owned()),
            found.then(|| "it".to_owned()),
        );
    }

    /// Values whose order does not matter.
    fn bag(&mut self, field: &str, place: &str, gold: Vec<String>, read: Vec<String>) {
        let mut rest: Vec<String> = read;
        for value in gold {
            let same = rest.iter().position(|r| fold_text(r) == fold_text(&value));
            let hit = same.map(|at| rest.remove(at));
            self.value(field, place, Some(value), hit);
        }
        for value in rest {
            self.value(field, place, None, Some(value));
        }
    }

    fn letter(&mut self, gold: &Value, read: &Letter) {
        let name = text(&gold["letter"]).unwrap_or_default();
        let status = Some(read.status.as_str().to_owned());
        self.value("letters.status", &name, text(&gold["status"]), status);
        if gold["status"] == "rejected" {
            return;
        }
        let nothing = Case::default();
        let case = read.case.as_ref().unwrap_or(&nothing);
        self.case(&name, gold, case);
        self.decisions(&name, gold, case);
    }

    fn case(&mut self, name: &str, gold: &Value, case: &Case) {
        let date =
            |d: &Option<letter::Found<chrono::NaiveDate>>| d.as_ref().map(|d| d.value.to_string());
        let read = [
            (
                "case_number",
                case.case_number.as_ref().map(|n| n.value.clone()),
            ),
            (
                "case_outcome",
                case.outcome().map(|o| o.as_str().to_owned()),
            ),
            ("date_of_injury", date(&case.date_of_injury)),
            ("date_assigned", date(&case.date_assigned)),
            ("decision_date", date(&case.decision_date)),
            ("ur_denial_date", date(&case.ur_denial_date)),
            (
                "application_received_date",
                date(&case.application_received_date),
            ),
            (
                "priority",
                case.priority.as_ref().map(|p| p.value.as_str().to_owned()),
            ),
            (
                "patient_age",
                case.patient_age.as_ref().map(|a| a.value.to_string()),
            ),
            (
                "patient_sex",
                case.patient_sex
                    .as_ref()
                    .map(|s| s.value.as_str().to_owned()),
            ),
        ];
        for (column, value) in read {
            self.value(
                &format!("cases.{column}"),
                name,
                text(&gold["case"][column]),
                value,
            );
        }
        let diagnoses = case.diagnoses.iter().map(|d| d.value.clone()).collect();
        self.bag(
            "cases.diagnoses",
            name,
            texts(&gold["case"]["diagnoses"]),
            diagnoses,
        );
        let reviewer = case.reviewer.clone().unwrap_or_default();
        let states = reviewer.licensure_states.iter().map(|s| s.value.to_owned());
        let specialties = reviewer.specialties.iter().map(|s| s.value.clone());
        let gold = &gold["reviewer"];
        self.bag(
            "reviewers.licensure_states",
            name,
            texts(&gold["licensure_states"]),
            once(states),
        );
        self.bag(
            "reviewers.specialties",
            name,
            texts(&gold["specialties"]),
            once(specialties),
        );
    }

    fn decisions(&mut self, name: &str, gold: &Value, case: &Case) {
        let pairs = align(list(&gold["decisions"]), &case.decisions);
        for (gold, at) in list(&gold["decisions"]).iter().zip(&pairs) {
            let place = format!("{name}#{}", gold["seq"]);
            let read = at.map(|at| &case.decisions[at]);
            self.found("decisions (found)", &place, read.is_some());
            self.decision(&place, gold, read);
        }
        for (at, decision) in case.decisions.iter().enumerate() {
            if !pairs.contains(&Some(at)) {
                let request = Some(decision.request_text.value.clone());
                self.value("decisions (found)", name, None, request);
            }
        }
        self.mentions(name, gold, case, &pairs);
    }

    fn decision(&mut self, place: &str, gold: &Value, read: Option<&Decision>) {
        let context = |d: &Decision| d.weaning_context.map_or("none", |k| k.as_str()).to_owned();
        let word = |s: &str| s.to_owned();
        type Column = (&'static str, fn(&Decision) -> Option<String>);
        let columns: &[Column] = &[
            ("request_text", |d| Some(d.request_text.value.clone())),
            ("review_type", |d| {
                d.review_type.as_ref().map(|r| r.value.as_str().to_owned())
            }),
            ("outcome", |d| {
                d.outcome.as_ref().map(|o| o.value.as_str().to_owned())
            }),
            ("brand_name", |d| {
                d.brand_name.as_ref().map(|b| b.value.clone())
            }),
            ("generic_name", |d| {
                d.generic_name.as_ref().map(|g| g.value.clone())
            }),
            ("strength", |d| d.strength.as_ref().map(|s| s.value.clone())),
            ("quantity", |d| {
                d.quantity.as_ref().map(|q| q.value.to_string())
            }),
            ("refills", |d| {
                d.refills.as_ref().map(|r| r.value.to_string())
            }),
            ("visits", |d| d.visits.as_ref().map(|v| v.value.to_string())),
            ("mme_per_unit", |d| {
                d.mme_per_unit.as_ref().map(|m| number(m.value))
            }),
        ];
        for (column, value) in columns {
            let field = format!("decisions.{column}");
            self.value(&field, place, text(&gold[*column]), read.and_then(value));
        }
        let category = read.map(|d| word(d.request_category.value));
        self.value(
            "decisions.request_category",
            place,
            text(&gold["request_category"]),
            category,
        );
        let subcategory = read.map(|d| word(d.request_subcategory.value));
        let stated = text(&gold["request_subcategory"]);
        self.value("decisions.request_subcategory", place, stated, subcategory);
        let stated = text(&gold["weaning_context"]);
        self.value(
            "decisions.weaning_context",
            place,
            stated,
            read.map(context),
        );
        let rationale = read
            .and_then(|d| d.rationale.as_ref())
            .map(|r| fold_text(&r.value));
        match (
            text(&gold["rationale_begins"]),
            text(&gold["rationale_ends"]),
        ) {
            (Some(begins), Some(ends)) => {
                let whole = |r: &String| {
                    r.starts_with(&fold_text(&begins)) && r.ends_with(&fold_text(&ends))
                };
                self.found(
                    "decisions.rationale (bounds)",
                    place,
                    rationale.as_ref().is_some_and(whole),
                );
            }
            _ => self.value("decisions.rationale (bounds)", place, None, rationale),
        }
        let (stated, read) = (
            stated_citations(gold),
            read.map(read_citations).unwrap_or_default(),
        );
        self.bag("citations", place, stated, read);
    }

    /// A mention is found if its sentence holds the words that a label quotes of it.
    fn mentions(&mut self, name: &str, gold: &Value, case: &Case, pairs: &[Option<usize>]) {
        let of_decisions = case
            .decisions
            .iter()
            .enumerate()
            .flat_map(|(at, d)| d.mentions.iter().map(move |m| (Some(at), m)));
        let mut rest: Vec<_> = case
            .summary_mentions
            .iter()
            .map(|m| (None, m))
            .chain(of_decisions)
            .collect();
        for stated in list(&gold["weaning_mentions"]) {
            let quote = fold_text(&text(&stated["quote"]).unwrap_or_default());
            let seq = stated["seq"].as_u64();
            let decision = seq.and_then(|seq| {
                let at = list(&gold["decisions"])
                    .iter()
                    .position(|d| d["seq"].as_u64() == Some(seq))?;
                pairs[at]
            });
            let hit = rest.iter().position(|(at, m)| {
                let of_decision = seq.is_none() || decision.is_some() && *at == decision;
                of_decision
                    && stated["section"] == m.section.as_str()
                    && fold_text(&m.sentence.value).contains(&quote)
            });
            let hit = hit.map(|at| rest.remove(at).1);
            let place = format!("{name} {:?}", stated["quote"]);
            self.found("weaning_mentions (found)", &place, hit.is_some());
            let kind = hit.map(|m| m.kind.as_str().to_owned());
            self.value("weaning_mentions.kind", &place, text(&stated["kind"]), kind);
        }
        for (_, mention) in rest {
            self.value(
                "weaning_mentions (found)",
                name,
                None,
                Some(mention.sentence.value.clone()),
            );
        }
    }
}

/// The decision that answers each of the label's: the one of the same request, else the one of the same
/// place that answers no other.
fn align(gold: &[Value], read: &[Decision]) -> Vec<Option<usize>> {
    let mut pairs: Vec<Option<usize>> = Vec::new();
    for stated in gold {
        let request = fold(&text(&stated["request_text"]));
        let same = |at: &usize| fold(&Some(read[*at].request_text.value.clone())) == request;
        let hit = (0..read.len()).find(|at| !pairs.contains(&Some(*at)) && same(at));
        pairs.push(hit);
    }
    for i in 0..gold.len() {
        let place = gold[i]["seq"]
            .as_u64()
            .and_then(|seq| usize::try_from(seq).ok()?.checked_sub(1));
        if pairs[i].is_none() {
            pairs[i] = place.filter(|at| *at < read.len() && !pairs.contains(&Some(*at)));
        }
    }
    pairs
}

fn stated_citations(gold: &Value) -> Vec<String> {
    let row = |c: &Value, pages: String| {
        let (by, source) = (text(&c["cited_by"]), text(&c["source"]));
        format!(
            "{} {} {pages}",
            by.unwrap_or_default(),
            source.unwrap_or_default()
        )
    };
    let rows = list(&gold["citations"])
        .iter()
        .flat_map(|c| match list(&c["pages"]) {
            [] => vec![row(c, "-".to_owned())],
            pages => pages
                .iter()
                .map(|p| row(c, format!("{}-{}", p[0], p[1])))
                .collect(),
        });
    once(rows)
}

fn read_citations(decision: &Decision) -> Vec<String> {
    once(decision.citations.iter().map(|c| {
        let pages = c
            .pages
            .as_ref()
            .map_or("-".to_owned(), |p| format!("{}-{}", p.value.0, p.value.1));
        format!(
            "{} {} {pages}",
            c.cited_by.as_str(),
            c.guideline_source.as_str()
        )
    }))
}

/// Each value once.
fn once(values: impl Iterator<Item = String>) -> Vec<String> {
    values.collect::<BTreeSet<_>>().into_iter().collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn texts(value: &Value) -> Vec<String> {
    list(value).iter().filter_map(text).collect()
}

/// A label's value as text; nothing for null.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => n.as_f64().map(number),
        other => Some(other.to_string()),
    }
}

fn number(n: f64) -> String {
    ((n * 1000.0).round() / 1000.0).to_string()
}

/// A value as it is compared: without white space, capitals and the punctuation around it.
fn fold(value: &Option<String>) -> Option<String> {
    value.as_deref().map(fold_text).filter(|s| !s.is_empty())
}

fn fold_text(text: &str) -> String {
    let plain = |c: char| match c {
        '’' | '‘' => '\'',
        '“' | '”' => '"',
        '–' | '—' => '-',
        c => c,
    };
    let kept: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(plain)
        .collect();
    kept.trim_matches(['.', ':', ';', ',']).to_owned()
}
