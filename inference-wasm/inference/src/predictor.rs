//! Predicts the price of a diamond, with its range, warnings and explanation.

use alloc::vec::Vec;

use crate::blob::{self, BlobError, Header, Model};
use crate::diamond::{Diamond, Measures};
use crate::explain::{self, Explanation, Part, Subject};
use crate::features::{Encoder, Features, PRICE_LIST};
use crate::form::{Form, Margin};
use crate::price_list::{PriceList, PriceLists};
use crate::warning::Warning;

/// The estimated price of one stone.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The price in the currency of the data set, not rounded, never below 0. Not finite where the model cannot price the
    /// stone.
    pub price_usd: f64,
    /// The range around the price, where the model was calibrated. Without a price list it holds the price of each list.
    pub range: Option<Range>,
    /// The prices by each list that the model knows, where the stone names none.
    pub price_lists: Vec<ListEstimate>,
    /// Reasons to trust the price less.
    pub warnings: Vec<Warning>,
}

/// The estimated price of one stone by one price list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ListEstimate {
    /// The list.
    pub list: PriceList,
    /// The price, as in [`Estimate`].
    pub price_usd: f64,
    /// The range around the price, where the model was calibrated.
    pub range: Option<Range>,
}

/// The range that contains the true price with some confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// In dollars.
    pub low_usd: f64,
    /// In dollars.
    pub high_usd: f64,
    /// As a fraction, 0 to 1.
    pub confidence: f64,
}

/// How far, in percentage points, a given depth may differ from the one that x, y and z give. Rounding the dimensions to a
/// tenth of a millimetre changes the depth of a stone of 4 mm by up to 100 × 0.05 / 4 × (1 + 0.62) = 2.0 points. In the
/// public data set 0.1 percent of the rows differ by more.
const DEPTH_TOLERANCE_PERCENT: f64 = 2.0;

/// A model that prices stones. With a [`Form`] it was decoded or fitted, and can explain; with a
/// [`CompiledForm`](crate::form::CompiledForm) it was loaded from an [`image`](crate::image), and cannot.
#[derive(Debug, Clone)]
pub struct Predictor<F = Form> {
    pub(crate) header: Header,
    pub(crate) form: F,
}

impl Predictor {
    /// Decodes a blob into a predictor.
    ///
    /// # Errors
    ///
    /// [`BlobError`], with the reason and a remedy.
    pub fn from_blob(bytes: &[u8]) -> Result<Predictor, BlobError> {
        blob::decode(bytes).map(Predictor::new)
    }

    /// Takes a decoded or fitted model.
    #[must_use]
    pub fn new(model: Model) -> Predictor {
        Predictor { header: model.header, form: model.form }
    }

    /// How many terms or tree nodes the model holds.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.form.nodes()
    }

    /// The form of the model.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Explains the price of a stone by parts in dollars. Counted in cents, they add up to [`Estimate::price_usd`] exactly.
    /// The first part is the average stone; then there is one for each feature that follows from what was stated, in the
    /// order of [`Encoder::names`], and one for all measures that were not stated. Where the price of the model is below 0, a
    /// last part raises it to 0. `None` where the price or a part is not finite, or so large
    /// that f64 cannot hold its cents.
    #[must_use]
    pub fn explain(&self, diamond: &Diamond) -> Option<Vec<Part>> {
        let features = self.header.encoder.encode(diamond);
        let explanation = Explanation::of(&self.form, &features);
        let subject = Subject { diamond, encoder: &self.header.encoder, features: &features };
        explain::parts(&explanation, self.header.link, self.price_of(&features), &subject)
    }
}

impl<F: Margin> Predictor<F> {
    /// The header of the model.
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

    /// The price lists that the model knows.
    #[must_use]
    pub fn price_lists(&self) -> &PriceLists {
        self.header.encoder.price_lists()
    }

    /// The price of a stone, with its range, its price by each list if it names none, and warnings.
    #[must_use]
    pub fn estimate(&self, diamond: &Diamond) -> Estimate {
        let features = self.header.encoder.encode(diamond);
        let (price_usd, mut range) = self.price_and_range(diamond, &features);
        let mut price_lists = Vec::new();
        if diamond.price_list.is_none() {
            price_lists = self.by_list(diamond, features);
            if let Some(range) = &mut range {
                for ListEstimate { price_usd, .. } in &price_lists {
                    range.low_usd = range.low_usd.min(*price_usd);
                    range.high_usd = range.high_usd.max(*price_usd);
                }
            }
        }
        Estimate { price_usd, range, price_lists, warnings: self.warnings(diamond, price_usd) }
    }

    /// The price of a stone by each list that the model knows.
    fn by_list(&self, diamond: &Diamond, features: Features) -> Vec<ListEstimate> {
        let estimate = |(code, list)| {
            let features = features.in_list(Some(code));
            let (price_usd, range) = self.price_and_range(diamond, &features);
            ListEstimate { list, price_usd, range }
        };
        (0..).zip(self.price_lists().iter()).map(estimate).collect()
    }

    /// Not inlined: each copy of the walk through the trees is 2 kB more for a browser to download.
    #[inline(never)]
    fn price_and_range(&self, diamond: &Diamond, features: &Features) -> (f64, Option<Range>) {
        // A linear model gives negative prices for small stones.
        let raw_usd = self.price_of(features);
        let price_usd = if raw_usd < 0.0 { 0.0 } else { raw_usd };
        let range = self.header.interval.as_ref().map(|interval| {
            let is_in_list = !features.values()[PRICE_LIST].is_nan();
            let table = interval.table(diamond.measures.is_complete(), is_in_list);
            let (low_usd, high_usd) = table.around(diamond.carat.carats(), raw_usd);
            Range { low_usd, high_usd, confidence: interval.confidence }
        });
        (price_usd, range)
    }

    fn warnings(&self, diamond: &Diamond, price_usd: f64) -> Vec<Warning> {
        let header = &self.header;
        let mut warnings = Vec::new();
        if !diamond.measures.is_complete() {
            let features = Features::of(diamond).missing().collect();
            warnings.push(match header.encoder {
                Encoder::Passthrough => Warning::Missing { features },
                Encoder::Impute(_) | Encoder::Proportions(..) => Warning::Estimated { features },
            });
        }
        warnings.extend(depth_contradiction(&diamond.measures));
        if let Some(domain) = &header.domain {
            domain.warn(diamond, price_usd, &mut warnings);
        }
        if let Some(list) = diamond.price_list
            && self.price_lists().is_empty()
        {
            warnings.push(Warning::PriceListIgnored { list });
        }
        warnings
    }
}

/// Warns of a depth that differs from `100 z / mean(x, y)`, its definition, by more than rounding can explain.
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
    use crate::properties::stones::stone;

    #[test]
    fn a_depth_may_differ_by_rounding_only() {
        let check = |measures: &str, expected: Option<&str>| {
            let diamond = stone(&format!("1,Ideal,E,VS2,{measures}"));
            let said = depth_contradiction(&diamond.measures).map(|warning| warning.to_string());
            assert_eq!(said.as_deref(), expected);
        };
        check("62,,6.4,6.42,3.97", None);
        // 3.81, 3.84 and 2.36 mm, rounded to tenths.
        check("61.7,,3.8,3.8,2.4", None);
        check(
            "26,,6.4,6.4,3.97",
            Some(
                "depth 26 is not what x, y and z give: 100 z / mean(x, y) is 62.0; check all four",
            ),
        );
        check(",,6.4,6.4,6.4", None);
        check("62,,6.4,6.4", None);
    }
}
