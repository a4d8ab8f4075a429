//! Holds the rows a model may learn from, sorted so that the order depends on the rows alone.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use inference::{PriceList, PricesIn};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::delivery::{Delivery, Rejected};
use crate::sample::Draw;
use crate::stone::{Identity, Stone, hex};

/// All valid rows of one source, sorted by identity: the same rows from a file or a database, in whatever order
/// they came, are the same data set and give the same models.
#[derive(Debug)]
pub struct Dataset {
    /// Where the rows come from, for people.
    pub source: String,
    /// Rows, each with its place in the source: a line of a file or an id of the table.
    rows: Vec<(u64, Stone)>,
    /// Rows without a price above 0, by place and price as written.
    unpriced: Vec<(u64, String)>,
    /// Rows that are no stones at all.
    pub rejected: Vec<Rejected>,
    /// Whether the places are ids of the table of diamonds.
    is_of_table: bool,
    /// How these rows were drawn, where they are a part of the source's.
    pub draw: Option<Draw>,
    /// The currency and the year of the prices, where somebody said.
    pub prices_in: Option<PricesIn>,
}

/// The SHA-256 of rows: of their identities, then of the price lists of those that have one.
#[derive(Debug, Default)]
pub struct RowsDigest {
    hasher: Sha256,
}

/// What training does without, row by row.
#[derive(Debug, Default)]
pub struct Dropped {
    unpriced: Vec<(u64, String)>,
    unmeasured: Vec<(u64, [f64; 3])>,
}

impl Dataset {
    /// Sorts the rows by identity. Each comes with its place in the source.
    pub fn new(source: String, mut rows: Vec<(u64, Stone)>) -> Dataset {
        rows.sort_by_key(|(place, stone)| (stone.identity, *place));
        Dataset {
            source,
            rows,
            unpriced: Vec::new(),
            rejected: Vec::new(),
            is_of_table: false,
            draw: None,
            prices_in: None,
        }
    }

    /// The rows of the table of diamonds, each with its id.
    pub fn of_table(source: String, rows: Vec<(u64, Stone)>) -> Dataset {
        Dataset { is_of_table: true, ..Dataset::new(source, rows) }
    }

    /// Every n-th row of the public table, each with its line: what tests learn from.
    pub fn diamonds(every: u64) -> Dataset {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/diamonds.csv");
        let mut delivery = Delivery::read(&file).unwrap();
        delivery.stones.retain(|(line, _)| line % every == 0);
        Dataset::from_delivery(delivery)
    }

    /// The same rows, each in the price list that the order of x and y tells.
    pub fn listed_diamonds(every: u64) -> Dataset {
        let dataset = Dataset::diamonds(every);
        let in_list = |(place, stone): (u64, Stone)| {
            let list = stone.list_by_orientation();
            (place, list.map_or(stone.clone(), |list| stone.listed(list)))
        };
        let rows = dataset.rows.into_iter().map(in_list).collect();
        Dataset::new(dataset.source, rows)
    }

    /// The rows of a file. A price that is not above 0 is something training drops; any other fault is a
    /// rejection.
    pub fn from_delivery(delivery: Delivery) -> Dataset {
        let (unpriced, rejected): (Vec<_>, Vec<_>) =
            delivery.rejected.into_iter().partition(Rejected::is_unpriced);
        Dataset {
            unpriced: unpriced
                .into_iter()
                .map(|row| (row.line, row.errors.into_iter().map(|error| error.value).collect()))
                .collect(),
            rejected,
            ..Dataset::new(delivery.file.display().to_string(), delivery.stones)
        }
    }

    /// Every row with its place in the source.
    pub fn rows(&self) -> &[(u64, Stone)] {
        &self.rows
    }

    /// The rows that are drawn; all where nothing is.
    pub fn drawn(mut self, draw: Option<Draw>) -> Dataset {
        if let Some(draw) = draw {
            self.rows.retain(|(_, stone)| draw.picks(stone.identity));
            self.draw = Some(draw);
        }
        self
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The last id, where the rows are all that the table of diamonds held.
    pub fn last_id(&self) -> Option<u64> {
        self.rows
            .iter()
            .map(|(place, _)| *place)
            .max()
            .filter(|_| self.is_of_table && self.draw.is_none())
    }

    /// Every row, as the source orders them.
    pub fn in_order(&self) -> impl Iterator<Item = &Stone> {
        let mut rows: Vec<&(u64, Stone)> = self.rows.iter().collect();
        rows.sort_by_key(|(place, _)| *place);
        rows.into_iter().map(|(_, stone)| stone)
    }

    /// Every row, in the order of identities.
    pub fn stones(&self) -> impl Iterator<Item = &Stone> + Clone {
        self.rows.iter().map(|(_, stone)| stone)
    }

    /// The hash of all rows: [`RowsDigest`].
    pub fn sha256(&self) -> [u8; 32] {
        digest(self.stones())
    }

    /// The price lists of the rows with how many rows each has, that with the most rows first.
    pub fn list_counts(&self) -> Vec<(PriceList, usize)> {
        let mut counts: BTreeMap<PriceList, usize> = BTreeMap::new();
        for list in self.stones().filter_map(|stone| stone.diamond.price_list) {
            *counts.entry(list).or_default() += 1;
        }
        let mut counts: Vec<(PriceList, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, rows)| Reverse(*rows));
        counts
    }

