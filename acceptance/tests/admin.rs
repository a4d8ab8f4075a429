//! The operator reads the journal over HTTP; callers' addresses are hashed.

use acceptance::{Loupe, STONE, head};
use serde_json::json;

fn get(target: &str, fields: &str) -> String {
    head(&format!("GET {target}"), fields)
}

#[test]
fn the_admin_token_gives_access_to_the_journal() {
    let loupe = Loupe::start_with(&["--variable", "admin_token=s3cret"]);
    let mut connection = loupe.connect();
    let priced = connection.post("/v1/predict", STONE).id().to_owned();
    let token = "authorization: Bearer s3cret\r\n";
    for target in ["/v1/requests", &format!("/v1/requests/{priced}"), "/v1/stats"] {
        assert_eq!(connection.send(get(target, "")).status, 401, "{target}");
        assert_eq!(connection.send(get(target, token)).status, 200, "{target}");
    }
    let page = connection.send(get("/v1/requests?route=/v1/predict", token)).json();
    assert_eq!((&page["requests"][0]["id"], &page["next"]), (&json!(priced), &json!(null)));
    let stats = connection.send(get("/v1/stats", token)).json();
    assert_eq!(stats["routes"]["/v1/predict"]["statuses"], json!({"200": 1}));
    assert_eq!(stats["routes"]["/v1/requests"]["statuses"], json!({"200": 2, "401": 1}));

    let metrics = connection.get("/metrics");
    let text = metrics.text();
    let predicted = "loupe_requests_total{route=\"/v1/predict\",status=\"200\"} 1\n";
    assert!(text.contains(predicted) && text.contains("loupe_database_up 1\n"), "{text}");
    let listed = loupe.trainer(&["logs", "list", "--route", "/v1/predict"]);
    assert_eq!(listed["requests"][0]["id"], priced);
}

#[test]
fn addresses_are_hashed_and_forged_headers_are_ignored() {
    let loupe = Loupe::start();
    let mut connection = loupe.connect();
    let closed = connection.send(get("/v1/requests", "authorization: Bearer \r\n"));
    assert_eq!((closed.status, &closed.json()["type"]), (404, &json!("/docs#no-such-route")));
    connection.send(get("/v1/models", "spin-client-addr: 203.0.113.7:1\r\n"));
    let callers = loupe.rows("SELECT DISTINCT client, length(client) FROM requests");
    assert_eq!((callers.len(), &callers[0][1]), (1, &json!(32)));
    let named = "SELECT count(*) FROM requests WHERE instr(concat_ws('|', path, client, request_body, response_body), '127.0.0.1')";
    assert_eq!(loupe.rows(named), [[json!(0)]]);
}
