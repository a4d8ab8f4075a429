//! Defines the order of similar stones: by difference in carat, then by id.
//!
//! Weights are compared in whole billionths of a carat. As f64, 0.72 - 0.56 and 0.56 - 0.40 differ in the last bit; as whole
//! numbers, differences are equal where their decimals are. No scale weighs a billionth. A weight that a program has
//! computed, such as 0.7000000000000001, counts as the decimal that it stands for.

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

/// How many units of comparison a carat has.
const BILLIONTHS: f64 = 1e9;

/// A weight in billionths of a carat, rounded to a whole number. An f64 holds whole numbers exactly up to 9 million carats.
fn billionths(carat: f64) -> f64 {
    libm::round(carat * BILLIONTHS)
}

/// How much heavier a stone is than requested, in carats: a whole number of billionths. This is the difference that orders.
#[must_use]
pub fn difference(carat: f64, requested: f64) -> f64 {
    (billionths(carat) - billionths(requested)) / BILLIONTHS
}

/// The order of similarity to a stone of `carat`: the smaller difference first, then the smaller id.
#[must_use]
pub fn order<C: Candidate>(carat: f64, one: &C, other: &C) -> Ordering {
    let distance = |candidate: &C| difference(candidate.carat(), carat).abs();
    distance(one).total_cmp(&distance(other)).then(one.id().cmp(&other.id()))
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
    fn equal_differences_in_decimals_are_ordered_by_id() {
        let check = |requested: f64, carats: &[f64], expected: &[i64]| {
            let stones = carats.iter().zip(1..).map(|(carat, id)| Stone(*carat, id));
            let ids: Vec<i64> =
                nearest(requested, stones, carats.len()).iter().map(|stone| stone.1).collect();
            assert_eq!(ids, expected, "{requested} {carats:?}");
        };
        check(0.56, &[0.72, 0.40], &[1, 2]);
        check(0.56, &[0.40, 0.72], &[1, 2]);
        check(0.705, &[0.71, 0.70, 0.705], &[3, 1, 2]);
        check(0.704_999_9, &[0.71, 0.70], &[2, 1]);
        check(0.7, &[0.7_f64.next_up(), 0.7, 0.7_f64.next_down(), 0.14 * 5.0], &[1, 2, 3, 4]);
        check(0.699_999_999_9, &[0.71, 0.69, 0.7], &[3, 1, 2]);
        // Weights that no stone has are ordered too.
        check(1.0, &[1e300, f64::NAN, 0.5, f64::INFINITY], &[3, 1, 4, 2]);
    }

    #[test]
    fn a_difference_shows_no_error_of_binary_fractions() {
        let check = |carat: f64, requested: f64, expected: f64| {
            assert_eq!(difference(carat, requested).to_bits(), expected.to_bits());
        };
        check(0.73, 0.7, 0.03);
        check(0.69, 0.7, -0.01);
        check(1.0, 1.0, 0.0);
        check(0.7_f64.next_down(), 0.7, 0.0);
        check(0.71, 0.704_999_9, 0.005_000_1);
        check(100.0, 1e-9, 99.999_999_999);
    }
}
