//! Starts and stops edge-host.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use crate::client;
use crate::server::{Application, Server};

#[test]
fn sigterm_finishes_open_requests_and_accepts_no_new_ones() {
    let mut server = Server::plain();
    let address = server.address;
    let idle = client::connect(address);
    let request = spawn(move || client::send(address, "GET", "/sleep?ms=800", "", b"").status);
    sleep(Duration::from_millis(300));
    server.terminate();
    sleep(Duration::from_millis(200));
    assert!(TcpStream::connect(address).is_err(), "a new connection was accepted");
    assert_eq!(request.join().unwrap(), 200);
    let start = Instant::now();
    let (status, stderr) = server.wait();
    assert_eq!(status.code(), Some(0));
    assert_eq!(stderr, "");
    assert!(start.elapsed() < Duration::from_secs(3), "the exit took {:?}", start.elapsed());
    drop(idle);
}

#[test]
fn a_guest_that_never_returns_does_not_prevent_the_exit() {
    let mut server = Server::plain();
    let mut stuck = client::connect(server.address);
    stuck.write_all(b"GET /spin HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    sleep(Duration::from_millis(300));
    server.terminate();
    let start = Instant::now();
    let (status, stderr) = server.wait();
    assert_eq!(status.code(), Some(0));
    assert!(stderr.contains("were aborted"), "{stderr}");
    assert!(start.elapsed() < Duration::from_secs(20), "the exit took {:?}", start.elapsed());
}

#[test]
fn a_port_in_use_is_named_and_the_exit_code_is_1() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap();
    let output = Application::new().argument(&format!("--listen={address}")).fail();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains(&format!("port {} is not available", address.port())), "{stderr}");
    assert!(!stderr.contains("listening"), "{stderr}");
}

#[test]
fn compiled_code_is_cached_for_the_next_start() {
    let server = Server::plain();
    let cache = server.application.data_dir().join("edge-host-cache");
    let cached = || count(&cache);
    let before = cached();
    assert!(before > 0, "the cache {} is empty", cache.display());
    server.terminate();
    let data_dir = server.application.data_dir();
    let next = Application::new().argument(&format!("--data-dir={}", data_dir.display()));
    let start = Instant::now();
    let next = next.start();
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "the second start took {:?}",
        start.elapsed()
    );
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
