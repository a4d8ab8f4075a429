//! Measures how fast margins are computed, natively and in wasm, compared with XGBoost and plainer walks through the trees.

mod contenders;
mod models;
mod margins;
mod walks;
mod guest;
mod xgboost;
mod instructions;

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Result, ensure};
use inference::{Features, Predictor, blob, image};

use self::contenders::{CONTENDERS, Spec, check_agreement, stone};
use self::guest::Guest;
use self::instructions::Counter;
pub(crate) use self::instructions::compute_rows;
use self::margins::Margins;
use self::models::ModelKind;
use self::walks::InterleavedTrees;
use crate::dataset::Dataset;
use crate::programs::DATA;
use crate::reference;
use crate::report::{Goal, Report, Table, grouped};
use crate::rounds::{self, Contender, Series};
use crate::thread_clock::ThreadTime;

const ROUNDS: usize = 101;
/// About how long a turn takes.
const TURN: Duration = Duration::from_millis(3);
/// How many rounds measure what takes milliseconds.
const SLOW_ROUNDS: usize = 51;
/// On how many rows the contenders must agree first.
const AGREED_ROWS: usize = 5_000;

/// Goals in nanoseconds per row.
const MOST_NS: [(&str, f64); 4] =
    [("loupe-single", 1_600.0), ("loupe-batch", 1_000.0), ("linear", 50.0), ("elastic-net", 50.0)];

/// Prepares the models in the cache folder and measures.
pub(crate) fn measure() -> Result<Report> {
    models::prepare(&Dataset::read(DATA)?)?;
    let rows = models::rows()?;
    ensure!(rows.len() >= AGREED_ROWS, "{} rows are too few", rows.len());
    let series = rounds::run(open_all(&rows)?, 0, ROUNDS)?;
    let counter = Counter::find();
    let instructions = CONTENDERS.iter().map(|spec| match counter {
        Some(counter) if spec.is_countable() => counter.per_row(spec).map(Some),
        _ => Ok(None),
    });
    let instructions = instructions.collect::<Result<Vec<_>>>()?;
    let figures = Table::new(
        "figures",
        CONTENDERS.iter().zip(series.iter().zip(instructions)),
        &[
            ("model", "model", &|(spec, _)| spec.model.name().into()),
            ("name", "", &|(spec, _)| spec.name.into()),
            ("contender", "contender", &|(spec, _)| spec.about().into()),
            ("rows_per_call", "", &|(spec, _)| spec.rows_per_call.into()),
            ("median_ns", "ns per row", &|(_, (series, _))| series.median(|ns| *ns).into()),
            ("fastest_ns", "fastest round", &|(_, (of, _))| of.percentile(0, |ns| *ns).into()),
            ("instructions", "instructions per row", &|(_, (_, count))| (*count).into()),
        ],
    );
    let goals = speed_goals(&series).into_iter().chain(ensemble_goals(&rows)?);
    let nodes = |kind: ModelKind| anyhow::Ok(grouped(&kind.model()?.form.nodes().to_string()));
    let about = format!(
        "Reference: {}, {} nodes; champion: {} nodes. One thread, rows in random order, binning included; processor time of that \
         thread, medians of {ROUNDS} interleaved rounds; ratios are of the same round. Pricing allocates no memory. Instructions: {}",
        reference::describe(),
        nodes(ModelKind::Reference)?,
        nodes(ModelKind::Champion)?,
        counter.map_or("not counted, because neither perf nor valgrind works here", |it| it.name),
    );
    let title = "in the same rounds, and of the reference ensemble";
    Ok(Report::new(about, [figures, Table::of_goals(title, goals)]))
}

/// Every contender, once they agree on the margins.
fn open_all(rows: &[Features]) -> Result<Vec<Contender<'_, f64>>> {
    let opened = CONTENDERS.iter().map(|spec| Ok((spec, spec.open()?)));
    let mut opened = opened.collect::<Result<Vec<_>>>()?;
    check_agreement(&mut opened, &rows[..AGREED_ROWS])?;
    let contenders = opened.into_iter().map(|(spec, mut margins)| {
        let count = rows_of_a_turn(spec, margins.as_mut(), rows)?;
        Ok(Contender::new(spec.name, move |round| {
            let first = round * count % (rows.len() - count + 1);
            ns_per_row(margins.as_mut(), &rows[first..first + count])
        }))
    });
    contenders.collect()
}

/// How many rows take about as long as a turn is to take.
#[expect(clippy::cast_possible_truncation, reason = "between one row and all of them")]
fn rows_of_a_turn(spec: &Spec, margins: &mut dyn Margins, rows: &[Features]) -> Result<usize> {
    let call = spec.rows_per_call;
    let some = &rows[..call.max(50)];
    ns_per_row(margins, some)?;
    let ns = ns_per_row(margins, some)?.max(1.0);
    let calls = (TURN.as_nanos() as f64 / ns / call as f64).ceil() as usize;
    Ok((calls * call).clamp(call, AGREED_ROWS.max(call)))
}

