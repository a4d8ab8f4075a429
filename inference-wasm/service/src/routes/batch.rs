//! `POST /v1/predict/batch`: the values of up to 1,000 diamonds, in order.

use inference::FieldError;
use serde::Serialize;
use serde_json::Value as Json;

use super::Answer;
use super::predict::{Model, Priced, asked_explainer, asked_model, explain, price};
use crate::database::Database;
use crate::diamonds::{self, Described, Object, Query, Wanted};
use crate::host::Host;
use crate::negotiate::{Media, content_type};
use crate::problem::{Faults, Problem, ProblemField};
use crate::request::Request;
use crate::workshop::Workshop;

/// How many diamonds one request may hold.
const MOST: usize = 1_000;

/// How many of them are explained: an explanation takes a millisecond or two, in which this instance of the component
/// answers nobody else.
const MOST_EXPLAINED: usize = 100;

#[derive(Serialize)]
struct Predictions {
    predictions: Vec<Outcome>,
    model: Model,
    request_id: String,
}

/// One diamond's price, or everything that is wrong with it.
#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Priced(Priced),
    Refused { error: Refusal },
}

#[derive(Serialize)]
struct Refusal {
    detail: String,
    errors: Vec<ProblemField>,
}

impl From<Vec<FieldError>> for Refusal {
    fn from(errors: Vec<FieldError>) -> Refusal {
        let detail = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Refusal { detail, errors: errors.into_iter().map(ProblemField::from).collect() }
    }
}

type Row = Result<Described, Vec<FieldError>>;

pub(super) async fn answer<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    request: &Request,
    id: &str,
) -> Result<Answer, Problem> {
    let media = content_type(request, &[Media::Json, Media::Csv], "application/json or text/csv")?;
    let query = Query::parse(request.query.as_deref());
    let explain = explain(&query)?;
    let rows = match media {
        Media::Json => from_json(&request.body.kept)?,
        Media::Csv => from_csv(&request.body.kept)?,
    };
    if explain && rows.len() > MOST_EXPLAINED {
        return Err(too_many_to_explain(rows.len()).into());
    }
    let served = asked_model(workshop, &query).await?;
    let explainer = asked_explainer(workshop, &served, explain).await?;
    let predictions = rows
        .into_iter()
        .map(|row| match row {
            Ok(described) => price(&served, &described, explainer).map(Outcome::Priced),
            Err(errors) => Ok(Outcome::Refused { error: errors.into() }),
        })
        .collect::<Result<_, _>>()?;
    let answer = Predictions { predictions, model: Model::of(&served), request_id: id.to_owned() };
    Ok(Answer::json(&answer).by(&served.id))
}

fn too_many_to_explain(count: usize) -> Vec<FieldError> {
    vec![FieldError {
        field: "explain".into(),
        value: format!("true for {count} diamonds"),
        message: "has too many".into(),
        allowed: format!("true for up to {MOST_EXPLAINED} diamonds, or false"),
    }]
}

fn from_json(body: &[u8]) -> Result<Vec<Row>, Problem> {
    let object = Object::parse(body)?;
    let repeated = object.faults_beside("diamonds");
    if !repeated.is_empty() {
        return Err(repeated.into());
    }
    let wrong = |value: String, message: &str| {
        Problem::from(vec![FieldError {
            field: "diamonds".into(),
            value,
            message: message.into(),
            allowed: format!("a list of 1 to {MOST} diamonds"),
        }])
    };
    let diamonds = match object.get("diamonds") {
        Some(Json::Array(diamonds)) => diamonds,
        None | Some(Json::Null) => return Err(wrong(String::new(), "is required")),
        Some(other) => return Err(wrong(other.to_string(), "must be a list")),
    };
    match diamonds.len() {
        0 => return Err(wrong("[]".into(), "is empty")),
        count if count > MOST => {
            return Err(diamonds::too_many(format!("{count} diamonds"), MOST).into());
        }
        _ => {}
    }
    let repeated = object.faults_at("diamonds", diamonds.len());
    Ok(diamonds.iter().zip(repeated).map(|(diamond, repeated)| row_of(diamond, repeated)).collect())
}

fn row_of(diamond: &Json, repeated: Vec<FieldError>) -> Row {
    let mut faults = Faults::default();
    faults.add(repeated);
    let described = faults.take(match diamond {
        Json::Object(object) => diamonds::from_json(object, Wanted::All),
        other => Err(diamonds::not_an_object(other)),
    });
    described.filter(|_| faults.is_empty()).ok_or(faults.into_errors())
}

fn from_csv(body: &[u8]) -> Result<Vec<Row>, Problem> {
    let rows = diamonds::from_csv(body, MOST)?;
    if rows.is_empty() {
        return Err(Problem::NotParseable { detail: "the CSV has no row below its header".into() });
    }
    Ok(rows.into_iter().map(|row| row.map(Described::from)).collect())
}
