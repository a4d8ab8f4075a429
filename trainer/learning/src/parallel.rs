//! Runs independent work on several threads, with results in order.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::ThreadPoolBuilder;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

/// How many threads work side by side at most; 0 is as many as there are processors.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Has [`in_parallel`] take this many threads at most from now on. No result depends on it.
pub fn use_threads(threads: usize) {
    THREADS.store(threads, Ordering::Relaxed);
}

/// Does independent work on as many threads as there are processors or [`use_threads`] says; results are in order,
/// and none depends on how many threads there were.
///
/// # Panics
///
/// Where the work panics, or the system gives no thread.
pub fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    let pool = ThreadPoolBuilder::new().num_threads(THREADS.load(Ordering::Relaxed)).build();
    let pool = pool.expect("the system has threads");
    pool.install(|| (0..count).into_par_iter().with_max_len(1).map(work).collect())
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
