//! `GET` and `POST /v1/similar`: the stones of the data set that are most like a diamond.

use http::Method;
use inference::similar::{MAX_RESULTS, difference};
use inference::{Diamond, FieldError};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::Answer;
use crate::database::Database;
use crate::diamonds::{self, Object, Query, Wanted};
use crate::host::Host;
use crate::json::Number;
use crate::negotiate::{Media, content_type};
use crate::problem::{Faults, Problem};
use crate::request::Request;
use crate::store::Sample;
use crate::workshop::Workshop;

const DEFAULT: usize = 5;

/// What the query can say.
const PARAMETERS: [&str; 5] = ["carat", "cut", "color", "clarity", "n"];

#[derive(Serialize)]
struct Similar {
    requested: usize,
    found: usize,
    diamonds: Vec<Neighbour>,
    request_id: String,
}

#[derive(Serialize)]
struct Neighbour {
    #[serde(flatten)]
    sample: Sample,
    carat_difference: Number,
}

pub(super) async fn answer<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    request: &Request,
    id: &str,
) -> Result<Answer, Problem> {
    let mut faults = Faults::default();
    let (diamond, n) = if request.method == Method::POST {
        content_type(request, &[Media::Json], "application/json")?;
        let object = Object::parse(&request.body.kept)?;
        faults.add(object.faults());
        let described = diamonds::from_json(&object, Wanted::FourCs);
        (described.map(|described| described.diamond), count_of_json(&object))
    } else {
        let query = Query::parse(request.query.as_deref());
        faults.add(query.faults(&PARAMETERS));
        (query.diamond(Wanted::FourCs), count_of_query(&query))
    };
    let (diamond, n) = (faults.take(diamond), faults.take(n.map_err(|error| [error])));
    let (Some(diamond), Some(n)) = (diamond, n) else { return Err(faults.into_errors().into()) };
    faults.check()?;
    let Diamond { carat, cut, color, clarity, .. } = diamond;
    let carat = carat.carats();
    let samples = workshop.store.similar((cut, color, clarity), carat, n).await?;
    let diamonds: Vec<Neighbour> = samples
        .into_iter()
        .map(|sample| Neighbour {
            carat_difference: Number(difference(sample.carat.0, carat)),
            sample,
        })
        .collect();
    let found = diamonds.len();
    Ok(Answer::json(&Similar { requested: n, found, diamonds, request_id: id.to_owned() }))
}

fn count_of_query(query: &Query<'_>) -> Result<usize, FieldError> {
    match query.get("n") {
        None | Some("") => Ok(DEFAULT),
        Some(text) => count(text.trim().parse().ok(), text),
    }
}

fn count_of_json(object: &Map<String, Json>) -> Result<usize, FieldError> {
    match object.get("n") {
        None | Some(Json::Null) => Ok(DEFAULT),
        Some(value) => count(whole(value), &value.to_string()),
    }
}

/// A whole number, also where it is written 5.0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "only small whole numbers are cast"
)]
fn whole(value: &Json) -> Option<u64> {
    let small_and_whole = |number: &f64| number.fract() == 0.0 && (0.0..1e9).contains(number);
    value.as_u64().or_else(|| value.as_f64().filter(small_and_whole).map(|number| number as u64))
}

fn count(number: Option<u64>, written: &str) -> Result<usize, FieldError> {
    number
        .and_then(|number| usize::try_from(number).ok())
        .filter(|n| (1..=MAX_RESULTS).contains(n))
        .ok_or_else(|| FieldError {
            field: "n".into(),
            value: written.into(),
            message: "must be a whole number in range".into(),
            allowed: format!("1 to {MAX_RESULTS}; {DEFAULT} where it is not given"),
        })
}
