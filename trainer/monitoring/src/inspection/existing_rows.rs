//! The rows that the data already has.

use std::collections::HashMap;

use data::dataset::Dataset;
use data::stone::{Identity, Stone};

/// All stones of the data, and how many copies of each.
#[derive(Debug, Default)]
pub struct ExistingRows {
    pub(super) stones: Vec<Stone>,
    copies: HashMap<Identity, usize>,
}

impl ExistingRows {
    /// All rows of a data set.
    pub fn of(dataset: &Dataset) -> ExistingRows {
        let mut existing = ExistingRows::default();
        existing.add(dataset.stones());
        existing
    }

    /// Takes in the good rows of a delivery that were added to the data.
    pub fn absorb(&mut self, stones: &[(u64, Stone)]) {
        let fresh: Vec<Stone> = self.fresh(stones).into_iter().cloned().collect();
        self.add(fresh.iter());
    }

    fn add<'a>(&mut self, stones: impl Iterator<Item = &'a Stone>) {
        for stone in stones {
            *self.copies.entry(stone.identity).or_default() += 1;
            self.stones.push(stone.clone());
        }
    }

    /// At most `most` stones, evenly out of all. They lie in the order of a hash, so this is as good as drawing lots.
    pub(super) fn sample(&self, most: usize) -> impl Iterator<Item = &Stone> {
        self.stones.iter().step_by(self.stones.len().div_ceil(most.max(1)).max(1))
    }

    /// The rows that an ingest would add: of equal rows those beyond the copies that are there.
    pub(super) fn fresh<'a>(&self, stones: &'a [(u64, Stone)]) -> Vec<&'a Stone> {
        let mut seen: HashMap<Identity, usize> = HashMap::new();
        let is_fresh = |stone: &&Stone| {
            let copy = seen.entry(stone.identity).and_modify(|copy| *copy += 1).or_insert(1);
            *copy > self.copies.get(&stone.identity).copied().unwrap_or(0)
        };
        stones.iter().map(|(_, stone)| stone).filter(is_fresh).collect()
    }
}
