//! Two models on the same rows: by how much the challenger's error is lower, whether that is real, and where it is not.

use inference::Predictor;
use serde_json::{Value, json};

use super::bootstrap::{Bootstrap, RESAMPLES};
use super::slices::{self, FEWEST_ROWS, Pair, Slice, WORSE_MAX};
use crate::number::count;
use data::stone::Stone;

/// How many slices the evidence lists, the worst first.
const LISTED_SLICES: usize = 5;

/// What the gate measures.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// How many rows.
    pub rows: usize,
    /// The champion's mean absolute error, in dollars.
    pub champion_mae: f64,
    /// The challenger's mean absolute error, in dollars.
    pub challenger_mae: f64,
    /// How much lower the challenger's error is.
    pub(crate) lower_usd: Bootstrap,
    /// Those with enough rows, the worst for the challenger first.
    pub(crate) judged: Vec<Slice>,
    /// Those with too few.
    pub(crate) unjudged: Vec<Slice>,
}

/// Why two models cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum Incomparable {
    #[error("there is no row to compare on")]
    NoRow,
    #[error("the champion gives no finite price on {0} rows")]
    Champion(usize),
    #[error("it gives no finite price on {0} rows")]
    Challenger(usize),
}

/// Why a challenger is not promoted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Objection<'a> {
    /// Its error is not lower.
    NotLower,
    /// Its error is lower by no more than chance explains.
    Chance,
    /// Its error is much higher in a slice.
    Slice(&'a Slice),
}

impl Comparison {
    /// Of two models on rows of which those of one stone are neighbours.
    ///
    /// # Errors
    ///
    /// [`Incomparable`]
    pub fn of(
        champion: &Predictor,
        challenger: &Predictor,
        stones: &[&Stone],
    ) -> Result<Comparison, Incomparable> {
        let error_usd = |model: &Predictor, stone: &Stone| {
            (model.price_usd(&stone.diamond) - stone.price.usd()).abs()
        };
        let pairs: Vec<Pair<'_>> = stones
            .iter()
            .map(|stone| Pair {
                stone,
                champion_usd: error_usd(champion, stone),
                challenger_usd: error_usd(challenger, stone),
            })
            .collect();
        Comparison::of_pairs(&pairs)
    }

    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
    pub(super) fn of_pairs(pairs: &[Pair<'_>]) -> Result<Comparison, Incomparable> {
        let endless = |error: fn(&Pair<'_>) -> f64| {
            pairs.iter().filter(|pair| !error(pair).is_finite()).count()
        };
        match (endless(|pair| pair.champion_usd), endless(|pair| pair.challenger_usd)) {
            (0, 0) => {}
            (rows, 0) => return Err(Incomparable::Champion(rows)),
            (_, rows) => return Err(Incomparable::Challenger(rows)),
        }
        let differences = pairs.iter().map(|pair| (pair.stone.identity, pair.lower_usd()));
        let lower_usd = Bootstrap::of(differences).ok_or(Incomparable::NoRow)?;
        let mae =
            |error: fn(&Pair<'_>) -> f64| pairs.iter().map(error).sum::<f64>() / pairs.len() as f64;
        let (mut judged, unjudged): (Vec<Slice>, Vec<Slice>) =
            slices::slices(pairs).into_iter().partition(|slice| slice.is_judged);
        judged.sort_by(|one, other| other.worse().total_cmp(&one.worse()));
        Ok(Comparison {
            rows: pairs.len(),
            champion_mae: mae(|pair| pair.champion_usd),
            challenger_mae: mae(|pair| pair.challenger_usd),
            lower_usd,
            judged,
            unjudged,
        })
    }

    /// What speaks against the challenger; `None` if it is to be promoted.
    pub fn objection(&self) -> Option<Objection<'_>> {
        if self.challenger_mae >= self.champion_mae {
            return Some(Objection::NotLower);
        }
        if self.lower_usd.low <= 0.0 {
            return Some(Objection::Chance);
        }
        self.judged.first().filter(|slice| slice.is_too_much_worse()).map(Objection::Slice)
    }

    /// The figures in one sentence. `of` and `against` follow the two errors, such as ` of the champion`; `note` follows
    /// the rows.
    pub fn sentence(&self, of: &str, against: &str, note: &str) -> String {
        let Bootstrap { low, high, .. } = self.lower_usd;
        let lower = self.champion_mae - self.challenger_mae;
        let between = if low > 0.0 {
            format!("{low:.2} and {high:.2}")
        } else if high < 0.0 {
            format!("{:.2} and {:.2}", -high, -low)
        } else {
            format!("{} and {}", words(low), words(high))
        };
        let mut sentence = format!(
            "holdout MAE {:.2}{of} against {:.2}{against} on the same {} rows{note}: {}, 95 % between {between}",
            self.challenger_mae,
            self.champion_mae,
            count(self.rows),
            words(lower),
        );
        if let Some(worst) = self.judged.first() {
            sentence.push_str(&format!("; worst slice {}", worst.sentence()));
        }
        sentence
    }

    /// The evidence, as `promotions` keeps it.
    pub fn to_json(&self) -> Value {
        let Bootstrap { mean, low, high, share_above } = self.lower_usd;
        let worst = self.judged.iter().take(LISTED_SLICES).map(Slice::to_json);
        json!({
            "rows": self.rows,
            "champion_mae": self.champion_mae,
            "challenger_mae": self.challenger_mae,
            "lower_usd": { "mean": mean, "low": low, "high": high },
            "confidence": 0.95,
            "resamples": RESAMPLES,
            "resamples_lower": share_above,
            "worst_slices": worst.collect::<Vec<_>>(),
            "slices_judged": self.judged.len(),
            "slices_too_small":
                self.unjudged.iter().map(|slice| slice.name.as_str()).collect::<Vec<_>>(),
            "slice_worse_max": WORSE_MAX,
            "slice_rows_min": FEWEST_ROWS,
        })
    }
}

impl Objection<'_> {
    /// What stands before the figures.
    pub fn verdict(self) -> String {
        match self {
            Objection::NotLower => String::from("not better"),
            Objection::Chance => {
                String::from("not surely better: so small a difference may be chance")
            }
            Objection::Slice(slice) => {
                format!("better, but more than 5 % worse in {}", slice.name)
            }
        }
    }
}

