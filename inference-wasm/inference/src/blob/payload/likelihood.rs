//! How likely each symbol is where it stands: counted by the writer, carried in the payload.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use super::stream::Stream;
use super::table::{Spectrum, Table, WEIGHT_STEPS, step, weight};
use crate::features::FEATURE_COUNT;
use crate::form::MAX_DEPTH;

/// What decides how likely a symbol is. Each context has a table of its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Context {
    /// Whether a node of this level is a split.
    IsSplit(usize),
    /// The feature of a split, by its parent's; [`FEATURE_COUNT`] at a root.
    Feature(usize),
    /// Whether missing values go left, by the feature.
    MissingLeft(usize),
    /// A leaf, by how far the ensemble has come.
    Leaf(usize),
    /// The upper bits of a share, by how many they are and by where in its span the cut lies.
    Share(usize, usize),
}

/// How many symbols a leaf is one of.
pub(super) const LEAF_SYMBOLS: usize = 256;

/// In how many bands an ensemble is divided for its leaves, which become smaller as it grows.
pub(super) const LEAF_BANDS: usize = 24;

/// The most bits a share has.
pub(super) const SHARE_BITS: u32 = 16;

/// How many bits of a share are a symbol, at most; those below are evenly spread.
pub(super) const SHARE_SYMBOL_BITS: usize = 4;

/// In how many parts a span is divided for the shares of its cuts: a cut near the start sends little to the left.
pub(super) const SPAN_PARTS: usize = 8;

/// The kinds of contexts, in the order of [`Context`]: how many of each there are, and how many symbols they have.
const KINDS: [(usize, usize); 5] = [
    (MAX_DEPTH + 1, 2),
    (FEATURE_COUNT + 1, FEATURE_COUNT),
    (FEATURE_COUNT, 2),
    (LEAF_BANDS, LEAF_SYMBOLS),
    (SHARE_SYMBOL_BITS * SPAN_PARTS, 1 << SHARE_SYMBOL_BITS),
];

impl Context {
    /// Its number, counted through all kinds.
    #[inline]
    fn number(self) -> usize {
        const FIRST: [usize; KINDS.len()] = {
            let mut first = [0; KINDS.len()];
            let mut kind = 1;
            while kind < KINDS.len() {
                first[kind] = first[kind - 1] + KINDS[kind - 1].0;
                kind += 1;
            }
            first
        };
        match self {
            Context::IsSplit(level) => FIRST[0] + level,
            Context::Feature(parent) => FIRST[1] + parent,
            Context::MissingLeft(feature) => FIRST[2] + feature,
            Context::Leaf(band) => FIRST[3] + band,
            Context::Share(bits, part) => FIRST[4] + (bits - 1) * SPAN_PARTS + part,
        }
    }
}

/// A stream that knows how likely everything is, or counts to learn it.
pub(super) trait Coder {
    /// A symbol.
    fn symbol(&mut self, context: Context, symbol: u8) -> u8;

    /// One of a feature's cuts from `start` to before `end`; `None` where none of them can come.
    fn cut(&mut self, feature: usize, start: u16, end: u16, cut: u16) -> Option<u16>;

    /// A number of up to 31 bits, all numbers equally likely: a part of a value.
    fn bits(&mut self, count: u32, number: u32) -> u32;
}

/// Counts what comes.
pub(super) struct Tally {
    symbols: Vec<Vec<u32>>,
    cuts: Vec<Vec<u32>>,
}

impl Tally {
    /// Nothing counted yet; `cuts` says how many each feature has.
    pub(super) fn new(cuts: [usize; FEATURE_COUNT]) -> Tally {
        let symbols = KINDS.into_iter().flat_map(|(count, symbols)| vec![vec![0; symbols]; count]);
        Tally { symbols: symbols.collect(), cuts: cuts.map(|count| vec![0; count]).to_vec() }
    }
}

impl Coder for Tally {
    fn symbol(&mut self, context: Context, symbol: u8) -> u8 {
        self.symbols[context.number()][usize::from(symbol)] += 1;
        symbol
    }

