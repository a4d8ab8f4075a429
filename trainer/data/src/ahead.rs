//! Runs an iterator in a thread of its own, some items ahead of the caller.

use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

/// The items of an iterator that runs in another thread. It stops when its items are no longer taken.
pub struct Ahead<T> {
    items: Receiver<io::Result<T>>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Ahead<T> {
    /// Starts the thread; so many items wait at most.
    pub fn of(
        mut items: impl Iterator<Item = io::Result<T>> + Send + 'static,
        waiting: usize,
    ) -> Ahead<T> {
        let (sender, receiver) = sync_channel(waiting);
        let thread = thread::spawn(move || {
            // An error of sending says that nothing is taken any more.
            let _ = items.try_for_each(|item| sender.send(item));
        });
        Ahead { items: receiver, thread: Some(thread) }
    }
}

impl<T> Iterator for Ahead<T> {
    type Item = io::Result<T>;

    /// A thread that died is an error and not the end.
    fn next(&mut self) -> Option<io::Result<T>> {
        if let Ok(item) = self.items.recv() {
            return Some(item);
        }
        let died = self.thread.take()?.join().is_err();
        died.then(|| Err(io::Error::other("the thread that reads it ended early")))
    }
}
