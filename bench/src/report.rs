//! The report of one benchmark: tables of figures and goals. It is one JSON document, and the Markdown is made from that.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything that one benchmark measured.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// How it was measured, in words.
    pub(crate) about: String,
    /// The day of the measurement and the commit that was measured.
    pub(crate) measured: Measured,
    pub(crate) tables: Vec<Table>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) date: String,
    pub(crate) commit: String,
}

/// Rows of the same figures.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Table {
    /// For programs.
    name: String,
    /// The key of a cell in each row, and the heading for people.
    columns: Vec<(String, String)>,
    /// One object per row. A number's key ends with its unit.
    rows: Vec<Value>,
}

/// A column of a table: the key of its cells for programs, its heading for people, and the cell of an item. Without a
/// heading it is for programs only.
pub(crate) type Column<'a, T> = (&'a str, &'a str, &'a dyn Fn(&T) -> Value);

/// A figure or a ratio, with what it is to reach, if anything.
pub(crate) struct Goal {
    name: String,
    value: f64,
    at_least: Option<f64>,
    at_most: Option<f64>,
    is_valid: bool,
}

impl Report {
    pub(crate) fn new(about: impl Into<String>, tables: impl Into<Vec<Table>>) -> Report {
        Report { about: about.into(), measured: Measured::default(), tables: tables.into() }
    }

    pub(crate) fn to_markdown(&self) -> String {
        let Measured { date, commit } = &self.measured;
        let tables = self.tables.iter().map(|table| format!("\n{}", table.to_markdown()));
        let tables: String = tables.collect();
        format!("{}. Measured on {date} at commit {commit}.\n{tables}", self.about)
    }
}

impl Table {
    /// A row for each item.
    pub(crate) fn new<T>(
        name: &str,
        items: impl IntoIterator<Item = T>,
        columns: &[Column<'_, T>],
    ) -> Table {
        let rows = items.into_iter().map(|item| {
            columns.iter().map(|(key, _, cell)| ((*key).to_owned(), cell(&item))).collect()
        });
        let shown = columns.iter().filter(|(_, title, _)| !title.is_empty());
        let shown = shown.map(|(key, title, _)| ((*key).to_owned(), (*title).to_owned()));
        Table { name: name.to_owned(), columns: shown.collect(), rows: rows.collect() }
    }

    /// The table of goals, named by what its figures have in common.
    pub(crate) fn of_goals(title: &str, goals: impl IntoIterator<Item = Goal>) -> Table {
        let columns: [Column<'_, Goal>; 5] = [
            ("name", title, &|goal| goal.name.as_str().into()),
            ("value", "value", &|goal| goal.value.into()),
            ("at_least", "at least", &|goal| goal.at_least.into()),
            ("at_most", "at most", &|goal| goal.at_most.into()),
            ("reached", "reached", &|goal| goal.is_reached().into()),
        ];
        Table::new("goals", goals, &columns)
    }

    /// Without the columns that are empty in every row.
    fn to_markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let is_used = |key: &str| self.rows.iter().any(|row| !row[key].is_null());
        let is_number = |key: &str| self.rows.iter().any(|row| row[key].is_number());
        let columns: Vec<_> = self.columns.iter().filter(|(key, _)| is_used(key)).collect();
        let mut text = line(columns.iter().map(|(_, title)| title.clone()).collect());
        let alignment = |key: &str| if is_number(key) { "---:" } else { "---" };
        text += &line(columns.iter().map(|(key, _)| alignment(key).to_owned()).collect());
        for row in &self.rows {
            text += &line(columns.iter().map(|(key, _)| cell(key, &row[key])).collect());
        }
        text
    }
}

impl Goal {
    pub(crate) fn at_least(name: impl Into<String>, value: f64, least: f64) -> Goal {
        Goal { at_least: Some(least), ..Goal::without_target(name, value) }
    }

    pub(crate) fn at_most(name: impl Into<String>, value: f64, most: f64) -> Goal {
        Goal { at_most: Some(most), ..Goal::without_target(name, value) }
    }

    /// A ratio that is worth a line and is to reach nothing.
    pub(crate) fn without_target(name: impl Into<String>, value: f64) -> Goal {
        Goal { name: name.into(), value, at_least: None, at_most: None, is_valid: true }
    }

    /// Not reached, whatever its value is, unless this holds.
    pub(crate) fn only_if(self, is_valid: bool) -> Goal {
        Goal { is_valid, ..self }
    }

    /// No target is reached by NaN, or by an infinite ratio to something that did nothing.
    fn is_reached(&self) -> Option<bool> {
        let is_enough = self.at_least.map(|least| self.value >= least);
        let is_reached = is_enough.or(self.at_most.map(|most| self.value <= most))?;
        Some(self.is_valid && self.value.is_finite() && is_reached)
    }
}

/// Dollars with their cents, counts with every digit, everything else with three significant digits.
fn cell(key: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "**NO**".to_owned(),
        Value::Number(number) => match number.as_f64() {
            Some(usd) if key.ends_with("_usd") => grouped(&format!("{usd:.2}")),
            Some(value) if number.is_f64() => significant(value),
            _ => grouped(&number.to_string()),
        },
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 9")]
fn significant(value: f64) -> String {
    let decimals = (2.0 - value.abs().log10().floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.decimals$}");
    let text = if decimals == 0 { &text } else { text.trim_end_matches('0').trim_end_matches('.') };
    grouped(text)
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: &str) -> String {
    let (whole, _) = number.split_once('.').unwrap_or((number, ""));
    let digits = whole.trim_start_matches('-').len();
    let mut text = String::new();
    for (at, character) in number.char_indices() {
        let left = whole.len().saturating_sub(at);
        if left > 0 && left < digits && left.is_multiple_of(3) {
            text.push(',');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        for (number, text) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("4510000", "4,510,000"),
            ("-123", "-123"),
            ("-1234.5678", "-1,234.5678"),
        ] {
            assert_eq!(grouped(number), text);
        }
        for (key, value, text) in [
            ("mae_usd", json!(250.051), "250.05"),
            ("ms", json!(0.0), "0"),
            ("ms", json!(0.0123), "0.0123"),
            ("ms", json!(1.05), "1.05"),
            ("ms", json!(23.1), "23.1"),
            ("ms", json!(15113.4), "15,113"),
            ("ms", json!(100.0), "100"),
            ("bytes", json!(1_234), "1,234"),
            ("ms", json!(f64::NAN), ""),
            ("reached", json!(false), "**NO**"),
        ] {
            assert_eq!(cell(key, &value), text);
        }
    }

    #[test]
    fn a_value_that_is_not_finite_reaches_no_target() {
        for (goal, is_reached) in [
            (Goal::at_least("at least", 4.0, 4.0), true),
            (Goal::at_least("at least", 3.9, 4.0), false),
            (Goal::at_least("at least", f64::INFINITY, 4.0), false),
            (Goal::at_most("at most", 1.5, 1.5), true),
            (Goal::at_most("at most", f64::NEG_INFINITY, 1.5), false),
            (Goal::at_most("at most", f64::NAN, 1.5), false),
        ] {
            assert_eq!(goal.is_reached(), Some(is_reached), "{}: {}", goal.name, goal.value);
        }
    }
}
