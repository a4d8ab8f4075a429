//! The blob: a model as bytes. FORMAT.md beside this file describes every byte.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::Domain;
use crate::features::{Encoder, FEATURE_NAMES};
use crate::form::{Form, FormError};
use crate::interval::PredictionInterval;
use crate::link::Link;
use crate::metrics::Metrics;

mod envelope;

mod payload;

mod postcard_part;

pub use envelope::{FORMAT, OLDEST_FORMAT};

/// A fitted model: what it says of itself, then what it computes.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Everything but the form.
    pub header: Header,
    /// The function from features to a margin.
    pub form: Form,
}

/// What a model says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The learner that fitted it: `xgboost`, `log-linear` …
    pub family: String,
    /// The features it was fitted on, in their order.
    pub features: Vec<String>,
    /// What it wants done with missing measures.
    pub encoder: Encoder,
    /// How its margin becomes a price.
    pub link: Link,
    /// How far off it may be, where it was calibrated.
    pub interval: Option<PredictionInterval>,
    /// Which stones it learnt from, where that is known.
    pub domain: Option<Domain>,
    /// How well it did.
    pub scores: Scores,
    /// Where it comes from.
    pub origin: Origin,
}

impl Header {
    /// The names of the features of this build, as a header carries them.
    #[must_use]
    pub fn feature_names() -> Vec<String> {
        FEATURE_NAMES.iter().copied().map(String::from).collect()
    }
}

/// How well a model did, where it was measured.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Scores {
    /// On the rows it was fitted on.
    pub train: Option<Metrics>,
    /// On rows it never saw.
    pub holdout: Option<Metrics>,
    /// On each fold of the training rows by a model fitted on the other folds.
    pub cv: Option<Metrics>,
}

/// Where a model comes from. Nothing in it depends on when or how fast it was fitted: the same data, arguments
/// and seed give the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// SHA-256 of the training data set.
    pub dataset_sha256: [u8; 32],
    /// SHA-256 of which rows were held out.
    pub split_sha256: [u8; 32],
    /// The seed of everything random.
    pub seed: u64,
}

/// A model's name in the registry: the first 12 hexadecimal digits of its blob's SHA-256, so a file, a
/// database and a browser that hold the same bytes call them the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelId(String);

impl ModelId {
    /// The id of a blob.
    #[must_use]
    pub fn of(blob: &[u8]) -> ModelId {
        ModelId::of_digest(&Sha256::digest(blob).into())
    }

    /// The id of the blob with this SHA-256.
    pub(crate) fn of_digest(digest: &[u8; 32]) -> ModelId {
        let mut id = String::new();
        for byte in &digest[..6] {
            // Writing to a String cannot fail.
            let _ = fmt::Write::write_fmt(&mut id, format_args!("{byte:02x}"));
        }
        ModelId(id)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why bytes are no model of ours.
#[derive(Debug, Clone, PartialEq)]
pub enum BlobError {
    /// Not a blob at all.
    NotABlob,
    /// A blob of a format that this build does not read.
    Format {
        /// The format found.
        found: u16,
    },
    /// Some bytes are missing or too many.
    Length {
        /// How many bytes the envelope promises.
        promised: u64,
        /// How many there are.
        found: u64,
    },
    /// The bytes changed since they were written.
    Checksum {
        /// What the envelope promises.
        promised: u32,
        /// What the bytes give.
        found: u32,
    },
    /// A part cannot be read.
    Unreadable {
        /// `header` or `payload`.
        part: &'static str,
    },
    /// A part is read and bytes remain.
    Trailing {
        /// `header` or `payload`.
        part: &'static str,
        /// How many.
        bytes: usize,
    },
    /// The model wants other features than this build makes.
    Features {
        /// What it wants.
        found: Vec<String>,
    },
    /// A number of the header is impossible.
    Header {
        /// Which.
        what: &'static str,
    },
    /// The form is broken.
    Form(FormError),
}

impl fmt::Display for BlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAMAGED: &str =
            "the file is damaged: copy it again or re-export it with `trainer export`";
        match self {
            BlobError::NotABlob => f.write_str(
                "not a Loupe model: the first bytes are another format's; export one with `trainer export`",
            ),
            BlobError::Format { found } => write!(
                f,
                "blob format {found}; this build reads {OLDEST_FORMAT} to {FORMAT}; re-export with `trainer export`"
            ),
            BlobError::Length { promised, found } => {
                write!(f, "{found} bytes where {promised} were promised; {DAMAGED}")
            }
            BlobError::Checksum { promised, found } => {
                write!(f, "checksum {found:08x} where {promised:08x} was promised; {DAMAGED}")
            }
            BlobError::Unreadable { part } => write!(f, "the {part} cannot be read; {DAMAGED}"),
            BlobError::Trailing { part, bytes } => {
                write!(f, "{bytes} bytes follow the {part}; {DAMAGED}")
            }
            BlobError::Features { found } => write!(
                f,
                "the model wants the features {}; this build makes {}; retrain with this build's `trainer train`",
                found.join(", "),
                FEATURE_NAMES.join(", ")
            ),
            BlobError::Header { what } => write!(f, "the header's {what} is impossible; {DAMAGED}"),
            BlobError::Form(error) => write!(f, "{error}; {DAMAGED}"),
        }
    }
}

