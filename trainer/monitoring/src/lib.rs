//! Watches what reaches the service and the inbox: the request journal, drift, replays, and deliveries before they are
//! ingested.

#![forbid(unsafe_code)]

pub mod journal;

pub mod traffic;

pub mod drift;

pub mod replay;

pub mod inspection;

pub mod inbox;

mod psi;

mod chance;
