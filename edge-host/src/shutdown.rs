//! Asks the instances to stop and waits for them: busy ones finish their requests, idle ones stop at once.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Stops the owners of its tokens.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shutdown {
    stopping: CancellationToken,
    owners: TaskTracker,
}

impl Shutdown {
    /// A token that is cancelled when its owner should stop, and one that the owner holds while it exists.
    pub(crate) fn watch(&self) -> (CancellationToken, TaskTrackerToken) {
        (self.stopping.clone(), self.owners.token())
    }

    /// Asks all owners to stop, and resolves when every owner has dropped its token.
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
        for (stopping, owner) in watches {
            let stopped = stopped.clone();
            tokio::spawn(async move {
                stopping.cancelled().await;
                stopped.send(()).unwrap();
                drop(owner);
            });
        }
        drop(stopped);
        shutdown.complete().await;
        assert_eq!((events.recv().await, events.recv().await), (Some(()), Some(())));
        assert_eq!(events.recv().await, None);
    }
}
