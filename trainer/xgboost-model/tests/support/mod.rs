//! Models of one tree, whose nodes all have the same feature and weight.

use serde_json::{Value, json};

/// A tree of so many nodes. `children` gives the two children of a split.
pub(crate) fn tree(
    nodes: usize,
    feature: u8,
    children: impl Fn(usize) -> Option<[usize; 2]>,
) -> Value {
    let child = |side: usize| {
        let child = |node| children(node).map_or(json!(-1), |children| json!(children[side]));
        (0..nodes).map(child).collect::<Value>()
    };
    json!({
        "tree_param": { "num_nodes": nodes.to_string() },
        "left_children": child(0),
        "right_children": child(1),
        "split_indices": vec![feature; nodes],
        "split_conditions": vec![0; nodes],
        "default_left": vec![0; nodes],
        "sum_hessian": vec![1; nodes],
    })
}

/// Has every split send every second grade right.
pub(crate) fn split_by_category(tree: &mut Value) {
    let left = tree["left_children"].as_array().unwrap();
    let is_split: Vec<bool> = left.iter().map(|child| *child != json!(-1)).collect();
    let splits: Vec<usize> = (0..is_split.len()).filter(|node| is_split[*node]).collect();
    tree["split_type"] = is_split.iter().map(|is_split| u8::from(*is_split)).collect();
    tree["categories"] = json!([0, 2, 4, 6].repeat(splits.len()));
    tree["categories_segments"] = (0..splits.len()).map(|split| 4 * split).collect();
    tree["categories_sizes"] = json!(vec![4; splits.len()]);
    tree["categories_nodes"] = json!(splits);
}

/// The file of a model of one tree.
pub(crate) fn model(tree: &Value) -> Vec<u8> {
    let model = json!({
        "learner": {
            "learner_model_param": { "base_score": "0", "num_feature": "9" },
            "objective": { "name": "reg:squarederror" },
            "gradient_booster": {
                "name": "gbtree",
                "model": {
                    "gbtree_model_param": { "num_trees": "1" },
                    "tree_info": [0],
                    "trees": [tree],
                },
            },
        },
        "version": [3, 2, 0],
    });
    model.to_string().into_bytes()
}
