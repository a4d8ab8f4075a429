//! `trainer trials`: shows the trials of a run and what each added.

use anyhow::Result;
use serde_json::{Value, json};

use super::table::align_left;
use super::{Context, Piece, figure, table};
use crate::cli::TrialsArgs;
use learning::trial::{Ended, Trial};
use registry::{Registry, RegistryError, Run, RunEntry, TrialEntry};

/// After how many trials the lowest error so far is told.
const TOLD_AFTER: &[usize] = &[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

pub(super) async fn run(context: &Context, args: &TrialsArgs) -> Result<()> {
    let registry = context.registry().await?;
    let entry = find(&registry, &args.id).await?;
    let trials = registry.trials(&entry.run.id).await?;
    let document = json!({
        "run_id": entry.run.id,
        "started_at": entry.run.started_at,
        "finished_at": entry.finished_at,
        "outcome": entry.outcome,
        "arguments": entry.run.arguments,
        "searches": summary(&trials),
        "trials": trials.iter().map(TrialEntry::to_json).collect::<Vec<_>>(),
    });
    context.print_pieces(args.layout, &document, || describe(&entry, &trials))
}

/// The run of an id, or the last one that gave the model of an id.
async fn find(registry: &Registry, asked: &str) -> Result<RunEntry, RegistryError> {
    let found = registry.find_run(asked).await;
    if let Err(RegistryError::NoSuchRun { .. }) = &found
        && let Ok(model) = registry.find(asked).await
        && let Some(run) = registry.runs_of(&model.id).await?.last()
        && let Some(id) = run["id"].as_str()
    {
        return registry.find_run(id).await;
    }
    found
}

/// The searches of a run, each with how its trials ended and what they found.
pub(super) fn summary(trials: &[TrialEntry]) -> Value {
    by_family(trials).map(summary_of).collect()
}

fn summary_of(search: &[TrialEntry]) -> Value {
    let count = |ended: Ended| search.iter().filter(|entry| entry.trial.ended == ended).count();
    let gain = gain(search);
    json!({
        "family": search.first().map(|entry| entry.family.as_str()),
        "trials": search.len(),
        "finished": count(Ended::Finished),
        "pruned": count(Ended::Pruned),
        "timeout": count(Ended::Timeout),
        "interrupted": count(Ended::Interrupted),
        "failed": count(Ended::Failed),
        "seconds": search.iter().map(|entry| entry.trial.seconds).sum::<f64>(),
        "mae": gain.last().map(|(_, mae)| mae),
        "gain": gain
            .iter()
            .map(|(trials, mae)| json!({ "trials": trials, "mae": mae }))
            .collect::<Vec<_>>(),
    })
}

/// The lowest error after 1, 2, 5, 10, … trials and after all: what more of them would have been worth.
fn gain(search: &[TrialEntry]) -> Vec<(usize, f64)> {
    let best = best_so_far(search);
    let told = TOLD_AFTER.iter().copied().filter(|count| *count < best.len()).chain([best.len()]);
    told.filter_map(|count| Some((count, (*best.get(count.checked_sub(1)?)?)?))).collect()
}

/// The lowest error up to each trial; none before the first that has one.
fn best_so_far(search: &[TrialEntry]) -> Vec<Option<f64>> {
    let lower = |best: &mut Option<f64>, entry: &TrialEntry| {
        *best = (*best).into_iter().chain(entry.trial.score).min_by(f64::total_cmp);
        Some(*best)
    };
    search.iter().scan(None, lower).collect()
}

fn by_family(trials: &[TrialEntry]) -> impl Iterator<Item = &[TrialEntry]> {
    trials.chunk_by(|one, other| one.family == other.family)
}

fn describe(entry: &RunEntry, trials: &[TrialEntry]) -> Vec<Piece> {
    let Run { id, started_at, .. } = &entry.run;
    let outcome = entry.outcome.as_deref().unwrap_or("no outcome");
    let end = match &entry.finished_at {
        Some(at) => format!("finished {at}: {outcome}"),
        None => format!(
            "has not finished: it runs, or was interrupted, and goes on with `trainer train --resume {id}`"
        ),
    };
    let mut pieces = vec![Piece::Line(format!("run {id}, started {started_at}, {end}"))];
    if trials.is_empty() {
        pieces.push(Piece::Line(String::from("no search was part of it")));
    }
    for search in by_family(trials) {
        let mut table =
            table(&["family", "settings", "trial", "MAE", "best", "rounds", "seconds", "ended"]);
        align_left(&mut table, 1);
        align_left(&mut table, 7);
        for (TrialEntry { family, trial, .. }, best) in search.iter().zip(best_so_far(search)) {
            table.add_row(std::iter::once(family.clone()).chain(row(trial, best)));
        }
        pieces.push(Piece::Table(table.into()));
        let gain: Vec<String> =
            gain(search).iter().map(|(count, mae)| format!("{mae:.2} after {count}")).collect();
        pieces.push(Piece::Line(format!("best MAE of the search: {}", gain.join(", "))));
    }
    pieces
}

fn row(trial: &Trial, best: Option<f64>) -> Vec<String> {
    let settings = trial.params.as_object().into_iter().flatten();
    let settings: Vec<String> = settings.map(|(name, value)| format!("{name} {value}")).collect();
    vec![
        settings.join(", "),
        trial.number.to_string(),
        figure(trial.score, 2),
        figure(best, 2),
        trial.rounds().map_or_else(|| String::from("-"), |rounds| rounds.to_string()),
        format!("{:.1}", trial.seconds),
        format!("{}: {}", trial.ended.name(), trial.reason),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gain_is_told_at_round_numbers_and_at_the_end() {
        let check = |scores: &[Option<f64>], expected: &[(usize, f64)]| {
            let search: Vec<TrialEntry> = scores
                .iter()
                .enumerate()
                .map(|(number, score)| TrialEntry {
                    family: String::from("bowl"),
                    trial: Trial {
                        number,
                        params: json!({}),
                        folds: Vec::new(),
                        score: *score,
                        seconds: 1.0,
                        ended: Ended::Finished,
                        reason: String::new(),
                    },
                })
                .collect();
            assert_eq!(gain(&search), expected, "{scores:?}");
        };
        check(&[], &[]);
        check(&[None, None], &[]);
        check(&[Some(3.0)], &[(1, 3.0)]);
        check(
            &[None, Some(3.0), Some(4.0), None, Some(2.0), Some(1.0)],
            &[(2, 3.0), (5, 2.0), (6, 1.0)],
        );
    }
}
