//! How fast margins are computed, natively and in wasm, beside XGBoost and plainer walks.

use std::fmt::Write;
use std::hint::black_box;

use anyhow::{Context, Result, ensure};
use inference::{Predictor, blob, image};
use serde_json::{Value, json};

use crate::clock::Moment;
use crate::contender::{Entry, stone};
use crate::guest::Guest;
use crate::instructions::Counter;
use crate::rounds::{self, Times, median, ratio};
use crate::sizes::{describe_reference, grouped, per_node, reached};
use crate::target::Target;
use crate::walk::sketch::Sketch;
use crate::work::{Subject, Work};

/// The most nanoseconds a row that are to be reached, by entry.
const MOST_NS: [(&str, f64); 4] =
    [("ours-single", 1_600.0), ("ours-batch", 1_000.0), ("linear", 50.0), ("elastic-net", 50.0)];
/// The most milliseconds that decoding the reference ensemble may take, natively and in wasm.
const MOST_DECODING_MS: [f64; 2] = [3.0, 6.0];
/// The most milliseconds that loading its image may take, natively and in wasm.
const MOST_LOADING_MS: [f64; 2] = [0.3, 0.3];
const MOST_WALKING_BYTES_A_NODE: f64 = 8.0;
/// The most milliseconds that explaining a price of the reference ensemble may take, natively.
const MOST_EXPLAINING_MS: f64 = 5.0;
/// How often what takes milliseconds is timed.
const SLOW_ROUNDS: usize = 51;

/// Everything that was measured.
pub(crate) struct Speeds {
    nodes: usize,
    champion_nodes: usize,
    figures: Vec<Figure>,
    ratios: Vec<Ratio>,
    decoding_ms: [f64; 2],
    loading_ms: [f64; 2],
    image_bytes: usize,
    explaining_ms: f64,
    /// Ours, then the sketch's.
    walking_bytes: [usize; 2],
    counter: Option<Counter>,
}

struct Figure {
    entry: &'static Entry,
    ns_per_row: f64,
    fastest_ns: f64,
    target: Option<f64>,
    instructions: Option<f64>,
}

/// How many times as long one takes as another.
struct Ratio {
    name: &'static str,
    value: f64,
    target: Option<Target>,
}

impl Speeds {
    pub(crate) fn take(work: &Work) -> Result<Speeds> {
        let times = rounds::run(work)?;
        eprintln!("decoding and explaining");
        let decoding_ms = decode(work)?;
        let image = image::encode(&work.blob(Subject::Reference)?)?;
        let loading_ms = load(work, &image)?;
        let explaining_ms = explain(work)?;
        let counter = Counter::find();
        let figures = times.iter().map(|times| Figure::of(times, counter, work));
        let trees = work.trees(Subject::Reference)?;
        Ok(Speeds {
            nodes: trees.nodes().len(),
            champion_nodes: work.model(Subject::Champion)?.form.nodes(),
            ratios: ratios(&times),
            figures: figures.collect::<Result<_>>()?,
            decoding_ms,
            loading_ms,
            image_bytes: image.len(),
            explaining_ms,
            walking_bytes: [trees.walking_bytes(), Sketch::of(&trees)?.bytes()],
            counter,
        })
    }

