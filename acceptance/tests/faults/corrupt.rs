//! Garbage in the database's pages; a truncated database.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use acceptance::Loupe;

use crate::load::{ask_once, by_id, check_answers, dead_letters, ids, prices};

/// Damages the whole database and checks that every response is right and its record is on standard error.
fn check(damage: impl FnOnce(&Loupe)) {
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

/// The files of the database.
fn files(loupe: &Loupe) -> [String; 2] {
    ["", "-wal"].map(|suffix| format!("{}{suffix}", loupe.database().display()))
}

#[test]
fn a_database_of_garbage_does_not_stop_responses() {
    check(|loupe| {
        for path in files(loupe) {
            // Overwritten in place, because the server keeps the file open.
            let garbage = vec![0xa5; std::fs::read(&path).unwrap().len()];
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.write_all_at(&garbage, 0).unwrap();
        }
    });
}

#[test]
fn a_truncated_database_does_not_stop_responses() {
    check(|loupe| {
        for path in files(loupe) {
            OpenOptions::new().write(true).open(path).unwrap().set_len(0).unwrap();
        }
    });
}
