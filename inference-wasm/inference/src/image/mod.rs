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

use crate::blob::{self, BlobError, ModelId};
use crate::envelope::{Checksum, EnvelopeError, Layout, field};
use crate::form::{CompiledForm, FormError};
use crate::predictor::Predictor;

mod header;
mod source;

pub(crate) use source::{Source, count};

/// The layout this build writes and reads. Raise it whenever the header, the layout of a form or the meaning of either
/// changes; images of another layout are made again from their blobs.
pub const LAYOUT: u16 = 1;

/// The table above.
const ENVELOPE: Layout<2> = Layout {
    magic: *b"\x89LOUPEI\n",
    formats: LAYOUT..=LAYOUT,
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
#[derive(Debug, Clone, PartialEq)]
pub enum ImageError {
    /// The container is not an image, damaged, or unreadable.
    Envelope(EnvelopeError),
    /// A field of the header has an impossible value.
    Header {
        /// The name of the field.
        what: &'static str,
    },
    /// A walk would leave the form or never end.
    Broken {
        /// What is wrong, as a sentence.
        why: &'static str,
    },
    /// The form is invalid in a way that a blob's could be too.
    Form(FormError),
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const REMEDY: &str = "make the image again with `trainer migrate`";
        match self {
            ImageError::Envelope(error @ EnvelopeError::Magic) => {
                write!(f, "not the image of a Loupe model: {error}; {REMEDY}")
            }
            ImageError::Envelope(EnvelopeError::Format { found, .. }) => {
                write!(f, "image of layout {found}; this build reads {LAYOUT}; {REMEDY}")
            }
            ImageError::Envelope(error) => write!(f, "{error}; {REMEDY}"),
            ImageError::Header { what } => {
                write!(f, "the header's {what} is impossible; {REMEDY}")
            }
            ImageError::Broken { why } => write!(f, "{why}; {REMEDY}"),
            ImageError::Form(error) => write!(f, "{error}; {REMEDY}"),
        }
    }
}

impl core::error::Error for ImageError {}

impl From<EnvelopeError> for ImageError {
    fn from(error: EnvelopeError) -> ImageError {
        ImageError::Envelope(error)
    }
}

impl From<FormError> for ImageError {
    fn from(error: FormError) -> ImageError {
        ImageError::Form(error)
    }
}

/// Makes the image of a blob. The same blob gives the same bytes.
///
/// # Errors
///
/// [`BlobError`] for bytes that are not a valid blob.
pub fn encode(blob: &[u8]) -> Result<Vec<u8>, BlobError> {
    let model = blob::decode(blob)?;
    let header = header::write(&model.header)?;
    let mut body = Vec::new();
    model.form.write_compiled(&mut body)?;
    Ok(ENVELOPE.seal(LAYOUT, &[(SHA256_AT, &Sha256::digest(blob))], [&header, &body])?)
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
    let header = header::read(header, &form)?;
    let id = ModelId::of_digest(&field(envelope.front, SHA256_AT));
    Ok(Image { id, predictor: Predictor::from_parts(header, form) })
}

fn read_form(body: &[u8]) -> Result<CompiledForm, ImageError> {
    let mut source = Source::new("body", body);
    let form = CompiledForm::read(&mut source)?;
    source.end()?;
    Ok(form)
}
