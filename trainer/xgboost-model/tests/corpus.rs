//! What fuzzing found worth keeping, replayed: the same checks as in the fuzz target `xgboost_import`, without a fuzzer.

use std::fs;
use std::path::Path;

#[path = "../../../inference-wasm/inference/tests/properties/model.rs"]
mod model;

#[path = "../../../inference-wasm/inference/tests/properties/stones.rs"]
mod stones;

#[path = "../../../inference-wasm/inference/tests/properties/seeds.rs"]
mod seeds;

#[path = "properties/import.rs"]
mod import;

#[test]
fn whatever_bytes_are_read_as_is_a_model_like_any_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/xgboost_import");
    let entries = fs::read_dir(&folder).expect("the corpus is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() > 50, "only {} files in {}", files.len(), folder.display());
    for file in files {
        // A check that fails says which input it was only by this.
        println!("{}", file.display());
        import::check(&fs::read(file).expect("a file"));
    }
}
