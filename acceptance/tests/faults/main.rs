//! Injects real faults into the running application and checks responses, journal and recovery.
//!
//! | module | the fault |
//! |---|---|
//! | `kill` | the server is killed at random moments under load |
//! | `full` | the disk is full |
//! | `readonly` | the database cannot be written any more |
//! | `locked` | another process holds the database's lock for ten seconds |
//! | `deleted` | the database's files are removed while they are in use |
//! | `corrupt` | garbage in the database's pages; a truncated database |
//! | `server` | a libsql server that stops, comes back, is slow, hangs |
//! | `promotion` | another model is promoted under load |
//! | `champion` | the registry's champion is no model, or one of a format to come |
//! | `memory` | sixteen bodies of 1 MiB at once |
//!
//! `edge-host/tests/conformance/instances.rs` tests requests of an instance that traps: no request makes this component trap.

mod load;
mod mount;

mod champion;
mod corrupt;
mod deleted;
mod full;
mod kill;
mod locked;
mod memory;
mod promotion;
mod readonly;
mod server;
