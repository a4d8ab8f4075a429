//! Stores the data set in a few bytes per stone, and looks up similar stones where there is no database.
//! FORMAT.md in this folder describes every byte.

use alloc::vec::Vec;
use core::fmt;

mod adaptive_bit;
mod number;
mod radix_sort;
mod sample_model;

use self::sample_model::{COLUMNS, Decimals, MAX_DECIMALS, SampleModel};
use crate::ans::{Reader, Writer};
use crate::ensure::ensure;
use crate::envelope::{Checksum, EnvelopeError, Layout, field};
use crate::grade::{Clarity, Color, Cut};
use crate::similar::{Candidate, nearest};

/// Magic (8), format (2), decimals (7), reserved (1), rows (4), payload length (4), CRC-32 (4).
const LAYOUT: Layout<1> = Layout {
    magic: *b"\x89STONE\r\n",
    formats: FORMAT..=FORMAT,
    front_bytes: 30,
    reserved: 17..18,
    lengths_at: [22],
    checksum: Checksum::Crc32,
};
const FORMAT: u16 = 1;
const DECIMALS_AT: usize = 10;
const ROWS_AT: usize = 18;

/// A byte of payload holds at most so many rows, so that the rows promised are bounded by the bytes that are there.
const MAX_ROWS_PER_BYTE: usize = 8;

/// A stone of the data set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Its id in the data set, above 0.
    pub id: i64,
    /// Its cut.
    pub cut: Cut,
    /// Its color.
    pub color: Color,
    /// Its clarity.
    pub clarity: Clarity,
    /// Carat; depth and table in percent; price in US dollars; x, y, z in mm, 0 where not measured.
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
        self.numbers[sample_model::CARAT]
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// Why samples cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum SamplesError {
    #[error(fmt = not_samples)]
    Envelope(#[from] EnvelopeError),
    #[error("the samples are damaged; fetch them again")]
    Damaged,
    #[error("{rows} samples; a file holds at most 2^32 - 1")]
    TooMany { rows: usize },
    #[error("sample {id} has an impossible number, or an id that is not above the one before it")]
    Unfit { id: i64 },
}

fn not_samples(error: &EnvelopeError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match error {
        EnvelopeError::Magic => {
            write!(f, "not Loupe samples: {error}; `trainer data samples` writes some")
        }
        EnvelopeError::Format { .. } => {
            write!(f, "samples of {error}; write them again with `trainer data samples`")
        }
        _ => write!(f, "{error}; fetch the samples again"),
    }
}

/// How many bytes of memory reading takes at most for a file of so many bytes, valid or not: eight stones per byte, each
/// once in file order and once sorted, and the state of the model.
#[must_use]
pub const fn max_decode_bytes(bytes: usize) -> usize {
    bytes.saturating_mul(1_536).saturating_add(3 << 19)
}

/// Stones of a data set, sorted so that similar ones are found fast.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// Sorted by cut, color, clarity, carat and id.
    sorted: Vec<Sample>,
}

impl Samples {
    /// Takes stones in any order.
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

    /// Sorts checked samples, which ascend by id.
    fn sort(samples: &[Sample]) -> Samples {
        let sorted = radix_sort::sorted(samples).into_iter().map(|at| samples[at as usize]);
        Samples { sorted: sorted.collect() }
    }

