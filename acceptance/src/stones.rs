//! Reads the data set from its file.

use std::cmp::Ordering;

use crate::programs::root;

/// A valid diamond as JSON.
pub const STONE: &str = r#"{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1"}"#;

/// One row of data/diamonds.csv, in the order of its columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Stone {
    /// The row's number from 1, which is its id in a database that was seeded with this file alone.
    pub id: i64,
    /// In carats.
    pub carat: f64,
    /// The grades as text: cut, color, clarity.
    pub grades: [String; 3],
    /// depth, table, x, y, z.
    pub measures: [f64; 5],
    /// In dollars.
    pub price: f64,
}

impl Stone {
    /// The price list of its row, by the orientation: the database is seeded so.
    pub fn price_list(&self) -> Option<&'static str> {
        let [_, _, x, y, _] = self.measures;
        match x.total_cmp(&y) {
            Ordering::Less => Some("A"),
            Ordering::Equal => None,
            Ordering::Greater => Some("B"),
        }
    }

    /// Whether both are listings of one stone: carat, color, clarity, diameters, z and table are equal.
    pub fn is_same_stone(&self, other: &Stone) -> bool {
        let numbers = |stone: &Stone| {
            let [_, table, x, y, z] = stone.measures;
            [stone.carat, table, x.min(y), x.max(y), z].map(f64::to_bits)
        };
        let is_measured = self.measures[2..].iter().all(|side| *side > 0.0);
        is_measured && self.grades[1..] == other.grades[1..] && numbers(self) == numbers(other)
    }

    /// The target of a request for the `n` stones that are most similar to this one at the weight `carat`.
    pub fn similar_target(&self, carat: f64, n: usize) -> String {
        let [cut, color, clarity] = &self.grades;
        let cut = cut.replace(' ', "%20");
        format!("/v1/similar?carat={carat}&cut={cut}&color={color}&clarity={clarity}&n={n}")
    }
}

/// Every row of data/diamonds.csv.
pub fn stones() -> Vec<Stone> {
    let mut reader =
        csv::Reader::from_path(root().join("data/diamonds.csv")).expect("the data set");
    let header = reader.headers().expect("a header");
    let columns = ["carat", "cut", "color", "clarity", "depth", "table", "price", "x", "y", "z"];
    assert_eq!(header, columns.as_slice());
    let rows = reader.records().zip(1..);
    rows.map(|(row, id)| {
        let row = row.expect("a row");
        let number = |at: usize| row[at].parse::<f64>().expect("a number");
        Stone {
            id,
            carat: number(0),
            grades: [1, 2, 3].map(|at| row[at].to_owned()),
            measures: [4, 5, 7, 8, 9].map(number),
            price: number(6),
        }
    })
    .collect()
}
