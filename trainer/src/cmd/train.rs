//! `trainer train`: trains models of every family and promotes the best.

mod arguments;

mod begin;

mod trial_log;

mod report;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

pub(super) use self::arguments::Arguments;
use self::begin::begin;
pub(super) use self::report::{decision, describe, report};
use self::trial_log::RunTrialStore;
use super::stop::Stop;
use super::{Context, Failure, columns, errors, metric};
use crate::cli::{ListArgs, TrainArgs};
use data::dataset::Dataset;
use data::delivery::{Delivery, InputFile, Rename};
use data::list_rule::ListRule;
use data::sample::Draw;
use data::split::Split;
use data::version::Version;
use learning::learners::LEARNERS;
use learning::parallel::use_threads;
use learning::progress::Progress;
use learning::stop::Interruption;
use learning::train::{Candidate, train};
use learning::trial_store::TrialStore;
use learning::{LearnError, TrainingContext, price_lists};
use registry::database::Database;
use registry::gate::{self, GateVerdict};
use registry::store;
use registry::{Registry, RegistryError, Run, TrialEntry};

const OF_FILES_ONLY: &str = "--price-list, --price-list-by and --prices-in are of the files of --data and --holdout; the rows of the database have what `trainer ingest` was told";

pub(super) async fn run(context: &Context, args: &TrainArgs) -> Result<()> {
    let progress = Progress::new();
    let (arguments, resumed) = match &args.resume {
        Some(asked) => {
            let entry = context.registry().await?.find_run(asked).await?;
            (Arguments::of_run(&entry, &args.training)?, Some(entry.run))
        }
        None => (Arguments::of(args), None),
    };
    let (sample, seed) = (arguments.sample()?, arguments.training.seed);
    // As they were typed; a run that is resumed has kept them from the root.
    let data = args.data.as_ref().or(arguments.data.as_ref());
    let holdout = args.holdout.as_ref().or(arguments.holdout.as_ref());
    // Files first: where one is no data, nothing has been made or migrated yet.
    let lists = arguments.lists;
    let is_of_files = data.or(holdout).is_some();
    ensure!(is_of_files || !lists.are_given(), Failure::Usage(String::from(OF_FILES_ONLY)));
    let mut file = data.map(|file| read_listed(file, lists, &progress)).transpose()?;
    if let Some(rows) = file {
        let draw = Draw::of(sample, seed, rows.len() as u64, &rows.source)?;
        file = Some(rows.drawn(draw));
    }
    let holdout = holdout.map(|file| read_listed(file, lists, &progress)).transpose()?;
    let database = Database::open_or_make(&context.place).await?;
    let dataset = match file {
        Some(dataset) => dataset,
        None => {
            let connection = database.connect().await?;
            let source = format!("the database {}", database.place());
            let rows = store::count(&connection).await?;
            match Draw::of(sample, seed, rows, &source)? {
                None => store::load(&connection, source).await?,
                Some(draw) => store::load_drawn(&connection, source, draw).await?,
            }
        }
    };
    let (say, finish) = (progress.clone(), progress.clone());
    let first = move |_: &str| {
        say.say("ending as soon as what is being computed has stopped; once more ends at once");
    };
    let second = move || {
        finish.finish();
        std::process::exit(1);
    };
    let stop = Stop::listen(first, second)?;
    let order = Order {
        dataset: &dataset,
        holdout: holdout.as_ref(),
        arguments,
        resumed,
        interruption: &stop.interruption,
    };
    let outcome = train_and_promote(&database, &order, &progress).await?;
    progress.finish();
    context.print(&report(&outcome, &dataset), || describe(&outcome))
}

/// What is to be trained.
pub(super) struct Order<'a> {
    pub(super) dataset: &'a Dataset,
    /// The rows to measure on, where they are not a part of the data set.
    pub(super) holdout: Option<&'a Dataset>,
    pub(super) arguments: Arguments,
    /// The run to go on with.
    pub(super) resumed: Option<Run>,
    pub(super) interruption: &'a Interruption,
}

/// What became of it.
pub(super) struct Outcome {
    pub(super) run: Run,
    pub(super) candidates: Vec<Candidate>,
    /// The families that gave no model, with the reason.
    pub(super) failures: Vec<Value>,
    pub(super) verdict: GateVerdict,
    /// Every setting that was tried.
    pub(super) trials: Vec<TrialEntry>,
}

/// Why a run gave no model.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfinished {
    /// Someone asked for an end; nothing is wrong.
    #[error(
        "interrupted after {trials} trials of {family}; they are kept; go on with `trainer train --resume {run_id}`"
    )]
    Interrupted { trials: usize, family: &'static str, run_id: String },
    #[error("no family could be trained; each says why above")]
    NothingTrained,
}

/// The models of a run, and the families that gave none with the reason.
type Trained = (Vec<Candidate>, Vec<Value>);