    pub(crate) fn to_markdown(&self) -> Result<String> {
        let mut text = String::new();
        writeln!(
            text,
            "reference: {}, {} nodes; champion: {} nodes; one thread; processor time, medians of interleaved rounds; \
             instructions by {}\n",
            describe_reference(),
            grouped(self.nodes),
            grouped(self.champion_nodes),
            self.counter.map_or("nobody: neither perf nor valgrind works here", Counter::name),
        )?;
        writeln!(text, "| model | work | ns a row | fastest round | target | instructions |")?;
        writeln!(text, "|---|---|---:|---:|---|---:|")?;
        for figure in &self.figures {
            let Figure { entry, ns_per_row, fastest_ns, target, instructions } = figure;
            let target = target.map_or(String::new(), |most| {
                format!("at most {most}: {}", reached(*ns_per_row <= most))
            });
            let instructions = instructions.map_or(String::new(), |count| format!("{count:.0}"));
            writeln!(
                text,
                "| {} | {} | {ns_per_row:.1} | {fastest_ns:.1} | {target} | {instructions} |",
                entry.subject.name(),
                entry.about,
            )?;
        }
        writeln!(text, "\n| in the same rounds | times | target |\n|---|---:|---|")?;
        for Ratio { name, value, target } in &self.ratios {
            let target = target.map_or(String::new(), |target| target.to_text(*value));
            writeln!(text, "| {name} | {value:.2} | {target} |")?;
        }
        writeln!(text, "\n| reference ensemble | | target |\n|---|---:|---|")?;
        let image = format!("of {} bytes", grouped(self.image_bytes));
        for ((what, ms), most) in [
            "decoding, natively".to_owned(),
            "decoding, in wasm".to_owned(),
            format!("loading the image {image}, natively"),
            format!("loading the image {image}, in wasm"),
        ]
        .iter()
        .zip([self.decoding_ms, self.loading_ms].concat())
        .zip([MOST_DECODING_MS, MOST_LOADING_MS].concat())
        {
            writeln!(text, "| {what} | {ms:.3} ms | {} |", Target::AtMost(most).to_text(ms))?;
        }
        let [ours, sketch] = self.walking_bytes.map(|bytes| per_node(bytes, self.nodes));
        let target = Target::AtMost(MOST_WALKING_BYTES_A_NODE).to_text(ours);
        writeln!(text, "| walking memory | {ours:.2} B a node | {target} |")?;
        writeln!(text, "| walking memory of the sketch | {sketch:.2} B a node | |")?;
        let ms = self.explaining_ms;
        let target = Target::AtMost(MOST_EXPLAINING_MS).to_text(ms);
        writeln!(text, "| explaining, natively | {ms:.2} ms | {target} |")?;
        Ok(text)
    }

    pub(crate) fn to_json(&self) -> Value {
        let figures = self.figures.iter().map(|figure| {
            json!({
                "name": figure.entry.name,
                "model": figure.entry.subject.name(),
                "about": figure.entry.about,
                "rows_a_call": figure.entry.rows_a_call,
                "ns_per_row": figure.ns_per_row,
                "fastest_ns_per_row": figure.fastest_ns,
                "target_ns": figure.target,
                "reached": figure.target.map(|most| figure.ns_per_row <= most),
                "instructions_per_row": figure.instructions,
            })
        });
        let ratios = self.ratios.iter().map(|ratio| {
            json!({
                "name": ratio.name,
                "value": ratio.value,
                "target": ratio.target.map(Target::bound),
                "reached": ratio.target.map(|target| target.is_reached(ratio.value)),
            })
        });
        let [native_ms, wasm_ms] = self.decoding_ms;
        let [most_native_ms, most_wasm_ms] = MOST_DECODING_MS;
        let [native_load_ms, wasm_load_ms] = self.loading_ms;
        let [most_native_load_ms, most_wasm_load_ms] = MOST_LOADING_MS;
        let [walking, sketch] = self.walking_bytes.map(|bytes| per_node(bytes, self.nodes));
        json!({
            "reference": { "about": describe_reference(), "nodes": self.nodes },
            "champion": { "nodes": self.champion_nodes },
            "counter": self.counter.map(Counter::name),
            "figures": figures.collect::<Vec<_>>(),
            "ratios": ratios.collect::<Vec<_>>(),
            "decode": {
                "native": { "ms": native_ms, "target": most_native_ms, "reached": native_ms <= most_native_ms },
                "wasm": { "ms": wasm_ms, "target": most_wasm_ms, "reached": wasm_ms <= most_wasm_ms },
            },
            "load_image": {
                "bytes": self.image_bytes,
                "native": { "ms": native_load_ms, "target": most_native_load_ms, "reached": native_load_ms <= most_native_load_ms },
                "wasm": { "ms": wasm_load_ms, "target": most_wasm_load_ms, "reached": wasm_load_ms <= most_wasm_load_ms },
            },
            "walking_bytes_per_node": {
                "ours": walking,
                "target": MOST_WALKING_BYTES_A_NODE,
                "reached": walking <= MOST_WALKING_BYTES_A_NODE,
                "sketch": sketch,
            },
            "explain": {
                "ms": self.explaining_ms,
                "target": MOST_EXPLAINING_MS,
                "reached": self.explaining_ms <= MOST_EXPLAINING_MS,
            },
        })
    }
}

