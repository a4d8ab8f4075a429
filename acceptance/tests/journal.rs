//! Every request that reaches the API is in the journal exactly once, whatever its status.

use acceptance::{Answer, Loupe, STONE, concurrently, head, post, request};
use serde_json::{Value as Json, json};

/// Every kind of request: its name, its bytes and the expected status.
fn kinds() -> Vec<(&'static str, Vec<u8>, u16)> {
    let plain = |line: &str| head(line, "").into_bytes();
    let sent = |target: &str, field: &str, body: &[u8]| {
        request(&format!("POST {target}"), &format!("{field}\r\n"), body)
    };
    let predict = |field: &str, body: &[u8]| sent("/v1/predict", field, body);
    let not_utf_8 = b"{\"cut\":\"\xff\xfe\"}";
    let chunk = format!("{:x}\r\n{STONE}\r\n0\r\n\r\n", STONE.len());
    let chunked = head("POST /v1/predict", "transfer-encoding: chunked\r\n") + &chunk;
    let batch = format!("{{\"diamonds\":[{STONE},{{}}]}}");
    let csv = b"carat,cut,color,clarity\n1,Ideal,E,IF\n";
    let similar = "GET /v1/similar?carat=0.7&cut=Very+Good&color=G&clarity=VS1";
    vec![
        ("good", post("/v1/predict", STONE), 200),
        ("chunked", chunked.into_bytes(), 200),
        ("another host's request id", predict("x-request-id: till-7", STONE.as_bytes()), 200),
        ("batch", post("/v1/predict/batch", &batch), 200),
        ("batch as CSV", sent("/v1/predict/batch", "content-type: text/csv", csv), 200),
        ("similar", plain(similar), 200),
        ("similar by POST", post("/v1/similar", STONE), 200),
        ("models", plain("GET /v1/models"), 200),
        ("docs", plain("GET /docs"), 200),
        ("openapi", plain("GET /openapi.json"), 200),
        ("HEAD", plain("HEAD /v1/models"), 200),
        ("OPTIONS", plain("OPTIONS /v1/predict"), 204),
        ("malformed JSON", post("/v1/predict", "{\"carat\":0.7,"), 400),
        ("empty body", post("/v1/predict", ""), 400),
        ("no body at all", plain("POST /v1/predict"), 400),
        ("not UTF-8", predict("content-type: application/json", not_utf_8), 400),
        ("unknown route", plain("GET /v1/diamonds?x=1"), 404),
        ("missing model", post("/v1/predict?model=ffffffff", STONE), 404),
        ("missing model of the history", plain("GET /v1/models/ffffffff"), 404),
        ("wrong method", plain("GET /v1/predict"), 405),
        ("unknown method", plain("BREW /v1/predict"), 405),
        ("not acceptable", request("GET /v1/models", "accept: image/png\r\n", ""), 406),
        ("too large", post("/v1/predict", &" ".repeat(3 << 20)), 413),
        ("wrong content type", predict("content-type: text/plain", STONE.as_bytes()), 415),
        ("wrong type", post("/v1/predict", &STONE.replace("0.7", "\"heavy\"")), 422),
        ("unknown field value", post("/v1/predict", &STONE.replace("Ideal", "Splendid")), 422),
        ("missing fields", post("/v1/predict", "{}"), 422),
        ("too many similar", plain(&format!("{similar}&n=101")), 422),
    ]
}

fn check(kind: &str, sent: &[u8], answer: &Answer, row: &[Json]) {
    let text = String::from_utf8_lossy(sent);
    let mut words = text.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let mut parts = target.splitn(2, '?');
    let (path, query) = (parts.next().unwrap(), parts.next());
    let caller = (kind == "another host's request id").then_some("till-7");
    let [exact @ .., latency, request_bytes, request_body, response_body, received] = row else {
        panic!("{kind}: {row:?}")
    };
    let expected = json!([answer.status, method, path, query, answer.body.len(), caller]);
    assert_eq!(json!(exact), expected, "{kind}");
    // The clock of the connection ran longer than the service's own.
    let latency_us = u128::from(latency.as_u64().unwrap());
    let took_us = answer.took.as_micros();
    assert!((1..=took_us).contains(&latency_us), "{kind}: {latency_us} us of {took_us} us");
    let whole = answer.text();
    if whole.is_empty() {
        assert!(response_body.is_null(), "{kind}");
    } else {
        // A longer body is cut; no answer here has anything but ASCII where it is.
        let kept = &whole[..whole.len().min(65_536)];
        assert_eq!(response_body.as_str().unwrap(), kept, "{kind}");
    }
    let body =
        sent.windows(4).position(|window| window == b"\r\n\r\n").map(|at| &sent[at + 4..]).unwrap();
    match kind {
        "chunked" => assert_eq!(request_body, STONE),
        "not UTF-8" => assert_eq!(request_body, &json!(body)),
        "too large" => {
            assert_eq!(request_body.as_str().unwrap().len(), 65_536);
            assert_eq!(request_bytes, 3 << 20);
        }
        _ => {
            assert_eq!(request_bytes, body.len(), "{kind}");
            assert_eq!(request_body.as_str().unwrap_or_default().as_bytes(), body, "{kind}");
        }
    }
    assert!(received.as_str().unwrap().starts_with("20"), "{kind}");
}

#[test]
fn every_kind_of_request_is_journaled_exactly_once() {
    let loupe = Loupe::start();
    let mut connection = loupe.connect();
    let kinds = kinds();
    assert!(kinds.len() >= 15);
    for (kind, sent, status) in &kinds {
        let answer = connection.send(sent);
        assert_eq!(answer.status, *status, "{kind}: {}", String::from_utf8_lossy(&answer.body));
        let sql = format!(
            "SELECT status, method, path, query, response_bytes, caller_request_id, latency_us,
             request_bytes, request_body, response_body, received_at FROM requests WHERE id = '{}'",
            answer.id()
        );
        // The row was committed before the response was sent.
        let found = loupe.rows(&sql);
        assert_eq!(found.len(), 1, "{kind}");
        check(kind, sent, &answer, &found[0]);
    }
    for unjournaled in ["/livez", "/readyz", "/"] {
        assert_eq!(connection.get(unjournaled).status, 200, "{unjournaled}");
    }
    assert_eq!(loupe.rows("SELECT count(*) FROM requests"), [[json!(kinds.len())]]);
}

#[test]
fn concurrent_requests_are_all_journaled() {
    let loupe = Loupe::start();
    let ids = concurrently(16, |_| {
        let mut connection = loupe.connect();
        [(); 100].map(|()| connection.post("/v1/predict", STONE).id().to_owned())
    });
    let kept = loupe.rows("SELECT id FROM requests WHERE status = 200 AND model_id IS NOT NULL");
    let mut kept: Vec<&str> = kept.iter().map(|row| row[0].as_str().unwrap()).collect();
    let mut ids: Vec<&str> = ids.iter().flatten().map(String::as_str).collect();
    kept.sort_unstable();
    ids.sort_unstable();
    assert_eq!(kept, ids);
}
