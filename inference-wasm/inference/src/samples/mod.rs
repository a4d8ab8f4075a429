//! The data set in a few bytes a stone, to look up the stones that are most like one where there is no database.
//! FORMAT.md beside this file describes every byte.

use alloc::vec::Vec;
use core::fmt;

mod chance;

mod number;

mod law;

mod envelope;

mod shelf;

use self::law::{COLUMNS, Law, MOST_DECIMALS};
use crate::ans::{Reader, Writer};
use crate::grade::{Clarity, Color, Cut};
use crate::similar::{Candidate, nearest};

/// A stone of the data set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Its number in the data set, above 0.
    pub id: i64,
    /// Its cut.
    pub cut: Cut,
    /// Its color.
    pub color: Color,
    /// Its clarity.
    pub clarity: Clarity,
    /// Carat; depth and table in percent; price in US dollars; x, y, z in mm, 0 where nobody measured.
    pub numbers: [f64; COLUMNS],
}

impl Sample {
    const EMPTY: Sample = Sample {
        id: 0,
        cut: Cut::Fair,
        color: Color::D,
        clarity: Clarity::I1,
        numbers: [0.0; COLUMNS],
    };

    fn kind(&self) -> (Cut, Color, Clarity) {
        (self.cut, self.color, self.clarity)
    }
}

impl Candidate for Sample {
    fn carat(&self) -> f64 {
        self.numbers[law::CARAT]
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// Why there are no samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SamplesError {
    /// The bytes are something else.
    NotSamples,
    /// They are of a format that this build does not read.
    Format {
        /// The format.
        found: u16,
    },
    /// They are not as many as they say.
    Length {
        /// How many they say they are.
        promised: u64,
        /// How many they are.
        found: u64,
    },
    /// They are not those that were written.
    Damaged,
    /// There are more than a file holds.
    TooMany {
        /// How many.
        rows: usize,
    },
    /// A number of a stone is below 0 or none, or ids do not ascend from 1 on.
    Unfit {
        /// The stone's id.
        id: i64,
    },
}

impl fmt::Display for SamplesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SamplesError::NotSamples => {
                f.write_str("these bytes are no Loupe samples; `trainer data samples` writes some")
            }
            SamplesError::Format { found } => write!(
                f,
                "samples of format {found}; this build reads {}; write them again with `trainer data samples`",
                envelope::FORMAT
            ),
            SamplesError::Length { promised, found } => {
                write!(f, "samples of {promised} bytes, of which {found} came; fetch them again")
            }
            SamplesError::Damaged => f.write_str("the samples are damaged; fetch them again"),
            SamplesError::TooMany { rows } => {
                write!(f, "{rows} samples; a file holds at most 2^32 - 1")
            }
            SamplesError::Unfit { id } => write!(
                f,
                "sample {id} has a number that no stone has, or an id that does not come after the one before it"
            ),
        }
    }
}

impl core::error::Error for SamplesError {}

/// How many bytes of memory reading takes at most, for a file of so many bytes: eight stones a byte, each in the order that it
/// came and in the order that it lies, and what the law learns.
#[must_use]
pub const fn most_memory(bytes: usize) -> usize {
    bytes.saturating_mul(1_536).saturating_add(3 << 19)
}

/// Stones of a data set, by kind and carat.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// By cut, color, clarity, carat and id.
    sorted: Vec<Sample>,
}

impl Samples {
    /// Stones in any order.
    ///
    /// # Errors
    ///
    /// [`SamplesError::Unfit`]
    pub fn of(mut samples: Vec<Sample>) -> Result<Samples, SamplesError> {
        samples.sort_unstable_by_key(|sample| sample.id);
        let mut last = 0;
        for sample in &samples {
            check(sample, last)?;
            last = sample.id;
        }
        Ok(Samples::sort(&samples))
    }

    /// Checked samples, which ascend by id.
    fn sort(samples: &[Sample]) -> Samples {
        let sorted = shelf::sorted(samples).into_iter().map(|at| samples[at as usize]);
        Samples { sorted: sorted.collect() }
    }

