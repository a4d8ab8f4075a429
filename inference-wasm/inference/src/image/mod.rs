//! The image: a decoded model as bytes, to be loaded again without decoding it.
//!
//! A blob is stored near its entropy, and decoding one takes milliseconds. An instance of the service lives for 128
//! requests, so each of them would pay for a part of that. An image holds what prices a stone, laid out as it is walked:
//! loading one is little more than copying it. It is made of a blob and stored beside it, and whoever cannot use it
//! goes back to the blob. So it is no format for exchange: [`LAYOUT`] says which builds understand each other.
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
//! The body is little-endian numbers without padding: a byte for the kind of form, then what the form's own `write`
//! says, in `form/`. What only explanations need is not in it.

use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest, Sha256};

use crate::blob::{self, BlobError, ModelId};
use crate::form::{CompiledForm, FormError};
use crate::predictor::Predictor;

mod envelope;

mod checksum;

mod header;

mod source;

pub(crate) use source::{Source, count};

/// The layout this build writes and reads. It is raised whenever the header, the layout of a form that is walked, or the
/// meaning of either changes; images of another layout are made anew from their blobs.
pub const LAYOUT: u16 = 1;

/// A model that was loaded from an image.
#[derive(Debug, Clone)]
pub struct Image {
    /// The blob that the image was made of.
    pub id: ModelId,
    /// The model at work. It prices as the blob's does, to the bit, and cannot explain.
    pub predictor: Predictor<CompiledForm>,
}

/// Why bytes are no image that can be used.
#[derive(Debug, Clone, PartialEq)]
pub enum ImageError {
    /// Not an image at all.
    NotAnImage,
    /// An image of a layout that this build does not know.
    Layout {
        /// The layout found.
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
        /// What the image promises.
        promised: u64,
        /// What the bytes give.
        found: u64,
    },
    /// A part cannot be read.
    Unreadable {
        /// Which.
        part: &'static str,
    },
    /// A part is read and bytes remain.
    Trailing {
        /// Which.
        part: &'static str,
        /// How many.
        bytes: usize,
    },
    /// A number of the header is impossible.
    Header {
        /// Which.
        what: &'static str,
    },
    /// A walk would leave the form, or never end.
    Broken {
        /// What is wrong, as a sentence.
        why: &'static str,
    },
    /// The form is broken in a way that a blob's could be too.
    Form(FormError),
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ANEW: &str = "make the image anew with `trainer migrate`";
        match self {
            ImageError::NotAnImage => write!(f, "not the image of a Loupe model; {ANEW}"),
            ImageError::Layout { found } => {
                write!(f, "image of layout {found}; this build reads {LAYOUT}; {ANEW}")
            }
            ImageError::Length { promised, found } => {
                write!(f, "{found} bytes where {promised} were promised; {ANEW}")
            }
            ImageError::Checksum { promised, found } => {
                write!(f, "checksum {found:016x} where {promised:016x} was promised; {ANEW}")
            }
            ImageError::Unreadable { part } => write!(f, "the {part} cannot be read; {ANEW}"),
            ImageError::Trailing { part, bytes } => {
                write!(f, "{bytes} bytes follow the {part}; {ANEW}")
            }
            ImageError::Header { what } => {
                write!(f, "the header's {what} is impossible; {ANEW}")
            }
            ImageError::Broken { why } => write!(f, "{why}; {ANEW}"),
            ImageError::Form(error) => write!(f, "{error}; {ANEW}"),
        }
    }
}

impl core::error::Error for ImageError {}

impl From<FormError> for ImageError {
    fn from(error: FormError) -> ImageError {
        ImageError::Form(error)
    }
}

/// Makes the image of a blob. The same blob gives the same bytes.
///
/// # Errors
///
/// [`BlobError`] for what is no blob.
pub fn encode(blob: &[u8]) -> Result<Vec<u8>, BlobError> {
    let model = blob::decode(blob)?;
    let header = header::write(&model.header)?;
    let mut body = Vec::new();
    model.form.write_lean(&mut body)?;
    envelope::seal(&Sha256::digest(blob).into(), &header, &body)
}

/// How many bytes of memory [`decode`] takes at most, for as many bytes of an image, whatever they are: thresholds stand
/// in blocks of sixteen, twice where missing values go both ways, and terms become steps.
#[must_use]
pub const fn most_memory(image_bytes: usize) -> usize {
    image_bytes.saturating_mul(8).saturating_add(16 << 10)
}

/// Loads an image. Never panics, whatever the bytes; everything is checked here, once, so that no walk can leave the
/// form. What is not looked at is whether the form is the blob's: the checksum says that it is what was written.
///
/// # Errors
///
/// [`ImageError`], with what is wrong and what to do.
pub fn decode(bytes: &[u8]) -> Result<Image, ImageError> {
    let parts = envelope::open(bytes)?;
    let form = read_form(parts.body)?;
    let header = header::read(parts.header, &form)?;
    let id = ModelId::of_digest(parts.blob_sha256);
    Ok(Image { id, predictor: Predictor::from_parts(header, form) })
}

fn read_form(body: &[u8]) -> Result<CompiledForm, ImageError> {
    let mut source = Source::new("body", body);
    let form = CompiledForm::read(&mut source)?;
    source.end()?;
    Ok(form)
}