impl core::error::Error for BlobError {}

impl From<FormError> for BlobError {
    fn from(error: FormError) -> BlobError {
        BlobError::Form(error)
    }
}

/// Writes a model as bytes. The same model gives the same bytes.
///
/// # Errors
///
/// [`BlobError`] for a model that [`decode`] would refuse: nothing unreadable is ever written.
pub fn encode(model: &Model) -> Result<Vec<u8>, BlobError> {
    check(model)?;
    let header = postcard_part::write("header", &model.header)?;
    let payload = payload::write(&model.form)?;
    envelope::seal(oldest_format(&model.header), &header, &payload)
}

/// How many bytes of memory [`decode`] takes at most, for as many bytes of a blob, whatever they are: what the format
/// lets a blob's every byte promise, and a constant for the coder's tables.
#[must_use]
pub const fn most_memory(blob_bytes: usize) -> usize {
    blob_bytes.saturating_mul(1024).saturating_add(2 << 20)
}

/// Reads a model. Never panics, whatever the bytes; everything is checked here, once, so that a [`Model`] can be
/// trusted ever after.
///
/// # Errors
///
/// [`BlobError`], with what is wrong and what to do.
pub fn decode(bytes: &[u8]) -> Result<Model, BlobError> {
    let parts = envelope::open(bytes)?;
    let header = postcard_part::read("header", parts.header)?;
    check_age(parts.format, &header)?;
    let form = payload::read(parts.payload)?;
    let model = Model { header, form };
    check(&model)?;
    Ok(model)
}

/// The oldest format that can say what a header says.
fn oldest_format(header: &Header) -> u16 {
    match header.encoder {
        Encoder::Passthrough | Encoder::Impute(_) => OLDEST_FORMAT,
        Encoder::Proportions(_) => FORMAT,
    }
}

/// A blob says nothing that its format did not know.
fn check_age(format: u16, header: &Header) -> Result<(), BlobError> {
    if format >= oldest_format(header) {
        Ok(())
    } else {
        Err(BlobError::Header { what: "encoder" })
    }
}

fn check(model: &Model) -> Result<(), BlobError> {
    check_features(&model.header)?;
    check_header(&model.header, model.form.takes_missing())
}

/// Whether the numbers of a header make sense, before a form that takes rows with missing values or does not.
pub(crate) fn check_header(header: &Header, takes_missing: bool) -> Result<(), BlobError> {
    check_encoder(header, takes_missing)?;
    check_interval(header)?;
    check_domain(header)?;
    check_scores(header)?;
    Ok(())
}

fn check_features(header: &Header) -> Result<(), BlobError> {
    if header.features == FEATURE_NAMES {
        Ok(())
    } else {
        Err(BlobError::Features { found: header.features.clone() })
    }
}

fn check_encoder(header: &Header, takes_missing: bool) -> Result<(), BlobError> {
    match header.encoder.imputer() {
        Some(imputer) if !imputer.is_valid() => Err(BlobError::Header { what: "measure imputer" }),
        None if !takes_missing => Err(BlobError::Header { what: "encoder" }),
        Some(_) | None => Ok(()),
    }
}

fn check_interval(header: &Header) -> Result<(), BlobError> {
    if header.interval.as_ref().is_none_or(PredictionInterval::is_valid) {
        Ok(())
    } else {
        Err(BlobError::Header { what: "interval" })
    }
}

fn check_domain(header: &Header) -> Result<(), BlobError> {
    if header.domain.as_ref().is_none_or(Domain::is_valid) {
        Ok(())
    } else {
        Err(BlobError::Header { what: "domain" })
    }
}

fn check_scores(header: &Header) -> Result<(), BlobError> {
    let Scores { train, holdout, cv } = &header.scores;
    let finite = |metrics: &Metrics| {
        let Metrics { mae, rmse, r2, mape, within_10_percent, n: _ } = metrics;
        [mae, rmse, r2, mape, within_10_percent].into_iter().all(|figure| figure.is_finite())
    };
    if [train, holdout, cv].into_iter().flatten().all(finite) {
        Ok(())
    } else {
        Err(BlobError::Header { what: "scores" })
    }
}

#[cfg(test)]
mod tests;
