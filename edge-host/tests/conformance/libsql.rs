//! `spin:sqlite` on a libsql server: one that plays a part, so that what it does at which moment is known.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

use serde_json::{Value, json};

use crate::server::{Application, Server};

/// Speaks as much of the Hrana protocol as libsql needs.
#[derive(Default)]
struct Part {
    /// A stream answers this many statements, then it has expired.
    statements_per_stream: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    streams: usize,
    /// The stream that each statement ran on, and its SQL.
    statements: Vec<(usize, String)>,
    authorization: Vec<String>,
}

fn start(statements_per_stream: usize) -> (Server, Arc<Part>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let part = Arc::new(Part { statements_per_stream, ..Part::default() });
    let playing = Arc::clone(&part);
    spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let playing = Arc::clone(&playing);
            spawn(move || playing.serve(stream));
        }
    });
    let server = Application::new()
        .argument(&format!("--libsql-url=http://{address}"))
        .environment("EDGE_HOST_LIBSQL_TOKEN", "a-token")
        .start();
    (server, part)
}

impl Part {
    fn serve(&self, stream: TcpStream) {
        let mut writer = stream.try_clone().unwrap();
        let mut reader = BufReader::new(stream);
        while let Some((path, body)) = self.read(&mut reader) {
            let (status, answer) = match self.stream_of(&body) {
                None => (
                    "400 Bad Request",
                    json!({ "message": "expired", "code": "STREAM_EXPIRED" }).to_string(),
                ),
                Some(stream) if path == "/v3/cursor" => ("200 OK", self.run(stream, &body)),
                Some(stream) => ("200 OK", pipeline(stream, &body)),
            };
            let length = answer.len();
            write!(writer, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{answer}")
                .unwrap();
        }
    }

    fn read(&self, reader: &mut impl BufRead) -> Option<(String, Value)> {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let path = line.split(' ').nth(1)?.to_owned();
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            match header.trim_end().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().ok()?,
                Some(("authorization", value)) => {
                    self.seen.lock().unwrap().authorization.push(value.to_owned());
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some((path, serde_json::from_slice(&body).ok()?))
    }

    /// The stream that the baton of a request names, a new one without a baton, `None` once it has expired.
    fn stream_of(&self, body: &Value) -> Option<usize> {
        let mut seen = self.seen.lock().unwrap();
        let Some(baton) = body["baton"].as_str() else {
            seen.streams += 1;
            return Some(seen.streams);
        };
        let stream = baton.parse().unwrap();
        let answered = seen.statements.iter().filter(|(other, _)| *other == stream).count();
        (answered < self.statements_per_stream).then_some(stream)
    }

    fn run(&self, stream: usize, body: &Value) -> String {
        let statement = &body["batch"]["steps"][0]["stmt"];
        let sql = statement["sql"].as_str().unwrap().to_owned();
        let fails = sql.contains("nowhere");
        self.seen.lock().unwrap().statements.push((stream, sql));
        let mut lines = vec![json!({ "baton": stream.to_string(), "base_url": null })];
        let cols: Vec<_> =
            statement["args"].as_array().unwrap().iter().map(|_| json!({ "name": "v" })).collect();
        lines.push(json!({ "type": "step_begin", "step": 0, "cols": cols }));
        if fails {
            let error = json!({ "message": "no such table: nowhere", "code": "SQLITE_ERROR" });
            lines.push(json!({ "type": "step_error", "step": 0, "error": error }));
        } else {
            // The parameters come back as the only row.
            if !cols.is_empty() {
                lines.push(json!({ "type": "row", "row": statement["args"] }));
            }
            lines.push(
                json!({ "type": "step_end", "affected_row_count": 3, "last_insert_rowid": "7" }),
            );
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// Says of each statement that it has no columns, and of everything else that it is done.
fn pipeline(stream: usize, body: &Value) -> String {
    let results = body["requests"].as_array().unwrap().iter().map(|request| {
        let description =
            json!({ "params": [], "cols": [], "is_explain": false, "is_readonly": false });
        let response = match request["type"].as_str().unwrap() {
            "describe" => json!({ "type": "describe", "result": description }),
            kind => json!({ "type": kind }),
        };
        json!({ "type": "ok", "response": response })
    });
    json!({ "baton": stream.to_string(), "base_url": null, "results": results.collect::<Vec<_>>() })
        .to_string()
}

#[test]
fn values_go_to_the_server_and_come_back_and_the_token_goes_with_them() {
    let (server, part) = start(usize::MAX);
    let values = json!([{ "integer": i64::MAX }, { "real": 0.5 }, { "text": "ü" }, { "blob": [0, 255] }, null]);
    for api in ["async", "sync"] {
        let outcome = &server.sql(api, &[("SELECT ?, ?, ?, ?, ?", values.clone())])[0];
        assert_eq!(outcome["rows"], json!([values]), "{api}");
    }
    let seen = part.seen.lock().unwrap();
    assert!(!seen.authorization.is_empty());
    assert!(
        seen.authorization.iter().all(|value| value == "Bearer a-token"),
        "{:?}",
        seen.authorization
    );
    assert!(
        !server.application.data_dir().join("sqlite_db.db").exists(),
        "a local database was made as well"
    );
}

#[test]
fn the_servers_refusal_is_the_statements_result() {
    let (server, _) = start(usize::MAX);
    let outcome = &server.sql("async", &[("SELECT * FROM nowhere", json!([]))])[0];
    assert_eq!(outcome["reported_by"], "result");
    assert!(outcome["error"].as_str().unwrap().contains("no such table: nowhere"), "{outcome}");
}

#[test]
fn a_stream_that_expired_is_opened_again_once() {
    let (server, part) = start(1);
    assert_eq!(server.json("/idle?ms=1"), json!([]));
    let statements = part.seen.lock().unwrap().statements.clone();
    let streams: Vec<_> = statements.iter().map(|(stream, _)| *stream).collect();
    assert_eq!(streams, [1, 2], "{statements:?}");
}

#[test]
fn a_transaction_whose_stream_expired_fails_and_runs_nothing_alone() {
    let (server, part) = start(1);
    let outcome = server.json("/idle?ms=1&begin=true");
    assert!(outcome.as_str().is_some_and(|error| error.contains("STREAM_EXPIRED")), "{outcome}");
    let statements = part.seen.lock().unwrap().statements.clone();
    assert_eq!(statements.len(), 1, "{statements:?}");
    // The connection's owner may start over.
    let outcomes = server.sql("async", &[("SELECT ?", json!([{ "integer": 1 }]))]);
    assert_eq!(outcomes[0]["rows"], json!([[{ "integer": 1 }]]));
}

#[test]
fn a_server_that_is_not_there_is_an_error_of_the_statement() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Application::new().argument(&format!("--libsql-url=http://{address}")).start();
    let outcome = &server.sql("async", &[("SELECT 1", json!([]))])[0];
    assert!(outcome["error"].as_str().is_some_and(|error| error.starts_with("io: ")), "{outcome}");
}
