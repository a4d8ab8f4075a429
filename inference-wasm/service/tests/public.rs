//! What makes the service safe to be reached by anyone: keys, origins, careful browsers, and what is not sent twice.

mod support;

use http::Method;
use serde_json::json;
use service::{Body, BodyError, BodyReader, Request, Settings};
use support::reply::wrong_fields;
use support::{STONE, Service, call, get, model, post, with};

/// SHA-256 of `key-1`, as `api_keys` has it.
const KEY_SHA256: &str = "be2974546978e3739e6d6da85c4be9f334ce32df2b9fd4b6ff1b55c0d57e9d44";

const CLOSED: [(&str, &str); 2] = [("api_keys", KEY_SHA256), ("admin_token", "open-sesame")];

/// Another instance in the same world, with these variables.
fn set(service: &Service, variables: &[(&str, &str)]) -> Service {
    let (settings, wrong) = Settings::parse(variables);
    assert!(wrong.is_empty(), "{wrong:?}");
    service.another(settings)
}

/// An instance that prices, with these variables.
async fn pricing(variables: &[(&str, &str)]) -> Service {
    set(&Service::pricing(4_000.0).await, variables)
}

#[tokio::test]
async fn only_a_key_opens_what_prices_or_shows_data() {
    let service = pricing(&CLOSED).await;
    for request in [
        post("/v1/predict", STONE),
        post("/v1/predict/batch", &format!("{{\"diamonds\":[{STONE}]}}")),
        get("/v1/similar?carat=1&cut=Ideal&color=E&clarity=IF"),
        get("/v1/models"),
        get("/v1/models/champion"),
        call(Method::HEAD, "/v1/models"),
    ] {
        let path = request.path.clone();
        let check = async |name, value, status: u16, authenticate: &str| {
            let reply = service.handle(with(request.clone(), name, value)).await;
            let found = (reply.status(), reply.field("www-authenticate"));
            assert_eq!(found, (status, authenticate), "{path}: {name} {value}");
        };
        check("x-nothing", "", 401, "Bearer").await;
        check("x-api-key", "key-2", 401, "Bearer").await;
        check("authorization", "Bearer ", 401, "Bearer").await;
        check("x-api-key", KEY_SHA256, 401, "Bearer").await;
        check("x-api-key", "key-1", 200, "").await;
        check("authorization", "Bearer key-1", 200, "").await;
        check("authorization", "Bearer open-sesame", 200, "").await;
    }
    let problem = service.get("/v1/models?api_key=key-1").await.json();
    assert_eq!((&problem["status"], &problem["type"]), (&json!(401), &json!("/docs#unauthorized")));
    for open in ["/livez", "/readyz", "/openapi.json", "/docs", "/"] {
        assert_eq!(service.get(open).await.status(), 200, "{open}");
    }
    for (method, target, status) in [
        (Method::OPTIONS, "/v1/predict", 204),
        (Method::GET, "/v1/nothing", 404),
        (Method::DELETE, "/v1/models", 405),
    ] {
        assert_eq!(service.handle(call(method, target)).await.status(), status);
    }
    let journal = service.journal().await;
    assert!(["open-sesame", KEY_SHA256].iter().all(|secret| !journal.contains(secret)));
    // Only what somebody put where it does not belong is there.
    assert_eq!(journal.matches("key-1").count(), 1);
    assert!(service.lines.borrow().is_empty());
}

#[tokio::test]
async fn what_the_journal_loses_to_standard_error_shows_no_secret() {
    let service = set(&Service::new().await, &CLOSED);
    service.refuse("INTO requests");
    let request = with(get("/v1/models"), "authorization", "Bearer open-sesame");
    let reply = service.handle(with(request, "x-api-key", "key-1")).await;
    assert_eq!(reply.field("x-loupe-journal"), "stderr");
    let lines = service.lines.borrow().concat();
    assert!(lines.contains("stray"), "{lines}");
    for secret in ["open-sesame", "key-1", KEY_SHA256] {
        assert!(!lines.contains(secret), "{lines}");
    }
}

