//! `trainer evaluate`: measures a model's errors on the rows of a diamond CSV.

use anyhow::Result;
use serde_json::json;

use super::model::Blob;
use super::{Context, metric, table};
use crate::cli::EvaluateArgs;
use data::DataError;
use data::dataset::{Dataset, summary};
use data::delivery::Delivery;
use learning::coverage;
use learning::evaluate;
use learning::train::metrics_json;

pub(super) async fn run(context: &Context, args: &EvaluateArgs) -> Result<()> {
    let dataset = Dataset::from_delivery(Delivery::read(&args.data)?);
    let blob = Blob::find(context, &args.model).await?;
    let progress = Context::progress();
    for row in &dataset.rejected {
        for error in &row.errors {
            progress.say(&format!("{}:{}: left out: {error}", args.data.display(), row.line));
        }
    }
    let (stones, dropped) = dataset.usable();
    if let Some(sentence) = dropped.to_sentence() {
        progress.say(&sentence);
    }
    let metrics = evaluate::metrics_of(&blob.predictor, &stones).ok_or(DataError::TooFew {
        what: "rows to measure on",
        source_name: args.data.display().to_string(),
        found: 0,
        wanted: 1,
    })?;
    let interval = coverage::report(&blob.predictor, &stones, "coverage");
    let document = json!({
        "model": blob.to_json(),
        "dataset": summary(dataset.len(), &dataset.sha256()),
        "dropped": dropped.to_json(),
        "rejected": dataset.rejected.len(),
        "metrics": metrics_json(Some(metrics)),
        "interval": interval,
    });
    context.print(&document, || {
        let mut table = table(&[
            "model",
            "n",
            "MAE",
            "RMSE",
            "R²",
            "MAPE",
            "within 10 %",
            "in range",
            "width",
            "four Cs: in range",
            "width",
        ]);
        let scores = json!({ "data": metrics_json(Some(metrics)), "interval": interval });
        let in_range = |name, digits| metric(&scores, "interval", name, digits);
        let of = |name, digits| metric(&scores, "data", name, digits);
        table.add_row(vec![
            format!("{} {}", blob.predictor.header().family, blob.id()),
            of("n", 0),
            of("mae", 2),
            of("rmse", 2),
            of("r2", 4),
            of("mape", 4),
            of("within_10_percent", 4),
            in_range("coverage", 4),
            in_range("mean_width_usd", 0),
            in_range("coverage_four_cs", 4),
            in_range("mean_width_usd_four_cs", 0),
        ]);
        table.to_string()
    })
}
