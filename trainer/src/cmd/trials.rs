//! `trainer trials`: shows the trials of a run and what each added.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Context, Piece, table};
use crate::cli::TrialsArgs;
use learning::trial::{Ended, Trial};
use registry::{Registry, RegistryError, RunEntry, TrialEntry};

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
    match registry.find_run(asked).await {
        Err(RegistryError::NoSuchRun { asked, known }) => {
            let Ok(model) = registry.find(&asked).await else {
                return Err(RegistryError::NoSuchRun { asked, known });
            };
            let runs = registry.runs_of(&model.id).await?;
            match runs.last().and_then(|run| run["id"].as_str()) {
                Some(id) => registry.find_run(id).await,
                None => Err(RegistryError::NoSuchRun { asked, known }),
            }
        }
        result => result,
    }
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
    let end = match (&entry.finished_at, &entry.outcome) {
        (Some(at), outcome) => {
            format!("finished {at}: {}", outcome.as_deref().unwrap_or("no outcome"))
        }
        (None, _) => format!(
            "has not finished: it runs, or was interrupted, and goes on with `trainer train --resume {}`",
            entry.run.id
        ),
    };
    let line = |line: String| Piece::Line(line);
    let mut pieces =
        vec![line(format!("run {}, started {}, {end}", entry.run.id, entry.run.started_at))];
    if trials.is_empty() {
        pieces.push(line(String::from("no search was part of it")));
    }
    for search in by_family(trials) {
        let mut table =
            table(&["family", "settings", "trial", "MAE", "best", "rounds", "seconds", "ended"]);
        for words in [1, 7] {
            if let Some(column) = table.column_mut(words) {
                column.set_cell_alignment(comfy_table::CellAlignment::Left);
            }
        }
        for (TrialEntry { family, trial, .. }, best) in search.iter().zip(best_so_far(search)) {
            table.add_row(std::iter::once(family.clone()).chain(row(trial, best)));
        }
        pieces.push(Piece::Table(table));
        let gain: Vec<String> =
            gain(search).iter().map(|(count, mae)| format!("{mae:.2} after {count}")).collect();
        pieces.push(line(format!("best MAE of the search: {}", gain.join(", "))));
    }
    pieces
}

fn row(trial: &Trial, best: Option<f64>) -> Vec<String> {
    let usd = |mae: Option<f64>| mae.map_or_else(|| String::from("-"), |mae| format!("{mae:.2}"));
    let settings = trial.params.as_object().into_iter().flatten();
    let settings: Vec<String> = settings.map(|(name, value)| format!("{name} {value}")).collect();
    vec![
        settings.join(", "),
        trial.number.to_string(),
        usd(trial.score),
        usd(best),
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