impl Figure {
    fn of(times: &Times, counter: Option<Counter>, work: &Work) -> Result<Figure> {
        let entry = times.entry;
        let counter = counter.filter(|_| entry.is_counted);
        let count = |counter: Counter| {
            eprintln!("counting the instructions of {}", entry.name);
            counter.per_row(entry, work)
        };
        Ok(Figure {
            entry,
            ns_per_row: median(times.ns_per_row.iter().copied()),
            fastest_ns: times.ns_per_row.iter().copied().fold(f64::INFINITY, f64::min),
            target: MOST_NS.iter().find(|(name, _)| *name == entry.name).map(|(_, most)| *most),
            instructions: counter.map(count).transpose()?,
        })
    }
}

fn ratios(times: &[Times]) -> Vec<Ratio> {
    let of = |name: &str| {
        let found = times.iter().find(|times| times.entry.name == name);
        found.map_or(&[][..], |times| &times.ns_per_row)
    };
    let faster = |one: &'static str, other: &'static str| {
        if ratio(of(one), of(other)) <= 1.0 { of(one) } else { of(other) }
    };
    let (single, batch) = (of("ours-single"), of("ours-batch"));
    let ratio = |name, slower: &[f64], faster: &[f64], target| Ratio {
        name,
        value: ratio(slower, faster),
        target,
    };
    vec![
        ratio(
            "XGBoost single row (the faster way) / ours",
            faster("xgboost-single", "xgboost-single-matrix"),
            single,
            Some(Target::AtLeast(20.0)),
        ),
        ratio(
            "XGBoost batch (the faster way) / ours",
            faster("xgboost-batch", "xgboost-batch-matrix"),
            batch,
            Some(Target::AtLeast(4.0)),
        ),
        ratio("the sketch / ours, single row", of("sketch"), single, Some(Target::AtLeast(1.5))),
        ratio("pointer chasing / ours, single row", of("pointer"), single, None),
        ratio("wasm / native, single row", of("wasm-single"), single, Some(Target::AtMost(1.4))),
        ratio("wasm / native, batch", of("wasm-batch"), batch, None),
        ratio(
            "wasm / native, champion, single row",
            of("champion-wasm-single"),
            of("champion-single"),
            None,
        ),
    ]
}

/// Milliseconds to decode the reference ensemble, natively and in wasm, in turns.
fn decode(work: &Work) -> Result<[f64; 2]> {
    let bytes = work.blob(Subject::Reference)?;
    let mut guest = Guest::with(&work.guest(), &bytes)?;
    let (mut native, mut wasm) = (Vec::new(), Vec::new());
    for _ in 0..SLOW_ROUNDS {
        let began = Moment::now();
        drop(black_box(blob::decode(black_box(&bytes))?));
        native.push(1e3 * began.elapsed().as_secs_f64());
        let began = Moment::now();
        guest.decode_again()?;
        wasm.push(1e3 * began.elapsed().as_secs_f64());
    }
    Ok([median(native), median(wasm)])
}

/// Milliseconds to load the image of the reference ensemble, natively and in wasm, in turns.
fn load(work: &Work, bytes: &[u8]) -> Result<[f64; 2]> {
    let mut guest = Guest::with(&work.guest(), &work.blob(Subject::Reference)?)?;
    guest.fill_image(bytes)?;
    let (mut native, mut wasm) = (Vec::new(), Vec::new());
    for _ in 0..SLOW_ROUNDS {
        let began = Moment::now();
        drop(black_box(image::decode(black_box(bytes))?));
        native.push(1e3 * began.elapsed().as_secs_f64());
        let began = Moment::now();
        guest.load_image_again()?;
        wasm.push(1e3 * began.elapsed().as_secs_f64());
    }
    Ok([median(native), median(wasm)])
}

/// Milliseconds to explain a price of the reference ensemble.
fn explain(work: &Work) -> Result<f64> {
    let predictor = Predictor::new(work.model(Subject::Reference)?);
    let mut times_ms = Vec::new();
    for row in work.rows()?.iter().take(SLOW_ROUNDS) {
        let stone = stone(row).context("a row is no stone")?;
        let began = Moment::now();
        let parts = black_box(predictor.explain(black_box(&stone)));
        times_ms.push(1e3 * began.elapsed().as_secs_f64());
        ensure!(parts.is_some(), "a price cannot be explained: {stone:?}");
    }
    Ok(median(times_ms))
}
