//! One malicious or malformed request and the expected response.

pub(crate) use acceptance::STONE;

/// The diamond of [`STONE`] as a query.
pub(crate) const QUERY: &str = "carat=0.7&cut=Ideal&color=G&clarity=VS1";

/// The expected response to one request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expected {
    /// Exactly this status, from the service.
    Status(u16),
    /// One of these, from the service; the request is random.
    OneOf(&'static [u16]),
    /// An error response of the HTTP server; the request does not reach the service.
    Server(u16),
}

/// The bytes of one connection.
#[derive(Debug, Clone)]
pub(crate) struct Attack {
    /// The kind of attack.
    pub(crate) kind: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// The response to each request, in order.
    pub(crate) expected: Vec<Expected>,
}

impl Attack {
    /// Raw bytes.
    pub(crate) fn raw(kind: &'static str, bytes: impl Into<Vec<u8>>, expected: Expected) -> Attack {
        Attack { kind, bytes: bytes.into(), expected: vec![expected] }
    }

    /// A request without a body, by its target.
    pub(crate) fn get(kind: &'static str, target: &str, expected: Expected) -> Attack {
        Attack::raw(kind, head(&format!("GET {target}"), ""), expected)
    }

    /// A request with header fields, each ended by CR LF, and a body of the correct length.
    pub(crate) fn sent(
        kind: &'static str,
        line: &str,
        fields: &str,
        body: impl AsRef<[u8]>,
        expected: Expected,
    ) -> Attack {
        let body = body.as_ref();
        let mut bytes = head(line, &format!("content-length: {}\r\n{fields}", body.len()));
        bytes.extend_from_slice(body);
        Attack::raw(kind, bytes, expected)
    }

    /// A POST of JSON.
    pub(crate) fn json(
        kind: &'static str,
        target: &str,
        body: impl AsRef<[u8]>,
        expected: Expected,
    ) -> Attack {
        let fields = "content-type: application/json\r\n";
        Attack::sent(kind, &format!("POST {target}"), fields, body, expected)
    }

    /// A POST of CSV.
    pub(crate) fn csv(kind: &'static str, body: impl AsRef<[u8]>, expected: Expected) -> Attack {
        let fields = "content-type: text/csv\r\n";
        Attack::sent(kind, "POST /v1/predict/batch", fields, body, expected)
    }
}

/// The head of a request with more fields.
pub(crate) fn head(line: &str, fields: &str) -> Vec<u8> {
    format!("{line} HTTP/1.1\r\nhost: loupe\r\n{fields}\r\n").into_bytes()
}

/// [`STONE`] with another value for a field, or with an additional field.
pub(crate) fn stone_with(field: &str, value: &str) -> String {
    let mut fields =
        vec![("carat", "0.7"), ("cut", "\"Ideal\""), ("color", "\"G\""), ("clarity", "\"VS1\"")];
    fields.retain(|(name, _)| *name != field);
    fields.push((field, value));
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// Text with every byte percent-encoded.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
