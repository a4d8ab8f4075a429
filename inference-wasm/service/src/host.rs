//! What the service needs of the machine it runs on.

use crate::request::Moment;

/// The path of the released model's blob.
pub const RELEASED_MODEL: &str = "models/champion.loupe";

/// Clocks, chance, the mounted files and standard error: everything but the database.
#[allow(async_fn_in_trait, reason = "a component has one thread and its futures need not be Send")]
pub trait Host {
    /// Wakes the request that waits for it when it is dropped.
    type Notifier;

    /// A notifier, and a wait that ends when it is dropped. One request waits for another by this and by nothing else: on
    /// some hosts an ordinary waker does not reach from one request's task to another's.
    fn notify(&self) -> (Self::Notifier, impl Future<Output = ()>);

    /// Lets everything else that can run in this instance run, once.
    async fn yield_now(&self);

    /// Microseconds since 1970, for time stamps and ids.
    fn unix_time_us(&self) -> u64;

    /// Microseconds since any fixed moment, never backwards, for latencies.
    fn monotonic_us(&self) -> u64;

    /// The present moment by both clocks.
    fn now(&self) -> Moment {
        Moment { unix_time_us: self.unix_time_us(), monotonic_us: self.monotonic_us() }
    }

    /// Ten random bytes: the random part of a UUIDv7.
    fn random(&self) -> [u8; 10];

    /// A file that was deployed with the service: the released model, [`RELEASED_MODEL`], or one of the web demo, such as
    /// `web/assets/app.js`.
    fn file(&self, path: &str) -> Option<Vec<u8>>;

    /// Writes one line to standard error.
    fn log_error(&self, line: &str);
}
