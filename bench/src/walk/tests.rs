//! Every walk gives the same margins, or the benchmark compares nothing.

use inference::Features;
use inference::form::{Node, Trees};

use super::pointer;
use super::sketch::Sketch;
use crate::table::split_mix;

/// Trees of random shapes, at most seven splits deep.
fn trees(seed: u64) -> Trees {
    let mut state = seed;
    let (mut roots, mut nodes) = (Vec::new(), Vec::new());
    for _ in 0..35 {
        roots.push(u32::try_from(nodes.len()).unwrap());
        grow(&mut state, 0, &mut nodes);
    }
    Trees::new(7.5, 1.0 / 1024.0, roots, nodes).unwrap()
}

fn grow(state: &mut u64, depth: u32, nodes: &mut Vec<Node>) {
    if depth == 7 || below(state, 8) == 0 {
        nodes.push(Node::Leaf(f32::from(below(state, 600)) - 300.0));
        return;
    }
    let here = nodes.len();
    nodes.push(Node::Split {
        feature: u8::try_from(below(state, 9)).unwrap(),
        missing_left: below(state, 2) == 0,
        left_fraction: 1 << 15,
        threshold: f32::from(below(state, 50)),
        right: 0,
    });
    grow(state, depth + 1, nodes);
    let next = u32::try_from(nodes.len()).unwrap();
    if let Node::Split { right, .. } = &mut nodes[here] {
        *right = next;
    }
    grow(state, depth + 1, nodes);
}

fn below(state: &mut u64, end: u64) -> u16 {
    u16::try_from(split_mix(state) % end).unwrap()
}

#[test]
fn every_walk_gives_the_same_margin() {
    for seed in 0..20 {
        let trees = trees(seed);
        let sketch = Sketch::of(&trees).unwrap();
        let mut state = seed;
        for _ in 0..200 {
            let row =
                Features::from_values([0; 9].map(|_: u8| f64::from(below(&mut state, 52)) - 1.0));
            let expected = trees.margin(&row).to_bits();
            assert_eq!(pointer::margin(&trees, &row).to_bits(), expected, "seed {seed}: {row:?}");
            assert_eq!(sketch.margin(&row).to_bits(), expected, "seed {seed}: {row:?}");
        }
    }
}
