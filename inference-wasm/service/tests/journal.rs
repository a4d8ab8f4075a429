//! The journal keeps every exchange, in groups, whatever happens to the database or the caller.

mod support;

use futures::future::join_all;
use futures::poll;
use http::Method;
use serde_json::json;
use service::Settings;
use support::{Hiccup, STONE, Service, get, model, request, with};

/// An instance that keeps so many bytes of a body.
async fn keeping(journal_body_bytes: usize) -> Service {
    Service::new().await.another(Settings { journal_body_bytes, ..Settings::default() })
}

#[tokio::test]
async fn requests_in_flight_share_a_statement() {
    let check = async |journal_group_rows, statements: std::ops::Range<usize>| {
        let settings = Settings { journal_group_rows, ..Settings::default() };
        let service = Service::pricing(4_000.0).await.another(settings);
        let replies = join_all((0..200).map(|_| service.post("/v1/predict", STONE))).await;
        for reply in &replies {
            let sql = format!("SELECT count(*) FROM requests WHERE id = '{}'", reply.id());
            assert_eq!(service.rows(&sql).await, [[json!(1)]]);
        }
        let appends = service.appends.get();
        assert!(statements.contains(&appends), "{appends} statements for 200 requests");
    };
    check(64, 1..10).await;
    check(1, 200..201).await;
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_nothing_along() {
    let service = Service::pricing(4_000.0).await;
    // The first is writing, the others wait for it; then the first and one that waits go away.
    let mut first = Box::pin(service.post("/v1/predict", STONE));
    let mut second = Box::pin(service.get("/nope"));
    let mut third = Box::pin(service.get("/nope"));
    while service.appends.get() == 0 {
        assert!(poll!(&mut first).is_pending());
    }
    assert!(poll!(&mut second).is_pending());
    assert!(poll!(&mut third).is_pending());
    drop(second);
    drop(first);
    assert_eq!(third.await.status(), 404);
    let counts = service.rows("SELECT count(*), count(DISTINCT id) FROM requests").await;
    assert_eq!(counts, [[json!(3), json!(3)]]);
}

#[tokio::test]
async fn a_woken_caller_that_goes_away_wakes_the_next() {
    let service = Service::new().await;
    let mut first = Box::pin(service.get("/a"));
    while service.appends.get() == 0 {
        assert!(poll!(&mut first).is_pending());
    }
    let mut second = Box::pin(service.get("/b"));
    let mut third = Box::pin(service.get("/c"));
    assert!(poll!(&mut second).is_pending());
    assert!(poll!(&mut third).is_pending());
    // The first is done and has woken the second, which goes away before it could write.
    first.await;
    drop(second);
    // No other request comes: the third must have been woken, or it would wait for ever.
    let mut turns = 0;
    while poll!(&mut third).is_pending() {
        turns += 1;
        assert!(turns < 100, "the third was not woken");
        tokio::task::yield_now().await;
    }
    let paths = service.rows("SELECT path FROM requests ORDER BY path").await;
    assert_eq!(paths, [[json!("/a")], [json!("/b")], [json!("/c")]]);
}

#[tokio::test]
async fn what_the_database_refuses_goes_to_standard_error() {
    let service = Service::pricing(4_000.0).await;
    service.refuse("INTO requests");
    let reply = service.post("/v1/predict", STONE).await;
    assert_eq!((reply.status(), reply.field("x-loupe-journal")), (200, "stderr"));
    let lines = service.lines.borrow();
    let line: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(line["loupe_journal"], "stray");
    assert_eq!(line["record"]["id"], reply.id());
    assert_eq!(line["record"]["request"]["kept"]["text"], STONE);
}

#[tokio::test]
async fn a_database_that_is_gone_leaves_prices_and_says_so() {
    let service = Service::new().await;
    service.released.replace(Some(model(1_000.0)));
    service.refuse("");
    assert_eq!(service.post("/v1/predict", STONE).await.status(), 200);
    let similar = "/v1/similar?carat=1&cut=Ideal&color=E&clarity=IF";
    for target in ["/v1/models", similar, "/readyz"] {
        assert_eq!(service.get(target).await.status(), 503, "{target}");
    }
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_is_degraded_and_ready_all_the_same() {
    let service = Service::pricing(4_000.0).await;
    let check = async |status: &str, journal: &str| {
        let reply = service.get("/readyz").await;
        let (ready, status) = (reply.json(), json!([200, status, journal]));
        assert_eq!(json!([reply.status(), ready["status"], ready["journal"]]), status);
    };
    check("ready", "ok").await;
    // Before any record: by a statement that changes nothing.
    service.refuse_with("DELETE FROM requests", "attempt to write a readonly database");
    check("degraded", "standard error").await;
    service.refuse("INTO requests");
    check("ready", "ok").await;
    service.post("/v1/predict", STONE).await;
    check("degraded", "standard error").await;
    service.refuse_nothing();
    service.post("/v1/predict", STONE).await;
    // A lock goes away by itself, and the next commit waits for it.
    service.refuse_with("DELETE FROM requests", "database is locked");
    check("ready", "ok").await;
    assert_eq!(service.recorded().await, 1);
}

#[tokio::test]
async fn long_and_binary_bodies_keep_their_length_and_hash() {
    let service = keeping(8).await;
    service.post("/nope", "1234567é9").await;
    service.handle(request(Method::POST, "/nope", None, vec![0xff, 0xfe])).await;
    service.handle(request(Method::POST, "/nope", None, "a\0b")).await;
    let sql = "SELECT request_body, request_bytes, request_sha256 FROM requests ORDER BY id";
    let sha256 = "ef8072e41abe5aa3a84ae4c7ec4522fce8e9b439c6b50d9d8e559e61a7bcd40f";
    let expected = json!([["1234567", 10, sha256], [[255, 254], 2, null], [[97, 0, 98], 3, null]]);
    assert_eq!(json!(service.rows(sql).await), expected);
}

#[tokio::test]
async fn what_callers_say_of_themselves_is_kept_but_for_secrets() {
    let service = Service::new().await;
    let trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traceparent = format!("00-{trace_id}-00f067aa0ba902b7-01");
    let fields = [
        ("x-request-id", "theirs-1"),
        ("traceparent", &traceparent),
        ("user-agent", "till/3"),
        ("authorization", "Bearer secret"),
    ];
    let request = fields.iter().fold(get("/nope?a=1"), |it, (name, value)| with(it, name, value));
    service.handle(request).await;
    let sql = "SELECT query, caller_request_id, trace_id, user_agent FROM requests";
    let expected = json!([["a=1", "theirs-1", trace_id, "till/3"]]);
    assert_eq!(json!(service.rows(sql).await), expected);
    assert!(!service.journal().await.contains("secret"));
}

#[tokio::test]
async fn a_stale_connection_is_opened_again_and_doubles_nothing() {
    for hiccup in [Hiccup::Before, Hiccup::After] {
        let service = Service::new().await;
        service.hiccups.set((1, hiccup));
        assert!(!service.get("/nope").await.is_stray());
        assert_eq!(service.recorded().await, 1);
        // The reader's and the writer's; a server's reader needs none.
        assert_eq!(service.reopened.get(), if service.is_server() { 1 } else { 2 });
        service.hiccups.set((2, hiccup));
        assert_eq!(service.get("/nope").await.field("x-loupe-journal"), "stderr");
    }
}

/// Many requests at once, the bad ones at these places; where each record went, and how many statements succeeded or
/// failed at that.
async fn check_split(count: usize, bad: &[usize], most_appends: usize) {
    let service = Service::new().await;
    // As SQLite refuses a record that it does not like.
    let sql = "CREATE TRIGGER refusal BEFORE INSERT ON requests WHEN NEW.path = '/bad'
         BEGIN SELECT RAISE(ABORT, 'not this one'); END";
    service.execute(sql, ()).await;
    let path = |at: usize| if bad.contains(&at) { "/bad" } else { "/good" };
    let replies = join_all((0..count).map(|at| service.get(path(at)))).await;
    for (at, reply) in replies.iter().enumerate() {
        assert_eq!(reply.is_stray(), bad.contains(&at), "{at} of {count}, bad: {bad:?}");
    }
    let kept = service.rows("SELECT count(*), count(DISTINCT id) FROM requests").await;
    assert_eq!(kept, [[json!(count - bad.len()), json!(count - bad.len())]]);
    assert_eq!(service.lines.borrow().len(), bad.len());
    let appends = service.appends.get();
    assert!(appends <= most_appends, "{appends} statements for {count}, bad: {bad:?}");
}

#[tokio::test]
async fn a_record_that_is_refused_does_not_take_its_group_along() {
    check_split(17, &[], 1).await;
    check_split(17, &[1], 12).await;
    check_split(17, &[16], 12).await;
    check_split(17, &[9, 10], 16).await;
    check_split(65, &[64], 16).await;
    check_split(3, &[0, 1], 8).await;
}

#[tokio::test]
async fn a_group_of_refused_records_is_given_up_soon() {
    // A group of 64 twice, six halves and three single ones; then the one that is left, twice.
    check_split(65, &Vec::from_iter(0..65), 16).await;
}

#[tokio::test]
async fn a_statement_takes_a_mebibyte_of_bodies_at_most() {
    let check = async |bytes: usize, appends: usize| {
        let service = keeping(usize::MAX).await;
        let body = "x".repeat(bytes);
        join_all((0..9).map(|_| service.post("/nope", &body))).await;
        assert_eq!(service.appends.get(), appends, "bodies of {bytes} bytes");
        assert_eq!(service.recorded().await, 9);
    };
    check(10, 1).await;
    check(500_000, 5).await;
    check(600_000, 9).await;
    check(2_000_000, 9).await;
}
