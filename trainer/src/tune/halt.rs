//! When a search ends before its time: a clock, or a person.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::Ended;

/// Whether somebody asked for an end.
#[derive(Debug)]
pub(crate) struct Interruption(AtomicBool);

/// What ends a search early.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Halt<'a> {
    pub(crate) deadline: Option<Instant>,
    pub(crate) interruption: &'a Interruption,
}

impl Interruption {
    /// One that nobody has asked for yet.
    pub(crate) const fn new() -> Interruption {
        Interruption(AtomicBool::new(false))
    }

    /// Asks for an end; whether somebody had done so before.
    pub(crate) fn ask(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Halt<'_> {
    /// Why to stop now, if there is a reason.
    pub(super) fn asked(&self) -> Option<Ended> {
        if self.interruption.is_asked() {
            return Some(Ended::Interrupted);
        }
        self.deadline.filter(|deadline| Instant::now() >= *deadline).map(|_| Ended::Timeout)
    }
}
