//! Tests `logs`: the journal shown, exported, pruned and recovered.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use http::Method;
use serde_json::{Value as Json, json};
use service::Request;

use crate::desk::{Desk, fields};
use crate::service_desk::{Journal, request, serve};

const STONE: &str = r#"{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1"}"#;

/// Requests with everything that a row can hold: texts, binary bodies, cut ones, NULs, nothing at all.
fn requests() -> Vec<Request> {
    let json = ("content-type", "application/json");
    let from = ("spin-client-addr", "203.0.113.7:4711");
    vec![
        request(
            Method::POST,
            "/v1/predict?explain=true",
            &[
                json,
                from,
                ("user-agent", "till/3"),
                ("x-request-id", "theirs-1"),
                ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            ],
            STONE,
        ),
        request(Method::POST, "/v1/predict", &[json], vec![0xff, 0xfe, 0x00]),
        request(Method::POST, "/v1/predict", &[json], vec![0xfe; 300]),
        request(Method::POST, "/v1/predict", &[from], format!("{}é💎", "é".repeat(60))),
        request(Method::POST, "/nope?", &[], "a\0b"),
        request(Method::HEAD, "/v1/models", &[], ""),
        request(
            Method::GET,
            "/nope?quote=\",\"&line=1",
            &[from],
            "\"quoted\", \n{\"loupe_journal\":",
        ),
    ]
}

/// A desk with an empty journal and a client key that every desk has.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.run("migrate").ok();
    desk.sql("UPDATE secrets SET value = CAST('key' AS BLOB)");
    desk
}

/// Every row with every column, as SQLite quotes it: types show.
fn rows(desk: &Desk) -> Vec<String> {
    let columns = "id received_at method path query route status latency_us request_type request_body request_bytes request_sha256 response_type response_body response_bytes response_sha256 model_id client user_agent caller_request_id trace_id";
    let quoted: Vec<String> =
        columns.split(' ').map(|column| format!("'{column} ' || quote({column})")).collect();
    desk.texts(&format!("SELECT {} FROM requests ORDER BY id", quoted.join(" || '\n' || ")))
}

/// Rows one a minute from 2026-11-23T17:00Z on, straight into the journal.
fn fill(desk: &Desk, count: u32) {
    desk.sql(&format!(
        "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {count})
         INSERT INTO requests (id, received_at, method, path, route, status, latency_us, request_bytes, response_bytes)
         SELECT substr(printf('%012x', 1795453200000 + n * 60000), 1, 8) || '-' || substr(printf('%012x', 1795453200000 + n * 60000), 9) || '-7000-8000-' || printf('%012x', n),
                strftime('%Y-%m-%dT%H:%M:%fZ', 1795453200 + n * 60, 'unixepoch'), 'GET', '/v1/models', '/v1/models', 200 + 204 * (n % 10 = 0), 1500, 0, 2
         FROM numbers"
    ));
}

fn count(desk: &Desk) -> Json {
    json!(desk.texts("SELECT count(*) || '' FROM requests")[0].parse::<u64>().unwrap())
}

#[test]
fn what_is_recovered_equals_what_the_service_would_have_written() {
    let (written, recovered) = (desk(), desk());
    assert!(serve(&written, Journal::Takes, requests()).iter().all(|line| !line.contains("stray")));
    let lines = serve(&recovered, Journal::Refuses, requests());
    let log = format!("listening\n{}\ndone {}\n", lines.join("\n"), lines[1]);
    recovered.file("service.log", &log);
    assert_eq!(count(&recovered), 0);
    let report = recovered.json("logs recover service.log");
    assert_eq!(report, json!({"read": 8, "recovered": 7, "already_present": 1, "unreadable": []}));
    let expected = rows(&written);
    assert_eq!(expected.len(), requests().len());
    assert_eq!(rows(&recovered), expected);
    let totals = "SELECT route || status || latency_limit_us || requests FROM request_totals";
    assert_eq!(recovered.texts(totals), written.texts(totals));
    // Once more, from standard input and with a half line: nothing is doubled.
    let half = &log[..log.len() - 200];
    let outcome = recovered.run_with_input("logs recover -", half).ok();
    assert!(outcome.stdout.contains("recovered 0, already present 7, unreadable 1"), "{outcome:?}");
    assert!(outcome.stdout.contains("-:"), "{outcome:?}");
    assert_eq!(rows(&recovered), expected);
    recovered.run("logs recover missing.log").refused(3, "missing.log");
}

