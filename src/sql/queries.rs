//! The named analyses of the folder `queries/`, compiled in.

use super::place::near;

/// One named analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    pub name: &'static str,
    /// The file's text: a header comment that says what the query answers, then one statement.
    pub sql: &'static str,
}

impl Query {
    /// The first line of the header: what the query answers.
    pub fn description(&self) -> &'static str {
        self.header().next().unwrap_or_default()
    }

    /// The header's other lines: what the columns mean.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.header().skip(1).skip_while(|line| line.is_empty())
    }

    fn header(&self) -> impl Iterator<Item = &'static str> {
        let lines = self.sql.lines();
        lines.map_while(|line| line.strip_prefix("--")).map(|line| {
            // What is indented below its line stays so.
            line.strip_prefix(' ').unwrap_or(line)
        })
    }
}

/// The query of one file in `queries/`.
macro_rules! query {
    ($name:literal) => {
        Query {
            name: $name,
            sql: include_str!(concat!("../../queries/", $name, ".sql")),
        }
    };
}

/// Every named analysis, in the order in which they are listed.
pub const QUERIES: &[Query] = &[
    query!("overturn_by_weaning"),
    query!("overturn_by_category"),
    query!("overturn_by_drug"),
    query!("overturn_by_specialty"),
    query!("overturn_by_year"),
    query!("opioid_strength"),
    query!("most_cited_guidelines"),
    query!("case_outcomes"),
    query!("weaning_sentences"),
    query!("field_coverage"),
    query!("storage_by_column"),
];

/// The analysis called `name`, or the names that are like it.
pub fn find(name: &str) -> Result<&'static Query, Vec<String>> {
    let known = || QUERIES.iter().map(|query| query.name.to_string());
    QUERIES
        .iter()
        .find(|query| query.name == name)
        .ok_or_else(|| near(name, &known().collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_compiled_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let mut compiled: Vec<String> = QUERIES.iter().map(|q| format!("{}.sql", q.name)).collect();
        compiled.sort();
        assert_eq!(files, compiled);
    }

    #[test]
    fn every_query_says_what_it_answers_and_what_its_columns_mean() {
        for query in QUERIES {
            assert!(query.description().ends_with('.'), "{}", query.name);
            assert!(query.columns().count() > 0, "{}", query.name);
            assert!(query.sql.trim_end().ends_with(';'), "{}", query.name);
        }
    }

    #[test]
    fn an_unknown_name_finds_its_like() {
        assert_eq!(find("field_coverage").unwrap().name, "field_coverage");
        assert_eq!(
            find("overturn_by_wean").unwrap_err()[0],
            "overturn_by_weaning"
        );
        assert_eq!(find("zzz").unwrap_err(), Vec::<String>::new());
    }
}
