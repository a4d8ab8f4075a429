//! `trainer show`: shows everything the registry knows of one model.

use anyhow::Result;
use comfy_table::Table;
use serde_json::{Value, json};

use super::list::summary;
use super::{Context, Piece, errors, figure, metric, table, title};
use crate::cli::ShowArgs;
use registry::Entry;

pub(super) async fn run(context: &Context, args: &ShowArgs) -> Result<()> {
    let registry = context.registry().await?;
    let entry = registry.find(&args.id).await?;
    let champion = registry.champion().await?.as_deref() == Some(entry.id.as_str());
    let runs = registry.runs_of(&entry.id).await?;
    let mut promotions = registry.promotions().await?;
    promotions.retain(|promotion| promotion.model_id == entry.id);
    let mut document = summary(&entry, champion);
    document["runs"] = json!(runs);
    document["promotions"] = json!(promotions);
    let datasets = registry.datasets().await?;
    let dataset =
        datasets.iter().find(|dataset| entry.dataset_sha256.as_ref() == Some(&dataset.sha256));
    document["dataset"] = json!(dataset);
    context.print_pieces(args.layout, &document, || {
        let mut scores = table(&["rows", "n", "MAE", "RMSE", "R²", "MAPE", "within 10 %"]);
        for part in ["train", "holdout", "cv"] {
            let first = [part.to_owned(), metric(&entry.metrics, part, "n", 0)];
            scores.add_row(first.into_iter().chain(errors(&entry.metrics, part)));
        }
        let Entry { id, created_at, seconds, blob_bytes, nodes, blob_sha256, .. } = &entry;
        let role = if champion { ", the champion" } else { "" };
        let mut pieces: Vec<Piece> = [
            format!("{} {id}{role}", title(&entry)),
            format!("created {created_at}, {seconds:.1} s"),
            format!("blob {blob_bytes} bytes, {nodes} nodes, sha256 {blob_sha256}"),
            format!("settings {}", entry.params),
        ]
        .map(Piece::Line)
        .into();
        pieces.extend(dataset.map(|dataset| {
            let (rows, source) = (dataset.rows, &dataset.source);
            Piece::Line(format!(
                "{rows} rows of {source}; `trainer data export --model {id}` gives them back"
            ))
        }));
        pieces.push(Piece::Table(scores));
        pieces.extend(ranges(&entry.metrics["interval"]).map(Piece::Table));
        pieces.extend(runs.iter().filter_map(|run| {
            let (id, trials) = (run["id"].as_str()?, run["trials"].as_u64()?);
            Some(Piece::Line(match trials {
                0 => format!("run {id}"),
                _ => format!("run {id}: {trials} trials, `trainer trials {id}` lists them"),
            }))
        }));
        pieces.extend(promotions.iter().map(|promotion| {
            Piece::Line(format!("promoted {}: {}", promotion.promoted_at, promotion.reason))
        }));
        pieces
    })
}

/// What the model's ranges hold of the held-out rows, and how wide they are.
fn ranges(interval: &Value) -> Option<Table> {
    interval["confidence"].as_f64()?;
    let mut ranges = table(&["stones", "in range", "width", "four Cs: in range", "width"]);
    let mut row = |what: String, [measured, four_cs]: [[Value; 2]; 2]| {
        let figures = [measured, four_cs]
            .map(|[held, width]| [figure(held.as_f64(), 3), figure(width.as_f64(), 0)]);
        ranges.add_row(std::iter::once(what).chain(figures.into_iter().flatten()));
    };
    let all = |suffix: &str| {
        [format!("holdout_coverage{suffix}"), format!("mean_width_usd{suffix}")]
            .map(|name| interval[name].clone())
    };
    row(String::from("all held out"), [all(""), all("_four_cs")]);
    for (name, digits, unit) in [("by_price_fifth", 0, "USD"), ("by_carat_fifth", 2, "carats")] {
        let parts = |suffix: &str| interval[format!("{name}{suffix}")].as_array();
        let both = parts("").into_iter().flatten().zip(parts("_four_cs").into_iter().flatten());
        for (measured, four_cs) in both {
            let [low, high] = ["low", "high"].map(|end| measured[end].as_f64().unwrap_or_default());
            let of = |part: &Value| [part["coverage"].clone(), part["mean_width_usd"].clone()];
            let what = format!("{low:.digits$} to {high:.digits$} {unit}");
            row(what, [of(measured), of(four_cs)]);
        }
    }
    Some(ranges)
}
