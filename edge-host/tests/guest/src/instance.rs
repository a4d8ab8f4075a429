//! Counts the requests of this instance.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use serde_json::{Value, json};

/// A random number that identifies the instance.
static ID: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0) >> 12);

static TOTAL: AtomicUsize = AtomicUsize::new(0);
static IN_FLIGHT: AtomicUsize = AtomicUsize::new(0);
static MAX_IN_FLIGHT: AtomicUsize = AtomicUsize::new(0);

/// Counts one request while it exists.
pub(crate) struct RequestCount(());

impl RequestCount {
    pub(crate) fn new() -> Self {
        TOTAL.fetch_add(1, Relaxed);
        let in_flight = IN_FLIGHT.fetch_add(1, Relaxed) + 1;
        MAX_IN_FLIGHT.fetch_max(in_flight, Relaxed);
        Self(())
    }

    pub(crate) fn report(&self) -> Value {
        json!({
            "instance": *ID,
            "total": TOTAL.load(Relaxed),
            "max_in_flight": MAX_IN_FLIGHT.load(Relaxed),
        })
    }
}

impl Drop for RequestCount {
    fn drop(&mut self) {
        IN_FLIGHT.fetch_sub(1, Relaxed);
    }
}
