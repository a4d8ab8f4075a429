//! The database cannot be written any more.

use std::time::Duration;

use acceptance::Loupe;

use crate::load::{
    ask_once, check_answers, check_journal, ids, journal, prices, wait_until_journaled,
};
use crate::mount::{ReadOnly, Volume};

#[test]
fn a_database_that_becomes_read_only_is_still_answered_from() {
    let Some(volume) = Volume::in_memory(64) else { return };
    let loupe = Loupe::start_in(volume.path(), &[]);
    let prices = prices(&loupe);
    // Connections that are open may write on; those of the next instances may not.
    let read_only = ReadOnly::over(volume.path()).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let during = ask_once(&loupe);
    let ready = loupe.connect().get("/readyz").json();
    drop(read_only);
    wait_until_journaled(&loupe);
    let afterwards = ask_once(&loupe);

    check_answers(&during, &prices, false);
    assert!(during.iter().all(|exchange| exchange.is_dead_letter()));
    assert_eq!(ready["journal"], "standard error", "{ready}");
    check_answers(&afterwards, &prices, true);
    assert!(!afterwards.iter().any(|exchange| exchange.is_dead_letter()));
    let dead_letters = loupe.dead_letters_of(&ids(&during));
    check_journal(&during, journal(&loupe.database()), &dead_letters);
    check_journal(&afterwards, journal(&loupe.database()), &dead_letters);
}
