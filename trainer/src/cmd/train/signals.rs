//! Handles Ctrl-C and SIGTERM: the first asks a training to end, the second ends the program.

use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use learning::progress::Progress;
use learning::stop::Interruption;

/// An interruption that the next signal asks for.
///
/// # Errors
///
/// Where the system does not allow listening.
pub(super) fn interruption(progress: &Progress) -> std::io::Result<Arc<Interruption>> {
    let interruption = Arc::new(Interruption::new());
    let signals = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::spawn(listen(signals, Arc::clone(&interruption), progress.clone()));
    Ok(interruption)
}

async fn listen(
    (mut interrupt, mut terminate): (Signal, Signal),
    interruption: Arc<Interruption>,
    progress: Progress,
) {
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if interruption.ask() {
            progress.finish();
            std::process::exit(1);
        }
        progress
            .say("ending as soon as what is being computed has stopped; once more ends at once");
    }
}
