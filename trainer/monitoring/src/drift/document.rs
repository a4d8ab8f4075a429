//! Describes drift in words and as a JSON document.

use serde_json::{Value, json};

use super::{Drift, DriftLevel, FEWEST, Rate, RefusedField};
use crate::traffic::Tally;
use data::dataset;
use learning::number::counted;

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
            "refused": self.refused,
        })
    }

    /// What was found, in one sentence.
    pub fn sentence(&self) -> String {
        let (stones, verdict) = (self.tally.stones, self.verdict());
        match verdict {
            DriftLevel::TooFew => {
                let are = if self.refused.asked == 1 { "is" } else { "are" };
                return format!("{} {are} too few to tell; {FEWEST} are needed", self.counted());
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
        for (name, missing) in self.missing().filter(|(_, missing)| missing.verdict == verdict) {
            let Rate { requests, training, .. } = missing;
            said.push(format!(
                "{name} is not given ({:.1} % of stones where training has {:.1} %)",
                100.0 * requests,
                100.0 * training
            ));
        }
        let fields = self.refused.fields.iter().filter(|field| field.rate.verdict == verdict);
        let before = said.len();
        said.extend(fields.map(|field| {
            format!("{} ({:.1} % of requests)", field.refused_for(), 100.0 * field.rate.requests)
        }));
        if self.refused.rate.verdict == verdict && said.len() == before {
            said.push(format!("refused ({:.1} % of requests)", 100.0 * self.refused.rate.requests));
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
        format!("{}: {}, over {}", verdict.name(), said.join(", "), self.counted())
    }

    /// The features that stones may come without, each with how many do.
    pub fn missing(&self) -> impl Iterator<Item = (&'static str, &Rate)> {
        self.features.iter().filter_map(|feature| Some((feature.name, feature.missing.as_ref()?)))
    }

    /// How many stones there are, in words.
    fn counted(&self) -> String {
        let priced = counted(self.tally.stones, "priced stone");
        let refused = counted(self.refused.refused, "refused stone");
        match (self.tally.stones, self.refused.refused) {
            (_, 0) => priced,
            (0, _) => refused,
            _ => format!("{priced} and {refused}"),
        }
    }

    /// What is not in the figures, for people; `None` if all is.
    pub fn left_out(&self) -> Option<String> {
        let refused = self.tally.refused - self.tally.invalid;
        Tally { refused, stones_refused: 0, ..self.tally }.left_out()
    }
}

impl RefusedField {
    /// The field and its commonest value, in words.
    pub fn refused_for(&self) -> String {
        let RefusedField { field, commonest_value, .. } = self;
        if commonest_value.is_empty() {
            format!("refused for {field}, most often because it is not given")
        } else {
            format!("refused for {field}, most often {commonest_value:?}")
        }
    }
}
