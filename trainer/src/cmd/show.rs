//! `trainer show`: everything the registry knows of one model.

use anyhow::Result;
use serde_json::json;

use super::list::summary;
use super::{Context, metric, table, title};
use crate::cli::ModelArgs;

pub(super) async fn run(context: &Context, args: &ModelArgs) -> Result<()> {
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
    context.print(&document, || {
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
        let mut lines = vec![
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
            scores.to_string(),
        ];
        lines.extend(
            promotions.iter().map(|promotion| {
                format!("promoted {}: {}", promotion.promoted_at, promotion.reason)
            }),
        );
        lines.join("\n")
    })
}
