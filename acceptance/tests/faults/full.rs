//! The disk is full.

use std::time::Duration;

use acceptance::{Loupe, concurrently};

use crate::load::{
    Load, ask_once, by_id, check_answers, check_journal, dead_letters, journal, prices,
    wait_until_journaled,
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

    let count = dead_letters(&exchanges);
    assert!(count > 100 && count < exchanges.len(), "{count} of {} records", exchanges.len());
    assert_eq!(dead_letters(&afterwards), 0);
    let lines = loupe.dead_letters(count + long.len());
    for exchanges in [&exchanges, &afterwards] {
        check_answers(exchanges, &prices, true);
        check_journal(exchanges, journal(&loupe.database()), &lines);
    }
    let lines = by_id(&lines);
    assert!(long.iter().all(|id| lines.contains_key(id)));
}

/// Sends long bodies from enough callers for several instances, which all write to one standard error. Returns the ids.
fn long_ones(loupe: &Loupe) -> Vec<String> {
    let stone = format!(r#"{{"carat":0.7,"cut":"Ideal","color":"{}"}}"#, "G".repeat(50_000));
    concurrently(60, |_| {
        let answer = loupe.connect().post("/v1/predict", &stone);
        assert_eq!((answer.status, answer.header("x-loupe-journal")), (422, Some("stderr")));
        answer.id().to_owned()
    })
}
