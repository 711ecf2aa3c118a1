//! Results as text: aligned columns, fitted to a terminal, or a Markdown table.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::harmless;

/// A column is not made narrower than this to fit a terminal; columns are left out instead.
const NARROWEST: usize = 12;

/// A result's cells as they are shown, the header first.
struct Cells {
    columns: Vec<Column>,
}

struct Column {
    /// Numbers stand at the right, so that their digits stand below each other.
    numeric: bool,
    cells: Vec<String>,
}

impl Column {
    fn width(&self) -> usize {
        self.cells
            .iter()
            .map(|cell| cell.width())
            .max()
            .unwrap_or(0)
    }
}

impl Cells {
    fn of(schema: &Schema, batches: &[RecordBatch], null: &str) -> Result<Self, DataFusionError> {
        let options = FormatOptions::default().with_null(null);
        let mut columns = Vec::with_capacity(schema.fields().len());
        for (index, field) in schema.fields().iter().enumerate() {
            let mut cells = vec![one_line(field.name())];
            for batch in batches {
                let formatter = ArrayFormatter::try_new(batch.column(index).as_ref(), &options)?;
                for row in 0..batch.num_rows() {
                    cells.push(one_line(&formatter.value(row).try_to_string()?));
                }
            }
            columns.push(Column {
                numeric: field.data_type().is_numeric(),
                cells,
            });
        }
        Ok(Self { columns })
    }

    fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }
}

/// A cell stands on one line: a line break is shown as a mark.
fn one_line(text: &str) -> String {
    let text = text
        .replace("\r\n", "⏎")
        .replace('\n', "⏎")
        .replace('\t', " ");
    harmless(&text).into_owned()
}

/// Aligned columns under a ruled header, at most `width` wide if one is given.
pub fn text(
    schema: &Schema,
    batches: &[RecordBatch],
    width: Option<usize>,
) -> Result<String, DataFusionError> {
    let mut cells = Cells::of(schema, batches, "NULL")?;
    let widths = match width {
        Some(width) => fit(&mut cells, width),
        None => cells.columns.iter().map(Column::width).collect(),
    };
    let mut text = String::new();
    for row in 0..cells.rows() {
        line(&mut text, &cells, &widths, row);
        if row == 0 {
            let rules: Vec<String> = widths.iter().map(|width| "─".repeat(width + 2)).collect();
            text.push_str(&rules.join("┼"));
            text.push('\n');
        }
    }
    Ok(text)
}

fn line(text: &mut String, cells: &Cells, widths: &[usize], row: usize) {
    let begin = text.len();
    for (index, (column, width)) in cells.columns.iter().zip(widths).enumerate() {
        if index > 0 {
            text.push('│');
        }
        let cell = cut(&column.cells[row], *width);
        let padding = " ".repeat(width.saturating_sub(cell.width()));
        let (before, after) = if column.numeric {
            (padding.as_str(), "")
        } else {
            ("", padding.as_str())
        };
        text.push_str(&format!(" {before}{cell}{after} "));
    }
    text.truncate(begin + text[begin..].trim_end().len());
    text.push('\n');
}

/// Widths with which the columns fit into `width`. If there are too many columns for that, those in
/// the middle give way to one of dots.
fn fit(cells: &mut Cells, width: usize) -> Vec<usize> {
    let natural: Vec<usize> = cells.columns.iter().map(Column::width).collect();
    // Each column has a blank on both sides, and a rule stands between two.
    let room = |columns: usize| width.saturating_sub(3 * columns).saturating_add(1);
    let needed = |widths: &[usize]| widths.iter().map(|w| w.min(&NARROWEST)).sum::<usize>();
    let mut kept: Vec<usize> = (0..natural.len()).collect();
    while kept.len() > 2 {
        let widths: Vec<usize> = kept.iter().map(|column| natural[*column]).collect();
        let left_out = kept.len() < natural.len();
        if needed(&widths) + usize::from(left_out) <= room(kept.len() + usize::from(left_out)) {
            break;
        }
        kept.remove(kept.len() / 2);
    }
    let mut widths: Vec<usize> = kept.iter().map(|column| natural[*column]).collect();
    if kept.len() < natural.len() {
        let gap = kept
            .iter()
            .enumerate()
            .position(|(at, column)| at != *column);
        leave_out(cells, &mut widths, &kept, gap.unwrap_or(kept.len()));
    }
    let room = room(widths.len());
    let total = widths.iter().sum::<usize>();
    shrink(&mut widths, total.saturating_sub(room));
    widths
}

/// Keeps the columns `kept`, with a column of dots at `gap` for the others.
fn leave_out(cells: &mut Cells, widths: &mut Vec<usize>, kept: &[usize], gap: usize) {
    let rows = cells.rows();
    let mut index = 0;
    cells.columns.retain(|_| {
        index += 1;
        kept.contains(&(index - 1))
    });
    cells.columns.insert(
        gap,
        Column {
            numeric: false,
            cells: vec!["…".to_string(); rows],
        },
    );
    widths.insert(gap, 1);
}

