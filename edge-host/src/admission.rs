//! Holds requests back until an instance can take them, so that few instances do the work.
//!
//! wasmtime starts an instance for every request that finds none ready, and a running instance is not ready. Under load,
//! nearly every request would then get its own instance, with its own memory and connections, and its journal record could
//! not share an INSERT with others. So a request waits here until an instance is ready, or until fewer instances are running
//! than the machine has threads.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::timeout;

use self::SlotState::{Closed, Ready, Running};

/// How long a request waits for a ready instance. After that it gets an instance of its own, as in Spin.
const TIMEOUT: Duration = Duration::from_millis(5);

/// Admits requests to the instances of the component.
#[derive(Clone)]
pub(crate) struct Admission(Arc<Mutex<PoolState>>);

/// The instances and the requests before them.
#[derive(Default)]
struct PoolState {
    /// The number of instances that can run at once.
    max_running: usize,
    /// Instances that can take a request now.
    ready: usize,
    /// Instances that are running and will be ready again.
    running: usize,
    /// Requests with a permit that no instance has taken yet.
    admitted: usize,
    waiting: VecDeque<oneshot::Sender<Permit>>,
}

/// Allows a request to go to the instances. Dropped when an instance has taken the request.
pub(crate) struct Permit(Admission);

/// The state of one instance. As in wasmtime, it is ready when it has no request, and when all of its requests wait.
pub(crate) struct InstanceSlot {
    admission: Admission,
    status: Mutex<SlotStatus>,
}

struct SlotStatus {
    state: SlotState,
    /// Whether all requests have waited since the last one was taken.
    has_waited: bool,
    /// Wakes the instance's task.
    waker: Option<Waker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SlotState {
    Ready,
    Running,
    /// The instance takes no request, for now or for good.
    Closed,
}

impl Admission {
    /// Admits requests to instances of which `max_running` can run at once.
    pub(crate) fn new(max_running: usize) -> Self {
        Self(Arc::new(Mutex::new(PoolState { max_running, ..PoolState::default() })))
    }

    /// Waits until an instance can take one more request.
    pub(crate) async fn acquire(&self) -> Permit {
        let admitted = {
            let mut pool = self.0.lock();
            // This request does not queue: its task is running, and a waiting one would have to be woken first.
            if pool.has_capacity() {
                pool.admitted += 1;
                return Permit(self.clone());
            }
            let (sender, admitted) = oneshot::channel();
            pool.waiting.push_back(sender);
            admitted
        };
        if let Ok(Ok(permit)) = timeout(TIMEOUT, admitted).await {
            return permit;
        }
        self.0.lock().admitted += 1;
        Permit(self.clone())
    }

    /// Adds an instance that is being created.
    pub(crate) fn add_instance(&self) -> InstanceSlot {
        self.0.lock().running += 1;
        let status = SlotStatus { state: Running, has_waited: false, waker: None };
        InstanceSlot { admission: self.clone(), status: Mutex::new(status) }
    }

    /// Changes the state of the pool, and then admits waiting requests as far as there is capacity.
    fn change(&self, change: impl FnOnce(&mut PoolState)) {
        let mut pool = self.0.lock();
        change(&mut pool);
        let mut unused = Vec::new();
        while pool.has_capacity() {
            let Some(next) = pool.waiting.pop_front() else { break };
            pool.admitted += 1;
            // The receiver is gone if the request timed out or its client disconnected.
            unused.extend(next.send(Permit(self.clone())).err());
        }
        drop(pool);
        // Dropping a permit locks the pool again and admits the next request.
        drop(unused);
    }
}

impl PoolState {
    fn has_capacity(&self) -> bool {
        let may_start = self.max_running.saturating_sub(self.ready + self.running);
        self.admitted < self.ready + may_start
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.change(|pool| pool.admitted -= 1);
    }
}

impl InstanceSlot {
    /// Records that all requests of the instance wait. wasmtime then allows one more request, and asks again.
    pub(crate) fn set_waiting(&self, waker: &Waker) {
        let mut status = self.status.lock();
        status.has_waited = true;
        status.waker.get_or_insert_with(|| waker.clone()).clone_from(waker);
    }

