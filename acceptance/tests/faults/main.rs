//! Injects real faults into the running application and checks responses, journal and recovery.
//!
//! | module | the fault |
//! |---|---|
//! | `kill` | the server is killed at random moments under load |
//! | `disk` | the disk is full; the database becomes read-only |
//! | `locked` | another process holds the database's lock for ten seconds |
//! | `files` | the database's files are removed or replaced; garbage in its pages; a truncated database |
//! | `server` | a libsql server that stops, restarts, is slow or hangs |
//! | `promotion` | another model is promoted under load; the champion is damaged, or has a later format |
//! | `memory` | sixteen bodies of 1 MiB at once |
//!
//! `edge-host/tests/conformance/instances.rs` tests requests of an instance that traps: no request makes this component trap.

mod load;

mod disk;
mod files;
mod kill;
mod locked;
mod memory;
mod promotion;
mod server;
