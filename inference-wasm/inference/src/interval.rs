//! Computes the range of prices around an estimate.

use serde::{Deserialize, Serialize};

/// How many groups there are by weight, and in each by price.
pub const GROUPS: usize = 5;

/// The calibration of the range around an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PredictionInterval {
    /// The fraction of stones whose true price lies in the range, such as 0.9.
    pub confidence: f64,
    /// The bounds for stones that are priced without a price list.
    pub without_list: ByMeasures,
    /// The bounds for stones that are priced by a list that the model knows, where it knows any.
    pub in_list: Option<ByMeasures>,
}

/// Bounds by what is known of a stone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ByMeasures {
    /// The bounds for stones with all measures.
    pub measured: ConformalTable,
    /// The bounds for stones with missing measures.
    pub unmeasured: ConformalTable,
}

/// The bounds of a range by the weight and the estimated price of a stone, since a model's error differs between groups of
/// stones.
///
/// A group starts at its edge and ends before the next one. Where the calibration had too few stones for all groups, the
/// first edges are [`f32::MIN`], and the groups below them stay empty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ConformalTable {
    /// Whether bounds are factors or dollars.
    pub scale: Scale,
    /// The carats at which the second and each later group by weight starts; ascending.
    pub carat_edges: [f32; GROUPS - 1],
    /// For each group by weight the estimated prices in dollars at which the second and each later group by price starts;
    /// ascending.
    pub price_edges_usd: [[f32; GROUPS - 1]; GROUPS],
    /// The bounds of each group by weight and, in it, by price.
    pub bounds: [[Bounds; GROUPS]; GROUPS],
}

/// The unit of bounds: the one in which the errors of a model are most uniform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// The range is from `price * low` to `price * high`.
    Factor,
    /// The range is from `price + low` to `price + high`, in dollars.
    Dollars,
}

/// The lower and the upper bound of a range, relative to the estimate, which lies in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// A factor from 0 to 1, or dollars of at most 0.
    pub low: f32,
    /// A factor of at least 1, or dollars of at least 0.
    pub high: f32,
}

impl PredictionInterval {
    /// The bounds for a stone with or without all measures, priced by a list or without one.
    #[must_use]
    pub fn table(&self, is_measured: bool, is_in_list: bool) -> &ConformalTable {
        let by_measures = match &self.in_list {
            Some(in_list) if is_in_list => in_list,
            _ => &self.without_list,
        };
        if is_measured { &by_measures.measured } else { &by_measures.unmeasured }
    }

    /// Whether every number makes sense.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let PredictionInterval { confidence, without_list, in_list } = self;
        *confidence > 0.0
            && *confidence < 1.0
            && [Some(without_list), in_list.as_ref()].into_iter().flatten().all(
                |ByMeasures { measured, unmeasured }| measured.is_valid() && unmeasured.is_valid(),
            )
    }
}

impl ConformalTable {
    /// A table with the same bounds for every stone.
    #[must_use]
    pub const fn even(scale: Scale, bounds: Bounds) -> ConformalTable {
        ConformalTable {
            scale,
            carat_edges: [f32::MIN; GROUPS - 1],
            price_edges_usd: [[f32::MIN; GROUPS - 1]; GROUPS],
            bounds: [[bounds; GROUPS]; GROUPS],
        }
    }

    /// The range around an estimate in dollars, never below 0. It always contains the estimate, or 0 where the estimate is
    /// negative.
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
        let (lowest, neutral) = match self.scale {
            Scale::Factor => (0.0, 1.0),
            Scale::Dollars => (f32::MIN, 0.0),
        };
        let are_valid = |Bounds { low, high }: &Bounds| {
            (lowest..=neutral).contains(low) && (neutral..=f32::MAX).contains(high)
        };
        ascends(&self.carat_edges)
            && self.price_edges_usd.iter().all(ascends)
            && self.bounds.as_flattened().iter().all(are_valid)
    }
}

