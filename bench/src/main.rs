//! The benchmarks: how small a model is and how fast it prices, compared with XGBoost; the service, compared with the usual Python
//! service; the npm package, compared with onnxruntime-web; training, compared with the usual boosters.
//!
//! `cargo xtask bench` builds and runs this. Results go to standard output, progress to standard error. Nothing here is a test
//! with a time limit.

#![deny(unsafe_code)]

mod report;
mod results;
mod rounds;

mod inference_speed;
mod blob_size;
mod http;
mod browser;
mod similar;
mod tune;
mod ingest;
mod sizes;

mod dataset;
mod reference;
mod synthetic;
mod request;
mod server;
mod programs;
mod database;
mod thread_clock;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use serde_json::{Map, Value};

use crate::report::Report;

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures and reports
    Run(Run),
    /// Renders docs/benchmarks.md from the kept results
    Render,
    /// Computes some margins and prints nothing, under a counter of instructions
    #[command(hide = true)]
    Count { contender: String, rows: usize },
}

#[derive(Args)]
struct Run {
    /// What to measure
    #[arg(required = true)]
    benchmarks: Vec<String>,
    /// A store's export; without it as many rows of the public data set are used in its place
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// For tune: one split of a part of the data set, to see that everything runs
    #[arg(long, conflicts_with = "write")]
    quick: bool,
    /// Measure the Spin CLI on PATH too
    #[arg(long)]
    spin: bool,
    /// The number of rounds of HTTP
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// How long wrk sends requests in a turn
    #[arg(long, value_name = "SECONDS", default_value_t = 2)]
    turn: u64,
    /// How many rows are generated for similar and ingest
    #[arg(long, default_value_t = 10_000_000)]
    rows: u64,
    /// One JSON document instead of tables; for several benchmarks an object with one of each
    #[arg(long)]
    json: bool,
    /// Keep the results in bench/results and render docs/benchmarks.md from them
    #[arg(long)]
    write: bool,
}

type Measure = fn(&Run) -> Result<Report>;

/// Everything that can be measured.
const BENCHMARKS: [(&str, Measure); 8] = [
    ("inference", |_| inference_speed::measure()),
    ("blob", |_| blob_size::measure()),
    ("http", |run| http::measure(run.spin, run.rounds, Duration::from_secs(run.turn))),
    ("browser", |_| browser::measure()),
    ("similar", |run| similar::measure(run.rows)),
    ("tune", |run| tune::measure(run.export.as_deref(), run.quick)),
    ("ingest", |run| ingest::measure(run.rows)),
    ("sizes", |_| sizes::measure()),
];

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(run) => run.run(),
        Command::Render => results::render(Path::new(".")),
        Command::Count { contender, rows } => inference_speed::compute_rows(&contender, rows),
    };
    let outcome = outcome.inspect_err(|error| eprintln!("error: {error:#}"));
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Run {
    fn run(&self) -> Result<()> {
        std::fs::create_dir_all(programs::CACHE)?;
        let mut documents = Map::new();
        let mut texts = Vec::new();
        for name in &self.benchmarks {
            let benchmark = BENCHMARKS.iter().find(|(other, _)| other == name);
            let (_, measure) =
                benchmark.with_context(|| format!("there is no benchmark {name}"))?;
            let mut report = measure(self)?;
            report.measured = results::measured_now()?;
            if self.write {
                results::keep(Path::new("."), name, &report)?;
                results::render(Path::new("."))?;
            }
            texts.push(report.to_markdown());
            documents.insert(name.clone(), serde_json::to_value(&report)?);
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
}
