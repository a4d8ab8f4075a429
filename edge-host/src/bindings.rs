//! The Rust side of the interfaces in `wit/`, generated.

#![allow(missing_docs, unreachable_pub, unused_qualifications, reason = "generated code")]

wasmtime::component::bindgen!({
    path: "wit",
    world: "host",
    imports: { default: async | trappable },
    with: { "spin:sqlite/sqlite.connection": crate::sqlite::Connection },
});

pub(crate) use spin::sqlite::sqlite;
pub(crate) use spin::variables::variables;
