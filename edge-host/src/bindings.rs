//! The interfaces of `wit/world.wit` as traits and types.

#![allow(missing_docs, unreachable_pub, unused_qualifications, reason = "generated code")]

pub(crate) use spin::{sqlite::sqlite, variables::variables};

wasmtime::component::bindgen!({
    path: "wit",
    world: "host",
    imports: { default: async | trappable },
    with: { "spin:sqlite/sqlite.connection": crate::sqlite::connection::Connection },
    additional_derives: [PartialEq],
});
