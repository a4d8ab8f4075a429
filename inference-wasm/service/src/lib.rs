//! The HTTP API of Loupe as a function from a request to a response, over a [`Database`] and a [`Host`].
//!
//! Nothing here opens a socket, a file or a clock by itself: the Spin component, and the tests, bring those. What
//! comes in is parsed once; whatever becomes of it, exactly one row of the journal says so before the answer
//! leaves.

#![forbid(unsafe_code)]

mod app;
mod champion;
mod diamonds;
mod host;
mod journal;
mod json;
mod negotiate;
mod problem;
mod request;
mod routes;
mod store;

pub use app::{App, Settings};
pub use host::Host;
pub use journal::Sync;
pub use request::{Body, BodyReader, Request};
pub use store::{Database, DatabaseError, Row, Value};
