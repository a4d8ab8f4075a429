//! `POST /v1/predict/batch`: the prices of up to 1,000 diamonds, in order.

use inference::{FieldError, PriceLists};
use serde::Serialize;
use serde_json::Value as Json;

use api::field_errors::field_error;
use api::object::{from_json, not_an_object};
use api::table::{TableRows, from_csv, too_many};
use api::{
    FieldErrors, FieldSet, ModelName, Object, ParsedDiamond, Prediction, Query, RowError, Warning,
};

use super::predict::{explain, price, price_lists};
use crate::database::Database;
use crate::host::Host;
use crate::negotiate::{CSV, JSON, content_type};
use crate::problem::Problem;
use crate::response::{Answer, RouteResponse};
use crate::state::Call;

/// How many diamonds one request may hold.
const MAX_DIAMONDS: usize = 1_000;

/// How many of them are explained: an explanation takes a millisecond or two, in which this instance of the component
/// answers no one else.
const MAX_EXPLAINED: usize = 100;

#[derive(Serialize)]
struct Predictions<'a> {
    predictions: Vec<Outcome>,
    /// What was ignored of the whole batch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning>,
    model: ModelName,
    request_id: &'a str,
}

/// One diamond's price, or everything that is wrong with the diamond.
#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Priced(Prediction),
    Refused { error: RowError },
}

type Row = Result<ParsedDiamond, Vec<FieldError>>;

/// The diamonds of a batch, and the warning about what was ignored next to them: columns, or members of the body.
struct Batch {
    rows: Vec<Row>,
    ignored: Option<Warning>,
}

pub(super) async fn predict<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let body = &call.request.body.kept;
    let media = content_type(call.request, &[JSON, CSV])?;
    let query = Query::parse(call.request.query.as_deref());
    let explain = explain(&query)?;
    let model = call.state.model(query.get("model")).await;
    let lists = price_lists(&model);
    let batch = if media == CSV { of_csv(body, &lists) } else { of_json(body, &lists) };
    let Batch { rows, ignored } = batch?;
    if explain && rows.len() > MAX_EXPLAINED {
        let value = format!("true for {} diamonds", rows.len());
        let allowed = format!("true for up to {MAX_EXPLAINED} diamonds, or false");
        return Err(vec![field_error("explain", value, "has too many", allowed)].into());
    }
    let model = model?;
    let explainer = call.state.explainer(&model, explain).await?;
    let predictions = rows
        .into_iter()
        .map(|row| match row {
            Ok(parsed) => price(&model, &parsed, explainer).map(Outcome::Priced),
            Err(errors) => Ok(Outcome::Refused { error: errors.into() }),
        })
        .collect::<Result<_, _>>()?;
    let warnings = ignored.into_iter().collect();
    let answer = Predictions { predictions, warnings, model: model.name(), request_id: call.id };
    Ok(RouteResponse::json(&answer).by(&model.id))
}

fn of_json(body: &[u8], lists: &PriceLists) -> Result<Batch, Problem> {
    let object = Object::parse(body)?;
    let repeated = object.errors_outside("diamonds");
    if !repeated.is_empty() {
        return Err(repeated.into());
    }
    let wrong = |value: String, message: &str| {
        let allowed = format!("a list of 1 to {MAX_DIAMONDS} diamonds");
        Problem::from(vec![field_error("diamonds", value, message, allowed)])
    };
    let diamonds = match object.get("diamonds") {
        Some(Json::Array(diamonds)) => diamonds,
        None | Some(Json::Null) => return Err(wrong(String::new(), "is required")),
        Some(other) => return Err(wrong(other.to_string(), "must be a list")),
    };
    match diamonds.len() {
        0 => return Err(wrong("[]".into(), "is empty")),
        count if count > MAX_DIAMONDS => {
            return Err(too_many(format!("{count} diamonds"), MAX_DIAMONDS).into());
        }
        _ => {}
    }
    let repeated = object.errors_by_index("diamonds", diamonds.len());
    let row = |(diamond, repeated)| row_of(diamond, repeated, lists);
    let rows = diamonds.iter().zip(repeated).map(row);
    let ignored: Vec<_> = object.keys().filter(|member| *member != "diamonds").cloned().collect();
    Ok(Batch { rows: rows.collect(), ignored: Warning::unknown_fields(&ignored) })
}

fn row_of(diamond: &Json, repeated: Vec<FieldError>, lists: &PriceLists) -> Row {
    let mut errors = FieldErrors::default();
    errors.add(repeated);
    let parsed = errors.take(match diamond {
        Json::Object(object) => from_json(object, FieldSet::All, lists),
        other => Err(not_an_object(other)),
    });
    errors.finish(parsed)
}

fn of_csv(body: &[u8], lists: &PriceLists) -> Result<Batch, Problem> {
    let TableRows { rows, ignored } = from_csv(body, MAX_DIAMONDS, lists)?;
    if rows.is_empty() {
        return Err(Problem::NotParseable { detail: "the CSV has no row below its header".into() });
    }
    Ok(Batch { rows: rows.into_iter().map(|row| row.map(ParsedDiamond::from)).collect(), ignored })
}
