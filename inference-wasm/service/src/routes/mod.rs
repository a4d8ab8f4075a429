//! The routes: which path leads where, and what each answers.

use std::rc::Rc;

use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Serialize;

use crate::access::Door;
use crate::database::Database;
use crate::headers;
use crate::host::Host;
use crate::negotiate::check_accept;
use crate::problem::Problem;
use crate::request::Request;
use crate::settings::Settings;
use crate::workshop::Workshop;

mod predict;
mod batch;
mod similar;
mod models;
mod requests;
mod stats;
mod health;
mod metrics;
mod docs;
mod page;
mod open_inference;

pub(crate) use page::Page;

/// One route: its pattern, where `{…}` stands for one segment, and what it answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pattern: &'static str,
    endpoint: Endpoint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Predict,
    Batch,
    Similar,
    Models,
    Model,
    Blob,
    Requests,
    Request,
    Stats,
    Live,
    Ready,
    Metrics,
    OpenApi,
    Docs,
    InferenceServer,
    InferenceLive,
    InferenceReady,
    InferenceModel,
    InferenceModelReady,
    Infer,
}

/// Every route of the API. The web demo's files are answered beside them.
const ROUTES: &[Entry] = &[
    Entry { pattern: "/v1/predict", endpoint: Endpoint::Predict },
    Entry { pattern: "/v1/predict/batch", endpoint: Endpoint::Batch },
    Entry { pattern: "/v1/similar", endpoint: Endpoint::Similar },
    Entry { pattern: "/v1/models", endpoint: Endpoint::Models },
    Entry { pattern: "/v1/models/{id}", endpoint: Endpoint::Model },
    Entry { pattern: "/v1/models/{id}/blob", endpoint: Endpoint::Blob },
    Entry { pattern: "/v1/requests", endpoint: Endpoint::Requests },
    Entry { pattern: "/v1/requests/{id}", endpoint: Endpoint::Request },
    Entry { pattern: "/v1/stats", endpoint: Endpoint::Stats },
    Entry { pattern: "/livez", endpoint: Endpoint::Live },
    Entry { pattern: "/readyz", endpoint: Endpoint::Ready },
    Entry { pattern: "/metrics", endpoint: Endpoint::Metrics },
    Entry { pattern: "/openapi.json", endpoint: Endpoint::OpenApi },
    Entry { pattern: "/docs", endpoint: Endpoint::Docs },
    Entry { pattern: "/v2", endpoint: Endpoint::InferenceServer },
    Entry { pattern: "/v2/health/live", endpoint: Endpoint::InferenceLive },
    Entry { pattern: "/v2/health/ready", endpoint: Endpoint::InferenceReady },
    Entry { pattern: "/v2/models/diamonds", endpoint: Endpoint::InferenceModel },
    Entry { pattern: "/v2/models/diamonds/ready", endpoint: Endpoint::InferenceModelReady },
    Entry { pattern: "/v2/models/diamonds/infer", endpoint: Endpoint::Infer },
];

impl Entry {
    /// The methods of the route beside HEAD, which goes with GET, and OPTIONS.
    pub(crate) fn methods(&self) -> &'static [Method] {
        match self.endpoint {
            Endpoint::Predict | Endpoint::Batch | Endpoint::Infer => &[Method::POST],
            Endpoint::Similar => &[Method::GET, Method::POST],
            _ => &[Method::GET],
        }
    }

    /// Whom the route is there for.
    pub(crate) fn door(&self) -> Door {
        Door::of(self.pattern)
    }

    /// What the route's answer is, for a caller that is choosy.
    fn offers(&self) -> &'static str {
        match self.endpoint {
            Endpoint::Docs => docs::HTML,
            Endpoint::Metrics => "text/plain",
            Endpoint::Blob => models::BLOB,
            _ => JSON,
        }
    }

    /// Probes are asked every few seconds and say nothing of a diamond.
    fn is_probe(&self) -> bool {
        matches!(self.endpoint, Endpoint::Live | Endpoint::Ready | Endpoint::Metrics)
    }

    /// Whether the database has what is answered anyway: bodies of other exchanges, or a model's blob.
    fn shows_kept(&self) -> bool {
        matches!(self.endpoint, Endpoint::Requests | Endpoint::Request | Endpoint::Blob)
    }

    /// The value of the pattern's `{…}` where the path fits it; the empty text where it has none.
    fn matches<'a>(&self, path: &'a str) -> Option<&'a str> {
        let Some((before, rest)) = self.pattern.split_once('{') else {
            return (path == self.pattern).then_some("");
        };
        let (_, after) = rest.split_once('}')?;
        let segment = path.strip_prefix(before)?.strip_suffix(after)?;
        (!segment.is_empty() && !segment.contains('/')).then_some(segment)
    }
}

