//! The server is killed at random moments under load.

use std::collections::HashSet;
use std::time::Duration;

use acceptance::Loupe;
use fastrand::Rng;
use serde_json::json;

use crate::load::{Load, by_id, check, prices};

const ROUNDS: u64 = 25;

#[test]
fn responses_before_a_kill_are_in_the_journal_once() {
    let mut loupe = Loupe::start();
    let prices = prices(&loupe);
    let mut rng = Rng::with_seed(4);
    let mut answered = HashSet::new();
    for round in 0..ROUNDS {
        let load = Load::start(&loupe, 16, Duration::ZERO);
        // The load has started when every caller has a response. The server is killed at a different moment each round.
        while load.answered() < 16 {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(rng.u64(..300_000)));
        loupe.kill();
        let exchanges = load.stop();
        assert!(!exchanges.is_empty(), "no response in round {round}");
        // The next process that opens the file recovers the write-ahead log; here it is this test.
        assert_eq!(loupe.rows("PRAGMA integrity_check"), [[json!("ok")]], "{round}");
        check(&loupe, &exchanges, &prices, true);
        for exchange in &exchanges {
            assert!(answered.insert(exchange.answer.id().to_owned()), "an id came twice");
        }
        loupe.kill_and_restart();
    }
    // Standard error has no record twice either.
    by_id(&loupe.dead_letters_of(&[]));
    println!("{ROUNDS} rounds, {} answers", answered.len());
}
