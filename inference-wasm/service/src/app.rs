//! The service itself: one request in, one journaled response out.

use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, VARY,
    WWW_AUTHENTICATE,
};
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use sha2::{Digest, Sha256};

use crate::champion::Champion;
use crate::client::Clients;
use crate::cors::share;
use crate::database::Database;
use crate::headers::protect;
use crate::host::Host;
use crate::journal::{Journal, Kept};
use crate::negotiate::is_known;
use crate::problem::{Problem, list};
use crate::record::{Content, Record};
use crate::request::{Body, Broken, Moment, Request, hexadecimal};
use crate::routes::{self, Answer, Found, Page};
use crate::settings::{CorsOrigins, Settings};
use crate::store::Store;
use crate::trace::Trace;
use crate::workshop::Workshop;

/// The service over a database and a host. One per component instance; requests may run in it side by side.
pub struct App<D, H: Host> {
    workshop: Workshop<D, H>,
    journal: Journal<H::Bell>,
    clients: Clients,
    settings: Settings,
}

impl<D: Database, H: Host> App<D, H> {
    /// A service that has not looked at anything yet.
    ///
    /// `reader` and `writer` are the same database by two connections.
    pub fn new(reader: D, writer: D, host: H, settings: Settings) -> App<D, H> {
        let store = Store::new(reader, writer, settings.journal_sync);
        App {
            workshop: Workshop {
                store,
                host,
                champion: Champion::default(),
                page: Page::default(),
            },
            journal: Journal::of(settings.journal_group_rows),
            clients: Clients::default(),
            settings,
        }
    }

    /// How long the body of a request may take to arrive.
    pub fn request_timeout(&self) -> Duration {
        self.settings.request_timeout
    }

    /// The present moment, for a request that is about to be read.
    pub fn now(&self) -> Moment {
        self.workshop.host.now()
    }

    /// Answers a request. Its row is committed, or on standard error, before this returns. The response to a HEAD
    /// carries the body that GET would be answered; an HTTP server leaves it out.
    pub async fn handle(&self, request: Request) -> Response<Bytes> {
        let id = request_id(request.received.unix_time_us, self.workshop.host.random());

        let found = match routes::find(
            &request,
            &self.settings,
            &self.workshop.page,
            &self.workshop.host,
        ) {
            // What is refused for its head is no longer one of the demo's files, and is journaled.
            Found::Page(_) if request.check_head().is_err() => Found::Nothing,
            found => found,
        };
        let answer = self.answer(&request, &found, &id).await;
        let mut response = respond(&request, answer, &id, &self.settings.cors_origins);
        if found.is_journaled() {
            let client = self.client(&request).await;
            let record = self.record(id, request, &found, &response, client);
            if self.journal.keep(record, &self.workshop.store, &self.workshop.host).await
                == Kept::StandardError
            {
                let name = HeaderName::from_static("x-loupe-journal");
                response.http.headers_mut().insert(name, HeaderValue::from_static("stderr"));
            }
        }
        response.http
    }

    /// What the route says, with every error turned into a problem.
    async fn answer(&self, request: &Request, found: &Found, id: &str) -> Answer {
        let result = match (request.check_head(), found) {
            (Err(problem), _) => Err(problem),
            (_, Found::Page(file)) => Ok(file.clone()),
            (_, Found::PageByOther) => routes::page_by_other(&request.method),
            (_, Found::Route(route)) => self.dispatch(request, route, id).await,
            (_, Found::Nothing) => Err(Problem::NoSuchRoute { path: request.path.clone() }),
        };
        let answer = result.unwrap_or_else(|problem| {
            if let Some(line) = problem.for_the_operator() {
                self.workshop.host.complain(&line);
            }
            Answer::problem(problem, id, &request.path)
        });
        // Only what GET and HEAD are answered has an etag.
        match &answer.etag {
            Some(etag) if is_known(request, etag) => answer.unchanged(),
            _ => answer,
        }
    }

    async fn dispatch(
        &self,
        request: &Request,
        route: &routes::Matched,
        id: &str,
    ) -> Result<Answer, Problem> {
        let methods = route.entry.methods();
        let method = if request.method == Method::HEAD { &Method::GET } else { &request.method };
        if method == Method::OPTIONS {
            return Ok(Answer::options(methods));
        }
        if !methods.contains(method) {
            return Err(Problem::MethodNotAllowed {
                method: request.method.clone(),
                allowed: methods,
            });
        }
        route.entry.door().check(request, &self.settings)?;
        self.check_body(&request.body)?;
        routes::answer(&self.workshop, request, route, id).await
    }

    fn check_body(&self, body: &Body) -> Result<(), Problem> {
        if body.is_too_large() {
            let limit = crate::request::BODY_LIMIT_BYTES as u64;
            return Err(Problem::TooLarge { bytes: body.bytes, limit });
        }
        match &body.broken {
            None => Ok(()),
            Some(Broken::Late) => {
                let seconds = self.settings.request_timeout.as_secs();
                Err(Problem::Late { bytes: body.bytes, seconds })
            }
            Some(Broken::Endless) => {
                Err(Problem::NotParseable { detail: "the body does not end".into() })
            }
            Some(Broken::Cut(why)) => Err(Problem::NotParseable {
                detail: format!("the body did not arrive whole: {why}"),
            }),
        }
    }

    /// What the journal calls the caller.
    async fn client(&self, request: &Request) -> Option<String> {
        self.clients.hash(&request.headers, &self.workshop.store, &self.workshop.host).await
    }

