//! An error with its place in the script: what is wrong, where, and what was probably meant.

use std::error::Error;
use std::io;

use datafusion::common::utils::datafusion_strsim::normalized_levenshtein;
use datafusion::common::{DataFusionError, Diagnostic, SchemaError, Span};
use datafusion::sql::sqlparser::parser::ParserError;

use super::protected::Refused;
use super::script::Script;

/// A place in a script, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// Renders `error`, which a statement beginning at `start` caused.
///
/// `names` are the tables that could have been meant.
pub fn render(error: &DataFusionError, script: &Script, start: Place, names: &[String]) -> String {
    let problem = Problem::of(error, names);
    let place = problem
        .place
        .or_else(|| call(script.text, start, &problem.message));
    let mut text = problem.message;
    match place {
        Some((place, width)) => {
            text.push_str(&format!("\n  at {}:", script.at(place)));
            text.push_str(&excerpt(script.text, place, width));
        }
        None => text.push_str(&format!("\n  in the statement at {}", script.at(start))),
    }
    if let Some(hint) = problem.hint {
        text.push_str("\n  ");
        text.push_str(&hint);
    }
    text
}

/// What an error says, taken apart.
struct Problem {
    message: String,
    /// The place and how many characters of its line are meant.
    place: Option<(Place, usize)>,
    hint: Option<String>,
}

impl Problem {
    fn of(error: &DataFusionError, names: &[String]) -> Self {
        let diagnostic = error.diagnostic();
        let place = diagnostic.and_then(|d| d.span).and_then(extent);
        let (message, found, hint) = match error.find_root() {
            DataFusionError::SQL(error, _) => {
                let (message, place) = syntax(error);
                (message, place.map(|place| (place, 1)), None)
            }
            DataFusionError::SchemaError(error, _) => {
                let (message, hint) = column(error);
                (message, None, hint)
            }
            root => {
                let (message, hint) = words(&plain(root), diagnostic, names);
                (message, None, hint)
            }
        };
        Problem {
            message,
            place: place.or(found),
            hint,
        }
    }
}

/// A column that does not exist, or that several tables have.
fn column(error: &SchemaError) -> (String, Option<String>) {
    let SchemaError::FieldNotFound {
        field,
        valid_fields,
    } = error
    else {
        return (error.to_string(), None);
    };
    let known: Vec<String> = valid_fields
        .iter()
        .map(|field| field.name.clone())
        .collect();
    let hint = suggest(&field.name, &known, "columns");
    (format!("no column named {}", field.flat_name()), hint)
}

/// A message in few words, and what was probably meant. The engine's texts are for its developers: they
/// name its phases, and repeat themselves.
fn words(
    text: &str,
    diagnostic: Option<&Diagnostic>,
    names: &[String],
) -> (String, Option<String>) {
    if let Some(name) = missing_table(text) {
        return (
            format!("no table named {name}"),
            suggest(name, names, "tables"),
        );
    }
    if let Some((name, meant)) = missing_function(text) {
        return (
            format!("no function named {name}"),
            Some(format!("did you mean {meant}?")),
        );
    }
    // A function's own words about its arguments.
    if let Some((_, text)) = text.split_once("coercion failed with: Error during planning: ") {
        let end = text.find(". No function matches").unwrap_or(text.len());
        return (text[..end].to_string(), None);
    }
    if let Some((_, text)) =
        text.split_once("No function matches the given name and argument types '")
    {
        let (called, rest) = text.split_once('\'').unwrap_or((text, ""));
        let candidates = rest.lines().filter_map(|line| line.strip_prefix('\t'));
        let candidates: Vec<&str> = candidates.filter(|line| line.ends_with(')')).collect();
        let hint =
            (!candidates.is_empty()).then(|| format!("there are: {}", candidates.join(", ")));
        return (format!("no function {called}"), hint);
    }
    match diagnostic {
        Some(diagnostic) if diagnostic.span.is_some() => {
            let hint = diagnostic.helps.first().map(|help| help.message.clone());
            (diagnostic.message.clone(), hint)
        }
        _ => (text.to_string(), None),
    }
}