/// What stands for the route of paths that led nowhere.
const NOWHERE: &str = "none";

/// The patterns that the journal can name.
fn journaled_patterns() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().filter(|entry| !entry.is_probe()).map(|entry| entry.pattern)
}

/// Where a request leads.
#[derive(Debug)]
pub(crate) enum Found {
    /// A file of the web demo.
    Page(Answer),
    /// A file of the web demo, asked for by a method that files do not take.
    PageByOther,
    /// A route of the API.
    Route(Matched),
    /// Nowhere.
    Nothing,
}

/// A route and the segment that its pattern leaves open.
#[derive(Debug)]
pub(crate) struct Matched {
    pub(crate) entry: &'static Entry,
    segment: String,
}

impl Found {
    /// The route as the journal names it.
    pub(crate) fn pattern(&self) -> Option<&'static str> {
        match self {
            Found::Route(matched) => Some(matched.entry.pattern),
            Found::Page(_) | Found::PageByOther | Found::Nothing => None,
        }
    }

    /// How much of the answer's body the journal keeps at most.
    pub(crate) fn kept_bytes(&self) -> usize {
        match self {
            Found::Route(matched) if matched.entry.shows_kept() => requests::KEPT_BYTES,
            _ => usize::MAX,
        }
    }

    /// Everything is journaled but the demo's files and the probes.
    pub(crate) fn is_journaled(&self) -> bool {
        match self {
            Found::Page(_) => false,
            Found::Route(matched) => !matched.entry.is_probe(),
            Found::PageByOther | Found::Nothing => true,
        }
    }
}

/// Refuses or answers a method on a file of the web demo.
pub(crate) fn page_by_other(method: &Method) -> Result<Answer, Problem> {
    if method == Method::OPTIONS {
        Ok(Answer::options(page::METHODS))
    } else {
        Err(Problem::MethodNotAllowed { method: method.clone(), allowed: page::METHODS })
    }
}

/// Finds where a request leads.
pub(crate) fn find(request: &Request, settings: &Settings, page: &Page, host: &impl Host) -> Found {
    let is_open = |entry: &&Entry| settings.admin_token.is_some() || entry.door() != Door::Admin;
    for entry in ROUTES.iter().filter(is_open) {
        if let Some(segment) = entry.matches(&request.path) {
            return Found::Route(Matched { entry, segment: segment.to_owned() });
        }
    }
    match page.file(request, host) {
        Some(file) if matches!(request.method, Method::GET | Method::HEAD) => Found::Page(file),
        Some(_) => Found::PageByOther,
        None => Found::Nothing,
    }
}

/// Answers a request whose route and method are right.
pub(crate) async fn answer<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    request: &Request,
    matched: &Matched,
    id: &str,
) -> Result<Answer, Problem> {
    check_accept(request, matched.entry.offers())?;
    match matched.entry.endpoint {
        Endpoint::Predict => predict::answer(workshop, request, id).await,
        Endpoint::Batch => batch::answer(workshop, request, id).await,
        Endpoint::Similar => similar::answer(workshop, request, id).await,
        Endpoint::Models => models::all(workshop, id).await,
        Endpoint::Model => models::one(workshop, &matched.segment, id).await,
        Endpoint::Blob => models::blob(workshop, &matched.segment).await,
        Endpoint::Requests => requests::all(workshop, request, id).await,
        Endpoint::Request => requests::one(workshop, &matched.segment, id).await,
        Endpoint::Stats => stats::answer(workshop, request, id).await,
        Endpoint::Live => health::live(id),
        Endpoint::Ready => health::ready(workshop, id).await,
        Endpoint::Metrics => metrics::answer(workshop).await,
        Endpoint::OpenApi => Ok(docs::openapi()),
        Endpoint::Docs => Ok(docs::page()),
        Endpoint::InferenceServer => Ok(open_inference::server()),
        Endpoint::InferenceLive => Ok(open_inference::live()),
        Endpoint::InferenceReady => Ok(open_inference::ready(workshop).await),
        Endpoint::InferenceModel => open_inference::model(workshop).await,
        Endpoint::InferenceModelReady => Ok(open_inference::model_ready(workshop).await),
        Endpoint::Infer => open_inference::infer(workshop, request, id).await,
    }
}

