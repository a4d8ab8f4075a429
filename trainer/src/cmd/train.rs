//! `trainer train`: trains models of every family and promotes the best.

mod arguments;

mod begin;

mod trial_log;

mod report;

mod signals;

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

pub(super) use self::arguments::Arguments;
use self::begin::{begin, known};
pub(super) use self::report::{describe, report};
use self::trial_log::RunTrialStore;
use super::{Context, Failure, metric, table};
use crate::cli::{TrainArgs, TrainingArgs};
use data::dataset::Dataset;
use data::delivery::Delivery;
use data::sample::{Draw, SampleSize};
use data::split::Split;
use data::version::Version;
use learning::learners::LEARNERS;
use learning::parallel::use_threads;
use learning::progress::Progress;
use learning::stop::Interruption;
use learning::train::{Candidate, TrainError, train};
use learning::trial_store::TrialStore;
use learning::{LearnError, TrainingContext};
use registry::database::Database;
use registry::gate::{self, GateVerdict};
use registry::store;
use registry::{Registry, RegistryError, Run, RunEntry, TrialEntry};

pub(super) async fn run(context: &Context, args: &TrainArgs) -> Result<()> {
    let progress = Context::progress();
    let resumed = match &args.resume {
        Some(asked) => Some(context.registry().await?.find_run(asked).await?),
        None => None,
    };
    let arguments = match &resumed {
        Some(entry) => Arguments::of_run(entry)?,
        None => Arguments::of(args),
    };
    let training = match &resumed {
        Some(_) => arguments.training(&args.training),
        None => args.training.clone(),
    };
    let drawn = Drawn { sample: arguments.sample()?, seed: training.seed };
    // As they were typed; a run that is resumed has kept them from the root.
    let (data, holdout) = match &resumed {
        Some(_) => (&arguments.data, &arguments.holdout),
        None => (&args.data, &args.holdout),
    };
    // Files first: where one is no data, nothing has been made or migrated yet.
    let file = data.as_deref().map(|file| read(file, &progress)).transpose()?;
    let file = file.map(|dataset| drawn.of_file(dataset)).transpose()?;
    let holdout = holdout.as_deref().map(|file| read(file, &progress)).transpose()?;
    let database = Database::open_or_make(&context.place).await?;
    let dataset = match file {
        Some(dataset) => dataset,
        None => {
            let source = format!("the database {}", database.place());
            drawn.of_table(&database, source).await?
        }
    };
    let interruption = signals::interruption(&progress)?;
    let order = Order {
        dataset: &dataset,
        holdout: holdout.as_ref(),
        training: &training,
        no_promote: arguments.no_promote,
        arguments,
        resumed,
        interruption: &interruption,
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
    pub(super) training: &'a TrainingArgs,
    pub(super) no_promote: bool,
    /// What the command was asked, for the registry.
    pub(super) arguments: Arguments,
    /// The run to go on with.
    pub(super) resumed: Option<RunEntry>,
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

/// What the families gave.
enum Trained {
    All { candidates: Vec<Candidate>, failures: Vec<Value> },
    Interrupted { family: &'static str },
}

/// Trains every family, lets the gate decide and keeps the run with all of it.
///
/// # Errors
///
/// Anything; where one is returned no model was registered and the champion is who it was.
pub(super) async fn train_and_promote(
    database: &Database,
    order: &Order<'_>,
    progress: &Progress,
) -> Result<Outcome> {
    let (dataset, training) = (order.dataset, order.training);
    let split = match order.holdout {
        Some(holdout) => Split::by_file(dataset, holdout)?,
        None => Split::seeded(dataset, training.seed)?,
    };
    if let Some(sentence) = split.dropped.to_sentence() {
        progress.say(&sentence);
    }
    let registry = Registry::new(database.connect().await?);
    let (run, past) = begin(&registry, order, &split).await?;
    progress.say(&format!(
        "run {}: training on {} rows, measuring on {}",
        run.id,
        split.train.len(),
        split.holdout.len()
    ));

    registry.keep(&versions(order, progress)).await?;
    let known = known(&run.arguments);
    let (trial_store, writer) = RunTrialStore::open(database.place(), &run.id, known, past).await?;
    let trained = train_all(order, &split, &trial_store, progress);
    if let Err(error) = writer.finish(trial_store).await {
        progress.say(&format!("trials could not be kept: {error}"));
    }

    // A connection of its own: a remote one would not have outlived the training.
    let registry = Registry::new(database.connect().await?);
    let trials = registry.trials(&run.id).await?;
    let (candidates, failures) = match trained {
        Trained::All { candidates, failures } if !candidates.is_empty() => (candidates, failures),
        Trained::All { .. } => {
            let why = "no family could be trained; each says why above";
            registry.end(&run.id, why).await?;
            return Err(Failure::Failed(why.to_owned()).into());
        }
        Trained::Interrupted { family } => {
            let is_settled =
                |entry: &&TrialEntry| entry.family == family && entry.trial.is_settled();
            let count = trials.iter().filter(is_settled).count();
            let id = &run.id;
            return Err(Failure::Interrupted(format!(
                "interrupted after {count} trials of {family}; they are kept; go on with `trainer train --resume {id}`"
            ))
            .into());
        }
    };
    let verdict = record(&registry, &run, &candidates, &split, order.no_promote).await?;
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

/// Which rows are wanted of those that there are.
struct Drawn {
    sample: Option<SampleSize>,
    seed: u64,
}

impl Drawn {
    async fn of_table(&self, database: &Database, source: String) -> Result<Dataset> {
        let connection = database.connect().await?;
        let rows = store::count(&connection).await?;
        Ok(match Draw::of(self.sample, self.seed, rows, &source)? {
            None => store::load(&connection, source).await?,
            Some(draw) => store::load_drawn(&connection, source, draw).await?,
        })
    }

    fn of_file(&self, dataset: Dataset) -> Result<Dataset> {
        let rows = dataset.len() as u64;
        let draw = Draw::of(self.sample, self.seed, rows, &dataset.source)?;
        Ok(dataset.drawn(draw))
    }
}

/// The rows of a file; each one that is left out is said.
fn read(file: &Path, progress: &Progress) -> Result<Dataset> {
    let dataset = Dataset::from_delivery(Delivery::read(file)?);
    for row in &dataset.rejected {
        for error in &row.errors {
            progress.say(&format!("{}:{}: left out: {error}", file.display(), row.line));
        }
    }
    Ok(dataset)
}

fn train_all(
    order: &Order<'_>,
    split: &Split<'_>,
    trial_store: &dyn TrialStore,
    progress: &Progress,
) -> Trained {
    let args = order.training;
    use_threads(args.threads.map_or(0, usize::from));
    let lesson = TrainingContext {
        stones: &split.train,
        seed: args.seed,
        folds: usize::from(args.folds),
        trials: usize::from(args.trials),
        deadline: args.timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
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
            Err(TrainError::Learn { family, source: LearnError::Interrupted }) => {
                return Trained::Interrupted { family };
            }
            Err(error) => {
                progress.say(&format!("{}: not trained: {error}", learner.name));
                failures.push(json!({ "family": learner.name, "reason": error.to_string() }));
                continue;
            }
        };
        progress.say(&format!(
            "{}: holdout MAE {:.2} after {:.1} s",
            learner.name, candidate.holdout_mae, candidate.registration.seconds
        ));
        candidates.push(candidate);
    }
    Trained::All { candidates, failures }
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
