//! Finds stones that are listed more than once, and compares the prices of their listings.

use std::collections::{HashMap, HashSet};

use crate::split::Split;
use crate::stone::Stone;

/// What a stone is, whoever lists it: the bits of its numbers, with the smaller diameter first, and its grades but the cut,
/// which is a judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Appearance {
    carat: u64,
    color: u8,
    clarity: u8,
    diameters: [u64; 2],
    depth_mm: u64,
    table: u64,
}

/// Two listings of one stone.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// The one whose price list comes first, if both have one and they differ; else the one with the smaller x.
    pub first: &'a Stone,
    /// The other one.
    pub second: &'a Stone,
}

/// The stones of a data set that are listed more than once.
#[derive(Debug)]
pub struct Listings<'a> {
    /// Rows with all of their measures. The other rows are not compared.
    pub measured: usize,
    /// Rows that share a stone with another row.
    pub repeated: usize,
    /// What `repeated` would be by chance: each depth in mm is that of another row of equal carat, color and clarity.
    pub repeated_by_chance: usize,
    /// Stones with exactly two listings.
    pub pairs: Vec<Pair<'a>>,
}

impl<'a> Listings<'a> {
    /// Compares the measured rows.
    pub fn of(stones: impl Iterator<Item = &'a Stone>) -> Listings<'a> {
        let rows: Vec<(&Stone, Appearance)> =
            stones.filter_map(|stone| Some((stone, Appearance::of(stone)?))).collect();
        let mut listings: HashMap<Appearance, Vec<&Stone>> = HashMap::new();
        for (stone, appearance) in &rows {
            listings.entry(*appearance).or_default().push(stone);
        }
        let mut pairs: Vec<Pair<'_>> = listings.into_values().filter_map(Pair::of).collect();
        pairs.sort_by_key(|pair| pair.first.identity);
        Listings {
            measured: rows.len(),
            repeated: repeated(rows.iter().map(|(_, appearance)| *appearance)),
            repeated_by_chance: repeated(with_shuffled_depths(&rows).into_iter()),
            pairs,
        }
    }
}

/// Held-out rows whose stone is also listed among the rows that train: none.
pub fn held_out_twins(split: &Split<'_>) -> usize {
    twins(&split.holdout, &split.train)
}

/// How many rows list a stone that is also listed among others. It compares what the rows say, not their hashes.
pub fn twins(rows: &[&Stone], others: &[&Stone]) -> usize {
    let of = |stone: &&Stone| Appearance::of(stone);
    let others: HashSet<Appearance> = others.iter().filter_map(of).collect();
    rows.iter().filter_map(of).filter(|it| others.contains(it)).count()
}

impl Appearance {
    /// `None` for a stone without all measures.
    fn of(stone: &Stone) -> Option<Appearance> {
        let [_, table, x, y, z] = stone.measures();
        stone.is_measured().then(|| Appearance {
            carat: stone.diamond.carat.carats().to_bits(),
            color: stone.diamond.color.ordinal(),
            clarity: stone.diamond.clarity.ordinal(),
            diameters: [x.min(y), x.max(y)].map(f64::to_bits),
            depth_mm: z.to_bits(),
            table: table.to_bits(),
        })
    }
}

impl<'a> Pair<'a> {
    fn of(listings: Vec<&'a Stone>) -> Option<Pair<'a>> {
        let [one, other] = <[&Stone; 2]>::try_from(listings).ok()?;
        let x = |stone: &Stone| stone.measures()[2].to_bits();
        let have_lists = [one, other].iter().all(|stone| stone.diamond.price_list.is_some());
        let list = |stone: &Stone| stone.diamond.price_list.filter(|_| have_lists);
        let order = |stone: &Stone| (list(stone), x(stone), stone.identity);
        let is_in_order = order(one) <= order(other);
        let (first, second) = if is_in_order { (one, other) } else { (other, one) };
        Some(Pair { first, second })
    }

    /// Whether the listings are of two price lists: those that the rows have, or what the order of x and y tells.
    pub fn is_of_two_lists(&self) -> bool {
        match (self.first.diamond.price_list, self.second.diamond.price_list) {
            (Some(one), Some(other)) => one != other,
            _ => self.is_turned(),
        }
    }

    /// Whether x is the smaller diameter in one listing and the larger one in the other.
    pub fn is_turned(&self) -> bool {
        let [_, _, x, y, _] = self.first.measures();
        let [_, _, other_x, other_y, _] = self.second.measures();
        (x < y && other_x > other_y) || (x > y && other_x < other_y)
    }

    /// Whether the listings differ in the grade of the cut.
    pub fn cuts_differ(&self) -> bool {
        self.first.diamond.cut != self.second.diamond.cut
    }

    /// The second price divided by the first.
    pub fn price_ratio(&self) -> f64 {
        self.second.price.usd() / self.first.price.usd()
    }
}

/// How many rows share their appearance with another row.
fn repeated(rows: impl Iterator<Item = Appearance>) -> usize {
    let mut counts: HashMap<Appearance, usize> = HashMap::new();
    for appearance in rows {
        *counts.entry(appearance).or_default() += 1;
    }
    counts.into_values().filter(|count| *count > 1).sum()
}

/// The rows, each with the depth of another row of equal carat, color and clarity.
fn with_shuffled_depths(rows: &[(&Stone, Appearance)]) -> Vec<Appearance> {
    const SEED: u64 = 42;
    let kind = |appearance: &Appearance| (appearance.carat, appearance.color, appearance.clarity);
    let mut in_order: Vec<&(&Stone, Appearance)> = rows.iter().collect();
    in_order.sort_by_cached_key(|(stone, it)| (kind(it), stone.identity.draw_row(SEED, "order")));
    let mut shuffled: Vec<&(&Stone, Appearance)> = rows.iter().collect();
    shuffled.sort_by_cached_key(|(stone, it)| (kind(it), stone.identity.draw_row(SEED, "depth")));
    let depths = shuffled.iter().map(|(_, it)| it.depth_mm);
    let rows = in_order.iter().zip(depths);
    rows.map(|((_, appearance), depth_mm)| Appearance { depth_mm, ..*appearance }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Dataset;

    #[test]
    fn the_public_table_lists_many_stones_twice() {
        let all = Dataset::diamonds(1);
        let listings = Listings::of(all.stones());
        let Listings { measured, repeated, repeated_by_chance, pairs } = &listings;
        assert_eq!([*measured, *repeated, pairs.len()], [53_920, 20_973, 10_362]);
        assert!((2_900..3_400).contains(repeated_by_chance), "{repeated_by_chance}");
        assert_eq!(pairs.iter().filter(|pair| pair.is_turned()).count(), 10_009);
        assert_eq!(pairs.iter().filter(|pair| pair.cuts_differ()).count(), 3_676);
    }

    #[test]
    fn rows_without_measures_are_no_listings() {
        let all = Dataset::diamonds(1);
        let unmeasured = all.stones().filter(|stone| !stone.is_measured());
        let listings = Listings::of(unmeasured);
        assert_eq!((listings.measured, listings.repeated, listings.pairs.len()), (0, 0, 0));
    }
}