/// The place of the function call that `message` begins with, if the statement has just one such call.
fn call(text: &str, start: Place, message: &str) -> Option<(Place, usize)> {
    let name = message
        .strip_prefix("no function ")
        .unwrap_or(message)
        .split_once('(')?
        .0;
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let mut found = None;
    for (index, line) in text.lines().enumerate().skip(start.line - 1) {
        let lower = line.to_ascii_lowercase();
        for (at, _) in lower.match_indices(&format!("{name}(")) {
            let place = Place {
                line: index + 1,
                column: line[..at].chars().count() + 1,
            };
            if found.replace((place, name.len())).is_some() {
                return None;
            }
        }
    }
    found
}

/// A span as a place and a width; a span over several lines is shown by its first character.
fn extent(span: Span) -> Option<(Place, usize)> {
    let place = Place {
        line: usize::try_from(span.start.line).ok()?,
        column: usize::try_from(span.start.column).ok()?,
    };
    let width = if span.start.line == span.end.line {
        span.end.column.saturating_sub(span.start.column).max(1)
    } else {
        1
    };
    (place.line > 0).then_some((place, usize::try_from(width).ok()?))
}

/// A syntax error's message, and the place that the parser wrote at its end.
fn syntax(error: &ParserError) -> (String, Option<Place>) {
    let text = match error {
        ParserError::ParserError(text) | ParserError::TokenizerError(text) => text.as_str(),
        ParserError::RecursionLimitExceeded => "the statement is nested too deeply",
    };
    let Some((message, place)) = text.rsplit_once(" at Line: ") else {
        return (format!("syntax error: {text}"), None);
    };
    let place = place.split_once(", Column: ").and_then(|(line, column)| {
        Some(Place {
            line: line.trim().parse().ok()?,
            column: column.trim().parse().ok()?,
        })
    });
    (
        format!("syntax error: {message}"),
        place.filter(|place| place.line > 0),
    )
}

/// An error's own words, without DataFusion's class of error before them.
fn plain(error: &DataFusionError) -> String {
    if let Some(refused) = refused(error) {
        return refused.to_string();
    }
    if let DataFusionError::ResourcesExhausted(text) = error {
        return exhausted(text);
    }
    let text = match error {
        DataFusionError::Plan(text)
        | DataFusionError::Execution(text)
        | DataFusionError::NotImplemented(text)
        | DataFusionError::Configuration(text) => text.clone(),
        DataFusionError::ArrowError(error, _) => error.to_string(),
        other => other.strip_backtrace(),
    };
    let text = text
        .split(DataFusionError::BACK_TRACE_SEP)
        .next()
        .unwrap_or_default();
    text.trim_end_matches(['.', '\n']).to_string()
}

/// What the session itself refused, however deep the engine has wrapped it.
fn refused<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Refused> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(refused) = error.downcast_ref() {
            return Some(refused);
        }
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// That there is no more memory. The engine's text names its operators; the first line tells which of them asked.
fn exhausted(text: &str) -> String {
    let asked = text
        .split_once(" for ")
        .and_then(|(_, rest)| rest.split_once(" with "));
    let operator = match asked {
        Some((operator, _)) => format!(" ({operator} asked for more)"),
        None => String::new(),
    };
    format!(
        "the statement needs more memory than --memory-limit allows{operator}; raise the limit, or ask for less: \
         fewer columns, a filter, an aggregate, LIMIT"
    )
}

/// The name in "table 'datafusion.public.name' not found".
fn missing_table(message: &str) -> Option<&str> {
    let name = message
        .strip_prefix("table '")?
        .strip_suffix("' not found")?;
    Some(name.strip_prefix("datafusion.public.").unwrap_or(name))
}

/// The names in "Invalid function 'name'.\nDid you mean 'other'?".
fn missing_function(message: &str) -> Option<(&str, &str)> {
    let (name, meant) = message.split_once("'.\nDid you mean '")?;
    Some((
        name.strip_prefix("Invalid function '")?,
        meant.strip_suffix("'?")?,
    ))
}

