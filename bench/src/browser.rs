//! Measures the npm package in Chromium, compared with onnxruntime-web on the same trees, and the page at `/`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::programs::{DATA, cached, empty_folder, json_of, run, trainer};
use crate::report::{Goal, Report, Table};
use crate::rounds::{Series, median};

/// The Python that has XGBoost and onnxmltools.
const PYTHON: &str = "target/tools/onnx/bin/python";
/// Trains with XGBoost and converts to ONNX.
const CONVERT: &str = "bench/peers/onnx/convert.py";
/// Measures in Chromium.
const MEASURE: &str = "bench/browser/main.js";

/// By how much prices may differ, as a share: a comparison needs the same trees.
const MOST_DIFFERENCE: f64 = 1e-3;
/// Goals in milliseconds: a visitor on this machine, and a frame of sixty per second.
const FIRST_PRICE_MS: f64 = 500.0;
const STEP_MS: f64 = 16.0;

/// A way to price in `bench/browser/page/contenders.js`.
struct Pricer {
    name: &'static str,
    about: &'static str,
    /// The same with the other runtime.
    peer: Option<&'static str>,
    /// Whether all its work is done in the page's own thread.
    in_page: bool,
}

const PRICERS: [Pricer; 7] = [
    pricer("price", "loupe.price, one by one", Some("onnx")),
    pricer("predict", "loupe.predict, one by one", Some("onnx")),
    pricer("released", "loupe.predict, released model, one by one", Some("onnx")),
    pricer("onnx", "onnxruntime-web, batches of 1", None),
    pricer("predictBatch", "loupe.predictBatch", Some("onnxBatch")),
    Pricer {
        in_page: false,
        ..pricer("worker", "predictBatch in loupe-diamonds/worker, by the clock", Some("onnxBatch"))
    },
    pricer("onnxBatch", "onnxruntime-web, one batch", None),
];

const fn pricer(name: &'static str, about: &'static str, peer: Option<&'static str>) -> Pricer {
    Pricer { name, about, peer, in_page: true }
}

/// What `bench/browser/main.js` prints, round by round.
#[derive(Debug, Deserialize)]
struct Measurements {
    /// Its version.
    chromium: String,
    stones: u32,
    /// By how much prices differ at most, as a share.
    difference: f64,
    speeds: Vec<Series<Speed>>,
    starts: Vec<Start>,
    /// Visits of the page until its first price was painted.
    visits: Vec<Series<Timing>>,
    /// Steps of a page's slider, from the key's event until the frame after it was painted.
    steps: Vec<Series<Timing>>,
}

#[derive(Debug, Deserialize)]
struct Speed {
    /// How often all stones were priced.
    runs: u32,
    clock_ms: f64,
    /// The processor time of the page's own thread.
    thread_ms: f64,
}

/// One runtime, from nothing to its first price.
#[derive(Debug, Deserialize)]
struct Start {
    name: String,
    /// After gzip -9.
    bytes: Bytes,
    ms: Vec<f64>,
}

#[derive(Debug, Deserialize)]
struct Bytes {
    scripts: usize,
    wasm: usize,
    model: usize,
}

#[derive(Debug, Deserialize)]
struct Timing {
    ms: f64,
    /// The processor time of the page's own thread, the measurement included.
    thread_ms: f64,
    /// Of a step: whether the next frame did not show it yet.
    late: Option<bool>,
}

/// Trains, converts, imports and measures. Fails if the two runtimes price differently.
pub(crate) fn measure() -> Result<Report> {
    let folder = cached("browser");
    empty_folder(&folder)?;
    eprintln!("training the ensemble and converting it to ONNX");
    run(Command::new(PYTHON).arg(CONVERT).arg(DATA).arg(&folder))?;
    import(&folder)?;
    let found: Measurements = json_of(Command::new("node").arg(MEASURE).arg(DATA).arg(&folder))?;
    let difference = found.difference;
    ensure!(
        difference <= MOST_DIFFERENCE,
        "prices of the same stones differ by {difference:e}: these are not the same trees"
    );
    Ok(found.to_report())
}

/// Imports XGBoost's file into a registry and exports the blob, as a user would.
fn import(folder: &Path) -> Result<()> {
    let trainer = || trainer(folder.join("registry.db"));
    let imported: Value =
        json_of(trainer()?.args(["--json", "import"]).arg(folder.join("model.json")))?;
    let id = imported["id"].as_str().context("the trainer names no model")?;
    run(trainer()?.args(["export", id, "--output"]).arg(folder.join("model.loupe")))
}

