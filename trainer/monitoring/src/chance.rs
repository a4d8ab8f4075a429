//! How far samples of one distribution differ by chance alone: in 999 of 1,000 comparisons with requests, in 9,999 of 10,000
//! with a delivered file.

/// How rarely requests like the training data pass a limit.
const ONE_IN: f64 = 1000.0;

/// The quantile 0.999 of a normal distribution's size: passed by chance once in a thousand times, on either side.
const NORMAL: f64 = 3.2905;

/// The normal quantile that chance exceeds once in 10,000 times. About ten checks look at a file, so one good file in a
/// thousand is refused.
const NORMAL_OF_FILE: f64 = 3.719;

/// The quantile 0.999 of the chi-squared distribution with 1 to 9 degrees of freedom (scipy 1.17.1, `chi2.ppf`).
const CHI_SQUARED: [f64; 9] =
    [10.8276, 13.8155, 16.2662, 18.4668, 20.5150, 22.4577, 24.3219, 26.1245, 27.8772];

/// The PSI that two samples of one distribution pass by chance. Times `1 / (1/n + 1/m)` it is distributed as chi-squared
/// with a degree of freedom less than there are bins (B. Yurdakul, "Statistical Properties of Population Stability
/// Index", 2018). At most ten bins are known here.
pub(crate) fn psi(bins: usize, requests: u64, training: u64) -> f64 {
    let most = CHI_SQUARED.len();
    let degrees = bins.saturating_sub(1).clamp(1, most);
    let quantile = CHI_SQUARED.get(degrees - 1).copied().unwrap_or(f64::INFINITY);
    quantile * sampling(requests, training)
}

/// The PSI that a file's rows exceed by chance once in 10,000 times, compared with the existing rows over `bins` bins. The
/// quantile of chi-squared is taken by Wilson and Hilferty's approximation.
pub(crate) fn psi_of_file(bins: usize, rows: u64, existing: u64) -> f64 {
    let degrees = bins.saturating_sub(1).max(1) as f64;
    let part = 2.0 / (9.0 * degrees);
    let root = 1.0 - part + NORMAL_OF_FILE * part.sqrt();
    sampling(rows.max(1), existing.max(1)) * degrees * root * root * root
}

/// How far the median of a file's rows lies by chance from the median of their source, once in 10,000 times.
pub(crate) fn median_of_file(rows: usize, deviation: f64) -> f64 {
    // The standard error of a normal sample's median is that of its mean times the root of half pi.
    NORMAL_OF_FILE * deviation * std::f64::consts::FRAC_PI_2.sqrt() / (rows.max(1) as f64).sqrt()
}

/// The sampling variance of two samples: `1/n + 1/m`.
fn sampling(one: u64, other: u64) -> f64 {
    1.0 / one as f64 + 1.0 / other as f64
}

/// How far a normal figure goes by chance, in its own unit.
pub(crate) fn normal(variance: f64) -> f64 {
    NORMAL * variance.sqrt()
}

/// The share that so many trials, each of which succeeds with a probability, exceed by chance: by Chernoff's bound
/// `P(share >= s) <= exp(-n KL(s, p))`, which holds for any number of trials.
pub(crate) fn share(probability: f64, trials: u64) -> f64 {
    let wanted = libm::log(ONE_IN) / trials as f64;
    let (mut low, mut high) = (probability, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if divergence(middle, probability) < wanted { low = middle } else { high = middle }
    }
    high
}

/// How far a coin is from another one (Kullback and Leibler), in nats.
fn divergence(share: f64, probability: f64) -> f64 {
    let part = |one: f64, other: f64| if one > 0.0 { one * libm::log(one / other) } else { 0.0 };
    part(share, probability) + part(1.0 - share, 1.0 - probability)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_psi_falls_with_the_number_of_stones() {
        let check = |bins, requests, training, expected: f64| {
            let found = psi(bins, requests, training);
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        };
        check(10, 100, 100, 27.8772 / 50.0);
        check(10, 10_000, 10_000, 27.8772 / 5_000.0);
        check(2, 1_000, 1_000, 10.8276 / 500.0);
        // One bin alone has no PSI; what it is held against does not matter, so long as it is a limit.
        check(1, 1_000, 1_000, 10.8276 / 500.0);
    }

    #[test]
    fn the_limit_of_a_share_is_one_that_chance_seldom_passes() {
        // P(X > n limit) for X binomial is 0.0001 in each of these, by scipy 1.17.1 (`binom.sf`).
        let check = |probability, trials, expected: f64| {
            let found = share(probability, trials);
            assert!((found - expected).abs() < 5e-4, "{found} {expected}");
        };
        check(0.01, 100, 0.0654);
        check(0.01, 1_000, 0.0238);
        check(0.01, 100_000, 0.0112);
        check(0.5, 1_000, 0.5587);
        assert!(share(1.0, 100) >= 1.0);
    }

    #[test]
    fn the_limits_of_a_file_fall_with_its_rows() {
        let of = |rows| psi_of_file(10, rows, 50_000);
        // The quantile of chi squared with nine degrees of freedom is 33.72; so far out the approximation gives 34.15.
        let exact = 33.72 * (1.0 / 100.0 + 1.0 / 50_000.0);
        assert!((1.0..1.02).contains(&(of(100) / exact)), "{}", of(100));
        assert!(of(10_000) < 0.005);
        assert!((median_of_file(100, 0.1) - 0.0466).abs() < 0.0001);
    }
}
