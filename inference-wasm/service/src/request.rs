//! A request as the service sees it: a head that was parsed and a body that was read up to a limit.

use bytes::Bytes;
use http::{HeaderMap, Method};
use sha2::{Digest, Sha256};

/// The largest body that is answered; a longer one is 413.
pub(crate) const BODY_LIMIT_BYTES: usize = 1 << 20;

/// A request with its body.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, still percent-encoded, without the query.
    pub path: String,
    /// What follows the question mark.
    pub query: Option<String>,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// When its head arrived.
    pub received: Moment,
}

/// A moment by both clocks of a [`Host`](crate::Host).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Microseconds since 1970.
    pub unix_time_us: u64,
    /// Microseconds since whenever the host counts from.
    pub monotonic_us: u64,
}

impl Request {
    /// A header field as text; `None` where it is absent or not visible ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A body, as much of it as was kept.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// The first bytes, at most 1 MiB.
    pub kept: Bytes,
    /// How many bytes there were.
    pub bytes: u64,
    /// SHA-256 of all of them, where they are more than were kept and all of them arrived.
    pub sha256: Option<String>,
    /// Why the body did not arrive whole.
    pub broken: Option<String>,
}

impl Body {
    /// A body that arrived in one piece.
    #[must_use]
    pub fn whole(bytes: impl Into<Bytes>) -> Body {
        let kept = bytes.into();
        if kept.len() <= BODY_LIMIT_BYTES {
            return Body { bytes: kept.len() as u64, kept, ..Body::default() };
        }
        let mut reader = BodyReader::default();
        reader.push(&kept);
        reader.finish(None)
    }

    /// Whether there was more than is answered.
    pub(crate) fn is_too_large(&self) -> bool {
        self.bytes > BODY_LIMIT_BYTES as u64
    }
}

/// Reads a body piece by piece: keeps the first 1 MiB, counts and hashes the rest.
#[derive(Debug, Default)]
pub struct BodyReader {
    kept: Vec<u8>,
    bytes: u64,
    /// Started only once something is cut: most bodies are small and need no hash.
    hasher: Option<Sha256>,
}

impl BodyReader {
    /// How far an endless body is followed before the reader gives up on it.
    pub const PATIENCE_BYTES: u64 = 64 << 20;

    /// Takes the next piece; says whether to go on reading.
    pub fn push(&mut self, piece: &[u8]) -> bool {
        self.bytes += piece.len() as u64;
        let room = BODY_LIMIT_BYTES - self.kept.len();
        let (kept, cut) = piece.split_at(piece.len().min(room));
        self.kept.extend_from_slice(kept);
        if !cut.is_empty() {
            let hasher = self.hasher.get_or_insert_with(|| Sha256::new_with_prefix(&self.kept));
            hasher.update(cut);
        }
        self.bytes <= Self::PATIENCE_BYTES
    }

    /// The body. `broken` says why it did not arrive whole, if it did not.
    #[must_use]
    pub fn finish(self, broken: Option<String>) -> Body {
        // Of a body that did not arrive whole, no hash is the right one.
        let hasher = self.hasher.filter(|_| broken.is_none());
        let sha256 = hasher.map(|hasher| hexadecimal(&hasher.finalize()));
        Body { kept: self.kept.into(), bytes: self.bytes, sha256, broken }
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_body_is_cut_counted_and_hashed_whole() {
        let bytes = vec![b'x'; BODY_LIMIT_BYTES + 3];
        let mut reader = BodyReader::default();
        for piece in bytes.chunks(1000) {
            assert!(reader.push(piece));
        }
        let body = reader.finish(None);
        assert!(body.is_too_large());
        assert_eq!(body.kept.len(), BODY_LIMIT_BYTES);
        assert_eq!(body.bytes, bytes.len() as u64);
        assert_eq!(body.sha256.unwrap(), hexadecimal(&Sha256::digest(&bytes)));
    }

    #[test]
    fn a_body_at_the_limit_is_kept_whole() {
        let body = Body::whole(vec![0; BODY_LIMIT_BYTES]);
        assert!(!body.is_too_large());
        assert_eq!(body.sha256, None);
    }
}
