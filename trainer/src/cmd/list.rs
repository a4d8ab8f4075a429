//! `trainer list`: lists every registered model, newest first.

use anyhow::Result;
use serde_json::{Value, json};

use super::table::align_left;
use super::{Context, Piece, blob_json, columns, metric, title};
use crate::cli::LayoutArgs;
use registry::{Entry, Promotion};

pub(super) async fn run(context: &Context, layout: LayoutArgs) -> Result<()> {
    let registry = context.registry().await?;
    let models = registry.models().await?;
    let champion = registry.champion().await?;
    let is_champion = |entry: &Entry| champion.as_deref() == Some(entry.id.as_str());
    let promotions = registry.promotions().await?;
    let document = json!({
        "champion": champion,
        "promotion": promotions.last().map(|promotion| {
            json!({ "promoted_at": promotion.promoted_at, "reason": promotion.reason })
        }),
        "models": models.iter().map(|entry| summary(entry, is_champion(entry))).collect::<Vec<_>>(),
    });
    context.print_pieces(layout, &document, || {
        if models.is_empty() {
            let nothing = String::from("no models yet; `trainer train` registers some");
            return vec![Piece::Line(nothing)];
        }
        let mut table = columns(
            "id | role | family | holdout MAE | within 10 % | cv MAE | rows | nodes | bytes | created",
        );
        align_left(&mut table, 1);
        align_left(&mut table, 2);
        for entry in &models {
            table.add_row(vec![
                entry.id.clone(),
                String::from(if is_champion(entry) { "champion" } else { "" }),
                title(entry),
                metric(&entry.metrics, "holdout", "mae", 2),
                metric(&entry.metrics, "holdout", "within_10_percent", 4),
                metric(&entry.metrics, "cv", "mae", 2),
                metric(&entry.metrics, "train", "n", 0),
                entry.nodes.to_string(),
                entry.blob_bytes.to_string(),
                entry.created_at.clone(),
            ]);
        }
        let champion = promotions.last().map(|promotion| {
            let Promotion { model_id, promoted_at, reason, .. } = promotion;
            Piece::Line(format!("champion {model_id} since {promoted_at}: {reason}"))
        });
        std::iter::once(Piece::Table(table)).chain(champion).collect()
    })
}

/// What every command says of a model of the registry.
pub(super) fn summary(entry: &Entry, champion: bool) -> Value {
    json!({
        "id": entry.id,
        "family": entry.family,
        "name": entry.name,
        "champion": champion,
        "created_at": entry.created_at,
        "params": entry.params,
        "metrics": entry.metrics,
        "dataset_sha256": entry.dataset_sha256,
        "split_sha256": entry.split_sha256,
        "seed": entry.seed,
        "blob": blob_json(entry.blob_bytes, &entry.blob_sha256, entry.nodes),
        "seconds": entry.seconds,
    })
}