#[test]
fn the_latest_requests_are_listed_the_newest_last() {
    let desk = desk();
    fill(&desk, 100);
    insta::assert_snapshot!(desk.run("logs list --limit 3").ok().stdout);
    let ids = |arguments: &str| -> Vec<u64> {
        let document = desk.json(format!("logs list {arguments}"));
        let rows = document["requests"].as_array().unwrap();
        let number = |row: &Json| u64::from_str_radix(&row["id"].as_str().unwrap()[24..], 16);
        rows.iter().map(|row| number(row).unwrap()).collect()
    };
    assert_eq!(ids("--limit 100"), (0..100).collect::<Vec<_>>());
    assert_eq!(ids("--status 404"), (0..10).map(|n| n * 10).collect::<Vec<_>>());
    assert_eq!(ids("--status 4xx --since 2026-11-23T18:30:00Z"), [90]);
    assert!(ids("--route none").is_empty());
    assert_eq!(ids("--route /v1/models --status 2xx --limit 1"), [99]);
    desk.run("logs list --status 5xx").prints("no requests");
    for wrong in ["--status 6xx", "--since lately", "--route v1", "--limit 0"] {
        desk.run(format!("logs list {wrong}")).failed(2);
    }
}

#[test]
fn a_followed_journal_shows_what_comes_in() {
    let desk = desk();
    let mut child =
        desk.command("logs list --follow --json").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Rows of now, or a little later by the clock of the machine that wrote them.
    for at in 0..3 {
        desk.sql(&format!(
            "INSERT INTO requests (id, received_at, method, path, status, latency_us, request_bytes, response_bytes)
             SELECT substr(hex, 1, 8) || '-' || substr(hex, 9) || '-7000-8000-00000000000{at}', 'now', 'GET', '/{at}', 404, 1, 0, 0
             FROM (SELECT printf('%012x', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)) AS hex)"
        ));
        let row: Json = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(row["path"], format!("/{at}"));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_export_holds_every_column_and_every_body() {
    let desk = desk();
    serve(&desk, Journal::Takes, requests());
    let ndjson = desk.run("logs export").ok().stdout;
    let lines: Vec<Json> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), requests().len());
    assert_eq!(lines[0]["request_body"], json!({"text": STONE}));
    assert_eq!(lines[1]["request_body"], json!({"hexadecimal": "fffe00"}));
    assert_eq!(lines[5]["request_body"], json!(null));
    assert_eq!(lines[0].as_object().unwrap().len(), 21);

    let csv = desk.run("logs export --format csv").ok().stdout;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    for (record, line) in reader.records().map(Result::unwrap).zip(&lines) {
        for (column, field) in header.iter().zip(&record) {
            match column.strip_suffix("_encoding") {
                Some(body) => assert!(
                    field.is_empty() && line[body].is_null() || line[body].get(field).is_some()
                ),
                None => {
                    let value = &line[column];
                    let body =
                        value.get("text").or_else(|| value.get("hexadecimal")).unwrap_or(value);
                    let expected = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
                    assert_eq!(field, expected.replace("null", ""), "{column}");
                }
            }
        }
    }
    let document = desk.json("logs export");
    assert_eq!(document["requests"], json!(lines));
}