    /// Updates the state when wasmtime asks whether the instance, which has `requests`, takes one more.
    pub(crate) fn update(&self, requests: usize, is_open: bool) {
        let mut status = self.status.lock();
        let state = match is_open {
            false => Closed,
            true if requests == 0 || status.has_waited => Ready,
            true => Running,
        };
        self.set_state(&mut status, state);
    }

    /// Records that the instance has taken a request.
    ///
    /// wasmtime only checks again whether all requests wait when something happens, which may be as late as the response.
    /// So the instance's task is woken.
    pub(crate) fn accept(&self, permit: Permit) {
        let mut status = self.status.lock();
        status.has_waited = false;
        self.set_state(&mut status, Running);
        if let Some(waker) = &status.waker {
            waker.wake_by_ref();
        }
        drop(status);
        drop(permit);
    }

    fn set_state(&self, status: &mut SlotStatus, state: SlotState) {
        let before = std::mem::replace(&mut status.state, state);
        if before != state {
            self.admission.change(|pool| {
                for (count, counted) in [(&mut pool.ready, Ready), (&mut pool.running, Running)] {
                    *count += usize::from(state == counted);
                    *count -= usize::from(before == counted);
                }
            });
        }
    }
}

impl Drop for InstanceSlot {
    fn drop(&mut self) {
        self.set_state(&mut self.status.lock(), Closed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use futures::FutureExt;

    use super::*;

    /// The permits of `requests` that are admitted without a wait.
    fn admit(admission: &Admission, requests: usize) -> Vec<Permit> {
        (0..requests).filter_map(|_| admission.acquire().now_or_never()).collect()
    }

    #[tokio::test]
    async fn one_request_is_admitted_for_each_instance_that_may_run() {
        let admission = Admission::new(2);
        assert_eq!(admit(&admission, 5).len(), 2);
    }

    #[tokio::test]
    async fn an_instance_is_ready_when_all_its_requests_wait() {
        let admission = Admission::new(1);
        let slot = admission.add_instance();
        assert_eq!(admit(&admission, 1).len(), 0, "it is being created");
        slot.update(0, true);
        let mut permits = admit(&admission, 2);
        assert_eq!(permits.len(), 1, "it has no request");
        slot.accept(permits.remove(0));
        slot.update(1, true);
        assert_eq!(admit(&admission, 1).len(), 0, "it is running");
        slot.set_waiting(Waker::noop());
        slot.update(1, true);
        assert_eq!(admit(&admission, 2).len(), 1, "it is waiting");
    }

    #[tokio::test]
    async fn a_full_instance_does_not_stop_another_from_starting() {
        let admission = Admission::new(1);
        let full = admission.add_instance();
        full.update(16, false);
        assert_eq!(admit(&admission, 2).len(), 1);
        drop(full);
        assert_eq!(admit(&admission, 2).len(), 1, "it was counted once");
    }

    #[tokio::test]
    async fn waiting_requests_are_admitted_in_order_except_cancelled() {
        let admission = Admission::new(0);
        let (sender, mut order) = tokio::sync::mpsc::unbounded_channel();
        let mut waiting = Vec::new();
        for number in 0..3 {
            let (admission, sender) = (admission.clone(), sender.clone());
            waiting.push(tokio::spawn(async move {
                let permit = admission.acquire().await;
                sender.send(number).unwrap();
                permit
            }));
            tokio::task::yield_now().await;
        }
        waiting[0].abort();
        tokio::task::yield_now().await;
        let first = admission.add_instance();
        first.update(0, true);
        assert_eq!(order.recv().await, Some(1));
        let second = admission.add_instance();
        second.update(0, true);
        assert_eq!(order.recv().await, Some(2));
        assert_eq!(admission.0.lock().admitted, 2);
        drop((first, second));
        drop(waiting.pop().unwrap().await.unwrap());
        let pool = admission.0.lock();
        assert_eq!((pool.admitted, pool.ready), (1, 0));
    }

    #[tokio::test]
    async fn a_request_is_admitted_after_the_timeout() {
        let admission = Admission::new(0);
        let started = Instant::now();
        let permit = admission.acquire().await;
        assert!(started.elapsed() >= TIMEOUT);
        assert_eq!(admission.0.lock().admitted, 1);
        drop(permit);
        assert_eq!(admission.0.lock().admitted, 0);
    }
}
