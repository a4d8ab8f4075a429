//! A request as the service sees it: a head that was parsed and a body that was read up to a limit.

use bytes::Bytes;
use http::{HeaderMap, Method};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// The largest body that is answered; a longer one is 413.
pub(crate) const BODY_LIMIT_BYTES: usize = 1 << 20;

/// The longest path and the longest query that are read; a longer one is 414.
const MOST_PATH_BYTES: usize = 2 << 10;
const MOST_QUERY_BYTES: usize = 8 << 10;

/// How many header fields are read, and how long they may be in all, names and values; more is 431.
pub(crate) const MOST_FIELDS: usize = 64;
pub(crate) const MOST_FIELD_BYTES: usize = 16 << 10;

/// What hosts add to the caller's fields: these are not counted. Spin and edge-host put them in place of the caller's
/// own of these names.
const HOSTS_FIELDS: [&str; 7] = [
    "spin-full-url",
    "spin-path-info",
    "spin-matched-route",
    "spin-base-path",
    "spin-raw-component-route",
    "spin-component-route",
    "spin-client-addr",
];

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

    /// Whether path, query and header fields are within what is read.
    ///
    /// # Errors
    ///
    /// [`Problem::UriTooLong`] and [`Problem::FieldsTooLarge`].
    pub(crate) fn check_head(&self) -> Result<(), Problem> {
        let query_bytes = self.query.as_ref().map_or(0, String::len);
        for (part, bytes, limit) in
            [("path", self.path.len(), MOST_PATH_BYTES), ("query", query_bytes, MOST_QUERY_BYTES)]
        {
            if bytes > limit {
                return Err(Problem::UriTooLong { part, bytes, limit });
            }
        }
        let callers =
            self.headers.iter().filter(|(name, _)| !HOSTS_FIELDS.contains(&name.as_str()));
        let (mut count, mut bytes) = (0, 0);
        for (name, value) in callers {
            count += 1;
            bytes += name.as_str().len() + value.len();
        }
        if count > MOST_FIELDS || bytes > MOST_FIELD_BYTES {
            return Err(Problem::FieldsTooLarge { count, bytes });
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
    /// Why the body did not arrive whole.
    pub broken: Option<Broken>,
}

/// Why a body did not arrive whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// The connection, or what it carried, broke: in the host's words.
    Cut(String),
    /// It went on and on, and was not followed further.
    Endless,
    /// Its time was over.
    Late,
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
    pub const PATIENCE_BYTES: u64 = 8 << 20;

    /// How many bytes came so far.
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
        self.bytes <= Self::PATIENCE_BYTES
    }

    /// The body. `broken` says why it did not arrive whole, if it did not.
    #[must_use]
    pub fn finish(self, broken: Option<Broken>) -> Body {
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
    fn an_endless_body_is_not_followed() {
        let mut reader = BodyReader::default();
        let mebibyte = vec![b'x'; 1 << 20];
        let followed = (0..100).take_while(|_| reader.push(&mebibyte)).count();
        assert_eq!(followed, 8);
        let body = reader.finish(Some(Broken::Endless));
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
                let request = Request {
                    method: Method::GET,
                    path: "/".repeat(path),
                    query: Some("q".repeat(query)),
                    headers,
                    body: Body::default(),
                    received: Moment::default(),
                };
                let status = request.check_head().err().map(|problem| problem.status().as_u16());
                assert_eq!(status, expected, "{path} {query} {fields:?}");
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
