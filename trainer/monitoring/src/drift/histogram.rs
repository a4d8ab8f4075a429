//! Counts requests along the training values of a number.

use serde::Serialize;

use super::kolmogorov_smirnov::KolmogorovSmirnov;

/// How many bins PSI has, of as many training stones each as equal values allow.
const BINS: usize = 10;

/// The different values that training stones have, ascending, and how many of them and of the requests are where. Whatever
/// comes is kept as a count, so that memory does not grow with it and the distance of the two distributions is still exact.
#[derive(Debug)]
pub(super) struct EmpiricalHistogram {
    values: Vec<f64>,
    training: Vec<u64>,
    /// Twice as many as there are values, and one: those below the first value, those at it, those between it and the
    /// second, and so on to those above the last.
    requests: Vec<u64>,
    /// The sums of the training stones' values and of the requests'.
    sums: [f64; 2],
}

/// The means of a number; none of nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Means {
    pub training: Option<f64>,
    pub requests: Option<f64>,
}

/// The stones of a bin.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Bin {
    /// The largest value that is in it; `None` for the last bin, which has no end.
    pub up_to: Option<f64>,
    pub training: u64,
    pub requests: u64,
}

impl EmpiricalHistogram {
    /// Takes the training stones' values; none of them is NaN.
    pub(super) fn new(mut all: Vec<f64>) -> EmpiricalHistogram {
        all.sort_unstable_by(f64::total_cmp);
        let (mut values, mut training) = (Vec::new(), Vec::new());
        for same in all.chunk_by(|one, other| one.total_cmp(other).is_eq()) {
            values.extend(same.first());
            training.push(same.len() as u64);
        }
        let requests = vec![0; 2 * values.len() + 1];
        EmpiricalHistogram { values, training, requests, sums: [all.iter().sum(), 0.0] }
    }

    /// Counts a request's value.
    pub(super) fn see(&mut self, value: f64) {
        let cell = match self.values.binary_search_by(|known| known.total_cmp(&value)) {
            Ok(at) => 2 * at + 1,
            Err(at) => 2 * at,
        };
        self.requests[cell] += 1;
        self.sums[1] += value;
    }

    /// How many training stones and how many requests there are.
    fn counts(&self) -> [u64; 2] {
        [&self.training, &self.requests].map(|counts| counts.iter().sum())
    }

    pub(super) fn means(&self) -> Means {
        let [training, requests] = [0, 1].map(|side| {
            let count = self.counts()[side];
            (count > 0).then(|| self.sums[side] / count as f64)
        });
        Means { training, requests }
    }

    /// The bins between the tenths of the training values; fewer where many values are equal. Each has a training stone.
    pub(super) fn bins(&self) -> Vec<Bin> {
        let [trained, _] = self.counts();
        let mut bins: Vec<Bin> = Vec::new();
        let mut bin = Bin::default();
        let mut below = 0;
        for (at, (value, count)) in self.values.iter().zip(&self.training).enumerate() {
            below += count;
            bin.training += count;
            bin.requests += self.requests[2 * at] + self.requests[2 * at + 1];
            let tenths = |stones: u64| stones * BINS as u64 / trained;
            let is_last = at + 1 == self.values.len();
            if tenths(below) > tenths(below - count) && !is_last {
                bins.push(Bin { up_to: Some(*value), ..bin });
                bin = Bin::default();
            }
        }
        bin.requests += self.requests[2 * self.values.len()];
        bins.push(bin);
        bins
    }

    /// The greatest distance between the two distribution functions. Between two training values the training's function
    /// stands still and the requests' only rises, so it is greatest right at one of them or right before it. `None` without
    /// a request.
    pub(super) fn kolmogorov_smirnov(&self) -> Option<KolmogorovSmirnov> {
        let counts = self.counts();
        let [trained, asked] = counts.map(|count| count as f64);
        let (mut below, mut seen, mut statistic) = (0_u64, 0_u64, 0.0_f64);
        for (at, count) in self.training.iter().enumerate() {
            for (cell, here) in [(2 * at, 0), (2 * at + 1, *count)] {
                seen += self.requests[cell];
                below += here;
                statistic = statistic.max((seen as f64 / asked - below as f64 / trained).abs());
            }
        }
        let [trained, asked] = counts;
        (asked > 0).then(|| KolmogorovSmirnov::of(statistic, asked, trained))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(training: &[f64], requests: &[f64]) -> EmpiricalHistogram {
        let mut histogram = EmpiricalHistogram::new(training.to_vec());
        requests.iter().for_each(|value| histogram.see(*value));
        histogram
    }

    #[test]
    fn the_distance_is_the_one_that_scipy_finds() {
        // scipy 1.17.1, `stats.ks_2samp(requests, training).statistic` and `special.kolmogorov` of it.
        let check = |training: &[f64], requests: &[f64], statistic: f64, p_value: f64| {
            let found = histogram(training, requests).kolmogorov_smirnov().unwrap();
            assert!((found.statistic - statistic).abs() < 1e-12, "{found:?}");
            assert!((found.p_value - p_value).abs() < 1e-12, "{found:?}");
        };
        let stones = [0.3, 0.31, 0.5, 0.7, 0.7, 1.0, 1.01, 1.5, 2.0, 2.1];
        let asked = [0.3, 0.4, 0.7, 0.7, 1.0, 3.0];
        check(&stones, &asked, 0.233_333_333_333_333_34, 0.986_822_798_393_033_8);
        check(&stones, &stones, 0.0, 1.0);
        check(&stones, &[5.0; 10], 1.0, 9.079_985_952_496_105e-5);
        check(&stones, &[0.1; 10], 1.0, 9.079_985_952_496_105e-5);
    }

    #[test]
    fn bins_are_tenths_and_each_has_a_training_stone() {
        let check = |training: &[f64], ends: &[f64], counts: &[u64]| {
            let bins = histogram(training, training).bins();
            let found: Vec<f64> = bins.iter().filter_map(|bin| bin.up_to).collect();
            assert_eq!(found, ends);
            assert_eq!(bins.iter().map(|bin| bin.training).collect::<Vec<_>>(), counts);
            assert!(bins.iter().all(|bin| bin.training == bin.requests && bin.training > 0));
        };
        let ten: Vec<f64> = (1..=20).map(f64::from).collect();
        check(&ten, &[2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0], &[2; 10]);
        check(&[1.0; 7], &[], &[7]);
        check(&[1.0, 1.0, 1.0, 2.0], &[1.0], &[3, 1]);
        check(&[1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0], &[1.0], &[1, 9]);
    }

    #[test]
    fn values_between_training_values_are_in_the_next_bin() {
        let mut training: Vec<f64> = (1..=10).map(f64::from).collect();
        training.push(10.0);
        let bins = histogram(&training, &[0.5, 1.5, 2.0, 9.5, 11.0, 99.0]).bins();
        let requests: Vec<u64> = bins.iter().map(|bin| bin.requests).collect();
        assert_eq!((bins[0].up_to, requests[0], requests[1]), (Some(2.0), 3, 0));
        assert_eq!((requests.last(), requests.iter().sum::<u64>()), (Some(&3), 6));
    }
}
