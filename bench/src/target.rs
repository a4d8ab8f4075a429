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

    pub(crate) fn is_reached(self, value: f64) -> bool {
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
