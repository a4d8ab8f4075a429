//! When a request may go to the instances: once one can take it, so that a few do the work.
//!
//! wasmtime starts an instance for every request that finds none ready, and one that runs is not ready. Under load that
//! makes an instance of nearly every request in hand; each has its own memory and connections, and what they write meets in
//! no statement. So a request waits here until an instance is ready, or fewer run than could at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long a request waits for an instance to be ready; after that it gets one of its own, as it would from Spin.
const PATIENCE: Duration = Duration::from_millis(5);

/// The door to the instances of one component.
#[derive(Clone)]
pub(crate) struct Admission {
    /// Instances that can run at once.
    at_once: usize,
    crowd: Arc<Mutex<Crowd>>,
}

/// Who is there.
#[derive(Default)]
struct Crowd {
    /// Instances that would take a request now.
    ready: usize,
    /// Instances that are running, and will be ready again.
    running: usize,
    /// Requests that were let in and are in no instance yet.
    let_in: usize,
    waiting: VecDeque<oneshot::Sender<Ticket>>,
}

/// A request that was let in, until an instance takes it.
pub(crate) struct Ticket(Admission);

/// One instance, as wasmtime sees it: ready when it has nothing in hand, and when all that it has in hand waits.
pub(crate) struct Presence {
    admission: Admission,
    seen: Mutex<Seen>,
}

struct Seen {
    state: State,
    /// Whether everything in hand waited since the last request was taken.
    has_waited: bool,
    /// Has the instance's task looked at again.
    waker: Option<Waker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    Running,
    /// It takes nothing for now, or nothing any more.
    Closed,
}

impl Admission {
    /// A door to instances of which so many can run at once.
    pub(crate) fn new(at_once: usize) -> Self {
        Self { at_once, crowd: Arc::default() }
    }

    /// Waits until an instance can take one more request.
    pub(crate) async fn ticket(&self) -> Ticket {
        let turn = {
            let mut crowd = self.crowd();
            // Not behind those that wait: this one's task is running, theirs would have to be woken first.
            if crowd.has_room(self.at_once) {
                crowd.let_in += 1;
                return Ticket(self.clone());
            }
            let (sender, turn) = oneshot::channel();
            crowd.waiting.push_back(sender);
            turn
        };
        if let Ok(Ok(ticket)) = timeout(PATIENCE, turn).await {
            return ticket;
        }
        self.crowd().let_in += 1;
        Ticket(self.clone())
    }

    /// An instance that is being made.
    pub(crate) fn presence(&self) -> Presence {
        self.crowd().running += 1;
        let seen = Seen { state: State::Running, has_waited: false, waker: None };
        Presence { admission: self.clone(), seen: Mutex::new(seen) }
    }

    /// Changes who is there, and lets in whom there is room for then.
    fn change(&self, change: impl FnOnce(&mut Crowd)) {
        let mut crowd = self.crowd();
        change(&mut crowd);
        let mut too_late = Vec::new();
        while crowd.has_room(self.at_once) {
            let Some(next) = crowd.waiting.pop_front() else { break };
            crowd.let_in += 1;
            // Who lost patience or was left by its client is gone.
            too_late.extend(next.send(Ticket(self.clone())).err());
        }
        drop(crowd);
        // Each makes room for the next.
        drop(too_late);
    }

    fn crowd(&self) -> MutexGuard<'_, Crowd> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crowd {
    fn has_room(&self, at_once: usize) -> bool {
        let may_start = at_once.saturating_sub(self.ready + self.running);
        self.let_in < self.ready + may_start
    }

    fn count(&mut self, state: State) -> Option<&mut usize> {
        match state {
            State::Ready => Some(&mut self.ready),
            State::Running => Some(&mut self.running),
            State::Closed => None,
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.change(|crowd| crowd.let_in -= 1);
    }
}

impl Presence {
    /// Takes note that everything in hand waits: wasmtime lets the instance take one more request then, and says so by
    /// asking once more.
    pub(crate) fn waits(&self, waker: &Waker) {
        let mut seen = self.seen();
        seen.has_waited = true;
        if !seen.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            seen.waker = Some(waker.clone());
        }
    }

    /// Takes note that wasmtime asks whether the instance takes one more request, and what it is told.
    pub(crate) fn is_asked(&self, in_hand: usize, is_open: bool) {
        let mut seen = self.seen();
        let state = match is_open {
            false => State::Closed,
            true if in_hand == 0 || seen.has_waited => State::Ready,
            true => State::Running,
        };
        self.turn(&mut seen, state);
    }

