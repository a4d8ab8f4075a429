//! Connections to a SQLite file or a libsql server, with the same statements for both.
//!
//! A file is opened by libsql. A server is asked over HTTP by a client that blocks, as a file does: the functions are
//! `async` because libsql's are, and none of them yields for long.

#![forbid(unsafe_code)]

mod connection;

mod error;

mod parameters;

mod record;

mod row;

mod rows;

mod server;

mod statement;

mod transaction;

pub use hrana::Value;

pub use self::connection::Connection;
pub use self::error::Error;
pub use self::parameters::Parameters;
pub use self::row::{FromValue, Row};
pub use self::rows::Rows;
pub use self::server::ServerAddress;
pub use self::statement::Statement;
pub use self::transaction::Transaction;
