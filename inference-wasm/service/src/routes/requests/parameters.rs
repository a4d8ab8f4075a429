//! Parses the parameters of `/v1/requests`.

use std::str::FromStr;

use http::Method;
use inference::FieldError;

use api::journal::{StatusFilter, first_id};
use api::{FieldErrors, Query};

use crate::problem::Problem;
use crate::rfc3339;
use crate::store::{Filter, Order, RouteFilter};

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 500;
const MAX_SEARCH: usize = 200;

const NAMES: [&str; 10] =
    ["limit", "after", "order", "status", "route", "method", "model", "since", "until", "search"];

const MOMENTS: &str = "RFC 3339, such as 2026-11-23T17:00:00Z";

/// The filter in a query string; `patterns` are the routes that it may name. An empty parameter counts as absent.
///
/// # Errors
///
/// [`Problem::Invalid`] with every wrong parameter.
pub(super) fn filter(query: Option<&str>, patterns: &[&'static str]) -> Result<Filter, Problem> {
    let given = Query::parse(query);
    let mut parameters = Parameters { given: &given, wrong: FieldErrors::default() };
    parameters.wrong.add(given.errors(&NAMES));
    let filter = Filter {
        limit: parameters.read("limit", limit).unwrap_or(DEFAULT_LIMIT),
        after: parameters.read("after", after),
        order: parameters.read("order", order).unwrap_or(Order::Newest),
        status: parameters.read("status", status),
        route: parameters.read("route", |text| route(text, patterns)),
        method: parameters.read("method", method),
        model: parameters.read("model", model),
        since: parameters.read("since", moment),
        until: parameters.read("until", moment),
        search: parameters.read("search", search),
    };
    parameters.wrong.check()?;
    Ok(filter)
}

/// What is wrong with a value, and what is allowed.
type Wrong = (&'static str, String);

/// What a caller gave, and what was wrong with it so far.
struct Parameters<'a> {
    given: &'a Query<'a>,
    wrong: FieldErrors,
}

impl Parameters<'_> {
    fn read<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let value = self.given.get(name).filter(|value| !value.is_empty())?;
        match parse(value) {
            Ok(parsed) => Some(parsed),
            Err((message, allowed)) => {
                let (field, value, message) = (name.into(), value.into(), message.into());
                self.wrong.add([FieldError { field, value, message, allowed }]);
                None
            }
        }
    }
}

fn limit(text: &str) -> Result<usize, Wrong> {
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| ("must be a whole number in range", format!("1 to {MAX_LIMIT}")))
}

fn after(text: &str) -> Result<String, Wrong> {
    match uuid::Uuid::try_parse(text) {
        Ok(id) => Ok(id.to_string()),
        Err(_) => {
            Err(("must be the id of a request", "what `next` of the page before says".into()))
        }
    }
}

fn order(text: &str) -> Result<Order, Wrong> {
    match text {
        "newest" => Ok(Order::Newest),
        "oldest" => Ok(Order::Oldest),
        _ => Err(("is no order", "newest, oldest".into())),
    }
}

fn status(text: &str) -> Result<StatusFilter, Wrong> {
    StatusFilter::parse(text)
        .ok_or_else(|| ("is no status", "100 to 599, or 1xx, 2xx, 3xx, 4xx, 5xx".into()))
}

fn route(text: &str, patterns: &[&'static str]) -> Result<RouteFilter, Wrong> {
    if text == "none" {
        return Ok(RouteFilter::None);
    }
    let pattern = patterns.iter().find(|pattern| **pattern == text);
    pattern.copied().map(RouteFilter::Pattern).ok_or_else(|| {
        let allowed = ["none"].iter().chain(patterns).copied().collect::<Vec<_>>();
        ("is no route", allowed.join(", "))
    })
}

fn method(text: &str) -> Result<String, Wrong> {
    match Method::from_str(text) {
        Ok(method) => Ok(method.as_str().to_ascii_uppercase()),
        Err(_) => Err(("is no method", "GET, POST and the like".into())),
    }
}

fn model(text: &str) -> Result<String, Wrong> {
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) && text.len() <= 64 {
        return Ok(text.to_ascii_lowercase());
    }
    Err(("is no model", "an id from GET /v1/models, or the beginning of one".into()))
}

fn moment(text: &str) -> Result<String, Wrong> {
    match rfc3339::unix_time_ms(text) {
        Some(unix_time_ms) => Ok(first_id(unix_time_ms)),
        None => Err(("is no moment", MOMENTS.into())),
    }
}

fn search(text: &str) -> Result<String, Wrong> {
    if text.chars().count() <= MAX_SEARCH {
        return Ok(text.to_owned());
    }
    Err(("is too long", format!("at most {MAX_SEARCH} characters")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 2] = ["/v1/predict", "/v1/models/{id}"];

    fn parse(query: Option<&str>) -> Result<Filter, Problem> {
        filter(query, &PATTERNS)
    }

    #[test]
    fn parameters_are_read() {
        let check = |query: &str, change: fn(&mut Filter)| {
            let mut expected = parse(None).unwrap();
            change(&mut expected);
            assert_eq!(parse(Some(query)), Ok(expected), "{query}");
        };
        check("limit=500", |filter| filter.limit = 500);
        check("limit=&search=", |_| {});
        check("order=oldest", |filter| filter.order = Order::Oldest);
        check("status=404", |filter| filter.status = Some(StatusFilter::One(404)));
        check("status=5xx", |filter| filter.status = Some(StatusFilter::Class(5)));
        check("route=none", |filter| filter.route = Some(RouteFilter::None));
        check("route=%2Fv1%2Fmodels%2F%7Bid%7D", |filter| {
            filter.route = Some(RouteFilter::Pattern("/v1/models/{id}"));
        });
        check("method=get&model=3FA9", |filter| {
            filter.method = Some("GET".into());
            filter.model = Some("3fa9".into());
        });
        check("after=01A210F8-4708-73D1-A851-E1F2F0B65C9B", |filter| {
            filter.after = Some("01a210f8-4708-73d1-a851-e1f2f0b65c9b".into());
        });
        check("since=2026-11-23T18:00:00.001%2B01:00", |filter| {
            filter.since = Some(first_id(1_795_453_200_001));
        });
        check("search=%25_'%3B--", |filter| filter.search = Some("%_';--".into()));
    }

    #[test]
    fn wrong_parameters_are_named_all_at_once() {
        let check = |query: &str, expected: &[&str]| {
            let Err(Problem::Invalid { errors }) = parse(Some(query)) else { panic!("{query}") };
            let fields: Vec<&str> = errors.iter().map(|error| &*error.field).collect();
            assert_eq!(fields, expected, "{query}");
            assert!(errors.iter().all(|error| !error.allowed.is_empty()), "{query}");
        };
        check("limit=0", &["limit"]);
        check(
            "limit=501&after=x&order=up&status=6xx&route=/nope",
            &["limit", "after", "order", "status", "route"],
        );
        check(
            "method=G%20ET&model=xyz&since=today&until=1",
            &["method", "model", "since", "until"],
        );
        check("status=99&staus=500&x=1", &["staus, x", "status"]);
        check("route=/livez", &["route"]);
        check(&format!("search={}", "x".repeat(201)), &["search"]);
    }
}
