//! The command line.

use clap::{Parser, Subcommand};

use crate::serve::Serve;

/// Runs the component of a spin.toml without the Spin CLI.
#[derive(Debug, Parser)]
#[command(name = "edge-host", version, about, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Serve the application over HTTP
    Serve(Serve),
}
