//! What only a file can show: locks, and connections that see a file which is no longer there.

mod support;

use serde_json::json;
use support::{Memory, TestHost, app, get, rows};

#[tokio::test]
async fn a_lock_is_waited_for_long_once_and_briefly_until_it_is_gone() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = app(&memory, &host);
    let ask = async || {
        let is_stray = app.handle(get("/nope")).await.headers().contains_key("x-loupe-journal");
        let waits = memory.pragmas.borrow().iter().rfind(|sql| sql.contains("busy")).cloned();
        let waits = waits.unwrap().rsplit(' ').next().unwrap().parse::<u32>().unwrap();
        (is_stray, waits)
    };
    assert_eq!(ask().await, (false, 2_000));
    memory.refuses.replace(Some("INTO requests"));
    memory.words.set("database is locked");
    assert_eq!(ask().await, (true, 2_000));
    assert_eq!(ask().await, (true, 50));
    assert_eq!(ask().await, (true, 50));
    memory.refuses.replace(None);
    assert_eq!(ask().await, (false, 50));
    assert_eq!(ask().await, (false, 2_000));
    // A new connection would meet the same lock.
    assert_eq!(memory.reopened.get(), 0);
}

#[tokio::test]
async fn what_a_new_connection_does_not_see_is_written_again_and_never_doubled() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = app(&memory, &host);
    app.handle(get("/a")).await;
    app.handle(get("/b")).await;
    memory.hides.set(true);
    app.handle(get("/c")).await;
    assert_eq!(host.lines.borrow().len(), 0, "commits are believed for a while");
    host.now_us.set(100_000);
    let response = app.handle(get("/d")).await;
    assert!(!response.headers().contains_key("x-loupe-journal"));
    let said = host.lines.borrow_mut().pop().unwrap();
    assert!(said.ends_with("written again: 4 records"), "{said}");
    assert_eq!(rows(&memory, "SELECT count(*) FROM requests").await, [[json!(4)]]);

    // Where they cannot be written either, they are on standard error.
    app.handle(get("/e")).await;
    memory.hides.set(false);
    memory.refuses.replace(Some("requests"));
    host.now_us.set(200_000);
    let response = app.handle(get("/f")).await;
    assert_eq!(response.headers()["x-loupe-journal"], "stderr");
    let lines = host.lines.borrow();
    let strays = lines.iter().filter(|line| line.contains("loupe_journal"));
    let paths: Vec<_> = strays
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["record"]["path"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(paths, ["/f", "/e"]);
}
