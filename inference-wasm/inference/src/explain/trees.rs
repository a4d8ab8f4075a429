//! Contributions to a sum of trees: path-dependent TreeSHAP by quadrature.
//!
//! What a tree says when only some features are known is defined by Lundberg, Erion and Lee (2018, arXiv:1802.03888):
//! a split on an unknown feature sends the row both ways, weighed by the shares of the training weight. Of one leaf
//! that is its value times a factor for each feature on the way to it: for an unknown feature the product `z` of the
//! shares of its turns, for a known one 1 if the row takes all of them, else 0.
//!
//! A Shapley value is the integral, over a chance `t` from 0 to 1, of what knowing the feature adds when each other
//! feature is known with that chance (Owen 1972). Of one leaf and feature `i` that is the integral of
//! `leaf * (known_i - z_i) * product over j != i of (z_j + t * (known_j - z_j))`: a polynomial of degree 8 at most, as
//! there are nine features, and the Gauss-Legendre rule of five points is exact up to degree 9. So five numbers stand
//! for a polynomial, and one walk adds up all leaves. That the leaves below a turn can share the work, if the turn's own
//! factor is divided out of their sum, is the idea of Linear TreeSHAP (Yu et al. 2022, arXiv:2209.08192).

use super::Explanation;
use crate::features::{FEATURE_COUNT, Features};
use crate::form::{Node, Trees};

/// How many points the rule has.
const POINTS: usize = 5;
const _: () = assert!(2 * POINTS > FEATURE_COUNT - 1, "the rule must be exact up to this degree");

/// A function of the chance, at the points of the rule.
type Curve = [f64; POINTS];

/// The points between 0 and 1 (Abramowitz and Stegun 1964, table 25.4).
const CHANCE: Curve = [
    0.046_910_077_030_668_004,
    0.230_765_344_947_158_45,
    0.5,
    0.769_234_655_052_841_5,
    0.953_089_922_969_332,
];

/// How much each point counts.
const WEIGHT: Curve = [
    0.118_463_442_528_094_54,
    0.239_314_335_249_683_24,
    0.284_444_444_444_444_44,
    0.239_314_335_249_683_24,
    0.118_463_442_528_094_54,
];

/// The contributions to a sum of trees, in one walk over all nodes that allocates nothing.
pub(super) fn explain(trees: &Trees, features: &Features) -> Explanation {
    let mut walk = Walk::new(trees, features);
    let mean: f64 = trees.roots().iter().map(|root| walk.visit(*root, &[1.0; POINTS]).mean).sum();
    Explanation {
        base_margin: trees.base() + trees.unit() * mean,
        effects: walk.gains.map(|gain| trees.unit() * integral(&gain)),
    }
}

/// A walk over every node of every tree.
struct Walk<'a> {
    nodes: &'a [Node],
    row: [f32; FEATURE_COUNT],
    /// The turns of each feature between the root and the present node.
    turns: [Turns; FEATURE_COUNT],
    /// What is to be integrated for each feature, so far.
    gains: [Curve; FEATURE_COUNT],
}

/// The turns at splits of one feature on the way down.
#[derive(Clone, Copy)]
enum Turns {
    /// The row takes them all, so the factor is `z + t (1 - z)`.
    Taken {
        /// The product of their shares.
        z: f64,
        /// 1 over the factor.
        inverse: Curve,
    },
    /// The row does not take them all, so the factor is `z (1 - t)`.
    Missed,
}

/// One of the two ways at a split.
#[derive(Clone, Copy)]
struct Branch {
    at: u32,
    /// The share of the training weight that went this way.
    share: f64,
}

/// What the leaves below a node add up to.
struct Below {
    /// Each times the factors of all features on the way to it.
    sum: Curve,
    /// Each times its share of the node's training weight.
    mean: f64,
}

