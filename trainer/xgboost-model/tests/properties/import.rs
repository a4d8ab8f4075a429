//! Checks that hold for any bytes that are read as a model of XGBoost.

use inference::{Encoder, Form, Header, Model};
use xgboost_model::{MAX_MEMORY_PER_BYTE, Target, read};

use crate::{model, seeds};

/// An error message takes up to a few hundred bytes, however few were read.
const REFUSAL_BYTES: usize = 1024;

/// Reads bytes within the promised memory, and checks the model.
pub(crate) fn check(bytes: &[u8]) {
    let mut found = None;
    let info = allocation_counter::measure(|| found = read(bytes).ok());
    let most = (MAX_MEMORY_PER_BYTE * bytes.len() + REFUSAL_BYTES) as u64;
    assert!(info.bytes_max <= most, "{} bytes for {} bytes", info.bytes_max, bytes.len());
    let Some(booster) = found else { return };
    let Some(link) = [Target::Price, Target::LogPrice]
        .into_iter()
        .find_map(|target| booster.objective.link(target).ok())
    else {
        return;
    };
    let header = seeds::models().remove(0).header;
    let header = Header { encoder: Encoder::Passthrough, link, ..header };
    model::check(&Model { header, form: Form::Trees(booster.trees) }, &[]);
}
