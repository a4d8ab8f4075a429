//! The HTTP API of Loupe as a function from a request to a response, over a [`Database`] and a [`Host`].
//!
//! Nothing here opens a socket, a file or a clock by itself: the Spin component, and the tests, bring those. What
//! comes in is parsed once; whatever becomes of it, exactly one row of the journal says so before the answer
//! leaves.

#![forbid(unsafe_code)]

mod app;
mod routes;
mod workshop;
mod champion;
mod served;
mod store;
mod database;
mod libsql;
mod journal;
mod vigil;
mod commit;
mod record;
mod failures;
mod client;
mod trace;
mod rfc3339;
mod diamonds;
mod object;
mod query;
mod request;
mod access;
mod negotiate;
mod cors;
mod headers;
mod problem;
mod json;
mod settings;
mod host;

pub use app::App;
pub use database::{Database, DatabaseError, Row, Value};
pub use host::Host;
pub use libsql::{Libsql, Outbound};
pub use request::{Body, BodyReader, Broken, Moment, Request};
pub use settings::{CorsOrigins, LibsqlServer, Settings, Sync};
