//! Asks the instances to stop and waits for them: busy ones finish their requests, idle ones stop at once.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Stops the owners of its [`Watch`]es.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shutdown {
    stopping: CancellationToken,
    owners: TaskTracker,
}

/// Held by an instance while it exists.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Cancelled when the owner should stop.
    pub(crate) stopping: CancellationToken,
    _owner: TaskTrackerToken,
}

impl Shutdown {
    pub(crate) fn watch(&self) -> Watch {
        Watch { stopping: self.stopping.clone(), _owner: self.owners.token() }
    }

    /// Asks all owners to stop, and resolves when every [`Watch`] has been dropped.
    pub(crate) async fn complete(&self) {
        self.stopping.cancel();
        self.owners.close();
        self.owners.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn completion_notifies_and_awaits_every_watch() {
        let shutdown = Shutdown::default();
        let watches = [shutdown.watch(), shutdown.watch()];
        let (stopped, mut events) = tokio::sync::mpsc::unbounded_channel();
        for watch in watches {
            let stopped = stopped.clone();
            tokio::spawn(async move {
                watch.stopping.cancelled().await;
                stopped.send(()).unwrap();
                drop(watch);
            });
        }
        drop(stopped);
        shutdown.complete().await;
        assert_eq!((events.recv().await, events.recv().await), (Some(()), Some(())));
        assert_eq!(events.recv().await, None);
    }
}
