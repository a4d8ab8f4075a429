//! What makes the service safe to be reached by anybody: keys, origins, careful browsers, and what is not sent twice.

mod support;

use bytes::Bytes;
use http::{Method, Response};
use serde_json::json;
use service::{App, Body, BodyError, BodyReader, Request, Settings};
use support::{
    Memory, STONE, TestApp, TestHost, get, json, model, post, promote, request, rows, with,
};

/// SHA-256 of `key-1`, as `api_keys` has it.
const KEY_SHA256: &str = "be2974546978e3739e6d6da85c4be9f334ce32df2b9fd4b6ff1b55c0d57e9d44";

fn field<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn app_with<'a>(memory: &'a Memory, host: &'a TestHost, variables: &[(&str, &str)]) -> TestApp<'a> {
    let (settings, wrong) = Settings::parse(|name| {
        let set = variables.iter().find(|(set, _)| *set == name);
        set.map(|(_, value)| (*value).to_owned()).unwrap_or_default()
    });
    assert!(wrong.is_empty(), "{wrong:?}");
    App::new(memory, memory, host, settings)
}

#[tokio::test]
async fn only_a_key_opens_what_prices_or_shows_data() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app_with(&memory, &host, &[("api_keys", KEY_SHA256), ("admin_token", "open-sesame")]);
    let stone = "carat=1&cut=Ideal&color=E&clarity=IF";
    let closed = [
        post("/v1/predict", STONE),
        post("/v1/predict/batch", &format!("{{\"diamonds\":[{STONE}]}}")),
        get(&format!("/v1/similar?{stone}")),
        get("/v1/models"),
        get("/v1/models/champion"),
        request(Method::HEAD, "/v1/models", None, ""),
    ];
    for request in closed {
        let path = request.path.clone();
        let ask = async |name, value| {
            let response = app.handle(with(request.clone(), name, value)).await;
            (response.status().as_u16(), field(&response, "www-authenticate").to_owned())
        };
        let refused = (401, "Bearer".to_owned());
        assert_eq!(ask("x-nothing", "").await, refused, "{path}");
        assert_eq!(ask("x-api-key", "key-2").await, refused, "{path}");
        assert_eq!(ask("authorization", "Bearer ").await, refused, "{path}");
        assert_eq!(ask("x-api-key", KEY_SHA256).await, refused, "{path}");
        for (name, value) in [
            ("x-api-key", "key-1"),
            ("authorization", "Bearer key-1"),
            ("authorization", "Bearer open-sesame"),
        ] {
            assert_eq!(ask(name, value).await, (200, String::new()), "{path}");
        }
    }
    let problem = json(&app.handle(get("/v1/models?api_key=key-1")).await);
    assert_eq!((&problem["status"], &problem["type"]), (&json!(401), &json!("/docs#unauthorized")));
    for open in ["/livez", "/readyz", "/openapi.json", "/docs", "/"] {
        assert_eq!(app.handle(get(open)).await.status(), 200, "{open}");
    }
    for (method, target, status) in [
        (Method::OPTIONS, "/v1/predict", 204),
        (Method::GET, "/v1/nothing", 404),
        (Method::DELETE, "/v1/models", 405),
    ] {
        assert_eq!(app.handle(request(method, target, None, "")).await.status(), status);
    }
    let journal = format!("{:?}", rows(&memory, "SELECT * FROM requests").await);
    let sent = ["open-sesame", KEY_SHA256];
    assert!(sent.iter().all(|secret| !journal.contains(secret)));
    // Only what somebody put where it does not belong is there.
    assert_eq!(journal.matches("key-1").count(), 1);
    assert!(host.lines.borrow().is_empty());
}

#[tokio::test]
async fn what_the_journal_loses_to_standard_error_shows_no_secret() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    memory.refuses.replace(Some("INTO requests"));
    let app = app_with(&memory, &host, &[("api_keys", KEY_SHA256), ("admin_token", "open-sesame")]);
    let request = with(get("/v1/models"), "authorization", "Bearer open-sesame");
    let response = app.handle(with(request, "x-api-key", "key-1")).await;
    assert_eq!(field(&response, "x-loupe-journal"), "stderr");
    let lines = host.lines.borrow().concat();
    assert!(lines.contains("stray"), "{lines}");
    assert!(
        !["open-sesame", "key-1", KEY_SHA256].iter().any(|secret| lines.contains(secret)),
        "{lines}"
    );
}

