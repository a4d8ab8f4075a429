//! The whole, started as an operator starts it and asked as a caller asks it.
//!
//! The tests beside this file need what `cargo xtask build` makes: the binaries, the component, the page.

#![forbid(unsafe_code)]

mod loupe;
mod sqld;
mod connection;
mod journal;
mod stones;

pub use connection::{Answer, Connection};
pub use journal::rows;
pub use loupe::{Loupe, trainer};
pub use sqld::Sqld;
pub use stones::{Stone, stones};
