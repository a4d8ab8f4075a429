//! `trainer inspect`: what a blob holds.

use anyhow::Result;
use inference::blob::{Domain, Origin};
use inference::features::FEATURE_NAMES;
use inference::{Cut, Encoder, Interval, MeasureLaw, Spread};
use serde_json::{Value, json};

use super::Context;
use super::model::Blob;
use crate::cli::BlobArgs;
use crate::data::stone::hex;
use crate::train::metrics_json;

pub(super) async fn run(context: &Context, args: &BlobArgs) -> Result<()> {
    let blob = Blob::find(context, &args.model).await?;
    let document = describe(&blob);
    context.print(&document, || {
        let lines = document.as_object().into_iter().flatten();
        lines.map(|(name, value)| format!("{name:<15} {value}")).collect::<Vec<_>>().join("\n")
    })
}

#[expect(clippy::cast_precision_loss, reason = "blobs are far below 2^53 bytes")]
fn describe(blob: &Blob) -> Value {
    let header = blob.predictor.header();
    let (bytes, nodes) = (blob.bytes.len(), blob.predictor.nodes());
    json!({
        "format": format(&blob.bytes),
        "id": blob.id().as_str(),
        "family": header.family,
        "link": header.link.as_str(),
        "features": header.features,
        "nodes": nodes,
        "bytes": bytes,
        "bytes_per_node": bytes as f64 / nodes.max(1) as f64,
        "sha256": blob.sha256(),
        "encoder": encoder(&header.encoder),
        "interval": header.interval.map(interval),
        "domain": header.domain.map(|known| domain(&known)),
        "scores": {
            "train": metrics_json(header.scores.train),
            "holdout": metrics_json(header.scores.holdout),
            "cv": metrics_json(header.scores.cv),
        },
        "origin": origin(&header.origin),
    })
}

/// Where the model comes from; `null` for one that was trained elsewhere.
fn origin(origin: &Origin) -> Value {
    if *origin == Origin::default() {
        return Value::Null;
    }
    json!({
        "dataset_sha256": hex(&origin.dataset_sha256),
        "split_sha256": hex(&origin.split_sha256),
        "seed": origin.seed,
    })
}

/// The format that the envelope names: two bytes after the eight of the magic. The blob was decoded before, so
/// they are there.
fn format(bytes: &[u8]) -> Option<u16> {
    bytes.get(8..10)?.try_into().ok().map(u16::from_le_bytes)
}

fn encoder(encoder: &Encoder) -> Value {
    match encoder {
        Encoder::Keep => json!({ "missing": "kept" }),
        Encoder::Estimate(MeasureLaw { depth_percent, table_percent, width_mm }) => json!({
            "missing": "estimated",
            "cuts": Cut::NAMES,
            "depth_percent": depth_percent,
            "table_percent": table_percent,
            "width_mm_of_one_carat": width_mm,
        }),
    }
}

fn interval(interval: Interval) -> Value {
    let reach = |spread| match spread {
        Spread::Factor(factor) => json!({ "factor": factor }),
        Spread::Dollars(dollars) => json!({ "dollars": dollars }),
    };
    json!({
        "confidence": interval.confidence,
        "measured": reach(interval.measured),
        "unmeasured": reach(interval.unmeasured),
    })
}

fn domain(domain: &Domain) -> Value {
    let ranges = FEATURE_NAMES
        .iter()
        .zip(domain.features)
        .map(|(name, range)| ((*name).to_owned(), json!(range)));
    let mut ranges: serde_json::Map<_, _> = ranges.collect();
    ranges.insert(String::from("price"), json!(domain.price_usd));
    ranges.into()
}
