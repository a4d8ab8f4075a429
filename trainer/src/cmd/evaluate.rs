//! `trainer evaluate`: measures a model's errors on the rows of a file.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::model::Blob;
use super::train::read;
use super::{Context, errors, metric, table};
use crate::cli::{ColumnArgs, ListRuleArgs};
use data::DataError;
use data::dataset::summary;
use learning::coverage;
use learning::evaluate::{self, View};

pub(super) async fn run(
    context: &Context,
    model: &str,
    data: &Path,
    columns: &ColumnArgs,
    lists: ListRuleArgs,
) -> Result<()> {
    let progress = Context::progress();
    let dataset = read(data, &columns.map, lists.rule(), &progress)?;
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
    let mut document = json!({
        "model": blob.to_json(),
        "dataset": summary(dataset.len(), &dataset.sha256()),
        "dropped": dropped.to_json(),
        "rejected": dataset.rejected.len(),
        "metrics": measured,
        "interval": coverage::report(&blob.predictor, &stones, "coverage"),
    });
    let views = View::of_model(&blob.predictor.header().encoder);
    for view in views.iter().skip(1) {
        document[format!("metrics{}", view.suffix())] = json!(metrics(*view));
    }
    context.print(&document, || {
        let mut table = table(&COLUMNS);
        for view in views {
            let part = format!("metrics{}", view.suffix());
            let name = match view {
                View::Measured => format!("{} {}", blob.predictor.header().family, blob.id()),
                View::FourCs => String::from("  by the four Cs alone"),
                View::MeasuredWithoutList => String::from("  without their price lists"),
                View::FourCsWithoutList => String::from("  by the four Cs, without lists"),
            };
            let mut row = vec![name, metric(&document, &part, "n", 0)];
            row.extend(errors(&document, &part));
            let interval = [("coverage", 4), ("mean_width_usd", 0)];
            row.extend(interval.map(|(name, digits)| {
                metric(&document, "interval", &format!("{name}{}", view.suffix()), digits)
            }));
            table.add_row(row);
        }
        table.to_string()
    })
}

const COLUMNS: [&str; 9] =
    ["model", "n", "MAE", "RMSE", "R²", "MAPE", "within 10 %", "in range", "width"];
