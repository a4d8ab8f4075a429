//! Computes the contributions of features to a sum of trees: path-dependent TreeSHAP by quadrature.
//!
//! Lundberg, Erion and Lee (2018, arXiv:1802.03888) define the output of a tree when only some features are known: a split
//! on an unknown feature sends the row both ways, weighted by the fractions of the training weight. Each leaf then counts
//! with its value times one factor per feature on its path. For an unknown feature the factor is the product `z` of the
//! fractions of its branches; for a known feature it is 1 if the row takes all of these branches, else 0.
//!
//! A Shapley value is the integral, over a probability `t` from 0 to 1, of what knowing the feature adds when every other
//! feature is known with that probability (Owen 1972). For one leaf and feature `i` that is the integral of
//! `leaf * (known_i - z_i) * product over j != i of (z_j + t * (known_j - z_j))`. With ten features it is a polynomial of
//! degree at most 9, and the five-point Gauss-Legendre rule is exact up to degree 9. So five numbers represent a
//! polynomial, and one walk sums up all leaves. As in Linear TreeSHAP (Yu et al. 2022, arXiv:2209.08192), the leaves below
//! a branch are summed together, and the branch's own factor is divided out of the sum.

use super::Explanation;
use crate::features::{FEATURE_COUNT, Features};
use crate::form::{Node, Trees};

/// How many points the quadrature rule has.
const POINTS: usize = 5;
const _: () = assert!(2 * POINTS > FEATURE_COUNT - 1, "the rule must be exact up to this degree");

/// A function of the probability `t`, at the points of the rule.
type Curve = [f64; POINTS];

/// The points of the rule between 0 and 1 (Abramowitz and Stegun 1964, table 25.4).
const POINT_T: Curve = [
    0.046_910_077_030_668_004,
    0.230_765_344_947_158_45,
    0.5,
    0.769_234_655_052_841_5,
    0.953_089_922_969_332,
];

/// The weights of the points.
const WEIGHT: Curve = [
    0.118_463_442_528_094_54,
    0.239_314_335_249_683_24,
    0.284_444_444_444_444_44,
    0.239_314_335_249_683_24,
    0.118_463_442_528_094_54,
];

/// Computes the contributions in one walk over all nodes, without an allocation.
pub(super) fn explain(trees: &Trees, features: &Features) -> Explanation {
    let mut walk = Walk {
        nodes: trees.nodes(),
        row: features.rounded(),
        branches: [Branches::Taken { z: 1.0, inverse: [1.0; POINTS] }; FEATURE_COUNT],
        gains: [[0.0; POINTS]; FEATURE_COUNT],
    };
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
    /// For each feature the branches between the root and the current node.
    branches: [Branches; FEATURE_COUNT],
    /// For each feature the integrand so far.
    gains: [Curve; FEATURE_COUNT],
}

/// The branches at splits of one feature on the current path.
#[derive(Clone, Copy)]
enum Branches {
    /// The row takes them all, so the factor is `z + t (1 - z)`.
    Taken {
        /// The product of their fractions.
        z: f64,
        /// 1 over the factor.
        inverse: Curve,
    },
    /// The row does not take them all, so the factor is `z (1 - t)`.
    Missed,
}

/// One of the two branches of a split.
#[derive(Clone, Copy)]
struct Branch {
    at: u32,
    /// The fraction of the training weight that took this branch.
    fraction: f64,
}

/// Sums over the leaves below a node.
struct Below {
    /// The sum of each leaf times the factors of all features on its path.
    sum: Curve,
    /// The mean of the leaves, weighted by their training weight.
    mean: f64,
}

impl Walk<'_> {
    /// Visits a node; `path` is the product of the factors of all features on its path. The recursion is at most
    /// [`MAX_DEPTH`](crate::form::MAX_DEPTH) deep, which was checked when the form was made.
    fn visit(&mut self, at: u32, path: &Curve) -> Below {
        match self.nodes[at as usize] {
            Node::Leaf(value) => {
                let mean = f64::from(value);
                Below { sum: path.map(|factor| factor * mean), mean }
            }
            Node::Split { feature, missing_left, left_fraction, threshold, right } => {
                let feature = usize::from(feature);
                let fraction = f64::from(left_fraction) / 65_536.0;
                let left = Branch { at: at + 1, fraction };
                let right = Branch { at: right, fraction: 1.0 - fraction };
                let value = self.row[feature];
                let goes_left = if value.is_nan() { missing_left } else { value < threshold };
                let (own, other) = if goes_left { (left, right) } else { (right, left) };
                match self.branches[feature] {
                    Branches::Taken { z, inverse } => {
                        self.visit_taken(feature, z, &inverse, own, other, path)
                    }
                    Branches::Missed => self.visit_missed(own, other, path),
                }
            }
        }
    }

    /// Visits both branches of a split when the row has taken all branches of its feature so far.
    fn visit_taken(
        &mut self,
        feature: usize,
        z: f64,
        inverse: &Curve,
        own: Branch,
        other: Branch,
        path: &Curve,
    ) -> Below {
        let before = self.branches[feature];
        let others = product(path, inverse);

        let own_z = z * own.fraction;
        let own_factor = POINT_T.map(|t| own_z + t * (1.0 - own_z));
        let own_inverse = own_factor.map(|factor| 1.0 / factor);
        self.branches[feature] = Branches::Taken { z: own_z, inverse: own_inverse };
        let own_below = self.visit(own.at, &product(&others, &own_factor));

        let other_z = z * other.fraction;
        let other_factor = POINT_T.map(|t| other_z * (1.0 - t));
        self.branches[feature] = Branches::Missed;
        let other_below = self.visit(other.at, &product(&others, &other_factor));

        self.branches[feature] = before;
        // Adds what knowing the feature adds, relative to its factor. A split of the same feature further up has already
        // counted its own branches for all leaves below it, so that amount is subtracted.
        let gain = &mut self.gains[feature];
        for at in 0..POINTS {
            let counted = (1.0 - z) * inverse[at];
            gain[at] += own_below.sum[at] * ((1.0 - own_z) * own_inverse[at] - counted)
                + other_below.sum[at] * (MISSED[at] - counted);
        }
        Below::both(own, &own_below, other, &other_below)
    }

    /// Visits both branches of a split when the row has missed a branch of its feature further up. What knowing the feature
    /// adds, relative to its factor, does not depend on `z`, and was counted there.
    fn visit_missed(&mut self, own: Branch, other: Branch, path: &Curve) -> Below {
        let own_below = self.visit(own.at, &path.map(|factor| factor * own.fraction));
        let other_below = self.visit(other.at, &path.map(|factor| factor * other.fraction));
        Below::both(own, &own_below, other, &other_below)
    }
}

/// What knowing a feature adds, relative to its factor, where the row misses a branch: `(0 - z) / (z (1 - t))`.
const MISSED: Curve = {
    let mut relative = POINT_T;
    let mut at = 0;
    while at < POINTS {
        relative[at] = -1.0 / (1.0 - POINT_T[at]);
        at += 1;
    }
    relative
};

impl Below {
    fn both(one: Branch, below_one: &Below, other: Branch, below_other: &Below) -> Below {
        let mut sum = below_one.sum;
        for (sum, more) in sum.iter_mut().zip(below_other.sum) {
            *sum += more;
        }
        Below { sum, mean: one.fraction * below_one.mean + other.fraction * below_other.mean }
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
