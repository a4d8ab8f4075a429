//! Uses `spin:sqlite` on the file that Spin would use.

use serde_json::{Value, json};

use crate::server::{Application, Server};

const BOTH: [&str; 2] = ["async", "sync"];

#[test]
fn only_granted_labels_open() {
    let denied = json!({ "async": "access-denied", "sync": "access-denied" });
    let server = Server::plain();
    assert_eq!(server.json("/open?label=default"), json!({ "async": "opened", "sync": "opened" }));
    assert_eq!(server.json("/open?label=other"), denied);
    let ungranted = Application::new().replace("sqlite_databases = [\"default\"]", "").start();
    assert_eq!(ungranted.json("/open?label=default"), denied);
    let database = ungranted.data_dir().join("sqlite_db.db");
    assert!(!database.exists(), "a database that is not granted was created");
}

#[test]
fn an_instance_holds_at_most_256_connections() {
    let server = Server::plain();
    let expected = json!({ "opened": 256, "error": "io: too many connections opened" });
    assert_eq!(server.json("/open-many?count=300"), expected);
    assert_eq!(server.json("/open-many?count=300"), expected, "dropped connections still count");
}

#[test]
fn every_kind_of_value_is_returned_unchanged() {
    let server = Server::plain();
    let text = "Größe ≥ 1 ct 💎";
    let values = json!([i64::MIN, i64::MAX, -0.5, 1e300, "", text, [], [0, 255, 1], null]);
    let mut step = values.as_array().unwrap().clone();
    step.insert(0, json!("SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?"));
    for api in BOTH {
        let outcome = &server.sql(api, json!([step]))[0];
        assert_eq!(outcome["rows"], json!([values]), "{api}: {outcome}");
    }
}

#[test]
fn columns_rows_changes_and_rowids_are_reported() {
    for api in BOTH {
        let steps = json!([
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
            "INSERT INTO t (id, a) VALUES (7, 'x'), (9, 'y')",
            "SELECT id AS number, a FROM t ORDER BY id",
            "SELECT a FROM t WHERE id = 0",
            ["UPDATE t SET a = ?1 WHERE id > ?2 AND a <> ?1", "z", 0],
            "DELETE FROM t WHERE id = 7 RETURNING a",
        ]);
        let outcomes = Server::plain().sql(api, steps);
        for (step, part, expected) in [
            (1, "changes", json!(2)),
            (1, "rowid", json!(9)),
            (1, "columns", json!([])),
            (2, "columns", json!(["number", "a"])),
            (2, "rows", json!([[7, "x"], [9, "y"]])),
            (3, "columns", json!(["a"])),
            (3, "rows", json!([])),
            (4, "changes", json!(2)),
            (5, "rows", json!([["z"]])),
        ] {
            assert_eq!(outcomes[step][part], expected, "{api}: {part} of step {step}");
        }
    }
}

#[test]
fn a_failure_is_reported_by_the_result_or_the_synchronous_call() {
    for (api, reported_by) in [("async", "result"), ("sync", "call")] {
        let steps = json!([
            "CREATE TABLE t (a PRIMARY KEY)",
            "INSERT INTO t VALUES (1)",
            "INSERT INTO t VALUES (1)",
            "SELECT * FROM nowhere",
            "SELEC 1",
            "SELECT ?",
            ["SELECT 1", 1],
            "SELECT CAST(x'ff' AS TEXT)",
            "SELECT count(*) FROM t",
        ]);
        let outcomes = Server::plain().sql(api, steps);
        for (outcome, message) in outcomes[2..8].iter().zip([
            "io: UNIQUE constraint failed: t.a",
            "io: no such table: nowhere",
            "io: near \"SELEC\": syntax error",
            "io: Wrong number of parameters passed to query. Got 0, needed 1",
            "io: Wrong number of parameters passed to query. Got 1, needed 0",
            "io: the statement was abandoned",
        ]) {
            let error = outcome["error"].as_str().unwrap_or_default();
            assert!(error.starts_with(message), "{api}: {outcome} instead of {message}");
            assert_eq!(outcome["reported_by"], reported_by, "{api}: {outcome}");
        }
        assert_eq!(outcomes[8]["rows"], json!([[1]]), "{api}: the connection still works");
    }
}

