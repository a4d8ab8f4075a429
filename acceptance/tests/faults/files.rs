//! The database's files are damaged, removed or replaced while they are in use.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use acceptance::{Answer, Connection, Loupe};

use crate::load::{
    ask_once, by_id, check, check_answers, dead_letters, ids, journal, predict, prices,
    wait_until_journaled,
};

/// Damages the whole database and checks that every response is right and its record is on standard error.
fn check_damage(damage: impl FnOnce(&Loupe)) {
    let loupe = Loupe::start();
    let prices = prices(&loupe);
    std::thread::sleep(Duration::from_millis(200));
    damage(&loupe);
    let mut during = ask_once(&loupe);
    let ready = loupe.connect().get("/readyz");
    // Once more with another instance.
    std::thread::sleep(Duration::from_millis(1500));
    during.extend(ask_once(&loupe));
    assert_eq!(ready.status, 503, "{ready:?}");
    check_answers(&during, &prices, false);
    assert_eq!(dead_letters(&during), during.len());
    let lines = by_id(&loupe.dead_letters_of(&ids(&during)));
    for id in ids(&during) {
        assert!(lines.contains_key(id), "{id} is lost");
    }
}

/// Files of the database.
fn files<const N: usize>(loupe: &Loupe, suffixes: [&str; N]) -> [String; N] {
    suffixes.map(|suffix| format!("{}{suffix}", loupe.database().display()))
}

#[test]
fn a_database_of_garbage_does_not_stop_responses() {
    check_damage(|loupe| {
        for path in files(loupe, ["", "-wal"]) {
            // Overwritten in place, because the server keeps the file open.
            let garbage = vec![0xa5; std::fs::read(&path).unwrap().len()];
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.write_all_at(&garbage, 0).unwrap();
        }
    });
}

#[test]
fn a_truncated_database_does_not_stop_responses() {
    check_damage(|loupe| {
        for path in files(loupe, ["", "-wal"]) {
            OpenOptions::new().write(true).open(path).unwrap().set_len(0).unwrap();
        }
    });
}

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
    let kept = journal(&loupe);
    assert!(before.iter().all(|answer| kept.contains_key(answer.id())));

    for path in files(&loupe, ["", "-wal", "-shm"]) {
        std::fs::remove_file(path).unwrap();
    }
    let during = steadily(&mut connection, 5);
    let all = ask_once(&loupe);
    let ready = loupe.connect().get("/readyz");
    assert_eq!(ready.status, 503, "{ready:?}");
    check_answers(&all, &prices, false);
    // No record is lost, although SQLite accepted the first ones.
    let during: Vec<&Answer> = during.iter().chain(all.iter().map(|one| &one.answer)).collect();
    let ids: Vec<&str> = during.iter().map(|answer| answer.id()).collect();
    let lines = by_id(&loupe.dead_letters_of(&ids));
    for answer in during {
        assert_eq!(lines[answer.id()].0, u64::from(answer.status));
        assert_eq!(answer.header("x-loupe-journal"), Some("stderr"));
    }

    // A new database is used as soon as it is there.
    let _ = loupe.trainer(&["migrate"]);
    wait_until_journaled(&loupe);
    let afterwards = ask_once(&loupe);
    assert_eq!(dead_letters(&afterwards), 0);
    check(&loupe, &afterwards, &prices, true);
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
    for path in files(&loupe, ["-wal", "-shm"]) {
        std::fs::remove_file(path).unwrap();
    }
    std::fs::rename(&copy, loupe.database()).unwrap();
    let answers = steadily(&mut connection, 10);
    let journal = journal(&loupe);
    for answer in &answers {
        assert_eq!(answer.header("x-loupe-journal"), None);
        assert!(journal.contains_key(answer.id()), "{} is lost", answer.id());
    }
}
