//! One thing that somebody sends who means no good, and what must come back.

/// A good diamond.
pub(crate) const STONE: &str = r#"{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1"}"#;

/// The same as a query.
pub(crate) const QUERY: &str = "carat=0.7&cut=Ideal&color=G&clarity=VS1";

/// What must come back for one request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expected {
    /// Exactly this status, from the service.
    Status(u16),
    /// One of these, from the service: chance decides what was sent.
    OneOf(&'static [u16]),
    /// A refusal by the HTTP server, which the service never hears of.
    Server(u16),
}

/// The bytes of one connection.
#[derive(Debug, Clone)]
pub(crate) struct Attack {
    /// What it tries.
    pub(crate) kind: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// For each request, in order.
    pub(crate) expected: Vec<Expected>,
}

impl Attack {
    /// Bytes as they are.
    pub(crate) fn raw(kind: &'static str, bytes: impl Into<Vec<u8>>, expected: Expected) -> Attack {
        Attack { kind, bytes: bytes.into(), expected: vec![expected] }
    }

    /// A request without a body, by its target.
    pub(crate) fn get(kind: &'static str, target: &str, expected: Expected) -> Attack {
        Attack::raw(kind, head(&format!("GET {target}"), ""), expected)
    }

    /// A request with header fields, each ended by CR LF, and a body that is as long as it says.
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

/// The good diamond with another value for a field, which it may not have yet.
pub(crate) fn stone_with(field: &str, value: &str) -> String {
    let mut fields =
        vec![("carat", "0.7"), ("cut", "\"Ideal\""), ("color", "\"G\""), ("clarity", "\"VS1\"")];
    fields.retain(|(name, _)| *name != field);
    fields.push((field, value));
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// Text as a query carries it, every byte of it encoded.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