/// The nearest of `known`, or all of them if none is near.
fn suggest(name: &str, known: &[String], kind: &str) -> Option<String> {
    let near = near(name, known);
    if !near.is_empty() {
        return Some(format!("did you mean {}?", near.join(" or ")));
    }
    let mut seen = Vec::new();
    for name in known {
        if !seen.contains(name) {
            seen.push(name.clone());
        }
    }
    (!seen.is_empty()).then(|| format!("{kind} here: {}", seen.join(", ")))
}

/// Those of `known` that are spelled nearly like `name`: at most three, the nearest first.
pub fn near(name: &str, known: &[String]) -> Vec<String> {
    let name = name.to_lowercase();
    let mut found: Vec<(f64, &String)> = known
        .iter()
        .map(|known| (likeness(&name, &known.to_lowercase()), known))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    found.dedup_by(|a, b| a.1 == b.1);
    // Beside a very near name, one that is just near would only distract.
    let best = found.first().map_or(0.0, |(likeness, _)| *likeness);
    let close = found
        .into_iter()
        .take_while(|(likeness, _)| best - likeness <= 0.05);
    close.take(3).map(|(_, known)| known.clone()).collect()
}

/// 1 for equal words, less the more has to be changed; a word that contains the other is much like it.
fn likeness(a: &str, b: &str) -> f64 {
    let edits = normalized_levenshtein(a, b);
    let contained = a.len() >= 4 && b.contains(a) || b.len() >= 4 && a.contains(b);
    if contained { edits.max(0.95) } else { edits }
}

/// The line of `place` with a caret under it.
fn excerpt(text: &str, place: Place, width: usize) -> String {
    let Some(line) = text.lines().nth(place.line - 1) else {
        return String::new();
    };
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let before: String = line
        .chars()
        .take(place.column.saturating_sub(1))
        // A tab stays a tab, so that the caret stands below its character whatever a tab's width.
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let rest = line
        .chars()
        .count()
        .saturating_sub(place.column.saturating_sub(1));
    let carets = "^".repeat(width.min(rest.max(1)));
    format!("\n  {number} | {line}\n  {margin} | {before}{carets}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| name.to_string()).collect()
    }

    #[test]
    fn near_names_come_nearest_first() {
        let known = names(&["decisions", "determinations", "letters"]);
        assert_eq!(near("decision", &known), ["decisions"]);
        assert_eq!(near("LETTERS", &known), ["letters"]);
        assert_eq!(near("xyz", &known), Vec::<String>::new());
        let queries = names(&["overturn_by_year", "overturn_by_weaning"]);
        assert_eq!(near("overturn_by_wean", &queries), ["overturn_by_weaning"]);
        assert_eq!(
            near("weaning", &names(&["overturn_by_weaning"])),
            ["overturn_by_weaning"]
        );
    }

    #[test]
    fn a_caret_stands_below_its_word() {
        let text = "SELECT 1;\n\tSELECT x";
        let shown = excerpt(text, Place { line: 2, column: 9 }, 1);
        assert_eq!(shown, "\n  2 | \tSELECT x\n    | \t       ^");
        assert_eq!(excerpt(text, Place { line: 9, column: 1 }, 1), "");
    }

    #[test]
    fn a_call_is_found_if_there_is_just_one() {
        let start = Place { line: 2, column: 1 };
        let found = call("SELECT f(1);\nSELECT 1, F(2)", start, "f(2): wrong");
        assert_eq!(
            found,
            Some((
                Place {
                    line: 2,
                    column: 11
                },
                1
            ))
        );
        assert_eq!(
            call("f(1) f(2)", Place { line: 1, column: 1 }, "f(2): wrong"),
            None
        );
        assert_eq!(call("SELECT 1", start, "Divide by zero error"), None);
    }

    #[test]
    fn a_syntax_error_gives_its_place() {
        let error = ParserError::ParserError("Expected: x, found: y at Line: 3, Column: 14".into());
        let (message, place) = syntax(&error);
        assert_eq!(message, "syntax error: Expected: x, found: y");
        assert_eq!(
            place,
            Some(Place {
                line: 3,
                column: 14
            })
        );
    }
}
