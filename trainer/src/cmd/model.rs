//! Reads the model that a command was given: a blob file or an id of the registry.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use inference::{ModelId, Predictor};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Context, Failure};
use data::stone::hex;

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
