//! HTTP/1.1 framing: chunks, lengths, header fields and pipelined requests.

use acceptance::Rng;

use crate::attack::Expected::{self, Server, Status};
use crate::attack::{Attack, QUERY, STONE, head};

pub(crate) fn all(rng: &mut Rng) -> Vec<Attack> {
    [chunks(), lengths(), fields(), pipelines(rng)].concat()
}

fn chunks() -> Vec<Attack> {
    let kind = "chunks";
    let size = STONE.len();
    let (first, second) = STONE.split_at(20);
    let halves = (first.len(), second.len());
    let mut attacks = Vec::new();
    for (body, expected) in [
        (format!("{size:x}\r\n{STONE}\r\n0\r\n\r\n"), Status(200)),
        (format!("{size:X}\r\n{STONE}\r\n0\r\n\r\n"), Status(200)),
        (format!("000000{size:x}\r\n{STONE}\r\n0\r\n\r\n"), Status(200)),
        (
            format!("{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", halves.0, halves.1),
            Status(200),
        ),
        (
            STONE.bytes().map(|byte| format!("1\r\n{}\r\n", char::from(byte))).collect::<String>()
                + "0\r\n\r\n",
            Status(200),
        ),
        (format!("{size:x};a=b;c=\"d\"\r\n{STONE}\r\n0;e\r\n\r\n"), Status(200)),
        (format!("{size:x}\r\n{STONE}\r\n0\r\nx-trailer: 1\r\n\r\n"), Status(200)),
        (
            format!("{size:x}\r\n{STONE}\r\n0\r\ncontent-length: 3\r\nhost: evil\r\n\r\n"),
            Status(200),
        ),
        ("0\r\n\r\n".to_owned(), Status(400)),
        (format!("{:x}\r\n{STONE}\r\n0\r\n\r\n", size - 1), Status(400)),
        (format!("{:x}\r\n{STONE}\r\n0\r\n\r\n", size + 1), Status(400)),
        (format!("-1\r\n{STONE}\r\n0\r\n\r\n"), Status(400)),
        (format!("0x{size:x}\r\n{STONE}\r\n0\r\n\r\n"), Status(400)),
        (format!("ffffffffffffffff1\r\n{STONE}\r\n0\r\n\r\n"), Status(400)),
        (format!("g\r\n{STONE}\r\n0\r\n\r\n"), Status(400)),
        (format!("\r\n{STONE}\r\n0\r\n\r\n"), Status(400)),
        (format!("{size:x}\n{STONE}\n0\n\n"), Status(400)),
        (format!("{size:x};{}\r\n{STONE}\r\n0\r\n\r\n", "x".repeat(20_000)), Status(400)),
        (format!("{size:x}\r\n{STONE}\r\n0\r\nx: {}\r\n\r\n", "x".repeat(20_000)), Status(400)),
        // What never comes is waited for as long as request_timeout says.
        (format!("{size:x}\r\n{STONE}\r\n"), Status(408)),
        (format!("{size:x}\r\n{STONE}\r\n0\r\n"), Status(408)),
        (format!("{size:x}\r\n{first}"), Status(408)),
        ("fffffffffffffff\r\n{".to_owned(), Status(408)),
        (String::new(), Status(408)),
    ] {
        let coding = "content-type: application/json\r\ntransfer-encoding: chunked\r\n";
        let bytes = [&head("POST /v1/predict", coding)[..], body.as_bytes()].concat();
        attacks.push(Attack::raw(kind, bytes, expected));
    }
    for (coding, expected) in [
        ("CHUNKED", Status(200)),
        ("gzip, chunked", Status(200)),
        ("chunked, identity", Server(400)),
        ("identity", Server(400)),
        ("gzip", Server(400)),
        ("xchunked", Server(400)),
        ("", Server(400)),
        ("chunked\r\ntransfer-encoding: identity", Server(400)),
    ] {
        let head = head("POST /v1/predict", &format!("transfer-encoding: {coding}\r\n"));
        let body = format!("{size:x}\r\n{STONE}\r\n0\r\n\r\n");
        attacks.push(Attack::raw(
            "transfer-encoding",
            [&head[..], body.as_bytes()].concat(),
            expected,
        ));
    }
    attacks
}

fn lengths() -> Vec<Attack> {
    let kind = "content-length";
    let size = STONE.len();
    let chunked = format!("{size:x}\r\n{STONE}\r\n0\r\n\r\n");
    let mut attacks = Vec::new();
    for (fields, body, expected) in [
        (format!("content-length: {size}\r\ncontent-length: {size}\r\n"), STONE, Status(200)),
        (format!("content-length: {size}\r\ncontent-length: 5\r\n"), STONE, Server(400)),
        (format!("content-length: {size}, {size}\r\n"), STONE, Server(400)),
        ("content-length: -1\r\n".into(), STONE, Server(400)),
        (format!("content-length: +{size}\r\n"), STONE, Server(400)),
        ("content-length: 0x10\r\n".into(), STONE, Server(400)),
        ("content-length: 1e1\r\n".into(), STONE, Server(400)),
        ("content-length: 5 5\r\n".into(), STONE, Server(400)),
        ("content-length: \r\n".into(), STONE, Server(400)),
        ("content-length: 99999999999999999999\r\n".into(), STONE, Server(400)),
        ("content-length: 18446744073709551615\r\n".into(), STONE, Server(431)),
        (format!("content-length: {:03}\r\n", size), STONE, Status(200)),
        (format!("content-length: {}\r\n", size + 1), STONE, Status(408)),
        ("content-length: 9223372036854775807\r\n".into(), STONE, Status(408)),
        ("content-length: 1\r\n".into(), "", Status(408)),
        (String::new(), "", Status(400)),
        // The chunks count, as RFC 9112 has it, and no second request hides behind them.
        (
            format!("content-length: {size}\r\ntransfer-encoding: chunked\r\n"),
            &chunked,
            Status(200),
        ),
        (
            format!("transfer-encoding: chunked\r\ncontent-length: {size}\r\n"),
            &chunked,
            Status(200),
        ),
    ] {
        let fields = format!("content-type: application/json\r\n{fields}");
        let bytes = [&head("POST /v1/predict", &fields)[..], body.as_bytes()].concat();
        attacks.push(Attack::raw(kind, bytes, expected));
    }
    attacks
}

