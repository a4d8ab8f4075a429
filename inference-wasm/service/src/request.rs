//! Requests: a parsed head, a body that is read up to a limit, and the checks of both.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use sha2::{Digest, Sha256};

use api::hex::hexadecimal;

use crate::problem::Problem;

/// The largest body that is answered; a longer one is 413.
const BODY_LIMIT_BYTES: usize = 1 << 20;

/// The longest path and the longest query that are read; a longer one is 414.
const MAX_PATH_BYTES: usize = 2 << 10;
const MAX_QUERY_BYTES: usize = 8 << 10;

/// How many header fields are read, and how long they may be in all, names and values; more is 431.
const MAX_FIELDS: usize = 64;
const MAX_FIELD_BYTES: usize = 16 << 10;

/// What hosts add to the caller's fields: these are not counted. Spin and edge-host put them in place of the caller's
/// own of these names.
const HOST_FIELDS: [&str; 7] = [
    "spin-full-url",
    "spin-path-info",
    "spin-matched-route",
    "spin-base-path",
    "spin-raw-component-route",
    "spin-component-route",
    "spin-client-addr",
];

/// A request with its body.
#[derive(Debug, Clone, Default)]
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
    /// Microseconds since a fixed moment of the host's choice.
    pub monotonic_us: u64,
}

impl Request {
    /// A header field as text; `None` where it is absent or not visible ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether path, query and header fields are within what is read.
    ///
    /// # Errors
    ///
    /// [`Problem::UriTooLong`] and [`Problem::FieldsTooLarge`].
    pub(crate) fn check_head(&self) -> Result<(), Problem> {
        let query_bytes = self.query.as_ref().map_or(0, String::len);
        for (part, bytes, limit) in
            [("path", self.path.len(), MAX_PATH_BYTES), ("query", query_bytes, MAX_QUERY_BYTES)]
        {
            if bytes > limit {
                return Err(Problem::UriTooLong { part, bytes, limit });
            }
        }
        let callers = self.headers.iter().filter(|(name, _)| !HOST_FIELDS.contains(&name.as_str()));
        let (mut count, mut bytes) = (0, 0);
        for (name, value) in callers {
            count += 1;
            bytes += name.as_str().len() + value.len();
        }
        if count > MAX_FIELDS || bytes > MAX_FIELD_BYTES {
            let limits = [MAX_FIELDS, MAX_FIELD_BYTES];
            return Err(Problem::FieldsTooLarge { count, bytes, limits });
        }
        Ok(())
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
    /// Why the body is incomplete.
    pub error: Option<BodyError>,
}

/// Why a body is incomplete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyError {
    /// The connection broke: in the host's words.
    Aborted(String),
    /// It was longer than the reader reads.
    TooLong,
    /// It did not arrive in time.
    Timeout,
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

    /// Checks that the body is complete and within the limit.
    ///
    /// # Errors
    ///
    /// [`Problem::TooLarge`], [`Problem::BodyTimeout`] and [`Problem::NotParseable`].
    pub(crate) fn check(&self, timeout: Duration) -> Result<(), Problem> {
        let bytes = self.bytes;
        if self.is_too_large() {
            return Err(Problem::TooLarge { bytes, limit: BODY_LIMIT_BYTES as u64 });
        }
        let detail = match &self.error {
            None => return Ok(()),
            Some(BodyError::Timeout) => {
                return Err(Problem::BodyTimeout { bytes, seconds: timeout.as_secs() });
            }
            Some(BodyError::TooLong) => "the body does not end".into(),
            Some(BodyError::Aborted(why)) => format!("the body did not arrive whole: {why}"),
        };
        Err(Problem::NotParseable { detail })
    }

    /// Whether the body is longer than the largest that is answered.
    fn is_too_large(&self) -> bool {
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
    /// How many bytes are read before the reader gives up.
    pub const GIVE_UP_BYTES: u64 = 8 << 20;

    /// How many bytes were read so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

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
        self.bytes <= Self::GIVE_UP_BYTES
    }

    /// The body; `error` says why it is incomplete, if it is.
    #[must_use]
    pub fn finish(self, error: Option<BodyError>) -> Body {
        // An incomplete body has no right hash.
        let hasher = self.hasher.filter(|_| error.is_none());
        let sha256 = hasher.map(|hasher| hexadecimal(&hasher.finalize()));
        Body { kept: self.kept.into(), bytes: self.bytes, sha256, error }
    }
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
    fn an_endless_body_is_not_followed() {
        let mut reader = BodyReader::default();
        let mebibyte = vec![b'x'; 1 << 20];
        let followed = (0..100).take_while(|_| reader.push(&mebibyte)).count();
        assert_eq!(followed, 8);
        let body = reader.finish(Some(BodyError::TooLong));
        assert!(body.is_too_large() && body.sha256.is_none());
    }

    #[test]
    fn a_head_is_read_up_to_its_limits() {
        let check =
            |path: usize, query: usize, fields: &[(usize, usize)], expected: Option<u16>| {
                let mut headers = HeaderMap::new();
                for (at, (name, value)) in fields.iter().enumerate() {
                    let name = format!("{at:0name$}").parse::<http::HeaderName>().unwrap();
                    headers.append(name, "v".repeat(*value).parse().unwrap());
                }
                headers.append("spin-full-url", "v".repeat(20_000).parse().unwrap());
                let (path, query) = ("/".repeat(path), Some("q".repeat(query)));
                let request = Request { path, query, headers, ..Request::default() };
                let status = request.check_head().err().map(|problem| problem.status().as_u16());
                assert_eq!(status, expected, "{fields:?}");
            };
        check(2_048, 8_192, &[(8, 8_184), (8, 8_184)], None);
        check(2_049, 0, &[], Some(414));
        check(1, 8_193, &[], Some(414));
        check(1, 0, &[(8, 8_184), (8, 8_185)], Some(431));
        check(1, 0, &[(4, 4); 64], None);
        check(1, 0, &[(4, 4); 65], Some(431));
    }

    #[test]
    fn a_body_at_the_limit_is_kept_whole() {
        let body = Body::whole(vec![0; BODY_LIMIT_BYTES]);
        assert!(!body.is_too_large());
        assert_eq!(body.sha256, None);
    }
}
