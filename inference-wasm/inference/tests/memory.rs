//! Decoding takes no more memory than promised, whatever the bytes promise.

use inference::blob::{decode, encode, most_memory};
use inference::form::{Node, Trees};
use inference::{Form, Model};

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
