//! A response, as tests look at it.

use bytes::Bytes;
use http::Response;
use serde_json::Value as Json;

/// A response.
pub(crate) struct Reply(pub(super) Response<Bytes>);

impl Reply {
    pub(crate) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.headers().contains_key(field)
    }

    /// A header field; the empty text where it is absent.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.0.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The fields of the request that decided about the answer.
    pub(crate) fn vary(&self) -> String {
        let values = self.0.headers().get_all("vary").iter();
        values.map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn id(&self) -> &str {
        self.field("x-request-id")
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.0.body()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.body()).unwrap()
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(self.body()).unwrap()
    }

    /// The fields that a problem names.
    pub(crate) fn wrong_fields(&self) -> Vec<String> {
        wrong_fields(&self.json())
    }

    /// Whether the database refused the request's record.
    pub(crate) fn is_stray(&self) -> bool {
        self.has("x-loupe-journal")
    }
}

/// The fields that a problem, or the error of one diamond of a batch, names.
pub(crate) fn wrong_fields(problem: &Json) -> Vec<String> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}
