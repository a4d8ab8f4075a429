//! Checks that decoding takes no more memory than promised, whatever the bytes demand.

use inference::blob::{decode, encode, max_decode_bytes};
use inference::form::{Basis, Linear, Node, Term, Trees};
use inference::{Form, Model, image};

mod properties;

use properties::memory::within;
use properties::{sealed, seeds};

/// Decodes trees of 200,000 nodes in all, and returns how much of the promised memory that took, in percent.
fn check(nodes_per_tree: usize, leaf: f32) -> u64 {
    const NODES: usize = 200_000;
    let mut nodes = Vec::with_capacity(NODES);
    let mut roots = Vec::new();
    while nodes.len() < NODES {
        roots.push(index(nodes.len()));
        // A repeated test takes almost no bytes.
        for _ in 1..nodes_per_tree.div_ceil(2) {
            let right = index(nodes.len() + 2);
            let (missing_left, left_fraction) = (true, 1 << 15);
            let split =
                Node::Split { feature: 0, missing_left, left_fraction, threshold: 1.0, right };
            nodes.extend([split, Node::Leaf(leaf)]);
        }
        nodes.push(Node::Leaf(leaf));
    }
    let form = Form::Trees(Trees::new(8.0, 1.0, roots, nodes).expect("valid trees"));
    let header = seeds::models().remove(0).header;
    let blob = encode(&Model { header, form }).expect("a blob");
    check_image(&blob);
    check_decoding(&blob)
}

/// Decodes a blob within the promised memory, and returns how much of it that took, in percent.
fn check_decoding(blob: &[u8]) -> u64 {
    within(max_decode_bytes(blob.len()), || decode(blob).expect("a model")).1
}

/// Loads the image of a blob within the promised memory.
fn check_image(blob: &[u8]) {
    check_loading(&image::encode(blob).expect("an image"));
}

/// Loads an image within the promised memory, and returns how much of it that took, in percent.
fn check_loading(image: &[u8]) -> u64 {
    within(image::max_decode_bytes(image.len()), || image::decode(image).expect("a model")).1
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("few enough")
}

#[test]
fn a_blob_with_the_most_nodes_keeps_its_memory_limit() {
    // As many nodes as a payload may hold, in every layout.
    let taken = [1, 3, 5, 21, 129].map(|nodes_per_tree| check(nodes_per_tree, 1.0));
    // Otherwise the limit would be too loose to mean much.
    assert!(taken.iter().any(|percent| *percent > 20), "{taken:?}");
    check(1, 0.5);
}

#[test]
fn every_kind_of_model_keeps_its_memory_limit() {
    for model in seeds::models() {
        check_decoding(&encode(&model).expect("a blob"));
    }
}

#[test]
fn every_kind_of_image_keeps_its_memory_limit() {
    for model in seeds::models() {
        check_image(&encode(&model).expect("a blob"));
    }
    // Only terms of a sum, and only thresholds: these take the most memory per byte.
    let term = Term { basis: Basis::Level(1, 200), weight: 1.7, mean: 0.4 };
    let sum = Linear::new(1.0, vec![term; 50_000]).expect("a valid sum");
    let header = seeds::models().remove(0).header;
    let blob = encode(&Model { header, form: Form::Linear(sum) }).expect("a blob");
    let sums = check_loading(&image::encode(&blob).expect("an image"));
    let thresholds =
        [1, 2, 254, 256, 9_000, 18_000, 32_000].map(|count| check_loading(&thresholds(count)));
    let most = thresholds.into_iter().max();
    assert!(
        sums > 40 && most > Some(40),
        "the limit is too loose to mean much: {sums} {thresholds:?}"
    );
}

/// An image of one leaf and so many thresholds of one feature that no split uses.
fn thresholds(count: u16) -> Vec<u8> {
    let model = seeds::models().pop().expect("a model of trees");
    let image = image::encode(&encode(&model).expect("a blob")).expect("an image");
    let header_bytes = u32::from_le_bytes([image[12], image[13], image[14], image[15]]) as usize;
    // Trees with whole leaves, base and unit; both directions of missing values; no other feature, no perfect tree, one
    // sparse tree of one leaf.
    let thresholds =
        (0..u32::from(count)).flat_map(|at| f32::from_bits(0x3f80_0000 + at).to_le_bytes());
    let body = [
        &[1, 0][..],
        &8_f64.to_le_bytes(),
        &1_f64.to_le_bytes(),
        &[3],
        &u32::from(count).to_le_bytes(),
        &thresholds.collect::<Vec<_>>(),
        &[0; 5 * 9],
        &[0, 1, 0, 0, 0, 1, 0, 0, 0],
        &[0; 4 + 4],
        &[255, 0],
        &[0; 8],
    ];
    sealed::sealed(&[&image[..52 + header_bytes], &body.concat()].concat())
}
