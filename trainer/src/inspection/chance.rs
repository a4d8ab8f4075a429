//! How far a few rows lie from the many they were drawn from by chance alone.

/// The normal quantile that chance exceeds once in 10,000 times: a file is looked at some ten times over, and one good file
/// in a thousand refused is as much as people bear.
const ONCE_IN_10_000: f64 = 3.719;

/// The population stability index that `rows` drawn from the same source as `of` rows exceed once in 10,000 times, over
/// `bins` bins: (1/n + 1/m) times a quantile of chi squared with `bins - 1` degrees of freedom (B. Yurdakul, Statistical
/// Properties of Population Stability Index, 2018), which is taken by Wilson and Hilferty's approximation.
#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
pub(super) fn stability_index(rows: usize, of: usize, bins: usize) -> f64 {
    let degrees = bins.saturating_sub(1).max(1) as f64;
    let part = 2.0 / (9.0 * degrees);
    let root = 1.0 - part + ONCE_IN_10_000 * part.sqrt();
    (1.0 / rows.max(1) as f64 + 1.0 / of.max(1) as f64) * degrees * root * root * root
}

/// How far the median of `rows` values of this deviation lies from that of their source.
#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
pub(super) fn median(rows: usize, deviation: f64) -> f64 {
    // The standard error of a normal sample's median is that of its mean times the root of half pi.
    ONCE_IN_10_000 * deviation * std::f64::consts::FRAC_PI_2.sqrt() / (rows.max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_rows_may_lie_further_off_than_ten_thousand() {
        let of = |rows| stability_index(rows, 50_000, 10);
        // The quantile of chi squared with nine degrees of freedom is 33.72; so far out the approximation gives 34.15.
        let exact = 33.72 * (1.0 / 100.0 + 1.0 / 50_000.0);
        assert!((1.0..1.02).contains(&(of(100) / exact)), "{}", of(100));
        assert!(of(10_000) < 0.005);
        assert!((median(100, 0.1) - 0.0466).abs() < 0.0001);
    }
}
