//! Runs edge-host with the component in `tests/guest` and checks what it does.
//!
//! | module | covers |
//! |---|---|
//! | `http` | one segment with TCP_NODELAY off, and the difference to a late body; streamed, large, empty and HEAD bodies; request bodies; status codes; the `spin-*` headers; the health page; hosts; errors and panics of the guest |
//! | `instances` | reuse for 128 requests, 16 at once, one second of idleness; a panic ends only its instance |
//! | `sqlite` | open and its refusals, 256 connections, values, both calls, where failures are reported, first statement only, parameter counts, ATTACH, unread streams, busy waiting, the file and its schema |
//! | `grants` | variables and their sources, an empty environment, read-only files, standard output and error |
//! | `outbound` | requests to the hosts that the manifest allows and to no others, over TCP and TLS; reused connections; timeouts |
//! | `lifecycle` | the ready line, SIGTERM with a request in flight, a port in use, the cache of compiled code |
//! | `refusals` | manifests, components and options that are refused, and the messages |

mod server;

mod grants;
mod http;
mod instances;
mod lifecycle;
mod outbound;
mod refusals;
mod sqlite;
