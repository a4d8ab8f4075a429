//! The objectives that XGBoost trains with, and the link each applies by itself.

use inference::Link;

/// An objective of XGBoost with one output per row, a price or its logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// Squared error.
    SquaredError,
    /// Absolute error.
    AbsoluteError,
    /// Pseudo-Huber error.
    PseudoHuberError,
    /// Tweedie deviance.
    Tweedie,
    /// Gamma deviance.
    Gamma,
    /// Poisson deviance.
    Poisson,
}

/// The target that a model was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The natural logarithm of the price in dollars.
    LogPrice,
    /// The price in dollars.
    Price,
}

impl Objective {
    /// Every supported objective.
    pub const ALL: [Objective; 6] = [
        Objective::SquaredError,
        Objective::AbsoluteError,
        Objective::PseudoHuberError,
        Objective::Tweedie,
        Objective::Gamma,
        Objective::Poisson,
    ];

    /// Its name in XGBoost.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Objective::SquaredError => "reg:squarederror",
            Objective::AbsoluteError => "reg:absoluteerror",
            Objective::PseudoHuberError => "reg:pseudohubererror",
            Objective::Tweedie => "reg:tweedie",
            Objective::Gamma => "reg:gamma",
            Objective::Poisson => "count:poisson",
        }
    }

    /// The function from the sum of leaves to the prediction of XGBoost.
    #[must_use]
    pub const fn own_link(self) -> Link {
        match self {
            Objective::SquaredError | Objective::AbsoluteError | Objective::PseudoHuberError => {
                Link::Identity
            }
            Objective::Tweedie | Objective::Gamma | Objective::Poisson => Link::Log,
        }
    }
}