/// Takes `excess` off the widths, always from the widest.
fn shrink(widths: &mut [usize], mut excess: usize) {
    while excess > 0 {
        let Some(widest) = widths.iter_mut().max() else {
            return;
        };
        if *widest <= 1 {
            return;
        }
        *widest -= 1;
        excess -= 1;
    }
}

/// `cell` in at most `width` columns of the screen, with an ellipsis for what is cut off.
fn cut(cell: &str, width: usize) -> std::borrow::Cow<'_, str> {
    if cell.width() <= width {
        return cell.into();
    }
    let mut taken = String::new();
    let mut room = width.saturating_sub(1);
    for c in cell.chars() {
        let Some(left) = room.checked_sub(c.width().unwrap_or(0)) else {
            break;
        };
        room = left;
        taken.push(c);
    }
    taken.push('…');
    taken.into()
}

/// The result of EXPLAIN: plans are drawn over many lines, which a cell would spoil.
pub fn plan(batches: &[RecordBatch]) -> Result<String, DataFusionError> {
    let options = FormatOptions::default();
    let mut text = String::new();
    for batch in batches {
        let columns = batch
            .columns()
            .iter()
            .map(|c| ArrayFormatter::try_new(c.as_ref(), &options));
        let columns: Vec<_> = columns.collect::<Result<_, _>>()?;
        for row in 0..batch.num_rows() {
            for column in &columns {
                text.push_str(harmless(&column.value(row).try_to_string()?).trim_end());
                text.push('\n');
            }
            text.push('\n');
        }
    }
    Ok(text)
}

/// A Markdown table. NULL is an empty cell, as Markdown has no other.
pub fn markdown(schema: &Schema, batches: &[RecordBatch]) -> Result<String, DataFusionError> {
    let mut cells = Cells::of(schema, batches, "")?;
    for column in &mut cells.columns {
        for cell in &mut column.cells {
            if cell.contains('|') {
                *cell = cell.replace('|', "\\|");
            }
        }
    }
    // The rule needs three characters.
    let widths: Vec<usize> = cells
        .columns
        .iter()
        .map(|column| column.width().max(3))
        .collect();
    let mut text = String::new();
    for row in 0..cells.rows() {
        for (column, width) in cells.columns.iter().zip(&widths) {
            let cell = &column.cells[row];
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            text.push_str(&if column.numeric {
                format!("| {padding}{cell} ")
            } else {
                format!("| {cell}{padding} ")
            });
        }
        text.push_str("|\n");
        if row == 0 {
            for (column, width) in cells.columns.iter().zip(&widths) {
                let rule = "-".repeat(width - 1);
                text.push_str(&if column.numeric {
                    format!("| {rule}: ")
                } else {
                    format!("| {rule}- ")
                });
            }
            text.push_str("|\n");
        }
    }
    Ok(text)
}

/// A number with commas between its thousands.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::*;

    fn batch() -> RecordBatch {
        let names: ArrayRef = Arc::new(StringArray::from(vec![Some("a|b\nc"), None]));
        let counts: ArrayRef = Arc::new(Int64Array::from(vec![7, 1234]));
        RecordBatch::try_from_iter([("name", names), ("n", counts)]).unwrap()
    }

    #[test]
    fn a_table_is_aligned_without_trailing_blanks() {
        let batch = batch();
        let shown = text(&batch.schema(), &[batch], None).unwrap();
        let expected = [
            " name  │    n",
            "───────┼──────",
            " a|b⏎c │    7",
            " NULL  │ 1234",
            "",
        ];
        assert_eq!(shown, expected.join("\n"));
    }

    #[test]
    fn markdown_escapes_its_bars() {
        let batch = batch();
        let shown = markdown(&batch.schema(), &[batch]).unwrap();
        let expected = [
            "| name   |    n |",
            "| ------ | ---: |",
            "| a\\|b⏎c |    7 |",
            "|        | 1234 |",
            "",
        ];
        assert_eq!(shown, expected.join("\n"));
    }

    #[test]
    fn a_wide_result_is_cut_to_the_terminal() {
        let long: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(300)]));
        let many = (0..20).map(|i| (format!("column_{i}"), long.clone()));
        let batch = RecordBatch::try_from_iter(many).unwrap();
        for width in [20, 40, 80, 133] {
            let shown = text(&batch.schema(), std::slice::from_ref(&batch), Some(width)).unwrap();
            assert!(
                shown.lines().all(|line| line.width() <= width),
                "{width}:\n{shown}"
            );
            assert!(shown.starts_with(" colu"), "{shown}");
            assert!(shown.contains('…'));
        }
        let two = RecordBatch::try_from_iter([("a", long.clone()), ("b", long)]).unwrap();
        let shown = text(&two.schema(), &[two], Some(60)).unwrap();
        // Blanks at a line's end are left out; the rule shows the full width.
        assert_eq!(
            shown.lines().map(|line| line.width()).max(),
            Some(60),
            "{shown}"
        );
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
