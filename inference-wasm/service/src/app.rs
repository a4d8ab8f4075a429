//! The service itself: one request in, one journaled response out.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Response};
use sha2::{Digest, Sha256};

use crate::champion::Champion;
use crate::database::Database;
use crate::host::Host;
use crate::journal::{Journal, Kept};
use crate::problem::{Problem, list};
use crate::record::{Content, Record};
use crate::request::{Body, Moment, Request, hexadecimal};
use crate::routes::{self, Answer, Found};
use crate::settings::Settings;
use crate::store::Store;
use crate::workshop::Workshop;

/// The service over a database and a host. One per component instance; requests may run in it side by side.
pub struct App<D, H: Host> {
    workshop: Workshop<D, H>,
    journal: Journal<H::Bell>,
    settings: Settings,
}

impl<D: Database, H: Host> App<D, H> {
    /// A service that has not looked at anything yet.
    ///
    /// `reader` and `writer` are the same database by two connections.
    pub fn new(reader: D, writer: D, host: H, settings: Settings) -> App<D, H> {
        let store = Store::new(reader, writer, settings.journal_sync);
        App {
            workshop: Workshop { store, host, champion: Champion::default() },
            journal: Journal::of(settings.journal_group_rows),
            settings,
        }
    }

    /// The present moment, for a request that is about to be read.
    pub fn now(&self) -> Moment {
        self.workshop.host.now()
    }

    /// Answers a request. Its row is committed, or on standard error, before this returns. The response to a HEAD
    /// carries the body that GET would be answered; an HTTP server leaves it out.
    pub async fn handle(&self, request: Request) -> Response<Bytes> {
        let id = request_id(request.received.unix_time_us, self.workshop.host.random());

        let found = routes::find(&request, &self.workshop.host);
        let answer = self.answer(&request, &found, &id).await;
        let mut response = respond(&request, answer, &id);
        if found.is_journaled() {
            let record = self.record(id, request, &found, &response);
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
        let result = match found {
            Found::Page(file) => Ok(file.clone()),
            Found::PageByOther => routes::page_by_other(&request.method),
            Found::Route(route) => self.dispatch(request, route, id).await,
            Found::Nothing => Err(Problem::NoSuchRoute { path: request.path.clone() }),
        };
        result.unwrap_or_else(|problem| {
            if let Some(line) = problem.for_the_operator() {
                self.workshop.host.complain(&line);
            }
            Answer::problem(problem, id)
        })
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
        check_body(&request.body)?;
        routes::answer(&self.workshop, request, route, id).await
    }

    /// What the journal keeps of an exchange that ends now.
    fn record(&self, id: String, request: Request, found: &Found, response: &Responded) -> Record {
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
            request: self.content(text("content-type"), &request.body),
            response: self.content(response.media.map(str::to_owned), &response.body),
            model_id: response.model_id.clone(),
            client: None, // a keyed hash of the address, once there is a key to hash it with
            user_agent: text("user-agent"),
            caller_request_id: text("x-request-id"),
            trace_id: request.header("traceparent").and_then(trace_id),
            method: request.method.to_string(),
            path: request.path,
            query: request.query,
        }
    }

    /// As much of a body as the settings allow.
    fn content(&self, media: Option<String>, body: &Body) -> Content {
        let most = self.settings.journal_body_bytes.min(body.kept.len());
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

fn respond(request: &Request, answer: Answer, id: &str) -> Responded {
    let length = answer.body.len();
    // What a HEAD is answered ends with its head: HTTP servers leave the body out, but hold it against its length.
    let sent = if request.method == Method::HEAD { Bytes::new() } else { answer.body.clone() };
    let mut http = Response::new(answer.body);
    *http.status_mut() = answer.status;
    let headers = http.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    if let Some(media) = answer.media {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    }
    if let Some(methods) = answer.allow {
        insert(headers, ALLOW, &allow(methods));
    }
    if let Some(cache) = answer.cache {
        headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static(cache));
    }
    insert(headers, HeaderName::from_static("x-request-id"), id);
    headers.insert(http::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
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

fn check_body(body: &Body) -> Result<(), Problem> {
    if body.is_too_large() {
        let limit = crate::request::BODY_LIMIT_BYTES as u64;
        return Err(Problem::TooLarge { bytes: body.bytes, limit });
    }
    match &body.broken {
        Some(why) => {
            Err(Problem::NotParseable { detail: format!("the body did not arrive whole: {why}") })
        }
        None => Ok(()),
    }
}

/// A new UUIDv7.
fn request_id(unix_time_us: u64, random: [u8; 10]) -> String {
    uuid::Builder::from_unix_timestamp_millis(unix_time_us / 1000, &random).into_uuid().to_string()
}

/// A moment as RFC 3339 text in UTC with milliseconds.
fn rfc3339(unix_time_us: u64) -> String {
    let microseconds = i64::try_from(unix_time_us).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_microsecond(microseconds).unwrap_or(jiff::Timestamp::MAX);
    // Milliseconds are cut, not rounded: a row is never dated after its id.
    let cut = moment.duration_since(jiff::Timestamp::UNIX_EPOCH).as_millis();
    let cut = i64::try_from(cut).ok().and_then(|cut| jiff::Timestamp::from_millisecond(cut).ok());
    format!("{:.3}", cut.unwrap_or(moment))
}

/// The trace id of a W3C traceparent, if it is one.
fn trace_id(traceparent: &str) -> Option<String> {
    let mut parts = traceparent.split('-');
    let (version, id) = (parts.next()?, parts.next()?);
    let good = version.len() == 2
        && id.len() == 32
        && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        && id.bytes().any(|byte| byte != b'0');
    good.then(|| id.to_ascii_lowercase())
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
    fn only_a_whole_traceparent_gives_a_trace_id() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(trace_id(&format!("00-{id}-00f067aa0ba902b7-01")).as_deref(), Some(id));
        assert_eq!(trace_id("00-xyz-1-01"), None);
        assert_eq!(trace_id(&format!("00-{}-1-01", "0".repeat(32))), None);
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