#[tokio::test]
async fn only_listed_origins_are_let_in() {
    let world = Service::pricing(4_000.0).await;
    let preflight =
        |target: &str| with(call(Method::OPTIONS, target), "access-control-request-method", "POST");
    let shop = "https://shop.example";
    let exposed = "x-request-id, x-loupe-journal, retry-after, traceparent";
    // What CORS says to an origin: who is let in, by which methods, to see which fields, and what the answer varies by.
    let check = async |service: &Service, request: &Request, origin: &str, expected: [&str; 4]| {
        let reply = service.handle(with(request.clone(), "origin", origin)).await;
        let field = |name: &str| reply.field(&format!("access-control-{name}")).to_owned();
        let found =
            [field("allow-origin"), field("allow-methods"), field("expose-headers"), reply.vary()];
        assert_eq!(found, expected, "{} for {origin}", request.path);
    };

    let listed = set(&world, &[("cors_origins", "http://a.example https://Shop.example")]);
    for (request, methods) in [
        (preflight("/v1/predict"), "POST, OPTIONS"),
        (preflight("/v1/similar"), "GET, POST, HEAD, OPTIONS"),
    ] {
        check(&listed, &request, shop, [shop, methods, "", "origin"]).await;
        for other in [
            "https://evil.example",
            "null",
            "https://shop.example.evil.example",
            "http://shop.example",
        ] {
            check(&listed, &request, other, ["", "", "", "origin"]).await;
        }
    }
    for (request, varies) in [
        (post("/v1/predict", STONE), "origin"),
        (post("/v1/predict", "{"), "origin"),
        (get("/nope"), "origin"),
        (get("/"), "accept-encoding, origin"),
    ] {
        check(&listed, &request, shop, [shop, "", exposed, varies]).await;
        check(&listed, &request, "null", ["", "", "", varies]).await;
        // Without an origin too, or a cache hands this answer to a page that needs the other.
        assert_eq!(listed.handle(request).await.vary(), varies);
    }

    let any = set(&world, &[("cors_origins", "*")]);
    check(&any, &preflight("/v1/predict"), shop, ["*", "POST, OPTIONS", "", ""]).await;
    check(&any, &get("/nope"), "null", ["*", "", exposed, ""]).await;
    let none = set(&world, &[]);
    check(&none, &preflight("/v1/predict"), shop, ["", "", "", ""]).await;

    let reply = any.handle(with(preflight("/v1/predict"), "origin", shop)).await;
    assert_eq!(reply.status(), 204);
    assert_eq!(reply.field("access-control-max-age"), "7200");
    let allowed = "content-type, authorization, x-api-key, x-request-id, traceparent";
    assert_eq!(reply.field("access-control-allow-headers"), allowed);
    assert!(!reply.has("access-control-allow-credentials"));
}

#[tokio::test]
async fn every_response_tells_browsers_to_be_careful() {
    let service = pricing(&[]).await;
    let nothing = "default-src 'none'; frame-ancestors 'none'";
    for (request, policy) in [
        (post("/v1/predict", STONE), nothing),
        (post("/v1/predict", "{"), nothing),
        (get("/nope"), nothing),
        (get("/livez"), nothing),
        (get("/openapi.json"), nothing),
        (call(Method::OPTIONS, "/v1/predict"), nothing),
        (call(Method::OPTIONS, "/"), nothing),
        (get("/docs"), "default-src 'none'; style-src 'sha256-"),
        (get("/"), "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "),
    ] {
        let path = request.path.clone();
        let reply = service.handle(request).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(reply.field(name), value, "{path}: {name}");
        }
        assert!(reply.field("permissions-policy").contains("geolocation=()"), "{path}");
        let found = reply.field("content-security-policy");
        assert!(found.starts_with(policy), "{path}: {found}");
        assert!(found.ends_with("frame-ancestors 'none'"), "{path}: {found}");
        assert!(!found.contains("unsafe-inline"), "{path}: {found}");
        assert!(!reply.has("strict-transport-security"));
        let is_kept = ["/", "/docs", "/openapi.json"].contains(&&*path);
        if reply.status() == 200 {
            let cache = if is_kept { "no-cache" } else { "no-store" };
            assert_eq!(reply.field("cache-control"), cache, "{path}");
        }
    }
    let asset = service.get("/assets/app.js").await;
    assert_eq!(asset.field("cache-control"), "public, max-age=31536000, immutable");
}

