//! What a leaf holds in a layout, and what leaves are summed in.

/// A whole number of units, or a learner's own f32.
pub(super) trait Leaf: Copy + Default {
    /// What leaves are summed in: whole numbers exactly, in any order; f32 in f64, in the order of the walk.
    type Sum: Copy + Default + core::ops::AddAssign;

    /// The leaf of a form, which was checked to be one of these.
    fn of(value: f32) -> Self;

    /// The leaf as a summand.
    fn summand(self) -> Self::Sum;

    /// The sum in units.
    fn units(sum: Self::Sum) -> f64;

    /// The leaf as 32 bits and back, for layouts that keep it in place of something else.
    fn to_bits(self) -> u32;

    /// What [`Self::to_bits`] gave.
    fn from_bits(bits: u32) -> Self;
}

impl Leaf for i16 {
    type Sum = i64;

    #[expect(clippy::cast_possible_truncation, reason = "checked to be a whole number of an i16")]
    fn of(value: f32) -> i16 {
        value as i16
    }

    #[inline]
    fn summand(self) -> i64 {
        i64::from(self)
    }

    #[expect(clippy::cast_precision_loss, reason = "2^32 trees of i16 leaves stay below 2^53")]
    fn units(sum: i64) -> f64 {
        sum as f64
    }

    fn to_bits(self) -> u32 {
        u32::from(self.cast_unsigned())
    }

    #[expect(clippy::cast_possible_truncation, reason = "the upper half is 0")]
    fn from_bits(bits: u32) -> i16 {
        (bits as u16).cast_signed()
    }
}

impl Leaf for f32 {
    type Sum = f64;

    fn of(value: f32) -> f32 {
        value
    }

    #[inline]
    fn summand(self) -> f64 {
        f64::from(self)
    }

    fn units(sum: f64) -> f64 {
        sum
    }

    fn to_bits(self) -> u32 {
        f32::to_bits(self)
    }

    fn from_bits(bits: u32) -> f32 {
        f32::from_bits(bits)
    }
}
