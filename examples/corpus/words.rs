//! What the slots of sentences stand for in one letter, and the prose that they make.

use chrono::{Datelike, Days, NaiveDate};

use crate::label::{Kind, Mention};
use crate::rng::Rng;
use crate::template::{Fill, Template, push_number};

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The words of a letter. Those of a decision change with the decision.
#[derive(Default)]
pub struct Words {
    /// `Some(true)` for a woman; `None` where the letter must not tell.
    pub female: Option<bool>,
    /// Whether a pronoun has told the sex.
    pub told: bool,
    pub age: u32,
    /// "the injured worker", or what else the letter calls the patient.
    pub patient: &'static str,
    pub side: &'static str,
    pub part: String,
    pub region: String,
    pub level: &'static str,
    pub dermatome: &'static str,
    pub job: String,
    pub mechanism: String,
    pub injury: String,
    pub diagnoses: Vec<String>,
    pub medications: String,
    pub requests: String,
    /// The day of which the records speak as the last.
    pub now: NaiveDate,
    pub date_style: usize,
    pub drug: String,
    pub class: String,
    pub request: String,
    pub thing: &'static str,
    pub form: String,
    pub quantity: u32,
    /// A disputed request that is itself for weaning makes a mention of each sentence that names it.
    pub request_is_for_weaning: bool,
    /// The phrase of therapy visits for a request's heading.
    pub visits: String,
}

impl Words {
    fn pronoun(&mut self, out: &mut String, male: &str, female: &str, neither: Option<&str>) {
        match self.female {
            Some(female_patient) => {
                self.told = true;
                out.push_str(if female_patient { female } else { male });
            }
            None => out.push_str(neither.unwrap_or(self.patient)),
        }
    }

    fn sexed(&self, out: &mut String, male: &str, female: &str) {
        out.push_str(if self.female == Some(true) {
            female
        } else {
            male
        });
    }

    fn before(&self, rng: &mut Rng, low: u32, high: u32) -> NaiveDate {
        self.now - Days::new(u64::from(rng.range(low, high)))
    }

    /// Of a list, as it is separated: `;` and `,` end with "and", `1` numbers.
    fn list(&self, manner: &str, rng: &mut Rng, out: &mut String) {
        let last = self.diagnoses.len() - 1;
        let closing = rng.below(2);
        let numbering = rng.below(4);
        for (i, diagnosis) in self.diagnoses.iter().enumerate() {
            let number = (i + 1).to_string();
            let (before, after) = match manner {
                "1" => match numbering {
                    0 => (format!("{number}) "), " "),
                    1 => (format!("({number}) "), "; "),
                    2 => (format!("{number}. "), " "),
                    _ => (format!("({number}) "), " "),
                },
                ";" if i + 1 == last && closing == 1 => (String::new(), "; and "),
                ";" => (String::new(), "; "),
                _ if i + 1 == last => (
                    String::new(),
                    [" and ", ", and "][closing * (last > 1) as usize],
                ),
                _ => (String::new(), ", "),
            };
            out.push_str(&before);
            out.push_str(diagnosis);
            if i < last {
                out.push_str(after);
            }
        }
    }
}

