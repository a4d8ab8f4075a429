//! Chooses the price lists that a model learns.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use inference::price_list::MAX_LISTS;
use inference::{PriceList, PriceLists};

use data::stone::Stone;

/// A list with fewer rows than this is not learnt: its prices would be accidents of a few stones.
const FEWEST_ROWS: usize = 100;

/// The lists with the most training rows, up to eight. Fewer than 100 rows are too few to learn a list from.
pub fn learn(stones: &[&Stone]) -> PriceLists {
    let mut rows: BTreeMap<PriceList, usize> = BTreeMap::new();
    for list in stones.iter().filter_map(|stone| stone.diamond.price_list) {
        *rows.entry(list).or_default() += 1;
    }
    let mut lists: Vec<(PriceList, usize)> =
        rows.into_iter().filter(|(_, rows)| *rows >= FEWEST_ROWS).collect();
    lists.sort_by_key(|(_, rows)| Reverse(*rows));
    let lists = lists.into_iter().take(MAX_LISTS).map(|(list, _)| list);
    // There are at most so many, each once.
    PriceLists::of(lists).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::dataset::Dataset;

    #[test]
    fn the_eight_lists_with_the_most_rows_are_learnt() {
        let dataset = Dataset::diamonds(10);
        let stones = dataset.usable().0;
        // The list of each digit has about a tenth of 5,392 rows; that of 9 hardly any.
        let in_list = |(at, stone): (usize, &&Stone)| match at % 10 {
            9 if at > 500 => (*stone).clone(),
            digit => (*stone).clone().listed(digit.to_string().parse().unwrap()),
        };
        let listed: Vec<Stone> = stones.iter().enumerate().map(in_list).collect();
        let check = |rows: usize, expected: &str| {
            let stones: Vec<&Stone> = listed[..rows].iter().collect();
            assert_eq!(learn(&stones).to_string(), expected);
        };
        check(0, "");
        check(990, "");
        check(993, "0, 1, 2");
        check(5000, "0, 1, 2, 3, 4, 5, 6, 7");
    }
}
