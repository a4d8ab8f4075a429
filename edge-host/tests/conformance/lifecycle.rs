//! From the first line to the last.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use crate::client;
use crate::server::{Application, Server};

#[test]
fn sigterm_lets_a_request_in_flight_finish_and_takes_no_new_one() {
    let mut server = Server::plain();
    let address = server.address;
    let idle = client::connect(address);
    let request = spawn(move || client::send(address, "GET", "/sleep?ms=800", "", b"").status);
    sleep(Duration::from_millis(300));
    server.terminate();
    sleep(Duration::from_millis(200));
    assert!(TcpStream::connect(address).is_err(), "a new connection was taken");
    assert_eq!(request.join().unwrap(), 200);
    let start = Instant::now();
    let (status, stderr) = server.wait();
    assert_eq!(status.code(), Some(0));
    assert_eq!(stderr, "");
    assert!(start.elapsed() < Duration::from_secs(3), "the end took {:?}", start.elapsed());
    drop(idle);
}

#[test]
fn a_guest_that_never_returns_does_not_keep_the_process() {
    let mut server = Server::plain();
    let mut stuck = client::connect(server.address);
    stuck.write_all(b"GET /spin HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    sleep(Duration::from_millis(300));
    server.terminate();
    let start = Instant::now();
    let (status, stderr) = server.wait();
    assert_eq!(status.code(), Some(0));
    assert!(stderr.contains("were cut off"), "{stderr}");
    assert!(start.elapsed() < Duration::from_secs(20), "the end took {:?}", start.elapsed());
}

#[test]
fn a_taken_port_is_named_and_the_exit_code_is_1() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap();
    let output = Application::new().argument(&format!("--listen={address}")).fail();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains(&format!("port {} cannot be had", address.port())), "{stderr}");
    assert!(!stderr.contains("listening"), "{stderr}");
}

#[test]
fn compiled_code_is_kept_for_the_next_start() {
    let server = Server::plain();
    let cache = server.application.data_dir().join("edge-host-cache");
    let kept = || walk(&cache);
    let before = kept();
    assert!(before > 0, "nothing is kept in {}", cache.display());
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
    assert_eq!(kept(), before, "the second start compiled again");
}

/// The number of compiled modules below a directory.
fn walk(directory: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => walk(&path),
            path => usize::from(path.extension().is_none()),
        })
        .sum()
}
