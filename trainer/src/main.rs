//! Fits diamond-pricing models, keeps their history and picks the champion.
//!
//! A command goes `cli` -> `cmd` -> the rest: rows come in through `data`, become models in `learn` and `train`,
//! are judged by `evaluate` and kept by `registry`.

#![forbid(unsafe_code)]

mod cli;

mod cmd;

mod data;

mod learn;

mod tune;

mod evaluate;

mod train;

mod registry;

mod database;

mod progress;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // A missing .env is no error; what it says must be known before the command line is read.
    let _ = dotenvy::dotenv();
    let cli = cli::Cli::parse();
    match cmd::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            cmd::exit_code(&error).into()
        }
    }
}
