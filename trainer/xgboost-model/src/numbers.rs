//! Numbers as a file stores them, converted only when they are needed, so that a list of them takes no memory.

use std::fmt;

/// A number of the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Numeral<'a> {
    /// In JSON's digits.
    Written(&'a str),
    /// A whole number.
    Whole(i64),
    /// A 32-bit float, as XGBoost writes it.
    Single(f32),
    /// A 64-bit float from another writer.
    Double(f64),
    /// A boolean. XGBoost also writes them as numbers, and before 1.6 as words.
    Flag(bool),
    /// Null, which is not a number.
    Null,
}

/// A list of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Numbers<'a> {
    /// The text between two brackets of JSON.
    Written(&'a str),
    /// A list of one kind of number in UBJSON, by its marker.
    Packed(u8, &'a [u8]),
    /// A list in UBJSON in which each number has its own kind.
    Marked(&'a [u8]),
}

impl fmt::Display for Numeral<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Numeral::Written(digits) => f.write_str(digits),
            Numeral::Whole(value) => write!(f, "{value}"),
            Numeral::Single(value) => write!(f, "{value}"),
            Numeral::Double(value) => write!(f, "{value}"),
            Numeral::Flag(flag) => write!(f, "{flag}"),
            Numeral::Null => f.write_str("null"),
        }
    }
}

impl Numeral<'_> {
    /// The nearest f32, as XGBoost reads it; infinite where it overflows.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "XGBoost works in f32"
    )]
    pub(crate) fn to_f32(self) -> Option<f32> {
        match self {
            Numeral::Written(digits) => digits.parse().ok(),
            Numeral::Whole(value) => Some(value as f32),
            Numeral::Single(value) => Some(value),
            Numeral::Double(value) => Some(value as f32),
            Numeral::Flag(_) | Numeral::Null => None,
        }
    }

    /// The whole number; true is 1.
    pub(crate) fn to_i64(self) -> Option<i64> {
        match self {
            Numeral::Written(digits) => digits.parse().ok(),
            Numeral::Whole(value) => Some(value),
            Numeral::Flag(flag) => Some(i64::from(flag)),
            Numeral::Single(_) | Numeral::Double(_) | Numeral::Null => None,
        }
    }
}

impl<'a> Numbers<'a> {
    /// Converts every number; returns the index of the first that fails.
    pub(crate) fn read<T>(
        self,
        convert: impl Fn(Numeral<'a>) -> Option<T>,
    ) -> Result<Vec<T>, (usize, Numeral<'a>)> {
        let convert = |(at, numeral)| convert(numeral).ok_or((at, numeral));
        match self {
            Numbers::Written(text) if text.trim_ascii().is_empty() => Ok(Vec::new()),
            Numbers::Written(text) => {
                text.split(',').map(written).enumerate().map(convert).collect()
            }
            Numbers::Packed(marker, bytes) => {
                let numbers = bytes.chunks_exact(width(marker).unwrap_or(1));
                numbers.map(|bytes| packed(marker, bytes)).enumerate().map(convert).collect()
            }
            Numbers::Marked(mut bytes) => std::iter::from_fn(|| {
                let (marker, rest) = bytes.split_first()?;
                let (number, rest) = rest.split_at_checked(width(*marker)?)?;
                bytes = rest;
                Some(packed(*marker, number))
            })
            .enumerate()
            .map(convert)
            .collect(),
        }
    }

    /// Whether the list is empty.
    pub(crate) fn is_empty(self) -> bool {
        match self {
            Numbers::Written(text) => text.trim_ascii().is_empty(),
            Numbers::Packed(_, bytes) | Numbers::Marked(bytes) => bytes.is_empty(),
        }
    }
}

/// A word of JSON that is not a text, list or object.
pub(crate) fn written(text: &str) -> Numeral<'_> {
    match text.trim_ascii() {
        "true" => Numeral::Flag(true),
        "false" => Numeral::Flag(false),
        "null" => Numeral::Null,
        digits => Numeral::Written(digits),
    }
}

/// How many bytes a number, boolean or null of UBJSON takes after this marker; `None` if it marks something else.
pub(crate) fn width(marker: u8) -> Option<usize> {
    match marker {
        b'T' | b'F' | b'Z' => Some(0),
        b'i' | b'U' => Some(1),
        b'I' => Some(2),
        b'l' | b'd' => Some(4),
        b'L' | b'D' => Some(8),
        _ => None,
    }
}

/// The number of UBJSON with this marker in big-endian bytes, as many as [`width`] says.
#[expect(clippy::cast_possible_truncation, reason = "a marker of 32 bits has 4 bytes")]
pub(crate) fn packed(marker: u8, bytes: &[u8]) -> Numeral<'static> {
    let bits = bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    match marker {
        b'T' => Numeral::Flag(true),
        b'F' => Numeral::Flag(false),
        b'Z' => Numeral::Null,
        b'U' => Numeral::Whole(bits.cast_signed()),
        b'd' => Numeral::Single(f32::from_bits(bits as u32)),
        b'D' => Numeral::Double(f64::from_bits(bits)),
        _ => {
            // Moved to the top and back, the number keeps its sign.
            let unused = 64 - 8 * bytes.len();
            Numeral::Whole((bits << unused).cast_signed() >> unused)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_give_the_nearest_f32() {
        let check = |digits, bits: u32| {
            assert_eq!(Numeral::Written(digits).to_f32().map(f32::to_bits), Some(bits), "{digits}");
        };
        check("5E-1", 0.5_f32.to_bits());
        check("-1.9526602E-3", (-1.952_660_2e-3_f32).to_bits());
        check("1e-45", 1);
        // Rounded to f64 first, this would become the even neighbour of the tie, 1.
        check("1.000000059604644775390626", 0x3f80_0001);
        check("1E40", f32::INFINITY.to_bits());
    }

    #[test]
    fn numbers_are_read_from_every_notation() {
        let check = |numbers: Numbers<'_>, expected: Result<Vec<i64>, usize>| {
            let read = numbers.read(Numeral::to_i64).map_err(|(at, _)| at);
            assert_eq!(read, expected, "{numbers:?}");
        };
        check(Numbers::Written(" 1, -2,\n3 "), Ok(vec![1, -2, 3]));
        check(Numbers::Written(" "), Ok(vec![]));
        check(Numbers::Written("true,false"), Ok(vec![1, 0]));
        check(Numbers::Written("1,2.5"), Err(1));
        check(Numbers::Packed(b'I', &[0, 1, 255, 255]), Ok(vec![1, -1]));
        check(Numbers::Packed(b'U', &[255]), Ok(vec![255]));
        check(Numbers::Packed(b'd', &[0; 4]), Err(0));
        check(Numbers::Marked(&[b'i', 255, b'T', b'l', 0, 0, 1, 0]), Ok(vec![-1, 1, 256]));
        check(Numbers::Marked(b"Z"), Err(0));
    }
}
