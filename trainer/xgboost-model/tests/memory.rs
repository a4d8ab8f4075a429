//! Checks that reading takes no more memory than promised, whatever the bytes.

mod support;

use serde_json::json;
use xgboost_model::{MAX_MEMORY_PER_BYTE, read};

use self::support::{model, split_by_category, tree};

fn check(what: &str, bytes: &[u8]) {
    let info = allocation_counter::measure(|| _ = read(bytes));
    let multiple = info.bytes_max as f64 / bytes.len() as f64;
    println!("{multiple:6.1} {what}");
    assert!(multiple <= MAX_MEMORY_PER_BYTE as f64, "{what}: {multiple}");
}

#[test]
fn memory_is_a_small_multiple_of_the_file() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/deep-3.2.0.ubj");
    check("a model", &std::fs::read(file).unwrap());
    let repeated = |what: &str, start: &str, part: &str, end: &str| {
        check(what, format!("{start}{}{end}", part.repeat(1 << 16)).as_bytes());
    };
    repeated("empty names", "{\"\":0", ",\"\":0", "}");
    repeated("escaped names", "{\"\\t\":0", ",\"\\t\":0", "}");
    repeated("empty texts", "{\"a\":[\"\"", ",\"\"", "]}");
    repeated("empty lists", "{\"a\":[[]", ",[]", "]}");
    repeated("objects of one field", "{\"a\":[{\"\":0}", ",{\"\":0}", "]}");
    repeated("numbers", "{\"a\":[0", ",0", "]}");
    repeated("nesting", "{\"a\":", "[", "");
    repeated("UBJSON: empty names", "{", "i\0Z", "}");
    repeated("UBJSON: empty lists", "{i\x01a[", "[]", "]}");
    repeated("UBJSON: empty texts", "{i\x01a[", "Si\0", "]}");
    repeated("UBJSON: nulls", "{i\x01a[", "Z", "]}");
    check("UBJSON: a promise", b"{i\x01a[$d#L\0\0\0\x7f\xff\xff\xff\xff");
    repeated(
        "names of columns",
        "{\"learner\":{\"feature_names\":[\"\"",
        ",\"\"",
        "],\"learner_model_param\":{\"num_feature\":\"1\"},\"objective\":{\"name\":\"reg:gamma\"},\"gradient_booster\":{\"name\":\"gbtree\",\"model\":{\"trees\":[],\"tree_info\":[],\"gbtree_model_param\":{\"num_trees\":\"0\"}}}}}",
    );
    let splits = (1 << 11) - 1;
    let full = |feature: u8| {
        let children = |node| (node < splits).then_some([2 * node + 1, 2 * node + 2]);
        tree(2 * splits + 1, feature, children)
    };
    check("a full tree", &model(&full(0)));
    // Every split is by every second clarity.
    let mut by_category = full(3);
    split_by_category(&mut by_category);
    check("splits by category", &model(&by_category));
    let mut leaves = tree(1 << 12, 0, |_| None);
    leaves["sum_hessian"] = json!(vec![0; 1 << 12]);
    leaves["split_type"] = json!(vec![0; 1 << 12]);
    check("leaves and nothing more", &model(&leaves));
}
