//! The table of routes, and how a path finds its row.

use std::future::Future;
use std::pin::Pin;

use http::Method;

use crate::access::Access;
use crate::database::Database;
use crate::host::Host;
use crate::negotiate::JSON;
use crate::request::Request;
use crate::response::{Answer, RouteResponse};
use crate::state::{Call, State};

mod predict;
mod batch;
mod similar;
mod models;
mod requests;
mod stats;
mod health;
mod metrics;
mod docs;
mod open_inference;

/// One route.
pub(crate) struct Route<D, H> {
    /// The path; `{…}` stands for one segment.
    pub(crate) pattern: &'static str,
    /// The methods next to HEAD, which goes with GET, and OPTIONS.
    pub(crate) methods: &'static [Method],
    pub(crate) access: Access,
    pub(crate) journaled: Journaled,
    /// The media type of the response, to be compared with `accept`.
    pub(crate) media: &'static str,
    pub(crate) handler: Handler<D, H>,
}

/// Whether requests to a route leave a row in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Journaled {
    Yes,
    /// With the beginning of the response only.
    Excerpt,
    /// Probes arrive every few seconds and say nothing about a diamond.
    No,
}

type Handler<D, H> = for<'a> fn(Call<'a, D, H>) -> Pin<Box<dyn Future<Output = Answer> + 'a>>;

const GET: &[Method] = &[Method::GET];
const POST: &[Method] = &[Method::POST];
const BOTH: &[Method] = &[Method::GET, Method::POST];

/// Every route of the API. The web demo's files are answered next to them.
#[rustfmt::skip]
fn table<D: Database, H: Host>() -> Vec<Route<D, H>> {
    use Access::{Admin, Caller, Open};
    use Journaled::{Excerpt, No, Yes};

    macro_rules! route {
        ($pattern:literal, $methods:expr, $access:expr, $journaled:expr, $media:expr, $handler:path) => {
            Route {
                pattern: $pattern, methods: $methods, access: $access, journaled: $journaled, media: $media,
                handler: |call| Box::pin($handler(call)),
            }
        };
    }
    vec![
        route!("/v1/predict",               POST, Caller, Yes,     JSON,           predict::predict),
        route!("/v1/predict/batch",         POST, Caller, Yes,     JSON,           batch::predict),
        route!("/v1/similar",               BOTH, Caller, Yes,     JSON,           similar::similar),
        route!("/v1/models",                GET,  Caller, Yes,     JSON,           models::all),
        route!("/v1/models/{id}",           GET,  Caller, Yes,     JSON,           models::one),
        route!("/v1/models/{id}/blob",      GET,  Caller, Excerpt, models::BLOB,   models::blob),
        route!("/v1/requests",              GET,  Admin,  Excerpt, JSON,           requests::all),
        route!("/v1/requests/{id}",         GET,  Admin,  Excerpt, JSON,           requests::one),
        route!("/v1/stats",                 GET,  Admin,  Yes,     JSON,           stats::stats),
        route!("/livez",                    GET,  Open,   No,      JSON,           health::live),
        route!("/readyz",                   GET,  Open,   No,      JSON,           health::ready),
        route!("/metrics",                  GET,  Open,   No,      metrics::MEDIA, metrics::metrics),
        route!("/openapi.json",             GET,  Open,   Yes,     JSON,           docs::openapi),
        route!("/docs",                     GET,  Open,   Yes,     docs::MEDIA,    docs::page),
        route!("/v2",                       GET,  Caller, Yes,     JSON,           open_inference::server),
        route!("/v2/health/live",           GET,  Open,   No,      JSON,           open_inference::live),
        route!("/v2/health/ready",          GET,  Open,   No,      JSON,           open_inference::ready),
        route!("/v2/models/diamonds",       GET,  Caller, Yes,     JSON,           open_inference::model),
        route!("/v2/models/diamonds/ready", GET,  Caller, Yes,     JSON,           open_inference::model_ready),
        route!("/v2/models/diamonds/infer", POST, Caller, Yes,     JSON,           open_inference::infer),
        route!("/v2/models/diamonds/versions/{id}", GET, Caller, Yes, JSON, open_inference::model),
        route!("/v2/models/diamonds/versions/{id}/ready", GET, Caller, Yes, JSON, open_inference::model_ready),
        route!("/v2/models/diamonds/versions/{id}/infer", POST, Caller, Yes, JSON, open_inference::infer),
    ]
}

impl<D, H> Route<D, H> {
    /// The segment in place of the pattern's `{…}` if the path matches; the empty text if the pattern has none.
    fn matches<'a>(&self, path: &'a str) -> Option<&'a str> {
        let Some((before, rest)) = self.pattern.split_once('{') else {
            return (path == self.pattern).then_some("");
        };
        let (_, after) = rest.split_once('}')?;
        let segment = path.strip_prefix(before)?.strip_suffix(after)?;
        (!segment.is_empty() && !segment.contains('/')).then_some(segment)
    }
}

/// The routes of one instance.
pub(crate) struct Router<D, H>(Vec<Route<D, H>>);

/// Where a request leads.
pub(crate) enum RouteMatch<'r, D, H> {
    /// A file of the web demo.
    File(RouteResponse),
    /// A file of the web demo, by a method that files do not take.
    FileByOtherMethod,
    /// A route of the API, and the segment of the path in place of its pattern's `{…}`.
    Route(&'r Route<D, H>, &'r str),
    /// Neither.
    None,
}

