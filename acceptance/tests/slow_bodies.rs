//! A request with a slow, endless or too long body delays no other request and gets an error response.

use std::time::{Duration, Instant};

use acceptance::{Loupe, STONE, rows};
use serde_json::json;

fn loupe() -> Loupe {
    Loupe::start_with(&["--variable", "request_timeout=2"])
}

/// What the journal has of the requests with a status.
fn kept(loupe: &Loupe, status: u16) -> Vec<Vec<serde_json::Value>> {
    let sql = format!("SELECT request_bytes, request_body FROM requests WHERE status = {status}");
    rows(&loupe.database(), &sql)
}

#[test]
fn an_incomplete_body_times_out_and_its_part_is_journaled() {
    let loupe = loupe();
    let (half, _) = STONE.split_at(20);
    let began = Instant::now();
    std::thread::scope(|scope| {
        let head = format!(
            "POST /v1/predict HTTP/1.1\r\nhost: loupe\r\ncontent-length: {}\r\n\r\n{half}",
            STONE.len()
        );
        // More of them than one instance takes at once.
        let slow: Vec<_> = (0..20)
            .map(|_| {
                let (mut connection, head) = (loupe.connect(), head.clone());
                scope.spawn(move || connection.send(head))
            })
            .collect();
        // Others are answered meanwhile.
        let mut answered = 0;
        let mut connection = loupe.connect();
        while slow.iter().any(|slow| !slow.is_finished()) {
            assert_eq!(connection.post("/v1/predict", STONE).status, 200);
            answered += 1;
        }
        assert!(answered > 0);
        for slow in slow {
            let answer = slow.join().unwrap();
            assert_eq!(answer.status, 408);
            assert_eq!(
                answer.json()["detail"],
                "20 bytes arrived within 2 seconds, and the rest did not"
            );
            assert!(answer.took >= Duration::from_secs(2));
        }
    });
    assert!(began.elapsed() < Duration::from_secs(60));
    assert_eq!(kept(&loupe, 408), vec![vec![json!(20), json!(half)]; 20]);
}

#[test]
fn a_body_that_comes_in_time_bit_by_bit_is_read() {
    use std::io::{Read, Write};

    let loupe = loupe();
    let mut stream = std::net::TcpStream::connect(loupe.address()).unwrap();
    stream.set_nodelay(true).unwrap();
    let length = STONE.len();
    let head = format!(
        "POST /v1/predict HTTP/1.1\r\nhost: loupe\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    for piece in STONE.as_bytes().chunks(11) {
        std::thread::sleep(Duration::from_millis(50));
        stream.write_all(piece).unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(kept(&loupe, 200), [[json!(length), json!(STONE)]]);
}

#[test]
fn a_far_too_long_body_is_not_read_to_its_end() {
    let loupe = loupe();
    for mebibytes in [2, 9, 40] {
        let length = mebibytes << 20;
        let head =
            format!("POST /v1/predict HTTP/1.1\r\nhost: loupe\r\ncontent-length: {length}\r\n\r\n");
        let sent = [head.into_bytes(), vec![b' '; length]].concat();
        // The server closes the connection of a client that keeps sending; the response can still be read.
        let answer = loupe.connect().send_partially(&sent);
        assert_eq!(answer.status, 413, "{mebibytes} MiB");
    }
    for row in kept(&loupe, 413) {
        let bytes = row[0].as_u64().unwrap();
        assert!(bytes <= (8 << 20) + (64 << 10), "{bytes}");
    }
    assert_eq!(loupe.connect().post("/v1/predict", STONE).status, 200);
}
