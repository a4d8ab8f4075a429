//! Renews a lease while its holder works.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Holder, renew};
use crate::database::{Database, DatabaseError, Place};

/// How often a lease is renewed: twice more before it would expire.
const EVERY: Duration = Duration::from_secs(20);

/// Renews a lease from a thread of its own, because training leaves its thread no time, until it is dropped.
pub struct LeaseRenewer {
    is_lost: Arc<AtomicBool>,
    work: Option<(mpsc::Sender<()>, JoinHandle<()>)>,
}

impl LeaseRenewer {
    /// Starts to renew a lease that was taken.
    ///
    /// # Errors
    ///
    /// Where the system gives no thread.
    pub fn start(place: Place, holder: Holder) -> Result<LeaseRenewer, std::io::Error> {
        let is_lost = Arc::new(AtomicBool::new(false));
        let (end, ended) = mpsc::channel();
        let lost = Arc::clone(&is_lost);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name(String::from("lease")).spawn(move || {
            while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                // A database that does not answer now may answer the next time, before the lease is over.
                if let Ok(false) = runtime.block_on(renew_at(&place, &holder)) {
                    lost.store(true, Ordering::Relaxed);
                    return;
                }
            }
        })?;
        Ok(LeaseRenewer { is_lost, work: Some((end, thread)) })
    }

    /// Whether another process holds the lease by now: this process must have stood still for long.
    pub fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }
}

impl Drop for LeaseRenewer {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.work.take() {
            drop(end);
            // A thread that panicked renews nothing more, and neither does one that ended.
            let _ = thread.join();
        }
    }
}

async fn renew_at(place: &Place, holder: &Holder) -> Result<bool, DatabaseError> {
    let connection = Database::open(place).await?.connect().await?;
    Ok(renew(&connection, holder).await?)
}
