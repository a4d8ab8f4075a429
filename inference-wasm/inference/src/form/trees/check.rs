//! Checks trees once, when they are made: whole, not too deep, finite. Walks rely on it.

use alloc::vec::Vec;

use super::{FormError, MAX_DEPTH, Node};
use crate::ensure::ensure;
use crate::features::FEATURE_COUNT;

/// Checks base and unit, which turn a sum of leaves into a margin.
pub(super) fn scale(base: f64, unit: f64) -> Result<(), FormError> {
    ensure(base.is_finite(), FormError::NotFinite { what: "base", at: 0 })?;
    ensure(unit.is_finite() && unit > 0.0, FormError::NotFinite { what: "unit", at: 0 })
}

/// Checks that the nodes are whole trees and nothing else, and that their numbers are finite.
pub(super) fn trees(roots: &[u32], nodes: &[Node]) -> Result<(), FormError> {
    preorder(roots, nodes.len(), |at| {
        node(at, &nodes[at])?;
        Ok(match nodes[at] {
            Node::Split { right, .. } => Some(right),
            Node::Leaf(_) => None,
        })
    })
}

/// Checks that so many nodes are whole trees in preorder and nothing else. `right_of` returns the right child of a split,
/// `None` for a leaf.
pub(super) fn preorder(
    roots: &[u32],
    nodes: usize,
    right_of: impl Fn(usize) -> Result<Option<u32>, FormError>,
) -> Result<(), FormError> {
    // The right children still to come with their depths, innermost last. In preorder each must start where the left
    // subtree ends.
    let mut pending: Vec<(u32, usize)> = Vec::with_capacity(MAX_DEPTH);
    let mut at = 0;
    for root in roots {
        ensure(*root as usize == at, FormError::BrokenTree { at, why: "does not start a tree" })?;
        let mut depth = 0;
        loop {
            ensure(at < nodes, FormError::BrokenTree { at, why: "is missing" })?;
            let right = right_of(at)?;
            let too_deep = FormError::BrokenTree { at, why: "is deeper than 64 levels" };
            ensure(depth <= MAX_DEPTH, too_deep)?;
            at += 1;
            if let Some(right) = right {
                depth += 1;
                pending.push((right, depth));
                continue;
            }
            let Some((right, its_depth)) = pending.pop() else { break };
            let misplaced = FormError::BrokenTree { at, why: "is not where its parent says" };
            ensure(right as usize == at, misplaced)?;
            depth = its_depth;
        }
    }
    ensure(at == nodes, FormError::BrokenTree { at, why: "belongs to no tree" })
}

fn node(at: usize, node: &Node) -> Result<(), FormError> {
    match *node {
        Node::Leaf(value) if !value.is_finite() => Err(FormError::NotFinite { what: "leaf", at }),
        Node::Split { threshold, .. } if !threshold.is_finite() => {
            Err(FormError::NotFinite { what: "threshold", at })
        }
        Node::Split { feature, .. } if usize::from(feature) >= FEATURE_COUNT => {
            Err(FormError::UnknownFeature { at, feature })
        }
        Node::Split { left_fraction: 0, .. } => {
            Err(FormError::BrokenTree { at, why: "sends no training row left" })
        }
        Node::Leaf(_) | Node::Split { .. } => Ok(()),
    }
}
