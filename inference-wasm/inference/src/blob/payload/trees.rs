//! Trees near their entropy: what each node is, coded by how likely it is there.

use alloc::vec::Vec;

use super::body::Body;
use super::likelihood::{Known, Likelihoods, Tally};
use super::prelude::Prelude;
use super::stream::Stream;
use super::{UNREADABLE, cuts};
use crate::ans::{Reader, Writer};
use crate::blob::BlobError;
use crate::form::{Cuts, Numbered, Trees};

/// Whatever the likelihoods, a payload holds at most this many nodes for each of its words of four bytes, so that a few
/// bytes cannot ask for all memory. Real ensembles have fewer than eight.
const MOST_NODES_A_WORD: usize = 16;

/// Writes trees.
pub(super) fn write(trees: &Trees) -> Result<Vec<u8>, BlobError> {
    let numbered = Numbered::of(trees.nodes())?;
    let prelude = Prelude::of(trees, &numbered);
    let mut tally = Tally::new(numbered.cuts.each_ref().map(Vec::len));
    Body::new(prelude, &numbered.cuts, trees.nodes(), &numbered.cut_of).code(&mut tally)?;

    let (mut shape, mut values) = (Writer::default(), Writer::default());
    Prelude::code(&mut shape, prelude);
    code_cuts(&mut shape, &numbered.cuts)?;
    let likelihoods = Likelihoods::code(&mut shape, &tally);
    let mut known = Known { likelihoods: &likelihoods, shape: &mut shape, values: &mut values };
    Body::new(prelude, &numbered.cuts, trees.nodes(), &numbered.cut_of).code(&mut known)?;
    let (shape, values) = (shape.finish(), values.finish());
    let shape_words = u32::try_from(shape.len() / 4).map_err(|_| UNREADABLE)?;
    let mut bytes = [&shape_words.to_le_bytes(), shape.as_slice(), values.as_slice()].concat();
    let least_words = trees.nodes().len().div_ceil(MOST_NODES_A_WORD);
    bytes.resize(bytes.len().max(4 * least_words), 0);
    Ok(bytes)
}

/// Reads trees. Takes time and memory in proportion to the bytes, whatever they are.
pub(super) fn read(bytes: &[u8]) -> Result<Trees, BlobError> {
    let (words, rest) = bytes.as_chunks();
    let (shape_words, parts) = words.split_first().filter(|_| rest.is_empty()).ok_or(UNREADABLE)?;
    let (shape, values) =
        parts.split_at_checked(u32::from_le_bytes(*shape_words) as usize).ok_or(UNREADABLE)?;
    let (mut shape, mut values) = (Reader::new(shape), Reader::new(values));
    let prelude = Prelude::code(&mut shape, Prelude::default());
    let least_words = (prelude.nodes as usize).div_ceil(MOST_NODES_A_WORD);
    if prelude.root_share_bits == 0 || least_words > words.len() {
        return Err(UNREADABLE);
    }
    let cuts = code_cuts(&mut shape, &Cuts::default())?;
    let likelihoods = Likelihoods::code(&mut shape, &Tally::new(cuts.each_ref().map(Vec::len)));
    let mut known = Known { likelihoods: &likelihoods, shape: &mut shape, values: &mut values };
    let Body { roots, nodes, cut_of, census, .. } =
        Body::new(prelude, &cuts, &[], &[]).code(&mut known)?;
    let may_be_padded = words.len() == least_words;
    if !shape.is_at_the_end(false) || !values.is_at_the_end(may_be_padded) {
        return Err(UNREADABLE);
    }
    let numbered = Numbered { cuts, cut_of };
    Ok(Trees::numbered(prelude.base, prelude.unit, roots, nodes, &numbered, &census)?)
}

fn code_cuts(stream: &mut impl Stream, given: &Cuts) -> Result<Cuts, BlobError> {
    let mut all = Cuts::default();
    for (cuts, given) in all.iter_mut().zip(given) {
        *cuts = cuts::code(stream, given).ok_or(UNREADABLE)?;
    }
    Ok(all)
}
