//! Writes a decoded model as an image, and loads it without decoding the blob again.
//!
//! A blob is stored near its entropy, and decoding it takes milliseconds. An instance of the service lives for 128
//! requests, so each request would pay for a part of that. An image holds what computes a price in its layout in memory,
//! so loading is little more than copying. It is made from a blob and stored next to it; a build that cannot use the
//! image decodes the blob. It is a cache, not an exchange format: only builds with the same [`LAYOUT`] read it.
//!
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 8 | magic: `89 4C 4F 55 50 45 49 0A` |
//! | 8 | 2 | [`LAYOUT`] |
//! | 10 | 2 | 0 |
//! | 12 | 4 | header length h |
//! | 16 | 4 | body length b |
//! | 20 | 32 | SHA-256 of the blob |
//! | 52 | h | header: postcard, the fields of a blob's header |
//! | 52 + h | b | body |
//! | 52 + h + b | 8 | checksum of everything before it |
//!
//! The body is little-endian numbers without padding: a byte for the kind of form, then what the form's own `write` in
//! `form/` describes. What only explanations need is left out.

use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest, Sha256};

use crate::blob::{self, BlobError, Header, ModelId, Origin, Scores};
use crate::domain::Domain;
use crate::ensure::ensure;
use crate::envelope::{self, Checksum, EnvelopeError, Layout, field};
use crate::features::{Encoder, FEATURE_COUNT, FEATURE_NAMES};
use crate::form::{CompiledForm, FormError};
use crate::interval::PredictionInterval;
use crate::link::Link;
use crate::predictor::Predictor;
use crate::prices_in::PricesIn;

mod source;

pub(crate) use source::{Source, count};

/// The layout this build writes and reads. Raise it whenever the header, the layout of a form or the meaning of either
/// changes; images of another layout are made again from their blobs.
pub const LAYOUT: u16 = 1;

/// The table above.
const ENVELOPE: Layout<2> = Layout {
    magic: *b"\x89LOUPEI\n",
    format: LAYOUT,
    front_bytes: 52,
    reserved: 10..12,
    lengths_at: [12, 16],
    checksum: Checksum::Hash64,
};

/// Where the SHA-256 of the blob stands.
const SHA256_AT: usize = 20;

/// A model that was loaded from an image.
#[derive(Debug, Clone)]
pub struct Image {
    /// The id of the blob that the image was made from.
    pub id: ModelId,
    /// The model. Its prices equal the blob's to the bit; it cannot explain them.
    pub predictor: Predictor<CompiledForm>,
}

/// Why bytes are not an image that this build can use.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum ImageError {
    #[error(fmt = not_an_image)]
    Envelope(#[from] EnvelopeError),
    #[error("the header's {0} is impossible; {REMEDY}")]
    Header(&'static str),
    /// A walk would leave the form or never end.
    #[error("{0}; {REMEDY}")]
    Broken(&'static str),
    #[error("{0}; {REMEDY}")]
    Form(#[from] FormError),
}

const REMEDY: &str = "make the image again with `trainer migrate`";

fn not_an_image(error: &EnvelopeError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match error {
        EnvelopeError::Magic => write!(f, "not the image of a Loupe model: {error}; {REMEDY}"),
        EnvelopeError::Format { found, .. } => {
            write!(f, "image of layout {found}; this build reads {LAYOUT}; {REMEDY}")
        }
        _ => write!(f, "{error}; {REMEDY}"),
    }
}

/// Makes the image of a blob. The same blob gives the same bytes.
///
/// # Errors
///
/// [`BlobError`] for bytes that are not a valid blob.
pub fn encode(blob: &[u8]) -> Result<Vec<u8>, BlobError> {
    let model = blob::decode(blob)?;
    let Header { family, features: _, encoder, link, interval, domain, prices_in, scores, origin } =
        &model.header;
    let header =
        (family, FEATURE_NAMES, encoder, link, interval, domain, prices_in, scores, origin);
    let header = envelope::write_part("header", &header)?;
    let mut body = Vec::new();
    model.form.write_compiled(&mut body)?;
    Ok(ENVELOPE.seal(&[(SHA256_AT, &Sha256::digest(blob))], [&header, &body])?)
}

/// How many bytes of memory [`decode`] takes at most for an image of so many bytes, valid or not: thresholds are stored in
/// blocks of sixteen, twice where missing values go both ways, and terms become steps.
#[must_use]
pub const fn max_decode_bytes(image_bytes: usize) -> usize {
    image_bytes.saturating_mul(8).saturating_add(16 << 10)
}

/// Loads an image. Never panics, whatever the bytes. Everything is checked here, once, so that no walk can leave the form.
/// Whether the form equals the blob's is not checked: the checksum proves that it is what was written.
///
/// # Errors
///
/// [`ImageError`], with the reason and a remedy.
pub fn decode(bytes: &[u8]) -> Result<Image, ImageError> {
    let envelope = ENVELOPE.open(bytes)?;
    let [header, body] = envelope.parts;
    let form = read_form(body)?;
    let header = read_header(header, form.takes_missing())?;
    let id = ModelId::of_digest(&field(envelope.front, SHA256_AT));
    Ok(Image { id, predictor: Predictor { header, form } })
}

/// The fields of a [`Header`], in its order. Texts are borrowed and there are so many features, so that reading allocates only
/// for texts that are there.
type HeaderFields<'a> = (
    &'a str,
    [&'a str; FEATURE_COUNT],
    Encoder,
    Link,
    Option<PredictionInterval>,
    Option<Domain>,
    Option<PricesIn>,
    Scores,
    Origin,
);

fn read_header(bytes: &[u8], takes_missing: bool) -> Result<Header, ImageError> {
    let fields: HeaderFields<'_> = envelope::read_part("header", bytes)?;
    let (family, features, encoder, link, interval, domain, prices_in, scores, origin) = fields;
    ensure(features == FEATURE_NAMES, ImageError::Header("features"))?;
    let (family, features) = (family.into(), Header::feature_names());
    let header =
        Header { family, features, encoder, link, interval, domain, prices_in, scores, origin };
    match blob::impossible_field(&header, takes_missing) {
        None => Ok(header),
        Some(field) => Err(ImageError::Header(field)),
    }
}

fn read_form(body: &[u8]) -> Result<CompiledForm, ImageError> {
    let mut source = Source::new("body", body);
    let form = CompiledForm::read(&mut source)?;
    source.end()?;
    Ok(form)
}