impl<D: Database, H: Host> Router<D, H> {
    /// The routes; the operator's do not exist without a token.
    pub(crate) fn new(has_admin: bool) -> Router<D, H> {
        let exists = |route: &Route<D, H>| has_admin || route.access != Access::Admin;
        Router(table().into_iter().filter(exists).collect())
    }

    /// The patterns of the routes that the journal records.
    pub(crate) fn journaled_patterns(&self) -> Vec<&'static str> {
        let journaled = self.0.iter().filter(|route| route.journaled != Journaled::No);
        journaled.map(|route| route.pattern).collect()
    }

    /// Finds the route or the file of a request.
    pub(crate) fn find<'r>(
        &'r self,
        request: &'r Request,
        state: &State<D, H>,
    ) -> RouteMatch<'r, D, H> {
        for route in &self.0 {
            if let Some(segment) = route.matches(&request.path) {
                return RouteMatch::Route(route, segment);
            }
        }
        match state.static_files.file(request, &state.host) {
            Some(file) if matches!(request.method, Method::GET | Method::HEAD) => {
                RouteMatch::File(file)
            }
            Some(_) => RouteMatch::FileByOtherMethod,
            None => RouteMatch::None,
        }
    }
}

impl<D, H> RouteMatch<'_, D, H> {
    /// The route's pattern, as the journal names it.
    pub(crate) fn pattern(&self) -> Option<&'static str> {
        match self {
            RouteMatch::Route(route, _) => Some(route.pattern),
            RouteMatch::File(_) | RouteMatch::FileByOtherMethod | RouteMatch::None => None,
        }
    }

    /// Everything is journaled but the demo's files and the probes.
    pub(crate) fn journaled(&self) -> Journaled {
        match self {
            RouteMatch::File(_) => Journaled::No,
            RouteMatch::Route(route, _) => route.journaled,
            RouteMatch::FileByOtherMethod | RouteMatch::None => Journaled::Yes,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;
    use crate::stub::Stub;

    fn routes() -> Vec<Route<&'static Stub, &'static Stub>> {
        table()
    }

    #[test]
    fn patterns_match_whole_paths() {
        let routes = routes();
        let check = |path: &str, expected: Option<(&str, &str)>| {
            let matches = |route: &Route<_, _>| Some((route.pattern, route.matches(path)?));
            assert_eq!(routes.iter().find_map(matches), expected, "{path}");
        };
        check("/v1/predict", Some(("/v1/predict", "")));
        check("/v1/models/3fa9", Some(("/v1/models/{id}", "3fa9")));
        check("/v1/models", Some(("/v1/models", "")));
        check("/v1/models/3fa9/blob", Some(("/v1/models/{id}/blob", "3fa9")));
        check("/v1/models/blob", Some(("/v1/models/{id}", "blob")));
        let version = "/v2/models/diamonds/versions/{id}";
        check("/v2/models/diamonds/versions/3fa9", Some((version, "3fa9")));
        check(
            "/v2/models/diamonds/versions/3fa9/infer",
            Some(("/v2/models/diamonds/versions/{id}/infer", "3fa9")),
        );
        for nowhere in [
            "/v1/predict/",
            "/v1/models/",
            "/v1/models/a/b",
            "/v1/models//blob",
            "/v1/models/a/b/blob",
            "/v2/models/diamonds/versions",
            "/v2/models/diamonds/versions//ready",
            "/V1/predict",
            "",
            "//",
        ] {
            check(nowhere, None);
        }
    }

    #[test]
    fn access_follows_from_the_path() {
        for route in routes() {
            let pattern = route.pattern;
            let expected = match pattern {
                "/v1/requests" | "/v1/requests/{id}" | "/v1/stats" => Access::Admin,
                // Callers that ask whether a server is up have no key.
                _ if pattern.starts_with("/v2/health/") => Access::Open,
                _ if pattern.starts_with("/v1/") || pattern.starts_with("/v2") => Access::Caller,
                _ => Access::Open,
            };
            assert_eq!(route.access, expected, "{pattern}");
        }
    }

    #[test]
    fn every_route_and_method_is_described_and_nothing_else() {
        let document: Json = serde_json::from_str(docs::OPENAPI).unwrap();
        let (mut described, mut routed) = (Vec::new(), Vec::new());
        for (path, methods) in document["paths"].as_object().unwrap() {
            let methods = methods.as_object().unwrap().keys();
            described.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
        }
        for Route { pattern, methods, .. } in routes() {
            routed.extend(methods.iter().map(|method| format!("{method} {pattern}")));
        }
        described.sort();
        routed.sort();
        assert_eq!(described, routed);
    }

    #[test]
    fn the_journal_is_filtered_by_every_route_there_is() {
        let document: Json = serde_json::from_str(docs::OPENAPI).unwrap();
        let parameters = document["paths"]["/v1/requests"]["get"]["parameters"].as_array().unwrap();
        let route = parameters.iter().find(|parameter| parameter["name"] == "route").unwrap();
        let described = route["schema"]["anyOf"][0]["enum"].as_array().unwrap();
        let described: Vec<&str> = described.iter().map(|route| route.as_str().unwrap()).collect();
        let patterns = Router(routes()).journaled_patterns();
        let routed: Vec<&str> = ["none"].into_iter().chain(patterns).collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn the_page_asks_no_other_host_and_names_every_route() {
        for elsewhere in ["src=\"http", "href=\"http", "@import", "url(http"] {
            assert!(!docs::DOCS.contains(elsewhere), "{elsewhere}");
        }
        for route in routes() {
            assert!(docs::DOCS.contains(route.pattern), "{}", route.pattern);
        }
    }
}
