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
mod sqlite;

mod engine;
mod handler;
mod request;
mod server;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Verb};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().verb {
        Verb::Serve(serve) => serve.run().await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("edge-host: {error:#}");
            ExitCode::FAILURE
        }
    }
}
