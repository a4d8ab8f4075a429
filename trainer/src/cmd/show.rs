//! `trainer show`: shows everything the registry knows of one model.

use anyhow::Result;
use comfy_table::Table;
use serde_json::{Value, json};

use super::list::summary;
use super::{Context, Piece, metric, table, title};
use crate::cli::ShowArgs;

pub(super) async fn run(context: &Context, args: &ShowArgs) -> Result<()> {
    let registry = context.registry().await?;
    let entry = registry.find(&args.id).await?;
    let champion = registry.champion().await?.as_deref() == Some(entry.id.as_str());
    let runs = registry.runs_of(&entry.id).await?;
    let promotions: Vec<_> = registry
        .promotions()
        .await?
        .into_iter()
        .filter(|promotion| promotion.model_id == entry.id)
        .collect();
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
            let of = |name, digits| metric(&entry.metrics, part, name, digits);
            scores.add_row(vec![
                part.to_owned(),
                of("n", 0),
                of("mae", 2),
                of("rmse", 2),
                of("r2", 4),
                of("mape", 4),
                of("within_10_percent", 4),
            ]);
        }
        let mut pieces: Vec<Piece> = [
            format!(
                "{} {}{}",
                title(&entry),
                entry.id,
                if champion { ", the champion" } else { "" }
            ),
            format!("created {}, {:.1} s", entry.created_at, entry.seconds),
            format!(
                "blob {} bytes, {} nodes, sha256 {}",
                entry.blob_bytes, entry.nodes, entry.blob_sha256
            ),
            format!("settings {}", entry.params),
        ]
        .map(Piece::Line)
        .into();
        pieces.extend(dataset.map(|dataset| {
            let [rows, source, id] =
                [dataset.rows.to_string(), dataset.source.clone(), entry.id.clone()];
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
        let figure = |value: &Value, digits: usize| {
            value.as_f64().map_or_else(|| String::from("-"), |value| format!("{value:.digits$}"))
        };
        let figures =
            [measured, four_cs].map(|[held, width]| [figure(&held, 3), figure(&width, 0)]);
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