fn fields() -> Vec<Attack> {
    let kind = "header fields";
    let raw = |text: &str, expected: Expected| {
        let bytes = format!("GET /v1/models HTTP/1.1\r\n{text}\r\n");
        Attack::raw(kind, bytes, expected)
    };
    let bytes = |value: &[u8], expected: Expected| {
        let [before, after] =
            ["GET /v1/models HTTP/1.1\r\nhost: loupe\r\nx: ", "\r\n\r\n"].map(str::as_bytes);
        Attack::raw(kind, [before, value, after].concat(), expected)
    };
    vec![
        raw("host: loupe\r\nx: a\r\n b\r\n", Server(400)),
        raw("host: loupe\r\nx: a\r\n\tb\r\n", Server(400)),
        raw(" host: loupe\r\n", Server(400)),
        raw("host : loupe\r\n", Server(400)),
        raw("host: loupe\r\nx y: 1\r\n", Server(400)),
        raw("host: loupe\r\nno colon\r\n", Server(400)),
        raw("host: loupe\r\n: no name\r\n", Server(400)),
        raw("host: loupe\r\nx\r\n", Server(400)),
        raw("host: loupe\r\n(x): 1\r\n", Server(400)),
        raw("host: loupe\r\nx\u{e9}: 1\r\n", Server(400)),
        raw("", Server(400)),
        raw("host:\r\n", Server(400)),
        raw("host: a b\r\n", Server(400)),
        raw("host: evil/../x\r\n", Server(400)),
        raw("host: loupe\r\nHOST: loupe\r\n", Status(200)),
        raw("host: loupe\r\nconnection: x-api-key, close\r\n", Status(200)),
        raw("host: loupe\r\nexpect: 200-ok\r\n", Status(200)),
        raw("host: loupe\r\nupgrade: h2c\r\nconnection: upgrade\r\n", Status(200)),
        raw("host: loupe\r\nrange: bytes=0-0\r\n", Status(200)),
        raw(
            "host: loupe\r\nspin-client-addr: 1.2.3.4:5\r\nspin-full-url: http://evil/\r\n",
            Status(200),
        ),
        raw("host: loupe\r\nx-forwarded-for: '\"<script>\r\n", Status(200)),
        raw("host: loupe\r\ntraceparent: 00-0-0-0\r\n", Status(200)),
        raw("host: loupe\r\norigin: null\r\n", Status(200)),
        raw("host: loupe\r\nif-none-match: *\r\n", Status(200)),
        bytes(b"\0", Server(400)),
        bytes(b"a\x01b", Server(400)),
        bytes(b"a\x7fb", Server(400)),
        bytes(b"a\rb", Server(400)),
        bytes(b"\xff\xfe", Status(200)),
        bytes("é".as_bytes(), Status(200)),
        bytes(b"a\tb", Status(200)),
    ]
}

/// Requests that are sent in one breath, each of which is answered in its turn.
fn pipelines(rng: &mut Rng) -> Vec<Attack> {
    let length = |body: &str| {
        format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len())
    };
    let post = |body: &str| [head("POST /v1/predict", &length(body)), body.into()].concat();
    let size = STONE.len();
    let parts = [
        (post(STONE), 200),
        (post("{"), 400),
        (post("{}"), 422),
        (head("GET /v1/models", ""), 200),
        (head(&format!("GET /v1/similar?{QUERY}"), ""), 200),
        (head("GET /nope", ""), 404),
        (head("BREW /v1/predict", ""), 405),
        (head("OPTIONS /v1/predict", ""), 204),
        (
            [
                head("POST /v1/predict", "transfer-encoding: chunked\r\n"),
                format!("{size:x};x\r\n{STONE}\r\n0\r\n\r\n").into_bytes(),
            ]
            .concat(),
            200,
        ),
        // A body that looks like a request is none.
        (post("GET /v1/models HTTP/1.1\r\nhost: loupe\r\n\r\n"), 400),
    ];
    (0..60)
        .map(|_| {
            let chosen: Vec<_> = (0..2 + rng.below(7)).map(|_| rng.one_of(&parts)).collect();
            Attack {
                kind: "pipelined",
                bytes: chosen.iter().flat_map(|(bytes, _)| bytes.clone()).collect(),
                expected: chosen.iter().map(|(_, status)| Status(*status)).collect(),
            }
        })
        .collect()
}
