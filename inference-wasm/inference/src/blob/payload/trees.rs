//! Writes and reads trees near their entropy: a count of all symbols first, then each node by its probability.

use alloc::vec::Vec;

use super::nodes::NodeCoder;
use super::probability_model::{Frequencies, ModelCoder, ProbabilityModel};
use super::trees_header::TreesHeader;
use super::{UNREADABLE, thresholds};
use crate::ans::{Reader, Writer};
use crate::blob::BlobError;
use crate::form::{IndexedThresholds, Thresholds, Trees};
use crate::stream::Stream;

/// A payload holds at most this many nodes per word of four bytes, whatever the probabilities, so that a few bytes
/// cannot demand much memory. Real ensembles have fewer than eight.
const MAX_NODES_PER_WORD: usize = 16;

/// Writes trees.
pub(super) fn write(trees: &Trees) -> Result<Vec<u8>, BlobError> {
    let indexed = IndexedThresholds::of(trees.nodes())?;
    let IndexedThresholds { thresholds, threshold_index } = &indexed;
    let nodes = |header| NodeCoder::new(header, thresholds, trees.nodes(), threshold_index);
    let no_frequencies = || Frequencies::new(thresholds.each_ref().map(Vec::len));
    let (mut header, mut frequencies) = (TreesHeader::of(trees), no_frequencies());
    if nodes(header).code(&mut frequencies).is_err() {
        // A split repeats a test that a split above it has already decided.
        (header.narrowing, frequencies) = (false, no_frequencies());
        nodes(header).code(&mut frequencies)?;
    }

    let (mut shape, mut values) = (Writer::default(), Writer::default());
    TreesHeader::code(&mut shape, header);
    code_thresholds(&mut shape, thresholds)?;
    let model = ProbabilityModel::code(&mut shape, &frequencies);
    let mut coder = ModelCoder { model: &model, shape: &mut shape, values: &mut values };
    nodes(header).code(&mut coder)?;
    let (shape, values) = (shape.finish(), values.finish());
    let shape_words = u32::try_from(shape.len() / 4).map_err(|_| UNREADABLE)?;
    let mut bytes = [&shape_words.to_le_bytes(), shape.as_slice(), values.as_slice()].concat();
    let least_words = trees.nodes().len().div_ceil(MAX_NODES_PER_WORD);
    bytes.resize(bytes.len().max(4 * least_words), 0);
    Ok(bytes)
}

/// Reads trees, in time and memory proportional to the bytes, whatever they are.
pub(super) fn read(bytes: &[u8]) -> Result<Trees, BlobError> {
    let (words, rest) = bytes.as_chunks();
    let (shape_words, parts) = words.split_first().filter(|_| rest.is_empty()).ok_or(UNREADABLE)?;
    let (shape, values) =
        parts.split_at_checked(u32::from_le_bytes(*shape_words) as usize).ok_or(UNREADABLE)?;
    let (mut shape, mut values) = (Reader::new(shape), Reader::new(values));
    let header = TreesHeader::code(&mut shape, TreesHeader::default());
    let least_words = (header.nodes as usize).div_ceil(MAX_NODES_PER_WORD);
    if header.root_fraction_bits == 0 || least_words > words.len() {
        return Err(UNREADABLE);
    }
    let thresholds = code_thresholds(&mut shape, &Thresholds::default())?;
    let model =
        ProbabilityModel::code(&mut shape, &Frequencies::new(thresholds.each_ref().map(Vec::len)));
    let mut coder = ModelCoder { model: &model, shape: &mut shape, values: &mut values };
    let NodeCoder { roots, nodes, threshold_index, stats, .. } =
        NodeCoder::new(header, &thresholds, &[], &[]).code(&mut coder)?;
    let may_be_padded = words.len() == least_words;
    if !shape.is_at_the_end(false) || !values.is_at_the_end(may_be_padded) {
        return Err(UNREADABLE);
    }
    let indexed = IndexedThresholds { thresholds, threshold_index };
    Ok(Trees::from_indexed(header.base, header.unit, roots, nodes, &indexed, &stats)?)
}

/// Codes the thresholds of all features.
fn code_thresholds(stream: &mut impl Stream, given: &Thresholds) -> Result<Thresholds, BlobError> {
    let mut all = Thresholds::default();
    for (thresholds, given) in all.iter_mut().zip(given) {
        *thresholds = thresholds::code(stream, given).ok_or(UNREADABLE)?;
    }
    Ok(all)
}
