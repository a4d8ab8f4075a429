//! `POST /v1/predict`: the value of one diamond.

use std::rc::Rc;

use inference::{Estimate, FieldError, Part, PartValue, Predictor};
use serde::Serialize;

use super::Answer;
use crate::database::Database;
use crate::diamonds::{self, Described, Object, Query, Wanted};
use crate::host::Host;
use crate::json::Number;
use crate::negotiate::{Media, content_type};
use crate::problem::{Faults, Problem};
use crate::request::Request;
use crate::served::Served;
use crate::workshop::Workshop;

#[derive(Serialize)]
struct Prediction {
    #[serde(flatten)]
    priced: Priced,
    model: Model,
    request_id: String,
}

/// A price with its range, as one diamond of a batch has it too.
#[derive(Serialize)]
pub(super) struct Priced {
    pub(super) price: Number,
    currency: &'static str,
    pub(super) range: Option<Range>,
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Vec<Explained>>,
}

/// A part of a price; all parts add up to it, to the cent.
#[derive(Serialize)]
struct Explained {
    feature: &'static str,
    label: String,
    value: Option<Value>,
    effect: Number,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    Number(Number),
    Grade(&'static str),
}

impl From<Part> for Explained {
    fn from(part: Part) -> Explained {
        let value = part.value.map(|value| match value {
            PartValue::Number(number) => Value::Number(Number(number)),
            PartValue::Grade(grade) => Value::Grade(grade),
        });
        let effect = Number(part.effect_usd);
        Explained { feature: part.feature, label: part.label, value, effect }
    }
}

#[derive(Serialize)]
pub(super) struct Range {
    pub(super) low: Number,
    pub(super) high: Number,
    confidence: Number,
}

/// The model that was asked.
#[derive(Serialize)]
pub(super) struct Model {
    id: String,
    family: String,
}

impl Model {
    pub(super) fn of(served: &Served) -> Model {
        Model { id: served.id.clone(), family: served.predictor.header().family.clone() }
    }
}

/// Prices one diamond, and explains the price where there is an explainer.
///
/// # Errors
///
/// [`Problem::NoPrice`] where the model gives no finite number.
pub(super) fn price(
    served: &Served,
    described: &Described,
    explainer: Option<&Predictor>,
) -> Result<Priced, Problem> {
    let no_price = || Problem::NoPrice { model_id: served.id.clone() };
    let Estimate { price_usd, range, warnings } = served.predictor.estimate(&described.diamond);
    let figures = range.map(|range| [range.low_usd, range.high_usd]).into_iter().flatten();
    if !figures.chain([price_usd]).all(f64::is_finite) {
        return Err(no_price());
    }
    let explanation: Option<Vec<Explained>> = explainer
        .and_then(|explainer| explainer.explain(&described.diamond))
        .map(|parts| parts.into_iter().map(Explained::from).collect());
    // An absurd stone, ten centimetres wide, has an absurd price, of which f64 does not hold the cents.
    let unexplained = (explainer.is_some() && explanation.is_none())
        .then(|| "the price is too large to be explained to the cent".to_owned());
    Ok(Priced {
        price: Number::dollars(price_usd),
        currency: "USD",
        range: range.map(|range| Range {
            low: Number::dollars(range.low_usd),
            high: Number::dollars(range.high_usd),
            confidence: Number(range.confidence),
        }),
        warnings: warnings
            .iter()
            .map(ToString::to_string)
            .chain(described.warning())
            .chain(unexplained)
            .collect(),
        explanation,
    })
}

/// The model that a request asks: `?model=`, else the champion.
pub(super) async fn asked_model<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    query: &Query<'_>,
) -> Result<Rc<Served>, Problem> {
    model_named(workshop, query.get("model")).await
}

/// The model of a name, else the champion.
pub(super) async fn model_named<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    name: Option<&str>,
) -> Result<Rc<Served>, Problem> {
    match name {
        None | Some("" | "champion") => workshop.champion().await,
        Some(id) => workshop.model(id).await,
    }
}

/// What explains the prices of a model, if that is asked for.
pub(super) async fn asked_explainer<'a, D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    served: &'a Served,
    explain: bool,
) -> Result<Option<&'a Predictor>, Problem> {
    if explain { workshop.explainer(served).await.map(Some) } else { Ok(None) }
}

pub(super) async fn answer<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    request: &Request,
    id: &str,
) -> Result<Answer, Problem> {
    content_type(request, &[Media::Json], "application/json")?;
    let query = Query::parse(request.query.as_deref());
    let object = Object::parse(&request.body.kept)?;
    let mut faults = Faults::default();
    faults.add(object.faults());
    let described = faults.take(diamonds::from_json(&object, Wanted::All));
    let explain = faults.take(explain(&query));
    let (Some(described), Some(explain)) = (described, explain) else {
        return Err(faults.into_errors().into());
    };
    faults.check()?;
    let served = asked_model(workshop, &query).await?;
    let explainer = asked_explainer(workshop, &served, explain).await?;
    let priced = price(&served, &described, explainer)?;
    let prediction = Prediction { priced, model: Model::of(&served), request_id: id.to_owned() };
    Ok(Answer::json(&prediction).by(&served.id))
}

/// Whether prices are to be explained, or all that is wrong with the query.
pub(super) fn explain(query: &Query<'_>) -> Result<bool, Vec<FieldError>> {
    let mut faults = Faults::default();
    faults.add(query.faults(&["model", "explain"]));
    match faults.take(query.flag("explain").map_err(|error| [error])) {
        Some(explain) if faults.is_empty() => Ok(explain),
        _ => Err(faults.into_errors()),
    }
}
