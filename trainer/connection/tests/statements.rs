//! A file and a real libsql server give the same results for the same statements.

use acceptance::Sqld;
use connection::{Connection, Error, Row, ServerAddress, Value, params};
use serde::Deserialize;

/// A connection to a file in memory, and one to a server.
async fn check(test: impl AsyncFn(Connection)) {
    test(Connection::to_file(":memory:").await.unwrap()).await;
    let sqld = Sqld::start();
    test(to(&sqld)).await;
}

fn to(sqld: &Sqld) -> Connection {
    Connection::to_server(&ServerAddress::parse(&sqld.url(), "").unwrap())
}

async fn table(connection: &Connection) {
    connection.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b); SELECT 1").await.unwrap();
}

async fn count(connection: &Connection) -> u64 {
    let count = connection.first("SELECT count(*) FROM t", (), |row| row.get(0)).await;
    count.unwrap().unwrap()
}

#[tokio::test]
async fn rows_are_values_and_structs() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Record {
        whole: u64,
        real: f64,
        given: Option<String>,
        absent: Option<i64>,
        is_true: bool,
    }
    check(async |connection| {
        let sql = "SELECT ? AS whole, ? AS real, ? AS given, ? AS absent, ? AS is_true, ? AS bytes";
        let parameters = params![7_i64, 2.0, "é", None::<i64>, true, vec![0_u8, 255]];
        let values = connection.all(sql, parameters.clone(), |row| Ok(row.values().to_vec()));
        assert_eq!(values.await.unwrap().concat(), parameters);
        let record: Option<Record> = connection.first(sql, parameters, Row::record).await.unwrap();
        let given = Some("é".to_owned());
        let expected = Record { whole: 7, real: 2.0, given, absent: None, is_true: true };
        assert_eq!(record, Some(expected));
        let none = connection.first("SELECT 1 WHERE false", (), |row| row.get::<i64>(0)).await;
        assert_eq!(none.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn writes_say_what_they_changed() {
    check(async |connection| {
        table(&connection).await;
        let sql = "INSERT INTO t (b) VALUES (?), (?)";
        assert_eq!(connection.execute(sql, ["x", "y"]).await.unwrap(), 2);
        assert_eq!(connection.last_insert_rowid(), 2);
        let insert = connection.prepare("INSERT INTO t (b) VALUES (?)").await.unwrap();
        for value in [Value::Null, Value::Real(0.5)] {
            assert_eq!(insert.execute(vec![value]).await.unwrap(), 1);
        }
        assert_eq!(count(&connection).await, 4);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_is_kept_whole_or_not_at_all() {
    check(async |connection| {
        table(&connection).await;
        let insert = "INSERT INTO t (b) VALUES (1)";
        let transaction = connection.transaction().await.unwrap();
        transaction.execute(insert, ()).await.unwrap();
        transaction.commit().await.unwrap();
        for is_dropped in [true, false] {
            let transaction = connection.transaction().await.unwrap();
            transaction.execute(insert, ()).await.unwrap();
            assert_eq!(count(&transaction).await, 2);
            if is_dropped {
                drop(transaction);
            } else {
                transaction.rollback().await.unwrap();
            }
            assert_eq!(count(&connection).await, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn many_rows_are_read_one_by_one_or_left() {
    check(async |connection| {
        let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) \
             SELECT i, 'a text of some length, so that the whole is more than one answer may hold' FROM n";
        let mut rows = connection.query(sql, ()).await.unwrap();
        let mut sum = 0;
        while let Some(row) = rows.next().await.unwrap() {
            sum += row.get::<i64>(0).unwrap();
        }
        assert_eq!(sum, 300_000 * 300_001 / 2);
        let first = connection.first(sql, (), |row| row.get::<i64>(0)).await.unwrap();
        assert_eq!(first, Some(1));
        assert_eq!(connection.first("SELECT 2", (), |row| row.get(0)).await.unwrap(), Some(2_i64));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_says_what_sqlite_says() {
    check(async |connection| {
        let refused =
            |error: Error| assert!(error.to_string().contains("no such table"), "{error}");
        refused(connection.execute("DELETE FROM nowhere", ()).await.unwrap_err());
        refused(connection.query("SELECT * FROM nowhere", ()).await.map(drop).unwrap_err());
        let wrong = connection.first("SELECT 'x'", (), |row| row.get::<i64>(0)).await.unwrap_err();
        assert_eq!(wrong.to_string(), "column 0 holds a text instead of an integer");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_restarts_ends_transactions_and_nothing_else() {
    let mut sqld = Sqld::start();
    let connection = to(&sqld);
    table(&connection).await;
    sqld.restart(|| ());
    assert_eq!(count(&connection).await, 0);
    let transaction = connection.transaction().await.unwrap();
    transaction.execute("INSERT INTO t (b) VALUES (1)", ()).await.unwrap();
    sqld.restart(|| ());
    let lost = transaction.execute("INSERT INTO t (b) VALUES (2)", ()).await.unwrap_err();
    assert!(matches!(lost, Error::TransactionLost), "{lost}");
    drop(transaction);
    assert_eq!(count(&connection).await, 0);
}

#[test]
fn an_address_is_that_of_a_server() {
    for (url, expected) in [
        ("http://db:8080/", Ok("http://db:8080/")),
        ("libsql://db.example", Ok("libsql://db.example")),
        ("ftp://db", Err("\"ftp://db\" is no address of a database")),
    ] {
        let parsed = ServerAddress::parse(url, "").map(|address| address.to_string());
        match expected {
            Ok(address) => assert_eq!(parsed.unwrap(), address),
            Err(part) => assert!(parsed.unwrap_err().to_string().contains(part)),
        }
    }
}
