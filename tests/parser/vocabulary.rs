//! Every row of the vocabulary does what its example says, in a letter.
//!
//! (The tables of words by their role, of weaning and of diagnoses are tested beside the code that reads them.)

use crate::corpus;
use imr::letter::{self, Case, Decision, ReviewType};
use imr::vocabulary::Vocabulary;
use std::collections::{BTreeSet, HashMap};

/// A row of a table, by the names of its columns.
struct Row(HashMap<String, String>);

impl std::ops::Index<&str> for Row {
    type Output = str;

    fn index(&self, column: &str) -> &str {
        self.0
            .get(column)
            .unwrap_or_else(|| panic!("no column {column}"))
    }
}

/// The rows of a table that has these columns, the first of which names each row.
fn table(name: &str, columns: &[&str]) -> Vec<Row> {
    let path = corpus::root().join("data/vocabulary").join(name);
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{name}: {e}"));
    let header = reader.headers().unwrap().clone();
    assert_eq!(header.iter().collect::<Vec<_>>(), columns, "{name}");
    let row = |record: csv::StringRecord| {
        let cells = header
            .iter()
            .zip(&record)
            .map(|(k, v)| (k.to_owned(), v.to_owned()));
        Row(cells.collect())
    };
    let rows: Vec<Row> = reader
        .records()
        .map(|r| row(r.unwrap_or_else(|e| panic!("{name}: {e}"))))
        .collect();
    let mut names = BTreeSet::new();
    for row in &rows {
        let key = row[columns[0]].to_lowercase();
        assert!(
            !key.trim().is_empty() && key.trim() == key,
            "{name}: {key:?}"
        );
        assert!(names.insert(key), "{name} has {:?} twice", &row[columns[0]]);
        assert!(
            !row["example"].trim().is_empty(),
            "{name}: {:?} has no example",
            &row[columns[0]]
        );
    }
    rows
}

/// What a letter says of its own, besides what its layout says of every letter.
struct Letter<'a> {
    credentials: &'a str,
    summary: &'a str,
    request: &'a str,
    guideline: &'a str,
}

const LETTER: Letter = Letter {
    credentials: "State(s) of Licensure: California\nCertification(s)/Specialty: Family Practice",
    summary: "The injured worker is a 50 year old male.",
    request: "Wheelchair",
    guideline: "The Claims Administrator did not cite any medical evidence for its decision.",
};

impl Letter<'_> {
    fn read(&self) -> Case {
        let Letter {
            credentials,
            summary,
            request,
            guideline,
        } = self;
        let text = format!(
            "HOW THE IMR FINAL DETERMINATION WAS MADE\n\n\
             MAXIMUS Federal Services sent the complete case file to an expert reviewer.\n\n\
             The Expert Reviewer has the following credentials:\n\
             {credentials}\n\n\
             CLINICAL CASE SUMMARY\n\n\
             The expert reviewer developed the following clinical case summary based on a review of the case file, \
             including all medical records:\n\n\
             {summary}\n\n\
             IMR ISSUES, DECISIONS AND RATIONALES\n\n\
             The Final Determination was based on decisions for the disputed items/services set forth below:\n\n\
             {request}: Upheld\n\n\
             Claims Administrator guideline: {guideline}\n\n\
             MAXIMUS guideline: Decision based on MTUS ACOEM.\n\n\
             Decision rationale: This is not supported by the file, which has been read from the first page to the \
             last. Therefore, the request is not medically necessary.\n"
        );
        letter::parse(&text)
            .case
            .unwrap_or_else(|| panic!("rejected:\n{text}"))
    }
}

/// The decision on a request.
fn decision(request: &str) -> Decision {
    let mut decisions = Letter { request, ..LETTER }.read().decisions;
    assert_eq!(decisions.len(), 1, "{request}");
    decisions.remove(0)
}

/// Notes where a row gives something else than it says, so that one run shows all such rows.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn check(&mut self, row: &str, gives: &str, want: Option<&str>, got: Option<&str>) {
        if want != got {
            let show = |v: Option<&str>| v.unwrap_or("nothing").to_owned();
            self.0.push(format!(
                "{row}: {gives} should be {}, is {}",
                show(want),
                show(got)
            ));
        }
    }
}

impl Drop for Wrong {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(
                self.0.is_empty(),
                "{} rows are wrong:\n{}",
                self.0.len(),
                self.0.join("\n")
            );
        }
    }
}

/// The columns of `drugs.csv`.
const DRUGS: &[&str] = &[
    "name",
    "kind",
    "ingredients",
    "subcategory",
    "misspellings",
    "example",
    "gives",
];

