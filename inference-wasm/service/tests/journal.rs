//! The journal keeps every exchange, in groups, whatever happens to the database or the caller.

mod support;

use futures::future::join_all;
use futures::poll;
use serde_json::json;
use service::{App, Settings};
use support::{
    Hiccup, Memory, STONE, TestHost, app, get, model, post, promote, request, rows, with,
};

#[tokio::test]
async fn requests_in_flight_share_a_statement() {
    let check = async |journal_group_rows, statements: std::ops::Range<usize>| {
        let (memory, host) = (Memory::new().await, TestHost::default());
        promote(&memory, &model(4_000.0)).await;
        let settings = Settings { journal_group_rows, ..Settings::default() };
        let app = App::new(&memory, &memory, &host, settings);
        let responses = join_all((0..200).map(|_| app.handle(post("/v1/predict", STONE)))).await;
        for response in &responses {
            let id = response.headers()["x-request-id"].to_str().unwrap();
            let sql = format!("SELECT count(*) FROM requests WHERE id = '{id}'");
            assert_eq!(rows(&memory, &sql).await, [[json!(1)]]);
        }
        let appends = memory.appends.get();
        assert!(statements.contains(&appends), "{appends} statements for 200 requests");
    };
    check(64, 1..10).await;
    check(1, 200..201).await;
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_nothing_along() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app(&memory, &host);
    // The first is writing, the others wait for it; then the first and one that waits go away.
    let mut first = Box::pin(app.handle(post("/v1/predict", STONE)));
    let mut second = Box::pin(app.handle(get("/nope")));
    let mut third = Box::pin(app.handle(get("/nope")));
    while memory.appends.get() == 0 {
        assert!(poll!(&mut first).is_pending());
    }
    assert!(poll!(&mut second).is_pending());
    assert!(poll!(&mut third).is_pending());
    drop(second);
    drop(first);
    assert_eq!(third.await.status(), 404);
    assert_eq!(
        rows(&memory, "SELECT count(*), count(DISTINCT id) FROM requests").await,
        [[json!(3), json!(3)]]
    );
}

#[tokio::test]
async fn a_woken_caller_that_goes_away_wakes_the_next() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = app(&memory, &host);
    let mut first = Box::pin(app.handle(get("/a")));
    while memory.appends.get() == 0 {
        assert!(poll!(&mut first).is_pending());
    }
    let mut second = Box::pin(app.handle(get("/b")));
    let mut third = Box::pin(app.handle(get("/c")));
    assert!(poll!(&mut second).is_pending());
    assert!(poll!(&mut third).is_pending());
    // The first is done and has woken the second, which goes away before it could write.
    first.await;
    drop(second);
    // Nobody else comes: the third must have been woken, or it would wait for ever.
    let mut turns = 0;
    while poll!(&mut third).is_pending() {
        turns += 1;
        assert!(turns < 100, "the third was not woken");
        tokio::task::yield_now().await;
    }
    assert_eq!(
        rows(&memory, "SELECT path FROM requests ORDER BY path").await,
        [[json!("/a")], [json!("/b")], [json!("/c")]]
    );
}

#[tokio::test]
async fn what_the_database_refuses_goes_to_standard_error() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app(&memory, &host);
    memory.refuses.replace(Some("INTO requests"));
    let response = app.handle(post("/v1/predict", STONE)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-loupe-journal"], "stderr");
    let lines = host.lines.borrow();
    let line: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(line["loupe_journal"], "stray");
    assert_eq!(line["record"]["id"], response.headers()["x-request-id"].to_str().unwrap());
    assert_eq!(line["record"]["request"]["kept"]["text"], STONE);
}

#[tokio::test]
async fn a_database_that_is_gone_leaves_prices_and_says_so() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    host.released.replace(Some(model(1_000.0)));
    memory.refuses.replace(Some(""));
    let app = app(&memory, &host);
    assert_eq!(app.handle(post("/v1/predict", STONE)).await.status(), 200);
    assert_eq!(app.handle(get("/v1/models")).await.status(), 503);
    assert_eq!(
        app.handle(get("/v1/similar?carat=1&cut=Ideal&color=E&clarity=IF")).await.status(),
        503
    );
    assert_eq!(app.handle(get("/readyz")).await.status(), 503);
}

#[tokio::test]
async fn long_and_binary_bodies_keep_their_length_and_hash() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let settings = Settings { journal_body_bytes: 8, ..Settings::default() };
    let app = App::new(&memory, &memory, &host, settings);
    app.handle(post("/nope", "1234567é9")).await;
    app.handle(request(http::Method::POST, "/nope", None, vec![0xff, 0xfe])).await;
    app.handle(request(http::Method::POST, "/nope", None, "a\0b")).await;
    let sql = "SELECT request_body, request_bytes, request_sha256 FROM requests ORDER BY id";
    let found = rows(&memory, sql).await;
    let sha256 = "ef8072e41abe5aa3a84ae4c7ec4522fce8e9b439c6b50d9d8e559e61a7bcd40f";
    assert_eq!(found[0], [json!("1234567"), json!(10), json!(sha256)]);
    assert_eq!(found[1], [json!([255, 254]), json!(2), json!(null)]);
    assert_eq!(found[2], [json!([97, 0, 98]), json!(3), json!(null)]);
}

