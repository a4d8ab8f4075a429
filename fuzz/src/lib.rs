//! The checks of the fuzz targets. The main workspace replays the corpora with the same checks, so it holds their code.

#![forbid(unsafe_code)]

use inference::Model;

#[path = "../../inference-wasm/inference/tests/properties/mod.rs"]
mod properties;

#[path = "../../trainer/xgboost-model/tests/properties/import.rs"]
mod import;

#[path = "../../inference-wasm/service/tests/properties/stub.rs"]
mod stub;

#[path = "../../inference-wasm/service/tests/properties/exchange.rs"]
mod exchange;

use properties::{bytes, image, model, samples, seeds};

/// The target `blob_decode`.
pub fn blob_decode(bytes: &[u8]) {
    bytes::check(bytes);
}

/// The target `blob_mutate`.
pub fn blob_mutate(bytes: &[u8]) {
    bytes::check_changes(bytes);
}

/// The target `image_load`.
pub fn image_load(bytes: &[u8]) {
    image::check(bytes);
}

/// The target `samples_read`.
pub fn samples_read(bytes: &[u8]) {
    samples::check(bytes);
}

/// The target `xgboost_import`.
pub fn xgboost_import(bytes: &[u8]) {
    import::check(bytes);
}

/// The target `http_json`.
pub fn http_json(bytes: &[u8]) {
    exchange::json(bytes);
}

/// The target `http_query`.
pub fn http_query(bytes: &[u8]) {
    exchange::query(bytes);
}

/// The target `http_csv`.
pub fn http_csv(bytes: &[u8]) {
    exchange::csv(bytes);
}

/// A model of each kind that a blob can hold.
pub fn models() -> Vec<Model> {
    seeds::models()
}