    /// Reads samples. Never panics, whatever the bytes, and takes time and memory proportional to their number.
    ///
    /// # Errors
    ///
    /// [`SamplesError`]
    pub fn from_bytes(bytes: &[u8]) -> Result<Samples, SamplesError> {
        let envelope = LAYOUT.open(bytes)?;
        let [payload] = envelope.parts;
        let decimals: Decimals = field(envelope.front, DECIMALS_AT);
        let are_known = decimals.iter().all(|decimals| *decimals <= MAX_DECIMALS);
        ensure(are_known, SamplesError::Damaged)?;
        let rows = u32::from_le_bytes(field(envelope.front, ROWS_AT)) as usize;
        ensure(rows <= payload.len().saturating_mul(MAX_ROWS_PER_BYTE), SamplesError::Damaged)?;
        let (words, rest) = payload.as_chunks();
        ensure(rest.is_empty(), SamplesError::Damaged)?;
        let (mut reader, mut model) = (Reader::new(words), SampleModel::new(decimals));
        let mut samples = Vec::with_capacity(rows);
        let mut last = 0;
        for _ in 0..rows {
            let sample = model.code(&mut reader, &Sample::EMPTY).ok_or(SamplesError::Damaged)?;
            check(&sample, last)?;
            ensure(!reader.overrun, SamplesError::Damaged)?;
            last = sample.id;
            samples.push(sample);
        }
        ensure(reader.is_at_the_end(true), SamplesError::Damaged)?;
        Ok(Samples::sort(&samples))
    }

    /// Writes the samples. The same samples give the same bytes.
    ///
    /// # Errors
    ///
    /// [`SamplesError::TooMany`]
    pub fn to_bytes(&self) -> Result<Vec<u8>, SamplesError> {
        let mut samples = self.sorted.clone();
        samples.sort_unstable_by_key(|sample| sample.id);
        let decimals = decimals(&samples);
        let (mut writer, mut model) = (Writer::default(), SampleModel::new(decimals));
        for sample in &samples {
            model.code(&mut writer, sample).ok_or(SamplesError::Unfit { id: sample.id })?;
        }
        seal(decimals, samples.len(), writer.finish())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there is no sample.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The samples of a cut, color and clarity, sorted by carat and id.
    #[must_use]
    pub fn of_kind(&self, cut: Cut, color: Color, clarity: Clarity) -> &[Sample] {
        let kind = (cut, color, clarity);
        let from = self.sorted.partition_point(|sample| sample.kind() < kind);
        let of_kind = &self.sorted[from..];
        &of_kind[..of_kind.partition_point(|sample| sample.kind() == kind)]
    }

    /// The `n` samples of a cut, color and clarity whose carat is nearest, in the order of [`similar`](crate::similar).
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
        // Of equal carats the smallest ids win, so all samples of the n-th lighter carat are candidates.
        let nth = lighter.len().saturating_sub(n);
        let from = lighter
            .get(nth)
            .map_or(nth, |nth| lighter.partition_point(|sample| sample.carat() < nth.carat()));
        let candidates = lighter[from..].iter().chain(heavier.iter().take(n)).copied();
        nearest(carat, candidates, n)
    }
}

/// Checks that numbers are finite and not negative, and that the id is above the last one.
fn check(sample: &Sample, last: i64) -> Result<(), SamplesError> {
    let is_number = |number: &f64| number.is_finite() && *number >= 0.0;
    let fits = sample.id > last && sample.numbers.iter().all(is_number);
    ensure(fits, SamplesError::Unfit { id: sample.id })
}

/// For each column the fewest decimals with which at most one in a hundred numbers is not a whole number of units.
fn decimals(samples: &[Sample]) -> Decimals {
    core::array::from_fn(|column| {
        let others = |decimals: &u8| {
            samples
                .iter()
                .filter(|sample| sample_model::units(sample.numbers[column], *decimals).is_none())
                .count()
        };
        (0..=MAX_DECIMALS).find(|decimals| others(decimals) * 100 <= samples.len()).unwrap_or(2)
    })
}

/// Puts a payload into an envelope, padded with zeros where it has fewer bytes than its rows need.
fn seal(decimals: Decimals, rows: usize, mut payload: Vec<u8>) -> Result<Vec<u8>, SamplesError> {
    let count = u32::try_from(rows).map_err(|_| SamplesError::TooMany { rows })?;
    let padded = payload.len().max(rows.div_ceil(MAX_ROWS_PER_BYTE).next_multiple_of(4));
    payload.resize(padded, 0);
    let fields: [(usize, &[u8]); 2] = [(DECIMALS_AT, &decimals), (ROWS_AT, &count.to_le_bytes())];
    Ok(LAYOUT.seal(FORMAT, &fields, [&payload])?)
}

#[cfg(test)]
mod tests;