    /// What the journal keeps of an exchange that ends now.
    fn record(
        &self,
        id: String,
        request: Request,
        found: &Found,
        response: &Responded,
        client: Option<String>,
    ) -> Record {
        let now_us = self.workshop.host.monotonic_us();
        let text = |name: &str| {
            request
                .headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Record {
            id,
            received_at: rfc3339(request.received.unix_time_us),
            route: found.pattern(),
            latency_us: now_us.saturating_sub(request.received.monotonic_us),
            status: response.http.status().as_u16(),
            request: self.content(text("content-type"), &request.body, usize::MAX),
            response: self.content(
                response.media.map(str::to_owned),
                &response.body,
                found.kept_bytes(),
            ),
            model_id: response.model_id.clone(),
            client,
            user_agent: text("user-agent"),
            caller_request_id: text("x-request-id"),
            trace_id: Trace::of(&request).map(|trace| trace.id),
            method: request.method.to_string(),
            path: request.path,
            query: request.query,
        }
    }

    /// As much of a body as the settings allow, and `most_bytes` do.
    fn content(&self, media: Option<String>, body: &Body, most_bytes: usize) -> Content {
        let most = self.settings.journal_body_bytes.min(most_bytes).min(body.kept.len());
        let whole = most as u64 == body.bytes;
        let sha256 = match &body.sha256 {
            Some(sha256) => Some(sha256.clone()),
            None if whole => None,
            None => Some(hexadecimal(&Sha256::digest(&body.kept))),
        };
        // A cut must not split a character, or a text would turn into a blob.
        let end = if whole { most } else { whole_characters(&body.kept[..most]) };
        Content { media, kept: body.kept.slice(..end), bytes: body.bytes, sha256 }
    }
}

/// A response with what the journal says of it.
struct Responded {
    http: Response<Bytes>,
    media: Option<&'static str>,
    body: Body,
    model_id: Option<String>,
}

fn respond(request: &Request, answer: Answer, id: &str, origins: &CorsOrigins) -> Responded {
    let length = answer.body.len();
    let is_unchanged = answer.status == StatusCode::NOT_MODIFIED;
    // What a HEAD is answered ends with its head: HTTP servers leave the body out, but hold it against its length.
    let is_head = request.method == Method::HEAD || is_unchanged;
    let sent = if is_head { Bytes::new() } else { answer.body.clone() };
    let mut http = Response::new(if is_unchanged { Bytes::new() } else { answer.body });
    *http.status_mut() = answer.status;
    let headers = http.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    if let Some(media) = answer.media {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    }
    if let Some(methods) = answer.allow {
        insert(headers, ALLOW, &allow(methods));
    }
    // Answers are of one moment and one caller, but for what says otherwise.
    let cache = answer.cache.unwrap_or("no-store");
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Some(etag) = &answer.etag {
        insert(headers, ETAG, etag);
    }
    if let Some(coding) = answer.coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    if let Some(field) = answer.vary {
        headers.append(VARY, HeaderValue::from_static(field));
    }
    if answer.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(trace) = Trace::of(request) {
        insert(headers, HeaderName::from_static("traceparent"), &trace.answered_by(id));
    }
    insert(headers, HeaderName::from_static("x-request-id"), id);
    protect(headers, answer.status, answer.policy);
    share(headers, answer.status, request, origins);
    Responded { http, media: answer.media, body: Body::whole(sent), model_id: answer.model_id }
}

/// What the Allow header of a route says: its methods, and those that every route takes.
fn allow(methods: &[Method]) -> String {
    let head = if methods.contains(&Method::GET) { ", HEAD" } else { "" };
    format!("{}{head}, OPTIONS", list(methods))
}

fn insert(headers: &mut http::HeaderMap, name: HeaderName, value: &str) {
    // Only our own ASCII comes here; if it ever does not, the header is left out rather than the answer.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// A new UUIDv7.
fn request_id(unix_time_us: u64, random: [u8; 10]) -> String {
    uuid::Builder::from_unix_timestamp_millis(unix_time_us / 1000, &random).into_uuid().to_string()
}

/// A moment as RFC 3339 text in UTC with milliseconds.
pub(crate) fn rfc3339(unix_time_us: u64) -> String {
    let microseconds = i64::try_from(unix_time_us).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_microsecond(microseconds).unwrap_or(jiff::Timestamp::MAX);
    // Milliseconds are cut, not rounded: a row is never dated after its id.
    let cut = moment.duration_since(jiff::Timestamp::UNIX_EPOCH).as_millis();
    let cut = i64::try_from(cut).ok().and_then(|cut| jiff::Timestamp::from_millisecond(cut).ok());
    format!("{:.3}", cut.unwrap_or(moment))
}

/// How much of the beginning of a text is whole characters; all of it where it is no text.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        // An error without a length is a character that the cut took the end of.
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_rfc_3339() {
        let check = |unix_time_us: u64, expected: &str| assert_eq!(rfc3339(unix_time_us), expected);
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_400_000_000, "2000-02-29T00:00:00.000Z");
        check(1_795_453_199_999_999, "2026-11-23T16:59:59.999Z");
        check(4_107_542_400_000_000, "2100-03-01T00:00:00.000Z");
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        let check = |bytes: &[u8], expected| assert_eq!(whole_characters(bytes), expected);
        check(&"añb".as_bytes()[..2], 1);
        check("añ".as_bytes(), 3);
        check(&"a💎".as_bytes()[..4], 1);
        check(b"ab", 2);
        check(b"a\xffb", 3);
    }
}
