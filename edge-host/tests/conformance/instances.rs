//! Checks how instances are reused and how they end.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::Duration;

use acceptance::concurrently;

use crate::server::Server;

#[test]
fn an_instance_handles_128_requests() {
    let server = Server::plain();
    let reports: Vec<_> = (0..129).map(|_| server.json("/instance")).collect();
    let ids: BTreeSet<_> = reports[..128].iter().map(|of| of["instance"].to_string()).collect();
    assert_eq!(ids.len(), 1, "the first 128 requests saw {} instances", ids.len());
    assert_eq!(reports[127]["total"], 128);
    assert_eq!(reports[128]["total"], 1);
    assert_ne!(reports[128]["instance"], reports[127]["instance"]);
}

#[test]
fn an_instance_handles_up_to_16_requests_at_once() {
    let server = Server::plain();
    // One request first, so that the host has a free instance.
    server.get("/instance");
    let reports = concurrently(40, |_| server.json("/sleep?ms=700"));
    let mut max: BTreeMap<String, u64> = BTreeMap::new();
    for report in &reports {
        let known = max.entry(report["instance"].to_string()).or_default();
        *known = report["max_in_flight"].as_u64().unwrap().max(*known);
    }
    assert!(max.values().all(|in_flight| *in_flight <= 16), "{max:?}");
    assert!(max.values().any(|in_flight| *in_flight > 1), "no instance had two at once: {max:?}");
    assert!(max.len() >= 3, "40 requests of 700 ms need three instances: {max:?}");
}

#[test]
fn an_idle_instance_ends_after_a_second() {
    let server = Server::plain();
    let first = server.json("/instance");
    sleep(Duration::from_millis(300));
    assert_eq!(server.json("/instance")["instance"], first["instance"]);
    sleep(Duration::from_millis(1500));
    assert_ne!(server.json("/instance")["instance"], first["instance"]);
}

#[test]
fn a_panic_is_an_empty_500_and_ends_the_instance() {
    let server = Server::plain();
    let before = server.json("/instance");
    let reply = server.get("/panic");
    assert_eq!((reply.status, reply.text()), (500, ""));
    server.expect_stderr("asked to");
    server.expect_stderr("component guest: the instance is dropped");
    let after = server.json("/instance");
    assert_eq!(after["total"], 1);
    assert_ne!(after["instance"], before["instance"]);
}

#[test]
fn a_panic_ends_only_the_requests_of_its_instance() {
    let server = Server::plain();
    server.get("/instance");
    let replies = concurrently(41, |request| {
        if request == 0 {
            return server.get("/panic?ms=700");
        }
        // After this, the others go to an instance that is in use.
        sleep(Duration::from_millis(200));
        server.get("/sleep?ms=2000")
    });
    let failed = replies.iter().filter(|reply| reply.status == 500).count();
    assert!((2..=16).contains(&failed), "{failed} requests ended with the instance");
    for reply in &replies {
        match reply.status {
            500 => assert_eq!(reply.text(), ""),
            200 => assert!(reply.json()["max_in_flight"].as_u64().unwrap() <= 16),
            status => panic!("{status}"),
        }
    }
    assert_eq!(server.get("/instance").status, 200);
}
