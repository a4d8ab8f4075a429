//! The gate: decides whether a challenger replaces the champion, and says why.
//!
//! It does if its mean absolute error is lower on the same held-out rows, by more than chance explains (the two-sided 95
//! percent interval of a paired bootstrap lies above 0), and in no slice more than 5 percent higher.

mod rows;

use inference::{ModelId, Predictor};
use serde_json::{Value, json};

pub use self::rows::Rows;
use crate::registry::{Decision, Registry, RegistryError};
use data::split::Split;
use learning::evaluate::{self, View};
use learning::gate::{Comparison, Incomparable, Objection};
use learning::train::Candidate;

/// Who is to be champion after a run, and why.
pub struct GateVerdict {
    /// The champion after the run; none where there is none.
    pub champion: Option<String>,
    /// The promotion, where there is one.
    pub decision: Option<Decision>,
    /// What became of every model that was tried, in words.
    pub reason: String,
    /// What was measured of every model that was tried.
    pub gate: Value,
}

/// A new model before the gate.
struct Challenger<'a> {
    id: String,
    family: &'a str,
    predictor: Predictor,
    mae: f64,
}

/// What became of a challenger.
struct Attempt {
    is_promoted: bool,
    /// Whether those after it, whose errors are higher, need not be tried.
    is_last: bool,
    reason: String,
    evidence: Value,
}

/// Compares the new models with the champion on the held-out rows of this run, the best first. Where the gate refuses one
/// that is better, the next has its turn: a better model that is bad at one color does not keep back a good one.
///
/// # Errors
///
/// The registry's own.
pub async fn judge(
    registry: &Registry,
    candidates: &[Candidate],
    split: &Split<'_>,
    no_promote: bool,
) -> Result<GateVerdict, RegistryError> {
    let champion = registry.champion().await?;
    let stays = |reason: &str| GateVerdict {
        champion: champion.clone(),
        decision: None,
        reason: reason.to_owned(),
        gate: Value::Null,
    };
    if no_promote {
        return Ok(stays("not promoted: --no-promote was given"));
    }
    let best = candidates.iter().min_by(|one, other| one.holdout_mae.total_cmp(&other.holdout_mae));
    let Some(best) = best else { return Ok(stays("no model was trained")) };
    if !best.holdout_mae.is_finite() {
        return Ok(stays("not promoted: no model gives every held-out row a finite price"));
    }
    let promoted = |id: String, reason: String, evidence: Value, gate: Value| {
        let decision = Decision {
            id: id.clone(),
            against: champion.clone(),
            reason: reason.clone(),
            evidence,
        };
        GateVerdict { champion: Some(id), decision: Some(decision), reason, gate }
    };
    let unopposed = |reason: String| {
        let id = ModelId::of(&best.registration.blob).to_string();
        let evidence = json!({
            "challenger": id,
            "champion": champion,
            "rows": split.holdout.len(),
            "challenger_mae": best.holdout_mae,
        });
        promoted(id, reason, evidence.clone(), json!({ "tried": [evidence] }))
    };
    let measured = format!("holdout MAE {:.2} on {} rows", best.holdout_mae, split.holdout.len());
    let Some(against) = &champion else {
        return Ok(unopposed(format!("the first champion: {measured}")));
    };
    let incumbent = match read(registry, against).await? {
        Ok(predictor) => predictor,
        Err(why) => {
            let reason = format!("{measured}; the champion {against} cannot be read: {why}");
            return Ok(unopposed(reason));
        }
    };
    let rows = Rows::new_to(registry, &registry.find(against).await?, split).await?;
    let (mut tried, mut refusals) = (Vec::new(), Vec::new());
    for challenger in ranked(candidates, &rows) {
        if challenger.id == *against {
            if tried.is_empty() {
                return Ok(stays("the best model is the champion already"));
            }
            break;
        }
        let Attempt { is_promoted, is_last, reason, evidence } =
            attempt(against, &incumbent, &challenger, &rows);
        tried.push(evidence.clone());
        if is_promoted {
            let gate = json!({ "tried": tried });
            let verdict = promoted(challenger.id, reason, evidence, gate);
            return Ok(after(verdict, &refusals));
        }
        refusals.push(format!("{} {} is {reason}", challenger.family, challenger.id));
        if is_last {
            break;
        }
    }
    let mut verdict = stays("");
    verdict.gate = json!({ "tried": tried });
    verdict.reason = refusals.join("; ");
    Ok(verdict)
}

/// A champion's model, or why services cannot use it either.
pub(crate) async fn read(
    registry: &Registry,
    id: &str,
) -> Result<Result<Predictor, String>, RegistryError> {
    match registry.blob(id).await {
        Ok(blob) => Ok(Predictor::from_blob(&blob).map_err(|error| error.to_string())),
        Err(RegistryError::NoSuchModel { .. }) => Ok(Err(String::from("it is not there"))),
        Err(error) => Err(error),
    }
}

/// The new models by their errors on the rows, the lowest first.
fn ranked<'a>(candidates: &'a [Candidate], rows: &Rows<'_>) -> Vec<Challenger<'a>> {
    let mut challengers: Vec<Challenger<'a>> = candidates
        .iter()
        .filter_map(|candidate| {
            let registration = &candidate.registration;
            // What training encoded a moment ago decodes.
            let predictor = Predictor::from_blob(&registration.blob).ok()?;
            let metrics = evaluate::metrics_of(&predictor, &rows.stones, View::Measured);
            Some(Challenger {
                id: ModelId::of(&registration.blob).to_string(),
                family: &registration.family,
                predictor,
                mae: metrics.map_or(f64::INFINITY, |metrics| metrics.mae),
            })
        })
        .collect();
    challengers.sort_by(|one, other| one.mae.total_cmp(&other.mae));
    challengers
}

fn attempt(
    champion: &str,
    incumbent: &Predictor,
    challenger: &Challenger<'_>,
    rows: &Rows<'_>,
) -> Attempt {
    let comparison = Comparison::of(incumbent, &challenger.predictor, &rows.stones);
    let (is_promoted, is_last, reason) = match &comparison {
        Ok(comparison) => {
            let against = format!(" of the champion {champion}");
            let sentence = comparison.sentence("", &against, &rows.note);
            match comparison.objection() {
                None => (true, true, sentence),
                Some(objection) => (
                    false,
                    objection == Objection::NotLower,
                    format!("{}: {sentence}", objection.verdict()),
                ),
            }
        }
        Err(why @ Incomparable::Champion(_)) => {
            let reason = format!("holdout MAE {:.2}; {why}, which is {champion}", challenger.mae);
            (true, true, reason)
        }
        Err(why) => (false, false, format!("not comparable: {why}")),
    };
    let mut evidence = comparison.map_or(Value::Null, |comparison| comparison.to_json());
    if evidence.is_null() {
        evidence = json!({ "rows": rows.stones.len(), "challenger_mae": challenger.mae });
    }
    evidence["challenger"] = json!(challenger.id);
    evidence["champion"] = json!(champion);
    evidence["rows_new_to_both"] = json!(rows.are_new_to_both);
    evidence["promoted"] = json!(is_promoted);
    evidence["reason"] = json!(reason);
    Attempt { is_promoted, is_last, reason, evidence }
}

/// A promotion after others were refused: the run says so, the history of champions has the promotion alone.
fn after(mut verdict: GateVerdict, refusals: &[String]) -> GateVerdict {
    if !refusals.is_empty() {
        verdict.reason = format!("{}; before it, {}", verdict.reason, refusals.join("; "));
    }
    verdict
}