/// Asks from an origin; what CORS says in the answer.
async fn cors(app: &TestApp<'_>, request: Request, origin: &'static str) -> [String; 4] {
    let response = app.handle(with(request, "origin", origin)).await;
    [
        field(&response, "access-control-allow-origin").to_owned(),
        field(&response, "access-control-allow-methods").to_owned(),
        field(&response, "access-control-expose-headers").to_owned(),
        vary(&response),
    ]
}

/// The fields of a request that decided about the answer.
fn vary(response: &Response<Bytes>) -> String {
    let values = response.headers().get_all("vary").iter();
    values.map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn only_listed_origins_are_let_in() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let preflight = |target: &str| {
        let asked = request(Method::OPTIONS, target, None, "");
        with(asked, "access-control-request-method", "POST")
    };
    let shop = "https://shop.example";
    let exposed = "x-request-id, x-loupe-journal, retry-after, traceparent";

    let listed =
        app_with(&memory, &host, &[("cors_origins", "http://a.example https://Shop.example")]);
    for (request, methods) in [
        (preflight("/v1/predict"), "POST, OPTIONS"),
        (preflight("/v1/similar"), "GET, POST, HEAD, OPTIONS"),
    ] {
        let found = cors(&listed, request.clone(), shop).await;
        assert_eq!(found, [shop, methods, "", "origin"]);
        for other in [
            "https://evil.example",
            "null",
            "https://shop.example.evil.example",
            "http://shop.example",
        ] {
            assert_eq!(
                cors(&listed, request.clone(), other).await,
                ["", "", "", "origin"],
                "{other}"
            );
        }
    }
    for (answered, varies) in [
        (post("/v1/predict", STONE), "origin"),
        (post("/v1/predict", "{"), "origin"),
        (get("/nope"), "origin"),
        (get("/"), "accept-encoding, origin"),
    ] {
        assert_eq!(cors(&listed, answered.clone(), shop).await, [shop, "", exposed, varies]);
        assert_eq!(cors(&listed, answered.clone(), "null").await, ["", "", "", varies]);
        // Without an origin too, or a cache hands this answer to a page that needs the other.
        assert_eq!(vary(&listed.handle(answered).await), varies);
    }

    let any = app_with(&memory, &host, &[("cors_origins", "*")]);
    assert_eq!(cors(&any, preflight("/v1/predict"), shop).await, ["*", "POST, OPTIONS", "", ""]);
    assert_eq!(cors(&any, get("/nope"), "null").await, ["*", "", exposed, ""]);

    let none = app_with(&memory, &host, &[]);
    assert_eq!(cors(&none, preflight("/v1/predict"), shop).await, ["", "", "", ""]);

    let response = any.handle(with(preflight("/v1/predict"), "origin", shop)).await;
    assert_eq!(response.status(), 204);
    assert_eq!(field(&response, "access-control-max-age"), "7200");
    let allowed = "content-type, authorization, x-api-key, x-request-id, traceparent";
    assert_eq!(field(&response, "access-control-allow-headers"), allowed);
    assert!(!response.headers().contains_key("access-control-allow-credentials"));
}

#[tokio::test]
async fn every_response_tells_browsers_to_be_careful() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app_with(&memory, &host, &[]);
    let nothing = "default-src 'none'; frame-ancestors 'none'";
    let cases = [
        (post("/v1/predict", STONE), nothing),
        (post("/v1/predict", "{"), nothing),
        (get("/nope"), nothing),
        (get("/livez"), nothing),
        (get("/openapi.json"), nothing),
        (request(Method::OPTIONS, "/v1/predict", None, ""), nothing),
        (request(Method::OPTIONS, "/", None, ""), nothing),
        (get("/docs"), "default-src 'none'; style-src 'sha256-"),
        (get("/"), "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "),
    ];
    for (request, policy) in cases {
        let path = request.path.clone();
        let response = app.handle(request).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(field(&response, name), value, "{path}: {name}");
        }
        assert!(field(&response, "permissions-policy").contains("geolocation=()"), "{path}");
        let found = field(&response, "content-security-policy");
        assert!(found.starts_with(policy), "{path}: {found}");
        assert!(found.ends_with("frame-ancestors 'none'"), "{path}: {found}");
        assert!(!found.contains("unsafe-inline"), "{path}: {found}");
        assert!(!response.headers().contains_key("strict-transport-security"));
        let cache =
            if ["/", "/docs", "/openapi.json"].contains(&&*path) { "no-cache" } else { "no-store" };
        if response.status() == 200 {
            assert_eq!(field(&response, "cache-control"), cache, "{path}");
        }
    }
    assert_eq!(
        field(&app.handle(get("/assets/app.js")).await, "cache-control"),
        "public, max-age=31536000, immutable"
    );
}