/// The group of a value: how many edges are at or below it.
fn index(edges: &[f32; GROUPS - 1], value: f64) -> usize {
    edges.iter().filter(|edge| f64::from(**edge) <= value).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two groups by weight, from 1 carat on; the heavier ones in three by price, from 1,000 and 5,000 dollars on.
    fn table(scale: Scale, bounds: [Bounds; 4]) -> ConformalTable {
        let mut table = ConformalTable::even(scale, bounds[0]);
        table.carat_edges[3] = 1.0;
        table.price_edges_usd[4] = [f32::MIN, f32::MIN, 1000.0, 5000.0];
        table.bounds[4][2..].copy_from_slice(&bounds[1..]);
        table
    }

    fn check(table: &ConformalTable, (carats, price_usd): (f64, f64), expected: (f64, f64)) {
        assert!(table.is_valid());
        assert_eq!(table.around(carats, price_usd), expected, "{carats} carats, ${price_usd}");
    }

    #[test]
    fn the_bounds_are_those_of_the_group_of_a_stone() {
        let factor = |low, high| Bounds { low, high };
        let factors = [(0.5, 1.5), (0.75, 1.0), (1.0, 2.0), (0.5, 4.0)].map(|(l, h)| factor(l, h));
        let table = table(Scale::Factor, factors);
        check(&table, (0.99, 900.0), (450.0, 1350.0));
        check(&table, (0.2, 6000.0), (3000.0, 9000.0));
        check(&table, (1.0, 999.9), (749.925, 999.9));
        check(&table, (1.0, 1000.0), (1000.0, 2000.0));
        check(&table, (100.0, 5000.0), (2500.0, 20_000.0));
        check(&table, (1.0, 0.0), (0.0, 0.0));
    }

    #[test]
    fn dollars_are_added_and_no_range_goes_below_zero() {
        let dollars = Bounds { low: -300.0, high: 200.0 };
        let table = table(Scale::Dollars, [dollars; 4]);
        check(&table, (1.0, 1000.0), (700.0, 1200.0));
        check(&table, (1.0, 100.0), (0.0, 300.0));
        check(&table, (0.3, -150.0), (0.0, 50.0));
        check(&table, (0.3, -1e300), (0.0, 0.0));
    }

    #[test]
    fn every_finite_price_of_every_weight_lies_in_its_range() {
        let bounds = [(0.0, 1.0), (0.1, 1.1), (0.9, 9.0), (1.0, f32::MAX)];
        let factors = table(Scale::Factor, bounds.map(|(low, high)| Bounds { low, high }));
        let bounds = [(0.0, 0.0), (-0.1, 1.1), (-9e9, 1e-9), (f32::MIN, f32::MAX)];
        let dollars = table(Scale::Dollars, bounds.map(|(low, high)| Bounds { low, high }));
        for carats in [f64::MIN_POSITIVE, 0.2, 0.999_999, 1.0, 100.0] {
            for price_usd in [f64::MIN, -1.0, -0.0, 1e-320, 326.1, 999.9, 5e3, 1e30, f64::MAX] {
                for table in [factors, dollars] {
                    let (low, high) = table.around(carats, price_usd);
                    let shown = price_usd.max(0.0);
                    assert!(0.0 <= low && low <= shown && shown <= high, "{carats} {price_usd}");
                }
            }
        }
    }

    #[test]
    fn an_impossible_table_is_not_valid() {
        let valid = ConformalTable::even(Scale::Factor, Bounds { low: 0.5, high: 1.5 });
        let check = |expected: bool, change: &dyn Fn(&mut PredictionInterval)| {
            let by_measures = ByMeasures { measured: valid, unmeasured: valid };
            let mut interval = PredictionInterval {
                confidence: 0.9,
                without_list: by_measures,
                in_list: Some(by_measures),
            };
            change(&mut interval);
            assert_eq!(interval.is_valid(), expected, "{interval:?}");
        };
        check(true, &|_| {});
        for confidence in [0.0, 1.0, -0.1, f64::NAN] {
            check(false, &|interval| interval.confidence = confidence);
        }
        for low in [-0.1, 1.1, f32::NAN, f32::NEG_INFINITY] {
            check(false, &|interval| interval.without_list.measured.bounds[2][4].low = low);
        }
        for high in [0.9, f32::INFINITY, f32::NAN] {
            check(false, &|interval| {
                interval.in_list.as_mut().unwrap().unmeasured.bounds[0][0].high = high;
            });
        }
        for edge in [0.5, f32::NAN, f32::INFINITY] {
            check(false, &|interval| {
                interval.in_list.as_mut().unwrap().measured.carat_edges[0] = edge;
            });
            check(false, &|interval| interval.without_list.unmeasured.price_edges_usd[4][0] = edge);
        }
        check(false, &|interval| interval.without_list.measured.carat_edges = [1.0, 2.0, 1.5, 3.0]);
        check(false, &|interval| interval.without_list.unmeasured.scale = Scale::Dollars);
    }
}
