//! Reads the objective and the base score of a model, and links its sum of leaves to a price.

use inference::Link;

use crate::document::At;
use crate::error::ImportError;
use crate::objective::{Objective, Target};

impl Objective {
    /// The link from the sum of leaves to a price.
    ///
    /// # Errors
    ///
    /// [`ImportError::Target`] for an objective with a logarithm of its own whose target is the logarithm of the price.
    pub fn link(self, target: Target) -> Result<Link, ImportError> {
        match (self.own_link(), target) {
            (Link::Identity, Target::LogPrice) | (Link::Log, Target::Price) => Ok(Link::Log),
            (Link::Identity, Target::Price) => Ok(Link::Identity),
            (Link::Log, Target::LogPrice) => Err(ImportError::Target { objective: self }),
        }
    }

    /// Reads `learner.objective`.
    pub(crate) fn read(learner: &At<'_, '_>) -> Result<Objective, ImportError> {
        let name = learner.field("objective")?.field("name")?;
        let name = name.text()?;
        // `reg:linear` was the name of reg:squarederror before 1.0.
        let name = if name == "reg:linear" { "reg:squarederror" } else { name };
        Objective::ALL
            .into_iter()
            .find(|objective| objective.name() == name)
            .ok_or_else(|| ImportError::Objective { found: name.to_owned() })
    }

    /// The margin before any tree, from `learner.learner_model_param.base_score`. Versions 1.0 to 3.2 save the
    /// score on the scale of the predictions, and from 3.1 on in brackets.
    pub(crate) fn base(self, parameters: &At<'_, '_>) -> Result<f64, ImportError> {
        let at = parameters.field("base_score")?;
        let text = at.text()?;
        let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        let score: f32 = inner
            .unwrap_or(text)
            .trim_ascii()
            .parse()
            .map_err(|_| at.refuse(format!("{text:?}"), "one number"))?;
        let link = self.own_link();
        let base = link.margin(f64::from(score));
        if base.is_finite() {
            Ok(base)
        } else {
            Err(ImportError::base_score(at.path(), score, link))
        }
    }
}