#[tokio::test]
async fn a_file_is_sent_compressed_to_those_who_take_it() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = app_with(&memory, &host, &[]);
    let mut etags = Vec::new();
    for (target, takes, coding, body) in [
        ("/assets/app.js", "gzip, deflate, br, zstd", Some("br"), "by brotli"),
        ("/assets/app.js", "gzip", Some("gzip"), "by gzip"),
        ("/assets/app.js", "identity", None, "export {}"),
        // There is no copy of this one.
        ("/", "gzip, br", None, "<!doctype html>"),
    ] {
        let response = app.handle(with(get(target), "accept-encoding", takes)).await;
        let found = response.headers().get("content-encoding").map(|value| value.to_str().unwrap());
        assert_eq!((found, &response.body()[..]), (coding, body.as_bytes()), "{target}: {takes}");
        assert_eq!(field(&response, "content-length"), body.len().to_string(), "{target}: {takes}");
        assert_eq!(field(&response, "vary"), "accept-encoding", "{target}: {takes}");
        etags.push(field(&response, "etag").to_owned());
    }
    etags.sort();
    etags.dedup();
    assert_eq!(etags.len(), 4, "each body has an etag of its own");
    assert_eq!(app.handle(get("/assets/app.js.br")).await.status(), 404);
}

#[tokio::test]
async fn a_model_is_handed_out_as_bytes() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let blob = model(4_000.0);
    let id = promote(&memory, &blob).await;
    let app = app_with(&memory, &host, &[]);
    for name in ["champion", &id, &id[..5]] {
        let response = app.handle(get(&format!("/v1/models/{name}/blob"))).await;
        assert_eq!(field(&response, "content-type"), "application/octet-stream", "{name}");
        assert_eq!(&response.body()[..], &blob[..], "{name}");
        let etag: &'static str = field(&response, "etag").to_owned().leak();
        let again = with(get(&format!("/v1/models/{name}/blob")), "if-none-match", etag);
        assert_eq!(app.handle(again).await.status(), 304, "{name}");
    }
}

#[tokio::test]
async fn what_a_caller_has_already_is_not_sent_again() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app_with(&memory, &host, &[("cors_origins", "*")]);
    for (target, is_journaled) in
        [("/", false), ("/assets/app.js", false), ("/docs", true), ("/openapi.json", true)]
    {
        let whole = app.handle(get(target)).await;
        let etag: &'static str = field(&whole, "etag").to_owned().leak();
        assert!(etag.starts_with('"') && etag.len() == 34, "{target}: {etag}");
        let kept = rows(&memory, "SELECT count(*) FROM requests").await[0][0].as_i64().unwrap();
        for method in [Method::GET, Method::HEAD] {
            let again = with(request(method, target, None, ""), "if-none-match", etag);
            let again = app.handle(again).await;
            assert_eq!((again.status().as_u16(), again.body().len()), (304, 0), "{target}");
            let same = |name: &str| {
                assert_eq!(field(&again, name), field(&whole, name), "{target}: {name}");
            };
            for name in [
                "etag",
                "cache-control",
                "content-type",
                "content-length",
                "content-security-policy",
            ] {
                same(name);
            }
        }
        let other = with(get(target), "if-none-match", "\"0\"");
        assert_eq!(app.handle(other).await.status(), 200, "{target}");
        let now = rows(&memory, "SELECT count(*) FROM requests").await[0][0].as_i64().unwrap();
        assert_eq!(now - kept, if is_journaled { 3 } else { 0 }, "{target}");
    }
    let sql = "SELECT response_bytes, response_body FROM requests WHERE status = 304 LIMIT 1";
    assert_eq!(rows(&memory, sql).await, [[json!(0), json!(null)]]);
    let answer = app.handle(with(get("/v1/models"), "if-none-match", "*")).await;
    assert_eq!((answer.status().as_u16(), field(&answer, "etag")), (200, ""));
}