#[test]
fn drugs() {
    let rows = table("drugs.csv", DRUGS);
    assert!(rows.len() >= 400, "{} drugs", rows.len());
    let mut wrong = Wrong::default();
    for row in &rows {
        let example = &row["example"];
        let gives: HashMap<&str, &str> = row["gives"]
            .split("; ")
            .filter_map(|g| g.split_once('='))
            .collect();
        let known = [
            "brand",
            "generic",
            "subcategory",
            "strength",
            "quantity",
            "refills",
        ];
        assert!(
            !gives.is_empty() && gives.keys().all(|k| known.contains(k)),
            "{example}: {gives:?}"
        );
        let read = decision(example);
        let text = |v: Option<letter::Found<String>>| v.map(|v| v.value);
        let number = |v: Option<letter::Found<i32>>| v.map(|v| v.value.to_string());
        let got = [
            ("brand", text(read.brand_name)),
            ("generic", text(read.generic_name)),
            (
                "subcategory",
                Some(read.request_subcategory.value.to_owned()),
            ),
            ("strength", text(read.strength)),
            ("quantity", number(read.quantity)),
            ("refills", number(read.refills)),
        ];
        wrong.check(
            example,
            "category",
            Some("pharmaceutical"),
            Some(read.request_category.value),
        );
        for (what, value) in got {
            wrong.check(example, what, gives.get(what).copied(), value.as_deref());
        }
    }
}

#[test]
fn foods_and_kits_have_no_generic_name() {
    for row in table("drugs.csv", DRUGS)
        .iter()
        .filter(|row| row["ingredients"].is_empty())
    {
        assert_eq!(
            decision(&row["example"]).generic_name,
            None,
            "{}",
            &row["example"]
        );
    }
}

/// A misspelling is read as the name that it is meant for.
#[test]
fn misspellings_of_drugs() {
    let mut wrong = Wrong::default();
    for row in &table("drugs.csv", DRUGS) {
        for spelling in row["misspellings"].split(';').filter(|s| !s.is_empty()) {
            let read = decision(&format!("{spelling} #30"));
            let got = match &row["kind"] {
                "brand" => read.brand_name.map(|b| b.value),
                _ => read.generic_name.map(|g| g.value),
            };
            let want = match &row["kind"] {
                "brand" => &row["name"],
                _ => &row["ingredients"],
            };
            // A release form in the heading is part of a brand, whether or not the table has it.
            let form = spelling.rsplit([' ', '-']).next().unwrap_or_default();
            let with_form = got
                .as_deref()
                .and_then(|g| g.strip_suffix(form)?.strip_suffix(' '));
            let got = with_form
                .filter(|_| !want.to_uppercase().ends_with(form) && !want.contains(' '))
                .or(got.as_deref());
            wrong.check(spelling, "name", Some(want), got);
        }
    }
}

#[test]
fn requests() {
    let rows = table(
        "requests.csv",
        &["cue", "category", "subcategory", "rank", "example"],
    );
    let mut wrong = Wrong::default();
    for row in &rows {
        assert!(
            matches!(&row["rank"], "1" | "2" | "3"),
            "{}: rank {}",
            &row["cue"],
            &row["rank"]
        );
        let read = decision(&row["example"]);
        let want = format!("{}/{}", &row["category"], &row["subcategory"]);
        let got = format!(
            "{}/{}",
            read.request_category.value, read.request_subcategory.value
        );
        wrong.check(&row["example"], &row["cue"], Some(&want), Some(&got));
    }
}

#[test]
fn specialties() {
    let rows = table("specialties.csv", &["name", "board", "variants", "example"]);
    let mut wrong = Wrong::default();
    for row in &rows {
        let reviewer = Letter {
            credentials: &row["example"],
            ..LETTER
        }
        .read()
        .reviewer
        .unwrap_or_default();
        let named = |s: &&letter::Found<String>| s.value == row["name"];
        let got = reviewer
            .specialties
            .iter()
            .find(named)
            .or(reviewer.specialties.first());
        wrong.check(
            &row["example"],
            "specialty",
            Some(&row["name"]),
            got.map(|s| s.value.as_str()),
        );
        let others = reviewer
            .specialties
            .iter()
            .filter(|s| s.value != row["name"]);
        for other in others.filter(|s| !row["example"].contains(&s.value)) {
            wrong.check(
                &row["example"],
                "another specialty",
                None,
                Some(&other.value),
            );
        }
    }
}

#[test]
fn states() {
    let rows = table("states.csv", &["name", "code", "example"]);
    let mut wrong = Wrong::default();
    for row in &rows {
        let reviewer = Letter {
            credentials: &row["example"],
            ..LETTER
        }
        .read()
        .reviewer
        .unwrap_or_default();
        let mut codes: Vec<&str> = reviewer.licensure_states.iter().map(|s| s.value).collect();
        if row["code"] != *"CA" && row["example"].contains("California and ") {
            codes.retain(|c| *c != "CA");
        }
        wrong.check(
            &row["example"],
            "states",
            Some(&row["code"]),
            Some(&codes.join(" ")),
        );
    }
}

