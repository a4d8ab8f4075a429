//! Checks trees once, when they are made: whole, not too deep, finite. Walks rely on it.

use alloc::vec::Vec;

use super::{FormError, MAX_DEPTH, Node};
use crate::features::FEATURE_COUNT;

/// Checks that base and unit are finite, and that there is a tree.
pub(super) fn numbers(base: f64, unit: f64, roots: &[u32]) -> Result<(), FormError> {
    scale(base, unit)?;
    if roots.is_empty() { Err(FormError::Empty) } else { Ok(()) }
}

/// Checks base and unit, which turn a sum of leaves into a margin.
pub(super) fn scale(base: f64, unit: f64) -> Result<(), FormError> {
    if !base.is_finite() {
        return Err(FormError::NotFinite { what: "base", at: 0 });
    }
    if !(unit.is_finite() && unit > 0.0) {
        return Err(FormError::NotFinite { what: "unit", at: 0 });
    }
    Ok(())
}

/// Checks that the nodes are whole trees and nothing else.
pub(super) fn trees(roots: &[u32], nodes: &[Node]) -> Result<(), FormError> {
    let mut end = 0;
    for root in roots {
        if *root as usize != end {
            return Err(FormError::BrokenTree { at: end, why: "does not start a tree" });
        }
        end = tree(nodes, end)?;
    }
    if end == nodes.len() {
        Ok(())
    } else {
        Err(FormError::BrokenTree { at: end, why: "belongs to no tree" })
    }
}

/// Checks the tree that starts at `root` and returns where it ends.
fn tree(nodes: &[Node], root: usize) -> Result<usize, FormError> {
    // The right children still to come with their depths, innermost last. In preorder each must start where the left
    // subtree ends.
    let mut pending: Vec<(u32, usize)> = Vec::new();
    let (mut at, mut depth) = (root, 0);
    loop {
        let node = nodes.get(at).ok_or(FormError::BrokenTree { at, why: "is missing" })?;
        self::node(at, node)?;
        if depth > MAX_DEPTH {
            return Err(FormError::BrokenTree { at, why: "is deeper than 64 levels" });
        }
        at += 1;
        match *node {
            Node::Split { right, .. } => {
                depth += 1;
                pending.push((right, depth));
            }
            Node::Leaf(_) => match pending.pop() {
                None => return Ok(at),
                Some((right, its_depth)) if right as usize == at => depth = its_depth,
                Some(_) => {
                    return Err(FormError::BrokenTree { at, why: "is not where its parent says" });
                }
            },
        }
    }
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
