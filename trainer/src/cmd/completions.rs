//! `trainer completions`: writes completions for a shell.

use anyhow::Result;
use clap::CommandFactory;
use serde_json::json;

use super::Context;
use crate::cli::{Cli, CompletionsArgs};

pub(super) fn run(context: &Context, args: &CompletionsArgs) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "trainer", &mut script);
    let script = String::from_utf8_lossy(&script);
    let document = json!({ "shell": args.shell.to_string(), "script": script });
    context.print(&document, || script.trim_end().to_owned())
}
