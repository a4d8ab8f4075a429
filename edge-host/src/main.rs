//! Runs the component of a Spin manifest without the Spin CLI, with wasmtime, libsql and a small HTTP server.

#![forbid(unsafe_code)]

mod serve;

mod files;
mod manifest;
mod variables;

mod bindings;
mod host;
mod outbound;
mod sqlite;

mod engine;
mod admission;
mod handler;
mod request;
mod coalesce;
mod server;
mod shutdown;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use tokio::runtime::Runtime;

use crate::serve::Serve;

/// A request makes hundreds of small allocations, many of them in SQLite and freed on another thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long the exit waits for a guest that never returns.
const STUCK_GUEST_TIMEOUT: Duration = Duration::from_secs(1);

/// How long I/O may rest while a guest keeps the thread that looked after it.
const LONGEST_REST: Duration = Duration::from_millis(100);

/// Runs the component of a spin.toml without the Spin CLI.
#[derive(Debug, Parser)]
#[command(name = "edge-host", version, about, arg_required_else_help = true)]
enum Cli {
    /// Serve the application over HTTP
    Serve(Serve),
}

fn main() -> ExitCode {
    let outcome = run(Cli::parse()).inspect_err(|error| eprintln!("edge-host: {error:#}"));
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(cli: Cli) -> Result<()> {
    let runtime = Runtime::new()?;
    // The thread that polls I/O also runs what it finds. If that is a guest that never returns, the others sleep on and
    // nobody polls, until something wakes one of them.
    let handle = runtime.handle().clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(LONGEST_REST);
            handle.spawn(async {});
        }
    });
    let Cli::Serve(serve) = cli;
    let outcome = runtime.block_on(serve.run());
    runtime.shutdown_timeout(STUCK_GUEST_TIMEOUT);
    outcome
}
