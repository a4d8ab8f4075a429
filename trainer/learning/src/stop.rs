//! Stops a search early: at a deadline, or when a person asks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::trial::Ended;

/// Whether an end was asked for.
#[derive(Debug, Default)]
pub struct Interruption(AtomicBool);

/// What ends a search early.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopCondition<'a> {
    pub deadline: Option<Instant>,
    pub interruption: &'a Interruption,
}

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

impl StopCondition<'_> {
    /// Why to stop now, if there is a reason.
    pub(super) fn reason(&self) -> Option<Ended> {
        if self.interruption.is_asked() {
            return Some(Ended::Interrupted);
        }
        self.deadline.filter(|deadline| Instant::now() >= *deadline).map(|_| Ended::Timeout)
    }
}
