//! `GET /v1/stats`: what the journal says of the last minutes, and of all time, in numbers.

use std::collections::BTreeMap;

use inference::FieldError;
use serde::Serialize;

use api::journal::first_id;
use api::{FieldErrors, Number, Query};

use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::response::{Answer, RouteResponse};
use crate::rfc3339;
use crate::state::Call;
use crate::store::{Group, NO_ROUTE, Total};

const DEFAULT_MINUTES: u32 = 60;
/// 30 days.
const MAX_MINUTES: u32 = 43_200;

/// How many of the newest rows are considered at most.
const MAX_ROWS: usize = 100_000;

#[derive(Serialize)]
struct Stats {
    window: Span,
    all: Figures,
    /// By the pattern of the route; `none` for paths that led nowhere.
    routes: BTreeMap<String, Figures>,
    /// How many requests each model answered.
    models: BTreeMap<String, u64>,
    totals: Totals,
    request_id: String,
}

/// What the figures are of.
#[derive(Serialize)]
struct Span {
    minutes: u32,
    /// When it begins: later than asked for where there were more rows than are considered.
    from: String,
    to: String,
    /// How many rows were considered.
    rows: u64,
    /// Whether these are all there are.
    complete: bool,
    requests_per_minute: Number,
}

#[derive(Serialize, Default)]
struct Figures {
    requests: u64,
    statuses: BTreeMap<i64, u64>,
    error_rates: ErrorRates,
    latency_us: Option<Latency>,
    request_bytes: i64,
    response_bytes: i64,
    #[serde(skip)]
    latencies_us: Vec<u64>,
}

/// Shares of the requests, from 0 to 1.
#[derive(Serialize)]
struct ErrorRates {
    #[serde(rename = "4xx")]
    client: Number,
    #[serde(rename = "5xx")]
    server: Number,
}

/// Exact, by nearest rank: p99 is the smallest latency that at least 99 in 100 do not exceed.
#[derive(Serialize)]
struct Latency {
    p50: u64,
    p90: u64,
    p99: u64,
    max: u64,
}

/// Since the database was made, pruned rows included.
#[derive(Serialize, Default)]
struct Totals {
    requests: i64,
    error_rates: ErrorRates,
    latency_us_mean: Option<Number>,
    routes: BTreeMap<String, BTreeMap<i64, i64>>,
}

pub(super) async fn stats<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let query = Query::parse(call.request.query.as_deref());
    let mut errors = FieldErrors::default();
    errors.add(query.errors(&["minutes"]));
    errors.check()?;
    let minutes = minutes(&query)?;
    let now_us = call.state.host.unix_time_us();
    let from_us = now_us.saturating_sub(u64::from(minutes) * 60_000_000);
    let since = first_id(i64::try_from(from_us / 1000).unwrap_or(i64::MAX));
    let groups = call.state.store.window(&since, MAX_ROWS).await?;
    let totals = totals(&call.state.store.totals().await?);

    let first_received_at = groups.iter().map(|group| group.first_received_at.clone()).min();
    let (mut all, mut routes, mut models) = (Figures::default(), BTreeMap::new(), BTreeMap::new());
    for group in groups {
        if let Some(model_id) = &group.model_id {
            *models.entry(model_id.clone()).or_default() += group.latencies_us.len() as u64;
        }
        all.add(&group);
        let route = group.route.clone().unwrap_or_else(|| NO_ROUTE.into());
        routes.entry(route).or_insert_with(Figures::default).add(&group);
    }
    let rows = all.requests;
    let complete = rows < MAX_ROWS as u64;
    let from = first_received_at.filter(|_| !complete).unwrap_or_else(|| rfc3339::text(from_us));
    let span = Span {
        requests_per_minute: per_minute(rows, &from, now_us, minutes),
        minutes,
        from,
        to: rfc3339::text(now_us),
        rows,
        complete,
    };
    let routes = routes.into_iter().map(|(route, figures)| (route, figures.finish())).collect();
    let stats = Stats {
        window: span,
        all: all.finish(),
        routes,
        models,
        totals,
        request_id: call.id.into(),
    };
    Ok(RouteResponse::json(&stats))
}

