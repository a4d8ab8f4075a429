//! Replays the inputs that fuzzing found worth keeping: the same checks as in the fuzz targets of `fuzz/`, without a fuzzer.

#[path = "../../../fuzz/replay.rs"]
mod corpus;

mod properties;

use properties::{bytes, image, model, samples, seeds};

#[test]
fn decoded_bytes_are_a_model_like_any_other() {
    corpus::replay("blob_decode", bytes::check);
}

#[test]
fn a_changed_blob_is_refused_or_is_a_model_like_any_other() {
    corpus::replay("blob_mutate", bytes::check_changes);
}

#[test]
fn a_loaded_image_prices_any_stone() {
    corpus::replay("image_load", image::check);
}

#[test]
fn samples_are_written_as_they_were_read() {
    corpus::replay("samples_read", samples::check);
}

#[test]
fn seeds_are_models_like_any_other() {
    for model in seeds::models() {
        model::check(&model, &[]);
    }
}
