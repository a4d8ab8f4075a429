//! Holds the probability of each symbol in its context: the writer counts symbols, the payload carries the counts.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use super::table::{CumulativeTable, Table, WEIGHT_STEPS, step, weight};
use crate::features::FEATURE_COUNT;
use crate::form::MAX_DEPTH;
use crate::stream::Stream;

/// What the probability of a symbol depends on. Each context has a table of its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Context {
    /// Whether a node is a split, by its level.
    IsSplit(usize),
    /// The feature of a split, by that of its parent; [`FEATURE_COUNT`] at a root.
    Feature(usize),
    /// Whether missing values go left, by the feature.
    MissingLeft(usize),
    /// A leaf, by the group of its tree.
    Leaf(usize),
    /// The upper bits of a left fraction, by their number and by where in its span the threshold lies.
    LeftFraction(usize, usize),
}

/// How many symbols there are for leaves.
pub(super) const LEAF_SYMBOLS: usize = 256;

/// Into how many groups the trees of an ensemble are divided: leaves become smaller as the ensemble grows.
pub(super) const LEAF_GROUPS: usize = 24;

/// How many bits a left fraction has at most.
pub(super) const FRACTION_BITS: u32 = 16;

/// How many bits of a left fraction are a symbol, at most; those below are equally likely.
pub(super) const FRACTION_SYMBOL_BITS: usize = 4;

/// Into how many parts a span is divided: a threshold near the start of its span sends little weight left.
pub(super) const SPAN_PARTS: usize = 8;

/// For each kind of context, in the order of [`Context`]: how many there are, and how many symbols each has.
const KINDS: [(usize, usize); 5] = [
    (MAX_DEPTH + 1, 2),
    (FEATURE_COUNT + 1, FEATURE_COUNT),
    (FEATURE_COUNT, 2),
    (LEAF_GROUPS, LEAF_SYMBOLS),
    (FRACTION_SYMBOL_BITS * SPAN_PARTS, 1 << FRACTION_SYMBOL_BITS),
];

impl Context {
    /// The index of its table among those of all kinds.
    #[inline]
    fn index(self) -> usize {
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
            Context::Leaf(group) => FIRST[3] + group,
            Context::LeftFraction(bits, part) => FIRST[4] + (bits - 1) * SPAN_PARTS + part,
        }
    }
}

/// Codes symbols by their context: either counts them, or codes them with known probabilities.
pub(super) trait Coder {
    /// A symbol.
    fn symbol(&mut self, context: Context, symbol: u8) -> u8;

    /// The index of one of a feature's thresholds from `start` to before `end`; `None` where none of them is possible.
    fn threshold(&mut self, feature: usize, start: u16, end: u16, index: u16) -> Option<u16>;

    /// A number of up to 31 bits, all equally likely.
    fn bits(&mut self, count: u32, number: u32) -> u32;
}

/// Counts how often each symbol and threshold occurs.
pub(super) struct Frequencies {
    symbols: Vec<Vec<u32>>,
    thresholds: Vec<Vec<u32>>,
}

impl Frequencies {
    /// Starts with counts of 0; `thresholds` says how many each feature has.
    pub(super) fn new(thresholds: [usize; FEATURE_COUNT]) -> Frequencies {
        let symbols = KINDS.into_iter().flat_map(|(count, symbols)| vec![vec![0; symbols]; count]);
        Frequencies {
            symbols: symbols.collect(),
            thresholds: thresholds.map(|count| vec![0; count]).to_vec(),
        }
    }
}

impl Coder for Frequencies {
    fn symbol(&mut self, context: Context, symbol: u8) -> u8 {
        self.symbols[context.index()][usize::from(symbol)] += 1;
        symbol
    }

    fn threshold(&mut self, feature: usize, start: u16, end: u16, index: u16) -> Option<u16> {
        self.thresholds[feature][usize::from(index)] += 1;
        (start..end).contains(&index).then_some(index)
    }

    fn bits(&mut self, _: u32, number: u32) -> u32 {
        number
    }
}

/// The probabilities of all symbols and thresholds.
pub(super) struct ProbabilityModel {
    tables: Vec<Rc<Table>>,
    cumulative: Vec<Option<CumulativeTable>>,
}

impl ProbabilityModel {
    /// Codes the counts, rounded by at most a fifth, so that writer and reader use the same. When reading, `frequencies`
    /// is empty.
    pub(super) fn code(stream: &mut impl Stream, frequencies: &Frequencies) -> ProbabilityModel {
        let tables = weights(stream, &frequencies.symbols);
        let cumulative = weights(stream, &frequencies.thresholds);
        let nothing = Rc::new(Table::of(&[]));
        ProbabilityModel {
            tables: tables
                .iter()
                .map(|weights| match weights.iter().any(|weight| *weight > 0) {
                    true => Rc::new(Table::of(weights)),
                    // Most contexts never occur.
                    false => Rc::clone(&nothing),
                })
                .collect(),
            cumulative: cumulative.iter().map(|weights| CumulativeTable::of(weights)).collect(),
        }
    }
}

/// Codes lists of counts as weights: first the probability of each step, then for each list whether it has any, up to
/// which index, and its steps.
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
    let of_step = of_step.map(|count| weight(stream.bits(6, u32::from(step(count)))));
    let table = Table::of(&of_step);
    lists
        .into_iter()
        .map(|(length, given)| {
            // 17 bits hold the number of thresholds of any feature.
            let used = if stream.bits(1, u32::from(!given.is_empty())) == 0 {
                0
            } else {
                stream.bits(17, u32::try_from(given.len()).unwrap_or(0)) as usize
            };
            let mut weights = vec![0; length];
            for (at, slot) in weights.iter_mut().take(used).enumerate() {
                let given = given.get(at).copied().unwrap_or(0);
                *slot = weight(u32::from(stream.symbol(&table, given)));
            }
            weights
        })
        .collect()
}

/// Codes by a probability model, to two streams: one for the shape of trees, one for their values. A reader's next step
/// in one does not wait for its last step in the other.
pub(super) struct ModelCoder<'a, S> {
    pub(super) model: &'a ProbabilityModel,
    pub(super) shape: &'a mut S,
    pub(super) values: &'a mut S,
}

impl<S: Stream> Coder for ModelCoder<'_, S> {
    #[inline(always)]
    fn symbol(&mut self, context: Context, symbol: u8) -> u8 {
        let table = self.model.tables[context.index()].as_ref();
        match context {
            Context::IsSplit(_) | Context::Feature(_) => self.shape.symbol(table, symbol),
            Context::MissingLeft(_) | Context::Leaf(_) | Context::LeftFraction(..) => {
                self.values.symbol(table, symbol)
            }
        }
    }

    #[inline(always)]
    fn threshold(&mut self, feature: usize, start: u16, end: u16, index: u16) -> Option<u16> {
        let sub_range = self.model.cumulative.get(feature)?.as_ref()?.sub_range(start, end)?;
        Some(self.shape.symbol(&sub_range, index))
    }

    #[inline]
    fn bits(&mut self, count: u32, number: u32) -> u32 {
        self.values.bits(count, number)
    }
}
