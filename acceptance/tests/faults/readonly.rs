//! The database becomes read-only.

use std::time::Duration;

use acceptance::Loupe;

use crate::load::{
    ask_once, check_answers, check_journal, dead_letters, ids, journal, prices,
    wait_until_journaled,
};
use crate::mount::{ReadOnly, Volume};

#[test]
fn a_read_only_database_is_still_read() {
    let Some(volume) = Volume::in_memory(64) else { return };
    let loupe = Loupe::start_in(volume.path(), &[]);
    let prices = prices(&loupe);
    // Open connections can still write; those of new instances cannot.
    let read_only = ReadOnly::over(volume.path()).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let during = ask_once(&loupe);
    let ready = loupe.connect().get("/readyz").json();
    drop(read_only);
    wait_until_journaled(&loupe);
    let afterwards = ask_once(&loupe);

    check_answers(&during, &prices, false);
    assert_eq!((dead_letters(&during), dead_letters(&afterwards)), (during.len(), 0));
    assert_eq!(ready["journal"], "standard error", "{ready}");
    check_answers(&afterwards, &prices, true);
    let lines = loupe.dead_letters_of(&ids(&during));
    check_journal(&during, journal(&loupe.database()), &lines);
    check_journal(&afterwards, journal(&loupe.database()), &lines);
}
