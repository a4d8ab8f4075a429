//! Uses `spin:sqlite` on the file that Spin would use.

use serde_json::{Value, json};

use crate::server::{Application, Server};

const BOTH: [&str; 2] = ["async", "sync"];

fn none() -> Value {
    json!([])
}

#[test]
fn only_granted_labels_open() {
    let server = Server::plain();
    assert_eq!(server.json("/open?label=default"), json!({ "async": "opened", "sync": "opened" }));
    assert_eq!(
        server.json("/open?label=other"),
        json!({ "async": "access-denied", "sync": "access-denied" })
    );
    let ungranted = Application::new().replace("sqlite_databases = [\"default\"]", "").start();
    assert_eq!(
        ungranted.json("/open?label=default"),
        json!({ "async": "access-denied", "sync": "access-denied" })
    );
    assert!(
        !ungranted.application.data_dir().join("sqlite_db.db").exists(),
        "a database that is not granted was created"
    );
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
    let values = json!([
        { "integer": i64::MIN }, { "integer": i64::MAX }, { "real": -0.5 }, { "real": 1e300 }, { "text": "" },
        { "text": "Größe ≥ 1 ct 💎" }, { "blob": [] }, { "blob": [0, 255, 1] }, null
    ]);
    for api in BOTH {
        let outcome = &server.sql(api, &[("SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?", values.clone())])[0];
        assert_eq!(outcome["rows"], json!([values]), "{api}: {outcome}");
    }
}

#[test]
fn columns_rows_changes_and_rowids_are_reported() {
    for api in BOTH {
        let server = Server::plain();
        let outcomes = server.sql(
            api,
            &[
                ("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)", none()),
                ("INSERT INTO t (id, a) VALUES (7, 'x'), (9, 'y')", none()),
                ("SELECT id AS number, a FROM t ORDER BY id", none()),
                ("SELECT a FROM t WHERE id = 0", none()),
                (
                    "UPDATE t SET a = ?1 WHERE id > ?2 AND a <> ?1",
                    json!([{ "text": "z" }, { "integer": 0 }]),
                ),
                ("DELETE FROM t WHERE id = 7 RETURNING a", none()),
            ],
        );
        assert_eq!(
            (&outcomes[1]["changes"], &outcomes[1]["rowid"]),
            (&json!(2), &json!(9)),
            "{api}"
        );
        assert_eq!(outcomes[1]["columns"], json!([]), "{api}");
        assert_eq!(outcomes[2]["columns"], json!(["number", "a"]), "{api}");
        let rows =
            json!([[{ "integer": 7 }, { "text": "x" }], [{ "integer": 9 }, { "text": "y" }]]);
        assert_eq!(outcomes[2]["rows"], rows, "{api}");
        assert_eq!(
            (&outcomes[3]["columns"], &outcomes[3]["rows"]),
            (&json!(["a"]), &json!([])),
            "{api}"
        );
        assert_eq!(outcomes[4]["changes"], 2, "{api}");
        assert_eq!(outcomes[5]["rows"], json!([[{ "text": "z" }]]), "{api}");
    }
}

#[test]
fn a_failure_is_reported_by_the_result_or_the_synchronous_call() {
    for (api, reported_by) in [("async", "result"), ("sync", "call")] {
        let server = Server::plain();
        let outcomes = server.sql(
            api,
            &[
                ("CREATE TABLE t (a PRIMARY KEY)", none()),
                ("INSERT INTO t VALUES (1)", none()),
                ("INSERT INTO t VALUES (1)", none()),
                ("SELECT * FROM nowhere", none()),
                ("SELEC 1", none()),
                ("SELECT ?", none()),
                ("SELECT 1", json!([{ "integer": 1 }])),
                ("SELECT CAST(x'ff' AS TEXT)", none()),
                ("SELECT count(*) FROM t", none()),
            ],
        );
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
        assert_eq!(
            outcomes[8]["rows"],
            json!([[{ "integer": 1 }]]),
            "{api}: the connection still works"
        );
    }
}

