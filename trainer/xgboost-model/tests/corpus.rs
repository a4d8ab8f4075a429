//! Replays the corpus of the fuzz target `xgboost_import` with its checks, without a fuzzer.

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
fn bytes_that_are_read_give_a_valid_model() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/xgboost_import");
    let entries = fs::read_dir(&folder).expect("the corpus is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() > 50, "only {} files in {}", files.len(), folder.display());
    for file in files {
        // Shows which input a failed check was given.
        println!("{}", file.display());
        import::check(&fs::read(file).expect("a file"));
    }
}
