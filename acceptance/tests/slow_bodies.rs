//! A request with a slow, endless or too long body delays no other request and gets an error response.

use std::time::{Duration, Instant};

use acceptance::{Loupe, STONE, concurrently, head, request};
use serde_json::json;

fn loupe() -> Loupe {
    Loupe::start_with(&["--variable", "request_timeout=2"])
}

/// The journaled bodies of the requests with a status.
fn kept(loupe: &Loupe, status: u16) -> Vec<Vec<serde_json::Value>> {
    let sql = format!("SELECT request_bytes, request_body FROM requests WHERE status = {status}");
    loupe.rows(&sql)
}

#[test]
fn an_incomplete_body_times_out_and_its_part_is_journaled() {
    let loupe = loupe();
    let (half, _) = STONE.split_at(20);
    let began = Instant::now();
    let head = head("POST /v1/predict", &format!("content-length: {}\r\n", STONE.len()));
    let ask = || loupe.connect().send(format!("{head}{half}"));
    let answers = std::thread::scope(|scope| {
        // More of them than one instance handles at once.
        let slow = scope.spawn(|| concurrently(20, |_| ask()));
        // Other requests are answered meanwhile.
        let mut answered = 0;
        let mut connection = loupe.connect();
        while !slow.is_finished() {
            assert_eq!(connection.post("/v1/predict", STONE).status, 200);
            answered += 1;
        }
        assert!(answered > 0);
        slow.join().unwrap()
    });
    for answer in answers {
        assert_eq!(answer.status, 408);
        let detail = "20 bytes arrived within 2 seconds, and the rest did not";
        assert_eq!(answer.json()["detail"], detail);
        assert!(answer.took >= Duration::from_secs(2));
    }
    assert!(began.elapsed() < Duration::from_secs(60));
    assert_eq!(kept(&loupe, 408), vec![vec![json!(20), json!(half)]; 20]);
}

#[test]
fn a_body_that_arrives_in_small_parts_is_read() {
    let loupe = loupe();
    let mut connection = loupe.connect();
    let length = STONE.len();
    let head = head("POST /v1/predict", &format!("content-length: {length}\r\n"));
    connection.write(head.as_bytes()).unwrap();
    for piece in STONE.as_bytes().chunks(11) {
        std::thread::sleep(Duration::from_millis(50));
        connection.write(piece).unwrap();
    }
    let answer = connection.read().unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(kept(&loupe, 200), [[json!(length), json!(STONE)]]);
}

#[test]
fn a_far_too_long_body_is_not_read_to_its_end() {
    let loupe = loupe();
    for mebibytes in [2, 9, 40] {
        let length = mebibytes << 20;
        let mut connection = loupe.connect();
        // The server closes the connection of a client that keeps sending; the response can still be read.
        let _ = connection.write(&request("POST /v1/predict", "", vec![b' '; length]));
        assert_eq!(connection.read().unwrap().status, 413, "{mebibytes} MiB");
    }
    for row in kept(&loupe, 413) {
        let bytes = row[0].as_u64().unwrap();
        assert!(bytes <= (8 << 20) + (64 << 10), "{bytes}");
    }
    assert_eq!(loupe.connect().post("/v1/predict", STONE).status, 200);
}
