//! The journal is seen by the operator, and by no one else.

mod support;

use futures::future::join_all;
use http::Method;
use serde_json::{Value as Json, json};
use service::Settings;
use support::reply::{Reply, wrong_fields};
use support::{STONE, Service, call, get, model, post, request, with};

/// An instance with an operator.
fn open(service: &Service) -> Service {
    service.another(Settings { admin_token: Some("s3cret".into()), ..Settings::default() })
}

async fn opened() -> Service {
    open(&Service::new().await)
}

async fn ask(service: &Service, target: &str) -> Reply {
    service.handle(with(get(target), "authorization", "Bearer s3cret")).await
}

async fn shown(service: &Service, target: &str) -> Json {
    let reply = ask(service, target).await;
    assert_eq!(reply.status(), 200, "{target}: {:?}", reply.body());
    assert_eq!(reply.field("cache-control"), "no-store", "{target}");
    reply.json()
}

fn ids(page: &Json) -> Vec<String> {
    let rows = page["requests"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// The ids of every page, the first one first.
async fn pages(service: &Service, query: &str) -> Vec<Vec<String>> {
    let (mut pages, mut after) = (Vec::new(), String::new());
    loop {
        let target = format!("/v1/requests?until=2026-11-23T17:00:00Z&{query}&after={after}");
        let page = shown(service, &target).await;
        pages.push(ids(&page));
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return pages,
        }
    }
}

/// Puts rows straight into the journal: one a millisecond, the last one now.
async fn fill(service: &Service, count: u64, status: impl Fn(u64) -> u16) {
    const NOW_MS: u64 = 1_795_453_200_000;
    let row = |at: u64| {
        let (ms, status) = (NOW_MS - count + at, status(at));
        // The id that the journal of these tests would give to this request.
        let id = format!("{:08x}-{:04x}-7000-8000-{at:012x}", ms >> 16, ms & 0xffff);
        format!(
            "('{id}','2026-11-23T16:59:00.000Z','GET','/v1/models','/v1/models',{status},{at},0,10)"
        )
    };
    let rows: Vec<String> = (0..count).map(row).collect();
    for some in rows.chunks(5_000) {
        let sql = format!(
            "INSERT INTO requests (id, received_at, method, path, route, status, latency_us, request_bytes, response_bytes) VALUES {}",
            some.join(",")
        );
        service.execute(&sql, ()).await;
    }
}

#[tokio::test]
async fn only_the_right_token_opens_the_operators_routes() {
    let closed = Service::new().await;
    let open = open(&closed);
    let nowhere = closed.get("/v1/nowhere").await.json();
    for target in ["/v1/requests", "/v1/requests/x", "/v1/stats"] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let sent = with(call(method, target), "authorization", "Bearer s3cret");
            let reply = closed.handle(sent).await;
            assert_eq!(reply.status(), 404, "{target}");
            assert!(!reply.has("allow"));
            let problem = reply.json();
            for key in ["type", "title", "status", "errors"] {
                assert_eq!(problem[key], nowhere[key], "{target}");
            }
        }
        let sql = format!("SELECT DISTINCT route, status FROM requests WHERE path = '{target}'");
        assert_eq!(closed.rows(&sql).await, [[json!(null), json!(404)]]);
        for wrong in [None, Some("Bearer s3cre"), Some("Basic s3cret")] {
            let request = wrong.map_or(get(target), |it| with(get(target), "authorization", it));
            let reply = open.handle(request).await;
            assert_eq!(reply.status(), 401, "{target} {wrong:?}");
            assert_eq!(reply.field("www-authenticate"), "Bearer");
            assert_eq!(reply.json()["type"], "/docs#unauthorized");
        }
    }
    assert!(!open.journal().await.contains("s3cre"));
}

