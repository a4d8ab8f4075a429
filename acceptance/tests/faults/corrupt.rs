//! Garbage in the database's pages; a truncated database.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use acceptance::Loupe;

use crate::load::{Exchange, ask_once, by_id, check_answers, ids, prices};

/// After damage to the whole database, every answer has its price or its error, and its record is on standard error.
fn check(damage: impl FnOnce(&Loupe)) {
    let loupe = Loupe::start();
    let prices = prices(&loupe);
    std::thread::sleep(Duration::from_millis(200));
    damage(&loupe);
    let mut during: Vec<Exchange> = ask_once(&loupe);
    let ready = loupe.connect().get("/readyz");
    // And once more by another instance.
    std::thread::sleep(Duration::from_millis(1500));
    during.extend(ask_once(&loupe));
    assert_eq!(ready.status, 503, "{ready:?}");
    check_answers(&during, &prices, false);
    let dead_letters = by_id(&loupe.dead_letters_of(&ids(&during)));
    for Exchange { answer, .. } in &during {
        assert!(dead_letters.contains_key(answer.id()), "{} is lost", answer.id());
        assert_eq!(answer.header("x-loupe-journal"), Some("stderr"));
    }
}

#[test]
fn a_database_of_garbage_does_not_stop_responses() {
    check(|loupe| {
        for suffix in ["", "-wal"] {
            // In place, for the server goes on with the file that it has open.
            let path = format!("{}{suffix}", loupe.database().display());
            let garbage = vec![0xa5; std::fs::read(&path).unwrap().len()];
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.write_all_at(&garbage, 0).unwrap();
        }
    });
}

#[test]
fn a_truncated_database_does_not_stop_responses() {
    check(|loupe| {
        for suffix in ["", "-wal"] {
            let path = format!("{}{suffix}", loupe.database().display());
            OpenOptions::new().write(true).open(path).unwrap().set_len(0).unwrap();
        }
    });
}
