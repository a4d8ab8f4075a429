//! The machine as WASI shows it: clocks, chance, mounted files and standard error.

use std::fs;
use std::io::Write;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use service::Host;
use spin_sdk::wasip3::random::random::get_random_u64;
use spin_sdk::wasip3::wit_bindgen::StreamWriter;
use spin_sdk::wasip3::{wit_bindgen, wit_stream};

/// This instance's view of its machine.
#[derive(Debug)]
pub(crate) struct WasiHost {
    began: Instant,
}

impl Default for WasiHost {
    fn default() -> WasiHost {
        WasiHost { began: Instant::now() }
    }
}

impl Host for WasiHost {
    /// The writing end of a component-model stream: dropping it ends the stream, and the host sees to it that the
    /// reading task runs again.
    type Notifier = StreamWriter<u8>;

    fn notify(&self) -> (Self::Notifier, impl Future<Output = ()>) {
        let (writer, mut reader) = wit_stream::new();
        (writer, async move {
            reader.next().await;
        })
    }

    async fn yield_now(&self) {
        wit_bindgen::yield_async().await;
    }

    fn unix_time_us(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn random(&self) -> [u8; 10] {
        let words = [get_random_u64().to_le_bytes(), get_random_u64().to_le_bytes()];
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&words.as_flattened()[..10]);
        bytes
    }

    fn file(&self, path: &str) -> Option<Vec<u8>> {
        // spin.toml mounts them below the root.
        fs::read(format!("/{path}")).ok()
    }

    fn log_error(&self, line: &str) {
        // In one piece, because other instances write there too. A failure has nowhere to be reported.
        let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
    }
}
