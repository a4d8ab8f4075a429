//! The database's files are removed while they are in use.

use std::time::Duration;

use acceptance::{Answer, Connection, Loupe};

use crate::load::{
    ask_once, by_id, check_answers, check_journal, journal, predict, prices, wait_until_journaled,
};

/// Sends requests that keep one instance in use, and its connections to the files.
fn steadily(connection: &mut Connection, count: usize) -> Vec<Answer> {
    let ask = |_| {
        std::thread::sleep(Duration::from_millis(200));
        predict(connection)
    };
    (0..count).map(ask).collect()
}

#[test]
fn records_of_a_removed_database_go_to_standard_error() {
    let loupe = Loupe::start();
    let prices = prices(&loupe);
    let mut connection = loupe.connect();
    let before = steadily(&mut connection, 5);
    let kept = journal(&loupe.database());
    assert!(before.iter().all(|answer| kept.contains_key(answer.id())));

    for suffix in ["", "-wal", "-shm"] {
        std::fs::remove_file(format!("{}{suffix}", loupe.database().display())).unwrap();
    }
    let during = steadily(&mut connection, 5);
    let all = ask_once(&loupe);
    let ready = loupe.connect().get("/readyz");
    assert_eq!(ready.status, 503, "{ready:?}");
    check_answers(&all, &prices, false);
    // No record is lost, although SQLite accepted the first ones.
    let dead_letters = by_id(&loupe.dead_letters(during.len() + all.len()));
    let during = during.iter().chain(all.iter().map(|exchange| &exchange.answer));
    for answer in during {
        assert_eq!(dead_letters[answer.id()].0, u64::from(answer.status));
        assert_eq!(answer.header("x-loupe-journal"), Some("stderr"));
    }

    // A new database is used as soon as it is there.
    let _ = loupe.trainer(&["migrate"]);
    wait_until_journaled(&loupe);
    let afterwards = ask_once(&loupe);
    check_answers(&afterwards, &prices, true);
    check_journal(&afterwards, journal(&loupe.database()), &[]);
    let ready = loupe.connect().get("/readyz");
    assert_eq!(ready.status, 200, "{ready:?}");
}

#[test]
fn a_replaced_database_gets_the_latest_records() {
    let loupe = Loupe::start();
    let mut connection = loupe.connect();
    steadily(&mut connection, 1);
    let copy = loupe.file("copy.db");
    std::fs::copy(loupe.database(), &copy).unwrap();
    for suffix in ["-wal", "-shm"] {
        std::fs::remove_file(format!("{}{suffix}", loupe.database().display())).unwrap();
    }
    std::fs::rename(&copy, loupe.database()).unwrap();
    let answers = steadily(&mut connection, 10);
    let journal = journal(&loupe.database());
    for answer in &answers {
        assert_eq!(answer.header("x-loupe-journal"), None);
        assert!(journal.contains_key(answer.id()), "{} is lost", answer.id());
    }
}
