//! `GET` and `POST /v1/similar`: the stones of the data set that are most like a diamond.

use http::Method;
use inference::similar::MAX_RESULTS;
use inference::{Diamond, FieldError, PriceLists};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use api::field_errors::field_error;
use api::object::from_json;
use api::{FieldErrors, FieldSet, Object, Query, Similar, Warning};

use crate::database::Database;
use crate::host::Host;
use crate::negotiate::{JSON, content_type};
use crate::response::{Answer, RouteResponse};
use crate::state::Call;

const DEFAULT: usize = 5;

/// What the query or the body can say.
const PARAMETERS: [&str; 11] =
    ["carat", "cut", "color", "clarity", "n", "depth", "table", "x", "y", "z", "price_list"];

#[derive(Serialize)]
struct Found<'a> {
    #[serde(flatten)]
    similar: Similar,
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<[Warning; 1]>,
    request_id: &'a str,
}

pub(super) async fn similar<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let request = call.request;
    let mut errors = FieldErrors::default();
    let query = Query::parse(request.query.as_deref());
    let mut unknown = Vec::new();
    let (diamond, n) = if request.method == Method::POST {
        content_type(request, &[JSON])?;
        errors.add(query.errors(&[]));
        let object = Object::parse(&request.body.kept)?;
        errors.add(object.errors());
        unknown.extend(object.keys().filter(|it| !PARAMETERS.contains(&it.as_str())).cloned());
        let parsed = from_json(&object, FieldSet::FourCs, &PriceLists::NONE);
        (parsed.map(|parsed| parsed.diamond), count_of_json(&object))
    } else {
        errors.add(query.errors(&PARAMETERS));
        (query.diamond(FieldSet::FourCs), count_of_query(&query))
    };
    let (diamond, n) = (errors.take(diamond), errors.take_one(n));
    let (diamond, n) = errors.finish(diamond.zip(n))?;
    let Diamond { carat, cut, color, clarity, .. } = diamond;
    let carat = carat.carats();
    let stones = call.state.store.similar((cut, color, clarity), carat, n).await?;
    let similar = Similar::new(n, carat, stones);
    let warnings = Warning::unknown_fields(&unknown).map(|warning| [warning]);
    Ok(RouteResponse::json(&Found { similar, warnings, request_id: call.id }))
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
    let n = number.and_then(|number| usize::try_from(number).ok());
    n.filter(|n| (1..=MAX_RESULTS).contains(n)).ok_or_else(|| {
        let allowed = format!("1 to {MAX_RESULTS}; {DEFAULT} where it is not given");
        field_error("n", written, "must be a whole number in range", allowed)
    })
}
