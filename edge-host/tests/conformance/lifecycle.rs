//! Starts and stops edge-host.

use std::net::{TcpListener, TcpStream};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use acceptance::head;

use crate::server::{Application, Server};

#[test]
fn sigterm_finishes_open_requests_and_accepts_no_new_ones() {
    let mut server = Server::plain();
    let idle = server.connect();
    let mut busy = server.connect();
    let request = spawn(move || busy.get("/sleep?ms=800").status);
    sleep(Duration::from_millis(300));
    server.process.terminate();
    sleep(Duration::from_millis(200));
    assert!(TcpStream::connect(&server.address).is_err(), "a new connection was accepted");
    assert_eq!(request.join().unwrap(), 200);
    let start = Instant::now();
    assert_eq!(server.process.wait().code(), Some(0));
    assert_eq!(server.process.stderr(), [format!("listening http://{}", server.address)]);
    assert!(start.elapsed() < Duration::from_secs(3), "the exit took {:?}", start.elapsed());
    drop(idle);
}

#[test]
fn a_guest_that_never_returns_does_not_prevent_the_exit() {
    let mut server = Server::plain();
    let mut stuck = server.connect();
    stuck.write(head("GET /spin", "").as_bytes()).unwrap();
    sleep(Duration::from_millis(300));
    server.process.terminate();
    let start = Instant::now();
    assert_eq!(server.process.wait().code(), Some(0));
    server.expect_stderr("were aborted");
    assert!(start.elapsed() < Duration::from_secs(20), "the exit took {:?}", start.elapsed());
}

#[test]
fn a_port_in_use_is_named_and_the_exit_code_is_1() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap();
    let stderr = Application::new().argument(&format!("--listen={address}")).fail();
    assert!(stderr.contains(&format!("port {} is not available", address.port())), "{stderr}");
    assert!(!stderr.contains("listening"), "{stderr}");
}

#[test]
fn compiled_code_is_cached_for_the_next_start() {
    let mut server = Server::plain();
    let data_dir = server.data_dir();
    let cache = data_dir.join("edge-host-cache");
    let cached = || count(&cache);
    let before = cached();
    assert!(before > 0, "the cache {} is empty", cache.display());
    server.process.terminate();
    let next = Application::new().argument(&format!("--data-dir={}", data_dir.display()));
    let start = Instant::now();
    let next = next.start();
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(2), "the second start took {elapsed:?}");
    assert_eq!(next.get("/clock").status, 200);
    assert_eq!(cached(), before, "the second start compiled again");
}

/// The number of compiled modules in a directory.
fn count(directory: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => count(&path),
            path => usize::from(path.extension().is_none()),
        })
        .sum()
}
