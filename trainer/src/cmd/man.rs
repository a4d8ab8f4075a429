//! `trainer man` and `trainer completions`: write the manual pages of the commands, and completions for a shell.

use std::path::Path;

use anyhow::{Context as _, Result};
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;

use super::Context;
use super::output::Output;
use crate::cli::Cli;

pub(super) fn run(context: &Context, folder: Option<&Path>) -> Result<()> {
    let mut command = Cli::command();
    // What is said once, such as --db, is then said of every command.
    command.build();
    let Some(folder) = folder else {
        let page = String::from_utf8_lossy(&render(&command)?).into_owned();
        let document = json!({ "page": page });
        return context.print(&document, || page.trim_end().to_owned());
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{}: cannot be written", folder.display()))?;
    let mut files = Vec::new();
    for (name, page) in pages(&command, "trainer")? {
        let path = folder.join(format!("{name}.1"));
        Output::put(&path, &page)?;
        files.push(path);
    }
    let document = json!({ "files": files });
    context.print(&document, || format!("wrote {} pages to {}", files.len(), folder.display()))
}

/// A page for a command, and for every one under it.
fn pages(command: &Command, name: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let titled = command.clone().display_name(name.to_owned());
    let mut all = vec![(name.to_owned(), render(&titled)?)];
    for subcommand in command.get_subcommands() {
        // `trainer help` only says what these pages do.
        if subcommand.get_name() != "help" && !subcommand.is_hide_set() {
            all.extend(pages(subcommand, &format!("{name}-{}", subcommand.get_name()))?);
        }
    }
    Ok(all)
}

fn render(command: &Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}

pub(super) fn completions(context: &Context, shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "trainer", &mut script);
    let script = String::from_utf8_lossy(&script);
    let document = json!({ "shell": shell.to_string(), "script": script });
    context.print(&document, || script.trim_end().to_owned())
}