    fn cut(&mut self, feature: usize, _: u16, _: u16, cut: u16) -> Option<u16> {
        self.cuts[feature][usize::from(cut)] += 1;
        Some(cut)
    }

    fn bits(&mut self, _: u32, number: u32) -> u32 {
        number
    }
}

/// How likely everything is.
pub(super) struct Likelihoods {
    tables: Vec<Rc<Table>>,
    spectra: Vec<Option<Spectrum>>,
}

impl Likelihoods {
    /// What was counted, to within a fifth, as both sides then know it. When reading, the tally is an empty one.
    pub(super) fn code(stream: &mut impl Stream, tally: &Tally) -> Likelihoods {
        let tables = weights(stream, &tally.symbols);
        let spectra = weights(stream, &tally.cuts);
        let nothing = Rc::new(Table::of(&[]));
        Likelihoods {
            tables: tables
                .iter()
                .map(|weights| match weights.iter().any(|weight| *weight > 0) {
                    true => Rc::new(Table::of(weights)),
                    // Most contexts never come.
                    false => Rc::clone(&nothing),
                })
                .collect(),
            spectra: spectra.iter().map(|weights| Spectrum::of(weights)).collect(),
        }
    }
}

/// Lists of counts as weights: first how likely each step is, then of each list whether it has any and up to where,
/// then its steps.
fn weights(stream: &mut impl Stream, lists: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let lists: Vec<(usize, Vec<u8>)> = lists
        .iter()
        .map(|counts| {
            let used = counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
            (counts.len(), counts[..used].iter().map(|count| step(*count)).collect())
        })
        .collect();
    let mut of_step = [0; WEIGHT_STEPS as usize];
    lists.iter().flat_map(|(_, steps)| steps).for_each(|step| of_step[usize::from(*step)] += 1);
    let of_step = of_step.map(|count| weight(small(stream.bits(6, u32::from(step(count))))));
    let table = Table::of(&of_step);
    lists
        .into_iter()
        .map(|(length, given)| {
            // 17 bits count the cuts of any feature.
            let used = if stream.bits(1, u32::from(!given.is_empty())) == 0 {
                0
            } else {
                stream.bits(17, u32::try_from(given.len()).unwrap_or(0)) as usize
            };
            let mut weights = vec![0; length];
            for (at, slot) in weights.iter_mut().take(used).enumerate() {
                let given = given.get(at).copied().unwrap_or(0);
                *slot = weight(stream.symbol(&table, given));
            }
            weights
        })
        .collect()
}

/// A number of few bits.
#[expect(clippy::cast_possible_truncation, reason = "six bits")]
fn small(number: u32) -> u8 {
    number as u8
}

/// Streams with all likelihoods. What shapes a tree and what its values are go by streams of their own: a reader's next
/// step in one does not wait for its last step in the other.
pub(super) struct Known<'a, S> {
    pub(super) likelihoods: &'a Likelihoods,
    pub(super) shape: &'a mut S,
    pub(super) values: &'a mut S,
}

impl<S: Stream> Coder for Known<'_, S> {
    #[inline(always)]
    fn symbol(&mut self, context: Context, symbol: u8) -> u8 {
        let table = &self.likelihoods.tables[context.number()];
        match context {
            Context::IsSplit(_) | Context::Feature(_) => self.shape.symbol(table, symbol),
            Context::MissingLeft(_) | Context::Leaf(_) | Context::Share(..) => {
                self.values.symbol(table, symbol)
            }
        }
    }

    #[inline(always)]
    fn cut(&mut self, feature: usize, start: u16, end: u16, cut: u16) -> Option<u16> {
        let band = self.likelihoods.spectra.get(feature)?.as_ref()?.band(start, end)?;
        Some(self.shape.cut(&band, cut))
    }

    #[inline]
    fn bits(&mut self, count: u32, number: u32) -> u32 {
        self.values.bits(count, number)
    }
}
