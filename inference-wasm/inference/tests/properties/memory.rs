//! Measures memory.

/// Runs code within so many bytes of memory. Returns its result, and how much of the memory it took, in percent.
pub(crate) fn within<T>(limit: usize, run: impl FnOnce() -> T) -> (T, u64) {
    let (mut result, limit) = (None, limit as u64);
    let info = allocation_counter::measure(|| result = Some(run()));
    assert!(info.bytes_max <= limit, "{} of {limit} bytes", info.bytes_max);
    (result.expect("it ran"), info.bytes_max * 100 / limit)
}