#[test]
fn only_the_first_of_several_statements_is_run() {
    for api in BOTH {
        let server = Server::plain();
        let outcomes = server.sql(
            api,
            &[
                ("CREATE TABLE t (a)", none()),
                ("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)", none()),
                ("SELECT a FROM t; DELETE FROM t", none()),
                ("SELECT count(*) FROM t", none()),
            ],
        );
        assert_eq!(outcomes[2]["rows"], json!([[{ "integer": 1 }]]), "{api}");
        assert_eq!(outcomes[3]["rows"], json!([[{ "integer": 1 }]]), "{api}");
    }
}

#[test]
fn files_cannot_be_attached_but_memory_can() {
    let server = Server::plain();
    let other = server.application.directory.path().join("other.db");
    let literal = format!("ATTACH '{}' AS other", other.display());
    let outcomes = server.sql(
        "async",
        &[
            (&literal, none()),
            ("ATTACH ? AS other", json!([{ "text": other.display().to_string() }])),
            ("ATTACH ':memory:' AS m", none()),
            ("CREATE TABLE m.t (a)", none()),
        ],
    );
    assert_eq!(outcomes[0]["error"], "io: not authorized");
    assert_eq!(outcomes[1]["error"], "io: not authorized");
    assert_eq!(outcomes[3]["error"], Value::Null, "{outcomes:?}");
    assert!(!other.exists());
}

#[test]
fn each_open_returns_a_new_connection() {
    let server = Server::plain();
    let rolled_back = server.sql(
        "async",
        &[
            ("CREATE TABLE t (a)", none()),
            ("CREATE TEMP TABLE mine (a)", none()),
            ("BEGIN", none()),
            ("INSERT INTO t VALUES (1)", none()),
        ],
    );
    assert!(rolled_back.iter().all(|outcome| outcome["error"].is_null()), "{rolled_back:?}");
    let outcomes =
        server.sql("async", &[("SELECT count(*) FROM t", none()), ("SELECT * FROM mine", none())]);
    assert_eq!(
        outcomes[0]["rows"],
        json!([[{ "integer": 0 }]]),
        "a transaction outlived its connection"
    );
    assert_eq!(outcomes[1]["error"], "io: no such table: mine");
}

#[test]
fn an_unread_stream_holds_the_connection_until_it_is_dropped() {
    let expected =
        json!({ "first": [{ "integer": 1 }], "is_held": true, "second": [[{ "text": "second" }]] });
    assert_eq!(Server::plain().json("/unread"), expected);
}

#[test]
fn a_long_stream_is_complete_and_in_order() {
    let server = Server::plain();
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT i FROM n";
    for api in BOTH {
        let outcome = &server.sql(api, &[(sql, none())])[0];
        let rows = outcome["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 5000, "{api}");
        assert!(rows.iter().zip(1..).all(|(row, expected)| row[0]["integer"] == expected), "{api}");
    }
}

#[test]
fn a_writer_waits_for_the_lock_of_another() {
    assert_eq!(Server::plain().json("/busy"), json!({ "waited": true, "written": true }));
}

#[test]
fn more_statements_than_the_cache_holds_all_work_twice() {
    let server = Server::plain();
    let statements: Vec<_> = (0..100).map(|number| format!("SELECT {number}, ?")).collect();
    let steps: Vec<_> = statements
        .iter()
        .chain(&statements)
        .map(|sql| (sql.as_str(), json!([{ "text": "x".repeat(20_000) }])))
        .collect();
    let outcomes = server.sql("async", &steps);
    for (position, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome["rows"][0][0]["integer"], position % 100, "{position}");
    }
}

#[test]
fn the_database_is_where_spin_keeps_it_and_persists() {
    let mut server = Server::plain();
    let data_dir = server.application.data_dir();
    assert!(data_dir.join("sqlite_db.db").is_file());
    let outcomes = server.sql(
        "async",
        &[
            ("SELECT max(version) > 0 FROM schema_migrations", none()),
            ("CREATE TABLE kept (a)", none()),
            ("INSERT INTO kept VALUES ('still here')", none()),
        ],
    );
    assert_eq!(outcomes[0]["rows"], json!([[{ "integer": 1 }]]), "{outcomes:?}");
    server.terminate();
    assert_eq!(server.wait().0.code(), Some(0));
    let next = Application::new().argument(&format!("--data-dir={}", data_dir.display())).start();
    assert_eq!(
        next.sql("async", &[("SELECT a FROM kept", none())])[0]["rows"],
        json!([[{ "text": "still here" }]])
    );
}
