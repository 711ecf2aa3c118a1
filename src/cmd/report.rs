//! The summary of a build as text.

use std::fmt::Write;
use std::path::Path;

use crate::dataset::{Rate, Summary};

/// The summary that `imr build` ends with.
pub fn text(summary: &Summary, out: &Path) -> String {
    let letters = &summary.letters;
    let decisions = &summary.decisions;
    let mut text = String::new();
    let mut line = |name: &str, count: u64, more: String| {
        let _ = match more.as_str() {
            "" => writeln!(text, "{name:<16}{:>9}", thousands(count)),
            _ => writeln!(text, "{name:<16}{:>9}   {more}", thousands(count)),
        };
    };
    if let Some(update) = &summary.update {
        line("Letters added", update.added, String::new());
        line("  removed", update.removed, String::new());
        line("  renamed", update.moved, String::new());
        if update.parsed_anew > 0 {
            line("  parsed anew", update.parsed_anew, String::new());
        }
        let unchanged = format!("{} have not changed", thousands(update.unchanged_files));
        line("Files read", update.read_files, unchanged);
    }
    line("Letters read", letters.read, String::new());
    for (name, count, more) in [
        ("  parsed", letters.parsed, ""),
        ("  partial", letters.partial, ""),
        ("  rejected", letters.rejected, ""),
        ("  duplicates", letters.duplicates, "left out"),
        ("  unreadable", letters.unreadable, "left out"),
    ] {
        line(
            name,
            count,
            if count > 0 {
                more.to_owned()
            } else {
                String::new()
            },
        );
    }
    line("Cases", summary.cases, String::new());
    let outcomes = format!(
        "{} upheld, {} overturned, {} without an outcome",
        thousands(decisions.upheld),
        thousands(decisions.overturned),
        thousands(decisions.without_outcome)
    );
    line("Decisions", decisions.total, outcomes);
    let errors = summary.problems.iter().filter(|p| p.severity == "error");
    let errors = errors.map(|p| p.count).sum::<u64>();
    let problems = summary.problems.iter().map(|p| p.count).sum::<u64>();
    let kinds = match problems {
        0 => String::new(),
        _ => format!(
            "{} errors, {} warnings",
            thousands(errors),
            thousands(problems - errors)
        ),
    };
    line("Problems", problems, kinds);
    for problem in &summary.problems {
        let name = format!("  {}", problem.code);
        let _ = writeln!(
            text,
            "{name:<28}{:>9}   {}",
            thousands(problem.count),
            problem.severity
        );
    }
    let skipped: u64 = summary.skipped.values().sum();
    if skipped > 0 {
        let kinds: Vec<_> = summary.skipped.iter().map(extension_count).collect();
        let _ = writeln!(
            text,
            "{:<16}{:>9}   not .txt: {}",
            "Files skipped",
            thousands(skipped),
            kinds.join(", ")
        );
    }
    text.push('\n');
    rates(&mut text, summary);
    let rate = match summary.update {
        // Most of the letters were there already.
        Some(_) => String::new(),
        None => {
            let rate = summary.letters_per_second.round() as u64;
            format!(", {} letters/s", thousands(rate))
        }
    };
    let _ = writeln!(
        text,
        "\n{}: {} in {} tables, {:.2} s{rate}",
        out.display(),
        size(summary.bytes),
        summary.rows.len(),
        summary.seconds,
    );
    text
}

/// The table of overturn rates; decisions without an outcome are not in it.
fn rates(text: &mut String, summary: &Summary) {
    let mut row = |name: &str, cells: [&str; 4]| {
        let [decisions, overturned, rate, interval] = cells;
        let line = format!("{name:<24}{decisions:>9}{overturned:>12}{rate:>9}   {interval:>15}");
        let _ = writeln!(text, "{}", line.trim_end());
    };
    let head = ["decisions", "overturned", "rate", "95 % interval"];
    row("Overturn rate", head);
    let mut rate = |name: &str, rate: &Rate| {
        let decisions = thousands(rate.decisions);
        let overturned = thousands(rate.overturned);
        let share = rate.rate.map_or("-".to_owned(), percent);
        let interval = match (rate.lower, rate.upper) {
            (Some(lower), Some(upper)) => format!("{} - {}", percent(lower), percent(upper)),
            _ => "-".to_owned(),
        };
        row(name, [&decisions, &overturned, &share, &interval]);
    };
    rate("all decisions", &summary.overturn_rate);
    for context in &summary.overturn_by_weaning {
        rate(context.weaning_context, &context.rate);
    }
}

fn extension_count((extension, count): (&String, &u64)) -> String {
    let extension = match extension.as_str() {
        "" => "no extension",
        extension => extension,
    };
    format!("{} {extension}", thousands(*count))
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A number with commas.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in units that fit it.
pub fn size(bytes: u64) -> String {
    let mut size = bytes as f64;
    for unit in ["bytes", "KB", "MB", "GB"] {
        if size < 1000.0 {
            let decimals = usize::from(unit != "bytes" && size < 100.0);
            return format!("{size:.decimals$} {unit}");
        }
        size /= 1000.0;
    }
    format!("{size:.1} TB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_sizes_fitted() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(72_345), "72.3 KB");
        assert_eq!(size(5_400_000_000), "5.4 GB");
    }
}