#[test]
fn an_export_to_a_file_is_whole_or_not_there() {
    let desk = desk();
    fill(&desk, 1_000);
    let window = "--since 2026-11-23T17:10:00Z --until 2026-11-24T00:00:00Z";
    let report = desk.json(format!("logs export -o out.ndjson {window}"));
    assert_eq!(report, json!({"exported": 410, "file": "out.ndjson", "format": "ndjson"}));
    let text = desk.text("out.ndjson");
    let ids: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap()["id"].as_str().unwrap().into())
        .collect();
    assert!(ids.is_sorted() && ids.len() == 410);
    // A row that cannot be read stops it: the old file stays, and nothing else is left beside it.
    desk.sql("UPDATE requests SET request_body = 1.5 WHERE status = 404");
    desk.run("logs export -o out.ndjson").refused(1, "a body is");
    assert_eq!(desk.text("out.ndjson"), text);
    let files: Vec<_> = std::fs::read_dir(desk.path(".")).unwrap().collect();
    assert_eq!(files.len(), 2, "{files:?}");
    desk.run("logs export -o nowhere/out.csv").failed(1);
}

#[test]
fn pruning_removes_what_is_old_and_keeps_the_counts() {
    let desk = desk();
    fill(&desk, 1_000);
    let before = "logs prune --before 2026-11-24T00:00:00Z";
    let dry = desk.json(format!("{before} --dry-run"));
    assert_eq!(fields(&dry, "pruned dry_run"), json!([420, true]));
    assert_eq!(count(&desk), 1_000);
    let report = desk.json(format!("{before} --batch 100"));
    let expected = json!(["2026-11-24T00:00:00.000Z", 420, 5]);
    assert_eq!(fields(&report, "before pruned batches"), expected);
    assert_eq!(count(&desk), 580);
    assert_eq!(report["space"]["returned_bytes"], 0);
    assert!(report["space"]["reusable_bytes"].as_u64().unwrap() > 0);
    assert_eq!(desk.texts("SELECT min(received_at) FROM requests"), ["2026-11-24T00:00:00.000Z"]);
    assert_eq!(desk.texts("SELECT sum(requests) || '' FROM request_totals"), ["1000"]);
    desk.run(before).prints("removed 0 requests");
    // The rows are of the year in which this was written, or of the future.
    assert_eq!(desk.json("logs prune --keep-days 36500")["pruned"], 0);
    desk.run("logs prune").failed(2);
    desk.run("logs prune --before 1d --keep-days 1").failed(2);
    // A database that keeps track of its free pages gives them back.
    desk.sql("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = INCREMENTAL; VACUUM;");
    let report = desk.json("logs prune --before 2026-11-25T00:00:00Z");
    assert!(report["space"]["returned_bytes"].as_u64().unwrap() > 0, "{report}");
}

#[test]
fn a_service_goes_on_writing_while_the_journal_is_pruned() {
    let desk = desk();
    fill(&desk, 10_000);
    let mut prune = desk
        .command("logs prune --before 2030-01-01T00:00:00Z --batch 200")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut written = 0;
    while prune.try_wait().unwrap().is_none() {
        // As the service does: one attempt, which waits for no longer than five seconds.
        desk.sql(&format!(
            "PRAGMA busy_timeout = 5000;
             INSERT INTO requests (id, received_at, method, path, status, latency_us, request_bytes, response_bytes)
             VALUES ('f{written:07x}-0000-7000-8000-000000000000', 'later', 'GET', '/', 404, 1, 0, 0)"
        ));
        written += 1;
    }
    assert!(prune.wait().unwrap().success());
    assert!(written > 0);
    assert_eq!(count(&desk), written);
}

#[test]
fn a_new_client_key_makes_new_names_of_old_callers() {
    let desk = desk();
    let client = || {
        serve(&desk, Journal::Takes, vec![requests().swap_remove(0)]);
        let client = desk.texts("SELECT client FROM requests").remove(0);
        desk.sql("DELETE FROM requests");
        client
    };
    let before = client();
    assert_eq!((client(), before.len()), (before.clone(), 32));
    assert_eq!(desk.json("logs rotate-client-key"), json!({"rotated": true}));
    assert_ne!(client(), before);
    assert_eq!(
        desk.texts("SELECT length(value) || '' FROM secrets WHERE name = 'client_key'"),
        ["32"]
    );
}
