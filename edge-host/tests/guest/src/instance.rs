//! What a request can tell of the instance it runs in.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use serde_json::{Value, json};

/// Tells instances apart.
static ID: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0) >> 12);

static SO_FAR: AtomicUsize = AtomicUsize::new(0);
static AT_ONCE: AtomicUsize = AtomicUsize::new(0);
static MOST_AT_ONCE: AtomicUsize = AtomicUsize::new(0);

/// Held by a request as long as it is in hand.
pub(crate) struct Presence(());

impl Presence {
    pub(crate) fn new() -> Self {
        SO_FAR.fetch_add(1, Relaxed);
        let at_once = AT_ONCE.fetch_add(1, Relaxed) + 1;
        MOST_AT_ONCE.fetch_max(at_once, Relaxed);
        Self(())
    }

    pub(crate) fn report(&self) -> Value {
        json!({
            "instance": *ID,
            "so_far": SO_FAR.load(Relaxed),
            "most_at_once": MOST_AT_ONCE.load(Relaxed),
        })
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        AT_ONCE.fetch_sub(1, Relaxed);
    }
}
