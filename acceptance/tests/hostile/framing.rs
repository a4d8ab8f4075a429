//! HTTP/1.1 framing: chunks, lengths, header fields and pipelined requests.

use fastrand::Rng;

use crate::attack::Expected::{Server, Status};
use crate::attack::{Attacks, SIMILAR, STONE, head};

pub(crate) fn all(attacks: &mut Attacks, rng: &mut Rng) {
    chunks(attacks);
    codings(attacks);
    lengths(attacks);
    fields(attacks);
    pipelines(attacks, rng);
}

/// The chunk of a whole body, and the last chunk.
fn chunked(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

/// A POST with header fields and what follows the head.
fn post(fields: &str, rest: &str) -> Vec<u8> {
    (head("POST /v1/predict", fields) + rest).into_bytes()
}

fn chunks(attacks: &mut Attacks) {
    attacks.kind = "chunks";
    let size = STONE.len();
    let (first, second) = STONE.split_at(20);
    let halves = (first.len(), second.len());
    let bytes: String = STONE.chars().map(|byte| format!("1\r\n{byte}\r\n")).collect();
    let long = "x".repeat(20_000);
    for (body, status) in [
        (chunked(STONE), 200),
        (format!("{size:X}\r\n{STONE}\r\n0\r\n\r\n"), 200),
        (format!("000000{size:x}\r\n{STONE}\r\n0\r\n\r\n"), 200),
        (format!("{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", halves.0, halves.1), 200),
        (bytes + "0\r\n\r\n", 200),
        (format!("{size:x};a=b;c=\"d\"\r\n{STONE}\r\n0;e\r\n\r\n"), 200),
        (format!("{size:x}\r\n{STONE}\r\n0\r\nx-trailer: 1\r\n\r\n"), 200),
        (format!("{size:x}\r\n{STONE}\r\n0\r\ncontent-length: 3\r\nhost: evil\r\n\r\n"), 200),
        ("0\r\n\r\n".into(), 400),
        (format!("{:x}\r\n{STONE}\r\n0\r\n\r\n", size - 1), 400),
        (format!("{:x}\r\n{STONE}\r\n0\r\n\r\n", size + 1), 400),
        (format!("-1\r\n{STONE}\r\n0\r\n\r\n"), 400),
        (format!("0x{size:x}\r\n{STONE}\r\n0\r\n\r\n"), 400),
        (format!("ffffffffffffffff1\r\n{STONE}\r\n0\r\n\r\n"), 400),
        (format!("g\r\n{STONE}\r\n0\r\n\r\n"), 400),
        (format!("\r\n{STONE}\r\n0\r\n\r\n"), 400),
        (format!("{size:x}\n{STONE}\n0\n\n"), 400),
        (format!("{size:x};{long}\r\n{STONE}\r\n0\r\n\r\n"), 400),
        (format!("{size:x}\r\n{STONE}\r\n0\r\nx: {long}\r\n\r\n"), 400),
        // The service waits for missing bytes until request_timeout.
        (format!("{size:x}\r\n{STONE}\r\n"), 408),
        (format!("{size:x}\r\n{STONE}\r\n0\r\n"), 408),
        (format!("{size:x}\r\n{first}"), 408),
        ("fffffffffffffff\r\n{".into(), 408),
        (String::new(), 408),
    ] {
        let fields = "content-type: application/json\r\ntransfer-encoding: chunked\r\n";
        attacks.raw(post(fields, &body), status);
    }
}

fn codings(attacks: &mut Attacks) {
    attacks.kind = "transfer-encoding";
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
        let fields = format!("transfer-encoding: {coding}\r\n");
        attacks.raw(post(&fields, &chunked(STONE)), expected);
    }
}

fn lengths(attacks: &mut Attacks) {
    attacks.kind = "content-length";
    let size = STONE.len();
    let mut add = |fields: &str, body: &str, expected| {
        let fields = format!("content-type: application/json\r\n{fields}");
        attacks.raw(post(&fields, body), expected);
    };
    for (length, expected) in [
        (format!("{size}\r\ncontent-length: {size}"), Status(200)),
        (format!("{size}\r\ncontent-length: 5"), Server(400)),
        (format!("{size}, {size}"), Server(400)),
        ("-1".into(), Server(400)),
        (format!("+{size}"), Server(400)),
        ("0x10".into(), Server(400)),
        ("1e1".into(), Server(400)),
        ("5 5".into(), Server(400)),
        ("".into(), Server(400)),
        ("99999999999999999999".into(), Server(400)),
        ("18446744073709551615".into(), Server(431)),
        (format!("{size:03}"), Status(200)),
        (format!("{}", size + 1), Status(408)),
        ("9223372036854775807".into(), Status(408)),
    ] {
        add(&format!("content-length: {length}\r\n"), STONE, expected);
    }
    add("content-length: 1\r\n", "", Status(408));
    add("", "", Status(400));
    // By RFC 9112 the chunks decide, and no second request is hidden after them.
    let (length, coding) =
        (format!("content-length: {size}\r\n"), "transfer-encoding: chunked\r\n");
    add(&format!("{length}{coding}"), &chunked(STONE), Status(200));
    add(&format!("{coding}{length}"), &chunked(STONE), Status(200));
}

