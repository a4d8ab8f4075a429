//! Writes and reads the header of an image: a blob's, but with borrowed texts and a fixed number of features, so that
//! reading it allocates only for texts that are there.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::ImageError;
use crate::blob::{self, BlobError, Header, Origin, Scores};
use crate::domain::Domain;
use crate::envelope;
use crate::features::{Encoder, FEATURE_COUNT, FEATURE_NAMES};
use crate::form::CompiledForm;
use crate::interval::PredictionInterval;
use crate::link::Link;

const PART: &str = "header";

/// The fields of [`Header`], in its order.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    family: &'a str,
    #[serde(borrow)]
    features: [&'a str; FEATURE_COUNT],
    encoder: Encoder,
    link: Link,
    interval: Option<PredictionInterval>,
    domain: Option<Domain>,
    scores: Scores,
    origin: Origin,
}

/// Writes the header of a model, which was checked to need the features of this build.
pub(super) fn write(header: &Header) -> Result<Vec<u8>, BlobError> {
    let Header { family, features: _, encoder, link, interval, domain, scores, origin } = header;
    let written = Written {
        family,
        features: FEATURE_NAMES,
        encoder: *encoder,
        link: *link,
        interval: *interval,
        domain: *domain,
        scores: *scores,
        origin: *origin,
    };
    Ok(envelope::write_part(PART, &written)?)
}

/// Reads a header, and checks it together with its form.
pub(super) fn read(bytes: &[u8], form: &CompiledForm) -> Result<Header, ImageError> {
    let written: Written<'_> = envelope::read_part(PART, bytes)?;
    check_features(&written.features)?;
    let Written { family, features: _, encoder, link, interval, domain, scores, origin } = written;
    let header = Header {
        family: String::from(family),
        features: Header::feature_names(),
        encoder,
        link,
        interval,
        domain,
        scores,
        origin,
    };
    blob::check_header(&header, form.takes_missing()).map_err(impossible)?;
    Ok(header)
}

fn check_features(found: &[&str; FEATURE_COUNT]) -> Result<(), ImageError> {
    if *found == FEATURE_NAMES { Ok(()) } else { Err(ImageError::Header { what: "features" }) }
}

fn impossible(error: BlobError) -> ImageError {
    match error {
        BlobError::Header { what } => ImageError::Header { what },
        _ => ImageError::Header { what: "contents" },
    }
}
