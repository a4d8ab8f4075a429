//! Stops a training early when a person asks.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether an end was asked for.
#[derive(Debug, Default)]
pub struct Interruption(AtomicBool);

impl Interruption {
    /// One that has not been asked for yet.
    pub const fn new() -> Interruption {
        Interruption(AtomicBool::new(false))
    }

    /// Asks for an end; whether it had been asked for before.
    pub fn ask(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }

    /// Whether an end was asked for.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
