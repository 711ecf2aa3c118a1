//! The page's right side: the rows of the tables, each value joined to its places in the letter.

use std::collections::HashMap;
use std::fmt::Write;

use super::html::escape;
use super::palette::Palette;
use super::sheet::{CUE, Mark, Row, Sheet, Value};
use crate::tables::{self, Column};

/// Columns that only tie rows together, or say where something stands: the marks show that.
const TIES: [&str; 7] = [
    "case_id",
    "letter_id",
    "reviewer_id",
    "decision_id",
    "seq",
    "start_char",
    "end_char",
];

/// All tables.
pub fn tables(sheet: &Sheet, palette: &Palette) -> String {
    let mut marks: HashMap<(usize, &str), Vec<usize>> = HashMap::new();
    for (n, mark) in sheet.marks.iter().enumerate() {
        let of_it = marks.entry((mark.row, &mark.column)).or_default();
        of_it.push(n);
    }
    let panel = Panel {
        sheet,
        palette,
        marks,
    };
    let mut html = String::new();
    panel.list(&mut html, "problems", |_| true, "h2");
    if let Some((n, case)) = sheet.only("cases") {
        html.push_str("<article class=\"card\"><h2>Case</h2>");
        panel.fields(&mut html, n, case, &[]);
        let summary = |row: &Row| row.record.text("decision_id").is_none();
        panel.list(&mut html, "weaning_mentions", summary, "h3");
        html.push_str("</article>\n");
    } else {
        html.push_str("<p class=\"none\">Nothing could be read in this document.</p>\n");
    }
    if let Some((n, reviewer)) = sheet.only("reviewers") {
        html.push_str("<article class=\"card\"><h2>Reviewer</h2>");
        panel.fields(&mut html, n, reviewer, &[]);
        html.push_str("</article>\n");
    }
    for (n, decision) in sheet.of("decisions") {
        panel.decision(&mut html, n, decision);
    }
    html
}

struct Panel<'a> {
    sheet: &'a Sheet,
    palette: &'a Palette,
    /// The marks of each row's columns.
    marks: HashMap<(usize, &'a str), Vec<usize>>,
}

