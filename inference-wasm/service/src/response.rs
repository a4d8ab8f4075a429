//! Responses: what a route returns, and the HTTP response that is made of it.

use std::rc::Rc;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG,
    VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde::Serialize;
use sha2::{Digest, Sha256};

use api::hex::hexadecimal;

use crate::cors::share;
use crate::headers::{self, protect};
use crate::negotiate::{IDENTITY, JSON, is_known};
use crate::problem::{Problem, list};
use crate::request::{Body, Request};
use crate::trace::Trace;

/// What a route's handler returns.
pub(crate) type Answer = Result<RouteResponse, Problem>;

/// A response before the header fields that all responses have.
#[derive(Debug, Clone)]
pub(crate) struct RouteResponse {
    pub(crate) status: StatusCode,
    pub(crate) media: Option<&'static str>,
    pub(crate) body: Bytes,
    /// The model that was used, for the journal.
    pub(crate) model_id: Option<String>,
    pub(crate) allow: Option<&'static [Method]>,
    /// The codings of a request's body that are read, where it had another.
    pub(crate) accept_encoding: Option<&'static str>,
    /// `cache-control`; by default `no-store`, since most responses belong to one moment and one caller.
    pub(crate) cache: &'static str,
    /// Validates a caller's copy of the body.
    pub(crate) etag: Option<Rc<str>>,
    /// How the body is compressed.
    pub(crate) coding: Option<&'static str>,
    /// The request's header field that decided which body this is.
    pub(crate) vary: Option<&'static str>,
    /// The content security policy.
    pub(crate) policy: &'static str,
}

impl RouteResponse {
    /// A body of some media type.
    pub(crate) fn of(media: &'static str, body: impl Into<Bytes>) -> RouteResponse {
        RouteResponse {
            status: StatusCode::OK,
            media: Some(media),
            body: body.into(),
            model_id: None,
            allow: None,
            accept_encoding: None,
            cache: "no-store",
            etag: None,
            coding: None,
            vary: None,
            policy: headers::NOTHING,
        }
    }

    /// A value as JSON.
    pub(crate) fn json(value: &impl Serialize) -> RouteResponse {
        RouteResponse::json_as(JSON, value)
    }

    /// A value as JSON whose status also says whether something is ready, for callers that read nothing else.
    pub(crate) fn readiness(is_ready: bool, value: &impl Serialize) -> RouteResponse {
        let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        RouteResponse { status, ..RouteResponse::json(value) }
    }

    /// The response to OPTIONS.
    pub(crate) fn options(methods: &'static [Method]) -> RouteResponse {
        RouteResponse {
            status: StatusCode::NO_CONTENT,
            media: None,
            allow: Some(methods),
            ..RouteResponse::of(JSON, Bytes::new())
        }
    }

    /// A problem. Below `/v2` it also has the member that the Open Inference Protocol gives its errors.
    pub(crate) fn problem(problem: Problem, request_id: &str, path: &str) -> RouteResponse {
        let status = problem.status();
        let (mut allow, mut accept_encoding) = (None, None);
        match &problem {
            Problem::MethodNotAllowed { allowed, .. } => allow = Some(*allowed),
            Problem::UnsupportedContentCoding { .. } => accept_encoding = Some(IDENTITY),
            _ => {}
        }
        let mut body = problem.body(request_id);
        body.error = is_open_inference(path).then(|| body.detail.clone());
        RouteResponse {
            status,
            allow,
            accept_encoding,
            ..RouteResponse::json_as("application/problem+json", &body)
        }
    }

    fn json_as(media: &'static str, value: &impl Serialize) -> RouteResponse {
        // JSON refuses only maps with keys that are not text, and our types hold none.
        RouteResponse::of(media, serde_json::to_vec(value).unwrap_or_default())
    }

    /// The same with the model that was used.
    pub(crate) fn by(mut self, model_id: &str) -> RouteResponse {
        self.model_id = Some(model_id.to_owned());
        self
    }

    /// The HTTP response, with every header field.
    pub(crate) fn into_http(
        mut self,
        request: &Request,
        request_id: &str,
        origins: &[String],
    ) -> HttpResponse {
        // Only responses to GET and HEAD have an etag.
        if self.etag.as_ref().is_some_and(|etag| is_known(request, etag)) {
            self.status = StatusCode::NOT_MODIFIED;
        }
        let length = self.body.len();
        let is_unchanged = self.status == StatusCode::NOT_MODIFIED;
        // HTTP servers leave the body of a response to HEAD out, but compare it with its length.
        let is_head = request.method == Method::HEAD || is_unchanged;
        let sent = if is_head { Bytes::new() } else { self.body.clone() };
        let mut http = Response::new(if is_unchanged { Bytes::new() } else { self.body });
        *http.status_mut() = self.status;
        let headers = http.headers_mut();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        if let Some(media) = self.media {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
        }
        if let Some(methods) = self.allow {
            insert(headers, ALLOW, &allow(methods));
        }
        if let Some(codings) = self.accept_encoding {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(codings));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache));
        if let Some(etag) = &self.etag {
            insert(headers, ETAG, etag);
        }
        if let Some(coding) = self.coding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        if let Some(field) = self.vary {
            headers.append(VARY, HeaderValue::from_static(field));
        }
        if let Some(trace) = Trace::of(request) {
            insert(headers, HeaderName::from_static("traceparent"), &trace.answered_by(request_id));
        }
        insert(headers, HeaderName::from_static("x-request-id"), request_id);
        protect(headers, self.status, self.policy);
        share(headers, self.status, request, origins);
        HttpResponse { http, media: self.media, body: Body::whole(sent), model_id: self.model_id }
    }
}

/// An HTTP response and what the journal records of it.
pub(crate) struct HttpResponse {
    pub(crate) http: Response<Bytes>,
    pub(crate) media: Option<&'static str>,
    /// The body as the caller receives it.
    pub(crate) body: Body,
    pub(crate) model_id: Option<String>,
}

/// A strong validator: equal for equal bytes only.
pub(crate) fn etag(body: &[u8]) -> Rc<str> {
    // 128 bits are enough: no one gains by two files of one hash.
    let hash = hexadecimal(&Sha256::digest(body)[..16]);
    format!("\"{hash}\"").into()
}

/// Whether a path belongs to the Open Inference Protocol, whose callers look for `error` in a problem.
fn is_open_inference(path: &str) -> bool {
    path.strip_prefix("/v2").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The value of `allow`: a route's methods, and those that every route takes.
fn allow(methods: &[Method]) -> String {
    let head = if methods.contains(&Method::GET) { ", HEAD" } else { "" };
    format!("{}{head}, OPTIONS", list(methods))
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // The values are our own ASCII; if one ever is not, the response goes without the field.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_is_spoken_below_v2_and_nowhere_else() {
        let check =
            |path: &str, expected: bool| assert_eq!(is_open_inference(path), expected, "{path}");
        check("/v2", true);
        check("/v2/", true);
        check("/v2/models/emeralds/infer", true);
        check("/v2x", false);
        check("/v1/v2", false);
    }
}
