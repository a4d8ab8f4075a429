//! Ends instances in good order: those at work finish, the others go at once.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;

/// Ends what its [`Watch`]es belong to.
#[derive(Debug, Clone)]
pub(crate) struct Shutdown(Arc<watch::Sender<bool>>);

/// Held by each instance as long as it lives.
#[derive(Debug)]
pub(crate) struct Watch(watch::Receiver<bool>);

impl Shutdown {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    pub(crate) fn watch(&self) -> Watch {
        Watch(self.0.subscribe())
    }

    /// Asks everything to end, and resolves once every [`Watch`] is gone.
    pub(crate) async fn complete(&self) {
        self.0.send_replace(true);
        self.0.closed().await;
    }
}

impl Watch {
    /// Resolves when the end is asked for.
    pub(crate) fn stopping(&self) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        let mut stopping = self.0.clone();
        Box::pin(async move {
            // An error means that nobody can ask any more, which is as good.
            let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_waits_for_every_watch_and_tells_each() {
        let shutdown = Shutdown::new();
        let watches = [shutdown.watch(), shutdown.watch()];
        let (ended, mut endings) = tokio::sync::mpsc::unbounded_channel();
        for watch in watches {
            let ended = ended.clone();
            tokio::spawn(async move {
                watch.stopping().await;
                ended.send(()).unwrap();
                drop(watch);
            });
        }
        drop(ended);
        shutdown.complete().await;
        assert_eq!((endings.recv().await, endings.recv().await), (Some(()), Some(())));
        assert_eq!(endings.recv().await, None);
    }
}
