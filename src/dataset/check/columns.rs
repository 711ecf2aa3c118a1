//! What holds of single columns: keys, references, enumerations.

use std::collections::{HashMap, HashSet};

use arrow::array::{AsArray, RecordBatch, StringArray};

use super::super::{Dataset, Error};
use super::rows::batches;
use super::{Report, Rule};
use crate::tables::{Column, Role, TABLES, Table};

/// The keys of every table, and with each the place of its row.
pub type Keys = HashMap<&'static str, HashMap<String, usize>>;

pub fn check(dataset: &Dataset, report: &mut Report) -> Result<Keys, Error> {
    let mut keys = Keys::new();
    for table in TABLES {
        if let Some(key) = table.key() {
            let found = unique(dataset, table, key, report)?;
            keys.insert(table.name, found);
        }
    }
    for table in TABLES {
        for batch in batches(dataset, table.name) {
            check_batch(table, &batch?, &keys, report);
        }
    }
    Ok(keys)
}

fn unique(
    dataset: &Dataset,
    table: &'static Table,
    key: &'static str,
    report: &mut Report,
) -> Result<HashMap<String, usize>, Error> {
    let mut places = HashMap::new();
    let mut place = 0;
    for batch in batches(dataset, table.name) {
        for id in strings(&batch?, key)
            .into_iter()
            .flat_map(StringArray::iter)
        {
            let id = id.unwrap_or_default();
            let new = !places.contains_key(id);
            report.expect(Rule::Keys, new, || {
                format!("{}: {key} {id} stands twice", table.name)
            });
            places.entry(id.to_owned()).or_insert(place);
            place += 1;
        }
    }
    Ok(places)
}

fn check_batch(table: &'static Table, batch: &RecordBatch, keys: &Keys, report: &mut Report) {
    for column in table.columns {
        let Some(values) = strings(batch, column.name) else {
            continue;
        };
        check_strings(table, column, values, report);
        if let Role::Refers(to) = column.role {
            for value in values.iter().flatten() {
                let there = keys.get(to).is_some_and(|k| k.contains_key(value));
                report.expect(Rule::References, there, || {
                    format!("{}: {} {value} is not in {to}", table.name, column.name)
                });
            }
        }
    }
}

/// Checks the values of a column, or of the lists in it.
fn check_strings(table: &Table, column: &Column, values: &StringArray, report: &mut Report) {
    let allowed: HashSet<_> = column.allowed().into_iter().collect();
    for value in values.iter().flatten() {
        let full = !value.trim().is_empty();
        report.expect(Rule::NoEmptyStrings, full, || {
            format!("{}: a {} is {value:?}", table.name, column.name)
        });
        if !allowed.is_empty() {
            report.expect(Rule::Enumerations, allowed.contains(value), || {
                format!("{}: {} has {value:?}", table.name, column.name)
            });
        }
    }
}

/// The strings of a column, those in lists one after the other.
fn strings<'a>(batch: &'a RecordBatch, column: &str) -> Option<&'a StringArray> {
    let array = batch.column_by_name(column)?;
    let list = array.as_list_opt::<i32>();
    list.map_or(array, |l| l.values()).as_string_opt::<i32>()
}
