//! The task runner: sets up, builds, serves, tests and measures Loupe; one file per command.

#![forbid(unsafe_code)]

mod bench;
mod build;
mod check;
mod corpus;
mod golden;
mod npm;
mod setup;
mod test;
mod up;

mod cargo;
mod changes;
mod component;
mod deny;
mod host;
mod links;
mod lint;
mod node;
mod python;
mod repo;
mod sbom;
mod schemathesis;
mod server;
mod stamp;
mod steps;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::steps::Steps;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Loupe's task runner", version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Install what is missing: system packages, wasm targets, npm packages
    Setup,
    /// Build everything: trainer, hosts, component, npm package, page
    Build,
    /// Set up, build, migrate, seed, train if there is no champion, and serve until stopped
    Up(up::Arguments),
    /// Set up, build and run every test: native, wasm, component over HTTP, npm package, browser, docs
    Test {
        /// The parts to run [default: all of them]
        #[arg(value_enum, value_name = "PART")]
        parts: Vec<test::Part>,
    },
    /// Check formatting, lints, unit tests and golden files of what differs from the main branch
    Check,
    /// Assemble the npm package in npm/
    Npm,
    /// Set up, build and measure: the size of models and the speed of answers, compared with XGBoost
    Bench(bench::Arguments),
    /// Make the golden blobs of a new blob format; those of an older one are never made again
    Golden,
    /// Unpack the fuzz corpora for cargo-fuzz, or pack them again
    Corpus {
        #[arg(value_enum)]
        action: corpus::Action,
    },
}

fn main() -> ExitCode {
    let mut steps = Steps::begin();
    let outcome = match Arguments::parse().verb {
        Verb::Setup => setup::run(&mut steps, setup::Purpose::Test),
        Verb::Build => {
            setup::run(&mut steps, setup::Purpose::Serve).and_then(|()| build::run(&mut steps))
        }
        Verb::Up(arguments) => up::run(&mut steps, &arguments),
        Verb::Test { parts } => test::run(&mut steps, &parts),
        Verb::Check => check::run(&mut steps),
        Verb::Golden => golden::run(&mut steps),
        Verb::Corpus { action } => corpus::run(&mut steps, action),
        Verb::Npm => {
            setup::run(&mut steps, setup::Purpose::Serve).and_then(|()| npm::run(&mut steps))
        }
        Verb::Bench(arguments) => bench::run(&mut steps, &arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