#[tokio::test]
async fn every_page_follows_the_one_before_and_none_is_missed() {
    let service = opened().await;
    fill(&service, 1_234, |at| if at % 7 == 0 { 404 } else { 200 }).await;
    let everything = service.rows("SELECT id FROM requests ORDER BY id DESC").await;
    let newest: Vec<&str> = everything.iter().map(|row| row[0].as_str().unwrap()).collect();
    let is_failed = |id: &&str| u64::from_str_radix(&id[24..], 16).unwrap().is_multiple_of(7);
    for (query, expected) in [
        ("limit=100", newest.clone()),
        ("limit=100&order=oldest", newest.iter().rev().copied().collect()),
        ("limit=50&status=404", newest.iter().copied().filter(is_failed).collect()),
        ("limit=50&status=2xx", newest.iter().copied().filter(|id| !is_failed(id)).collect()),
        ("limit=500&status=5xx", vec![]),
    ] {
        assert_eq!(pages(&service, query).await.concat(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_page_looks_at_a_part_and_the_next_goes_on_after_it() {
    let service = opened().await;
    fill(&service, 45_000, |at| if at == 3 { 201 } else { 200 }).await;
    let found: Vec<usize> = pages(&service, "status=201").await.iter().map(Vec::len).collect();
    assert_eq!(found, [0, 0, 1]);
    // Failures are walked along by an index of their own.
    let page = shown(&service, "/v1/requests?status=5xx").await;
    assert_eq!((ids(&page).len(), &page["next"]), (0, &json!(null)));
}

#[tokio::test]
async fn rows_are_chosen_by_everything_that_is_known_of_them() {
    let service = opened().await;
    let champion = service.promote(&model(4_000.0)).await;
    let mut all = Vec::new();
    for request in [
        post("/v1/predict", STONE),
        post("/v1/predict", &STONE.replace("Ideal", "100% '; DROP_TABLE")),
        get("/v1/models/champion"),
        get("/v1/models?colour=blue"),
        get("/nope/blue"),
        call(Method::DELETE, "/v1/models"),
    ] {
        all.push(service.handle(request).await.id().to_owned());
    }
    let check = async |query: &str, expected: &[usize]| {
        let page = shown(&service, &format!("/v1/requests?order=oldest&limit=6&{query}")).await;
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
    let problem = ask(&service, "/v1/requests?limit=0&status=x&rout=none").await.json();
    assert_eq!(problem["status"], 422);
    assert_eq!(wrong_fields(&problem), ["rout", "limit", "status"]);
}

#[tokio::test]
async fn bodies_are_cut_in_a_page_and_whole_in_a_row() {
    let service = opened().await;
    let long = "é".repeat(3_000);
    let binary = |bytes: Vec<u8>| request(Method::POST, "/nope", None, bytes);
    let text = service.post("/nope", &long).await;
    let fe = service.handle(binary(vec![0xfe; 3_000])).await;
    let short = service.handle(binary(vec![0xff, 0])).await;
    let page = shown(&service, "/v1/requests?order=oldest&limit=3").await;
    let row = |at: usize| &page["requests"][at];
    assert_eq!(row(0)["request_body"], "é".repeat(2_048));
    assert_eq!((&row(0)["request_bytes"], &row(0)["request_cut"]), (&json!(6_000), &json!(true)));
    assert_eq!(row(1)["request_body"], json!({"hexadecimal": "fe".repeat(2_048)}));
    assert_eq!((&row(1)["request_cut"], &row(1)["response_cut"]), (&json!(true), &json!(false)));
    assert_eq!(row(2)["request_body"], json!({"hexadecimal": "ff00"}));
    assert_eq!(row(2)["request_cut"], false);

    let one = async |reply: &Reply| {
        shown(&service, &format!("/v1/requests/{}", reply.id().to_uppercase())).await
    };
    let row = one(&text).await;
    assert_eq!((&row["request_body"], &row["request_cut"]), (&json!(long), &json!(false)));
    assert_eq!(row["response_body"], text.text());
    assert_eq!(one(&fe).await["request_body"], json!({"hexadecimal": "fe".repeat(3_000)}));
    assert_eq!(one(&short).await["request_body"], json!({"hexadecimal": "ff00"}));
    let missing = ask(&service, "/v1/requests/01a210f8-4708-73d1-a851-e1f2f0b65c9b").await;
    let kind = &missing.json()["type"];
    assert_eq!((missing.status(), kind), (404, &json!("/docs#no-such-request")));
}

#[tokio::test]
async fn what_the_operator_is_shown_is_not_copied_into_the_journal() {
    let service = opened().await;
    let id = service.post("/nope", &"x".repeat(60_000)).await.id().to_owned();
    for target in ["/v1/requests".into(), format!("/v1/requests/{id}")] {
        let bytes = ask(&service, &target).await.body().len();
        let sql = format!(
            "SELECT length(response_body), response_bytes, length(response_sha256) FROM requests WHERE path = '{target}'"
        );
        assert_eq!(service.rows(&sql).await, [[json!(2_048), json!(bytes), json!(64)]]);
    }
}

#[tokio::test]
async fn stats_are_those_of_the_rows_of_the_window() {
    let service = opened().await;
    let status = |at| match at % 10 {
        0 => 503,
        1 | 2 => 404,
        _ => 200,
    };
    fill(&service, 1_000, status).await;
    let stats = shown(&service, "/v1/stats?minutes=10").await;
    assert_eq!(
        stats["window"],
        json!({"minutes": 10, "from": "2026-11-23T16:50:00.000Z", "to": "2026-11-23T17:00:00.000Z", "rows": 1_000, "complete": true, "requests_per_minute": 100})
    );
    let statuses = json!({"200": 700, "404": 200, "503": 100});
    let figures = json!({
        "requests": 1_000,
        "statuses": statuses,
        "error_rates": {"4xx": 0.2, "5xx": 0.1},
        "latency_us": {"p50": 499, "p90": 899, "p99": 989, "max": 999},
        "request_bytes": 0,
        "response_bytes": 10_000,
    });
    assert_eq!((&stats["all"], &stats["routes"]["/v1/models"]), (&figures, &figures));
    assert_eq!(stats["totals"]["routes"]["/v1/models"], statuses);
    assert_eq!(stats["totals"]["latency_us_mean"], 499.5);

    // What was pruned is in the totals, and only there; the answer above is by now a row itself.
    service.execute("DELETE FROM requests WHERE path = '/v1/models'", ()).await;
    service.get("/nope").await;
    let stats = shown(&service, "/v1/stats").await;
    assert_eq!(stats["window"]["rows"], 2);
    assert_eq!(stats["routes"]["none"]["statuses"], json!({"404": 1}));
    assert_eq!(stats["totals"]["requests"], 1_002);
    for wrong in ["0", "43201", "1.5", "x"] {
        assert_eq!(ask(&service, &format!("/v1/stats?minutes={wrong}")).await.status(), 422);
    }
}

#[tokio::test]
async fn stats_of_a_full_window_say_since_when() {
    let service = opened().await;
    fill(&service, 100_001, |_| 200).await;
    let stats = shown(&service, "/v1/stats?minutes=43200").await;
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
            let ending = series.split('{').next().unwrap().strip_prefix(name).unwrap();
            let is_part = kind == "histogram" && ["_bucket", "_sum", "_count"].contains(&ending);
            assert!(ending.is_empty() || is_part, "{line}");
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

async fn metrics(service: &Service) -> Vec<(String, f64)> {
    let accept =
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
    let reply = service.handle(with(get("/metrics"), "accept", accept)).await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    samples(reply.text())
}

fn value(samples: &[(String, f64)], series: &str) -> Option<f64> {
    samples.iter().find(|(name, _)| name == series).map(|(_, value)| *value)
}

#[tokio::test]
async fn metrics_count_the_whole_journal() {
    let service = Service::new().await;
    let id = service.promote(&model(4_000.0)).await;
    for (took_us, request) in [
        (250, get("/v1/models")),
        (251, get("/v1/models")),
        (20_000_000, get("/v1/models?a")),
        (7, get("/nope")),
        (7, post("/v1/predict", "{}")),
    ] {
        service.now_us.set(took_us);
        service.handle(request).await;
    }
    service.execute("DELETE FROM requests", ()).await;
    let found = metrics(&service).await;
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
    for (le, expected) in [("0.00025", 1.0), ("0.0005", 2.0), ("10", 2.0), ("+Inf", 3.0)] {
        let labels = format!("route=\"/v1/models\",le=\"{le}\"");
        check(&format!("loupe_request_duration_seconds_bucket{{{labels}}}"), expected);
    }
    check("loupe_request_duration_seconds_count{route=\"/v1/models\"}", 3.0);
    check("loupe_request_duration_seconds_sum{route=\"/v1/models\"}", 20.000_501);
    assert_eq!(service.recorded().await, 0, "it is not journaled itself");
}

#[tokio::test]
async fn journal_failures_are_counted_once_by_all_instances_together() {
    let one = Service::pricing(4_000.0).await;
    let other = one.another(Settings::default());
    one.refuse("INTO requests");
    join_all((0..3).map(|_| one.get("/v1/models"))).await;
    other.get("/v1/models").await;
    let check = async |service: &Service, expected: f64| {
        let failures = value(&metrics(service).await, "loupe_journal_failures_total");
        assert_eq!(failures, Some(expected));
    };
    check(&one, 3.0).await;
    check(&other, 1.0).await;
    one.refuse_nothing();
    for service in [&one, &other, &one] {
        service.get("/v1/models").await;
    }
    check(&one, 4.0).await;
    check(&other, 4.0).await;
    let counters = one.rows("SELECT * FROM counters").await;
    assert_eq!(counters, [[json!("journal_failures"), json!(4)]]);
}

#[tokio::test]
async fn metrics_are_answered_without_a_database() {
    let service = Service::new().await;
    service.released.replace(Some(model(1_000.0)));
    service.refuse("");
    service.post("/v1/predict", STONE).await;
    let found = metrics(&service).await;
    assert_eq!(value(&found, "loupe_database_up"), Some(0.0));
    assert_eq!(value(&found, "loupe_champion_trouble"), Some(1.0));
    assert_eq!(value(&found, "loupe_journal_failures_total"), Some(1.0));
    assert!(found.iter().any(|(series, _)| series.starts_with("loupe_model_info{")));
    assert!(!found.iter().any(|(series, _)| series.starts_with("loupe_request")));
}

#[tokio::test]
async fn a_trace_is_answered_by_a_span_of_the_request() {
    let service = Service::new().await;
    let trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let trace = format!("00-{trace_id}-00f067aa0ba902b7-01");
    let traced = |target: &str| with(get(target), "traceparent", &trace);
    for target in ["/v1/models", "/livez", "/nope", "/"] {
        let reply = service.handle(with(traced(target), "tracestate", "a=1")).await;
        let span = &reply.id().replace('-', "")[16..];
        assert_eq!(reply.field("traceparent"), format!("00-{trace_id}-{span}-01"));
        assert!(!reply.has("tracestate"));
    }
    let two = with(traced("/v1/models"), "traceparent", &trace);
    for request in [two, with(get("/v1/models"), "traceparent", "00-nonsense"), get("/v1/models")] {
        assert!(!service.handle(request).await.has("traceparent"));
    }
    let found = service.rows("SELECT trace_id FROM requests ORDER BY id").await;
    assert_eq!(json!(found), json!([[trace_id], [trace_id], [null], [null], [null]]));
}

#[tokio::test]
async fn a_caller_is_known_by_a_keyed_hash_and_never_by_address() {
    let service = Service::new().await;
    service.execute("UPDATE secrets SET value = CAST('key' AS BLOB)", ()).await;
    let from = |address: &str| with(get("/v1/models"), "spin-client-addr", address);
    service.handle(from("203.0.113.7:4711")).await;
    service.handle(from("203.0.113.7:99")).await;
    service.handle(from("203.0.113.8:99")).await;
    service.get("/v1/models").await;
    let clients = "SELECT client FROM requests ORDER BY id";
    let found = service.rows(clients).await;
    let hash = json!("df9ac6d8766d37aa28f482625dcd1e3c");
    assert_eq!((&found[0][0], &found[1][0], &found[3][0]), (&hash, &hash, &json!(null)));
    assert!(found[2][0].is_string() && found[2][0] != hash);

    // A key that cannot be read costs the hash, not the row, and is tried again later.
    let service = service.another(Settings::default());
    service.refuse("secrets");
    service.handle(from("203.0.113.7:4711")).await;
    service.refuse("INTO requests");
    service.handle(from("203.0.113.7:4711")).await;
    service.now_us.set(2_000_000);
    service.handle(from("203.0.113.7:4711")).await;
    service.refuse_nothing();
    let found = service.rows(clients).await;
    assert_eq!((found.len(), &found[4][0]), (5, &json!(null)));
    let lines = service.lines.take();
    assert!(lines[lines.len() - 1].contains("df9ac6d8766d37aa28f482625dcd1e3c"));
    let everything = format!("{lines:?} {}", service.journal().await);
    assert!(!everything.contains("203.0.113"));
}
