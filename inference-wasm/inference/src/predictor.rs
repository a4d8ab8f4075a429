//! What a diamond is worth: a model at work.

use alloc::vec::Vec;

use crate::blob::{self, BlobError, Header, Model};
use crate::diamond::{Diamond, Measures};
use crate::explain::{self, Explanation, Part, Subject};
use crate::features::{Encoder, Features};
use crate::form::{Form, Margin};
use crate::warning::Warning;

/// The value of one stone.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// In dollars, not rounded, never below 0. Not finite where the model has no price for the stone.
    pub price_usd: f64,
    /// The range around it, where the model was calibrated.
    pub range: Option<Range>,
    /// What a careful appraiser would add.
    pub warnings: Vec<Warning>,
}

/// The range in which the true price lies with some confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// In dollars.
    pub low_usd: f64,
    /// In dollars.
    pub high_usd: f64,
    /// As a share, 0 to 1.
    pub confidence: f64,
}

/// How far, in percentage points, a given depth may be from the one that x, y and z give. Dimensions rounded to a tenth
/// of a millimetre move the depth of a stone of 4 mm by 100 × 0.05 / 4 × (1 + 0.62) = 2.0 points; of the public table's
/// rows 0.1 percent are farther off.
const DEPTH_TOLERANCE_PERCENT: f64 = 2.0;

/// A model, ready to price stones: one that was decoded or just fitted, or with a
/// [`CompiledForm`](crate::form::CompiledForm) one that was loaded from an [`image`](crate::image), which cannot explain.
#[derive(Debug, Clone)]
pub struct Predictor<F = Form> {
    header: Header,
    form: F,
}

impl Predictor {
    /// Decodes a blob into a predictor.
    ///
    /// # Errors
    ///
    /// [`BlobError`], with what is wrong and what to do.
    pub fn from_blob(bytes: &[u8]) -> Result<Predictor, BlobError> {
        blob::decode(bytes).map(Predictor::new)
    }

    /// Takes a model, decoded or just fitted.
    #[must_use]
    pub fn new(model: Model) -> Predictor {
        let Model { header, form } = model;
        Predictor { header, form }
    }

    /// How many terms or tree nodes the model holds.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.form.nodes()
    }

    /// What the model computes.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Why a stone has its price: parts in dollars that add up, in cents, to [`Estimate::price_usd`] exactly. First the
    /// average stone, then one for each number that the model saw, in the order of [`Encoder::names`]; where
    /// the model's own price is below 0 there is one more, which lifts it to 0. `None` where the price or a part of it is
    /// no finite number, or so large that f64 does not hold its cents.
    #[must_use]
    pub fn explain(&self, diamond: &Diamond) -> Option<Vec<Part>> {
        let features = self.header.encoder.encode(diamond);
        let explanation = Explanation::of(&self.form, &features);
        let subject = Subject { diamond, encoder: &self.header.encoder, features: &features };
        explain::parts(&explanation, self.header.link, self.price_of(&features), &subject)
    }
}

impl<F: Margin> Predictor<F> {
    /// A model whose parts were checked to go together.
    pub(crate) fn from_parts(header: Header, form: F) -> Predictor<F> {
        Predictor { header, form }
    }

    /// What the model says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The price of a stone in dollars, not rounded.
    #[must_use]
    pub fn price_usd(&self, diamond: &Diamond) -> f64 {
        self.price_of(&self.header.encoder.encode(diamond))
    }

    /// The price of encoded features in dollars, not rounded.
    #[must_use]
    pub fn price_of(&self, features: &Features) -> f64 {
        self.header.link.price_usd(self.form.margin(features))
    }

    /// The price of a stone with its range and its warnings.
    #[must_use]
    pub fn estimate(&self, diamond: &Diamond) -> Estimate {
        // A straight line goes below 0 for small stones; nobody pays less than nothing.
        let raw_usd = self.price_usd(diamond);
        let price_usd = if raw_usd < 0.0 { 0.0 } else { raw_usd };
        let range = self.header.interval.as_ref().map(|interval| {
            let spread = if is_measured(&diamond.measures) {
                &interval.measured
            } else {
                &interval.unmeasured
            };
            let (low_usd, high_usd) = spread.around(diamond.carat.carats(), raw_usd);
            Range { low_usd, high_usd, confidence: interval.confidence }
        });
        Estimate { price_usd, range, warnings: self.warnings(diamond, price_usd) }
    }

    fn warnings(&self, diamond: &Diamond, price_usd: f64) -> Vec<Warning> {
        let header = &self.header;
        let mut warnings = Vec::new();
        if !is_measured(&diamond.measures) {
            let features = Features::of(diamond).missing().collect();
            warnings.push(match header.encoder {
                Encoder::Passthrough => Warning::Missing { features },
                Encoder::Impute(_) | Encoder::Proportions(_) => Warning::Estimated { features },
            });
        }
        warnings.extend(depth_contradiction(&diamond.measures));
        if let Some(domain) = &header.domain {
            domain.warn(diamond, price_usd, &mut warnings);
        }
        warnings
    }
}

/// Whether every measure is known.
fn is_measured(measures: &Measures) -> bool {
    let Measures { depth, table, x, y, z } = measures;
    depth.is_some() && table.is_some() && x.is_some() && y.is_some() && z.is_some()
}

/// A depth that x, y and z contradict by more than rounding can: by definition it is `100 z / mean(x, y)`.
fn depth_contradiction(measures: &Measures) -> Option<Warning> {
    let [x, y, z] = [measures.x?, measures.y?, measures.z?].map(|side| side.millimetres());
    let depth_percent = measures.depth?.percent();
    let derived_percent = 100.0 * z / ((x + y) / 2.0);
    let contradicts = (depth_percent - derived_percent).abs() > DEPTH_TOLERANCE_PERCENT;
    contradicts.then_some(Warning::Depth { depth_percent, derived_percent })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::{Millimetres, Percent};

    #[test]
    fn a_depth_is_contradicted_by_more_than_rounding() {
        let check = |depth: Option<f64>, [x, y, z]: [f64; 3], expected: Option<&str>| {
            let side = |mm: f64| Millimetres::new(mm).ok();
            let measures = Measures {
                depth: depth.map(|share| Percent::new(share).unwrap()),
                table: None,
                x: side(x),
                y: side(y),
                z: side(z),
            };
            let said =
                depth_contradiction(&measures).map(|w| alloc::string::ToString::to_string(&w));
            assert_eq!(said.as_deref(), expected);
        };
        check(Some(62.0), [6.4, 6.42, 3.97], None);
        // 3.81, 3.84 and 2.36 mm, as a ruler shows them.
        check(Some(61.7), [3.8, 3.8, 2.4], None);
        check(
            Some(26.0),
            [6.4, 6.4, 3.97],
            Some(
                "depth 26 is not what x, y and z give: 100 z / mean(x, y) is 62.0; check all four",
            ),
        );
        check(None, [6.4, 6.4, 6.4], None);
        check(Some(62.0), [6.4, 6.4, 0.0], None);
    }
}
