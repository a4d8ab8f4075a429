//! Sends requests of every kind and checks the responses.

use std::time::{Duration, Instant};

use acceptance::{head, request};
use serde_json::json;

use crate::server::{Application, Server};

/// How long a client delays its ACK: the cost of a response in two segments.
const DELAYED_ACK: Duration = Duration::from_millis(40);

const ROUND_TRIPS: u32 = 50;

/// Makes [`ROUND_TRIPS`] over one connection. Returns how many responses were complete after one read, and the whole time.
fn round_trips(server: &Server, path: &str, length: usize) -> (u32, Duration) {
    let mut connection = server.connect();
    let mut whole = 0;
    let start = Instant::now();
    for _ in 0..ROUND_TRIPS {
        let answer = connection.get(path);
        assert_eq!(answer.body.len(), length);
        whole += u32::from(answer.in_one_piece);
    }
    (whole, start.elapsed())
}

#[test]
fn an_eager_body_leaves_with_its_head_without_nodelay() {
    let server = Application::new().argument("--no-nodelay").start();
    let (whole, elapsed) = round_trips(&server, "/eager?bytes=500", 500);
    // The host passes the head to another thread just before it reads the body. On a busy machine that thread is sometimes
    // faster, in Spin too.
    assert!(whole >= ROUND_TRIPS * 9 / 10, "only {whole} of {ROUND_TRIPS} came in one segment");
    assert!(elapsed < DELAYED_ACK * ROUND_TRIPS / 4, "{ROUND_TRIPS} round trips took {elapsed:?}");
}

#[test]
fn a_late_body_is_not_in_the_segment_of_its_head() {
    let server = Application::new().argument("--no-nodelay").start();
    let (whole, elapsed) = round_trips(&server, "/late?ms=5", 4);
    // A client that does not run for a while receives head and body together.
    assert!(whole <= ROUND_TRIPS / 10, "{whole} late bodies came in the segments of their heads");
    assert!(elapsed > DELAYED_ACK * ROUND_TRIPS / 2, "{ROUND_TRIPS} took only {elapsed:?}");
}

#[test]
fn with_nodelay_a_late_body_does_not_wait_for_an_ack() {
    let (_, elapsed) = round_trips(&Server::plain(), "/late?ms=5", 4);
    assert!(elapsed < DELAYED_ACK * ROUND_TRIPS / 2, "{ROUND_TRIPS} round trips took {elapsed:?}");
}

#[test]
fn bodies_of_every_kind_are_complete() {
    let server = Server::plain();
    for bytes in [0, 1, 65_536, 3_000_000] {
        let answer = server.get(&format!("/eager?bytes={bytes}"));
        assert_eq!((answer.status, answer.body.len()), (200, bytes));
        assert_eq!(answer.header("content-length"), Some(bytes.to_string().as_str()));
    }
    assert_eq!(server.get("/converted").text(), "converted by the SDK");
    let streamed = server.get("/chunks?count=300");
    assert_eq!(streamed.header("content-length"), None);
    let pieces: String = (0..300).map(|piece| format!("piece {piece}\n")).collect();
    assert_eq!(streamed.text(), pieces);
}

#[test]
fn a_request_body_reaches_the_guest() {
    let server = Server::plain();
    let body: Vec<u8> = (0..2_000_000_u32).map(|position| position.to_le_bytes()[0]).collect();
    let answer = server.send(request("POST /echo", "", &body));
    assert!(answer.body == body, "the body came back changed");
    let chunked = head("POST /echo", "transfer-encoding: chunked\r\n");
    assert_eq!(server.send(chunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").text(), "abcde");
}

#[test]
fn a_head_response_has_the_length_and_no_body() {
    let answer = Server::plain().send(head("HEAD /eager?bytes=10", ""));
    assert_eq!((answer.status, answer.header("content-length")), (200, Some("10")));
    assert!(answer.body.is_empty());
}

#[test]
fn the_guest_sets_the_status() {
    let server = Server::plain();
    for code in [200, 204, 404, 418, 503] {
        assert_eq!(server.get(&format!("/status?code={code}")).status, code);
    }
}

#[test]
fn the_guest_receives_the_headers_that_spin_adds() {
    let server = Server::plain();
    let fields = "connection: close\r\nx-twice: 1\r\nx-twice: 2\r\nspin-client-addr: forged\r\nspin-path-info: /forged\r\n";
    let answer = server.send(head("PATCH /request?a=b%20c", fields)).json();
    let url = "http://loupe/request?a=b%20c";
    assert_eq!(answer["method"], "PATCH");
    assert_eq!(answer["uri"], url);
    let headers = &answer["headers"];
    assert_eq!(headers["x-twice"], json!(["1", "2"]));
    assert_eq!(headers["connection"], json!(null));
    for (name, expected) in [
        ("spin-full-url", url),
        ("spin-path-info", "/request"),
        ("spin-matched-route", "/..."),
        ("spin-raw-component-route", "/..."),
        ("spin-component-route", ""),
        ("spin-base-path", "/"),
    ] {
        assert_eq!(headers[name], json!([expected]), "{name}");
    }
    let client = headers["spin-client-addr"][0].as_str().unwrap();
    assert!(client.starts_with("127.0.0.1:"), "{client}");
    assert_eq!(headers["spin-client-addr"].as_array().unwrap().len(), 1);
}

#[test]
fn a_header_value_may_have_bytes_that_are_not_utf_8() {
    let server = Server::plain();
    let request = b"GET /request HTTP/1.1\r\nhost: a\r\nx-name: M\xfcller\r\n\r\n";
    let answer = server.send(request);
    // The guest replaces the invalid byte.
    assert_eq!(answer.json()["headers"]["x-name"], json!(["M\u{fffd}ller"]));
}

#[test]
fn the_host_serves_the_health_page() {
    let server = Server::plain();
    assert_eq!(server.get("/.well-known/spin/health").text(), "OK");
    assert_eq!(server.get("/.well-known/spin/other").status, 404);
}

#[test]
fn a_request_without_a_host_is_refused() {
    let server = Server::plain();
    let answer = server.send("GET /clock HTTP/1.1\r\n\r\n");
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("names no host"), "{}", answer.text());
}

#[test]
fn an_error_of_the_guest_is_an_empty_500_and_is_logged() {
    let server = Server::plain();
    let answer = server.get("/error");
    assert_eq!((answer.status, answer.text()), (500, ""));
    server.expect_stderr("GET /error failed");
    server.expect_stderr("a secret of the guest");
}
