//! The server is killed at random moments under load.

use std::collections::HashSet;
use std::time::Duration;

use acceptance::{Loupe, rows};
use serde_json::json;

use crate::load::{Load, by_id, check_answers, check_journal, journal, prices};

const ROUNDS: u64 = 25;

#[test]
fn what_was_answered_before_a_kill_is_in_the_journal_once() {
    let mut loupe = Loupe::start();
    let prices = prices(&loupe);
    let mut chance = Chance(4);
    let mut answered = HashSet::new();
    for round in 0..ROUNDS {
        let load = Load::start(&loupe, 16, Duration::ZERO);
        // The load is on once everybody was answered; then it is cut off at another moment each round.
        while load.answered() < 16 {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(chance.below(300_000)));
        loupe.kill();
        let exchanges = load.stop();
        assert!(!exchanges.is_empty(), "nobody was answered in round {round}");
        check_answers(&exchanges, &prices, true);
        // What is left of the write-ahead log is taken in by whoever opens the file next: here, this test.
        assert_eq!(rows(&loupe.database(), "PRAGMA integrity_check"), [[json!("ok")]], "{round}");
        let strays = loupe.strays(exchanges.iter().filter(|exchange| exchange.is_stray()).count());
        check_journal(&exchanges, journal(&loupe.database()), &strays);
        for exchange in &exchanges {
            assert!(answered.insert(exchange.answer.id().to_owned()), "an id came twice");
        }
        loupe = loupe.kill_and_restart();
    }
    // Lines of standard error are as few as rows: none is there twice either.
    by_id(&loupe.strays(0));
    println!("{ROUNDS} rounds, {} answers", answered.len());
}

/// Numbers that look random and are the same every time (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
