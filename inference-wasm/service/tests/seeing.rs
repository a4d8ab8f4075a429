//! The journal is seen by the operator, and by nobody else.

mod support;

use bytes::Bytes;
use futures::future::join_all;
use http::{Method, Response};
use serde_json::{Value as Json, json};
use service::{App, Settings};
use support::{
    Memory, STONE, TestApp, TestHost, get, json, model, post, promote, request, rows, with,
};

fn open<'a>(memory: &'a Memory, host: &'a TestHost) -> TestApp<'a> {
    let settings = Settings { admin_token: Some("s3cret".into()), ..Settings::default() };
    App::new(memory, memory, host, settings)
}

async fn ask(app: &TestApp<'_>, target: &str) -> Response<Bytes> {
    app.handle(with(get(target), "authorization", "Bearer s3cret")).await
}

async fn shown(app: &TestApp<'_>, target: &str) -> Json {
    let response = ask(app, target).await;
    assert_eq!(response.status(), 200, "{target}: {:?}", response.body());
    assert_eq!(response.headers()["cache-control"], "no-store", "{target}");
    json(&response)
}

fn ids(page: &Json) -> Vec<String> {
    let rows = page["requests"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// The id that the journal of these tests would give to the n-th request of a millisecond.
fn id(ms: u64, n: u64) -> String {
    format!("{:08x}-{:04x}-7000-8000-{n:012x}", ms >> 16, ms & 0xffff)
}

const NOW_MS: u64 = 1_795_453_200_000;

/// Puts rows straight into the journal: one a millisecond, the last one now.
async fn fill(memory: &Memory, count: u64, status: impl Fn(u64) -> u16) {
    let rows: Vec<String> = (0..count)
        .map(|at| {
            let (ms, status) = (NOW_MS - count + at, status(at));
            format!(
                "('{}','2026-11-23T16:59:00.000Z','GET','/v1/models','/v1/models',{status},{at},0,10)",
                id(ms, at)
            )
        })
        .collect();
    for some in rows.chunks(5_000) {
        let sql = format!(
            "INSERT INTO requests (id, received_at, method, path, route, status, latency_us, request_bytes, response_bytes) VALUES {}",
            some.join(",")
        );
        memory.connection.execute(&sql, ()).await.unwrap();
    }
}

#[tokio::test]
async fn without_a_token_set_there_is_nothing_and_with_one_it_must_be_right() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let closed = support::app(&memory, &host);
    let open = open(&memory, &host);
    let nowhere = json(&closed.handle(get("/v1/nowhere")).await);
    for target in ["/v1/requests", "/v1/requests/x", "/v1/stats"] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let sent = with(request(method, target, None, ""), "authorization", "Bearer s3cret");
            let response = closed.handle(sent).await;
            assert_eq!(response.status(), 404, "{target}");
            assert!(!response.headers().contains_key("allow"));
            let problem = json(&response);
            for key in ["type", "title", "status", "errors"] {
                assert_eq!(problem[key], nowhere[key], "{target}");
            }
        }
        let sql = format!("SELECT DISTINCT route, status FROM requests WHERE path = '{target}'");
        assert_eq!(rows(&memory, &sql).await, [[json!(null), json!(404)]]);
        for wrong in [None, Some("Bearer s3cre"), Some("Basic s3cret")] {
            let mut request = get(target);
            if let Some(wrong) = wrong {
                request = with(request, "authorization", wrong);
            }
            let response = open.handle(request).await;
            assert_eq!(response.status(), 401, "{target} {wrong:?}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
            assert_eq!(json(&response)["type"], "/docs#unauthorized");
        }
    }
    let everything = format!("{:?}", rows(&memory, "SELECT * FROM requests").await);
    assert!(!everything.contains("s3cre"));
}

#[tokio::test]
async fn every_page_follows_the_one_before_and_none_is_missed() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    fill(&memory, 1_234, |at| if at % 7 == 0 { 404 } else { 200 }).await;
    let app = open(&memory, &host);
    let everything = rows(&memory, "SELECT id FROM requests ORDER BY id DESC").await;
    let newest: Vec<&str> = everything.iter().map(|row| row[0].as_str().unwrap()).collect();
    let until = "until=2026-11-23T17:00:00Z";
    for (query, expected) in [
        ("limit=100", newest.clone()),
        ("limit=100&order=oldest", newest.iter().rev().copied().collect()),
        ("limit=50&status=404", newest.iter().copied().filter(|id| is_failed(id)).collect()),
        ("limit=50&status=2xx", newest.iter().copied().filter(|id| !is_failed(id)).collect()),
        ("limit=500&status=5xx", vec![]),
    ] {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = shown(&app, &format!("/v1/requests?{until}&{query}&after={after}")).await;
            found.extend(ids(&page));
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(found, expected, "{query}");
    }
}

