//! The gate: whether a challenger replaces the champion, and why.

use inference::{ModelId, Predictor};

use crate::data::split::Split;
use crate::evaluate;
use crate::registry::{Decision, Registry, RegistryError};
use crate::train::Candidate;

/// Who is to be champion after a run, and why.
pub(crate) struct Verdict {
    pub(crate) champion: Option<String>,
    /// The promotion, where there is one.
    pub(crate) decision: Option<Decision>,
    pub(crate) reason: String,
}

/// Compares the best new model with the champion, both on the held-out rows of this run.
///
/// # Errors
///
/// The registry's own.
pub(crate) async fn judge(
    registry: &Registry,
    candidates: &[Candidate],
    split: &Split<'_>,
    no_promote: bool,
) -> Result<Verdict, RegistryError> {
    let against = registry.champion().await?;
    let stays = |reason: String| Verdict { champion: against.clone(), decision: None, reason };
    if no_promote {
        return Ok(stays(String::from("not promoted: --no-promote was given")));
    }
    let best = candidates.iter().min_by(|one, other| one.holdout_mae.total_cmp(&other.holdout_mae));
    let Some(best) = best else { return Ok(stays(String::from("no model was trained"))) };
    let id = ModelId::of(&best.registration.blob).to_string();
    let rows = split.holdout.len();
    let promoted = |reason: String| Verdict {
        champion: Some(id.clone()),
        decision: Some(Decision {
            id: id.clone(),
            against: against.clone(),
            reason: reason.clone(),
        }),
        reason,
    };
    let Some(champion) = &against else {
        return Ok(promoted(format!(
            "the first champion: holdout MAE {:.2} on {rows} rows",
            best.holdout_mae
        )));
    };
    if *champion == id {
        return Ok(stays(String::from("the best model is the champion already")));
    }
    let predictor = match Predictor::from_blob(&registry.blob(champion).await?) {
        Ok(predictor) => predictor,
        Err(error) => {
            return Ok(promoted(format!(
                "holdout MAE {:.2} on {rows} rows; the champion {champion} cannot be read: {error}",
                best.holdout_mae
            )));
        }
    };
    let champion_mae =
        evaluate::metrics_of(&predictor, &split.holdout).map_or(f64::INFINITY, |m| m.mae);
    // A champion of another split may have trained on some of these rows, which only makes it harder to beat.
    let caveat = if predictor.header().origin.split_sha256 == split.sha256 {
        ""
    } else {
        ", some of which it may have trained on"
    };
    let comparison = format!(
        "holdout MAE {:.2} against {champion_mae:.2} of the champion {champion} on the same {rows} rows{caveat}",
        best.holdout_mae
    );
    Ok(if best.holdout_mae < champion_mae {
        promoted(comparison)
    } else {
        stays(format!("not better: {comparison}"))
    })
}
