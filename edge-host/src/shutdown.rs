//! Asks the instances to stop and waits for them: busy ones finish their requests, idle ones stop at once.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;

/// Stops the owners of its [`Watch`]es.
#[derive(Debug, Clone)]
pub(crate) struct Shutdown(Arc<watch::Sender<bool>>);

/// Held by an instance while it exists.
#[derive(Debug)]
pub(crate) struct Watch(watch::Receiver<bool>);

impl Shutdown {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    pub(crate) fn watch(&self) -> Watch {
        Watch(self.0.subscribe())
    }

    /// Asks all owners to stop, and resolves when every [`Watch`] has been dropped.
    pub(crate) async fn complete(&self) {
        self.0.send_replace(true);
        self.0.closed().await;
    }
}

impl Watch {
    /// Resolves when the owner should stop.
    pub(crate) fn stopping(&self) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        let mut stopping = self.0.clone();
        Box::pin(async move {
            // An error means that the server is gone, which is also a reason to stop.
            let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn completion_notifies_and_awaits_every_watch() {
        let shutdown = Shutdown::new();
        let watches = [shutdown.watch(), shutdown.watch()];
        let (stopped, mut events) = tokio::sync::mpsc::unbounded_channel();
        for watch in watches {
            let stopped = stopped.clone();
            tokio::spawn(async move {
                watch.stopping().await;
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