fn is_failed(id: &str) -> bool {
    u64::from_str_radix(&id[24..], 16).unwrap().is_multiple_of(7)
}

#[tokio::test]
async fn a_page_looks_at_a_bounded_part_and_the_next_goes_on_behind_it() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    fill(&memory, 45_000, |at| if at == 3 { 201 } else { 200 }).await;
    let app = open(&memory, &host);
    let (mut pages, mut after) = (Vec::new(), String::new());
    loop {
        let page = shown(
            &app,
            &format!("/v1/requests?status=201&until=2026-11-23T17:00:00Z&after={after}"),
        )
        .await;
        pages.push(ids(&page).len());
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(pages, [0, 0, 1]);
    // Failures are walked along by an index of their own.
    let page = shown(&app, "/v1/requests?status=5xx").await;
    assert_eq!((ids(&page).len(), &page["next"]), (0, &json!(null)));
}

#[tokio::test]
async fn rows_are_chosen_by_everything_that_is_known_of_them() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let champion = promote(&memory, &model(4_000.0)).await;
    let app = open(&memory, &host);
    let sent = [
        post("/v1/predict", STONE),
        post("/v1/predict", &STONE.replace("Ideal", "100% '; DROP_TABLE")),
        get("/v1/models/champion"),
        get("/v1/models?colour=blue"),
        get("/nope/blue"),
        request(Method::DELETE, "/v1/models", None, ""),
    ];
    let mut all = Vec::new();
    for request in sent {
        let response = app.handle(request).await;
        all.push(response.headers()["x-request-id"].to_str().unwrap().to_owned());
    }
    let check = async |query: &str, expected: &[usize]| {
        let page = shown(&app, &format!("/v1/requests?order=oldest&limit=6&{query}")).await;
        let expected: Vec<&String> = expected.iter().map(|at| &all[*at]).collect();
        let found: Vec<String> = ids(&page).into_iter().filter(|id| all.contains(id)).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    };
    check("", &[0, 1, 2, 3, 4, 5]).await;
    check("status=4xx", &[1, 4, 5]).await;
    check("status=405", &[5]).await;
    check("route=/v1/predict", &[0, 1]).await;
    check("route=/v1/models/%7Bid%7D", &[2]).await;
    check("route=none", &[4]).await;
    check("method=delete", &[5]).await;
    check(&format!("model={}", &champion[..5]), &[0, 2]).await;
    check("search=blue", &[3, 4]).await;
    check("search=%25%20'%3B%20DROP_", &[1]).await;
    check("search=%25", &[1]).await;
    check("search=DROP%25", &[]).await;
    check("search=Ideal&status=2xx", &[0]).await;
    check("since=2026-11-23T17:00:00Z", &[0, 1, 2, 3, 4, 5]).await;
    check("since=2026-11-23T17:00:00.001Z", &[]).await;
    check("until=2026-11-23T18:00:00.000%2B01:00", &[]).await;
    check(&format!("after={}", all[3]), &[4, 5]).await;
    let problem = json(&ask(&app, "/v1/requests?limit=0&status=x&rout=none").await);
    let errors = problem["errors"].as_array().unwrap();
    let fields: Vec<&str> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!((&problem["status"], fields), (&json!(422), Vec::from(["limit", "status", "rout"])));
}

