//! Replays the fuzz corpora with the checks of the fuzz targets in `fuzz/`, without a fuzzer.

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

/// Checks every file in the corpus of a target.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).expect("the corpus is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() > 50, "only {} files in {}", files.len(), folder.display());
    for file in files {
        // Shows which input a failed check was given.
        println!("{}", file.display());
        check(&fs::read(file).expect("a file"));
    }
}

#[test]
fn bytes_that_decode_give_a_valid_model() {
    replay("blob_decode", bytes::check);
}

#[test]
fn a_changed_blob_is_refused_or_gives_a_valid_model() {
    replay("blob_mutate", bytes::check_changes);
}

#[test]
fn bytes_that_load_as_an_image_price_any_stone() {
    replay("image_load", image::check);
}

#[test]
fn bytes_that_are_samples_are_written_as_the_same_stones() {
    replay("samples_read", samples::check);
}

#[test]
fn seed_models_pass_all_checks() {
    for model in seeds::models() {
        model::check(&model, &[]);
    }
}
