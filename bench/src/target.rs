//! What a figure is to reach.

use crate::sizes::reached;

/// What a figure is to reach.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    pub(crate) fn bound(self) -> f64 {
        match self {
            Target::AtLeast(bound) | Target::AtMost(bound) => bound,
        }
    }

    /// What is no number, or without end because the other side did nothing, reaches nothing.
    pub(crate) fn is_reached(self, value: f64) -> bool {
        if !value.is_finite() {
            return false;
        }
        match self {
            Target::AtLeast(least) => value >= least,
            Target::AtMost(most) => value <= most,
        }
    }

    /// For tables.
    pub(crate) fn to_text(self, value: f64) -> String {
        let word = match self {
            Target::AtLeast(_) => "at least",
            Target::AtMost(_) => "at most",
        };
        format!("{word} {}: {}", self.bound(), reached(self.is_reached(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_reaches_nothing() {
        for (target, value, is_reached) in [
            (Target::AtLeast(4.0), 4.0, true),
            (Target::AtLeast(4.0), 3.9, false),
            (Target::AtLeast(4.0), f64::INFINITY, false),
            (Target::AtMost(1.5), 1.5, true),
            (Target::AtMost(1.5), f64::NEG_INFINITY, false),
            (Target::AtMost(1.5), f64::NAN, false),
        ] {
            assert_eq!(target.is_reached(value), is_reached, "{target:?}: {value}");
        }
    }
}
