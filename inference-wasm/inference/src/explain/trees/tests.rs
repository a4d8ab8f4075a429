//! Compares the contributions with their definition.

use super::*;
use crate::form::{Form, MAX_DEPTH};
use crate::properties::random::Random;

/// A whole number below `bound`.
fn below(random: &mut Random, bound: u16) -> u16 {
    u16::try_from(random.below(u32::from(bound))).unwrap()
}

/// Grows a random tree of at most this depth.
fn grow(random: &mut Random, depth: usize, nodes: &mut Vec<Node>) {
    if depth == 0 || below(random, 8) == 0 {
        nodes.push(Node::Leaf(f32::from(below(random, 2_000)) / 100.0 - 10.0));
        return;
    }
    let here = nodes.len();
    let split = |random: &mut Random, right| Node::Split {
        feature: u8::try_from(below(random, 10)).unwrap(),
        missing_left: below(random, 2) == 0,
        left_fraction: [1, 9, 700, 20_000, 40_000, 65_535][usize::from(below(random, 6))],
        threshold: f32::from(below(random, 10)),
        right,
    };
    nodes.push(split(random, 0));
    grow(random, depth - 1, nodes);
    let next = u32::try_from(nodes.len()).unwrap();
    if let Node::Split { right, .. } = &mut nodes[here] {
        *right = next;
    }
    grow(random, depth - 1, nodes);
}

fn row(random: &mut Random) -> Features {
    Features::from_values([(); FEATURE_COUNT].map(|()| match below(random, 12) {
        10.. => f64::NAN,
        value => f64::from(value),
    }))
}

/// The margin below a node when only the features whose bit is set are known, by definition.
fn expected(nodes: &[Node], at: u32, row: &Features, known: usize) -> f64 {
    match nodes[at as usize] {
        Node::Leaf(value) => f64::from(value),
        Node::Split { feature, missing_left, left_fraction, threshold, right } => {
            let value = row.values()[usize::from(feature)];
            let goes_left =
                if value.is_nan() { missing_left } else { value < f64::from(threshold) };
            let (left, right) =
                (expected(nodes, at + 1, row, known), expected(nodes, right, row, known));
            let fraction = match known & (1 << feature) {
                0 => f64::from(left_fraction) / 65_536.0,
                _ => f64::from(u8::from(goes_left)),
            };
            fraction * left + (1.0 - fraction) * right
        }
    }
}

/// Shapley's formula over all 1,024 sets of known features.
fn shapley(trees: &Trees, row: &Features) -> Explanation {
    let of = |known: usize| {
        let roots = trees.roots().iter();
        let sum: f64 = roots.map(|root| expected(trees.nodes(), *root, row, known)).sum();
        trees.base() + trees.unit() * sum
    };
    let margins: Vec<f64> = (0..1 << FEATURE_COUNT).map(of).collect();
    // The probability that exactly these features come before a given other one in a random order: 1/10 for their number,
    // divided by how many sets of that size there are.
    let probability = |known: usize| {
        let sets = [1.0, 9.0, 36.0, 84.0, 126.0, 126.0, 84.0, 36.0, 9.0, 1.0];
        1.0 / (10.0 * sets[known.count_ones() as usize])
    };
    let effect = |feature: usize| {
        (0..1 << FEATURE_COUNT)
            .filter(|known| known & (1 << feature) == 0)
            .map(|known| probability(known) * (margins[known | (1 << feature)] - margins[known]))
            .sum()
    };
    Explanation { base_margin: margins[0], effects: core::array::from_fn(effect) }
}

fn assert_close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 1e-9, "{what}: {found} and {expected}");
}

#[test]
fn the_effects_follow_from_all_sets_of_features() {
    let mut random = Random(7);
    for case in 0..60 {
        let (mut roots, mut nodes) = (Vec::new(), Vec::new());
        for _ in 0..1 + case % 3 {
            roots.push(u32::try_from(nodes.len()).unwrap());
            grow(&mut random, 1 + case % 11, &mut nodes);
        }
        let trees = Trees::new(7.5, 0.25, roots, nodes).unwrap();
        let row = row(&mut random);
        let (found, expected) = (explain(&trees, &row), shapley(&trees, &row));
        assert_close(found.base_margin, expected.base_margin, "base");
        for (feature, effect) in found.effects.into_iter().enumerate() {
            assert_close(effect, expected.effects[feature], "effect");
        }
    }
}

#[test]
fn the_effects_on_the_longest_path_add_up() {
    // The features take turns, and each split sends nearly all weight the other way.
    let last = u32::try_from(MAX_DEPTH).unwrap();
    let levels = (0..last).flat_map(|level| {
        let split = Node::Split {
            feature: u8::try_from(level % 10).unwrap(),
            missing_left: false,
            left_fraction: 65_535,
            threshold: 0.5,
            right: 2 * level + 2,
        };
        [split, Node::Leaf(1.0)]
    });
    let nodes = levels.chain([Node::Leaf(100.0)]).collect();
    let form = Form::Trees(Trees::new(0.0, 1.0, vec![0], nodes).unwrap());
    let row = Features::from_values([1.0; FEATURE_COUNT]);
    let Explanation { base_margin, effects } = Explanation::of(&form, &row);
    assert_close(base_margin, 1.0, "base");
    assert_close(base_margin + effects.iter().sum::<f64>(), form.margin(&row), "sum");
}

#[test]
fn the_rule_is_exact_up_to_degree_nine() {
    for degree in 0..10 {
        let power = POINT_T.map(|t| (0..degree).fold(1.0, |power, _| power * t));
        let expected = 1.0 / f64::from(degree + 1);
        assert!((integral(&power) - expected).abs() < 1e-15, "{degree}");
    }
}