#[tokio::test]
async fn a_file_is_sent_compressed_to_those_who_take_it() {
    let service = Service::new().await;
    let mut etags = Vec::new();
    for (target, takes, coding, body) in [
        ("/assets/app.js", "gzip, deflate, br, zstd", "br", "by brotli"),
        ("/assets/app.js", "gzip", "gzip", "by gzip"),
        ("/assets/app.js", "identity", "", "export {}"),
        // There is no copy of this one.
        ("/", "gzip, br", "", "<!doctype html>"),
    ] {
        let reply = service.handle(with(get(target), "accept-encoding", takes)).await;
        let found = (reply.field("content-encoding"), reply.text());
        assert_eq!(found, (coding, body), "{target}: {takes}");
        assert_eq!(reply.field("content-length"), body.len().to_string(), "{target}: {takes}");
        assert_eq!(reply.field("vary"), "accept-encoding", "{target}: {takes}");
        etags.push(reply.field("etag").to_owned());
    }
    etags.sort();
    etags.dedup();
    assert_eq!(etags.len(), 4, "each body has an etag of its own");
    assert_eq!(service.get("/assets/app.js.br").await.status(), 404);
}

#[tokio::test]
async fn a_model_is_handed_out_as_bytes() {
    let service = Service::new().await;
    let blob = model(4_000.0);
    let id = service.promote(&blob).await;
    for name in ["champion", &id, &id[..5]] {
        let target = format!("/v1/models/{name}/blob");
        let reply = service.get(&target).await;
        assert_eq!(reply.field("content-type"), "application/octet-stream", "{name}");
        assert_eq!(reply.body(), blob, "{name}");
        let again = with(get(&target), "if-none-match", reply.field("etag"));
        assert_eq!(service.handle(again).await.status(), 304, "{name}");
    }
}

#[tokio::test]
async fn what_a_caller_has_already_is_not_sent_again() {
    let service = pricing(&[("cors_origins", "*")]).await;
    for (target, recorded) in [("/", 0), ("/assets/app.js", 0), ("/docs", 3), ("/openapi.json", 3)]
    {
        let whole = service.get(target).await;
        let etag = whole.field("etag");
        assert!(etag.starts_with('"') && etag.len() == 34, "{target}: {etag}");
        let before = service.recorded().await;
        for method in [Method::GET, Method::HEAD] {
            let again = with(call(method, target), "if-none-match", etag);
            let again = service.handle(again).await;
            assert_eq!((again.status(), again.body().len()), (304, 0), "{target}");
            for name in [
                "etag",
                "cache-control",
                "content-type",
                "content-length",
                "content-security-policy",
            ] {
                assert_eq!(again.field(name), whole.field(name), "{target}: {name}");
            }
        }
        let other = with(get(target), "if-none-match", "\"0\"");
        assert_eq!(service.handle(other).await.status(), 200, "{target}");
        assert_eq!(service.recorded().await - before, recorded, "{target}");
    }
    let sql = "SELECT response_bytes, response_body FROM requests WHERE status = 304 LIMIT 1";
    assert_eq!(service.rows(sql).await, [[json!(0), json!(null)]]);
    let reply = service.handle(with(get("/v1/models"), "if-none-match", "*")).await;
    assert_eq!((reply.status(), reply.field("etag")), (200, ""));
}