    /// Takes note that the instance took a request.
    ///
    /// wasmtime does not look again whether everything waits until something happens, which may be as late as an answer;
    /// so the instance's task is woken.
    pub(crate) fn takes(&self, ticket: Ticket) {
        let mut seen = self.seen();
        seen.has_waited = false;
        self.turn(&mut seen, State::Running);
        if let Some(waker) = &seen.waker {
            waker.wake_by_ref();
        }
        drop(seen);
        drop(ticket);
    }

    fn turn(&self, seen: &mut Seen, state: State) {
        let before = std::mem::replace(&mut seen.state, state);
        if before != state {
            self.admission.change(|crowd| {
                if let Some(count) = crowd.count(before) {
                    *count -= 1;
                }
                if let Some(count) = crowd.count(state) {
                    *count += 1;
                }
            });
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut seen = self.seen();
        self.turn(&mut seen, State::Closed);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll};
    use std::time::Instant;

    use super::*;

    /// Those of `requests` that are let in without a wait.
    async fn let_in(admission: &Admission, requests: usize) -> Vec<Ticket> {
        let mut context = Context::from_waker(Waker::noop());
        let at_once = |_| match pin!(admission.ticket()).poll(&mut context) {
            Poll::Ready(ticket) => Some(ticket),
            Poll::Pending => None,
        };
        (0..requests).filter_map(at_once).collect()
    }

    #[tokio::test]
    async fn as_many_requests_are_let_in_as_instances_may_run_at_once() {
        let admission = Admission::new(2);
        assert_eq!(let_in(&admission, 5).await.len(), 2);
    }

    #[tokio::test]
    async fn an_instance_is_ready_when_all_that_it_has_in_hand_waits() {
        let admission = Admission::new(1);
        let presence = admission.presence();
        assert_eq!(let_in(&admission, 1).await.len(), 0, "it is being made");
        presence.is_asked(0, true);
        let mut tickets = let_in(&admission, 2).await;
        assert_eq!(tickets.len(), 1, "it has nothing in hand");
        presence.takes(tickets.remove(0));
        presence.is_asked(1, true);
        assert_eq!(let_in(&admission, 1).await.len(), 0, "it runs");
        presence.waits(Waker::noop());
        presence.is_asked(1, true);
        assert_eq!(let_in(&admission, 2).await.len(), 1, "it waits");
    }

    #[tokio::test]
    async fn a_full_instance_does_not_keep_another_from_starting() {
        let admission = Admission::new(1);
        let full = admission.presence();
        full.is_asked(16, false);
        assert_eq!(let_in(&admission, 2).await.len(), 1);
        drop(full);
        assert_eq!(let_in(&admission, 2).await.len(), 1, "it was not counted twice");
    }

    #[tokio::test]
    async fn who_waits_is_let_in_in_order_and_who_left_is_passed_over() {
        let admission = Admission::new(0);
        let (sender, mut order) = tokio::sync::mpsc::unbounded_channel();
        let mut waiting = Vec::new();
        for number in 0..3 {
            let (admission, sender) = (admission.clone(), sender.clone());
            waiting.push(tokio::spawn(async move {
                let ticket = admission.ticket().await;
                sender.send(number).unwrap();
                ticket
            }));
            tokio::task::yield_now().await;
        }
        waiting[0].abort();
        tokio::task::yield_now().await;
        let first = admission.presence();
        first.is_asked(0, true);
        assert_eq!(order.recv().await, Some(1));
        let second = admission.presence();
        second.is_asked(0, true);
        assert_eq!(order.recv().await, Some(2));
        assert_eq!(admission.crowd().let_in, 2);
        drop((first, second));
        drop(waiting.pop().unwrap().await.unwrap());
        let crowd = admission.crowd();
        assert_eq!((crowd.let_in, crowd.ready), (1, 0));
    }

    #[tokio::test]
    async fn a_request_that_waited_long_enough_is_let_in_all_the_same() {
        let admission = Admission::new(0);
        let began = Instant::now();
        let ticket = admission.ticket().await;
        assert!(began.elapsed() >= PATIENCE);
        assert_eq!(admission.crowd().let_in, 1);
        drop(ticket);
        assert_eq!(admission.crowd().let_in, 0);
    }
}
