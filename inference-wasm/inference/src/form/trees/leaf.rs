//! What a leaf holds in a layout, and what leaves are summed in.

use alloc::vec::Vec;

use crate::image::{ImageError, Source};

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

    /// Whether [`Self::to_bits`] of a leaf gives these.
    fn gives(bits: u32) -> bool;

    /// Appends leaves as an image holds them: a byte that says how many bytes each has, and the leaves, little-endian.
    fn write(leaves: &[Self], image: &mut Vec<u8>);

    /// Reads so many leaves.
    fn read(source: &mut Source<'_>, count: usize) -> Result<Vec<Self>, ImageError>;
}

const WIDTH: ImageError = ImageError::Broken { why: "leaves have a width that theirs cannot be" };

const NOT_FINITE: ImageError = ImageError::Broken { why: "a leaf is not a finite number" };

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

    fn gives(bits: u32) -> bool {
        bits >> 16 == 0
    }

    /// One byte each where that is enough, as it mostly is: leaves are half of an image.
    fn write(leaves: &[i16], image: &mut Vec<u8>) {
        let bytes: Result<Vec<i8>, _> = leaves.iter().map(|leaf| i8::try_from(*leaf)).collect();
        if let Ok(bytes) = bytes {
            image.push(1);
            image.extend(bytes.into_iter().map(i8::cast_unsigned));
        } else {
            image.push(2);
            leaves.iter().for_each(|leaf| image.extend(leaf.to_le_bytes()));
        }
    }

    fn read(source: &mut Source<'_>, count: usize) -> Result<Vec<i16>, ImageError> {
        match source.byte()? {
            1 => {
                let bytes = source.items::<1>(count)?.as_flattened();
                Ok(bytes.iter().map(|byte| i16::from(byte.cast_signed())).collect())
            }
            2 => Ok(source.items(count)?.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect()),
            _ => Err(WIDTH),
        }
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

    fn gives(bits: u32) -> bool {
        f32::from_bits(bits).is_finite()
    }

    fn write(leaves: &[f32], image: &mut Vec<u8>) {
        image.push(4);
        leaves.iter().for_each(|leaf| image.extend(leaf.to_le_bytes()));
    }

    fn read(source: &mut Source<'_>, count: usize) -> Result<Vec<f32>, ImageError> {
        if source.byte()? != 4 {
            return Err(WIDTH);
        }
        let leaves = source.floats(count)?;
        if leaves.iter().all(|leaf| leaf.is_finite()) { Ok(leaves) } else { Err(NOT_FINITE) }
    }
}