/// A difference in words.
fn words(lower_usd: f64) -> String {
    let side = if lower_usd < 0.0 { "higher" } else { "lower" };
    format!("{:.2} {side}", lower_usd.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::dataset::Dataset;

    /// Two models with these errors on the rows.
    fn pairs<'a>(
        stones: &[&'a Stone],
        errors: impl Fn(usize, &Stone) -> (f64, f64),
    ) -> Vec<Pair<'a>> {
        let pair = |(at, stone): (usize, &&'a Stone)| {
            let (champion_usd, challenger_usd) = errors(at, stone);
            Pair { stone, champion_usd, challenger_usd }
        };
        stones.iter().enumerate().map(pair).collect()
    }

    /// The comparison of two models with these errors on every 20th row of the public table.
    fn compare(errors: impl Fn(usize, &Stone) -> (f64, f64)) -> Comparison {
        let dataset = Dataset::diamonds(20);
        Comparison::of_pairs(&pairs(&dataset.usable().0, errors)).unwrap()
    }

    /// An error that differs from row to row and from model to model, 50 to 150 dollars.
    fn noise(stone: &Stone, model: &str) -> f64 {
        50.0 + (stone.identity.draw_row(1, model) % 100_000) as f64 / 1000.0
    }

    fn verdict(comparison: &Comparison) -> String {
        comparison.objection().map_or_else(|| String::from("promoted"), Objection::verdict)
    }

    #[test]
    fn a_real_difference_passes_and_chance_does_not() {
        let check = |factor: f64, expected: &str| {
            let found =
                compare(|_, stone| (noise(stone, "champion"), factor * noise(stone, "challenger")));
            assert!(verdict(&found).starts_with(expected), "{factor}: {found:?}");
        };
        check(0.9, "promoted");
        check(0.995, "not surely better");
        check(1.1, "not better");
        let same = compare(|_, stone| (noise(stone, "champion"), noise(stone, "champion")));
        assert_eq!(verdict(&same), "not better");
    }

    #[test]
    fn a_slice_6_percent_worse_refuses_and_4_percent_passes() {
        let check = |factor: f64, expected: &str| {
            let found = compare(|_, stone| {
                let error = noise(stone, "either");
                let is_j = stone.diamond.color.as_str() == "J";
                (error, error * if is_j { factor } else { 0.8 })
            });
            assert_eq!(verdict(&found), expected, "{found:?}");
            found
        };
        let refused = check(1.06, "better, but more than 5 % worse in color J");
        let said = refused.sentence("", " of the champion", "");
        assert!(said.contains("; worst slice color J, 6.0 % worse ("), "{said}");
        assert!(refused.judged[0].worse_usd.is_some_and(|(low, _)| low > 0.0), "{refused:?}");
        check(1.04, "promoted");
    }

    #[test]
    fn a_slice_of_few_stones_is_listed_as_too_small() {
        // Of every 200th row 6 or so are I1.
        let dataset = Dataset::diamonds(200);
        let (stones, _) = dataset.usable();
        let pairs = pairs(&stones, |_, stone| {
            let is_i1 = stone.diamond.clarity.as_str() == "I1";
            (100.0, if is_i1 { 110.0 } else { 80.0 })
        });
        let found = Comparison::of_pairs(&pairs).unwrap();
        assert_eq!(found.objection(), None, "{found:?}");
        assert!(found.unjudged.iter().any(|slice| slice.name == "clarity I1"), "{found:?}");
        // Copies are no more stones.
        let copies: Vec<Pair<'_>> = pairs.iter().flat_map(|pair| [*pair; 40]).collect();
        assert_eq!(Comparison::of_pairs(&copies).unwrap().objection(), None);
    }

    #[test]
    fn every_row_is_in_one_slice_of_each_kind() {
        let found = compare(|_, _| (2.0, 1.0));
        let slices = || found.judged.iter().chain(&found.unjudged);
        for kind in ["cut ", "color ", "clarity ", "carat "] {
            let of_kind = slices().filter(|slice| slice.name.starts_with(kind));
            assert_eq!(of_kind.map(|slice| slice.rows).sum::<usize>(), found.rows, "{kind}");
        }
        assert_eq!(slices().filter(|slice| slice.name.starts_with("carat ")).count(), 5);
    }

    #[test]
    fn the_sentence_says_which_way_every_figure_goes() {
        let check = |champion: f64, challenger: f64, expected: &str| {
            let found = compare(|at, _| {
                let jitter = if at % 2 == 0 { 10.0 } else { -10.0 };
                (champion + jitter, challenger)
            });
            let said = found.sentence("", " of the champion abc", "");
            assert!(said.contains(expected), "{said}");
        };
        check(275.0, 262.0, "of the champion abc on the same 2,69");
        check(275.0, 262.0, " rows: 13.");
        check(275.0, 262.0, " lower, 95 % between 12.");
        check(262.0, 275.0, " higher, 95 % between 12.");
        check(262.0, 262.0, " higher and 0.");
    }

    #[test]
    fn a_price_that_is_no_number_is_never_compared() {
        let dataset = Dataset::diamonds(600);
        let (stones, _) = dataset.usable();
        let check = |champion_usd: f64, challenger_usd: f64, expected: Incomparable| {
            let pairs = pairs(&stones, |_, _| (champion_usd, challenger_usd));
            assert_eq!(Comparison::of_pairs(&pairs), Err(expected));
        };
        check(f64::INFINITY, 1.0, Incomparable::Champion(stones.len()));
        check(1.0, f64::NAN, Incomparable::Challenger(stones.len()));
        check(f64::NAN, f64::NAN, Incomparable::Challenger(stones.len()));
        assert_eq!(Comparison::of_pairs(&[]), Err(Incomparable::NoRow));
    }
}