impl Measurements {
    fn to_report(&self) -> Report {
        let about = format!(
            "Chromium {}; one XGBoost ensemble of 400 trees, imported here and converted by onnxmltools for onnxruntime-web; {} stones \
             of nine numbers each, from JavaScript objects to dollars, one thread. Prices \
             differ by at most {:.1e}. Medians of {} interleaved rounds, in processor time of the page's own thread; ratios are of \
             the same round. A slider step ends with the frame that shows it",
            self.chromium,
            self.stones,
            self.difference,
            self.speeds.first().map_or(0, |series| series.turns.len())
        );
        let speeds = Table::new(
            "speeds",
            &PRICERS,
            &[
                ("name", "pricing", &|pricer| pricer.about.into()),
                ("per_second", "stones per second", &|pricer| self.per_second(pricer).into()),
                ("times_onnxruntime_web", "times onnxruntime-web", &|pricer| {
                    self.times_peer(pricer).into()
                }),
            ],
        );
        let starts = Table::new(
            "starts",
            &self.starts,
            &[
                ("name", "to the first price, nothing cached", &|start| start.name.as_str().into()),
                ("ms", "ms", &|start| median(start.ms.iter().copied()).into()),
                ("gzip_scripts_bytes", "scripts, bytes after gzip -9", &|start| {
                    start.bytes.scripts.into()
                }),
                ("gzip_wasm_bytes", "wasm", &|start| start.bytes.wasm.into()),
                ("gzip_model_bytes", "model", &|start| start.bytes.model.into()),
                ("gzip_bytes", "all", &|Start { bytes, .. }| {
                    (bytes.scripts + bytes.wasm + bytes.model).into()
                }),
            ],
        );
        let ms = |timing: &Timing| timing.ms;
        let thread_ms = |timing: &Timing| timing.thread_ms;
        let page = Table::new(
            "page",
            self.visits.iter().chain(&self.steps),
            &[
                ("name", "the page at `/`", &|series| series.name.as_str().into()),
                ("times", "times", &|series| series.turns.len().into()),
                ("p50_ms", "median ms", &|series| series.median(ms).into()),
                ("p95_ms", "p95", &|series| series.percentile(95, ms).into()),
                ("thread_p50_ms", "of its own thread, median", &|of| of.median(thread_ms).into()),
                ("thread_p95_ms", "p95", &|series| series.percentile(95, thread_ms).into()),
                ("not_in_the_next_frame", "not in the next frame", &|series| {
                    let late = series.turns.iter().map(|timing| timing.late.map(usize::from));
                    late.sum::<Option<usize>>().into()
                }),
            ],
        );
        let goal = |series: &Series<Timing>, percent: usize, word: &str, most| {
            let name = format!("{}, {word}, ms", series.name);
            Goal::at_most(name, series.percentile(percent, ms), most)
        };
        let visits = self.visits.iter().map(|series| goal(series, 50, "median", FIRST_PRICE_MS));
        let steps = self.steps.iter().flat_map(|series| {
            [goal(series, 50, "median", STEP_MS), goal(series, 95, "p95", STEP_MS)]
        });
        Report::new(about, [speeds, starts, page, Table::of_goals("goal", visits.chain(steps))])
    }

    /// Stones per second: in time of the page's own thread, or by the clock if the work is done elsewhere.
    fn per_second(&self, pricer: &Pricer) -> f64 {
        let series = self.speeds.iter().find(|series| series.name == pricer.name);
        series.map_or(f64::NAN, |series| series.median(|speed| self.rate(speed, pricer.in_page)))
    }

    /// How many times as many as with the other runtime, in the same rounds and by the same kind of time.
    fn times_peer(&self, pricer: &Pricer) -> Option<f64> {
        let of = |name: &str| self.speeds.iter().find(|series| series.name == name);
        let (own, peer) = (of(pricer.name)?, of(pricer.peer?)?);
        Some(own.ratio(peer, |speed| self.rate(speed, pricer.in_page)))
    }

    fn rate(&self, speed: &Speed, of_thread: bool) -> f64 {
        let ms = if of_thread { speed.thread_ms } else { speed.clock_ms };
        1e3 * f64::from(speed.runs) * f64::from(self.stones) / ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_compared_by_the_clock() {
        let series = |name: &str, runs, clock_ms, thread_ms| Series {
            name: name.to_owned(),
            warm_ups: Vec::new(),
            turns: vec![Speed { runs, clock_ms, thread_ms }],
        };
        let measurements = Measurements {
            chromium: String::new(),
            stones: 1_000,
            difference: 0.0,
            speeds: vec![
                series("predictBatch", 4, 100.0, 50.0),
                series("worker", 2, 100.0, 1.0),
                series("onnxBatch", 2, 50.0, 50.0),
            ],
            starts: Vec::new(),
            visits: Vec::new(),
            steps: Vec::new(),
        };
        for (name, per_second, times) in [
            ("predictBatch", 80_000.0, Some(2.0)),
            ("worker", 20_000.0, Some(0.5)),
            ("onnxBatch", 40_000.0, None),
        ] {
            let pricer = PRICERS.iter().find(|pricer| pricer.name == name).unwrap();
            assert!((measurements.per_second(pricer) - per_second).abs() < 1e-6, "{name}");
            assert_eq!(measurements.times_peer(pricer), times, "{name}");
        }
    }
}
