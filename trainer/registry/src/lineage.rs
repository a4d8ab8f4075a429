//! Restores the exact rows that a model was trained and measured on.

use serde_json::Value;

use crate::registry::{DatasetError, Entry, Registry};
use data::DataError;
use data::dataset::Dataset;
use data::split::Split;
use data::stone::hex;

/// A model's data set with what divided it.
#[derive(Debug)]
pub struct Lineage {
    /// The data set.
    pub dataset: Dataset,
    division: Division,
    split_sha256: String,
}

#[derive(Debug)]
enum Division {
    Seeded(u64),
    /// The rows of a file of their own were held out.
    File(Box<Dataset>),
}

/// Why a model's rows cannot be restored.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum LineageError {
    #[error("model {id} was trained elsewhere; its rows are not known here")]
    Elsewhere { id: String },
    #[error("no run is known that gave model {id}, so its rows are not known")]
    NoRun { id: String },
    #[error(
        "model {id} was measured on the rows of {file:?}, which were not kept then; `trainer evaluate {id} --data FILE` measures it on a file"
    )]
    HoldoutNotKept { id: String, file: String },
    #[error(
        "the rows that model {id} was measured on should have split_sha256 {wanted}; those that the data set gives have {found}"
    )]
    OtherSplit { id: String, wanted: String, found: String },
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    #[error(transparent)]
    Data(#[from] DataError),
}

impl Lineage {
    /// Has a model's rows back.
    ///
    /// # Errors
    ///
    /// [`LineageError`]
    pub async fn of(registry: &Registry, model: &Entry) -> Result<Lineage, LineageError> {
        let id = || model.id.clone();
        let (Some(dataset_sha256), Some(split_sha256)) =
            (&model.dataset_sha256, &model.split_sha256)
        else {
            return Err(LineageError::Elsewhere { id: id() });
        };
        let origin = registry.origin(&model.id).await.map_err(DatasetError::from)?;
        let origin = origin.ok_or_else(|| LineageError::NoRun { id: id() })?;
        let dataset = registry.dataset(dataset_sha256, origin.dataset_rows).await?;
        let division = if let Some(seed) = seed(&origin.split) {
            Division::Seeded(seed)
        } else {
            let kept = &origin.split["holdout_dataset"];
            let (Some(sha256), Some(rows)) = (kept["sha256"].as_str(), kept["rows"].as_u64())
            else {
                let file = origin.split["file"].as_str().unwrap_or_default().to_owned();
                return Err(LineageError::HoldoutNotKept { id: id(), file });
            };
            Division::File(Box::new(registry.dataset(sha256, rows).await?))
        };
        let lineage = Lineage { dataset, division, split_sha256: split_sha256.clone() };
        let found = hex(&lineage.split()?.sha256);
        if found != lineage.split_sha256 {
            let wanted = lineage.split_sha256;
            return Err(LineageError::OtherSplit { id: id(), wanted, found });
        }
        Ok(lineage)
    }

    /// The rows divided as they were when the model was trained.
    ///
    /// # Errors
    ///
    /// [`DataError`] where too few rows are there, which those of a trained model never are.
    pub fn split(&self) -> Result<Split<'_>, DataError> {
        match &self.division {
            Division::Seeded(seed) => Split::seeded(&self.dataset, *seed),
            Division::File(holdout) => Split::by_file(&self.dataset, holdout),
        }
    }

    /// The data set that the held-out rows are of.
    pub fn held_out_of(&self) -> &Dataset {
        match &self.division {
            Division::Seeded(_) => &self.dataset,
            Division::File(holdout) => holdout,
        }
    }
}

/// The seed of a run's split, where it was made by one.
pub fn seed(split: &Value) -> Option<u64> {
    split["seed"].as_u64().filter(|_| split["kind"] == "seeded")
}
