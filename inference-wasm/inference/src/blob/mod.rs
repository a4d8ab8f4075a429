//! Writes a model as a blob, and reads and checks blobs. FORMAT.md in this folder describes every byte.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::Domain;
use crate::envelope::{self, Checksum, EnvelopeError, Layout};
use crate::features::{Encoder, FEATURE_NAMES};
use crate::form::{Form, FormError};
use crate::interval::PredictionInterval;
use crate::link::Link;
use crate::metrics::Metrics;

mod payload;

/// The newest format this build reads and writes. A model that an older format can hold is written in that one, so that
/// older builds can read it.
pub const FORMAT: u16 = 2;

/// The oldest format this build reads.
pub const OLDEST_FORMAT: u16 = 1;

/// Magic (8), format (2), reserved (2), header length (4), payload length (4), CRC-32 (4).
const LAYOUT: Layout<2> = Layout {
    magic: *b"\x89LOUPE\r\n",
    formats: OLDEST_FORMAT..=FORMAT,
    front_bytes: 24,
    reserved: 10..12,
    lengths_at: [12, 16],
    checksum: Checksum::Crc32,
};

/// A fitted model: its header and its form.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The description of the model.
    pub header: Header,
    /// The function from features to a margin.
    pub form: Form,
}

/// The description of a model: everything but its form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The learner that fitted it: `xgboost`, `log-linear` …
    pub family: String,
    /// The names of the features it was fitted on, in order.
    pub features: Vec<String>,
    /// How it encodes a stone, missing measures included.
    pub encoder: Encoder,
    /// How its margin is turned into a price.
    pub link: Link,
    /// Its prediction interval, where it was calibrated.
    pub interval: Option<PredictionInterval>,
    /// The stones it was trained on, where that is known.
    pub domain: Option<Domain>,
    /// Its accuracy.
    pub scores: Scores,
    /// What it was trained from.
    pub origin: Origin,
}

impl Header {
    /// The names of the features of this build, as a header holds them.
    #[must_use]
    pub fn feature_names() -> Vec<String> {
        FEATURE_NAMES.iter().copied().map(String::from).collect()
    }
}

/// The accuracy of a model, where it was measured.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Scores {
    /// On the training rows.
    pub train: Option<Metrics>,
    /// On held-out rows.
    pub holdout: Option<Metrics>,
    /// In cross-validation: on each fold of the training rows, by a model fitted on the other folds.
    pub cv: Option<Metrics>,
}

/// What a model was trained from. It holds no time or duration: the same data, arguments and seed give the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// SHA-256 of the training data set.
    pub dataset_sha256: [u8; 32],
    /// SHA-256 of the choice of held-out rows.
    pub split_sha256: [u8; 32],
    /// The seed of everything random.
    pub seed: u64,
}

/// The id of a model: the first 12 hexadecimal digits of its blob's SHA-256. A file, a database and a browser with the
/// same bytes give the same id.
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

/// Why bytes are not a model that this build can use.
#[derive(Debug, Clone, PartialEq)]
pub enum BlobError {
    /// The container is not a blob, damaged, or unreadable.
    Envelope(EnvelopeError),
    /// The model needs other features than this build computes.
    Features {
        /// The features it needs.
        found: Vec<String>,
    },
    /// A field of the header has an impossible value.
    Header {
        /// The name of the field.
        what: &'static str,
    },
    /// The form is invalid.
    Form(FormError),
}

impl fmt::Display for BlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAMAGED: &str =
            "the file is damaged: copy it again or re-export it with `trainer export`";
        match self {
            BlobError::Envelope(error @ EnvelopeError::Magic) => {
                write!(f, "not a Loupe model: {error}; export one with `trainer export`")
            }
            BlobError::Envelope(error @ EnvelopeError::Format { .. }) => {
                write!(f, "blob {error}; re-export with `trainer export`")
            }
            BlobError::Envelope(error) => write!(f, "{error}; {DAMAGED}"),
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

impl From<EnvelopeError> for BlobError {
    fn from(error: EnvelopeError) -> BlobError {
        BlobError::Envelope(error)
    }
}

impl From<FormError> for BlobError {
    fn from(error: FormError) -> BlobError {
        BlobError::Form(error)
    }
}

/// Writes a model as a blob. The same model gives the same bytes.
///
/// # Errors
///
/// [`BlobError`] for a model that [`decode`] would refuse, so that every blob can be read again.
pub fn encode(model: &Model) -> Result<Vec<u8>, BlobError> {
    check(model)?;
    let header = envelope::write_part("header", &model.header)?;
    let payload = payload::write(&model.form)?;
    Ok(LAYOUT.seal(oldest_format(&model.header), &[], [&header, &payload])?)
}

/// How many bytes of memory [`decode`] takes at most for a blob of so many bytes, valid or not: what the format lets each
/// byte demand, plus a constant for the coder's tables.
#[must_use]
pub const fn max_decode_bytes(blob_bytes: usize) -> usize {
    blob_bytes.saturating_mul(1024).saturating_add(2 << 20)
}

/// Reads a model. Never panics, whatever the bytes. Everything is checked here, once, so that a [`Model`] needs no further
/// check.
///
/// # Errors
///
/// [`BlobError`], with the reason and a remedy.
pub fn decode(bytes: &[u8]) -> Result<Model, BlobError> {
    let envelope = LAYOUT.open(bytes)?;
    let [header, payload] = envelope.parts;
    let header = envelope::read_part("header", header)?;
    check_format(envelope.format, &header)?;
    let form = payload::read(payload)?;
    let model = Model { header, form };
    check(&model)?;
    Ok(model)
}

/// The oldest format that can hold a header.
fn oldest_format(header: &Header) -> u16 {
    match header.encoder {
        Encoder::Passthrough | Encoder::Impute(_) => OLDEST_FORMAT,
        Encoder::Proportions(_) => FORMAT,
    }
}

/// Checks that a blob uses nothing that its format does not know.
fn check_format(format: u16, header: &Header) -> Result<(), BlobError> {
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

/// Checks the values of a header. `takes_missing` says whether the form accepts rows with missing values.
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
