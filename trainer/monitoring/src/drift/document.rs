//! Describes drift in words and as a JSON document.

use serde_json::{Value, json};

use super::feature::{FeatureDrift, Values};
use super::{Drift, DriftLevel, FEWEST};
use data::dataset;

/// The document of `trainer drift --json`.
pub(super) fn of(drift: &Drift) -> Value {
    let out_of_domain = &drift.out_of_domain;
    let level = &drift.price_level;
    let fifths = level.fifths.iter().map(|fifth| {
        json!({
            "up_to_carat": fifth.up_to_carat,
            "training": fifth.training,
            "requests": fifth.requests,
            "training_median_at_one_carat_usd": fifth.training_median_usd,
            "requests_median_at_one_carat_usd": fifth.requests_median_usd,
        })
    });
    let mut training = dataset::summary(drift.training.stones, &drift.training.sha256);
    training["is_champions"] = json!(drift.training.is_champions);
    json!({
        "verdict": drift.verdict().name(),
        "drifted": drift.has_drifted(),
        "reason": sentence(drift),
        "window": drift.window.to_json(),
        "fewest": FEWEST,
        "champion": drift.champion_id,
        "training": training,
        "traffic": drift.tally,
        "features": drift.features.iter().map(|feature| feature_json(feature, drift.tally.stones)).collect::<Vec<_>>(),
        "unlike_training": {
            "training": out_of_domain.training,
            "requests": out_of_domain.requests,
            "shifted_above": out_of_domain.limits[0],
            "drifted_above": out_of_domain.limits[1],
            "verdict": out_of_domain.verdict.name(),
        },
        "price_level": {
            "ratio": level.ratio,
            "shifted_above": level.limits[0],
            "drifted_above": level.limits[1],
            "verdict": level.verdict.name(),
            "carat_fifths": fifths.collect::<Vec<_>>(),
        },
    })
}

fn feature_json(feature: &FeatureDrift, stones: u64) -> Value {
    let mut document = json!({
        "feature": feature.name,
        "given": feature.given,
        "given_share": if stones == 0 { 0.0 } else { feature.given as f64 / stones as f64 },
        "psi": feature.psi,
        "shifted_above": finite(feature.limits[0]),
        "drifted_above": finite(feature.limits[1]),
        "verdict": feature.verdict.name(),
    });
    let (key, bins) = match &feature.values {
        Values::Numbers { bins, kolmogorov_smirnov, training_mean, requests_mean } => {
            document["mean"] = json!({ "training": training_mean, "requests": requests_mean });
            document["kolmogorov_smirnov"] = json!(
                kolmogorov_smirnov
                    .map(|test| json!({ "statistic": test.statistic, "p_value": test.p_value }))
            );
            let bins = bins.iter().map(|bin| {
                json!({ "up_to": bin.up_to, "training": bin.training, "requests": bin.requests })
            });
            ("bins", bins.collect::<Vec<_>>())
        }
        Values::Grades(grades) => {
            let grade = |(grade, [training, requests]): &(&str, [u64; 2])| json!({ "grade": grade, "training": training, "requests": requests });
            ("grades", grades.iter().map(grade).collect())
        }
    };
    document[key] = json!(bins);
    document
}

/// JSON has no infinity, which is the limit where nothing was given.
fn finite(limit: f64) -> Option<f64> {
    limit.is_finite().then_some(limit)
}

/// What was found, in one sentence.
pub(super) fn sentence(drift: &Drift) -> String {
    let stones = drift.tally.stones;
    let verdict = drift.verdict();
    match verdict {
        DriftLevel::TooFew => {
            return format!("{stones} priced stones are too few to tell; {FEWEST} are needed");
        }
        DriftLevel::Calm => {
            return format!("{stones} priced stones are like those that the champion learnt from");
        }
        DriftLevel::Shifted | DriftLevel::Drifted => {}
    }
    let mut said: Vec<String> = drift
        .features
        .iter()
        .filter(|feature| feature.verdict == verdict)
        .map(|feature| {
            let limit = feature.limits[usize::from(verdict == DriftLevel::Drifted)];
            format!("{} (PSI {:.2} where up to {limit:.2} is let pass)", feature.name, feature.psi)
        })
        .collect();
    let out_of_domain = &drift.out_of_domain;
    if out_of_domain.verdict == verdict {
        said.push(format!(
            "the share of stones unlike the training stones ({:.1} % where training has {:.1} %)",
            100.0 * out_of_domain.requests,
            100.0 * out_of_domain.training
        ));
    }
    if drift.price_level.verdict == verdict {
        let ratio = drift.price_level.ratio;
        said.push(format!("the price of stones of the same weight ({ratio:.2} times as much)"));
    }
    format!("{}: {}, over {stones} priced stones", verdict.name(), said.join(", "))
}
