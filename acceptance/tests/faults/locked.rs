//! Another process holds the database's lock for ten seconds.

use std::time::{Duration, Instant};

use acceptance::Loupe;
use connection::Connection;
use serde_json::json;

use crate::load::{Load, check, dead_letters, prices, times, wait_until_journaled};

const HELD: Duration = Duration::from_secs(10);

#[test]
fn a_lock_delays_the_first_responses_and_few_others() {
    let loupe = Loupe::start();
    let prices = prices(&loupe);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let lock = runtime.block_on(async {
        let connection = Connection::to_file(loupe.database()).await.unwrap();
        connection.execute("BEGIN IMMEDIATE", ()).await.unwrap();
        connection
    });
    let locked_at = Instant::now();
    // Slow enough for one instance to handle all requests.
    let load = Load::start(&loupe, 2, Duration::from_millis(150));
    std::thread::sleep(Duration::from_secs(5));
    let ready = loupe.connect().get("/readyz");
    std::thread::sleep(HELD.saturating_sub(locked_at.elapsed()));
    let during = load.stop();
    runtime.block_on(lock.execute("COMMIT", ())).unwrap();
    wait_until_journaled(&loupe);
    let load = Load::start(&loupe, 4, Duration::from_millis(5));
    std::thread::sleep(Duration::from_millis(500));
    let afterwards = load.stop();

    assert_eq!((dead_letters(&during), dead_letters(&afterwards)), (during.len(), 0));
    assert_eq!((ready.status, &ready.json()["journal"]), (200, &json!("standard error")));
    let (median, longest) = times(&during);
    // The service waits two seconds, then fifty milliseconds; the rest is for a busy machine.
    assert!(longest < Duration::from_secs(5), "{longest:?}");
    assert!(median < Duration::from_millis(500), "{median:?}");
    check(&loupe, &during, &prices, true);
    check(&loupe, &afterwards, &prices, true);
}
