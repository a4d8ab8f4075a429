//! Defines the order of similar stones: by difference in carat, then by id.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// How many similar stones a query may ask for.
pub const MAX_RESULTS: usize = 100;

/// A stone of the data set with the requested cut, color and clarity.
pub trait Candidate {
    /// The weight in carats.
    fn carat(&self) -> f64;
    /// The id in the data set.
    fn id(&self) -> i64;
}

/// The order of similarity to a stone of `carat`: the smaller difference first, then the smaller id. The difference is the f64
/// `|candidate - carat|`, as SQL and every other language computes it.
#[must_use]
pub fn order<C: Candidate>(carat: f64, one: &C, other: &C) -> Ordering {
    let difference = |candidate: &C| (candidate.carat() - carat).abs();
    difference(one).total_cmp(&difference(other)).then(one.id().cmp(&other.id()))
}

/// The `n` most similar of the candidates, in order. Inserts each candidate into the list so far: the list is short, and a
/// sort would add 2 kB to the browser's download.
#[must_use]
pub fn nearest<C: Candidate>(
    carat: f64,
    candidates: impl IntoIterator<Item = C>,
    n: usize,
) -> Vec<C> {
    let mut nearest: Vec<C> = Vec::new();
    for candidate in candidates {
        let at = nearest.partition_point(|other| order(carat, other, &candidate).is_lt());
        if at < n {
            nearest.truncate(n - 1);
            nearest.insert(at, candidate);
        }
    }
    nearest
}

/// How much heavier a stone is than requested, in carats, rounded so that no error of binary fractions shows.
#[must_use]
pub fn difference(carat: f64, asked: f64) -> f64 {
    const SCALE: f64 = 1e6;
    libm::round((carat - asked) * SCALE) / SCALE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Stone(f64, i64);

    impl Candidate for Stone {
        fn carat(&self) -> f64 {
            self.0
        }
        fn id(&self) -> i64 {
            self.1
        }
    }

    #[test]
    fn nearest_is_by_difference_then_by_id() {
        let stones =
            vec![Stone(0.5, 4), Stone(0.75, 3), Stone(1.5, 1), Stone(1.0, 9), Stone(1.0, 2)];
        let ids: Vec<i64> = nearest(1.0, stones, 4).iter().map(|stone| stone.1).collect();
        assert_eq!(ids, [2, 9, 3, 1]);
    }

    #[test]
    fn a_difference_shows_no_error_of_binary_fractions() {
        let check = |carat: f64, asked: f64, expected: f64| {
            assert_eq!(difference(carat, asked).to_bits(), expected.to_bits());
        };
        check(0.73, 0.7, 0.03);
        check(0.69, 0.7, -0.01);
        check(1.0, 1.0, 0.0);
    }
}
