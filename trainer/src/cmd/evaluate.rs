//! `trainer evaluate`: measures a model's errors on the rows of a file.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::model::Blob;
use super::train::read;
use super::{Context, columns, errors, metric};
use crate::cli::ColumnArgs;
use data::DataError;
use data::dataset::summary;
use learning::coverage;
use learning::evaluate::{self, View};

pub(super) async fn run(
    context: &Context,
    model: &str,
    data: &Path,
    args: &ColumnArgs,
) -> Result<()> {
    let progress = Context::progress();
    let dataset = read(data, &args.map, &progress)?;
    let blob = Blob::find(context, model).await?;
    let (stones, dropped) = dataset.usable();
    if let Some(sentence) = dropped.to_sentence() {
        progress.say(&sentence);
    }
    let metrics = |view: View| evaluate::metrics_of(&blob.predictor, &stones, view);
    let measured = metrics(View::Measured).ok_or(DataError::TooFew {
        what: "rows to measure on",
        source_name: dataset.source.clone(),
        found: 0,
        wanted: 1,
    })?;
    let document = json!({
        "model": blob.to_json(),
        "dataset": summary(dataset.len(), &dataset.sha256()),
        "dropped": dropped.to_json(),
        "rejected": dataset.rejected.len(),
        "metrics": measured,
        "metrics_four_cs": metrics(View::FourCs),
        "interval": coverage::report(&blob.predictor, &stones, "coverage"),
    });
    context.print(&document, || {
        let mut table =
            columns("model | n | MAE | RMSE | R² | MAPE | within 10 % | in range | width");
        let model = format!("{} {}", blob.predictor.header().family, blob.id());
        for (name, suffix) in [(model, ""), (String::from("  by the four Cs alone"), "_four_cs")] {
            let part = format!("metrics{suffix}");
            let mut row = vec![name, metric(&document, &part, "n", 0)];
            row.extend(errors(&document, &part));
            let interval = [("coverage", 4), ("mean_width_usd", 0)];
            row.extend(interval.map(|(name, digits)| {
                metric(&document, "interval", &format!("{name}{suffix}"), digits)
            }));
            table.add_row(row);
        }
        table.to_string()
    })
}