fn minutes(query: &Query<'_>) -> Result<u32, Problem> {
    let text = query.get("minutes").unwrap_or_default();
    if text.is_empty() {
        return Ok(DEFAULT_MINUTES);
    }
    let minutes = text.parse().ok().filter(|minutes| (1..=MAX_MINUTES).contains(minutes));
    minutes.ok_or_else(|| {
        vec![FieldError {
            field: "minutes".into(),
            value: text.into(),
            message: "must be a whole number in range".into(),
            allowed: format!("1 to {MAX_MINUTES}; {DEFAULT_MINUTES} where it is not given"),
        }]
        .into()
    })
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn per_minute(rows: u64, from: &str, now_us: u64, minutes: u32) -> Number {
    let from_us = rfc3339::unix_time_ms(from).map(|ms| ms * 1000);
    let span_us = i64::try_from(now_us).ok().zip(from_us).map(|(now, from)| now - from);
    // Rows of one moment, or a clock that was set back: the span is at least a second.
    let span = span_us.map_or(f64::from(minutes), |us| us.max(1_000_000) as f64 / 60e6);
    rounded(rows as f64 / span)
}

impl Figures {
    fn add(&mut self, group: &Group) {
        let requests = group.latencies_us.len() as u64;
        self.requests += requests;
        *self.statuses.entry(group.status).or_default() += requests;
        self.request_bytes = self.request_bytes.saturating_add(group.request_bytes);
        self.response_bytes = self.response_bytes.saturating_add(group.response_bytes);
        self.latencies_us.extend(&group.latencies_us);
    }

    /// What follows once everything was added.
    fn finish(mut self) -> Figures {
        self.error_rates = ErrorRates::of(self.statuses.iter().map(|(status, n)| (*status, *n)));
        self.latencies_us.sort_unstable();
        self.latency_us = Latency::of(&self.latencies_us);
        self
    }
}

impl Default for ErrorRates {
    fn default() -> ErrorRates {
        ErrorRates { client: Number(0.0), server: Number(0.0) }
    }
}

impl ErrorRates {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    fn of(statuses: impl Iterator<Item = (i64, u64)>) -> ErrorRates {
        let (mut all, mut client, mut server) = (0, 0, 0);
        for (status, requests) in statuses {
            all += requests;
            match status / 100 {
                4 => client += requests,
                5 => server += requests,
                _ => {}
            }
        }
        let rate = |failed: u64| rounded(failed as f64 / all.max(1) as f64);
        ErrorRates { client: rate(client), server: rate(server) }
    }
}

impl Latency {
    /// Of latencies from smallest to largest; `None` of none.
    fn of(sorted: &[u64]) -> Option<Latency> {
        let rank = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100);
            sorted.get(rank.saturating_sub(1)).copied()
        };
        Some(Latency { p50: rank(50)?, p90: rank(90)?, p99: rank(99)?, max: *sorted.last()? })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a mean needs no more digits")]
fn totals(rows: &[Total]) -> Totals {
    let mut totals = Totals::default();
    let mut latency_us = 0_i64;
    for row in rows {
        totals.requests += row.requests;
        latency_us = latency_us.saturating_add(row.latency_us);
        let route = row.route.clone().unwrap_or_else(|| NO_ROUTE.into());
        *totals.routes.entry(route).or_default().entry(row.status).or_default() += row.requests;
    }
    let statuses = rows.iter().map(|row| (row.status, row.requests.unsigned_abs()));
    totals.error_rates = ErrorRates::of(statuses);
    totals.latency_us_mean =
        (totals.requests > 0).then(|| rounded(latency_us as f64 / totals.requests as f64));
    totals
}

/// To six decimals, without the dust of binary fractions.
fn rounded(number: f64) -> Number {
    Number((number * 1e6).round() / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let check = |count: u64, expected: Option<[u64; 4]>| {
            let sorted: Vec<u64> = (1..=count).collect();
            let found = Latency::of(&sorted);
            assert_eq!(found.map(|l| [l.p50, l.p90, l.p99, l.max]), expected, "{count}");
        };
        check(0, None);
        check(1, Some([1, 1, 1, 1]));
        check(2, Some([1, 2, 2, 2]));
        check(10, Some([5, 9, 10, 10]));
        check(100, Some([50, 90, 99, 100]));
        check(101, Some([51, 91, 100, 101]));
        check(1_000, Some([500, 900, 990, 1_000]));
    }

    #[test]
    fn a_rate_is_of_the_span_that_was_seen() {
        let now_us = 3_600_000_000;
        let check = |rows, from, expected: f64| {
            assert_eq!(per_minute(rows, from, now_us, 60), Number(expected), "{from}");
        };
        check(120, "1970-01-01T00:00:00.000Z", 2.0);
        check(120, "1970-01-01T00:30:00.000Z", 4.0);
        check(10, "1970-01-01T01:00:00.000Z", 600.0);
    }
}
