//! Checks that every error in a document names the place, what was found and what is allowed.

mod support;

use inference::Features;
use inference::features::FEATURE_COUNT;
use inference::form::Node;
use xgboost_model::read;

use self::support::{model, split_by_category, tree};

/// A model of one tree: a split by clarity in a set, whose left side is split again by carat.
const MODEL: &str = r#"{
  "learner": {
    "attributes": {},
    "feature_names": [],
    "learner_model_param": {"base_score": "5E-1", "num_class": "0", "num_feature": "9", "num_target": "1"},
    "objective": {"name": "reg:squarederror"},
    "gradient_booster": {
      "name": "gbtree",
      "model": {
        "gbtree_model_param": {"num_trees": "1", "num_parallel_tree": "1"},
        "tree_info": [0],
        "trees": [{
          "tree_param": {"num_nodes": "5", "num_deleted": "0", "size_leaf_vector": "1"},
          "left_children": [1, 3, -1, -1, -1],
          "right_children": [2, 4, -1, -1, -1],
          "split_indices": [3, 0, 0, 0, 0],
          "split_conditions": [NaN, 0.5, 3, 1, 2],
          "default_left": [1, 0, 0, 0, 0],
          "sum_hessian": [10, 6, 4, 2, 4],
          "split_type": [1, 0, 0, 0, 0],
          "categories": [2, 5],
          "categories_nodes": [0],
          "categories_segments": [0],
          "categories_sizes": [2]
        }]
      }
    }
  },
  "version": [2, 1, 0]
}"#;

/// Checks the error of a model. `TREE` in the words is the path of its tree.
#[track_caller]
fn check_error(model: &str, words: &str) {
    let said = read(model.as_bytes()).unwrap_err().to_string();
    assert!(
        said.contains(&words.replace("TREE", "learner.gradient_booster.model.trees[0]")),
        "{said}"
    );
}

/// Replaces one text in the model by another, and checks the error.
#[track_caller]
fn check(part: &str, instead: &str, words: &str) {
    assert!(MODEL.contains(part), "{part}");
    check_error(&MODEL.replacen(part, instead, 1), words);
}

/// Replaces the value of the first field of a name, and checks the error.
#[track_caller]
fn check_field(name: &str, value: &str, words: &str) {
    check_error(&with(name, value), words);
}

/// The model with another value of the first field of a name.
fn with(name: &str, value: &str) -> String {
    let (before, after) = MODEL.split_once(&format!("\"{name}\": ")).unwrap();
    let close = match &after[..1] {
        "[" => ']',
        "{" => '}',
        _ => '"',
    };
    let rest = after[1..].split_once(close).unwrap().1;
    format!("{before}\"{name}\": {value}{rest}")
}

#[test]
fn the_model_itself_is_read() {
    let booster = read(MODEL.as_bytes()).unwrap();
    assert_eq!((booster.nodes, booster.trees.base()), (5, 0.5));
    // Four splits separate the runs 0-1, 2, 3-4, 5, 6-7; three of the runs go left, to 3 nodes, and two right, to 1.
    assert_eq!(booster.trees.nodes().len(), 4 + 3 * 3 + 2);
}

#[test]
fn expanded_splits_divide_the_weight_as_the_one_did() {
    let trees = read(MODEL.as_bytes()).unwrap().trees;
    // The leaves are 1, 2 and 3, and of 10 they had 2, 4 and 4.
    let mut shares = [(1.0, 0.0), (2.0, 0.0), (3.0, 0.0)];
    let mut pending = vec![(0, 1.0)];
    while let Some((at, share)) = pending.pop() {
        match trees.nodes()[at] {
            Node::Leaf(value) => {
                let of_leaf =
                    shares.iter_mut().find(|(leaf, _)| f32::total_cmp(leaf, &value).is_eq());
                of_leaf.unwrap().1 += share;
            }
            Node::Split { left_fraction, right, .. } => {
                let left = share * f64::from(left_fraction) / 65_536.0;
                pending.extend([(at + 1, left), (right as usize, share - left)]);
            }
        }
    }
    for ((_, found), expected) in shares.iter().zip([0.2, 0.4, 0.4]) {
        assert!(f64::abs(found - expected) < 1e-4, "{shares:?}");
    }
}

