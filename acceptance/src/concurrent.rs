//! Waits for conditions, and runs callers at the same time.

use std::time::{Duration, Instant};

/// Calls `find` until it returns something. Fails the test if that takes longer than `timeout`.
#[track_caller]
pub fn wait_for<T>(what: &str, timeout: Duration, mut find: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(began.elapsed() < timeout, "not within {timeout:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Runs callers at the same time; each is given its number.
pub fn concurrently<T: Send>(callers: usize, call: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let call = &call;
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..callers).map(|own| scope.spawn(move || call(own))).collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
    })
}
