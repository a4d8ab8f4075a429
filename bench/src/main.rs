//! The benchmarks: how small a model is and how fast it answers, beside XGBoost; the service beside the usual one; the npm package
//! beside onnxruntime-web.
//! `cargo xtask bench` builds and runs this; results go to standard output, progress to standard error. Nothing here is a test with a time limit.

#![deny(unsafe_code)]

mod speeds;
mod sizes;
mod http;
mod similar;
mod tune;
mod ingest;
mod browser;

mod contender;
mod rounds;
mod instructions;
mod work;
mod table;
mod reference;
mod clock;
mod booster;
mod guest;
mod squeeze;
mod walk;
mod target;
mod server;
mod client;
mod programs;
mod database;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::Value;

use crate::browser::Browser;
use crate::http::{Beside, Http, Pace};
use crate::ingest::Ingest;
use crate::reference::Reference;
use crate::similar::Similar;
use crate::sizes::Sizes;
use crate::speeds::Speeds;
use crate::table::Table;
use crate::tune::{Peers, Tune};
use crate::work::Work;

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Measures and reports
    Run(Box<Run>),
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
struct Run {
    /// What to measure
    #[arg(value_enum, required = true)]
    benchmarks: Vec<Benchmark>,
    /// The public table
    #[arg(long, value_name = "FILE", default_value = "data/diamonds.csv")]
    data: PathBuf,
    /// The released model
    #[arg(long, value_name = "FILE", default_value = "models/champion.loupe")]
    champion: PathBuf,
    /// The wasm guest
    #[arg(long, value_name = "FILE", default_value = "target/tools/bench_guest.wasm")]
    guest: PathBuf,
    /// The peer's Python; without it there is no peer
    #[arg(long, value_name = "FILE")]
    python: Option<PathBuf>,
    /// The Python of the peers that train
    #[arg(long, value_name = "FILE", default_value = "target/tools/tune/bin/python")]
    tune_python: PathBuf,
    /// What trains one of them
    #[arg(long, value_name = "FILE", default_value = "bench/peers/tune/peer.py")]
    tune_script: PathBuf,
    /// The Python that has XGBoost and onnxmltools
    #[arg(long, value_name = "FILE", default_value = "target/tools/onnx/bin/python")]
    onnx_python: PathBuf,
    /// A store's export; without it as many rows of the public table stand in for one
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// The libsql server; without it writes to one are not measured
    #[arg(long, value_name = "FILE")]
    sqld: Option<PathBuf>,
    /// Measure the Spin CLI on PATH too
    #[arg(long)]
    spin: bool,
    /// How many rounds of HTTP there are
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// How long wrk asks in a turn
    #[arg(long, value_name = "SECONDS", default_value_t = 2)]
    turn: u64,
    /// How many rows are generated for the similar query and for ingest
    #[arg(long, default_value_t = 10_000_000)]
    rows: u64,
    /// The folder for what is made once
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    keep: PathBuf,
    /// One JSON document instead of tables; of several benchmarks an object with one of each
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Benchmark {
    /// How fast margins are computed
    Inference,
    /// How small a model is
    Blob,
    /// How fast the service answers
    Http,
    /// The similar query as rows grow
    Similar,
    /// How good a trained model is, and how long it took
    Tune,
    /// Rows a second into the database
    Ingest,
    /// The npm package and the page in Chromium
    Browser,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().verb {
        Verb::Run(run) => run.run(),
        Verb::Count { contender, rows, work } => {
            instructions::work_through(&Work::open(&work), &contender, rows)
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Run {
    fn run(&self) -> Result<()> {
        std::fs::create_dir_all(&self.keep)?;
        let table = Table::read(&self.data)?;
        let mut documents = serde_json::Map::new();
        let mut texts = Vec::new();
        for benchmark in &self.benchmarks {
            let (name, document, text) = self.measure(*benchmark, &table)?;
            documents.insert(name.to_owned(), document);
            texts.push(text);
        }
        if !self.json {
            print!("{}", texts.join("\n"));
        } else if documents.len() == 1 {
            documents.values().for_each(|document| println!("{document}"));
        } else {
            println!("{}", Value::Object(documents));
        }
        Ok(())
    }

    /// The benchmark's name, its document and its tables.
    fn measure(
        &self,
        benchmark: Benchmark,
        table: &Table,
    ) -> Result<(&'static str, Value, String)> {
        Ok(match benchmark {
            Benchmark::Inference => {
                let reference = Reference::of(&table.stones, &self.keep)?;
                let folder = self.keep.join("work");
                let (champion, guest) = (&self.champion, &self.guest);
                let work = Work::prepare(&folder, table, &reference, champion, guest)?;
                let speeds = Speeds::take(&work)?;
                ("inference", speeds.to_json(), speeds.to_markdown()?)
            }
            Benchmark::Blob => {
                let sizes = Sizes::take(table, &self.keep, &self.champion)?;
                ("blob", sizes.to_json(), sizes.to_markdown()?)
            }
            Benchmark::Http => {
                let files = (self.data.as_path(), self.champion.as_path());
                let (python, sqld) = (self.python.as_deref(), self.sqld.as_deref());
                let beside = Beside { has_spin: self.spin, python, sqld };
                let pace = Pace { rounds: self.rounds, turn: Duration::from_secs(self.turn) };
                let http = Http::take(table, files, &self.keep, &beside, pace)?;
                ("http", http.to_json(), http.to_markdown()?)
            }
            Benchmark::Similar => {
                let files = (self.data.as_path(), self.champion.as_path());
                let similar = Similar::take(table, files, &self.keep, self.rows)?;
                ("similar", similar.to_json(), similar.to_markdown()?)
            }
            Benchmark::Tune => {
                let peers =
                    Peers { python: self.tune_python.clone(), script: self.tune_script.clone() };
                let tune = Tune::take(&self.data, self.export.as_deref(), &self.keep, &peers)?;
                ("tune", tune.to_json(), tune.to_markdown()?)
            }
            Benchmark::Ingest => {
                let ingest = Ingest::take(table, &self.keep, self.rows)?;
                ("ingest", ingest.to_json(), ingest.to_markdown()?)
            }
            Benchmark::Browser => {
                let browser = Browser::take(&self.data, &self.keep, &self.onnx_python)?;
                ("browser", browser.to_json(), browser.to_markdown()?)
            }
        })
    }
}
