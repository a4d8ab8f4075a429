//! `POST /v1/predict`: the price of one diamond.

use std::rc::Rc;

use inference::{FieldError, Predictor, PriceLists, Range};
use serde::Serialize;

use api::object::from_json;
use api::{FieldErrors, FieldSet, ModelName, Object, ParsedDiamond, Prediction, Query};

use crate::database::Database;
use crate::host::Host;
use crate::loaded_model::LoadedModel;
use crate::negotiate::{JSON, content_type};
use crate::problem::Problem;
use crate::response::{Answer, RouteResponse};
use crate::state::Call;

#[derive(Serialize)]
struct Predicted<'a> {
    #[serde(flatten)]
    prediction: Prediction,
    model: ModelName,
    request_id: &'a str,
}

pub(super) async fn predict<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    content_type(call.request, &[JSON])?;
    let query = Query::parse(call.request.query.as_deref());
    let object = Object::parse(&call.request.body.kept)?;
    let model = call.state.model(query.get("model")).await;
    let mut errors = FieldErrors::default();
    errors.add(object.errors());
    let parsed = errors.take(from_json(&object, FieldSet::All, &price_lists(&model)));
    let explain = errors.take(explain(&query));
    let (parsed, explain) = errors.finish(parsed.zip(explain))?;
    let model = model?;
    let explainer = call.state.explainer(&model, explain).await?;
    let prediction = price(&model, &parsed, explainer)?;
    let predicted = Predicted { prediction, model: model.name(), request_id: call.id };
    Ok(RouteResponse::json(&predicted).by(&model.id))
}

/// The price lists that a model knows; none where there is no model, so that all else that is wrong with a request is said
/// first.
pub(super) fn price_lists(model: &Result<Rc<LoadedModel>, Problem>) -> PriceLists {
    model.as_ref().map_or(PriceLists::NONE, |model| model.predictor.price_lists())
}

/// Prices one diamond, and explains the price if there is an explainer.
///
/// # Errors
///
/// [`Problem::NoPrice`] if the model returns a number that is not finite.
pub(super) fn price(
    model: &LoadedModel,
    parsed: &ParsedDiamond,
    explainer: Option<&Predictor>,
) -> Result<Prediction, Problem> {
    let estimate = model.predictor.estimate(&parsed.diamond);
    let is_finite = |price_usd: f64, range: Option<Range>| {
        price_usd.is_finite()
            && range.is_none_or(|range| range.low_usd.is_finite() && range.high_usd.is_finite())
    };
    let mut by_list = estimate.price_lists.iter();
    if !is_finite(estimate.price_usd, estimate.range)
        || !by_list.all(|list| is_finite(list.price_usd, list.range))
    {
        return Err(Problem::NoPrice { model_id: model.id.clone() });
    }
    let prices_in = model.predictor.header().prices_in;
    let prediction = Prediction::new(&estimate, prices_in, &parsed.unknown_fields);
    Ok(match explainer {
        Some(explainer) => prediction.explained_by(explainer.explain(&parsed.diamond)),
        None => prediction,
    })
}

/// Whether prices are to be explained.
///
/// # Errors
///
/// Every error of the query.
pub(super) fn explain(query: &Query<'_>) -> Result<bool, Vec<FieldError>> {
    let mut errors = FieldErrors::default();
    errors.add(query.errors(&["model", "explain"]));
    let explain = errors.take_one(query.flag("explain"));
    errors.finish(explain)
}
