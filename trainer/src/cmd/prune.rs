//! `trainer prune`: removes models that are no longer needed.

use anyhow::Result;
use serde_json::json;

use super::Context;
use crate::cli::PruneArgs;
use registry::Pruning;

pub(super) async fn run(context: &Context, args: &PruneArgs) -> Result<()> {
    let pruning = context.registry().await?.prune(args.keep, args.dry_run).await?;
    let mut document = pruning.to_json();
    document["keep"] = json!(args.keep);
    document["dry_run"] = json!(args.dry_run);
    context.print(&document, || describe(&pruning, args.dry_run))
}

fn describe(pruning: &Pruning, dry_run: bool) -> String {
    let verb = if dry_run { "would remove" } else { "removed" };
    let models = pruning.models.iter().map(|model| {
        let of = format!("{} of {}", model.family, model.created_at);
        format!("{verb} {} ({of}, {} bytes)", model.id, model.bytes)
    });
    let datasets = pruning.datasets.iter().map(|dataset| {
        let sha256: String = dataset.sha256.chars().take(12).collect();
        let of = format!("{} rows of {}", dataset.rows, dataset.source);
        format!("{verb} the data set {sha256} ({of}, {} bytes)", dataset.bytes)
    });
    let mut lines: Vec<String> = models.chain(datasets).collect();
    lines.push(format!(
        "{verb} {} models and {} data sets, {} bytes; {} models {}",
        pruning.models.len(),
        pruning.datasets.len(),
        pruning.bytes(),
        pruning.kept,
        if dry_run { "would stay" } else { "stay" },
    ));
    match pruning.reusable_bytes {
        Some(bytes) if !dry_run && bytes > 0 => lines.push(format!(
            "{bytes} bytes of the file are free for new rows, and `VACUUM` would give them back to the disk"
        )),
        _ => {}
    }
    lines.join("\n")
}