#[test]
fn only_the_first_of_several_statements_is_run() {
    for api in BOTH {
        let steps = json!([
            "CREATE TABLE t (a)",
            "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)",
            "SELECT a FROM t; DELETE FROM t",
            "SELECT count(*) FROM t",
        ]);
        let outcomes = Server::plain().sql(api, steps);
        assert_eq!(outcomes[2]["rows"], json!([[1]]), "{api}");
        assert_eq!(outcomes[3]["rows"], json!([[1]]), "{api}");
    }
}

#[test]
fn files_cannot_be_attached_but_memory_can() {
    let server = Server::plain();
    let other = server.directory.path().join("other.db");
    let steps = json!([
        format!("ATTACH '{}' AS other", other.display()),
        ["ATTACH ? AS other", other],
        "ATTACH ':memory:' AS m",
        "CREATE TABLE m.t (a)",
    ]);
    let outcomes = server.sql("async", steps);
    assert_eq!(outcomes[0]["error"], "io: not authorized");
    assert_eq!(outcomes[1]["error"], "io: not authorized");
    assert_eq!(outcomes[3]["error"], Value::Null, "{outcomes:?}");
    assert!(!other.exists());
}

#[test]
fn each_open_returns_a_new_connection() {
    let server = Server::plain();
    let create = ["CREATE TABLE t (a)", "CREATE TEMP TABLE mine (a)"];
    let steps = json!([create[0], create[1], "BEGIN", "INSERT INTO t VALUES (1)"]);
    let rolled_back = server.sql("async", steps);
    assert!(rolled_back.iter().all(|outcome| outcome["error"].is_null()), "{rolled_back:?}");
    let outcomes = server.sql("async", json!(["SELECT count(*) FROM t", "SELECT * FROM mine"]));
    assert_eq!(outcomes[0]["rows"], json!([[0]]), "a transaction outlived its connection");
    assert_eq!(outcomes[1]["error"], "io: no such table: mine");
}

#[test]
fn an_unread_stream_holds_the_connection_until_it_is_dropped() {
    let expected = json!({ "first": [1], "is_held": true, "second": [["second"]] });
    assert_eq!(Server::plain().json("/unread"), expected);
}

#[test]
fn a_long_stream_is_complete_and_in_order() {
    let server = Server::plain();
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT i FROM n";
    let expected: Value = (1..=5000).map(|row| json!([row])).collect();
    for api in BOTH {
        assert_eq!(server.sql(api, json!([sql]))[0]["rows"], expected, "{api}");
    }
}

#[test]
fn a_writer_waits_for_the_lock_of_another() {
    assert_eq!(Server::plain().json("/busy"), json!({ "waited": true, "written": true }));
}

#[test]
fn more_statements_than_the_cache_holds_all_work_twice() {
    let text = "x".repeat(20_000);
    let steps = (0..200).map(|step| json!([format!("SELECT {}, ?", step % 100), text])).collect();
    let outcomes = Server::plain().sql("async", steps);
    assert_eq!(outcomes.len(), 200);
    for (step, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome["rows"][0][0], step % 100, "{step}");
    }
}

#[test]
fn the_database_is_where_spin_keeps_it_and_persists() {
    let mut server = Server::plain();
    let data_dir = server.data_dir();
    assert!(data_dir.join("sqlite_db.db").is_file());
    let steps = json!([
        "SELECT max(version) > 0 FROM schema_migrations",
        "CREATE TABLE kept (a)",
        "INSERT INTO kept VALUES ('still here')",
    ]);
    let outcomes = server.sql("async", steps);
    assert_eq!(outcomes[0]["rows"], json!([[1]]), "{outcomes:?}");
    server.process.terminate();
    assert_eq!(server.process.wait().code(), Some(0));
    let next = Application::new().argument(&format!("--data-dir={}", data_dir.display())).start();
    let outcome = &next.sql("async", json!(["SELECT a FROM kept"]))[0];
    assert_eq!(outcome["rows"], json!([["still here"]]));
}
