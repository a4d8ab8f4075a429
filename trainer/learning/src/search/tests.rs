//! Tests the search on a cheap function whose minimum is known.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::Deserialize;

use super::*;
use crate::parallel::use_threads;
use crate::progress::Progress;
use crate::stop::Interruption;
use crate::trial_store::MemoryStore;

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
struct Point {
    x: f64,
    y: f64,
}

impl MemoryStore {
    /// What was tried and how it ended; how long it took does not matter.
    fn told(&self) -> Vec<Trial> {
        let trials = self.trials.lock().unwrap();
        trials.values().map(|trial| Trial { seconds: 0.0, ..trial.clone() }).collect()
    }
}

/// How the bowl is searched.
struct Case<'a> {
    seed: u64,
    trials: usize,
    deadline: Option<Instant>,
    interruption: &'a Interruption,
    defaults: Option<Value>,
}

static NOBODY: Interruption = Interruption::new();

impl Case<'_> {
    fn of(trials: usize) -> Case<'static> {
        Case { seed: 42, trials, deadline: None, interruption: &NOBODY, defaults: None }
    }

    fn search(
        &self,
        notes: &MemoryStore,
        folds: usize,
        evaluate: impl Fn(&Point, usize, &mut FoldObserver<'_>) -> Result<(), LearnError> + Sync,
    ) -> Result<Best<Point>, LearnError> {
        let context = TrainingContext {
            price_lists: inference::PriceLists::NONE,
            stones: &[],
            seed: self.seed,
            folds: 2,
            trials: self.trials,
            deadline: self.deadline,
            interruption: self.interruption,
            trial_store: notes,
            progress: &Progress::new(),
        };
        let search = Search {
            context: &context,
            family: "bowl",
            ranges: &[Range::even("x", 0.0, 10.0), Range::log("y", 1e-3, 1.0)],
            trials: self.trials,
            folds,
            defaults: self.defaults.clone(),
        };
        search.run(evaluate)
    }

    /// Looks for the lowest point of a bowl at (3, 0.1), 200 rounds a fold. `each_round` is called before every round.
    fn run(
        &self,
        notes: &MemoryStore,
        each_round: impl Fn() + Sync,
    ) -> Result<Best<Point>, LearnError> {
        self.search(notes, 2, |spot, fold, observer| {
            let depth = (spot.x - 3.0).powi(2) + (spot.y.ln() - 0.1_f64.ln()).powi(2);
            for round in 1..=200_u32 {
                each_round();
                let error = depth + if fold == 0 { 0.0 } else { 1.0 } + 100.0 / f64::from(round);
                if observer.report_round(error) == ControlFlow::Break(()) {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn count(trials: &[Trial], ended: Ended) -> usize {
    trials.iter().filter(|trial| trial.ended == ended).count()
}

#[test]
fn the_same_seed_tries_the_same_settings_on_any_threads() {
    let tried = |seed: u64, threads: usize| {
        let notes = MemoryStore::default();
        let case = Case { seed, ..Case::of(30) };
        // Other tests run at the same time with as many threads then, which changes nothing for them.
        use_threads(threads);
        let best = case.run(&notes, || ()).unwrap();
        use_threads(0);
        (notes.told(), best.settings, best.mae)
    };
    let one = tried(42, 1);
    assert_eq!(one.0.len(), 30);
    assert!(count(&one.0, Ended::Pruned) > 0, "{:#?}", one.0);
    for threads in [2, 3, 8] {
        assert_eq!(tried(42, threads), one, "{threads} threads");
    }
    assert_ne!(tried(43, 1).0, one.0);
}

#[test]
fn a_search_learns_from_its_trials() {
    let best = Case::of(60).run(&MemoryStore::default(), || ()).unwrap();
    assert_eq!(best.trials, 60);
    assert!((best.settings.x - 3.0).abs() < 0.5, "{best:?}");
    assert!(best.mae <= Case::of(20).run(&MemoryStore::default(), || ()).unwrap().mae);
}

#[test]
fn a_search_does_better_than_chance() {
    // How far above the lowest point searches of 30 trials end, in the mean of twenty seeds. Chance alone ends at 0.7.
    let above = |seed| {
        let best = Case { seed, ..Case::of(30) }.run(&MemoryStore::default(), || ()).unwrap();
        best.mae.unwrap() - 1.0
    };
    let mean = (0..20).map(above).sum::<f64>() / 20.0;
    assert!(mean < 0.6, "{mean}");
}

#[test]
fn what_falls_behind_is_given_up_and_never_the_best() {
    let notes = MemoryStore::default();
    let best = Case::of(40).run(&notes, || ()).unwrap();
    let trials = notes.told();
    let pruned: Vec<&Trial> = trials.iter().filter(|t| t.ended == Ended::Pruned).collect();
    assert_eq!(pruned.len(), best.pruned);
    assert!(!pruned.is_empty());
    // No trial of the first two batches has enough trials before it.
    assert!(pruned.iter().all(|trial| trial.number >= 8 && trial.score.is_none()));
    assert!(pruned.iter().all(|trial| trial.reason.contains("behind")), "{pruned:#?}");
    let lowest = trials.iter().filter_map(|trial| trial.score).min_by(f64::total_cmp);
    assert_eq!(best.mae, lowest);
}

#[test]
fn known_settings_come_first_and_then_the_defaults() {
    let notes =
        MemoryStore { known: Some(json!({ "x": 3.0, "y": 0.1 })), ..MemoryStore::default() };
    let defaults = Some(json!({ "x": 99.0, "y": 0.5 }));
    let best = Case { defaults, ..Case::of(8) }.run(&notes, || ()).unwrap();
    let told = notes.told();
    assert_eq!(told[0].params, json!({ "x": 3.0, "y": 0.1 }));
    assert_eq!(told[1].params, json!({ "x": 10.0, "y": 0.5 }));
    assert_eq!(best.settings, Point { x: 3.0, y: 0.1 });
}

#[test]
fn a_resumed_search_tries_what_it_would_have_tried() {
    let (whole, all_rounds) = (MemoryStore::default(), AtomicUsize::new(0));
    let count_one = |rounds: &AtomicUsize| rounds.fetch_add(1, Ordering::Relaxed);
    let best = Case::of(30).run(&whole, || _ = count_one(&all_rounds)).unwrap();
    let all_rounds = all_rounds.into_inner();
    for rounds in [1, 900, 2500, 4000] {
        let notes = MemoryStore::default();
        let (interruption, done) = (Interruption::new(), AtomicUsize::new(0));
        let case = Case { interruption: &interruption, ..Case::of(30) };
        let result = case.run(&notes, || {
            if count_one(&done) + 1 >= rounds {
                interruption.ask();
            }
        });
        assert!(matches!(result, Err(LearnError::Interrupted)), "{result:?}");
        let cut = notes.told();
        assert!(cut.len() < 30 && count(&cut, Ended::Interrupted) > 0, "{cut:#?}");
        let done = AtomicUsize::new(0);
        let again = Case::of(30).run(&notes, || _ = count_one(&done)).unwrap();
        assert_eq!((again.settings, again.mae), (best.settings, best.mae));
        assert_eq!(notes.told(), whole.told(), "after {rounds} rounds");
        // What had been settled was not done again.
        let settled: usize = if rounds > 1000 { 800 } else { 0 };
        assert!(done.into_inner() + settled <= all_rounds, "{rounds} of {all_rounds}");
    }
}

#[test]
fn a_trial_that_this_build_would_not_try_ends_the_search() {
    let notes = MemoryStore::default();
    Case::of(4).run(&notes, || ()).unwrap();
    notes.trials.lock().unwrap().get_mut(&2).unwrap().params["x"] = json!(1.5);
    let result = Case::of(4).run(&notes, || ());
    assert!(matches!(result, Err(LearnError::NotTheSameTrial { number: 2, .. })), "{result:?}");
}

#[test]
fn a_search_without_time_takes_the_first_settings() {
    let past = Instant::now().checked_sub(Duration::from_secs(1));
    let defaults = Some(json!({ "x": 4.0, "y": 0.5 }));
    let case = Case { deadline: past, defaults, ..Case::of(20) };
    let notes = MemoryStore::default();
    let best = case.run(&notes, || ()).unwrap();
    assert_eq!((best.settings, best.mae), (Point { x: 4.0, y: 0.5 }, None));
    assert_eq!((best.trials, notes.told().len()), (0, 0));
}

#[test]
fn time_that_is_up_in_mid_trial_stops_the_trial() {
    let case = Case { deadline: Some(Instant::now() + Duration::from_millis(200)), ..Case::of(1) };
    let began = Instant::now();
    let notes = MemoryStore::default();
    // The trial would take 4 seconds.
    let best = case.run(&notes, || std::thread::sleep(Duration::from_millis(10))).unwrap();
    assert!(began.elapsed() < Duration::from_secs(2));
    let told = notes.told();
    assert_eq!((told.len(), told[0].ended, best.mae), (1, Ended::Timeout, None));
    assert!(told[0].reason.contains("time was up after"), "{}", told[0].reason);
    assert_eq!(told[0].folds.len(), 1);
}

#[test]
fn a_trial_that_fails_is_none_and_a_batch_of_them_is_the_end() {
    let check = |fails: fn(f64) -> bool| {
        let notes = MemoryStore::default();
        let result = Case::of(12).search(&notes, 1, |spot, _, observer| {
            if fails(spot.x) {
                return Err(LearnError::Alike { one: "a", other: "b" });
            }
            let _ = observer.report_round(spot.x);
            Ok(())
        });
        (result, notes.told())
    };
    let (all, told) = check(|_| true);
    assert!(matches!(all, Err(LearnError::Alike { .. })), "{all:?}");
    assert_eq!((told.len(), count(&told, Ended::Failed)), (4, 4));
    let (some, told) = check(|x| x < 4.0);
    assert!(some.unwrap().settings.x >= 4.0);
    assert!(count(&told, Ended::Failed) > 0 && told.len() == 12);
}
