//! What fuzzing found worth keeping, replayed: the same checks as in the fuzz targets of `fuzz/`, without a fuzzer.

use std::fs;
use std::path::Path;

#[path = "properties/stub.rs"]
mod stub;

#[path = "properties/exchange.rs"]
mod exchange;

/// Checks every file of a target's corpus.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).expect("the corpus is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() > 50, "only {} files in {}", files.len(), folder.display());
    for file in files {
        // A check that fails says which input it was only by this.
        println!("{}", file.display());
        check(&fs::read(file).expect("a file"));
    }
}

#[test]
fn whatever_a_json_body_is_it_gets_one_whole_answer() {
    replay("http_json", exchange::json);
}

#[test]
fn whatever_a_query_is_it_gets_one_whole_answer() {
    replay("http_query", exchange::query);
}

#[test]
fn whatever_csv_is_it_gets_one_whole_answer() {
    replay("http_csv", exchange::csv);
}
