//! Replays the inputs that fuzzing found worth keeping: the same checks as in the fuzz target `xgboost_import`, without a fuzzer.

#[path = "../../../fuzz/replay.rs"]
mod corpus;

#[path = "../../../inference-wasm/inference/tests/properties/model.rs"]
mod model;

#[path = "../../../inference-wasm/inference/tests/properties/stones.rs"]
mod stones;

#[path = "../../../inference-wasm/inference/tests/properties/random.rs"]
mod random;

#[allow(dead_code, reason = "the tests of inference use more of it")]
#[path = "../../../inference-wasm/inference/tests/properties/seeds.rs"]
mod seeds;

#[path = "properties/import.rs"]
mod import;

#[test]
fn imported_bytes_are_a_model_like_any_other() {
    corpus::replay("xgboost_import", import::check);
}