#[tokio::test]
async fn bodies_are_cut_in_a_page_and_whole_in_a_row() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = open(&memory, &host);
    let long = "é".repeat(3_000);
    let text = app.handle(post("/nope", &long)).await;
    let binary = app.handle(request(Method::POST, "/nope", None, vec![0xfe; 3_000])).await;
    let short = app.handle(request(Method::POST, "/nope", None, vec![0xff, 0])).await;
    let page = shown(&app, "/v1/requests?order=oldest&limit=3").await;
    let row = |at: usize| &page["requests"][at];
    assert_eq!(row(0)["request_body"], "é".repeat(2_048));
    assert_eq!((&row(0)["request_bytes"], &row(0)["request_cut"]), (&json!(6_000), &json!(true)));
    assert_eq!(row(1)["request_body"], json!({"hexadecimal": "fe".repeat(2_048)}));
    assert_eq!((&row(1)["request_cut"], &row(1)["response_cut"]), (&json!(true), &json!(false)));
    assert_eq!(row(2)["request_body"], json!({"hexadecimal": "ff00"}));
    assert_eq!(row(2)["request_cut"], false);

    let one = async |response: &Response<Bytes>| {
        let id = response.headers()["x-request-id"].to_str().unwrap().to_uppercase();
        shown(&app, &format!("/v1/requests/{id}")).await
    };
    let row = one(&text).await;
    assert_eq!((&row["request_body"], &row["request_cut"]), (&json!(long), &json!(false)));
    assert_eq!(row["response_body"], std::str::from_utf8(text.body()).unwrap());
    assert_eq!(one(&binary).await["request_body"], json!({"hexadecimal": "fe".repeat(3_000)}));
    assert_eq!(one(&short).await["request_body"], json!({"hexadecimal": "ff00"}));
    let missing = ask(&app, "/v1/requests/01a210f8-4708-73d1-a851-e1f2f0b65c9b").await;
    assert_eq!(
        (missing.status().as_u16(), &json(&missing)["type"]),
        (404, &json!("/docs#no-such-request"))
    );
}

#[tokio::test]
async fn what_the_operator_is_shown_is_not_copied_into_the_journal() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = open(&memory, &host);
    app.handle(post("/nope", &"x".repeat(60_000))).await;
    let id = rows(&memory, "SELECT id FROM requests").await[0][0].as_str().unwrap().to_owned();
    for target in ["/v1/requests".into(), format!("/v1/requests/{id}")] {
        let answer = ask(&app, &target).await;
        let sql = format!(
            "SELECT length(response_body), response_bytes, length(response_sha256) FROM requests WHERE path = '{target}'"
        );
        assert_eq!(
            rows(&memory, &sql).await,
            [[json!(2_048), json!(answer.body().len()), json!(64)]]
        );
    }
}

#[tokio::test]
async fn stats_are_those_of_the_rows_of_the_window() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    fill(&memory, 1_000, |at| match at % 10 {
        0 => 503,
        1 | 2 => 404,
        _ => 200,
    })
    .await;
    let app = open(&memory, &host);
    let stats = shown(&app, "/v1/stats?minutes=10").await;
    assert_eq!(
        stats["window"],
        json!({"minutes": 10, "from": "2026-11-23T16:50:00.000Z", "to": "2026-11-23T17:00:00.000Z", "rows": 1_000, "complete": true, "requests_per_minute": 100})
    );
    let figures = json!({
        "requests": 1_000,
        "statuses": {"200": 700, "404": 200, "503": 100},
        "error_rates": {"4xx": 0.2, "5xx": 0.1},
        "latency_us": {"p50": 499, "p90": 899, "p99": 989, "max": 999},
        "request_bytes": 0,
        "response_bytes": 10_000,
    });
    assert_eq!((&stats["all"], &stats["routes"]["/v1/models"]), (&figures, &figures));
    assert_eq!(
        stats["totals"]["routes"]["/v1/models"],
        json!({"200": 700, "404": 200, "503": 100})
    );
    assert_eq!(stats["totals"]["latency_us_mean"], 499.5);

    // What was pruned is in the totals, and only there; the answer above is by now a row itself.
    memory.connection.execute("DELETE FROM requests WHERE path = '/v1/models'", ()).await.unwrap();
    app.handle(get("/nope")).await;
    let stats = shown(&app, "/v1/stats").await;
    assert_eq!(stats["window"]["rows"], 2);
    assert_eq!(stats["routes"]["none"]["statuses"], json!({"404": 1}));
    assert_eq!(stats["totals"]["requests"], 1_002);
    for wrong in ["0", "43201", "1.5", "x"] {
        assert_eq!(ask(&app, &format!("/v1/stats?minutes={wrong}")).await.status(), 422);
    }
}

#[tokio::test]
async fn stats_of_a_full_window_say_since_when() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    fill(&memory, 100_001, |_| 200).await;
    let stats = shown(&open(&memory, &host), "/v1/stats?minutes=43200").await;
    assert_eq!(stats["window"]["rows"], 100_000);
    assert_eq!(stats["window"]["complete"], false);
    assert_eq!(stats["window"]["from"], "2026-11-23T16:59:00.000Z");
    assert_eq!(
        stats["all"]["latency_us"],
        json!({"p50": 50_000, "p90": 90_000, "p99": 99_000, "max": 100_000})
    );
}

