//! Checks that a model prices known stones about as they were sold, before it may serve.

use inference::{Diamond, DiamondInput, FieldValue, Predictor};
use serde_json::{Value, json};

use crate::evaluate::View;
use crate::number::{count, usd};
use crate::reading::OtherReading;
use crate::statistics::{mean, median};
use data::stone::Stone;

/// How many rows are priced at most.
pub const MOST_ROWS: usize = 1000;

/// A model whose error is so many times the champion's is taken for a mistake.
const MOST_TIMES_CHAMPION: f64 = 10.0;

/// A model that prices half of the stones so many times too high or too low is taken for a mistake, whatever the champion
/// does: a price read as its logarithm, or the other way, is hundreds of times off; a good model, a few percent. A mean
/// error would not do for that, because prices of nearly 0 are only as wrong as the mean price is high.
const MOST_TIMES_OFF: f64 = 3.0;

/// A model is taken for misread if another reading lowers both its error and its scatter to this share. A model whose cut and
/// clarity are coded alphabetically comes to 0.3 to 0.7, one whose grades are counted from 1 to 0.7. Of a model that is
/// read right, no other reading lowers both.
const MISREAD_SHARE: f64 = 0.8;

/// Where the prices are far off, another reading explains that if it lowers the error to this share.
const EXPLAINED_SHARE: f64 = 0.25;

/// The fewest rows of which a mean error says something.
const FEWEST_ROWS: usize = 20;

/// The fewest rows by which a model is taken for misread: many readings are tried, and one may be lucky.
const FEWEST_ROWS_TO_READ: usize = 100;

/// What came of pricing known stones.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceCheck {
    /// How many stones were priced; 0 if none was known, and then nothing was checked.
    pub rows: usize,
    /// The mean absolute error in dollars; infinite where a price is.
    pub mae: Option<f64>,
    /// The champion's on the same stones.
    pub champion_mae: Option<f64>,
    /// How many times too high or too low the typical price is: the median over all stones.
    pub times_off: Option<f64>,
    /// Why the model may not serve.
    pub refusal: Option<Refusal>,
    /// What explains the error, where that was found.
    pub looks_like: Option<OtherReading>,
}

/// Why a model may not serve.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum Refusal {
    #[error(
        "it gives no finite price for {} of {} stones of known price",
        count(unpriced),
        count(rows)
    )]
    NotFinite { unpriced: usize, rows: usize },
    #[error(
        "half of {} stones of known price are priced more than {MOST_TIMES_OFF} times too high or too low; the mean absolute error is {}",
        count(rows), error(*mae)
    )]
    FarFromPrices { rows: usize, mae: f64 },
    #[error(
        "its mean absolute error on {} stones of known price is {}, more than {MOST_TIMES_CHAMPION} times the champion's {}",
        count(rows), error(*mae), error(*champion_mae)
    )]
    FarFromChampion { rows: usize, mae: f64, champion_mae: f64 },
    #[error(
        "its mean absolute error on {} stones of known price is {}, and much lower with another reading of its columns",
        count(rows), error(*mae)
    )]
    Misread { rows: usize, mae: f64 },
}

/// The errors of a model on stones.
struct Errors {
    unpriced: usize,
    mae: f64,
    times_off: f64,
}

impl PriceCheck {
    /// Prices the stones by the model and by the champion, and looks for an explanation of what is wrong.
    pub fn of(model: &Predictor, champion: Option<&Predictor>, stones: &[&Stone]) -> PriceCheck {
        let mut check = PriceCheck {
            rows: stones.len(),
            mae: None,
            champion_mae: None,
            times_off: None,
            refusal: None,
            looks_like: None,
        };
        let Some(Errors { unpriced, mae, times_off }) = Errors::of(model, stones) else {
            return check;
        };
        let champion = champion.and_then(|champion| Errors::of(champion, stones));
        // A champion that cannot price the stones itself is no measure.
        let champion_mae = champion.filter(|errors| errors.unpriced == 0).map(|errors| errors.mae);
        check.mae = Some(mae);
        check.champion_mae = champion_mae;
        check.times_off = Some(times_off);
        let rows = stones.len();
        let are_enough = rows >= FEWEST_ROWS;
        let far = |champion_mae: &f64| are_enough && mae > MOST_TIMES_CHAMPION * champion_mae;
        check.refusal = if unpriced > 0 {
            Some(Refusal::NotFinite { unpriced, rows })
        } else if times_off > MOST_TIMES_OFF {
            Some(Refusal::FarFromPrices { rows, mae })
        } else {
            champion_mae.filter(far).map(|champion_mae| Refusal::FarFromChampion {
                rows,
                mae,
                champion_mae,
            })
        };
        let header = model.header();
        check.looks_like = OtherReading::find(model.form(), header.link, &header.encoder, stones)
            .filter(|other| match &check.refusal {
                Some(_) => are_enough && other.mae <= EXPLAINED_SHARE * mae,
                None => {
                    rows >= FEWEST_ROWS_TO_READ
                        && other.mae <= MISREAD_SHARE * mae
                        && other.scatter_share <= MISREAD_SHARE
                }
            });
        if check.looks_like.is_some() && check.refusal.is_none() {
            check.refusal = Some(Refusal::Misread { rows, mae });
        }
        check
    }

    /// Why the model may not serve, what it looks like and what to do; `None` if it may.
    pub fn objection(&self) -> Option<String> {
        let refusal = self.refusal.as_ref()?;
        let remedy = match &self.looks_like {
            Some(other) => other.to_string(),
            None => String::from(
                "check the target, the order of the columns and the codes of the grades it was trained with",
            ),
        };
        Some(format!("{refusal}; {remedy}"))
    }

