//! Waits for the request to end: Ctrl-C, or what systemd sends.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use learning::stop::Interruption;

/// Whether an end was asked for.
pub(super) struct Stop(Arc<StopRequest>);

struct StopRequest {
    interruption: Interruption,
    notify: Notify,
}

impl Stop {
    /// Listens from now on. The first signal asks for an end between two steps; the second ends the process where it
    /// stands, which does no harm.
    ///
    /// # Errors
    ///
    /// Where the system gives no thread or no signals.
    pub(super) fn listen() -> Result<Stop> {
        let request =
            Arc::new(StopRequest { interruption: Interruption::new(), notify: Notify::new() });
        let asked = Arc::clone(&request);
        // A thread of its own hears signals while a training has the other.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let mut signals = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        drop(entered);
        std::thread::Builder::new().name(String::from("signals")).spawn(move || {
            runtime.block_on(async {
                let of_it = next(&mut signals).await;
                // A closed output does not keep the program from ending.
                let _ = writeln!(
                    std::io::stderr(),
                    "ending after this step, because of {of_it}; once more ends at once"
                );
                asked.interruption.ask();
                asked.notify.notify_one();
                next(&mut signals).await;
                std::process::exit(130);
            });
        })?;
        Ok(Stop(request))
    }

    pub(super) fn is_asked(&self) -> bool {
        self.0.interruption.is_asked()
    }

    /// What a training looks at to end early.
    pub(super) fn interruption(&self) -> &Interruption {
        &self.0.interruption
    }

    /// Waits for a time, or until an end is asked for.
    pub(super) async fn pause(&self, time: Duration) {
        if self.is_asked() {
            return;
        }
        // An end of the time and an end of the wait are both what the caller goes on with.
        let _ = tokio::time::timeout(time, self.0.notify.notified()).await;
    }
}

async fn next((interrupt, terminate): &mut (Signal, Signal)) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    }
}
