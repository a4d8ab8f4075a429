//! API keys and CORS origins, set by the host's variables.

use acceptance::{Loupe, head};
use serde_json::json;

/// SHA-256 of `key-1`, as `printf %s key-1 | sha256sum` prints it.
const KEY_SHA256: &str = "be2974546978e3739e6d6da85c4be9f334ce32df2b9fd4b6ff1b55c0d57e9d44";

#[test]
fn api_keys_close_the_api_to_callers_without_one() {
    let keys = format!("api_keys={KEY_SHA256}");
    let origins = "cors_origins=https://shop.example";
    let loupe = Loupe::start_with(&["--variable", &keys, "--variable", origins]);
    let mut connection = loupe.connect();
    let mut check = |line: &str, fields: &str, status: u16| {
        let answer = connection.send(head(line, fields));
        assert_eq!(answer.status, status, "{line} {fields}");
        let challenge = (status == 401).then_some("Bearer");
        assert_eq!(answer.header("www-authenticate"), challenge, "{line} {fields}");
        answer
    };
    let models = "GET /v1/models";
    check(models, "", 401);
    check(models, "x-api-key: key-2\r\n", 401);
    check(models, "x-api-key: key-1\r\n", 200);
    check(models, "authorization: Bearer key-1\r\n", 200);
    check("GET /docs", "", 200);
    check("GET /", "", 200);
    let refused = check(models, "origin: https://shop.example\r\n", 401);
    assert_eq!(refused.header("access-control-allow-origin"), Some("https://shop.example"));
    let asked = "origin: https://shop.example\r\naccess-control-request-method: POST\r\n";
    let preflight = check("OPTIONS /v1/predict", asked, 204);
    assert_eq!(preflight.header("access-control-allow-methods"), Some("POST, OPTIONS"));

    let statuses = loupe.rows("SELECT status FROM requests ORDER BY rowid");
    let expected = [401, 401, 200, 200, 200, 401, 204].map(|status| vec![json!(status)]);
    assert_eq!(statuses, expected);
    let everything = format!("{:?}", loupe.rows("SELECT * FROM requests"));
    assert!(!everything.contains("key-1") && !everything.contains(KEY_SHA256));
}