/// Every sample of a text in Prometheus's format, which must be strictly that.
fn samples(text: &str) -> Vec<(String, f64)> {
    assert!(text.ends_with('\n'));
    let mut samples: Vec<(String, f64)> = Vec::new();
    let mut lines = text.lines().peekable();
    let mut families = Vec::new();
    while let Some(help) = lines.next() {
        let name = help.strip_prefix("# HELP ").unwrap().split(' ').next().unwrap();
        assert!(!families.contains(&name), "{name} comes twice");
        families.push(name);
        let kind = lines.next().unwrap().strip_prefix(&format!("# TYPE {name} ")).unwrap();
        assert!(["counter", "gauge", "histogram"].contains(&kind));
        assert_eq!(kind == "counter", name.ends_with("_total"));
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let of = series.split('{').next().unwrap();
            let ending = of.strip_prefix(name).unwrap();
            assert!(
                ending.is_empty()
                    || kind == "histogram" && ["_bucket", "_sum", "_count"].contains(&ending)
            );
            if let Some((_, labels)) = series.split_once('{') {
                for label in labels.strip_suffix('}').unwrap().split("\",") {
                    let (name, value) = label.split_once("=\"").unwrap();
                    assert!(name.bytes().all(|byte| byte.is_ascii_lowercase()), "{line}");
                    assert!(!value.trim_end_matches('"').contains(['"', '\n']), "{line}");
                }
            }
            assert!(!samples.iter().any(|(other, _)| other == series), "{series} comes twice");
            samples.push((series.into(), value.parse().unwrap()));
        }
    }
    samples
}

async fn metrics(app: &TestApp<'_>) -> Vec<(String, f64)> {
    let accept =
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
    let response = app.handle(with(get("/metrics"), "accept", accept)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    samples(std::str::from_utf8(response.body()).unwrap())
}

fn value(samples: &[(String, f64)], series: &str) -> Option<f64> {
    samples.iter().find(|(name, _)| name == series).map(|(_, value)| *value)
}

#[tokio::test]
async fn metrics_count_the_whole_journal() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let id = promote(&memory, &model(4_000.0)).await;
    let app = support::app(&memory, &host);
    for (took_us, request) in [
        (250, get("/v1/models")),
        (251, get("/v1/models")),
        (20_000_000, get("/v1/models?a")),
        (7, get("/nope")),
        (7, post("/v1/predict", "{}")),
    ] {
        host.now_us.set(took_us);
        app.handle(request).await;
    }
    memory.connection.execute("DELETE FROM requests", ()).await.unwrap();
    let found = metrics(&app).await;
    let check = |series: &str, expected: f64| {
        assert_eq!(value(&found, series), Some(expected), "{series} in {found:#?}");
    };
    check("loupe_database_up", 1.0);
    check("loupe_champion_trouble", 0.0);
    check("loupe_journal_failures_total", 0.0);
    check(&format!("loupe_model_info{{id=\"{id}\",family=\"linear\"}}"), 1.0);
    check("loupe_requests_total{route=\"/v1/models\",status=\"200\"}", 3.0);
    check("loupe_requests_total{route=\"none\",status=\"404\"}", 1.0);
    check("loupe_requests_total{route=\"/v1/predict\",status=\"422\"}", 1.0);
    let bucket = |le: &str| {
        format!("loupe_request_duration_seconds_bucket{{route=\"/v1/models\",le=\"{le}\"}}")
    };
    check(&bucket("0.00025"), 1.0);
    check(&bucket("0.0005"), 2.0);
    check(&bucket("10"), 2.0);
    check(&bucket("+Inf"), 3.0);
    check("loupe_request_duration_seconds_count{route=\"/v1/models\"}", 3.0);
    check("loupe_request_duration_seconds_sum{route=\"/v1/models\"}", 20.000_501);
    assert!(rows(&memory, "SELECT 1 FROM requests").await.is_empty(), "it is not journaled itself");
}

