//! Checks that reading takes no more memory than promised, whatever the bytes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use xgboost_model::{MAX_MEMORY_PER_BYTE, read};

/// The system allocator, with a count of the bytes held.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on unchanged to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The peak memory while bytes are read, per byte.
fn multiple(bytes: &[u8]) -> f64 {
    let before = HELD.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let _ = read(bytes);
    (PEAK.load(Ordering::Relaxed) - before) as f64 / bytes.len() as f64
}

fn repeated(start: &str, part: &str, end: &str) -> Vec<u8> {
    format!("{start}{}{end}", part.repeat(1 << 16)).into_bytes()
}

/// A model of one tree with these lists, `nodes` long.
fn tree(nodes: usize, lists: impl Fn(usize) -> [String; 6], more: &str) -> Vec<u8> {
    let list =
        |at: usize| (0..nodes).map(|node| lists(node)[at].clone()).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"learner":{{"learner_model_param":{{"base_score":"0","num_feature":"9"}},"objective":{{"name":"reg:squarederror"}},"gradient_booster":{{"name":"gbtree","model":{{"gbtree_model_param":{{"num_trees":"1"}},"tree_info":[0],"trees":[{{"tree_param":{{"num_nodes":"{nodes}"}},"left_children":[{}],"right_children":[{}],"split_indices":[{}],"split_conditions":[{}],"default_left":[{}],"sum_hessian":[{}]{more}}}]}}}}}},"version":[3,2,0]}}"#,
        list(0), list(1), list(2), list(3), list(4), list(5),
    )
    .into_bytes()
}

/// There is one test only, since memory of other tests would count.
#[test]
fn memory_is_a_small_multiple_of_the_file() {
    let check = |what: &str, bytes: &[u8]| {
        let multiple = multiple(bytes);
        println!("{multiple:6.1} {what}");
        assert!(multiple <= MAX_MEMORY_PER_BYTE as f64, "{what}: {multiple}");
    };
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/deep-3.2.0.ubj");
    check("a model", &std::fs::read(model).unwrap());
    check("empty names", &repeated("{\"\":0", ",\"\":0", "}"));
    check("escaped names", &repeated("{\"\\t\":0", ",\"\\t\":0", "}"));
    check("empty texts", &repeated("{\"a\":[\"\"", ",\"\"", "]}"));
    check("empty lists", &repeated("{\"a\":[[]", ",[]", "]}"));
    check("objects of one field", &repeated("{\"a\":[{\"\":0}", ",{\"\":0}", "]}"));
    check("numbers", &repeated("{\"a\":[0", ",0", "]}"));
    check("nesting", &repeated("{\"a\":", "[", ""));
    check("UBJSON: empty names", &repeated("{", "i\0Z", "}"));
    check("UBJSON: empty lists", &repeated("{i\x01a[", "[]", "]}"));
    check("UBJSON: empty texts", &repeated("{i\x01a[", "Si\0", "]}"));
    check("UBJSON: nulls", &repeated("{i\x01a[", "Z", "]}"));
    check("UBJSON: a promise", b"{i\x01a[$d#L\0\0\0\x7f\xff\xff\xff\xff");
    let names = repeated(
        "{\"learner\":{\"feature_names\":[\"\"",
        ",\"\"",
        "],\"learner_model_param\":{\"num_feature\":\"1\"},\"objective\":{\"name\":\"reg:gamma\"},\"gradient_booster\":{\"name\":\"gbtree\",\"model\":{\"trees\":[],\"tree_info\":[],\"gbtree_model_param\":{\"num_trees\":\"0\"}}}}}",
    );
    check("names of columns", &names);
    // A full tree, and one in which every split is by every second clarity.
    let of = |node: usize, inner: usize, feature: &str| {
        let is_leaf = node >= inner;
        let child = |at: usize| if is_leaf { String::from("-1") } else { at.to_string() };
        [
            child(2 * node + 1),
            child(2 * node + 2),
            feature.into(),
            "0".into(),
            "0".into(),
            "1".into(),
        ]
    };
    check("a full tree", &tree((1 << 12) - 1, |node| of(node, (1 << 11) - 1, "0"), ""));
    let zeros = |count: usize| vec!["0"; count].join(",");
    let inner = (1 << 11) - 1;
    let by_category = format!(
        r#","split_type":[{}],"categories":[{}],"categories_nodes":[{}],"categories_segments":[{}],"categories_sizes":[{}]"#,
        (0..2 * inner + 1)
            .map(|node| if node < inner { "1" } else { "0" })
            .collect::<Vec<_>>()
            .join(","),
        vec!["0,2,4,6"; inner].join(","),
        (0..inner).map(|node| node.to_string()).collect::<Vec<_>>().join(","),
        (0..inner).map(|node| (4 * node).to_string()).collect::<Vec<_>>().join(","),
        vec!["4"; inner].join(","),
    );
    check("splits by category", &tree(2 * inner + 1, |node| of(node, inner, "3"), &by_category));
    check(
        "leaves and nothing more",
        &tree(
            1 << 12,
            |_| ["-1", "-1", "0", "0", "0", "0"].map(String::from),
            &format!(",\"split_type\":[{}]", zeros(1 << 12)),
        ),
    );
}