impl<'a> Walk<'a> {
    fn new(trees: &'a Trees, features: &Features) -> Walk<'a> {
        Walk {
            nodes: trees.nodes(),
            row: features.rounded(),
            turns: [Turns::Taken { z: 1.0, inverse: [1.0; POINTS] }; FEATURE_COUNT],
            gains: [[0.0; POINTS]; FEATURE_COUNT],
        }
    }

    /// Visits a node; `path` is the product of the factors of all features on the way to it. It calls itself at most
    /// [`MAX_DEPTH`](crate::form::MAX_DEPTH) deep: the form was checked for that when it was made.
    fn visit(&mut self, at: u32, path: &Curve) -> Below {
        match self.nodes[at as usize] {
            Node::Leaf(value) => Below::leaf(f64::from(value), path),
            Node::Split { feature, missing_left, left_fraction, threshold, right } => {
                let feature = usize::from(feature);
                let share = f64::from(left_fraction) / 65_536.0;
                let left = Branch { at: at + 1, share };
                let right = Branch { at: right, share: 1.0 - share };
                let value = self.row[feature];
                let goes_left = if value.is_nan() { missing_left } else { value < threshold };
                let (own, other) = if goes_left { (left, right) } else { (right, left) };
                match self.turns[feature] {
                    Turns::Taken { z, inverse } => {
                        self.turn(feature, z, &inverse, own, other, path)
                    }
                    Turns::Missed => self.pass(own, other, path),
                }
            }
        }
    }

    /// Visits both branches of a split whose feature has sent the row along so far.
    fn turn(
        &mut self,
        feature: usize,
        z: f64,
        inverse: &Curve,
        own: Branch,
        other: Branch,
        path: &Curve,
    ) -> Below {
        let before = self.turns[feature];
        let others = product(path, inverse);

        let own_z = z * own.share;
        let own_factor = CHANCE.map(|chance| own_z + chance * (1.0 - own_z));
        let own_inverse = own_factor.map(|factor| 1.0 / factor);
        self.turns[feature] = Turns::Taken { z: own_z, inverse: own_inverse };
        let own_below = self.visit(own.at, &product(&others, &own_factor));

        let other_z = z * other.share;
        let other_factor = CHANCE.map(|chance| other_z * (1.0 - chance));
        self.turns[feature] = Turns::Missed;
        let other_below = self.visit(other.at, &product(&others, &other_factor));

        self.turns[feature] = before;
        // What knowing the feature adds, relative to its factor: by the turns down to each branch instead of by those
        // down to here, which a split of the same feature further up has counted for all leaves below it.
        let gain = &mut self.gains[feature];
        for at in 0..POINTS {
            let counted = (1.0 - z) * inverse[at];
            gain[at] += own_below.sum[at] * ((1.0 - own_z) * own_inverse[at] - counted)
                + other_below.sum[at] * (MISSED[at] - counted);
        }
        Below::both(own, &own_below, other, &other_below)
    }

    /// Visits both branches of a split whose feature has sent the row elsewhere further up. What knowing it adds,
    /// relative to its factor, is the same whatever `z` is, and was counted there.
    fn pass(&mut self, own: Branch, other: Branch, path: &Curve) -> Below {
        let own_below = self.visit(own.at, &path.map(|factor| factor * own.share));
        let other_below = self.visit(other.at, &path.map(|factor| factor * other.share));
        Below::both(own, &own_below, other, &other_below)
    }
}

/// What knowing a feature adds, relative to its factor, where the row misses a turn: `(0 - z) / (z (1 - t))`.
const MISSED: Curve = {
    let mut relative = CHANCE;
    let mut at = 0;
    while at < POINTS {
        relative[at] = -1.0 / (1.0 - CHANCE[at]);
        at += 1;
    }
    relative
};

impl Below {
    fn leaf(value: f64, path: &Curve) -> Below {
        Below { sum: path.map(|factor| factor * value), mean: value }
    }

    fn both(one: Branch, below_one: &Below, other: Branch, below_other: &Below) -> Below {
        let mut sum = below_one.sum;
        for (sum, more) in sum.iter_mut().zip(below_other.sum) {
            *sum += more;
        }
        Below { sum, mean: one.share * below_one.mean + other.share * below_other.mean }
    }
}

fn product(one: &Curve, other: &Curve) -> Curve {
    let mut product = *one;
    for (product, factor) in product.iter_mut().zip(other) {
        *product *= factor;
    }
    product
}

fn integral(curve: &Curve) -> f64 {
    product(curve, &WEIGHT).into_iter().sum()
}

#[cfg(test)]
mod tests;