#[tokio::test]
async fn what_callers_say_of_themselves_is_kept_and_their_secrets_are_not() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = app(&memory, &host);
    let request = with(get("/nope?a=1"), "x-request-id", "theirs-1");
    let request =
        with(request, "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let request = with(with(request, "user-agent", "till/3"), "authorization", "Bearer secret");
    app.handle(request).await;
    let sql = "SELECT query, caller_request_id, trace_id, user_agent FROM requests";
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    assert_eq!(
        rows(&memory, sql).await,
        [[json!("a=1"), json!("theirs-1"), json!(trace), json!("till/3")]]
    );
    let everything = format!("{:?}", rows(&memory, "SELECT * FROM requests").await);
    assert!(!everything.contains("secret"));
}

#[tokio::test]
async fn a_connection_that_went_stale_is_opened_again_and_nothing_is_doubled() {
    for hiccup in [Hiccup::Before, Hiccup::After] {
        let (memory, host) = (Memory::new().await, TestHost::default());
        let app = app(&memory, &host);
        memory.hiccups.set((1, hiccup));
        let response = app.handle(get("/nope")).await;
        assert!(!response.headers().contains_key("x-loupe-journal"));
        assert_eq!(rows(&memory, "SELECT count(*) FROM requests").await, [[json!(1)]]);
        // The reader's and the writer's; a server's reader needs none.
        assert_eq!(memory.reopened.get(), if memory.is_server() { 1 } else { 2 });
        memory.hiccups.set((2, hiccup));
        let response = app.handle(get("/nope")).await;
        assert_eq!(response.headers()["x-loupe-journal"], "stderr");
    }
}

/// Refuses rows of this path, as a record does that SQLite does not like.
async fn refuse_rows_of(memory: &Memory, path: &str) {
    let sql = format!(
        "CREATE TRIGGER refusal BEFORE INSERT ON requests WHEN NEW.path = '{path}'
         BEGIN SELECT RAISE(ABORT, 'not this one'); END"
    );
    memory.connection.execute(&sql, ()).await.unwrap();
}

/// Many requests at once, the bad ones at these places; where each record went, and how many statements succeeded or
/// failed at that.
async fn check_split(count: usize, bad: &[usize], most_appends: usize) {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = app(&memory, &host);
    refuse_rows_of(&memory, "/bad").await;
    let path = |at: usize| if bad.contains(&at) { "/bad" } else { "/good" };
    let responses = join_all((0..count).map(|at| app.handle(get(path(at))))).await;
    for (at, response) in responses.iter().enumerate() {
        let is_stray = response.headers().contains_key("x-loupe-journal");
        assert_eq!(is_stray, bad.contains(&at), "{at} of {count}, bad: {bad:?}");
    }
    let kept = rows(&memory, "SELECT count(*), count(DISTINCT id) FROM requests").await;
    assert_eq!(kept, [[json!(count - bad.len()), json!(count - bad.len())]]);
    assert_eq!(host.lines.borrow().len(), bad.len());
    let appends = memory.appends.get();
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
async fn a_group_that_is_refused_for_whatever_is_in_it_is_given_up_soon() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = app(&memory, &host);
    refuse_rows_of(&memory, "/bad").await;
    let responses = join_all((0..65).map(|_| app.handle(get("/bad")))).await;
    assert!(responses.iter().all(|response| response.headers().contains_key("x-loupe-journal")));
    assert_eq!(host.lines.borrow().len(), 65);
    // A group of 64 twice, six halves and three single ones; then the one that is left, twice.
    assert!(memory.appends.get() <= 16, "{} statements", memory.appends.get());
}

#[tokio::test]
async fn a_statement_takes_a_mebibyte_of_bodies_at_most() {
    let check = async |bytes: usize, appends: usize| {
        let (memory, host) = (Memory::new().await, TestHost::default());
        let settings = Settings { journal_body_bytes: usize::MAX, ..Settings::default() };
        let app = App::new(&memory, &memory, &host, settings);
        let body = "x".repeat(bytes);
        join_all((0..9).map(|_| app.handle(post("/nope", &body)))).await;
        assert_eq!(memory.appends.get(), appends, "bodies of {bytes} bytes");
        assert_eq!(rows(&memory, "SELECT count(*) FROM requests").await, [[json!(9)]]);
    };
    check(10, 1).await;
    check(500_000, 5).await;
    check(600_000, 9).await;
    check(2_000_000, 9).await;
}