const JSON: &str = "application/json";

/// What a route answers.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) media: Option<&'static str>,
    pub(crate) body: Bytes,
    /// The model that was asked, for the journal.
    pub(crate) model_id: Option<String>,
    pub(crate) allow: Option<&'static [Method]>,
    pub(crate) cache: Option<&'static str>,
    /// What a caller that has it already can ask by.
    pub(crate) etag: Option<Rc<str>>,
    /// How the body is compressed.
    pub(crate) coding: Option<&'static str>,
    /// The request's field that decided which body this is.
    pub(crate) vary: Option<&'static str>,
    /// The content security policy.
    pub(crate) policy: &'static str,
}

impl Answer {
    /// A body of some type.
    fn of(media: &'static str, body: impl Into<Bytes>) -> Answer {
        let body = body.into();
        Answer {
            status: StatusCode::OK,
            media: Some(media),
            body,
            model_id: None,
            allow: None,
            cache: None,
            etag: None,
            coding: None,
            vary: None,
            policy: headers::NOTHING,
        }
    }

    /// The same for a caller that has the body already: its fields are sent without it.
    pub(crate) fn unchanged(self) -> Answer {
        Answer { status: StatusCode::NOT_MODIFIED, ..self }
    }

    /// A value as JSON.
    fn json(value: &impl Serialize) -> Answer {
        Answer::json_as(JSON, value)
    }

    /// What a route says to OPTIONS.
    pub(crate) fn options(methods: &'static [Method]) -> Answer {
        Answer {
            status: StatusCode::NO_CONTENT,
            media: None,
            allow: Some(methods),
            ..Answer::of(JSON, Bytes::new())
        }
    }

    /// A problem, as those read it who ask at this path.
    pub(crate) fn problem(problem: Problem, id: &str, path: &str) -> Answer {
        let status = problem.status();
        let allow = match &problem {
            Problem::MethodNotAllowed { allowed, .. } => Some(*allowed),
            _ => None,
        };
        let mut body = problem.body(id);
        if open_inference::is_spoken_at(path) {
            body = body.with_error();
        }
        Answer { status, allow, ..Answer::json_as("application/problem+json", &body) }
    }

    fn json_as(media: &'static str, value: &impl Serialize) -> Answer {
        // Our own types hold no map with keys that are not text, the one thing that JSON refuses.
        Answer::of(media, serde_json::to_vec(value).unwrap_or_default())
    }

    /// What changes with every request, and is nobody else's.
    fn unstored(self) -> Answer {
        Answer { cache: Some("no-store"), ..self }
    }

    fn by(mut self, model_id: &str) -> Answer {
        self.model_id = Some(model_id.to_owned());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_paths() {
        fn found(path: &str) -> Option<(&'static str, &str)> {
            ROUTES
                .iter()
                .find_map(|entry| entry.matches(path).map(|segment| (entry.pattern, segment)))
        }
        assert_eq!(found("/v1/predict"), Some(("/v1/predict", "")));
        assert_eq!(found("/v1/models/3fa9"), Some(("/v1/models/{id}", "3fa9")));
        assert_eq!(found("/v1/models"), Some(("/v1/models", "")));
        assert_eq!(found("/v1/models/3fa9/blob"), Some(("/v1/models/{id}/blob", "3fa9")));
        assert_eq!(found("/v1/models/blob"), Some(("/v1/models/{id}", "blob")));
        for nowhere in [
            "/v1/predict/",
            "/v1/models/",
            "/v1/models/a/b",
            "/v1/models//blob",
            "/v1/models/a/b/blob",
            "/V1/predict",
            "",
            "//",
        ] {
            assert_eq!(found(nowhere), None, "{nowhere}");
        }
    }
}
