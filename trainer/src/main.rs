//! Fits diamond-pricing models, keeps their history and picks the champion.
//!
//! A command goes `cli` -> `cmd` -> the crates below: rows come in through `data`, become models in `learning` and are kept
//! by `registry`; `monitoring` looks at what is delivered and asked, and `report` draws it.

#![forbid(unsafe_code)]

mod cli;

mod cmd;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;

// A command runs in the main thread and may compute there for minutes; the other one hears signals meanwhile and keeps
// what has been found.
#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> ExitCode {
    // What .env says must be known before the command line is read. Having none is no error; half of one is.
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        let _ = writeln!(
            std::io::stderr(),
            "error: .env cannot be read: {error}; correct it or remove it"
        );
        return ExitCode::from(2);
    }
    let cli = cli::Cli::parse();
    match cmd::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {}", sentence(&error));
            cmd::exit_code(&error).into()
        }
    }
}

/// An error with its causes, each said once: most of ours carry their cause in their own words.
fn sentence(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}
