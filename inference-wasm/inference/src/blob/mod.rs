//! Writes a model as a blob, and reads and checks blobs. FORMAT.md in this folder describes every byte.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::Domain;
use crate::envelope::{self, Checksum, EnvelopeError, Layout};
use crate::features::{Encoder, FEATURE_NAMES, MeasureImputer};
use crate::form::{Form, FormError};
use crate::interval::PredictionInterval;
use crate::link::Link;
use crate::metrics::Metrics;
use crate::prices_in::PricesIn;

mod payload;

/// The format that this build writes and reads.
pub const FORMAT: u16 = 1;

/// Magic (8), format (2), reserved (2), header length (4), payload length (4), CRC-32 (4).
const LAYOUT: Layout<2> = Layout {
    magic: *b"\x89LOUPE\r\n",
    format: FORMAT,
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
    /// The currency and the year of the prices it was trained on, where that is known.
    pub prices_in: Option<PricesIn>,
    /// Its accuracy.
    pub scores: Scores,
    /// What it was trained from.
    pub origin: Origin,
}

impl Header {
    /// The header of a model of this build's features, without all that is measured or learnt from its rows.
    #[must_use]
    pub fn new(family: &str, encoder: Encoder, link: Link) -> Header {
        Header {
            family: String::from(family),
            features: Header::feature_names(),
            encoder,
            link,
            interval: None,
            domain: None,
            prices_in: None,
            scores: Scores::default(),
            origin: Origin::default(),
        }
    }

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
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum BlobError {
    #[error(fmt = not_a_blob)]
    Envelope(#[from] EnvelopeError),
    #[error("the model wants the features {}; this build makes {}; retrain with this build's `trainer train`", .0.join(", "), FEATURE_NAMES.join(", "))]
    Features(Vec<String>),
    #[error("the header's {0} is impossible; {DAMAGED}")]
    Header(&'static str),
    #[error("{0}; {DAMAGED}")]
    Form(#[from] FormError),
}

const DAMAGED: &str = "the file is damaged: copy it again or re-export it with `trainer export`";

fn not_a_blob(error: &EnvelopeError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match error {
        EnvelopeError::Magic => {
            write!(f, "not a Loupe model: {error}; export one with `trainer export`")
        }
        EnvelopeError::Format { .. } => {
            write!(f, "blob {error}; re-export with `trainer export`")
        }
        _ => write!(f, "{error}; {DAMAGED}"),
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
    Ok(LAYOUT.seal(&[], [&header, &payload])?)
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
    let form = payload::read(payload)?;
    let model = Model { header, form };
    check(&model)?;
    Ok(model)
}

/// How many bytes at the start of a blob hold all of its header, if no text in it is unusually long.
pub const HEADER_WITHIN: usize = 8 << 10;

/// The header of a blob, from the bytes at its start. `None` where they do not hold a header of this format. For lists of
/// models: neither the payload nor the checksum is looked at.
#[must_use]
pub fn header(start: &[u8]) -> Option<Header> {
    let front = start.get(..LAYOUT.front_bytes)?;
    let [length_at, _] = LAYOUT.lengths_at;
    let length = u32::from_le_bytes(envelope::field(front, length_at)) as usize;
    let is_known = front.starts_with(&LAYOUT.magic) && front[8..10] == FORMAT.to_le_bytes();
    let header = start.get(LAYOUT.front_bytes..)?.get(..length).filter(|_| is_known)?;
    envelope::read_part("header", header).ok()
}

fn check(model: &Model) -> Result<(), BlobError> {
    let header = &model.header;
    if header.features != FEATURE_NAMES {
        return Err(BlobError::Features(header.features.clone()));
    }
    match impossible_field(header, model.form.takes_missing()) {
        None => Ok(()),
        Some(field) => Err(BlobError::Header(field)),
    }
}

/// The first field of a header with an impossible value. `takes_missing` says whether the form accepts rows with missing
/// values.
pub(crate) fn impossible_field(header: &Header, takes_missing: bool) -> Option<&'static str> {
    let Header { encoder, interval, domain, scores: Scores { train, holdout, cv }, .. } = header;
    let imputer = encoder.imputer();
    let knows_lists = !encoder.price_lists().is_empty();
    let has_list_bounds = interval.as_ref().is_some_and(|interval| interval.in_list.is_some());
    let checks = [
        ("measure imputer", imputer.is_none_or(MeasureImputer::is_valid)),
        ("encoder", takes_missing || imputer.is_some()),
        ("interval", interval.as_ref().is_none_or(PredictionInterval::is_valid)),
        ("interval by price list", knows_lists == has_list_bounds || interval.is_none()),
        ("domain", domain.as_ref().is_none_or(Domain::is_valid)),
        ("scores", [train, holdout, cv].into_iter().flatten().all(Metrics::is_finite)),
    ];
    checks.into_iter().find(|(_, is_possible)| !is_possible).map(|(field, _)| field)
}

#[cfg(test)]
mod tests;