/// Trains every family, lets the gate decide and keeps the run with all of it. Where it fails, no model was registered and
/// the champion is who it was.
pub(super) async fn train_and_promote(
    database: &Database,
    order: &Order<'_>,
    progress: &Progress,
) -> Result<Outcome> {
    let training = &order.arguments.training;
    let split = match order.holdout {
        Some(holdout) => Split::by_file(order.dataset, holdout)?,
        None => Split::seeded(order.dataset, training.seed)?,
    };
    if let Some(sentence) = split.dropped.to_sentence() {
        progress.say(&sentence);
    }
    let registry = Registry::new(database.connect().await?);
    let (run, known, past) = begin(&registry, order, &split).await?;
    progress.say(&format!(
        "run {}: training on {} rows, measuring on {}",
        run.id,
        split.train.len(),
        split.holdout.len()
    ));

    registry.keep(&versions(order, progress)).await?;
    let (trial_store, writer) = RunTrialStore::open(database.place(), &run.id, known, past).await?;
    let trained = train_all(order, &split, &trial_store, progress);
    if let Err(error) = trial_store.close(writer).await {
        progress.say(&format!("trials could not be kept: {error}"));
    }

    // A connection of its own: a remote one would not have outlived the training.
    let registry = Registry::new(database.connect().await?);
    let trials = registry.trials(&run.id).await?;
    let (candidates, failures) = match trained {
        Ok((candidates, failures)) if !candidates.is_empty() => (candidates, failures),
        Ok(_) => {
            registry.end(&run.id, &Unfinished::NothingTrained.to_string()).await?;
            bail!(Unfinished::NothingTrained);
        }
        Err(family) => {
            let is_settled =
                |entry: &&TrialEntry| entry.family == family && entry.trial.is_settled();
            let trials = trials.iter().filter(is_settled).count();
            bail!(Unfinished::Interrupted { trials, family, run_id: run.id });
        }
    };
    let verdict = record(&registry, &run, &candidates, &split, training.no_promote).await?;
    Ok(Outcome { run, candidates, failures, verdict, trials })
}

/// The rows of a run, to be kept with it.
fn versions(order: &Order<'_>, progress: &Progress) -> Vec<Version> {
    let datasets = std::iter::once(order.dataset).chain(order.holdout);
    let keep = |dataset: &Dataset| {
        let version = Version::of(dataset);
        if version.is_none() {
            let source = &dataset.source;
            progress.say(&format!("the rows of {source} are too many to be kept; keep the file"));
        }
        version
    };
    datasets.filter_map(keep).collect()
}

/// The rows of a file. Says which columns are ignored and which rows are left out.
pub(super) fn read(
    file: &Path,
    renames: &[Rename],
    rule: ListRule,
    progress: &Progress,
) -> Result<Dataset> {
    let input = InputFile::open(file, renames)?.with_lists(rule);
    Ok(dataset(Delivery::of(&input)?, progress))
}

/// The same for rows that do not say everything themselves.
fn read_listed(file: &Path, lists: ListArgs, progress: &Progress) -> Result<Dataset> {
    let mut dataset = read(file, &[], lists.rule(), progress)?;
    dataset.prices_in = lists.prices_in;
    Ok(dataset)
}

fn dataset(delivery: Delivery, progress: &Progress) -> Dataset {
    if let Some(sentence) = &delivery.ignored {
        progress.say(&format!("{}: {sentence}", delivery.file.display()));
    }
    let dataset = Dataset::from_delivery(delivery);
    for row in &dataset.rejected {
        for error in &row.errors {
            progress.say(&format!("{}:{}: left out: {error}", dataset.source, row.line));
        }
    }
    dataset
}

/// Trains the families, or gives the one whose search was interrupted.
fn train_all(
    order: &Order<'_>,
    split: &Split<'_>,
    trial_store: &dyn TrialStore,
    progress: &Progress,
) -> Result<Trained, &'static str> {
    let args = &order.arguments.training;
    use_threads(args.threads.map_or(0, usize::from));
    let timeout = args.timeout_seconds.map(Duration::from_secs);
    let lesson = TrainingContext {
        stones: &split.train,
        price_lists: price_lists::learn(&split.train),
        seed: args.seed,
        folds: usize::from(args.folds),
        trials: usize::from(args.trials),
        deadline: timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
        interruption: order.interruption,
        trial_store,
        progress,
    };
    let (mut candidates, mut failures) = (Vec::new(), Vec::new());
    for learner in LEARNERS.iter().filter(|learner| args.families.iter().any(|f| f == learner.name))
    {
        // One family that cannot bear the data takes no other with it.
        let candidate = match train(learner, &lesson, order.dataset, split, args.exact_leaves) {
            Ok(candidate) => candidate,
            Err(LearnError::Interrupted) => {
                return Err(learner.name);
            }
            Err(error) => {
                let reason = format!("{}: {error}", learner.name);
                progress.say(&format!("{}: not trained: {reason}", learner.name));
                failures.push(json!({ "family": learner.name, "reason": reason }));
                continue;
            }
        };
        progress.say(&format!(
            "{}: holdout MAE {:.2} after {:.1} s",
            learner.name, candidate.holdout_mae, candidate.registration.seconds
        ));
        candidates.push(candidate);
    }
    Ok((candidates, failures))
}

/// Keeps the run. Where another command changed the champion meanwhile, the comparison is made again with the
/// new one: training took its time and is not thrown away.
async fn record(
    registry: &Registry,
    run: &Run,
    candidates: &[Candidate],
    split: &Split<'_>,
    no_promote: bool,
) -> Result<GateVerdict> {
    let registrations: Vec<_> =
        candidates.iter().map(|candidate| candidate.registration.clone()).collect();
    loop {
        let verdict = gate::judge(registry, candidates, split, no_promote).await?;
        let decision = verdict.decision.as_ref();
        match registry.record(run, &registrations, decision, &verdict.reason).await {
            Err(RegistryError::Overtaken { .. }) => {}
            result => return Ok(result.map(|()| verdict)?),
        }
    }
}
