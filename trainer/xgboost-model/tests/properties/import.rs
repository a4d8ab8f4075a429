//! What must hold of any bytes that are read as a model of XGBoost's.

use inference::{Encoder, Form, Header, Model};
use xgboost_model::{MOST_MEMORY, Target, read};

use crate::{model, seeds};

/// A refusal says in a few hundred bytes why, however few were read.
const REFUSAL_BYTES: usize = 1024;

/// Reads bytes within the memory that was promised; what comes out is a model like any other.
pub(crate) fn check(bytes: &[u8]) {
    let mut found = None;
    let info = allocation_counter::measure(|| found = read(bytes).ok());
    let most = (MOST_MEMORY * bytes.len() + REFUSAL_BYTES) as u64;
    assert!(info.bytes_max <= most, "{} bytes for {} bytes", info.bytes_max, bytes.len());
    let Some(booster) = found else { return };
    let Some(link) =
        [Target::Price, Target::LogPrice].into_iter().find_map(|target| booster.link(target).ok())
    else {
        return;
    };
    let header = seeds::models().remove(0).header;
    let header = Header { encoder: Encoder::Passthrough, link, ..header };
    model::check(&Model { header, form: Form::Trees(booster.trees) }, &[]);
}
