//! `spin:sqlite@3.1.0` on one database file.
//!
//! Only `host` knows the guest's types; the other files use libsql's.

mod error;
mod rows;
mod timings;
mod statements;
mod pool;
pub(crate) mod connection;
mod host;

pub(crate) use host::Sqlite;
pub(crate) use pool::Pool;
