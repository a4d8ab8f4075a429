//! The benchmarks: how small a model is and how fast it answers, beside XGBoost. `cargo xtask bench` builds and runs
//! this; results go to standard output, progress to standard error. Nothing here is a test with a time limit.

#![deny(unsafe_code)]

mod speeds;
mod sizes;

mod contender;
mod rounds;
mod instructions;
mod work;
mod table;
mod reference;
mod flatten;
mod meanwhile;
mod booster;
mod guest;
mod squeeze;
mod walk;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use serde_json::Value;

use crate::reference::Reference;
use crate::sizes::Sizes;
use crate::speeds::Speeds;
use crate::table::Table;
use crate::work::Work;

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// How fast margins are computed
    Inference {
        #[command(flatten)]
        sources: Sources,
        /// The wasm guest
        #[arg(long, value_name = "FILE")]
        guest: PathBuf,
    },
    /// How small a model is
    Blob {
        #[command(flatten)]
        sources: Sources,
    },
    /// Works through some rows and says nothing: for a counter of instructions to look at
    #[command(hide = true)]
    Count {
        #[arg(long)]
        contender: String,
        #[arg(long)]
        rows: usize,
        #[arg(long)]
        work: PathBuf,
    },
}

#[derive(Args)]
struct Sources {
    /// The public table
    #[arg(long, value_name = "FILE", default_value = "data/diamonds.csv")]
    data: PathBuf,
    /// The released model
    #[arg(long, value_name = "FILE", default_value = "models/champion.loupe")]
    champion: PathBuf,
    /// The folder for what is made once
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    keep: PathBuf,
    /// One JSON document instead of tables
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    match Arguments::parse().verb {
        Verb::Inference { sources, guest } => {
            let Sources { data, champion, keep, json } = sources;
            std::fs::create_dir_all(&keep)?;
            let table = Table::read(&data)?;
            let reference = Reference::of(&table.stones, &keep)?;
            let folder = keep.join("work");
            let work = Work::prepare(&folder, &table, &reference, &champion, &guest)?;
            let speeds = Speeds::take(&work)?;
            print(json, &speeds.to_json(), &speeds.to_markdown()?);
        }
        Verb::Blob { sources: Sources { data, champion, keep, json } } => {
            std::fs::create_dir_all(&keep)?;
            let sizes = Sizes::take(&Table::read(&data)?, &keep, &champion)?;
            print(json, &sizes.to_json(), &sizes.to_markdown()?);
        }
        Verb::Count { contender, rows, work } => {
            instructions::work_through(&Work::open(Path::new(&work)), &contender, rows)?;
        }
    }
    Ok(())
}

fn print(json: bool, document: &Value, text: &str) {
    if json {
        println!("{document}");
    } else {
        print!("{text}");
    }
}
