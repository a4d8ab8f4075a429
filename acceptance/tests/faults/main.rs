//! Faults, injected for real into the running whole: what answers say, what the journal has, what goes on by itself.
//!
//! | module | the fault |
//! |---|---|
//! | `kill` | the server is killed at random moments under load |
//! | `full` | the disk is full |
//! | `readonly` | the database cannot be written any more |
//! | `locked` | another process holds the database's lock for ten seconds |
//! | `deleted` | the database's files are removed while they are in use |
//! | `corrupt` | garbage in the database's pages; a database cut to nothing |
//! | `server` | a libsql server that stops, comes back, is slow, hangs |
//! | `promotion` | another model is promoted under load |
//! | `champion` | the registry's champion is no model, or one of a format to come |
//! | `memory` | sixteen bodies of 1 MiB at once |
//!
//! What becomes of requests when an instance traps is tried in `edge-host/tests/conformance/instances.rs`: nothing that
//! a caller can send makes this component trap.

mod load;
mod volume;

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
