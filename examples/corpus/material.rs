//! The words that letters are made of, read from `data/`.

use std::collections::HashMap;

use crate::template::Template;

/// All of it.
pub struct Material {
    sections: HashMap<String, Vec<Template>>,
    lines: HashMap<String, Vec<String>>,
    pub drugs: Vec<Drug>,
    pub topics: Vec<Topic>,
    pub bodies: Vec<Body>,
    /// Headings of requests other than drugs, by topic: the body that they fit (`any`, a kind or a key) and the text.
    pub requests: HashMap<String, Vec<(String, Template)>>,
    pub diagnoses: Vec<(String, Template)>,
}

/// A drug as it is prescribed: under its brand, or under one of several names of its ingredients.
pub struct Drug {
    pub brand: Option<String>,
    pub names: Vec<String>,
    pub generic: String,
    pub subcategory: String,
    pub strengths: Vec<String>,
    pub unit: String,
    /// Morphine milligram equivalents of one of `unit`.
    pub factor: Option<f64>,
    pub form: String,
    pub weight: u32,
}

impl Drug {
    /// Whether a taper of "his medications" means it.
    pub fn weanable(&self) -> bool {
        let class = ["opioid", "benzodiazepine", "sedative_hypnotic"];
        class.contains(&self.subcategory.as_str())
            || self.generic == "carisoprodol"
            || self.generic.starts_with("butalbital")
    }
}

/// A kind of treatment: how it is labelled, and which guidelines speak of it.
pub struct Topic {
    pub name: String,
    pub category: String,
    pub subcategory: String,
    /// The sentences of findings that fit.
    pub group: String,
    pub weight: u32,
    /// Sections of the chronic pain guidelines; none where the chapter of the body part is cited.
    pub sections: Vec<String>,
    pub pages: Vec<Pages>,
    pub odg_chapter: String,
    pub odg_entry: String,
    pub sections_2017: Vec<String>,
}

/// A part of the body, and the chapter on it.
pub struct Body {
    pub key: String,
    pub part: String,
    pub region: String,
    pub kind: String,
    pub chapter: String,
    pub title: String,
    pub pages: Vec<Pages>,
    pub odg: String,
    pub weight: u32,
}

/// Page ranges.
pub type Pages = Vec<(u32, u32)>;

impl Material {
    /// Reads what was compiled in.
    pub fn load() -> Self {
        let mut sections = HashMap::new();
        for text in [
            include_str!("data/summary.txt"),
            include_str!("data/rationale.txt"),
            include_str!("data/weaning.txt"),
        ] {
            for (name, lines) in split_sections(text) {
                let templates = lines.iter().map(|l| Template::parse(l)).collect();
                sections.insert(name, templates);
            }
        }
        let mut requests: HashMap<String, Vec<_>> = HashMap::new();
        for [topic, body, text] in rows(include_str!("data/requests.csv")) {
            let request = (body, Template::parse(&text));
            requests.entry(topic).or_default().push(request);
        }
        Material {
            sections,
            lines: split_sections(include_str!("data/reviewers.txt")).collect(),
            drugs: rows(include_str!("data/drugs.csv")).map(drug).collect(),
            topics: rows(include_str!("data/topics.csv")).map(topic).collect(),
            bodies: rows(include_str!("data/bodies.csv")).map(body).collect(),
            requests,
            diagnoses: rows(include_str!("data/diagnoses.csv"))
                .map(|[body, text]| (body, Template::parse(&text)))
                .collect(),
        }
    }

    /// The sentences of a section; a section that is not there is an error in the program's own data.
    pub fn sentences(&self, section: &str) -> &[Template] {
        let found = self.sections.get(section);
        found.unwrap_or_else(|| panic!("no section {section} in data/"))
    }

    /// The lines of a section that are no sentences.
    pub fn lines(&self, section: &str) -> &[String] {
        &self.lines[section]
    }
}

/// The sections of a text: a heading `== name`, then a line an entry; `#` begins a comment.
pub fn split_sections(text: &str) -> impl Iterator<Item = (String, Vec<String>)> {
    text.split("\n== ").skip(1).map(|section| {
        let (name, lines) = section.split_once('\n').unwrap_or((section, ""));
        let lines = lines
            .lines()
            .filter(|l| !l.is_empty() && !l.starts_with("# "));
        (name.to_string(), lines.map(str::to_string).collect())
    })
}

/// The rows of a table below its header.
fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [String; N]> {
    let reader = csv::Reader::from_reader(text.as_bytes());
    reader.into_records().map(|record| {
        let record = record.expect("a row of data/");
        assert_eq!(record.len(), N, "{record:?}");
        std::array::from_fn(|i| record[i].to_string())
    })
}

fn list(text: &str, separator: char) -> Vec<String> {
    let parts = text.split(separator).filter(|p| !p.is_empty());
    parts.map(str::to_string).collect()
}

/// `78 80|76-80`: alternatives, each of them one or more pages.
fn pages(text: &str) -> Vec<Pages> {
    let number = |n: &str| n.parse().expect("a page");
    let range = |r: &str| match r.split_once('-') {
        Some((start, end)) => (number(start), number(end)),
        None => (number(r), number(r)),
    };
    list(text, '|')
        .iter()
        .map(|p| p.split(' ').map(range).collect())
        .collect()
}

fn weight(text: &str) -> u32 {
    text.parse().expect("a weight")
}

fn drug(row: [String; 9]) -> Drug {
    let [
        brand,
        names,
        generic,
        subcategory,
        strengths,
        unit,
        factor,
        form,
        w,
    ] = row;
    Drug {
        brand: (!brand.is_empty()).then_some(brand),
        names: list(&names, '|'),
        generic,
        subcategory,
        strengths: list(&strengths, ' '),
        unit,
        factor: factor.parse().ok(),
        form,
        weight: weight(&w),
    }
}

fn topic(row: [String; 10]) -> Topic {
    let [
        name,
        category,
        subcategory,
        group,
        w,
        sections,
        p,
        chapter,
        entry,
        later,
    ] = row;
    Topic {
        name,
        category,
        subcategory,
        group,
        weight: weight(&w),
        sections: list(&sections, '|'),
        pages: pages(&p),
        odg_chapter: chapter,
        odg_entry: entry,
        sections_2017: list(&later, '|'),
    }
}

fn body(row: [String; 9]) -> Body {
    let [key, part, region, kind, chapter, title, p, odg, w] = row;
    Body {
        key,
        part,
        region,
        kind,
        chapter,
        title,
        pages: pages(&p),
        odg,
        weight: weight(&w),
    }
}
