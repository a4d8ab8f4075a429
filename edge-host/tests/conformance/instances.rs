//! How instances are reused, and how they end.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::{scope, sleep};
use std::time::Duration;

use serde_json::Value;

use crate::server::Server;

#[test]
fn an_instance_answers_128_requests() {
    let server = Server::plain();
    let reports: Vec<_> = (0..129).map(|_| server.json("/instance")).collect();
    let ids: BTreeSet<_> =
        reports[..128].iter().map(|report| report["instance"].to_string()).collect();
    assert_eq!(ids.len(), 1, "the first 128 requests saw {} instances", ids.len());
    assert_eq!(reports[127]["so_far"], 128);
    assert_eq!(reports[128]["so_far"], 1);
    assert_ne!(reports[128]["instance"], reports[127]["instance"]);
}

#[test]
fn an_instance_has_up_to_16_requests_in_hand() {
    let server = Server::plain();
    // Sequential at first, so that one instance is there and known to the host as free.
    server.get("/instance");
    let reports: Vec<Value> = scope(|scope| {
        let requests: Vec<_> =
            (0..40).map(|_| scope.spawn(|| server.json("/sleep?ms=700"))).collect();
        requests.into_iter().map(|request| request.join().unwrap()).collect()
    });
    let mut most: BTreeMap<String, u64> = BTreeMap::new();
    for report in &reports {
        let at_once = report["most_at_once"].as_u64().unwrap();
        let known = most.entry(report["instance"].to_string()).or_default();
        *known = at_once.max(*known);
    }
    assert!(most.values().all(|at_once| *at_once <= 16), "{most:?}");
    assert!(
        most.values().any(|at_once| *at_once > 1),
        "no instance had two requests at once: {most:?}"
    );
    assert!(most.len() >= 3, "40 requests of 700 ms need three instances: {most:?}");
}

#[test]
fn an_idle_instance_goes_after_a_second() {
    let server = Server::plain();
    let first = server.json("/instance");
    sleep(Duration::from_millis(300));
    assert_eq!(server.json("/instance")["instance"], first["instance"]);
    sleep(Duration::from_millis(1500));
    assert_ne!(server.json("/instance")["instance"], first["instance"]);
}

#[test]
fn a_panic_is_an_empty_500_and_the_next_request_gets_a_new_instance() {
    let server = Server::plain();
    let before = server.json("/instance");
    let reply = server.get("/panic");
    assert_eq!((reply.status, reply.text().as_str()), (500, ""));
    server.expect_stderr("asked to");
    server.expect_stderr("component guest: the instance is dropped");
    let after = server.json("/instance");
    assert_eq!(after["so_far"], 1);
    assert_ne!(after["instance"], before["instance"]);
}

#[test]
fn a_panic_takes_the_requests_of_its_instance_along_and_no_others() {
    let server = Server::plain();
    server.get("/instance");
    let replies: Vec<_> = scope(|scope| {
        let panics = scope.spawn(|| server.get("/panic?ms=700"));
        // Long enough that the others join an instance that is in use.
        sleep(Duration::from_millis(200));
        let others: Vec<_> =
            (0..40).map(|_| scope.spawn(|| server.get("/sleep?ms=2000"))).collect();
        std::iter::once(panics).chain(others).map(|request| request.join().unwrap()).collect()
    });
    let taken = replies.iter().filter(|reply| reply.status == 500).count();
    assert!((2..=16).contains(&taken), "{taken} requests went with the instance");
    for reply in &replies {
        match reply.status {
            500 => assert_eq!(reply.text(), ""),
            status => {
                assert_eq!(status, 200);
                assert!(reply.json()["most_at_once"].as_u64().unwrap() <= 16);
            }
        }
    }
    assert_eq!(server.get("/instance").status, 200);
}
