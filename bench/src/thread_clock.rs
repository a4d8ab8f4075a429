//! The processor time of this thread: the work of other processes is not in it.

use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};

/// A reading of the thread's own clock.
pub(crate) struct ThreadTime(Timespec);

impl ThreadTime {
    pub(crate) fn now() -> ThreadTime {
        ThreadTime(clock_gettime(ClockId::ThreadCPUTime))
    }

    /// How long the thread has computed since. The clock only goes forward.
    pub(crate) fn elapsed(&self) -> Duration {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        (now - self.0).try_into().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleeping_thread_spends_no_time() {
        const PAUSE: Duration = Duration::from_millis(100);
        let began = ThreadTime::now();
        std::thread::sleep(PAUSE);
        assert!(began.elapsed() < PAUSE);
    }
}
