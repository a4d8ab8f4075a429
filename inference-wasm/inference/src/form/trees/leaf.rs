//! The two kinds of leaves in a layout, i16 and f32, with the type in which each is summed.

use alloc::vec::Vec;

use crate::ensure::ensure;
use crate::image::{ImageError, Source};

/// A leaf: a whole number of units, or a learner's own f32.
pub(super) trait Leaf: Copy + Default {
    /// The type of a sum. Whole numbers are summed exactly, in any order; f32 in f64, in the order of the walk.
    type Sum: Copy + Default + core::ops::AddAssign;

    /// Converts a leaf of a form, which was checked to be of this kind.
    fn of(value: f32) -> Self;

    /// The leaf in the type of the sum.
    fn summand(self) -> Self::Sum;

    /// Converts a sum to units.
    fn units(sum: Self::Sum) -> f64;

    /// The leaf as 32 bits, for nodes that store a leaf or a child in one field.
    fn to_bits(self) -> u32;

    /// The inverse of [`Self::to_bits`].
    fn from_bits(bits: u32) -> Self;

    /// Whether some leaf has these bits.
    fn has_bits(bits: u32) -> bool;

    /// Appends leaves as an image stores them: a byte with the width of each in bytes, then the leaves, little-endian.
    fn write(leaves: &[Self], image: &mut Vec<u8>);

    /// Reads `count` leaves.
    fn read(source: &mut Source<'_>, count: usize) -> Result<Vec<Self>, ImageError>;
}

const WIDTH: ImageError = ImageError::Broken("leaves have a width that their kind cannot have");

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

    fn has_bits(bits: u32) -> bool {
        bits >> 16 == 0
    }

    /// Writes one byte each where that is enough, as usual: leaves are half of an image.
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

    fn has_bits(bits: u32) -> bool {
        f32::from_bits(bits).is_finite()
    }

    fn write(leaves: &[f32], image: &mut Vec<u8>) {
        image.push(4);
        leaves.iter().for_each(|leaf| image.extend(leaf.to_le_bytes()));
    }

    fn read(source: &mut Source<'_>, count: usize) -> Result<Vec<f32>, ImageError> {
        ensure(source.byte()? == 4, WIDTH)?;
        let leaves = source.floats(count)?;
        let are_finite = leaves.iter().all(|leaf| leaf.is_finite());
        ensure(are_finite, ImageError::Broken("a leaf is not a finite number"))?;
        Ok(leaves)
    }
}
