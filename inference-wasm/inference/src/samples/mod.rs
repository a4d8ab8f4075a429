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
use crate::envelope::{Checksum, EnvelopeError, Layout, field, read_part, write_part};
use crate::grade::{Clarity, Color, Cut};
use crate::price_list::PriceLists;
use crate::similar::{Candidate, nearest};

/// Magic (8), format (2), decimals (7), reserved (1), rows (4), length of the price lists (4), payload length (4), CRC-32 (4).
const LAYOUT: Layout<2> = Layout {
    magic: *b"\x89STONE\r\n",
    format: 1,
    front_bytes: 34,
    reserved: 17..18,
    lengths_at: [22, 26],
    checksum: Checksum::Crc32,
};
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
    /// The code of the price list that its price is from, among [`Samples::price_lists`].
    pub price_list: Option<u8>,
}

/// What makes a stone the same stone in every price list: color, clarity and, as bits, carat, the diameters in order, z and
/// table. Two lists may disagree about the cut.
type Stone = (Color, Clarity, [u64; 5]);

impl Sample {
    const EMPTY: Sample = Sample {
        id: 0,
        cut: Cut::Fair,
        color: Color::D,
        clarity: Clarity::I1,
        numbers: [0.0; COLUMNS],
        price_list: None,
    };

    fn kind(&self) -> (Cut, Color, Clarity) {
        (self.cut, self.color, self.clarity)
    }

    /// The stone; `None` where a dimension was not measured.
    fn stone(&self) -> Option<Stone> {
        let [carat, _, table, _, x, y, z] = self.numbers;
        let is_measured = x > 0.0 && y > 0.0 && z > 0.0;
        let properties = [carat, x.min(y), x.max(y), z, table].map(f64::to_bits);
        is_measured.then_some((self.color, self.clarity, properties))
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
    #[error(
        "sample {id} has an impossible number, an unknown price list, or an id that is not above the one before it"
    )]
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
    price_lists: PriceLists,
}

impl Samples {
    /// Takes stones in any order, with the price lists that their codes mean.
    ///
    /// # Errors
    ///
    /// [`SamplesError::Unfit`]
    pub fn of(mut samples: Vec<Sample>, lists: PriceLists) -> Result<Samples, SamplesError> {
        samples.sort_unstable_by_key(|sample| sample.id);
        let mut last = 0;
        for sample in &samples {
            check(sample, last, &lists)?;
            last = sample.id;
        }
        Ok(Samples::sort(&samples, lists))
    }

    /// Sorts checked samples, which ascend by id.
    fn sort(samples: &[Sample], price_lists: PriceLists) -> Samples {
        let sorted = radix_sort::sorted(samples).into_iter().map(|at| samples[at as usize]);
        Samples { sorted: sorted.collect(), price_lists }
    }

    /// Reads samples. Never panics, whatever the bytes, and takes time and memory proportional to their number.
    ///
    /// # Errors
    ///
    /// [`SamplesError`]
    pub fn from_bytes(bytes: &[u8]) -> Result<Samples, SamplesError> {
        let envelope = LAYOUT.open(bytes)?;
        let [lists, payload] = envelope.parts;
        let lists: PriceLists = read_part("list of price lists", lists)?;
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
            check(&sample, last, &lists)?;
            ensure(!reader.overrun, SamplesError::Damaged)?;
            last = sample.id;
            samples.push(sample);
        }
        ensure(reader.is_at_the_end(true), SamplesError::Damaged)?;
        Ok(Samples::sort(&samples, lists))
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
        seal(decimals, samples.len(), &self.price_lists, writer.finish())
    }

    /// The price lists that the samples are from.
    #[must_use]
    pub fn price_lists(&self) -> &PriceLists {
        &self.price_lists
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

    /// The other listings of a sample's stone, by id: with the same color and clarity and the same weight, diameters, z and
    /// table. None where a dimension was not measured.
    #[must_use]
    pub fn also_listed(&self, sample: &Sample) -> Vec<Sample> {
        let Some(stone) = sample.stone() else { return Vec::new() };
        let mut listings = Vec::new();
        for cut in Cut::ALL {
            let of_kind = self.of_kind(*cut, sample.color, sample.clarity);
            let from = of_kind.partition_point(|other| other.carat() < sample.carat());
            let of_weight = &of_kind[from..];
            let of_weight =
                &of_weight[..of_weight.partition_point(|other| other.carat() <= sample.carat())];
            let is_other = |other: &&Sample| other.id != sample.id && other.stone() == Some(stone);
            // There are few, and a sort would add kilobytes to the browser's download.
            for other in of_weight.iter().filter(is_other) {
                let at = listings.partition_point(|listed: &Sample| listed.id < other.id);
                listings.insert(at, *other);
            }
        }
        listings
    }
}

/// Checks that numbers are finite and not negative, that the price list is one of these, and that the id is above the last
/// one.
fn check(sample: &Sample, last: i64, lists: &PriceLists) -> Result<(), SamplesError> {
    let is_number = |number: &f64| number.is_finite() && *number >= 0.0;
    let is_known = sample.price_list.is_none_or(|code| lists.get(code).is_some());
    let fits = sample.id > last && is_known && sample.numbers.iter().all(is_number);
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
fn seal(
    decimals: Decimals,
    rows: usize,
    lists: &PriceLists,
    mut payload: Vec<u8>,
) -> Result<Vec<u8>, SamplesError> {
    let count = u32::try_from(rows).map_err(|_| SamplesError::TooMany { rows })?;
    let padded = payload.len().max(rows.div_ceil(MAX_ROWS_PER_BYTE).next_multiple_of(4));
    payload.resize(padded, 0);
    let fields: [(usize, &[u8]); 2] = [(DECIMALS_AT, &decimals), (ROWS_AT, &count.to_le_bytes())];
    let lists = write_part("list of price lists", lists)?;
    Ok(LAYOUT.seal(&fields, [&lists, &payload])?)
}

#[cfg(test)]
mod tests;
