//! `trainer export`: writes a model's blob to a file.

use anyhow::{Context as _, Result};
use inference::Form;
use serde_json::json;

use super::model::Blob;
use super::output::Output;
use super::{Context, Failure};
use crate::cli::ExportArgs;
use registry::Registry;

pub(super) async fn run(context: &Context, args: &ExportArgs) -> Result<()> {
    let registry = context.registry().await?;
    let id = registry.find(&args.id).await?.id;
    let blob = Blob::find(context, &id).await?;
    let sha256 = blob.sha256();
    if blob.registered_sha256.as_deref() != Some(sha256.as_str()) {
        let message =
            format!("the registry's blob of {id} has changed since it was stored; train it again");
        return Err(Failure::Failed(message).into());
    }
    let blob = if args.exact { exact(&registry, &id, blob).await? } else { blob };
    Output::put(&args.output, &blob.bytes)
        .with_context(|| format!("{}: cannot be written", args.output.display()))?;
    let (id, bytes) = (blob.id(), blob.bytes.len());
    let document =
        json!({ "id": id.as_str(), "file": args.output, "bytes": bytes, "sha256": blob.sha256() });
    context.print(&document, || format!("wrote {} ({id}, {bytes} bytes)", args.output.display()))
}

/// The blob with the leaves as they were fitted.
async fn exact(registry: &Registry, id: &str, blob: Blob) -> Result<Blob> {
    if let Some(bytes) = registry.exact_blob(id).await? {
        return Blob::of_registry(id, bytes, None);
    }
    if matches!(blob.predictor.form(), Form::Trees(trees) if trees.is_whole()) {
        let message = format!(
            "{id} was registered without its exact leaves; train it again with `trainer train --exact-leaves`"
        );
        return Err(Failure::Failed(message).into());
    }
    Ok(blob)
}