#[test]
fn parts_that_are_missing_or_of_another_kind_are_named() {
    check("\"learner\"", "\"model\"", "learner: nothing where");
    check("\"num_nodes\"", "\"nodes\"", "TREE.tree_param.num_nodes: nothing where");
    check_field("default_left", "\"left\"", "TREE.default_left: a text where a list of numbers");
    check_field("objective", "[1]", "learner.objective: a list of numbers where an object");
    let score = "learner.learner_model_param.base_score: a number where a text";
    check_field("base_score", "0.5", score);
    let four = "TREE.right_children: 4 numbers where 5 were promised";
    check_field("right_children", "[2, 4, -1, -1]", four);
    check_field("categories_sizes", "[]", "TREE.categories_sizes: 0 numbers where 1");
    check_field("categories", "[2]", "TREE.categories: 1 numbers where 2 were promised");
    check_field("tree_info", "[0, 0]", "tree_info: 2 numbers where 1");
}

#[test]
fn values_that_are_not_allowed_are_named() {
    let objective = "\"rank:ndcg\" is not imported; allowed: reg:squarederror, reg:abs";
    check("reg:squarederror", "rank:ndcg", objective);
    check("\"gbtree\"", "\"gbforest\"", "\"gbforest\" is not imported");
    check_field("num_class", "\"3\"", "num_class: the model gives 3 numbers a row");
    check_field("num_target", "\"2\"", "num_target: the model gives 2 numbers a row");
    check_field("size_leaf_vector", "\"2\"", "size_leaf_vector: the model gives 2");
    check_field("tree_info", "[1]", "tree_info: 1; allowed: 0");
    check_field("num_trees", "\"2\"", "trees: 1 trees; allowed: 2");
    check_field("num_trees", "\"-1\"", "num_trees: \"-1\"; allowed: a whole number from 0");
    check_field("version", "[4, 0, 0]", "version: [4, 0, 0]; allowed: three numbers");
    let scores = "base_score: \"[5E-1,1E0]\"; allowed: one number";
    check_field("base_score", "\"[5E-1,1E0]\"", scores);
    check_field("base_score", "\"NaN\"", "base_score: NaN; allowed: a finite number");
    let gamma = with("base_score", "\"-5E-1\"").replace("reg:squarederror", "reg:gamma");
    check_error(&gamma, "-0.5; allowed: a finite number above 0");
    let check = |conditions: &str, words: &str| check_field("split_conditions", conditions, words);
    check("[NaN, NaN, 3, 1, 2]", "TREE.split_conditions[1]: NaN; allowed: a finite");
    check("[NaN, 0.5, 3, 1e39, 2]", "split_conditions[3]: inf; allowed: a finite");
    check("[NaN, 0.5, 3, 1.2.3, 2]", "split_conditions[3]: 1.2.3; allowed: a number");
    let check = |indices: &str, words: &str| check_field("split_indices", indices, words);
    check("[3, 9, 0, 0, 0]", "split_indices[1]: 9; allowed: a column");
    check("[3, 0.5, 0, 0, 0]", "split_indices[1]: 0.5; allowed: a whole number");
    check_field("default_left", "[2, 0, 0, 0, 0]", "default_left[0]: 2; allowed: 0 or 1");
}

#[test]
fn nodes_that_form_no_tree_are_refused() {
    let check =
        |left_children: &str, words: &str| check_field("left_children", left_children, words);
    check("[1, 0, -1, -1, -1]", "TREE: node 0 is the child of more than one");
    check("[1, 2, -1, -1, -1]", "node 2 is the child of more than one");
    check("[1, 9, -1, -1, -1]", "node 9 is missing");
    check("[1, -1, -1, -1, -1]", "node 1 has one child");
    check("[-1, 3, -1, -1, -1]", "node 0 has one child");
    let deleted = "node 2 was deleted and has a parent";
    check_field("split_indices", "[3, 0, 2147483647, 0, 0]", deleted);
    let lost = with("left_children", "[1, -1, -1, -1, -1]");
    let lost = lost.replace("[2, 4, -1, -1, -1]", "[2, -1, -1, -1, -1]");
    check_error(&lost, "node 3 belongs to no branch");
    check_field("num_nodes", "\"0\"", "left_children: 5 numbers where 0");
}

#[test]
fn children_may_come_before_their_parents() {
    let swapped = MODEL
        .replace("[1, 3, -1, -1, -1]", "[4, -1, -1, -1, 1]")
        .replace("[2, 4, -1, -1, -1]", "[3, -1, -1, -1, 2]")
        .replace("[NaN, 0.5, 3, 1, 2]", "[NaN, 1, 2, 3, 0.5]")
        .replace("[10, 6, 4, 2, 4]", "[10, 2, 4, 4, 6]");
    assert_eq!(read(swapped.as_bytes()).unwrap(), read(MODEL.as_bytes()).unwrap());
}

