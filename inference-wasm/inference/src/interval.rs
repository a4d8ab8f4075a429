//! How far off an estimate may be.

use serde::{Deserialize, Serialize};

/// Into how many groups stones are sorted by weight, and those of one weight by price.
pub const GROUPS: usize = 5;

/// How far the true price may lie from the estimate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PredictionInterval {
    /// The share of stones whose price lies within; 0.9 for nine in ten.
    pub confidence: f64,
    /// How far the range bounds for stones that were measured.
    pub measured: ConformalTable,
    /// How far it bounds for those of which only some measures are known, or none.
    pub unmeasured: ConformalTable,
}

/// How far a range bounds: a table over what is known of a stone before its price is, since a model is surer of some
/// stones than of others.
///
/// A group begins at its edge and ends before the next one. Where there were too few stones for so many groups, the
/// first edges are [`f32::MIN`], and no stone falls below them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ConformalTable {
    /// What the bounds are.
    pub scale: Scale,
    /// The carats at which the second group by weight begins, and every later one; ascending.
    pub carat_edges: [f32; GROUPS - 1],
    /// For each group by weight the estimated prices in dollars at which the second group by price begins, and every
    /// later one; ascending.
    pub price_edges_usd: [[f32; GROUPS - 1]; GROUPS],
    /// The reach of each group by weight and, in it, by price.
    pub bounds: [[Bounds; GROUPS]; GROUPS],
}

/// The scale on which a model's errors are even.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// The range is from `price * low` to `price * high`.
    Factor,
    /// The range is from `price + low` to `price + high`, in dollars.
    Dollars,
}

/// How far a range bounds to either side of the estimate, which is in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// A factor from 0 to 1, or dollars up to 0.
    pub low: f32,
    /// A factor from 1, or dollars from 0.
    pub high: f32,
}

impl PredictionInterval {
    /// Whether every figure is one that a range can be made of.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let PredictionInterval { confidence, measured, unmeasured } = self;
        *confidence > 0.0 && *confidence < 1.0 && measured.is_valid() && unmeasured.is_valid()
    }
}

impl ConformalTable {
    /// The same reach for every stone.
    #[must_use]
    pub const fn even(scale: Scale, reach: Bounds) -> ConformalTable {
        ConformalTable {
            scale,
            carat_edges: [f32::MIN; GROUPS - 1],
            price_edges_usd: [[f32::MIN; GROUPS - 1]; GROUPS],
            bounds: [[reach; GROUPS]; GROUPS],
        }
    }

    /// The range around an estimate, in dollars; no stone is worth less than nothing. It holds the estimate, or 0 where
    /// that is below 0, whatever the weight and the price.
    #[must_use]
    pub fn around(&self, carats: f64, price_usd: f64) -> (f64, f64) {
        let (by_carat, by_price) = self.group(carats, price_usd);
        let Bounds { low, high } = self.bounds[by_carat][by_price];
        let (low, high) = (f64::from(low), f64::from(high));
        let (low_usd, high_usd) = match self.scale {
            Scale::Factor => (price_usd * low, price_usd * high),
            Scale::Dollars => (price_usd + low, price_usd + high),
        };
        (low_usd.max(0.0), high_usd.max(0.0))
    }

    /// The group of a stone by its weight, and within it by its estimated price.
    #[must_use]
    pub fn group(&self, carats: f64, price_usd: f64) -> (usize, usize) {
        let by_carat = index(&self.carat_edges, carats);
        (by_carat, index(&self.price_edges_usd[by_carat], price_usd))
    }

    fn is_valid(&self) -> bool {
        let ascends = |edges: &[f32; GROUPS - 1]| {
            edges.iter().all(|edge| edge.is_finite()) && edges.is_sorted()
        };
        let (least, none) = match self.scale {
            Scale::Factor => (0.0, 1.0),
            Scale::Dollars => (f32::MIN, 0.0),
        };
        let bounds = |Bounds { low, high }: &Bounds| {
            (least..=none).contains(low) && (none..=f32::MAX).contains(high)
        };
        ascends(&self.carat_edges)
            && self.price_edges_usd.iter().all(ascends)
            && self.bounds.as_flattened().iter().all(bounds)
    }
}