#[test]
fn salts() {
    let mut wrong = Wrong::default();
    for row in &table("salts.csv", &["word", "example"]) {
        let example = &row["example"];
        let read = decision(example);
        wrong.check(
            example,
            "category",
            Some("pharmaceutical"),
            Some(read.request_category.value),
        );
        let generic = read.generic_name.map(|g| g.value);
        let is_part = generic.as_deref().is_some_and(|g| {
            g.split(['/', ' ']).any(|word| {
                row["word"]
                    .split(' ')
                    .any(|salt| salt.eq_ignore_ascii_case(word))
            })
        });
        wrong.check(
            example,
            "the ingredient that is a salt",
            None,
            generic.as_deref().filter(|_| is_part),
        );
        let found = generic.is_some().then_some("an ingredient");
        wrong.check(example, "what is left", Some("an ingredient"), found);
    }
}

#[test]
fn opioids() {
    let rows = table(
        "opioids.csv",
        &["ingredient", "mme_factor", "route", "source", "example"],
    );
    let mut wrong = Wrong::default();
    for row in &rows {
        let factor: f64 = row["mme_factor"].parse().unwrap();
        let read = decision(&row["example"]);
        let generic = read.generic_name.map(|g| g.value).unwrap_or_default();
        let at = generic.split('/').position(|i| i == &row["ingredient"]);
        let strength = read.strength.map(|s| s.value).unwrap_or_default();
        let amounts: Vec<f64> = strength
            .split([' ', '/'])
            .map_while(|n| n.parse().ok())
            .collect();
        let want = at
            .and_then(|at| amounts.get(at))
            .map(|n| ((n * factor * 1000.0).round() / 1000.0).to_string());
        let got = read.mme_per_unit.map(|m| m.value.to_string());
        assert!(want.is_some(), "{}: {generic} {strength}", &row["example"]);
        wrong.check(
            &row["example"],
            "equivalents",
            want.as_deref(),
            got.as_deref(),
        );
    }
}

#[test]
fn guidelines() {
    let mut wrong = Wrong::default();
    for row in &table("guidelines.csv", &["name", "source", "example"]) {
        let example = row["example"].trim_start_matches("Decision based on ");
        let guideline = format!("Decision based on {}.", example.trim_end_matches('.'));
        let case = Letter {
            guideline: &guideline,
            ..LETTER
        }
        .read();
        let by_claims_administrator =
            |c: &&letter::Citation| c.cited_by == letter::CitedBy::ClaimsAdministrator;
        let citations = &case.decisions[0].citations;
        let sources: BTreeSet<&str> = citations
            .iter()
            .filter(by_claims_administrator)
            .map(|c| c.guideline_source.as_str())
            .collect();
        let got = sources.into_iter().collect::<Vec<_>>().join(" ");
        wrong.check(&row["example"], "source", Some(&row["source"]), Some(&got));
    }
}

/// Weaning from a class of drugs is weaning from each drug of the class, and from no other.
#[test]
fn drug_classes() {
    let vocabulary = Vocabulary::get();
    let mut wrong = Wrong::default();
    for row in &table("drug_classes.csv", &["word", "class", "example"]) {
        let (word, class) = (&row["word"], &row["class"]);
        wrong.check(word, "class", Some(class), vocabulary.drugs.class_of(word));
        let in_example = row["example"].to_lowercase().contains(word);
        wrong.check(
            &row["example"],
            "the word of its row",
            Some(word),
            in_example.then_some(word),
        );
        let summary =
            format!("The injured worker is a 50 year old male. He is being weaned off {word}.");
        for (drug, of) in [
            ("Norco 10/325 mg #60", "opioid"),
            ("Xanax 1 mg #60", "benzodiazepine"),
            ("Ambien 10 mg #30", "sedative_hypnotic"),
            ("Flexeril 10 mg #90", "muscle_relaxant"),
            ("Naproxen 550 mg #60", "nsaid"),
            ("Gabapentin 300 mg #90", "anticonvulsant"),
            ("Sertraline 50 mg #30", "antidepressant"),
            ("Fioricet #60", "barbiturate"),
            ("Prilosec 20 mg #30", "proton_pump_inhibitor"),
            ("Docusate 100 mg #60", "none"),
        ] {
            let case = Letter {
                summary: &summary,
                request: drug,
                ..LETTER
            }
            .read();
            let context = case.decisions[0].weaning_context.map(|k| k.as_str());
            let want = (class == of).then_some("patient_weaning");
            wrong.check(word, drug, want, context);
        }
        if class == "barbiturate" {
            let request = "Phenobarbital 30 mg #60";
            let case = Letter {
                summary: &summary,
                request,
                ..LETTER
            }
            .read();
            let context = case.decisions[0].weaning_context.map(|k| k.as_str());
            wrong.check(word, request, Some("patient_weaning"), context);
        }
    }
}

#[test]
fn review_types() {
    for (request, want) in [
        (
            "Retrospective request for Norco 10/325mg #60 (DOS 5/1/15)",
            Some(ReviewType::Retrospective),
        ),
        (
            "1 prospective request for Norco 10/325mg #60",
            Some(ReviewType::Prospective),
        ),
        (
            "Concurrent request for functional restoration program",
            Some(ReviewType::Concurrent),
        ),
        ("Norco 10/325mg #60", None),
    ] {
        assert_eq!(
            decision(request).review_type.map(|r| r.value),
            want,
            "{request}"
        );
    }
}
