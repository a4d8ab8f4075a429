//! What only a file can show: locks, and connections that see a file which is no longer there.

mod support;

use support::Service;

#[tokio::test]
async fn a_lock_is_waited_for_long_once_and_then_briefly() {
    let service = Service::new().await;
    let check = async |is_stray: bool, waits_ms: u32| {
        assert_eq!(service.get("/nope").await.is_stray(), is_stray);
        let pragmas = service.pragmas.borrow();
        let wait = pragmas.iter().rfind(|sql| sql.contains("busy")).unwrap();
        assert_eq!(wait.rsplit(' ').next().unwrap().parse(), Ok(waits_ms));
    };
    check(false, 2_000).await;
    service.refuse_with("INTO requests", "database is locked");
    check(true, 2_000).await;
    check(true, 50).await;
    check(true, 50).await;
    service.refuse_nothing();
    check(false, 50).await;
    check(false, 2_000).await;
    // A new connection would meet the same lock.
    assert_eq!(service.reopened.get(), 0);
}

#[tokio::test]
async fn what_a_new_connection_does_not_see_is_written_again() {
    let service = Service::new().await;
    service.get("/a").await;
    service.get("/b").await;
    service.hides.set(true);
    service.get("/c").await;
    assert_eq!(service.lines.borrow().len(), 0, "commits are believed for a while");
    service.now_us.set(100_000);
    assert!(!service.get("/d").await.is_stray());
    let said = service.lines.borrow_mut().pop().unwrap();
    assert!(said.ends_with("written again: 4 records"), "{said}");
    assert_eq!(service.recorded().await, 4, "nothing is doubled");

    // Where they cannot be written either, they are on standard error.
    service.get("/e").await;
    service.hides.set(false);
    service.refuse("requests");
    service.now_us.set(200_000);
    assert_eq!(service.get("/f").await.field("x-loupe-journal"), "stderr");
    let lines = service.lines.borrow();
    let strays = lines.iter().filter(|line| line.contains("loupe_journal"));
    let path = |line: &String| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["record"]["path"].as_str().unwrap().to_owned()
    };
    assert_eq!(strays.map(path).collect::<Vec<_>>(), ["/f", "/e"]);
}
