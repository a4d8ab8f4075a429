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
mod client;
mod server;
mod programs;
mod database;
mod thread_clock;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::{Map, Value};

use crate::dataset::Dataset;
use crate::inference_speed::Models;
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
    Run(Box<Run>),
    /// Renders docs/benchmarks.md from the kept results
    Render,
    /// Computes some margins and prints nothing, under a counter of instructions
    #[command(hide = true)]
    Count {
        #[arg(long)]
        contender: String,
        #[arg(long)]
        rows: usize,
        #[arg(long)]
        models: PathBuf,
    },
}

#[derive(Args)]
struct Run {
    /// What to measure
    #[arg(value_enum, required = true)]
    benchmarks: Vec<Benchmark>,
    /// The public data set
    #[arg(long, value_name = "FILE", default_value = "data/diamonds.csv")]
    data: PathBuf,
    /// The released model
    #[arg(long, value_name = "FILE", default_value = "models/champion.loupe")]
    champion: PathBuf,
    /// The wasm module that prices
    #[arg(long, value_name = "FILE", default_value = "target/tools/bench_guest.wasm")]
    guest: PathBuf,
    /// The Python of the peer service; without it the peer is not measured
    #[arg(long, value_name = "FILE")]
    python: Option<PathBuf>,
    /// The Python of the peers that train
    #[arg(long, value_name = "FILE", default_value = "target/tools/tune/bin/python")]
    tune_python: PathBuf,
    /// The script that trains one of them
    #[arg(long, value_name = "FILE", default_value = "bench/peers/tune/peer.py")]
    tune_script: PathBuf,
    /// The Python that has XGBoost and onnxmltools
    #[arg(long, value_name = "FILE", default_value = "target/tools/onnx/bin/python")]
    onnx_python: PathBuf,
    /// A store's export; without it as many rows of the public data set are used in its place
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// The libsql server; without it the service over one is not measured
    #[arg(long, value_name = "FILE")]
    sqld: Option<PathBuf>,
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
    /// The folder for what is made once
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    cache: PathBuf,
    /// One JSON document instead of tables; for several benchmarks an object with one of each
    #[arg(long)]
    json: bool,
    /// Keep the results in bench/results and render docs/benchmarks.md from them
    #[arg(long)]
    write: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Benchmark {
    /// How fast margins are computed
    Inference,
    /// How small a model is
    Blob,
    /// How fast the service answers
    Http,
    /// The npm package and the page in Chromium
    Browser,
    /// The similar query as the number of rows grows
    Similar,
    /// How good a trained model is, and how long training takes
    Tune,
    /// Rows per second into the database
    Ingest,
    /// How large the component, the npm package and the page are
    Sizes,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(run) => run.run(),
        Command::Render => results::render(Path::new(".")),
        Command::Count { contender, rows, models } => {
            inference_speed::compute_rows(&Models::open(&models), &contender, rows)
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
        std::fs::create_dir_all(&self.cache)?;
        let dataset = Dataset::read(&self.data)?;
        let mut documents = Map::new();
        let mut texts = Vec::new();
        for benchmark in &self.benchmarks {
            let name = format!("{benchmark:?}").to_lowercase();
            let mut report = self.measure(*benchmark, &dataset)?;
            report.measured = results::measured_now()?;
            if self.write {
                results::keep(Path::new("."), &name, &report)?;
                results::render(Path::new("."))?;
            }
            texts.push(report.to_markdown());
            documents.insert(name, serde_json::to_value(&report)?);
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

    fn measure(&self, benchmark: Benchmark, dataset: &Dataset) -> Result<Report> {
        let (data, cache, champion) = (&self.data, &self.cache, &self.champion);
        match benchmark {
            Benchmark::Inference => inference_speed::measure(dataset, cache, champion, &self.guest),
            Benchmark::Blob => blob_size::measure(dataset, cache, champion),
            Benchmark::Http => {
                let (python, sqld) = (self.python.as_deref(), self.sqld.as_deref());
                let peers = http::Peers { has_spin: self.spin, python, sqld };
                let turn = Duration::from_secs(self.turn);
                http::measure(dataset, (data, champion), cache, &peers, self.rounds, turn)
            }
            Benchmark::Browser => browser::measure(data, cache, &self.onnx_python),
            Benchmark::Similar => similar::measure(dataset, (data, champion), cache, self.rows),
            Benchmark::Tune => {
                let export = self.export.as_deref();
                tune::measure(data, export, cache, &self.tune_python, &self.tune_script)
            }
            Benchmark::Ingest => ingest::measure(dataset, cache, self.rows),
            Benchmark::Sizes => sizes::measure(),
        }
    }
}
