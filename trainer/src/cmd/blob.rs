//! `trainer export` and `trainer verify`: write a model's blob to a file, and check one.

use anyhow::{Result, bail};
use inference::Form;
use serde_json::json;

use super::Context;
use super::model::Blob;
use super::output::Output;
use crate::cli::{BlobArgs, ExportArgs};
use registry::Registry;

pub(super) async fn export(context: &Context, args: &ExportArgs) -> Result<()> {
    let registry = context.registry().await?;
    let id = registry.find(&args.id).await?.id;
    let mut blob = Blob::find(context, &id).await?;
    if blob.registered_sha256 != Some(blob.sha256()) {
        bail!("the registry's blob of {id} has changed since it was stored; train it again");
    }
    if args.exact {
        blob = exact(&registry, &id, blob).await?;
    }
    Output::put(&args.output, &blob.bytes)?;
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
        bail!(
            "{id} was registered without its exact leaves; train it again with `trainer train --exact-leaves`"
        );
    }
    Ok(blob)
}

pub(super) async fn verify(context: &Context, args: &BlobArgs) -> Result<()> {
    // Finding decodes, and decoding checks envelope, length, checksum and every number inside.
    let blob = Blob::find(context, &args.model).await?;
    let (id, sha256) = (blob.id(), blob.sha256());
    if let Some(registered) = &blob.registered_sha256
        && *registered != sha256
    {
        bail!(
            "the registry's blob has the hash {sha256} where {registered} was registered; train it again or restore the database"
        );
    }
    let (family, bytes) = (&blob.predictor.header().family, blob.bytes.len());
    let document = json!({
        "ok": true,
        "id": id.as_str(),
        "family": family,
        "sha256": sha256,
        "bytes": bytes,
        "registered": blob.registered_sha256.is_some(),
    });
    context.print(&document, || format!("ok: {family} {id}, {bytes} bytes, sha256 {sha256}"))
}