#[test]
fn columns_are_nine_or_named() {
    check_field("num_feature", "\"8\"", "8 columns without names");
    check_field("num_feature", "\"10\"", "10 columns without names; allowed are 9");
    let named = |names: &str, count: usize| {
        let names = format!("\"feature_names\": [{names}]");
        with("num_feature", &format!("\"{count}\"")).replace("\"feature_names\": []", &names)
    };
    assert!(read(named(r#""x", "y", "z", "CLARITY""#, 4).as_bytes()).is_ok());
    let check = |names: &str, count: usize, words: &str| check_error(&named(names, count), words);
    let price = "feature_names: \"price\"; allowed: carat, cut";
    check(r#""x", "y", "z", "price", "clarity""#, 5, price);
    let list =
        "\"price_list\"; allowed: carat, cut, color, clarity, depth, table, x, y, z; an imported";
    check(r#""x", "y", "z", "clarity", "price_list""#, 5, list);
    check(r#""x", "X", "z", "clarity""#, 4, "\"X\" twice; allowed: each feature once");
    check(r#""x", "y", "z", "clarity""#, 5, "num_feature: 5; allowed: 4, as there are names");
    let of_z = "a split by category of z; allowed: splits by category of cut";
    check(r#""x", "y", "clarity", "z""#, 4, of_z);
}

#[test]
fn categories_are_grades() {
    check_field("categories", "[2, 8]", "TREE.split_type[0]: category 8; allowed: 0 to 7");
    check_field("categories", "[2, -1]", "category -1");
    check_field("split_type", "[2, 0, 0, 0, 0]", "split_type[0]: 2");
    check_field("categories_nodes", "[1]", "a split by category without categories");
    check_field("categories_nodes", "[5]", "categories_nodes: 5; allowed: a node");
    let brought = |list: &str| {
        let empty = "{\"values\": []}";
        let lists = [vec![empty; 3], vec![list], vec![empty; 5]].concat().join(", ");
        MODEL.replace("\"trees\"", &format!("\"cats\": {{\"enc\": [{lists}]}}, \"trees\""))
    };
    let codes = brought(r#"{"type": 9, "values": [7, 6, 5, 4, 3, 2, 1, 0, 99]}"#);
    assert!(read(codes.as_bytes()).is_ok());
    let check = |list: &str, words: &str| check_error(&brought(list), words);
    check(r#"{"values": [0, 1, 2]}"#, "enc[3]: no \"VS2\"; allowed: a category for every grade");
    let offsets = r#"{"offsets": [0, 2, 9], "values": [73, 49]}"#;
    check(offsets, "enc[3].values: bytes that are no texts");
    check(r#"{"values": []}, {"values": [1]}"#, "enc: 10 numbers where 9 were promised");
}

#[test]
fn splits_by_category_may_not_grow_without_limit() {
    // Every level splits by every second clarity, and so takes eight times the nodes of the level below.
    let children =
        |node: usize| (node.is_multiple_of(2) && node < 12).then_some([node + 1, node + 2]);
    let mut tree = tree(13, 3, children);
    split_by_category(&mut tree);
    let said = read(&model(&tree)).unwrap_err().to_string();
    assert!(said.contains("more than 8 times as many nodes"), "{said}");
}

#[test]
fn files_of_other_kinds_are_told_apart() {
    let check = |bytes: &[u8], words: &str| {
        let said = read(bytes).unwrap_err().to_string();
        assert!(said.contains(words) && said.contains("save_model"), "{said}");
    };
    check(b"", "an empty file");
    check(b" \n", "an empty file");
    check(b"[{\"nodeid\": 0}]", "dump_model");
    check(b"\x80\x04\x95", "a pickle");
    check(b"binf\0\0", "old binary format");
    check(b"booster[0]:\n0:leaf=1", "what this file holds");
}

#[test]
fn truncated_and_changed_models_never_panic() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for file in ["partition-2.1.4.json", "forest-3.2.0.ubj"] {
        let bytes = std::fs::read(fixtures.join(file)).unwrap();
        for end in (0..bytes.len()).step_by(7) {
            assert!(read(&bytes[..end]).is_err(), "{file}, {end}");
        }
        let mut state = 42_u64;
        for at in (0..bytes.len()).step_by(3) {
            // Knuth's multiplier; any sequence of bytes would do.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let mut changed = bytes.clone();
            changed[at] = state.to_be_bytes()[0];
            if let Ok(booster) = read(&changed) {
                let stone = Features::from_values([0.5; FEATURE_COUNT]);
                assert!(booster.trees.margin(&stone).is_finite());
            }
        }
    }
}
