//! What the ranges of a model hold, and how wide they are: of all stones, and of every fifth of them by price and by
//! weight.

use inference::Predictor;
use serde::Serialize;
use serde_json::{Value, json};

use crate::evaluate::View;
use data::stone::Stone;

/// Coverage and width of a model's ranges, as far as a view shows the stones.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// Of all stones.
    pub all: Part,
    /// By true price in dollars, from the cheapest fifth up.
    pub by_price_fifth: Vec<Part>,
    /// By carat, from the lightest fifth up.
    pub by_carat_fifth: Vec<Part>,
}

/// Coverage and width over some of the stones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Part {
    /// The smallest and the largest value of that by which the stones were sorted.
    pub low: f64,
    /// The largest value.
    pub high: f64,
    /// The share of stones whose true price lies in the range.
    pub coverage: f64,
    /// The mean width of the ranges, in dollars.
    pub mean_width_usd: f64,
}

/// A stone's true price, its carat and the range around its estimate.
struct Row {
    price_usd: f64,
    carat: f64,
    low_usd: f64,
    high_usd: f64,
}

impl Coverage {
    /// `None` without a stone, or where the model gives no ranges.
    pub fn of(predictor: &Predictor, stones: &[&Stone], view: View) -> Option<Coverage> {
        let row = |stone: &&Stone| {
            let range = predictor.estimate(&view.of(&stone.diamond)).range?;
            Some(Row {
                price_usd: stone.price.usd(),
                carat: stone.diamond.carat.carats(),
                low_usd: range.low_usd,
                high_usd: range.high_usd,
            })
        };
        let mut rows = stones.iter().map(row).collect::<Option<Vec<Row>>>()?;
        Some(Coverage {
            by_carat_fifth: fifths(&mut rows, |row| row.carat),
            by_price_fifth: fifths(&mut rows, |row| row.price_usd),
            all: Part::of(&rows, |row| row.price_usd)?,
        })
    }
}

impl Part {
    /// Of rows that are sorted by the value.
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
    fn of(rows: &[Row], value: fn(&Row) -> f64) -> Option<Part> {
        let (first, last) = (rows.first()?, rows.last()?);
        let within =
            rows.iter().filter(|row| (row.low_usd..=row.high_usd).contains(&row.price_usd));
        let width_usd = rows.iter().map(|row| row.high_usd - row.low_usd).sum::<f64>();
        Some(Part {
            low: value(first),
            high: value(last),
            coverage: within.count() as f64 / rows.len() as f64,
            mean_width_usd: width_usd / rows.len() as f64,
        })
    }
}

/// Coverage and width of the ranges in every view that differs for the model; `coverage` is what the figure is called, and
/// each name ends in the suffix of its view. `null` without a stone, or where the model gives no ranges.
pub fn report(predictor: &Predictor, stones: &[&Stone], coverage: &str) -> Value {
    let Some(interval) = &predictor.header().interval else { return Value::Null };
    let mut report = json!({ "confidence": interval.confidence });
    for view in View::of_model(&predictor.header().encoder) {
        let suffix = view.suffix();
        let Some(held) = Coverage::of(predictor, stones, *view) else { return Value::Null };
        report[format!("{coverage}{suffix}")] = json!(held.all.coverage);
        report[format!("mean_width_usd{suffix}")] = json!(held.all.mean_width_usd);
        report[format!("by_price_fifth{suffix}")] = json!(held.by_price_fifth);
        report[format!("by_carat_fifth{suffix}")] = json!(held.by_carat_fifth);
    }
    report
}

/// The rows in five parts by a value. Rows of one value stay together, so a part may be larger than a fifth, and the next
/// one smaller or not there at all.
fn fifths(rows: &mut [Row], value: fn(&Row) -> f64) -> Vec<Part> {
    rows.sort_by(|one, other| value(one).total_cmp(&value(other)));
    let mut parts = Vec::with_capacity(5);
    let mut start = 0;
    for fifth in 1..=5 {
        let even = rows.len() * fifth / 5;
        let last = even.checked_sub(1).and_then(|last| rows.get(last)).map(value);
        let end = rows.partition_point(|row| last.is_some_and(|last| value(row) <= last));
        parts.extend(rows.get(start..end).and_then(|rows| Part::of(rows, value)));
        start = start.max(end);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifths_are_even_and_keep_equal_values_together() {
        let check = |carats: &[f64], expected: &[(f64, f64, f64)]| {
            let row = |(at, carat): (usize, &f64)| Row {
                price_usd: 100.0,
                carat: *carat,
                low_usd: 90.0,
                high_usd: if at.is_multiple_of(2) { 110.0 } else { 95.0 },
            };
            let mut rows: Vec<Row> = carats.iter().enumerate().map(row).collect();
            let parts = fifths(&mut rows, |row| row.carat);
            let found: Vec<_> = parts.iter().map(|p| (p.low, p.high, p.coverage)).collect();
            assert_eq!(found, expected);
        };
        check(&[], &[]);
        check(&[1.0], &[(1.0, 1.0, 1.0)]);
        let each = [5.0, 4.0, 3.0, 2.0, 1.0];
        let one = |carat: f64| (carat, carat, carat % 2.0);
        check(&each, &[one(1.0), one(2.0), one(3.0), one(4.0), one(5.0)]);
        check(
            &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0],
            &[(1.0, 1.0, 0.5), (2.0, 3.0, 0.5), (4.0, 5.0, 0.5)],
        );
    }

    #[test]
    fn widths_are_means_in_dollars() {
        let row = |low_usd, high_usd| Row { price_usd: 7.0, carat: 1.0, low_usd, high_usd };
        let part = Part::of(&[row(5.0, 7.0), row(7.5, 8.0)], |row| row.price_usd).unwrap();
        assert_eq!(part, Part { low: 7.0, high: 7.0, coverage: 0.5, mean_width_usd: 1.25 });
    }
}
