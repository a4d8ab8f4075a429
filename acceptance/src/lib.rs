//! Starts the whole application for a test and sends it requests.
//!
//! The tests in `tests/` need what `cargo xtask build` makes: the binaries, the component, the page.

#![forbid(unsafe_code)]

mod loupe;
mod connection;
mod journal;
mod sqld;
mod random;
mod stones;

pub use connection::{Answer, Connection};
pub use journal::rows;
pub use loupe::{Loupe, trainer};
pub use random::Rng;
pub use sqld::Sqld;
pub use stones::{STONE, Stone, stones};