#[tokio::test]
async fn head_and_options_and_made_up_methods_are_answered_everywhere() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app_with(&memory, &host, &[]);
    for (target, allow) in [
        ("/", "GET, HEAD, OPTIONS"),
        ("/assets/app.js", "GET, HEAD, OPTIONS"),
        ("/v1/predict", "POST, OPTIONS"),
        ("/v1/similar", "GET, POST, HEAD, OPTIONS"),
        ("/v1/models", "GET, HEAD, OPTIONS"),
        ("/livez", "GET, HEAD, OPTIONS"),
        ("/docs", "GET, HEAD, OPTIONS"),
    ] {
        let ask = async |method: Method| app.handle(request(method, target, None, "")).await;
        let options = ask(Method::OPTIONS).await;
        assert_eq!((options.status().as_u16(), field(&options, "allow")), (204, allow), "{target}");
        assert!(options.body().is_empty());
        let made_up = Method::from_bytes(b"BREW").unwrap();
        for method in [Method::TRACE, Method::CONNECT, Method::PATCH, made_up] {
            let refused = ask(method.clone()).await;
            let found = (refused.status().as_u16(), field(&refused, "allow"));
            assert_eq!(found, (405, allow), "{method} {target}");
        }
        let (got, head) = (ask(Method::GET).await, ask(Method::HEAD).await);
        assert_eq!(got.status(), head.status(), "{target}");
        if got.status() == 200 {
            assert_eq!(field(&got, "content-length"), field(&head, "content-length"), "{target}");
        }
    }
    for method in [Method::OPTIONS, Method::HEAD, Method::TRACE] {
        assert_eq!(app.handle(request(method, "/nope", None, "")).await.status(), 404);
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_or_does_not_end_is_said_to() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app_with(&memory, &host, &[("request_timeout", "7")]);
    let broken = |bytes: &[u8], broken| {
        let mut reader = BodyReader::default();
        reader.push(bytes);
        reader.finish(Some(broken))
    };
    let check = async |body: Body, status: u16, detail: &str| {
        let response = app.handle(Request { body, ..post("/v1/predict", "") }).await;
        let problem = json(&response);
        assert_eq!(response.status().as_u16(), status);
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
    };
    check(broken(b"{\"car", BodyError::Timeout), 408, "5 bytes arrived within 7 seconds").await;
    check(broken(b"{\"car", BodyError::Aborted("gone".into())), 400, "did not arrive whole: gone")
        .await;
    check(broken(&vec![b' '; 9 << 20], BodyError::TooLong), 413, "at most 1048576").await;
    check(broken(&vec![b' '; 2 << 20], BodyError::Timeout), 413, "at most 1048576").await;
    let sql = "SELECT status, request_bytes FROM requests WHERE status = 408";
    assert_eq!(rows(&memory, sql).await, [[json!(408), json!(5)]]);
}

#[tokio::test]
async fn what_is_given_twice_is_listed_with_all_else_that_is_wrong() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app_with(&memory, &host, &[]);
    let fields = |problem: &serde_json::Value| -> Vec<String> {
        let errors = problem["errors"].as_array().unwrap();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    };
    let body = r#"{"carat":-1,"carat":-2,"cut":"Great","color":"E","clarity":"IF"}"#;
    let problem = json(&app.handle(post("/v1/predict?explain=1&explain=1&model=%zz", body)).await);
    assert_eq!(fields(&problem), ["carat", "cut", "model", "explain"]);
    let target = "/v1/similar?carat=1&carat=2&cut=Ideal&color=Q&clarity=IF&n=0&depth=1&depth=2";
    assert_eq!(fields(&json(&app.handle(get(target)).await)), ["carat", "color", "n"]);

    let twice = STONE.replace('}', ",\"x\":5,\"x\":6}");
    let batch = format!("{{\"diamonds\":[{STONE},{twice}]}}");
    let answer = json(&app.handle(post("/v1/predict/batch", &batch)).await);
    assert_eq!(answer["predictions"][0]["price"], 2800);
    assert_eq!(fields(&answer["predictions"][1]["error"]), ["x"]);
}