#[tokio::test]
async fn journal_failures_are_counted_once_by_all_instances_together() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let (one, other) = (support::app(&memory, &host), support::app(&memory, &host));
    memory.refuses.replace(Some("INTO requests"));
    join_all((0..3).map(|_| one.handle(get("/v1/models")))).await;
    other.handle(get("/v1/models")).await;
    let failures = async |app: &TestApp<'_>| {
        value(&metrics(app).await, "loupe_journal_failures_total").unwrap()
    };
    assert!(
        (failures(&one).await - 3.0).abs() < 1e-9 && (failures(&other).await - 1.0).abs() < 1e-9
    );
    memory.refuses.replace(None);
    for app in [&one, &other, &one] {
        app.handle(get("/v1/models")).await;
    }
    assert!(
        (failures(&one).await - 4.0).abs() < 1e-9 && (failures(&other).await - 4.0).abs() < 1e-9
    );
    assert_eq!(
        rows(&memory, "SELECT * FROM counters").await,
        [[json!("journal_failures"), json!(4)]]
    );
}

#[tokio::test]
async fn metrics_are_answered_without_a_database() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    host.released.replace(Some(model(1_000.0)));
    memory.refuses.replace(Some(""));
    let app = support::app(&memory, &host);
    app.handle(post("/v1/predict", STONE)).await;
    let found = metrics(&app).await;
    assert_eq!(value(&found, "loupe_database_up"), Some(0.0));
    assert_eq!(value(&found, "loupe_champion_trouble"), Some(1.0));
    assert_eq!(value(&found, "loupe_journal_failures_total"), Some(1.0));
    assert!(found.iter().any(|(series, _)| series.starts_with("loupe_model_info{")));
    assert!(!found.iter().any(|(series, _)| series.starts_with("loupe_request")));
}

#[tokio::test]
async fn a_trace_is_answered_by_a_span_of_the_request() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = support::app(&memory, &host);
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for target in ["/v1/models", "/livez", "/nope", "/"] {
        let response =
            app.handle(with(with(get(target), "traceparent", trace), "tracestate", "a=1")).await;
        let id = response.headers()["x-request-id"].to_str().unwrap().replace('-', "");
        assert_eq!(
            response.headers()["traceparent"],
            format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{}-01", &id[16..])
        );
        assert!(!response.headers().contains_key("tracestate"));
    }
    let mut two = with(get("/v1/models"), "traceparent", trace);
    two.headers.append("traceparent", trace.parse().unwrap());
    for request in [two, with(get("/v1/models"), "traceparent", "00-nonsense"), get("/v1/models")] {
        assert!(!app.handle(request).await.headers().contains_key("traceparent"));
    }
    let found = rows(&memory, "SELECT trace_id FROM requests ORDER BY id").await;
    let id = json!("4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(found, [[id.clone()], [id], [json!(null)], [json!(null)], [json!(null)]]);
}

#[tokio::test]
async fn a_caller_is_known_by_a_keyed_hash_and_its_address_stands_nowhere() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    memory.connection.execute("UPDATE secrets SET value = CAST('key' AS BLOB)", ()).await.unwrap();
    let app = support::app(&memory, &host);
    let from = |address: &'static str| with(get("/v1/models"), "spin-client-addr", address);
    app.handle(from("203.0.113.7:4711")).await;
    app.handle(from("203.0.113.7:99")).await;
    app.handle(from("203.0.113.8:99")).await;
    app.handle(get("/v1/models")).await;
    let found = rows(&memory, "SELECT client FROM requests ORDER BY id").await;
    let hash = json!("df9ac6d8766d37aa28f482625dcd1e3c");
    assert_eq!((&found[0][0], &found[1][0], &found[3][0]), (&hash, &hash, &json!(null)));
    assert!(found[2][0].is_string() && found[2][0] != hash);

    // A key that cannot be read costs the hash, not the row, and is tried again later.
    let app = support::app(&memory, &host);
    memory.refuses.replace(Some("secrets"));
    app.handle(from("203.0.113.7:4711")).await;
    memory.refuses.replace(Some("INTO requests"));
    app.handle(from("203.0.113.7:4711")).await;
    host.now_us.set(2_000_000);
    app.handle(from("203.0.113.7:4711")).await;
    memory.refuses.replace(None);
    let found = rows(&memory, "SELECT client FROM requests ORDER BY id").await;
    assert_eq!((found.len(), &found[4][0]), (5, &json!(null)));
    let lines = host.lines.take();
    assert!(lines[lines.len() - 1].contains("df9ac6d8766d37aa28f482625dcd1e3c"));
    let everything = format!("{lines:?} {:?}", rows(&memory, "SELECT * FROM requests").await);
    assert!(!everything.contains("203.0.113"));
}
