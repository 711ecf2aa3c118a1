//! The letters that the tests read, with their labels.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A letter and, where somebody has labelled it, what it says.
pub struct Document {
    pub name: String,
    pub text: String,
    pub label: Option<Value>,
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The five real letters.
pub fn seeds() -> Vec<Document> {
    read("data/letters", "tests/letters/seeds")
}

/// Letters of all layouts, by which the parser was developed.
pub fn dev() -> Vec<Document> {
    read("tests/letters/dev", "tests/letters/dev")
}

/// Further letters, written and labelled without sight of the parser.
pub fn own() -> Vec<Document> {
    read("tests/letters/own", "tests/letters/own")
}

/// Letters as the years and the extraction of their text have left them, by further hands.
pub fn rendered() -> Vec<Document> {
    read("tests/letters/rendered", "tests/letters/rendered")
}

/// Letters of which neither rows nor weights know a sentence.
pub fn held() -> Vec<Document> {
    read("tests/letters/held", "tests/letters/held")
}

/// The letters that stand with a block a line.
pub fn all() -> Vec<Document> {
    [seeds(), dev(), own()].into_iter().flatten().collect()
}

fn read(letters: &str, labels: &str) -> Vec<Document> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join(letters))
        .unwrap_or_else(|e| panic!("{letters}: {e}"))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no letters in {letters}");
    let document = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let label = fs::read_to_string(root().join(labels).join(format!("{name}.json")))
            .ok()
            .map(|text| serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}.json: {e}")));
        Document {
            text: fs::read_to_string(&path).unwrap(),
            name,
            label,
        }
    };
    paths.into_iter().map(document).collect()
}