impl Panel<'_> {
    fn decision(&self, html: &mut String, n: usize, decision: &Row) {
        let record = &decision.record;
        let _ = write!(
            html,
            "<article class=\"card\"><h2>Decision {}</h2><div class=\"head\">",
            escape(record.id("seq"))
        );
        for column in ["request_text", "outcome"] {
            let value = record.get(column);
            let class = match value {
                Some(Value::One(outcome)) if column == "outcome" => format!("badge {outcome}"),
                None => "badge".to_owned(),
                _ => "request".to_owned(),
            };
            let _ = write!(html, "<div class=\"{}\">", escape(&class));
            match value {
                Some(value) => self.value(html, n, "decisions", column, value),
                None => html.push_str("no outcome"),
            }
            html.push_str("</div>");
        }
        html.push_str("</div>");
        self.fields(html, n, decision, &["request_text", "outcome"]);
        let own = |row: &Row| row.record.text("decision_id") == Some(&decision.id);
        self.list(html, "citations", own, "h3");
        self.list(html, "weaning_mentions", own, "h3");
        html.push_str("</article>\n");
    }

    /// The columns of a row, one below the other; those without a value are named at the end.
    fn fields(&self, html: &mut String, n: usize, row: &Row, but: &[&str]) {
        let shown = |c: &str| !TIES.contains(&c) && !but.contains(&c);
        let mut missing = Vec::new();
        html.push_str("<dl class=\"fields\">");
        for (column, value) in row.record.cells().filter(|(c, _)| shown(c)) {
            let Some(value) = value.filter(|v| **v != Value::Many(Vec::new())) else {
                missing.push(words(column));
                continue;
            };
            let _ = write!(
                html,
                "<div><dt title=\"{}\">{}</dt><dd>",
                escape(&meaning(row.table, column)),
                escape(&label(column))
            );
            self.value(html, n, row.table, column, value);
            html.push_str("</dd></div>");
        }
        html.push_str("</dl>");
        if !missing.is_empty() {
            let missing = escape(&missing.join(", "));
            let _ = write!(html, "<p class=\"none\">Not stated: {missing}</p>");
        }
    }

    /// The rows of a table that `of_it` picks, as a table without its empty columns.
    fn list(&self, html: &mut String, table: &str, of_it: impl Fn(&Row) -> bool, heading: &str) {
        let rows: Vec<_> = self.sheet.of(table).filter(|(_, row)| of_it(row)).collect();
        let Some((_, first)) = rows.first() else {
            return;
        };
        let has = |column: &str| rows.iter().any(|(_, row)| row.record.get(column).is_some());
        let columns = first.record.cells().map(|(column, _)| column);
        let mut columns: Vec<&str> = columns
            .filter(|c| !TIES.contains(c) && *c != "source" && has(c))
            .collect();
        if table == "weaning_mentions" {
            columns.insert(columns.len().saturating_sub(1), CUE);
        }
        let _ = write!(
            html,
            "<{heading}>{}</{heading}><table class=\"{table}\"><thead><tr>",
            label(table)
        );
        for column in &columns {
            let (title, label) = (escape(&meaning(table, column)), escape(&label(column)));
            let _ = write!(html, "<th scope=\"col\" title=\"{title}\">{label}</th>");
        }
        html.push_str("</tr></thead><tbody>");
        for (n, row) in rows {
            html.push_str("<tr>");
            for column in &columns {
                let _ = write!(html, "<td class=\"{}\">", escape(column));
                let cue = || (*column == CUE).then(|| self.cue(n)).flatten();
                if let Some(value) = row.record.get(column).cloned().or_else(cue) {
                    self.value(html, n, row.table, column, &value);
                }
                html.push_str("</td>");
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table>");
    }

    /// A mention's cue, which the table has as offsets.
    fn cue(&self, row: usize) -> Option<Value> {
        let mark = self.marks.get(&(row, CUE))?.first()?;
        Some(Value::One(self.sheet.marks[*mark].value.clone()))
    }

    fn value(&self, html: &mut String, n: usize, table: &str, column: &str, value: &Value) {
        match value {
            Value::One(text) => self.item(html, n, table, column, None, text),
            Value::Many(items) => {
                html.push_str("<ul>");
                for (element, text) in items.iter().enumerate() {
                    html.push_str("<li>");
                    self.item(html, n, table, column, Some(element), text);
                    html.push_str("</li>");
                }
                html.push_str("</ul>");
            }
        }
    }

    /// One value: a button where it has places in the letter, plain text where it was computed.
    fn item(
        &self,
        html: &mut String,
        row: usize,
        table: &str,
        column: &str,
        element: Option<usize>,
        text: &str,
    ) {
        let marks = self.marks.get(&(row, column)).into_iter().flatten();
        let marks = marks.map(|n| (*n, &self.sheet.marks[*n]));
        let of_it = |m: &Mark| m.element.is_none() || m.element == element;
        let marks: Vec<_> = marks.filter(|(_, m)| of_it(m)).collect();
        // A code word is shown as words.
        let coded = declared(table, column).is_some_and(|c| !c.allowed().is_empty());
        let words = match coded {
            true => escape(&text.replace('_', " ")),
            false => escape(text),
        };
        match marks.first() {
            Some((_, mark)) => {
                let key = self.palette.key_of(self.sheet, mark);
                let marks: Vec<_> = marks.iter().map(|(n, _)| n.to_string()).collect();
                let marks = marks.join(" ");
                let _ = write!(
                    html,
                    "<button type=\"button\" class=\"v k{key}\" data-m=\"{marks}\">{words}</button>"
                );
            }
            None => {
                let _ = write!(html, "<span class=\"c\">{words}</span>");
            }
        }
    }
}

fn declared(table: &str, column: &str) -> Option<&'static Column> {
    tables::table(table)?.column(column)
}

/// What a column's values mean.
fn meaning(table: &str, column: &str) -> String {
    match declared(table, column) {
        Some(column) => column.meaning(),
        None => String::new(),
    }
}

/// A table's or column's name in words.
fn words(name: &str) -> String {
    let mut words: Vec<String> = name.split('_').map(str::to_owned).collect();
    for word in &mut words {
        if matches!(word.as_str(), "ur" | "mme") {
            *word = word.to_uppercase();
        }
    }
    words.join(" ")
}

/// The same to begin with.
pub fn label(name: &str) -> String {
    let words = words(name);
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        assert_eq!(label("date_of_injury"), "Date of injury");
        assert_eq!(label("ur_denial_date"), "UR denial date");
        assert_eq!(label("mme_per_unit"), "MME per unit");
        assert_eq!(label(""), "");
    }
}
