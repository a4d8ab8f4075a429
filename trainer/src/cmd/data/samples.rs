//! `trainer data samples`: writes the stones of the table in a few bytes each, for use without a database.

use anyhow::{Context as _, Result};
use inference::{Diamond, Sample, Samples};
use serde_json::json;

use crate::cli::DataSamplesArgs;
use crate::cmd::Context;
use crate::cmd::output::Output;
use data::stone::{Stone, hex};
use registry::database::Database;
use registry::store;

pub(in crate::cmd) async fn run(context: &Context, args: &DataSamplesArgs) -> Result<()> {
    let database = Database::open(&context.place).await?;
    let connection = database.connect().await?;
    let dataset = store::load(&connection, context.place.to_string()).await?;
    let samples = dataset.rows().iter().map(|(id, stone)| sample(*id, stone)).collect();
    let samples = Samples::of(samples)?;
    let bytes = samples.to_bytes()?;
    Output::put(&args.output, &bytes)
        .with_context(|| format!("{}: cannot be written", args.output.display()))?;
    let (count, sha256) = (samples.len(), hex(&dataset.sha256()));
    let document = json!({
        "file": args.output,
        "samples": count,
        "bytes": bytes.len(),
        "dataset_sha256": sha256,
    });
    context.print(&document, || {
        format!("wrote {} ({count} stones in {} bytes)", args.output.display(), bytes.len())
    })
}

/// A stone as the service answers it.
fn sample(id: u64, stone: &Stone) -> Sample {
    let Diamond { carat, cut, color, clarity, .. } = stone.diamond;
    let [depth, table, x, y, z] = stone.measures();
    let numbers = [carat.carats(), depth, table, stone.price.usd(), x, y, z];
    Sample { id: id.cast_signed(), cut, color, clarity, numbers }
}
