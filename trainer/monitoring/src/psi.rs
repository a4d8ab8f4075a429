//! Computes the population stability index of two distributions over the same bins.

/// `Σ (p - q) ln(p / q)` over the bins, of which `shares` are q and p, both above 0: 0 for the same shares, and the same
/// both ways.
pub(crate) fn of_shares(shares: impl Iterator<Item = (f64, f64)>) -> f64 {
    shares.map(|(before, now)| (now - before) * libm::log(now / before)).sum()
}

/// The index over the bins that either has; 0 where either side has no stone.
///
/// An empty bin has a floor, because its logarithm is infinite: it counts as half a stone, or as the share that the other
/// side has in it, if that is less. So a grade that one stone in a thousand has does not count as missing among a hundred.
pub(crate) fn psi(before: &[u64], now: &[u64]) -> f64 {
    let [all_before, all_now] = [before, now].map(|counts| counts.iter().sum::<u64>() as f64);
    if all_before == 0.0 || all_now == 0.0 {
        return 0.0;
    }
    let shares = before.iter().zip(now).map(|(before, now)| {
        let (q, p) = (*before as f64 / all_before, *now as f64 / all_now);
        let q_floor = if q > 0.0 { q } else { p.min(0.5 / all_before) };
        let p_floor = if p > 0.0 { p } else { q.min(0.5 / all_now) };
        (q_floor, p_floor)
    });
    of_shares(shares.filter(|(_, now)| *now > 0.0))
}

/// How many bins are not empty on both sides.
pub(crate) fn bins(before: &[u64], now: &[u64]) -> usize {
    before.iter().zip(now).filter(|(before, now)| **before + **now > 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn psi_is_what_it_is_by_hand() {
        let check = |training: &[u64], requests: &[u64], expected: f64| {
            let found = psi(training, requests);
            assert!((found - expected).abs() < 1e-12, "{training:?} {requests:?}: {found}");
            assert!(found >= 0.0);
        };
        check(&[10, 20, 30], &[1, 2, 3], 0.0);
        // (0.75 - 0.25) ln 3 twice.
        check(&[25, 75], &[75, 25], 3.0_f64.ln());
        check(&[1, 1, 2], &[2, 1, 1], 0.5 * 2.0_f64.ln());
        // No request: half of one of a hundred, where half of the training stones are.
        check(&[50, 50], &[0, 100], 0.495 * 100.0_f64.ln() + 0.5 * 2.0_f64.ln());
        // No request where hardly one would be: nothing.
        check(&[1, 999_999], &[0, 10], 0.000_001 * (-0.000_001_f64).ln_1p().abs());
        // Neither has any.
        check(&[5, 0, 5], &[7, 0, 7], 0.0);
        check(&[], &[], 0.0);
        check(&[3, 4], &[0, 0], 0.0);
    }

    #[test]
    fn psi_equals_what_numpy_computes() {
        // numpy 2.4.6: ((p - q) * log(p / q)).sum() of the shares.
        let training = [8, 12, 10, 10, 9, 11, 10, 10, 13, 7];
        let requests = [2, 5, 9, 14, 20, 20, 14, 9, 5, 2];
        assert!((psi(&training, &requests) - 0.454_205_703_203_744).abs() < 1e-12);
    }
}
