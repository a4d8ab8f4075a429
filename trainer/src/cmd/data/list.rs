//! `trainer data list`: lists the data sets of runs, newest first.

use anyhow::Result;
use serde_json::json;

use crate::cmd::{Context, table};

pub(in crate::cmd) async fn run(context: &Context) -> Result<()> {
    let datasets = context.registry().await?.datasets().await?;
    context.print(&json!({ "datasets": datasets }), || {
        if datasets.is_empty() {
            return String::from("no data sets yet; every `trainer train` keeps its own");
        }
        let mut table = table(&["sha256", "rows", "source", "kept", "models", "since"]);
        for dataset in &datasets {
            let kept = match (dataset.last_id, dataset.contents_bytes) {
                (Some(last_id), _) => format!("in the table, up to id {last_id}"),
                (None, bytes) => format!("{} bytes", bytes.unwrap_or_default()),
            };
            table.add_row(vec![
                dataset.sha256.chars().take(12).collect(),
                dataset.rows.to_string(),
                dataset.source.clone(),
                kept,
                dataset.models.to_string(),
                dataset.kept_at.clone(),
            ]);
        }
        table.to_string()
    })
}
