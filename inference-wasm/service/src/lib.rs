//! The HTTP API of Loupe as a function from a request to a response, over a [`Database`] and a [`Host`].
//!
//! Nothing here opens a socket, a file or a clock by itself: the Spin component, and the tests, bring those. What
//! comes in is parsed once; whatever becomes of it, exactly one row of the journal says so before the answer
//! leaves.

#![forbid(unsafe_code)]

mod app;
mod routes;
mod exchange;
mod response;
mod static_files;
mod state;
mod model_cache;
mod serving;
mod loaded_model;
mod store;
mod database;
mod libsql;
mod journal;
mod write_verifier;
mod commit;
mod client;
mod trace;
mod rfc3339;
mod request;
mod access;
mod negotiate;
mod cors;
mod headers;
mod problem;
mod settings;
mod host;

#[cfg(test)]
extern crate self as service;
#[cfg(test)]
#[allow(dead_code, reason = "the fuzz targets use the rest of it")]
#[path = "../tests/properties/stub.rs"]
mod stub;

pub use app::App;
pub use database::{Database, DatabaseError, Row, Value};
pub use host::{Host, RELEASED_MODEL};
pub use libsql::{Libsql, Outbound};
pub use request::{Body, BodyError, BodyReader, Moment, Request};
pub use settings::{Durability, LibsqlServer, Settings};
