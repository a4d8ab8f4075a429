//! Reads the model that a command was given, a blob file or an id of the registry; `trainer export` and `trainer verify`.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use inference::{Form, ModelId, Predictor};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::output::Output;
use super::{Context, Failure};
use crate::cli::ExportArgs;
use data::stone::hex;
use registry::Registry;

/// A blob and what it decodes to.
pub(super) struct Blob {
    pub(super) bytes: Vec<u8>,
    pub(super) predictor: Predictor,
    /// What the registry says its SHA-256 is; `None` for a file.
    pub(super) registered_sha256: Option<String>,
}

impl Blob {
    /// Reads what was asked for: the file of that name if there is one, else the model of that id.
    pub(super) async fn find(context: &Context, asked: &str) -> Result<Blob> {
        let path = Path::new(asked);
        if path.is_file() {
            return Blob::from_file(path);
        }
        if path.components().count() > 1 || path.extension().is_some() {
            bail!(Failure::BadInput(format!(
                "{asked}: there is no such file, and no model is called that"
            )));
        }
        let registry = context.registry().await?;
        let entry = registry.find(asked).await?;
        let bytes = registry.blob(&entry.id).await?;
        Blob::of_registry(&entry.id, bytes, Some(entry.blob_sha256))
    }

    /// Takes a blob that the registry keeps for a model.
    pub(super) fn of_registry(
        id: &str,
        bytes: Vec<u8>,
        registered_sha256: Option<String>,
    ) -> Result<Blob> {
        let predictor = Predictor::from_blob(&bytes)
            .map_err(|error| anyhow!("the registry's blob of {id} cannot be used: {error}"))?;
        Ok(Blob { bytes, predictor, registered_sha256 })
    }

    fn from_file(path: &Path) -> Result<Blob> {
        let refused = |error: &dyn std::fmt::Display| {
            Failure::BadInput(format!("{}: {error}", path.display()))
        };
        let bytes = std::fs::read(path).map_err(|error| refused(&error))?;
        let predictor = Predictor::from_blob(&bytes).map_err(|error| refused(&error))?;
        Ok(Blob { bytes, predictor, registered_sha256: None })
    }

    pub(super) fn id(&self) -> ModelId {
        ModelId::of(&self.bytes)
    }

    pub(super) fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.bytes))
    }

    /// `{id, family}`.
    pub(super) fn to_json(&self) -> Value {
        json!({ "id": self.id().as_str(), "family": self.predictor.header().family })
    }
}

/// Writes the blob of a registered model to a file.
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

/// Checks that a blob is whole, readable and the one that was registered.
pub(super) async fn verify(context: &Context, model: &str) -> Result<()> {
    // Finding decodes, and decoding checks envelope, length, checksum and every number inside.
    let blob = Blob::find(context, model).await?;
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
