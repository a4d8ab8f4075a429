//! Runs the very component that Spin runs, without the Spin CLI: wasmtime, libsql and a small HTTP server.

#![forbid(unsafe_code)]

mod cli;
mod serve;

mod files;
mod manifest;
mod route;
mod variables;

mod bindings;
mod host;
mod outbound;
mod sqlite;

mod engine;
mod admission;
mod handler;
mod request;
mod segment;
mod server;
mod shutdown;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use tokio::runtime::Runtime;

use crate::cli::{Cli, Verb};

/// A request makes some hundreds of small allocations, many of them in SQLite and freed on another thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A guest that never returns is left behind after this.
const STUCK_GUEST_TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("edge-host: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    let runtime = Runtime::new()?;
    let outcome = match cli.verb {
        Verb::Serve(serve) => runtime.block_on(serve.run()),
    };
    runtime.shutdown_timeout(STUCK_GUEST_TIMEOUT);
    outcome
}
