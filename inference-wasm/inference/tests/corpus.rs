//! What fuzzing found worth keeping, replayed: the same checks as in the fuzz targets of `fuzz/`, without a fuzzer.

use std::fs;
use std::path::Path;

#[path = "properties/model.rs"]
mod model;

#[path = "properties/sealed.rs"]
mod sealed;

#[path = "properties/stones.rs"]
mod stones;

#[path = "properties/seeds.rs"]
mod seeds;

#[path = "properties/bytes.rs"]
mod bytes;

#[path = "properties/image.rs"]
mod image;

#[path = "properties/samples.rs"]
mod samples;

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
fn whatever_bytes_decode_to_is_a_model_like_any_other() {
    replay("blob_decode", bytes::check);
}

#[test]
fn whatever_becomes_of_a_valid_blob_is_refused_or_is_a_model_like_any_other() {
    replay("blob_mutate", bytes::check_changes);
}

#[test]
fn whatever_loads_as_an_image_prices_any_stone() {
    replay("image_load", image::check);
}

#[test]
fn whatever_is_read_as_samples_is_written_as_the_same() {
    replay("samples_read", samples::check);
}

#[test]
fn seeds_are_models_like_any_other() {
    for model in seeds::models() {
        model::check(&model, &[]);
    }
}