    /// The JSON document that `--json` prints.
    pub fn to_json(&self) -> Value {
        json!({
            "rows": self.rows,
            "mae": self.mae,
            "champion_mae": self.champion_mae,
            "times_off": self.times_off,
            "refusal": self.objection(),
        })
    }
}

/// A mean error in dollars; one of hundreds of digits by its magnitude.
pub fn error(mae: f64) -> String {
    match mae {
        ..1e9 => usd(mae),
        1e9..f64::INFINITY => format!("${mae:.0e}"),
        _ => String::from("infinite"),
    }
}

impl Errors {
    /// `None` without a stone.
    fn of(model: &Predictor, stones: &[&Stone]) -> Option<Errors> {
        let mut unpriced = 0;
        let (mut errors_usd, mut times_off) = (Vec::new(), Vec::new());
        for stone in stones {
            let known_usd = stone.price.usd();
            let price_usd = model.price_usd(&stone.diamond);
            let views = View::ALL.map(|view| view.of(&stone.diamond));
            unpriced += usize::from(!views.iter().all(|diamond| is_answered(model, diamond)));
            errors_usd.push((price_usd - known_usd).abs());
            times_off.push(match price_usd > 0.0 {
                true => (price_usd / known_usd).max(known_usd / price_usd),
                false => f64::INFINITY,
            });
        }
        Some(Errors { unpriced, mae: mean(&errors_usd)?, times_off: median(times_off)? })
    }
}

/// Whether a service can answer with what the model estimates.
fn is_answered(model: &Predictor, diamond: &Diamond) -> bool {
    let estimate = model.estimate(diamond);
    let by_list = estimate.price_lists.iter().map(|listed| (listed.price_usd, listed.range));
    let prices = by_list.chain([(estimate.price_usd, estimate.range)]);
    prices
        .flat_map(|(price_usd, range)| {
            let ends = range.into_iter().flat_map(|range| [range.low_usd, range.high_usd]);
            ends.chain([price_usd])
        })
        .all(f64::is_finite)
}

/// Whether the model answers for one of a few common stones at least. Tells a model that can serve from one that cannot
/// where no price is known.
pub fn answers_at_all(model: &Predictor) -> bool {
    let stone = |carat: f64| DiamondInput {
        carat: FieldValue::Number(carat),
        cut: FieldValue::Text("Ideal"),
        color: FieldValue::Text("G"),
        clarity: FieldValue::Text("VS1"),
        ..DiamondInput::default()
    };
    let mut stones = [0.3, 0.7, 1.0, 2.0].into_iter().filter_map(|carat| stone(carat).parse().ok());
    stones.any(|diamond| is_answered(model, &diamond))
}

#[cfg(test)]
mod tests {
    use inference::form::{Basis, Linear, Term};
    use inference::{Encoder, Form, Header, Link, Model};

    use super::*;

    /// A model that prices a carat so.
    fn model(usd_per_carat: f64) -> Predictor {
        let terms = vec![Term { basis: Basis::Value(0), weight: usd_per_carat, mean: 1.0 }];
        let header = Header::new("test", Encoder::Passthrough, Link::Identity);
        let form = Form::Linear(Linear::new(0.0, terms).unwrap());
        Predictor::new(Model { header, form })
    }

    /// Stones of 0.5 to 2.5 carats that cost 1,000 dollars a carat.
    fn stones(count: u32) -> Vec<Stone> {
        let stone = |carat: f64| {
            Stone::parse(|field| match field {
                "carat" => FieldValue::Number(carat),
                "cut" => FieldValue::Text("Ideal"),
                "color" => FieldValue::Text("E"),
                "clarity" => FieldValue::Text("IF"),
                "price" => FieldValue::Number(1000.0 * carat),
                "price_list" => FieldValue::Absent,
                _ => FieldValue::Number(6.0),
            })
        };
        (0..count).map(|at| stone(0.5 + f64::from(at % 21) / 10.0).unwrap()).collect()
    }

    fn check(usd_per_carat: f64, champion: Option<f64>, rows: u32, expected: &str) {
        let stones = stones(rows);
        let champion = champion.map(model);
        let stones: Vec<&Stone> = stones.iter().collect();
        let found = PriceCheck::of(&model(usd_per_carat), champion.as_ref(), &stones);
        let said = found.objection().unwrap_or_default();
        assert!(
            if expected.is_empty() { said.is_empty() } else { said.contains(expected) },
            "{said}"
        );
    }

    #[test]
    fn prices_are_measured_by_what_stones_cost_and_by_the_champion() {
        check(1100.0, None, 50, "");
        check(1100.0, Some(1050.0), 50, "");
        check(1100.0, Some(1001.0), 50, "more than 10 times the champion's $1");
        // Of so few stones a mean says little.
        check(1100.0, Some(1001.0), 5, "");
        check(3100.0, None, 50, "half of 50 stones of known price are priced more than 3 times");
        check(300.0, None, 1, "half of 1 stones");
        check(-1000.0, None, 50, "half of 50");
        check(f64::MAX, None, 50, "no finite price for 32 of 50");
        // A champion that is as wrong is no excuse.
        check(4000.0, Some(4000.0), 50, "half of 50");
        check(2000.0, Some(f64::MAX), 50, "");
        check(1000.0, None, 0, "");
    }
}
