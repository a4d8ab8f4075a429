//! `POST /v1/predict`: the value of one diamond.

use std::rc::Rc;

use inference::{Estimate, FieldError};
use serde::Serialize;

use super::Answer;
use crate::champion::Served;
use crate::database::Database;
use crate::diamonds::{self, Described, Query, Wanted};
use crate::host::Host;
use crate::json::Number;
use crate::negotiate::{Media, content_type};
use crate::problem::Problem;
use crate::request::Request;
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
    price: Number,
    currency: &'static str,
    range: Option<Range>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Range {
    low: Number,
    high: Number,
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

/// Prices one diamond.
///
/// # Errors
///
/// [`Problem::NoPrice`] where the model gives no finite number.
pub(super) fn price(served: &Served, described: &Described) -> Result<Priced, Problem> {
    let Estimate { price_usd, range, warnings } = served.predictor.estimate(&described.diamond);
    let figures = range.map(|range| [range.low_usd, range.high_usd]).into_iter().flatten();
    if !figures.chain([price_usd]).all(f64::is_finite) {
        return Err(Problem::NoPrice { model_id: served.id.clone() });
    }
    Ok(Priced {
        price: Number::dollars(price_usd),
        currency: "USD",
        range: range.map(|range| Range {
            low: Number::dollars(range.low_usd),
            high: Number::dollars(range.high_usd),
            confidence: Number(range.confidence),
        }),
        warnings: warnings.iter().map(ToString::to_string).chain(described.warning()).collect(),
    })
}

/// The model that a request asks: `?model=`, else the champion.
pub(super) async fn asked_model<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    query: &Query<'_>,
) -> Result<Rc<Served>, Problem> {
    match query.get("model") {
        None | Some("" | "champion") => workshop.champion().await,
        Some(id) => workshop.model(id).await,
    }
}

/// Explanations are a promise of the API that this version does not keep yet; it says so rather than leave the
/// caller waiting for a field that never comes.
pub(super) fn check_explain(query: &Query<'_>) -> Result<(), Vec<FieldError>> {
    match query.flag("explain") {
        Ok(false) => Ok(()),
        Ok(true) => Err(vec![FieldError {
            field: "explain".into(),
            value: "true".into(),
            message: "is not available in this version".into(),
            allowed: "false".into(),
        }]),
        Err(error) => Err(vec![error]),
    }
}

pub(super) async fn answer<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    request: &Request,
    id: &str,
) -> Result<Answer, Problem> {
    content_type(request, &[Media::Json], "application/json")?;
    let query = Query::parse(request.query.as_deref());
    let object = diamonds::object(&request.body.kept)?;
    let described = match (diamonds::from_json(&object, Wanted::All), check_explain(&query)) {
        (Ok(described), Ok(())) => described,
        (described, explain) => {
            let errors =
                described.err().into_iter().chain(explain.err()).flatten().collect::<Vec<_>>();
            return Err(errors.into());
        }
    };
    let served = asked_model(workshop, &query).await?;
    let priced = price(&served, &described)?;
    let prediction = Prediction { priced, model: Model::of(&served), request_id: id.to_owned() };
    Ok(Answer::json(&prediction).by(&served.id))
}
