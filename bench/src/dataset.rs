//! The stones of the public data set, in a seeded random order.

use std::path::Path;

use anyhow::{Context, Result};
use inference::{Diamond, DiamondInput, Features};

/// Decides the order of the rows, and with it the split.
const SEED: u64 = 42;

/// A stone and what it cost.
pub(crate) struct Stone {
    pub(crate) diamond: Diamond,
    pub(crate) price_usd: f64,
}

/// The stones that training would use, shuffled.
pub(crate) struct Dataset {
    pub(crate) stones: Vec<Stone>,
}

impl Dataset {
    /// Reads a file; like training it leaves out rows without a price or with a dimension of 0.
    pub(crate) fn read(file: impl AsRef<Path>) -> Result<Dataset> {
        let file = file.as_ref();
        let mut reader = csv::Reader::from_path(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let header = reader.headers()?.clone();
        let mut stones = Vec::new();
        for record in reader.records() {
            let record = record?;
            let fields = || header.iter().zip(&record);
            let is_zero = |name: &str| matches!(name, "price" | "x" | "y" | "z");
            if fields().any(|(name, text)| is_zero(name) && text.parse::<f64>() == Ok(0.0)) {
                continue;
            }
            let mut input = DiamondInput::default();
            let mut price_usd = f64::NAN;
            for (name, text) in fields() {
                if name == "price" {
                    price_usd = text.parse()?;
                } else {
                    input.set_text(name, text);
                }
            }
            let diamond = input
                .parse()
                .map_err(|errors| anyhow::anyhow!("{}: {}", file.display(), errors[0]))?;
            stones.push(Stone { diamond, price_usd });
        }
        shuffle(&mut stones, SEED);
        Ok(Dataset { stones })
    }

    /// Four fifths to train on and one to measure on.
    pub(crate) fn split(&self) -> (&[Stone], &[Stone]) {
        let (holdout, train) = self.stones.split_at(self.stones.len() / 5);
        (train, holdout)
    }
}

impl Stone {
    pub(crate) fn features(&self) -> Features {
        Features::of(&self.diamond)
    }
}

/// Fisher and Yates' shuffle.
pub(crate) fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        let draw = split_mix(&mut state) % (last as u64 + 1);
        items.swap(last, usize::try_from(draw).unwrap_or(last));
    }
}

/// `SplitMix64` (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
pub(crate) fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_keeps_every_item_and_its_seed_decides() {
        let shuffled = |seed| {
            let mut items: Vec<u32> = (0..100).collect();
            shuffle(&mut items, seed);
            items
        };
        let mut sorted = shuffled(1);
        assert_ne!(sorted, shuffled(2));
        assert_eq!(sorted, shuffled(1));
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<u32>>());
    }
}