/// How many edges a value has reached: from 0 to their number, so that it is a place in an array of one more.
fn index(edges: &[f32; GROUPS - 1], value: f64) -> usize {
    edges.iter().filter(|edge| f64::from(**edge) <= value).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two groups by weight, from 1 carat on; the heavier ones in three by price, from 1,000 and 5,000 dollars on.
    fn spread(scale: Scale, bounds: [Bounds; 4]) -> ConformalTable {
        let mut spread = ConformalTable::even(scale, bounds[0]);
        spread.carat_edges[3] = 1.0;
        spread.price_edges_usd[4] = [f32::MIN, f32::MIN, 1000.0, 5000.0];
        spread.bounds[4][2..].copy_from_slice(&bounds[1..]);
        spread
    }

    fn check(spread: &ConformalTable, (carats, price_usd): (f64, f64), expected: (f64, f64)) {
        assert!(spread.is_valid());
        assert_eq!(spread.around(carats, price_usd), expected, "{carats} carats, ${price_usd}");
    }

    #[test]
    fn the_reach_is_that_of_the_stones_of_like_weight_and_price() {
        let factor = |low, high| Bounds { low, high };
        let factors = [(0.5, 1.5), (0.75, 1.0), (1.0, 2.0), (0.5, 4.0)].map(|(l, h)| factor(l, h));
        let spread = spread(Scale::Factor, factors);
        check(&spread, (0.99, 900.0), (450.0, 1350.0));
        check(&spread, (0.2, 6000.0), (3000.0, 9000.0));
        check(&spread, (1.0, 999.9), (749.925, 999.9));
        check(&spread, (1.0, 1000.0), (1000.0, 2000.0));
        check(&spread, (100.0, 5000.0), (2500.0, 20_000.0));
        check(&spread, (1.0, 0.0), (0.0, 0.0));
    }

    #[test]
    fn dollars_are_added_and_no_range_goes_below_nothing() {
        let dollars = Bounds { low: -300.0, high: 200.0 };
        let spread = spread(Scale::Dollars, [dollars; 4]);
        check(&spread, (1.0, 1000.0), (700.0, 1200.0));
        check(&spread, (1.0, 100.0), (0.0, 300.0));
        check(&spread, (0.3, -150.0), (0.0, 50.0));
        check(&spread, (0.3, -1e300), (0.0, 0.0));
    }

    #[test]
    fn every_finite_price_of_every_weight_lies_in_its_range() {
        let bounds = [(0.0, 1.0), (0.1, 1.1), (0.9, 9.0), (1.0, f32::MAX)];
        let factors = spread(Scale::Factor, bounds.map(|(low, high)| Bounds { low, high }));
        let bounds = [(0.0, 0.0), (-0.1, 1.1), (-9e9, 1e-9), (f32::MIN, f32::MAX)];
        let dollars = spread(Scale::Dollars, bounds.map(|(low, high)| Bounds { low, high }));
        for carats in [f64::MIN_POSITIVE, 0.2, 0.999_999, 1.0, 100.0] {
            for price_usd in [f64::MIN, -1.0, -0.0, 1e-320, 326.1, 999.9, 5e3, 1e30, f64::MAX] {
                for spread in [factors, dollars] {
                    let (low, high) = spread.around(carats, price_usd);
                    let shown = price_usd.max(0.0);
                    assert!(0.0 <= low && low <= shown && shown <= high, "{carats} {price_usd}");
                }
            }
        }
    }

    #[test]
    fn a_table_that_no_range_can_be_made_of_is_not_sound() {
        let sound = ConformalTable::even(Scale::Factor, Bounds { low: 0.5, high: 1.5 });
        let check = |expected: bool, change: &dyn Fn(&mut PredictionInterval)| {
            let mut interval =
                PredictionInterval { confidence: 0.9, measured: sound, unmeasured: sound };
            change(&mut interval);
            assert_eq!(interval.is_valid(), expected, "{interval:?}");
        };
        check(true, &|_| {});
        for confidence in [0.0, 1.0, -0.1, f64::NAN] {
            check(false, &|interval| interval.confidence = confidence);
        }
        for low in [-0.1, 1.1, f32::NAN, f32::NEG_INFINITY] {
            check(false, &|interval| interval.measured.bounds[2][4].low = low);
        }
        for high in [0.9, f32::INFINITY, f32::NAN] {
            check(false, &|interval| interval.unmeasured.bounds[0][0].high = high);
        }
        for edge in [0.5, f32::NAN, f32::INFINITY] {
            check(false, &|interval| interval.measured.carat_edges[0] = edge);
            check(false, &|interval| interval.unmeasured.price_edges_usd[4][0] = edge);
        }
        check(false, &|interval| interval.measured.carat_edges = [1.0, 2.0, 1.5, 3.0]);
        check(false, &|interval| interval.unmeasured.scale = Scale::Dollars);
    }
}
