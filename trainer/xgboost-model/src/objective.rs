//! The objectives that XGBoost trains with, the link each applies by itself, and the base score they begin with.

use inference::Link;

use crate::document::At;
use crate::error::ImportError;

/// An objective of XGBoost with one output per row, a price or its logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Objective {
    /// Its name in XGBoost.
    pub name: &'static str,
    /// The function from the sum of leaves to the prediction of XGBoost.
    pub own_link: Link,
}

/// Every supported objective.
const OBJECTIVES: [Objective; 6] = [
    Objective { name: "reg:squarederror", own_link: Link::Identity },
    Objective { name: "reg:absoluteerror", own_link: Link::Identity },
    Objective { name: "reg:pseudohubererror", own_link: Link::Identity },
    Objective { name: "reg:tweedie", own_link: Link::Log },
    Objective { name: "reg:gamma", own_link: Link::Log },
    Objective { name: "count:poisson", own_link: Link::Log },
];

/// The target that a model was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The natural logarithm of the price in dollars.
    LogPrice,
    /// The price in dollars.
    Price,
}

impl Objective {
    /// The link from the sum of leaves to a price.
    ///
    /// # Errors
    ///
    /// [`ImportError::Target`] for an objective with a logarithm of its own whose target is the logarithm of the price.
    pub fn link(self, target: Target) -> Result<Link, ImportError> {
        match (self.own_link, target) {
            (Link::Identity, Target::LogPrice) | (Link::Log, Target::Price) => Ok(Link::Log),
            (Link::Identity, Target::Price) => Ok(Link::Identity),
            (Link::Log, Target::LogPrice) => Err(ImportError::Target { objective: self.name }),
        }
    }

    /// Reads `learner.objective`.
    pub(crate) fn read(learner: &At<'_, '_>) -> Result<Objective, ImportError> {
        let name = learner.field("objective")?.field("name")?;
        // `reg:linear` was the name of reg:squarederror before 1.0.
        let name = match name.text()? {
            "reg:linear" => "reg:squarederror",
            name => name,
        };
        OBJECTIVES.into_iter().find(|objective| objective.name == name).ok_or_else(|| {
            let allowed = OBJECTIVES.map(|objective| objective.name).join(", ");
            ImportError::Objective { found: name.to_owned(), allowed }
        })
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
        let base = self.own_link.margin(f64::from(score));
        if base.is_finite() {
            return Ok(base);
        }
        let allowed = match self.own_link {
            Link::Identity => "a finite number",
            Link::Log => "a finite number above 0",
        };
        Err(at.refuse(score, allowed))
    }
}