/// Warms up on a quarter of the rows, then measures all.
fn ns_per_row(contender: &mut dyn Margins, rows: &[Features]) -> Result<f64> {
    let mut margins = vec![0.0; rows.len()];
    contender.load(rows)?;
    contender.compute(&mut margins[..rows.len() / 4])?;
    let began = ThreadTime::now();
    contender.compute(&mut margins)?;
    Ok(began.elapsed().as_nanos() as f64 / rows.len() as f64)
}

fn speed_goals(series: &[Series<f64>]) -> Vec<Goal> {
    let of = |name: &str| series.iter().find(|series| series.name == name);
    let ratio = |one: &str, other: &str| match (of(one), of(other)) {
        (Some(one), Some(other)) => one.ratio(other, |ns| *ns),
        _ => f64::NAN,
    };
    // XGBoost in the way that is faster for it.
    let xgboost = |rows: &str| {
        let (in_place, matrix) = (format!("xgboost-{rows}"), format!("xgboost-{rows}-matrix"));
        let loupe = format!("loupe-{rows}");
        ratio(&in_place, &loupe).min(ratio(&matrix, &loupe))
    };
    let single = |name: &str| ratio(name, "loupe-single");
    let in_batches = ratio("wasm-batch", "loupe-batch");
    let champion = ratio("champion-wasm-single", "champion-single");
    let mut goals = vec![
        Goal::at_least("XGBoost / Loupe, one row per call", xgboost("single"), 20.0),
        Goal::at_least("XGBoost / Loupe, in batches", xgboost("batch"), 4.0),
        Goal::at_least("interleaved walk / Loupe, one row", single("interleaved"), 1.5),
        Goal::without_target("pointer chasing / Loupe, one row", single("pointers")),
        Goal::at_most("wasm / native, one row", single("wasm-single"), 1.4),
        Goal::without_target("wasm / native, in batches", in_batches),
        Goal::without_target("wasm / native, champion, one row", champion),
    ];
    goals.extend(CONTENDERS.iter().zip(series).filter_map(|(spec, series)| {
        let (_, most) = MOST_NS.iter().find(|(name, _)| *name == spec.name)?;
        let name = format!("{}: {}, ns per row", spec.model.name(), spec.about());
        Some(Goal::at_most(name, series.median(|ns| *ns), *most))
    }));
    goals
}

/// Decoding, loading, explaining and the memory of the reference ensemble.
fn ensemble_goals(rows: &[Features]) -> Result<Vec<Goal>> {
    let kind = ModelKind::Reference;
    let bytes = kind.blob()?;
    let image = image::encode(&bytes)?;
    let predictor = Predictor::new(kind.model()?);
    let mut decoder = Guest::with(&bytes, 1)?;
    let mut loader = Guest::with(&bytes, 1)?;
    loader.fill(&image)?;
    let contenders = vec![
        Contender::new("decoding natively, ms", |_| ms(|| Ok(blob::decode(black_box(&bytes))?))),
        Contender::new("decoding in wasm, ms", |_| ms(|| decoder.decode_again())),
        Contender::new("loading the image natively, ms", |_| {
            ms(|| Ok(image::decode(black_box(&image))?))
        }),
        Contender::new("loading the image in wasm, ms", |_| ms(|| loader.load_image_again())),
        Contender::new("explaining a price natively, ms", |round| {
            let stone = stone(&rows[round])?;
            ms(|| {
                let parts = black_box(predictor.explain(black_box(&stone)));
                ensure!(parts.is_some(), "a price cannot be explained: {stone:?}");
                Ok(())
            })
        }),
    ];
    let series = rounds::run(contenders, 0, SLOW_ROUNDS)?;
    let goals = series.into_iter().zip([3.0, 6.0, 0.3, 0.3, 5.0]).map(|(series, most)| {
        let median = series.median(|ms| *ms);
        Goal::at_most(series.name, median, most)
    });
    let mut goals: Vec<Goal> = goals.collect();
    let trees = kind.trees()?;
    let a_node = |bytes: usize| reference::per_node(bytes as u64, trees.nodes().len());
    let interleaved = InterleavedTrees::of(&trees)?.bytes();
    let walked = a_node(trees.walking_bytes());
    goals.extend([
        Goal::at_most("memory that pricing reads, bytes per node", walked, 8.0),
        Goal::without_target("the same of the interleaved walk", a_node(interleaved)),
        Goal::without_target("the image, bytes per node", a_node(image.len())),
    ]);
    Ok(goals)
}

/// Milliseconds of this thread, until the result is dropped.
fn ms<T>(work: impl FnOnce() -> Result<T>) -> Result<f64> {
    let began = ThreadTime::now();
    drop(black_box(work()?));
    Ok(1e3 * began.elapsed().as_secs_f64())
}
