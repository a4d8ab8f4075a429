//! `GET /metrics`: the counts of the whole journal, for Prometheus.

use std::collections::BTreeMap;

use crate::database::Database;
use crate::host::Host;
use crate::response::{Answer, RouteResponse};
use crate::state::Call;
use crate::store::{BEYOND, LATENCY_LIMITS_US, NO_ROUTE, Total};

/// The text format 0.0.4, which every Prometheus reads.
pub(super) const MEDIA: &str = "text/plain";

/// The same with its version and encoding.
const MEDIA_WITH_VERSION: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Counts are read from the database and cover every instance. Where they cannot be read they are left out, so that a
/// counter does not seem to start again; what is known without a database is always reported.
pub(super) async fn metrics<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let loaded = call.state.champion().await.ok();
    let totals = call.state.store.totals().await;
    let is_up = totals.is_ok() && call.state.store.read_failures().await.is_ok();

    let mut text = Exposition::default();
    let help = "Whether the database can be read.";
    text.single("loupe_database_up", "gauge", help, &[], is_up.into());
    let has_error = loaded.is_none() || call.state.models.last_error().is_some();
    let help =
        "Whether something keeps the registry's champion from answering; GET /readyz says what.";
    text.single("loupe_champion_trouble", "gauge", help, &[], has_error.into());
    if let Some(loaded) = loaded {
        let labels = [("id", &*loaded.id), ("family", &loaded.predictor.header().family)];
        text.single("loupe_model_info", "gauge", "The model that answers.", &labels, 1);
    }
    let help = "Records that went to standard error because the database refused them.";
    let failures = call.state.store.known_failures();
    text.single("loupe_journal_failures_total", "counter", help, &[], failures);
    if let Ok(totals) = totals {
        requests(&mut text, &totals);
        durations(&mut text, &totals);
    }
    Ok(RouteResponse::of(MEDIA_WITH_VERSION, text.0))
}

fn requests(text: &mut Exposition, totals: &[Total]) {
    const NAME: &str = "loupe_requests_total";
    let mut counts: BTreeMap<(&str, i64), u64> = BTreeMap::new();
    for total in totals {
        *counts.entry((route(total), total.status)).or_default() += total.requests.unsigned_abs();
    }
    text.family(NAME, "counter", "Requests in the journal, those that were pruned included.");
    for ((route, status), count) in counts {
        text.sample(NAME, &[("route", route), ("status", &status.to_string())], count);
    }
}

fn durations(text: &mut Exposition, totals: &[Total]) {
    const NAME: &str = "loupe_request_duration_seconds";
    let mut routes: BTreeMap<&str, Vec<&Total>> = BTreeMap::new();
    for total in totals {
        routes.entry(route(total)).or_default().push(total);
    }
    text.family(NAME, "histogram", "How long requests took, by the service's own clock.");
    for (route, totals) in routes {
        let count = |is_counted: &dyn Fn(i64) -> bool| -> u64 {
            let counted = totals.iter().filter(|total| is_counted(total.latency_limit_us));
            counted.map(|total| total.requests.unsigned_abs()).sum()
        };
        let all = count(&|_| true);
        let bucket = format!("{NAME}_bucket");
        for limit_us in LATENCY_LIMITS_US {
            let labels = [("route", route), ("le", &seconds(limit_us))];
            text.sample(&bucket, &labels, count(&|limit| limit != BEYOND && limit <= limit_us));
        }
        text.sample(&bucket, &[("route", route), ("le", "+Inf")], all);
        let latency_us: i64 = totals.iter().map(|total| total.latency_us).sum();
        text.sample(&format!("{NAME}_sum"), &[("route", route)], seconds(latency_us));
        text.sample(&format!("{NAME}_count"), &[("route", route)], all);
    }
}

fn route(total: &Total) -> &str {
    total.route.as_deref().unwrap_or(NO_ROUTE)
}

/// Microseconds as seconds, exactly.
fn seconds(microseconds: i64) -> String {
    let decimals = format!("{}.{:06}", microseconds / 1_000_000, microseconds % 1_000_000);
    decimals.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The names and values of a sample's labels.
type Labels<'a> = [(&'a str, &'a str)];

/// A text in Prometheus's format.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.0.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// A family of one sample.
    fn single(&mut self, name: &str, kind: &str, help: &str, labels: &Labels<'_>, value: u64) {
        self.family(name, kind, help);
        self.sample(name, labels, value);
    }

    fn sample(&mut self, name: &str, labels: &Labels<'_>, value: impl std::fmt::Display) {
        let escaped =
            |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let label = |(name, value): &(&str, &str)| format!("{name}=\"{}\"", escaped(value));
        let labels = match labels {
            [] => String::new(),
            labels => format!("{{{}}}", labels.iter().map(label).collect::<Vec<_>>().join(",")),
        };
        self.0.push_str(&format!("{name}{labels} {value}\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_exact() {
        let check = |us, expected: &str| assert_eq!(seconds(us), expected);
        check(0, "0");
        check(250, "0.00025");
        check(1_000_000, "1");
        check(10_000_000, "10");
        check(1_234_567, "1.234567");
    }

    #[test]
    fn a_label_cannot_end_itself() {
        let mut text = Exposition::default();
        text.sample("a", &[("family", "x\"} 1\n\\")], 1);
        assert_eq!(text.0, "a{family=\"x\\\"} 1\\n\\\\\"} 1\n");
    }
}