fn fields(attacks: &mut Attacks) {
    attacks.kind = "header fields";
    for (fields, expected) in [
        ("host: loupe\r\nx: a\r\n b", Server(400)),
        ("host: loupe\r\nx: a\r\n\tb", Server(400)),
        (" host: loupe", Server(400)),
        ("host : loupe", Server(400)),
        ("host: loupe\r\nx y: 1", Server(400)),
        ("host: loupe\r\nno colon", Server(400)),
        ("host: loupe\r\n: no name", Server(400)),
        ("host: loupe\r\nx", Server(400)),
        ("host: loupe\r\n(x): 1", Server(400)),
        ("host: loupe\r\nx\u{e9}: 1", Server(400)),
        ("host:", Server(400)),
        ("host: a b", Server(400)),
        ("host: evil/../x", Server(400)),
        ("host: loupe\r\nHOST: loupe", Status(200)),
        ("host: loupe\r\nconnection: x-api-key, close", Status(200)),
        ("host: loupe\r\nexpect: 200-ok", Status(200)),
        ("host: loupe\r\nupgrade: h2c\r\nconnection: upgrade", Status(200)),
        ("host: loupe\r\nrange: bytes=0-0", Status(200)),
        ("host: loupe\r\nspin-client-addr: 1.2.3.4:5\r\nspin-full-url: http://evil/", Status(200)),
        ("host: loupe\r\nx-forwarded-for: '\"<script>", Status(200)),
        ("host: loupe\r\ntraceparent: 00-0-0-0", Status(200)),
        ("host: loupe\r\norigin: null", Status(200)),
        ("host: loupe\r\nif-none-match: *", Status(200)),
    ] {
        attacks.raw(format!("GET /v1/models HTTP/1.1\r\n{fields}\r\n\r\n"), expected);
    }
    attacks.raw("GET /v1/models HTTP/1.1\r\n\r\n", Server(400));
    for (value, expected) in [
        (&b"\0"[..], Server(400)),
        (b"a\x01b", Server(400)),
        (b"a\x7fb", Server(400)),
        (b"a\rb", Server(400)),
        (b"\xff\xfe", Status(200)),
        ("é".as_bytes(), Status(200)),
        (b"a\tb", Status(200)),
    ] {
        let before = b"GET /v1/models HTTP/1.1\r\nhost: loupe\r\nx: ";
        attacks.raw([before, value, b"\r\n\r\n"].concat(), expected);
    }
}

/// Pipelined requests, which are answered in order.
fn pipelines(attacks: &mut Attacks, rng: &mut Rng) {
    attacks.kind = "pipelined";
    let json = |body: &str| acceptance::post("/v1/predict", body);
    let plain = |line: &str| head(line, "").into_bytes();
    let extended = format!("{:x};x\r\n{STONE}\r\n0\r\n\r\n", STONE.len());
    let parts = [
        (json(STONE), 200),
        (json("{"), 400),
        (json("{}"), 422),
        (plain("GET /v1/models"), 200),
        (plain(&format!("GET {SIMILAR}")), 200),
        (plain("GET /nope"), 404),
        (plain("BREW /v1/predict"), 405),
        (plain("OPTIONS /v1/predict"), 204),
        (post("transfer-encoding: chunked\r\n", &extended), 200),
        // A body that looks like a request is not one.
        (json("GET /v1/models HTTP/1.1\r\nhost: loupe\r\n\r\n"), 400),
    ];
    for _ in 0..60 {
        let count = 2 + rng.usize(..7);
        let chosen: Vec<_> = (0..count).filter_map(|_| rng.choice(&parts)).collect();
        let bytes = chosen.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        attacks.pipeline(bytes, chosen.iter().map(|(_, status)| Status(*status)).collect());
    }
}
