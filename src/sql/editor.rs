//! The line editor: DataFusion's own helper (highlighting, statements over several lines), with
//! completion of the session's names added and the history kept in the user's state folder.

use std::borrow::Cow;
use std::path::PathBuf;

use datafusion::common::config::Dialect;
use datafusion::sql::sqlparser::dialect::dialect_from_str;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use datafusion_cli::helper::CliHelper;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper, Result};

/// Words that end the session when they are all that is typed.
const LEAVE: [&str; 3] = ["quit", "exit", "q"];

/// Words of SQL worth completing beside the session's names.
const KEYWORDS: [&str; 24] = [
    "SELECT",
    "DISTINCT",
    "FROM",
    "JOIN",
    "LEFT JOIN",
    "WHERE",
    "GROUP BY",
    "HAVING",
    "ORDER BY",
    "LIMIT",
    "WITH",
    "UNION ALL",
    "BETWEEN",
    "LIKE",
    "ILIKE",
    "IS NULL",
    "IS NOT NULL",
    "FILTER",
    "COPY",
    "CREATE VIEW",
    "DESCRIBE",
    "EXPLAIN",
    "SHOW TABLES",
    "VALUES",
];

/// Whether what was typed asks to leave.
pub fn leaves(line: &str) -> bool {
    let word = line.trim().trim_end_matches(';').trim_end();
    LEAVE.iter().any(|leave| leave.eq_ignore_ascii_case(word))
}

/// An editor that completes `names`.
pub fn editor(dialect: &Dialect, names: Vec<String>) -> Result<Editor<Assistant, DefaultHistory>> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .history_ignore_dups(true)?
        .build();
    let mut editor = Editor::with_config(config)?;
    let color = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    editor.set_helper(Some(Assistant {
        inner: CliHelper::new(dialect, color),
        dialect: *dialect,
        names,
    }));
    Ok(editor)
}

/// Where the history is kept: `$XDG_STATE_HOME/imr/history`, by default below `~/.local/state`.
pub fn history_file() -> Option<PathBuf> {
    let base = ["XDG_STATE_HOME", "LOCALAPPDATA"]
        .into_iter()
        .filter_map(std::env::var_os)
        .map(PathBuf::from)
        .find(|path| path.is_absolute())
        .or_else(|| Some(std::env::home_dir()?.join(".local").join("state")))?;
    Some(base.join("imr").join("history"))
}

/// DataFusion's helper, and names to complete.
pub struct Assistant {
    inner: CliHelper,
    dialect: Dialect,
    names: Vec<String>,
}

impl Assistant {
    /// Shows the hint for an empty line again.
    pub fn reset_hint(&self) {
        self.inner.reset_hint();
    }
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, ctx: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        // Inside CREATE EXTERNAL TABLE … LOCATION '…' the inner helper completes file names.
        let (start, files) = self.inner.complete(line, pos, ctx)?;
        if !files.is_empty() {
            return Ok((start, files));
        }
        let typed = &line[..pos];
        let start = typed
            .rfind(|c: char| !c.is_alphanumeric() && c != '_')
            .map_or(0, |at| {
                at + typed[at..].chars().next().map_or(0, char::len_utf8)
            });
        Ok((start, candidates(&typed[start..], &self.names)))
    }
}

/// Names and keywords that begin with `word`; none for nothing, which would be all of them.
fn candidates(word: &str, names: &[String]) -> Vec<Pair> {
    if word.is_empty() {
        return Vec::new();
    }
    let lower = word.to_lowercase();
    let names = names
        .iter()
        .filter(|name| name.to_lowercase().starts_with(&lower))
        .cloned();
    let keywords = KEYWORDS
        .iter()
        .filter(|keyword| keyword.to_lowercase().starts_with(&lower));
    // A keyword is completed in the case in which it was begun.
    let small = word.chars().all(|c| !c.is_uppercase());
    let keywords = keywords.map(|keyword| {
        if small {
            keyword.to_lowercase()
        } else {
            keyword.to_string()
        }
    });
    names
        .chain(keywords)
        .map(|text| Pair {
            display: text.clone(),
            replacement: text,
        })
        .collect()
}

impl Hinter for Assistant {
    type Hint = String;

    fn hint(&self, line: &str, pos: usize, ctx: &Context<'_>) -> Option<String> {
        self.inner.hint(line, pos, ctx)
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, pos: usize) -> Cow<'l, str> {
        self.inner.highlight(line, pos)
    }

    fn highlight_char(&self, line: &str, pos: usize, kind: CmdKind) -> bool {
        self.inner.highlight_char(line, pos, kind)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        self.inner.highlight_hint(hint)
    }
}

impl Validator for Assistant {
    /// Whether a line is complete. Not the inner helper's, which refuses a wrong statement with the
    /// parser's words; run, it is explained with its place.
    fn validate(&self, ctx: &mut ValidationContext<'_>) -> Result<ValidationResult> {
        self.reset_hint();
        Ok(if complete(ctx.input(), &self.dialect) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

/// Whether `input` can be run: a command, or text that ends with a semicolon outside of quotes and
/// comments.
fn complete(input: &str, dialect: &Dialect) -> bool {
    let input = input.trim();
    if input.is_empty() || input.starts_with('\\') || leaves(input) {
        return true;
    }
    let Some(dialect) = dialect_from_str(dialect) else {
        return input.ends_with(';');
    };
    let Ok(tokens) = Tokenizer::new(dialect.as_ref(), input).tokenize() else {
        return false;
    };
    let mut words = tokens.iter().rev();
    let last = words.find(|token| !matches!(token, Token::Whitespace(_)));
    matches!(last, Some(Token::SemiColon))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(word: &str) -> Vec<String> {
        let names = ["decisions".to_string(), "decision_id".to_string()];
        let pairs = candidates(word, &names);
        pairs.into_iter().map(|pair| pair.replacement).collect()
    }

    #[test]
    fn names_and_keywords_are_completed() {
        assert_eq!(completed("dec"), ["decisions", "decision_id"]);
        assert_eq!(completed("DECISIONS"), ["decisions"]);
        assert_eq!(completed("gro"), ["group by"]);
        assert_eq!(completed("GRO"), ["GROUP BY"]);
        assert_eq!(completed(""), Vec::<String>::new());
    }

    #[test]
    fn a_statement_is_complete_with_its_semicolon() {
        for (input, whole) in [
            ("SELECT 1;", true),
            ("SELECT 1; -- done", true),
            ("SELECT 1", false),
            ("SELECT 'a;", false),
            ("SELECT 1 -- not yet;", false),
            ("SELECT 'it''s'\n;", true),
            ("SELEC 1;", true),
            ("\\d cases", true),
            ("exit", true),
            ("", true),
        ] {
            assert_eq!(complete(input, &Dialect::Generic), whole, "{input}");
        }
    }

    #[test]
    fn a_bare_word_leaves() {
        assert!(leaves("quit") && leaves(" EXIT; "));
        assert!(!leaves("SELECT quit"));
    }
}
