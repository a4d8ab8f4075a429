//! Describes drift in words and as a JSON document.

use serde_json::{Value, json};

use super::{Drift, DriftLevel, FEWEST};
use data::dataset;

impl Drift {
    /// The whole of it, with the counts behind every figure.
    pub fn to_json(&self) -> Value {
        let mut training = dataset::summary(self.training.stones, &self.training.sha256);
        training["is_champions"] = json!(self.training.is_champions);
        json!({
            "verdict": self.verdict(),
            "drifted": self.has_drifted(),
            "reason": self.sentence(),
            "window": self.window.to_json(),
            "fewest": FEWEST,
            "champion": self.champion_id,
            "training": training,
            "traffic": self.tally,
            "features": self.features,
            "unlike_training": self.out_of_domain,
            "price_level": self.price_level,
        })
    }

    /// What was found, in one sentence.
    pub fn sentence(&self) -> String {
        let stones = self.tally.stones;
        let verdict = self.verdict();
        match verdict {
            DriftLevel::TooFew => {
                return format!("{stones} priced stones are too few to tell; {FEWEST} are needed");
            }
            DriftLevel::Calm => {
                return format!(
                    "{stones} priced stones are like those that the champion learnt from"
                );
            }
            DriftLevel::Shifted | DriftLevel::Drifted => {}
        }
        let mut said = Vec::new();
        for feature in self.features.iter().filter(|feature| feature.verdict == verdict) {
            let limits = feature.limits;
            let is_drifted = verdict == DriftLevel::Drifted;
            let limit = if is_drifted { limits.drifted_above } else { limits.shifted_above };
            let (name, psi) = (feature.name, feature.psi);
            said.push(format!("{name} (PSI {psi:.2} where up to {limit:.2} is let pass)"));
        }
        if self.out_of_domain.verdict == verdict {
            said.push(format!(
                "the share of stones unlike the training stones ({:.1} % where training has {:.1} %)",
                100.0 * self.out_of_domain.requests,
                100.0 * self.out_of_domain.training
            ));
        }
        if self.price_level.verdict == verdict {
            let ratio = self.price_level.ratio;
            said.push(format!("the price of stones of the same weight ({ratio:.2} times as much)"));
        }
        format!("{}: {}, over {stones} priced stones", verdict.name(), said.join(", "))
    }
}
