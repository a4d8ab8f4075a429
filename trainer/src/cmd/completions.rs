//! `trainer completions`: what a shell needs to complete our commands.

use anyhow::Result;
use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};

#[expect(clippy::unnecessary_wraps, reason = "every command returns the same")]
pub(super) fn run(args: &CompletionsArgs) -> Result<()> {
    let mut command = Cli::command();
    clap_complete::generate(args.shell, &mut command, "trainer", &mut std::io::stdout());
    Ok(())
}
