//! Decoding takes no more memory than promised, whatever the bytes promise.

use inference::blob::{decode, encode, most_memory};
use inference::form::{Basis, Linear, Node, Term, Trees};
use inference::{Form, Model, image};

#[path = "properties/seeds.rs"]
mod seeds;

/// Decodes as many trees as make 200,000 nodes, and returns how much of the promised memory that took, in percent.
fn check(nodes_a_tree: usize, leaf: f32) -> u64 {
    const NODES: usize = 200_000;
    let mut nodes = Vec::with_capacity(NODES);
    let mut roots = Vec::new();
    while nodes.len() < NODES {
        roots.push(place(nodes.len()));
        // One question again and again costs next to nothing.
        for _ in 1..nodes_a_tree.div_ceil(2) {
            let right = place(nodes.len() + 2);
            let (missing_left, left_share) = (true, 1 << 15);
            let split = Node::Split { feature: 0, missing_left, left_share, threshold: 1.0, right };
            nodes.extend([split, Node::Leaf(leaf)]);
        }
        nodes.push(Node::Leaf(leaf));
    }
    let form = Form::Trees(Trees::new(8.0, 1.0, roots, nodes).expect("sound trees"));
    let header = seeds::models().remove(0).header;
    let blob = encode(&Model { header, form }).expect("a blob");
    let info = allocation_counter::measure(|| drop(decode(&blob).expect("a model")));
    let most = most_memory(blob.len()) as u64;
    assert!(info.bytes_max <= most, "{nodes_a_tree}: {} of {most}", info.bytes_max);
    check_image(&blob);
    info.bytes_max * 100 / most
}

/// Loads the image of a blob within the memory that was promised, and returns how much of it that took, in percent.
fn check_image(blob: &[u8]) -> u64 {
    let image = image::encode(blob).expect("an image");
    let info = allocation_counter::measure(|| drop(image::decode(&image).expect("a model")));
    let most = image::most_memory(image.len()) as u64;
    assert!(info.bytes_max <= most, "{} of {most}", info.bytes_max);
    info.bytes_max * 100 / most
}

fn place(at: usize) -> u32 {
    u32::try_from(at).expect("few enough")
}

#[test]
fn a_blob_that_promises_the_most_nodes_takes_no_more_memory_than_promised() {
    // As many as a payload may hold, where they cost next to nothing, in every layout.
    let taken = [1, 3, 5, 21, 129].map(|nodes_a_tree| check(nodes_a_tree, 1.0));
    // Else the promise would be worth little.
    assert!(taken.iter().any(|percent| *percent > 20), "{taken:?}");
    check(1, 0.5);
}

#[test]
fn every_kind_of_model_is_decoded_within_its_memory() {
    for model in seeds::models() {
        let blob = encode(&model).expect("a blob");
        let info = allocation_counter::measure(|| drop(decode(&blob).expect("a model")));
        assert!(info.bytes_max <= most_memory(blob.len()) as u64, "{info:?}");
    }
}

#[test]
fn every_kind_of_image_is_loaded_within_its_memory() {
    let blob = |model| encode(&model).expect("a blob");
    let taken: Vec<u64> = seeds::models().into_iter().map(|m| check_image(&blob(m))).collect();
    // Nothing but terms of a sum, and nothing but thresholds: what takes most for its bytes.
    let term = Term { basis: Basis::Level(1, 200), weight: 1.7, mean: 0.4 };
    let sum = Linear::new(1.0, vec![term; 50_000]).expect("a sound sum");
    let header = seeds::models().remove(0).header;
    let sums = check_image(&blob(Model { header, form: Form::Linear(sum) }));
    let cuts = check_image(&blob(thresholds(20_000)));
    assert!(
        sums > 20 && cuts > 20,
        "else the promise would be worth little: {sums} {cuts} {taken:?}"
    );
}

/// A stump for each of so many thresholds of one feature, half of them with missing values to the left.
fn thresholds(count: u32) -> Model {
    let (mut nodes, mut roots) = (Vec::new(), Vec::new());
    for at in 0..count {
        roots.push(place(nodes.len()));
        let right = place(nodes.len() + 2);
        let threshold = f32::from_bits(0x3f80_0000 + at);
        let (missing_left, left_share) = (at % 2 == 0, 1 << 15);
        let split = Node::Split { feature: 0, missing_left, left_share, threshold, right };
        nodes.extend([split, Node::Leaf(1.0), Node::Leaf(2.0)]);
    }
    let form = Form::Trees(Trees::new(8.0, 1.0, roots, nodes).expect("sound trees"));
    Model { header: seeds::models().remove(2).header, form }
}
