//! What must hold of any exchange: whatever a caller sends, it gets one whole answer, of which the journal has one record.

use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response};
use serde_json::{Map, Value as Json};
use service::{App, Body, Moment, Request, Settings};

use crate::stub::{Entry, Stub, at_once};

/// A caller's bytes as a JSON body of the route that the first byte chooses.
pub(crate) fn json(bytes: &[u8]) {
    const TARGETS: [&str; 6] = [
        "/v1/predict",
        "/v1/predict?explain=true",
        "/v1/predict/batch",
        "/v1/predict/batch?explain=true",
        "/v1/similar",
        "/v2/models/diamonds/infer",
    ];
    let Some((choice, body)) = bytes.split_first() else { return };
    let target = TARGETS[usize::from(*choice) % TARGETS.len()];
    let answer = check(post(target, "application/json", body));
    if let (Some(answer), "/v1/predict") = (answer, target) {
        // One diamond of a batch has the price of that diamond alone.
        let mut batch = br#"{"diamonds":["#.to_vec();
        batch.extend_from_slice(body);
        batch.extend_from_slice(b"]}");
        // Two levels deeper, it may be too deep.
        let Some(together) = check(post("/v1/predict/batch", "application/json", &batch)) else {
            return;
        };
        assert_eq!(together["predictions"][0]["price"], answer["price"]);
        assert_eq!(together["predictions"][0]["range"], answer["range"]);
    }
}

/// A caller's bytes as the query, or the last segment of the path, of what the first byte chooses.
pub(crate) fn query(bytes: &[u8]) {
    const STONE: &str = r#"{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1"}"#;
    let Some((choice, text)) = bytes.split_first() else { return };
    let text = target_text(text);
    check(match choice % 5 {
        0 => get(&format!("/v1/similar?{text}")),
        1 => post(&format!("/v1/predict?{text}"), "application/json", STONE.as_bytes()),
        2 => post(
            &format!("/v1/predict/batch?{text}"),
            "application/json",
            format!(r#"{{"diamonds":[{STONE}]}}"#).as_bytes(),
        ),
        3 => get(&format!("/v1/models/{text}")),
        _ => get(&format!("/{text}")),
    });
}

/// A caller's bytes as CSV.
pub(crate) fn csv(bytes: &[u8]) {
    let Some(answer) = check(post("/v1/predict/batch", "text/csv", bytes)) else { return };
    let count = answer["predictions"].as_array().expect("a list").len();
    assert!((1..=1_000).contains(&count), "{count} predictions");
}

/// Bytes as they may stand in a request's target: an HTTP server takes nothing that is not visible ASCII.
fn target_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_graphic() && *byte != b'#' {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn get(target: &str) -> Request {
    request(Method::GET, target, HeaderMap::new(), b"")
}

fn post(target: &str, media: &'static str, body: &[u8]) -> Request {
    let media = [(http::header::CONTENT_TYPE, HeaderValue::from_static(media))];
    request(Method::POST, target, HeaderMap::from_iter(media), body)
}

fn request(method: Method, target: &str, headers: HeaderMap, body: &[u8]) -> Request {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (target.to_owned(), None),
    };
    let body = Body::whole(Bytes::copy_from_slice(body));
    Request { method, path, query, headers, body, received: Moment::default() }
}

/// Exchanges, and checks all that holds whatever was asked. The answer's JSON, where it is no problem and is JSON.
fn check(request: Request) -> Option<Json> {
    thread_local! {
        static STUB: &'static Stub = Box::leak(Box::default());
        /// One instance answers all, as at the edge.
        static APP: App<&'static Stub, &'static Stub> =
            STUB.with(|stub| App::new(*stub, *stub, *stub, Settings::default()));
    }
    let is_probe = ["/livez", "/readyz", "/metrics"].contains(&request.path.as_str());
    let response = APP.with(|app| at_once(app.handle(request)));
    let status = response.status().as_u16();
    assert!((200..500).contains(&status), "{status}: {:?}", response.body());

    let header = |name| header(&response, name).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(header("content-length"), response.body().len().to_string());
    let id = header("x-request-id");
    assert!(id.len() == 36 && id.as_bytes()[14] == b'7', "{id} is no UUIDv7");
    let expected = Entry { id: id.to_owned(), status: status.into() };
    let expected = if is_probe { Vec::new() } else { vec![expected] };
    assert_eq!(STUB.with(|stub| stub.journal()), expected);

    if status >= 400 {
        assert_eq!(header("content-type"), "application/problem+json");
        let problem = serde_json::from_slice(response.body()).expect("a problem is JSON");
        check_problem(&problem, status, id);
        return None;
    }
    if header("content-type") != "application/json" {
        return None;
    }
    let answer: Json = serde_json::from_slice(response.body()).expect("JSON is JSON");
    if let Some(sent) = answer.get("request_id") {
        assert_eq!(sent, id);
    }
    Some(answer)
}

fn check_problem(problem: &Map<String, Json>, status: u16, id: &str) {
    assert_eq!((&problem["status"], &problem["request_id"]), (&status.into(), &id.into()));
    for member in ["type", "title", "detail"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}");
    }
    let errors = problem["errors"].as_array().expect("errors is a list");
    assert!(status != 422 || !errors.is_empty(), "422 names what is wrong");
    for error in errors {
        for member in ["field", "message", "value", "allowed"] {
            let text = error[member].as_str();
            // A caller's own words come back, but not at any length.
            assert!(text.is_some_and(|text| text.chars().count() <= 300), "{member}: {error}");
        }
        assert!(!error["message"].as_str().unwrap_or_default().is_empty());
    }
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}
