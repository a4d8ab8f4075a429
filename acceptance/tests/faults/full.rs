//! The disk is full.

use std::time::Duration;

use acceptance::Loupe;

use crate::load::{
    Load, ask_once, by_id, check_answers, check_journal, journal, prices, wait_until_journaled,
};
use crate::mount::Volume;

#[test]
fn a_full_disk_sends_records_to_standard_error() {
    let Some(volume) = Volume::in_memory(48) else { return };
    let loupe = Loupe::start_in(volume.path(), &[]);
    let prices = prices(&loupe);
    let load = Load::start(&loupe, 8, Duration::from_millis(5));
    std::thread::sleep(Duration::from_millis(300));

    let filler = volume.path().join("filler");
    let filled = std::fs::write(&filler, vec![1; 64 << 20]);
    assert_eq!(filled.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    std::thread::sleep(Duration::from_millis(1500));
    let long = long_ones(&loupe);

    std::fs::remove_file(&filler).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    wait_until_journaled(&loupe);
    let exchanges = load.stop();
    let afterwards = ask_once(&loupe);

    let dead_letter = exchanges.iter().filter(|exchange| exchange.is_dead_letter()).count();
    assert!(
        dead_letter > 100,
        "{dead_letter} of {} records went to standard error",
        exchanges.len()
    );
    assert!(dead_letter < exchanges.len(), "all records went to standard error");
    assert!(!afterwards.iter().any(|exchange| exchange.is_dead_letter()));
    let dead_letters = loupe.dead_letters(dead_letter + long.len());
    for exchanges in [&exchanges, &afterwards] {
        check_answers(exchanges, &prices, true);
        check_journal(exchanges, journal(&loupe.database()), &dead_letters);
    }
    let dead_letters = by_id(&dead_letters);
    assert!(long.iter().all(|id| dead_letters.contains_key(id)));
}

/// Asks with long bodies by enough callers for several instances, which all write to one standard error; the ids.
fn long_ones(loupe: &Loupe) -> Vec<String> {
    let stone = format!(r#"{{"carat":0.7,"cut":"Ideal","color":"{}"}}"#, "G".repeat(50_000));
    let ask = || {
        let answer = loupe.connect().post("/v1/predict", &stone);
        assert_eq!((answer.status, answer.header("x-loupe-journal")), (422, Some("stderr")));
        answer.id().to_owned()
    };
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..60).map(|_| scope.spawn(ask)).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    })
}
