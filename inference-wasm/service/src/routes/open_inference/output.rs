//! The output tensors of the model: the price and the ends of its range.

use ::inference::Header;

/// The name of the one model.
pub(super) const MODEL: &str = "diamonds";

/// One output tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    Price,
    Low,
    High,
}

impl Output {
    const ALL: [Output; 3] = [Output::Price, Output::Low, Output::High];

    /// The names of all, for people.
    pub(super) const NAMES: &'static str = "price, low, high";

    pub(super) fn name(self) -> &'static str {
        match self {
            Output::Price => "price",
            Output::Low => "low",
            Output::High => "high",
        }
    }

    pub(super) fn named(name: &str) -> Option<Output> {
        Output::ALL.into_iter().find(|output| output.name() == name)
    }

    /// The outputs that a model has: without a range, as imported models are, only the price.
    pub(super) fn of(header: &Header) -> &'static [Output] {
        if header.interval.is_some() { &Output::ALL } else { &[Output::Price] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_found_by_its_name() {
        let names = Output::ALL.map(Output::name);
        assert_eq!(names.join(", "), Output::NAMES);
        assert_eq!(names.map(Output::named), Output::ALL.map(Some));
        assert_eq!(Output::named("Price"), None);
    }
}
