//! What the service needs of the machine it runs on.

/// Clocks, chance, the mounted files and standard error: everything but the database.
pub trait Host {
    /// Microseconds since 1970, for time stamps and ids.
    fn unix_time_us(&self) -> u64;

    /// Microseconds since any fixed moment, never backwards, for latencies.
    fn monotonic_us(&self) -> u64;

    /// Ten random bytes: the random part of a `UUIDv7`.
    fn random(&self) -> [u8; 10];

    /// The released champion blob that was deployed with the service.
    fn released_model(&self) -> Option<Vec<u8>>;

    /// A file of the web demo by its path below the page's root, such as `assets/app.js`.
    fn page_file(&self, path: &str) -> Option<Vec<u8>>;

    /// Writes one line to standard error.
    fn complain(&self, line: &str);
}
