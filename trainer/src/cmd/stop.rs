//! Handles Ctrl-C and SIGTERM: the first asks for an end between two steps, the second ends the program.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use learning::stop::Interruption;

/// Whether an end was asked for.
#[derive(Default)]
pub(super) struct Stop {
    /// What a training looks at to end early.
    pub(super) interruption: Interruption,
    notify: Notify,
}

impl Stop {
    /// Listens from now on, next to the thread that computes. `first` is told the first signal, `second` ends the program.
    pub(super) fn listen(
        first: impl Fn(&str) + Send + 'static,
        second: impl Fn() + Send + 'static,
    ) -> std::io::Result<Arc<Stop>> {
        let stop = Arc::new(Stop::default());
        let asked = Arc::clone(&stop);
        let mut signals = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::spawn(async move {
            let name = next(&mut signals).await;
            asked.interruption.ask();
            asked.notify.notify_one();
            first(name);
            next(&mut signals).await;
            second();
        });
        Ok(stop)
    }

    /// Waits for a time, or until an end is asked for.
    pub(super) async fn pause(&self, time: Duration) {
        if !self.interruption.is_asked() {
            // An end of the time and an end of the wait are both what the caller goes on with.
            let _ = tokio::time::timeout(time, self.notify.notified()).await;
        }
    }
}

async fn next((interrupt, terminate): &mut (Signal, Signal)) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    }
}
