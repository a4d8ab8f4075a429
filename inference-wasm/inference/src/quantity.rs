//! The quantities of a stone: carats, percent, millimetres and dollars. Each value was checked when it was made.

/// Why a number is not a valid quantity.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("must be greater than 0 and at most {at_most} {unit}")]
pub struct OutOfRange {
    /// The number.
    pub value: f64,
    /// A quantity must be at most this.
    pub at_most: f64,
    /// The unit, for messages.
    pub unit: &'static str,
}

/// Defines one quantity: a finite f64 with `0 < value <= $max`.
macro_rules! quantity {
    ($(#[$about:meta])* $name:ident, $getter:ident, $max:literal, $unit:literal) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
        pub struct $name(f64);

        impl $name {
            /// The largest valid value.
            pub const MAX: f64 = $max;

            /// Takes a number as this quantity.
            ///
            /// # Errors
            ///
            /// [`OutOfRange`] unless the number is above 0 and at most [`Self::MAX`]; NaN is neither.
            pub fn new(value: f64) -> Result<Self, OutOfRange> {
                if value > 0.0 && value <= Self::MAX {
                    Ok(Self(value))
                } else {
                    Err(OutOfRange { value, at_most: Self::MAX, unit: $unit })
                }
            }

            /// The number itself.
            #[must_use]
            pub const fn $getter(self) -> f64 {
                self.0
            }
        }
    };
}

quantity! {
    /// The weight of a stone; one carat is 0.2 g. The heaviest stone of the data set has 5.01.
    Carat, carats, 100.0, "carats"
}

quantity! {
    /// A proportion of a stone: depth or table.
    Percent, percent, 100.0, "percent"
}

quantity! {
    /// A dimension of a stone: a diameter x or y, or the depth z.
    Millimetres, millimetres, 100.0, "mm"
}

quantity! {
    /// A price, in the currency and year of the data set: US dollars of 2008 in the public one.
    Usd, usd, 1e9, "dollars"
}

/// Rounds dollars to cents, halves away from zero. Every shown price is rounded by this.
#[must_use]
pub fn cents(usd: f64) -> f64 {
    libm::round(usd * 100.0) / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_in_range_are_quantities() {
        let check = |value: f64, good: bool| assert_eq!(Carat::new(value).is_ok(), good, "{value}");
        check(0.2, true);
        check(100.0, true);
        check(f64::MIN_POSITIVE, true);
        check(0.0, false);
        check(-0.0, false);
        check(-1.0, false);
        check(100.1, false);
        check(f64::NAN, false);
        check(f64::INFINITY, false);
    }
}