    /// Reads samples. Any bytes can be read, in time and memory of at most a multiple of their length.
    ///
    /// # Errors
    ///
    /// [`SamplesError`]
    pub fn from_bytes(bytes: &[u8]) -> Result<Samples, SamplesError> {
        let parts = envelope::open(bytes)?;
        let (words, rest) = parts.payload.as_chunks();
        if !rest.is_empty() {
            return Err(SamplesError::Damaged);
        }
        let (mut reader, mut law) = (Reader::new(words), Law::new(parts.decimals));
        let mut samples = Vec::with_capacity(parts.rows);
        let mut last = 0;
        for _ in 0..parts.rows {
            let sample = law.code(&mut reader, &Sample::EMPTY).ok_or(SamplesError::Damaged)?;
            check(&sample, last)?;
            if reader.overrun() {
                return Err(SamplesError::Damaged);
            }
            last = sample.id;
            samples.push(sample);
        }
        if !reader.is_at_the_end(true) {
            return Err(SamplesError::Damaged);
        }
        Ok(Samples::sort(&samples))
    }

    /// The same samples as bytes, always the same ones.
    ///
    /// # Errors
    ///
    /// [`SamplesError::TooMany`]
    pub fn to_bytes(&self) -> Result<Vec<u8>, SamplesError> {
        let mut samples = self.sorted.clone();
        samples.sort_unstable_by_key(|sample| sample.id);
        let decimals = decimals(&samples);
        let (mut writer, mut law) = (Writer::default(), Law::new(decimals));
        for sample in &samples {
            law.code(&mut writer, sample).ok_or(SamplesError::Unfit { id: sample.id })?;
        }
        envelope::seal(decimals, samples.len(), writer.finish())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// All of them, by cut, color, clarity, carat and id.
    #[must_use]
    pub fn all(&self) -> &[Sample] {
        &self.sorted
    }

    /// Those of a cut, color and clarity, by carat.
    #[must_use]
    pub fn of_kind(&self, cut: Cut, color: Color, clarity: Clarity) -> &[Sample] {
        let kind = (cut, color, clarity);
        let from = self.sorted.partition_point(|sample| sample.kind() < kind);
        let of_kind = &self.sorted[from..];
        &of_kind[..of_kind.partition_point(|sample| sample.kind() == kind)]
    }

    /// The `n` of a cut, color and clarity whose carat is nearest, in the order of [`similar`](crate::similar).
    #[must_use]
    pub fn similar(
        &self,
        (cut, color, clarity): (Cut, Color, Clarity),
        carat: f64,
        n: usize,
    ) -> Vec<Sample> {
        let of_kind = self.of_kind(cut, color, clarity);
        let (lighter, heavier) =
            of_kind.split_at(of_kind.partition_point(|sample| sample.carat() < carat));
        // Of equal carats the smallest ids count: those of the n-th lighter one are taken whole.
        let nth = lighter.len().saturating_sub(n);
        let from = lighter
            .get(nth)
            .map_or(nth, |nth| lighter.partition_point(|sample| sample.carat() < nth.carat()));
        let candidates = lighter[from..].iter().chain(heavier.iter().take(n));
        nearest(carat, candidates, n).into_iter().copied().collect()
    }
}

/// A stone that can be: its numbers are some and not below 0, its id comes after the last.
fn check(sample: &Sample, last: i64) -> Result<(), SamplesError> {
    let is_number = |number: &f64| number.is_finite() && *number >= 0.0;
    if sample.id > last && sample.numbers.iter().all(is_number) {
        Ok(())
    } else {
        Err(SamplesError::Unfit { id: sample.id })
    }
}

/// Of each column the fewest digits with which all but one in a hundred numbers are whole units.
fn decimals(samples: &[Sample]) -> law::Decimals {
    core::array::from_fn(|column| {
        let odd = |decimals: &u8| {
            samples
                .iter()
                .filter(|sample| law::units(sample.numbers[column], *decimals).is_none())
                .count()
        };
        (0..=MOST_DECIMALS).find(|decimals| odd(decimals) * 100 <= samples.len()).unwrap_or(2)
    })
}

#[cfg(test)]
mod tests;
