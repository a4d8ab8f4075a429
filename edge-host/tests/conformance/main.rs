//! edge-host against its promises, with a component built for that (`tests/guest`).
//!
//! | module | covers |
//! |---|---|
//! | `http` | one segment with TCP_NODELAY off, and that a late body is told apart; streamed, large, empty and HEAD bodies; request bodies; status codes; the `spin-*` headers; routes; the health page; hosts; errors and panics of the guest |
//! | `instances` | reuse for 128 requests, 16 at once, one second of idleness; a panic takes only its instance |
//! | `sqlite` | open and its refusals, 256 connections, values, both calls, where failures are reported, first statement only, parameter counts, ATTACH, unread streams, busy waiting, the file and its schema |
//! | `libsql` | a libsql server: values, errors, transactions, a stream that expired |
//! | `grants` | variables and where they come from, environment, files read-only at their places, standard output and error |
//! | `outbound` | requests to the hosts that the manifest allows and to no other, over TCP and TLS; connections kept; time limits |
//! | `lifecycle` | the ready line, SIGTERM with a request in flight, a taken port, compiled code kept |
//! | `refusals` | manifests and components that are refused, and what is said |

mod client;
mod server;

mod grants;
mod http;
mod instances;
mod libsql;
mod lifecycle;
mod outbound;
mod refusals;
mod sqlite;
