//! Starts the whole application for a test and sends it requests.
//!
//! The tests in `tests/` need what `cargo xtask build` makes: the binaries, the component, the page.

#![forbid(unsafe_code)]

mod concurrent;
mod connection;
mod process;
mod programs;
mod journal;
mod stones;
mod loupe;
mod sqld;

pub use concurrent::{concurrently, wait_for};
pub use connection::{Answer, Connection, head, post, request};
pub use loupe::Loupe;
pub use process::Process;
pub use programs::{root, run_trainer};
pub use sqld::Sqld;
pub use stones::{STONE, Stone, stones};