impl Fill for Words {
    fn fill(&mut self, name: &str, rng: &mut Rng, out: &mut String) {
        match name {
            "he" => self.pronoun(out, "he", "she", None),
            "his" => self.pronoun(out, "his", "her", Some("the")),
            "him" => self.pronoun(out, "him", "her", None),
            "patient" | "patient0" => out.push_str(self.patient),
            "d" => out.push_str(&self.drug),
            "class" => out.push_str(&self.class),
            "req" => out.push_str(&self.request),
            "thing" => out.push_str(self.thing),
            "part" => out.push_str(&self.part),
            "region" => out.push_str(&self.region),
            "side" => out.push_str(self.side),
            "level" => out.push_str(self.level),
            "dermatome" => out.push_str(self.dermatome),
            "v" => out.push_str(&self.visits),
            "score" => {
                push_number(out, rng.range(3, 9));
                out.push_str(["/10", "/10", "/10", " out of 10"][rng.below(4)]);
            }
            "date" => {
                let date = self.before(rng, 0, 80);
                write_date(out, date, self.date_style);
            }
            "olddate" => {
                let date = self.before(rng, 150, 900);
                write_date(out, date, self.date_style);
            }
            "month" => {
                let date = self.before(rng, 90, 800);
                out.push_str(MONTHS[date.month0() as usize]);
                out.push(' ');
                push_number(out, date.year() as u32);
            }
            "year" => push_number(out, self.before(rng, 370, 1500).year() as u32),
            "unit" => out.push_str(&self.form),
            "units" => {
                out.push_str(&self.form);
                out.push_str(if self.form.ends_with("ch") { "es" } else { "s" });
            }
            "qty" => push_number(out, self.quantity),
            "more" => push_number(out, self.quantity + self.quantity / 2),
            "less" => push_number(out, (self.quantity / 2).max(5)),
            "age" => push_number(out, self.age),
            "ageword" => {
                let tens = [
                    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy",
                ];
                let ones = [
                    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
                ];
                out.push_str(tens[self.age as usize / 10]);
                if !self.age.is_multiple_of(10) {
                    out.push('-');
                    out.push_str(ones[self.age as usize % 10]);
                }
            }
            "male" => self.sexed(out, "male", "female"),
            "man" => self.sexed(out, "man", "woman"),
            "gent" => self.sexed(out, "gentleman", "woman"),
            "doi" => out.push_str(&self.injury),
            "job" => out.push_str(&self.job),
            "mechanism" => out.push_str(&self.mechanism),
            "meds" => out.push_str(&self.medications),
            "reqs" => out.push_str(&self.requests),
            _ => match name.strip_prefix("dx") {
                Some(manner) => self.list(manner, rng, out),
                None => panic!("no slot {name}"),
            },
        }
    }
}

/// Appends a date in one of the ways in which records write them.
pub fn write_date(out: &mut String, date: NaiveDate, style: usize) {
    use std::fmt::Write;
    let (y, m, d) = (date.year(), date.month(), date.day());
    let _ = match style {
        0 => write!(out, "{m}/{d}/{:02}", y % 100),
        1 => write!(out, "{m}/{d}/{y}"),
        2 => write!(out, "{m:02}/{d:02}/{y}"),
        3 => write!(out, "{} {d}, {y}", MONTHS[date.month0() as usize]),
        _ => write!(out, "{m}-{d}-{:02}", y % 100),
    };
}

/// A paragraph, or a numbered list of sentences, with what it says of weaning.
#[derive(Default)]
pub struct Prose {
    pub text: String,
    pub mentions: Vec<Mention>,
    /// Each sentence is an item of a numbered list, on a line of its own.
    pub numbered: bool,
    pub sentences: u32,
}

impl Prose {
    /// Adds a sentence, which speaks of weaning if `kind` says so.
    pub fn say(
        &mut self,
        template: &Template,
        kind: Option<Kind>,
        words: &mut Words,
        rng: &mut Rng,
    ) {
        self.sentences += 1;
        if !self.text.is_empty() {
            self.text.push_str(if self.numbered { "\n" } else { " " });
        }
        if self.numbered {
            push_number(&mut self.text, self.sentences);
            self.text.push_str(". ");
        }
        let quote = template.write(words, rng, &mut self.text);
        if let Some(kind) = kind {
            let quote = self.text[quote].to_string();
            self.mentions.push(Mention { kind, quote });
        } else if words.request_is_for_weaning && template.has("req") {
            let quote = words.request.clone();
            let kind = Kind::RequestIsForWeaning;
            self.mentions.push(Mention { kind, quote });
        }
    }
}
