//! Malicious and malformed requests, and the expected responses.

pub(crate) use acceptance::{STONE, head};

use acceptance::request;

/// A valid request for similar stones.
pub(crate) const SIMILAR: &str = "/v1/similar?carat=0.7&cut=Ideal&color=G&clarity=VS1";

/// The expected response to one request.
#[derive(Debug, Clone)]
pub(crate) enum Expected {
    /// Exactly this status, from the service.
    Status(u16),
    /// One of these, from the service; the request is random.
    OneOf(&'static [u16]),
    /// An error response of the HTTP server; the request does not reach the service.
    Server(u16),
}

impl From<u16> for Expected {
    fn from(status: u16) -> Expected {
        Expected::Status(status)
    }
}

/// The bytes of one connection.
#[derive(Debug)]
pub(crate) struct Attack {
    /// The kind of attack.
    pub(crate) kind: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// The response to each request, in order.
    pub(crate) expected: Vec<Expected>,
}

/// A list of attacks.
#[derive(Debug, Default)]
pub(crate) struct Attacks {
    /// The kind of the attacks that are added next.
    pub(crate) kind: &'static str,
    pub(crate) list: Vec<Attack>,
}

impl Attacks {
    /// Adds the bytes of a connection.
    pub(crate) fn pipeline(&mut self, bytes: Vec<u8>, expected: Vec<Expected>) {
        self.list.push(Attack { kind: self.kind, bytes, expected });
    }

    /// Adds raw bytes.
    pub(crate) fn raw(&mut self, bytes: impl Into<Vec<u8>>, expected: impl Into<Expected>) {
        self.pipeline(bytes.into(), vec![expected.into()]);
    }

    /// Adds a request without a body, with header fields that each end with CR LF.
    pub(crate) fn head(&mut self, line: &str, fields: &str, expected: impl Into<Expected>) {
        self.raw(head(line, fields), expected);
    }

    /// Adds a GET.
    pub(crate) fn get(&mut self, target: &str, expected: impl Into<Expected>) {
        self.head(&format!("GET {target}"), "", expected);
    }

    /// Adds a POST with header fields and a body of the correct length.
    pub(crate) fn sent(
        &mut self,
        target: &str,
        fields: &str,
        body: impl AsRef<[u8]>,
        expected: impl Into<Expected>,
    ) {
        self.raw(request(&format!("POST {target}"), fields, body), expected);
    }

    /// Adds a POST of JSON.
    pub(crate) fn json(
        &mut self,
        target: &str,
        body: impl AsRef<[u8]>,
        expected: impl Into<Expected>,
    ) {
        self.sent(target, "content-type: application/json\r\n", body, expected);
    }

    /// Adds a batch of CSV.
    pub(crate) fn csv(&mut self, body: impl AsRef<[u8]>, expected: impl Into<Expected>) {
        self.sent("/v1/predict/batch", "content-type: text/csv\r\n", body, expected);
    }
}

/// [`STONE`] with another value for a field, or with an additional field.
pub(crate) fn stone_with(field: &str, value: &str) -> String {
    let name = format!("\"{field}\":");
    let mut fields: Vec<&str> = STONE.trim_matches(['{', '}']).split(',').collect();
    fields.retain(|other| !other.starts_with(&name));
    format!("{{{},{name}{value}}}", fields.join(","))
}

/// A batch of diamonds as JSON.
pub(crate) fn batch_of(diamonds: &str) -> String {
    format!("{{\"diamonds\":[{diamonds}]}}")
}

/// [`SIMILAR`] with another value for a parameter, or with an additional parameter.
pub(crate) fn similar_with(parameter: &str, value: &str) -> String {
    let (path, query) = SIMILAR.split_once('?').expect("a query");
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.retain(|pair| !pair.starts_with(&format!("{parameter}=")));
    format!("{path}?{}&{parameter}={value}", pairs.join("&"))
}

/// Text with every byte percent-encoded.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
