//! Runs independent work on several threads, with results in order.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many threads work side by side at most; 0 is as many as there are processors.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Has [`in_parallel`] take this many threads at most from now on. No result depends on it.
pub fn use_threads(threads: usize) {
    THREADS.store(threads, Ordering::Relaxed);
}

/// Does independent work on as many threads as there are processors or [`use_threads`] says; results are in order,
/// and none depends on how many threads there were.
pub fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = match THREADS.load(Ordering::Relaxed) {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let threads = threads.min(count.max(1));
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return done;
            }
            done.push((at, work(at)));
        }
    };
    let mut done: Vec<(usize, T)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| match worker.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallel_work_comes_back_in_order() {
        assert_eq!(in_parallel(100, |at| at * at), (0..100).map(|at| at * at).collect::<Vec<_>>());
        assert!(in_parallel(0, |at| at).is_empty());
    }
}