#[tokio::test]
async fn head_and_options_and_made_up_methods_are_answered_everywhere() {
    let service = pricing(&[]).await;
    for (target, allow) in [
        ("/", "GET, HEAD, OPTIONS"),
        ("/assets/app.js", "GET, HEAD, OPTIONS"),
        ("/v1/predict", "POST, OPTIONS"),
        ("/v1/similar", "GET, POST, HEAD, OPTIONS"),
        ("/v1/models", "GET, HEAD, OPTIONS"),
        ("/livez", "GET, HEAD, OPTIONS"),
        ("/docs", "GET, HEAD, OPTIONS"),
    ] {
        let ask = async |method: Method| service.handle(call(method, target)).await;
        let options = ask(Method::OPTIONS).await;
        assert_eq!((options.status(), options.field("allow")), (204, allow), "{target}");
        assert!(options.body().is_empty());
        let made_up = Method::from_bytes(b"BREW").unwrap();
        for method in [Method::TRACE, Method::CONNECT, Method::PATCH, made_up] {
            let refused = ask(method.clone()).await;
            let found = (refused.status(), refused.field("allow"));
            assert_eq!(found, (405, allow), "{method} {target}");
        }
        let (got, head) = (ask(Method::GET).await, ask(Method::HEAD).await);
        assert_eq!(got.status(), head.status(), "{target}");
        if got.status() == 200 {
            assert_eq!(got.field("content-length"), head.field("content-length"), "{target}");
        }
    }
    for method in [Method::OPTIONS, Method::HEAD, Method::TRACE] {
        assert_eq!(service.handle(call(method, "/nope")).await.status(), 404);
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_or_does_not_end_is_said_to() {
    let service = pricing(&[("request_timeout", "7")]).await;
    let check = async |bytes: &[u8], error: BodyError, status: u16, detail: &str| {
        let mut reader = BodyReader::default();
        reader.push(bytes);
        let body: Body = reader.finish(Some(error));
        let reply = service.handle(Request { body, ..post("/v1/predict", "") }).await;
        let problem = reply.json();
        assert_eq!(reply.status(), status);
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
    };
    let (part, blank) = (b"{\"car", |mebibytes: usize| vec![b' '; mebibytes << 20]);
    check(part, BodyError::Timeout, 408, "5 bytes arrived within 7 seconds").await;
    check(part, BodyError::Aborted("gone".into()), 400, "did not arrive whole: gone").await;
    check(&blank(9), BodyError::TooLong, 413, "at most 1048576").await;
    check(&blank(2), BodyError::Timeout, 413, "at most 1048576").await;
    let sql = "SELECT status, request_bytes FROM requests WHERE status = 408";
    assert_eq!(service.rows(sql).await, [[json!(408), json!(5)]]);
}

#[tokio::test]
async fn what_is_given_twice_is_listed_with_all_else_that_is_wrong() {
    let service = pricing(&[]).await;
    let body = r#"{"carat":-1,"carat":-2,"cut":"Great","color":"E","clarity":"IF"}"#;
    let reply = service.post("/v1/predict?explain=1&explain=1&model=%zz", body).await;
    assert_eq!(reply.wrong_fields(), ["carat", "cut", "model", "explain"]);
    let target = "/v1/similar?carat=1&carat=2&cut=Ideal&color=Q&clarity=IF&n=0&depth=1&depth=2";
    assert_eq!(service.get(target).await.wrong_fields(), ["carat", "depth", "color", "n"]);

    let twice = STONE.replace('}', ",\"x\":5,\"x\":6}");
    let batch = format!("{{\"diamonds\":[{STONE},{twice}]}}");
    let answer = service.post("/v1/predict/batch", &batch).await.json();
    assert_eq!(answer["predictions"][0]["price"], 2800);
    assert_eq!(wrong_fields(&answer["predictions"][1]["error"]), ["x"]);
}