    /// The rows to train and to measure on: what the notebook drops is left out and reported.
    pub fn usable(&self) -> (Vec<&Stone>, Dropped) {
        let mut dropped = Dropped { unpriced: self.unpriced.clone(), unmeasured: Vec::new() };
        let mut usable = Vec::with_capacity(self.rows.len());
        for (place, stone) in &self.rows {
            if stone.is_measured() {
                usable.push(stone);
            } else {
                let [_, _, x, y, z] = stone.measures();
                dropped.unmeasured.push((*place, [x, y, z]));
            }
        }
        dropped.unmeasured.sort_by_key(|(place, _)| *place);
        (usable, dropped)
    }
}

impl Dropped {
    /// How many rows are left out.
    pub fn count(&self) -> usize {
        self.unpriced.len() + self.unmeasured.len()
    }

    /// The rows by reason; `row` is a line of the file or an id of the table.
    pub fn to_json(&self) -> Value {
        let unpriced = self.unpriced.iter().map(|(row, price)| json!({"row": row, "price": price}));
        let unmeasured = self
            .unmeasured
            .iter()
            .map(|(row, [x, y, z])| json!({"row": row, "x": x, "y": y, "z": z}));
        json!({
            "price_not_positive": { "count": self.unpriced.len(), "rows": unpriced.collect::<Vec<_>>() },
            "dimension_zero": { "count": self.unmeasured.len(), "rows": unmeasured.collect::<Vec<_>>() },
        })
    }

    /// One sentence for people; `None` if nothing was dropped.
    pub fn to_sentence(&self) -> Option<String> {
        (self.count() > 0).then(|| {
            format!(
                "dropped {} rows whose price is not above 0 and {} rows with an x, y or z of 0",
                self.unpriced.len(),
                self.unmeasured.len()
            )
        })
    }
}

impl RowsDigest {
    /// Takes in the next row of all, in the order of identities.
    pub fn add(&mut self, identity: Identity) {
        self.hasher.update(identity.0);
    }

    /// Takes in the next row that has a list, in the same order, after all rows. Rows of one identity have one list, if any.
    pub fn add_list(&mut self, identity: Identity, list: PriceList) {
        self.add(identity);
        self.hasher.update(list.as_str().to_ascii_lowercase());
        self.hasher.update([0]);
    }

    /// The hash.
    pub fn finish(self) -> [u8; 32] {
        self.hasher.finalize().into()
    }
}

/// The hash of rows that are sorted by identity.
pub fn digest<'a>(sorted: impl Iterator<Item = &'a Stone> + Clone) -> [u8; 32] {
    let mut digest = RowsDigest::default();
    for stone in sorted.clone() {
        digest.add(stone.identity);
    }
    for stone in sorted {
        if let Some(list) = stone.diamond.price_list {
            digest.add_list(stone.identity, list);
        }
    }
    digest.finish()
}

/// A data set's `{rows, sha256}`.
pub fn summary(rows: usize, sha256: &[u8; 32]) -> Value {
    json!({ "rows": rows, "sha256": hex(sha256) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: impl Fn(u64) -> &'static str) -> Dataset {
        let rows = Dataset::diamonds(1000).rows;
        let in_list = |(place, stone): (u64, Stone)| {
            let list = name(place).parse();
            (place, list.map_or(stone.clone(), |list| stone.listed(list)))
        };
        Dataset::new(String::new(), rows.into_iter().map(in_list).collect())
    }

    #[test]
    fn the_hash_takes_in_the_list_of_each_row() {
        let plain = Dataset::diamonds(1000).sha256();
        assert_eq!(listed(|_| "").sha256(), plain);
        let orientation = Dataset::diamonds(1000).rows.into_iter().map(|(place, stone)| {
            let list = stone.list_by_orientation();
            (place, list.map_or(stone.clone(), |list| stone.listed(list)))
        });
        let orientation = Dataset::new(String::new(), orientation.collect());
        // The identities are the same.
        assert!(
            orientation
                .stones()
                .map(|it| it.identity)
                .eq(listed(|_| "").stones().map(|it| it.identity))
        );
        assert_ne!(orientation.sha256(), plain);
        assert_ne!(listed(|_| "Smith").sha256(), listed(|_| "Jones").sha256());
        assert_eq!(listed(|_| "Smith").sha256(), listed(|_| "SMITH").sha256());
    }

    #[test]
    fn lists_are_counted_the_largest_first() {
        let dataset = listed(|place| if place % 3_000 == 0 { "Jones" } else { "Smith" });
        let counts = dataset.list_counts();
        let counts: Vec<(&str, usize)> =
            counts.iter().map(|(list, rows)| (list.as_str(), *rows)).collect();
        assert_eq!(counts, [("Smith", 36), ("Jones", 17)]);
        assert_eq!(listed(|_| "").list_counts(), []);
    }
}
