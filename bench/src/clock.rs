//! The time this thread has had on a processor: what others do on the machine meanwhile is not in it.

use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};

/// A moment on the thread's own clock.
pub(crate) struct Moment(Timespec);

impl Moment {
    pub(crate) fn now() -> Moment {
        Moment(clock_gettime(ClockId::ThreadCPUTime))
    }

    /// What the thread has worked since. The clock only goes forward.
    pub(crate) fn elapsed(&self) -> Duration {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        (now - self.0).try_into().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_sleeps_does_not_work() {
        const PAUSE: Duration = Duration::from_millis(100);
        let began = Moment::now();
        std::thread::sleep(PAUSE);
        assert!(began.elapsed() < PAUSE);
    }
}
