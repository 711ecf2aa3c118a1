//! A colour for each column that has a place in the letter: a family of hues a table.

use super::sheet::{CUE, Mark, Sheet};
use crate::tables::{self, TABLES};

/// A column with values in the letter.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    pub table: &'static str,
    pub column: String,
    /// Degrees of the colour wheel.
    pub hue: u32,
    /// The colour of a terminal's 256.
    pub ansi: u8,
    /// Whether its values are whole paragraphs or sentences, in which others stand.
    pub prose: bool,
}

/// The colours of a letter's columns.
#[derive(Debug)]
pub struct Palette {
    pub keys: Vec<Key>,
}

/// A table's first hue, how far its hues reach, and its colours on a terminal (all light, for dark text).
struct Family {
    hue: u32,
    reach: u32,
    ansi: &'static [u8],
}

fn family(table: &str) -> Family {
    let (hue, reach, ansi): (u32, u32, &'static [u8]) = match table {
        "cases" => (200, 40, &[117, 153, 111, 159, 147]),
        "reviewers" => (265, 25, &[183, 141]),
        "decisions" => (
            85,
            95,
            &[
                157, 120, 193, 150, 121, 192, 158, 114, 156, 155, 122, 194, 119, 151,
            ],
        ),
        "citations" => (36, 20, &[222, 229, 215]),
        "weaning_mentions" => (325, 20, &[218, 205]),
        _ => (0, 0, &[210]),
    };
    Family { hue, reach, ansi }
}

const PROSE: [&str; 5] = [
    "clinical_summary",
    "claims_administrator_guideline",
    "reviewer_guideline",
    "rationale",
    "sentence",
];

impl Palette {
    /// Colours for the columns that have places in this letter, in the order of the tables.
    pub fn of(sheet: &Sheet) -> Self {
        let mut columns: Vec<(usize, usize, &'static str, &str)> = Vec::new();
        for mark in &sheet.marks {
            let table = sheet.rows[mark.row].table;
            let column = mark.column.as_str();
            if !columns.iter().any(|c| (c.2, c.3) == (table, column)) {
                let (at, of_it) = place(table, column);
                columns.push((at, of_it, table, column));
            }
        }
        columns.sort_unstable();
        let key = |(n, of_it): (usize, usize), table, column: &str| {
            let family = family(table);
            let step = u32::try_from(n).unwrap_or(0);
            let steps = u32::try_from(of_it).unwrap_or(1).saturating_sub(1).max(1);
            // Neighbours in a table should not be neighbours in colour: every other one comes first.
            let step = if 2 * step <= steps {
                2 * step
            } else {
                2 * (steps - step) + 1
            };
            Key {
                table,
                column: column.to_owned(),
                hue: family.hue + family.reach * step.min(steps) / steps,
                ansi: family.ansi[n % family.ansi.len()],
                prose: PROSE.contains(&column),
            }
        };
        let of_table = |t: &str| columns.iter().filter(|c| c.2 == t).count();
        let mut keys: Vec<Key> = Vec::new();
        for (_, _, table, column) in &columns {
            let n = keys.iter().filter(|k| k.table == *table).count();
            keys.push(key((n, of_table(table)), *table, column));
        }
        Self { keys }
    }

    /// The key of a mark's column, by its place in [`Palette::keys`].
    pub fn key_of(&self, sheet: &Sheet, mark: &Mark) -> usize {
        let table = sheet.rows[mark.row].table;
        let same = |k: &Key| k.table == table && k.column == mark.column;
        // Every mark's column has a key.
        self.keys.iter().position(same).unwrap_or(0)
    }
}

/// Where a column stands among all.
fn place(table: &str, column: &str) -> (usize, usize) {
    let at = TABLES.iter().position(|t| t.name == table);
    let of_it = tables::table(table).and_then(|t| t.columns.iter().position(|c| c.name == column));
    // The cue stands after its sentence.
    let of_it = of_it.unwrap_or(if column == CUE { 100 } else { 99 });
    (at.unwrap_or(TABLES.len()), of_it)
}
