//! Handles a request: finds its route, checks access, calls the handler, renders the response, commits the record.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response};

use crate::client::Clients;
use crate::database::Database;
use crate::exchange::Exchange;
use crate::host::Host;
use crate::journal::{Destination, Journal};
use crate::model_cache::ModelCache;
use crate::negotiate::check_accept;
use crate::problem::Problem;
use crate::request::{Moment, Request};
use crate::response::{Answer, RouteResponse};
use crate::routes::{Journaled, RouteMatch, Router};
use crate::settings::Settings;
use crate::state::{Call, State};
use crate::static_files::{self, StaticFiles};
use crate::store::Store;

/// The service over a database and a host. One per component instance; requests may run in it side by side.
pub struct App<D, H: Host> {
    state: State<D, H>,
    router: Router<D, H>,
    journal: Journal<H::Notifier>,
    clients: Clients,
    settings: Settings,
}

impl<D: Database, H: Host> App<D, H> {
    /// A service that has not read anything yet.
    ///
    /// `reader` and `writer` are the same database by two connections.
    pub fn new(reader: D, writer: D, host: H, settings: Settings) -> App<D, H> {
        let router = Router::new(settings.admin_token.is_some());
        App {
            state: State {
                store: Store::new(reader, writer, settings.journal_sync),
                host,
                models: ModelCache::default(),
                static_files: StaticFiles::default(),
                journaled_patterns: router.journaled_patterns(),
            },
            router,
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
        self.state.host.now()
    }

    /// Answers a request. Its record is committed, or written to standard error, before this returns. The response to
    /// HEAD carries the body of a response to GET; an HTTP server leaves it out.
    pub async fn handle(&self, request: Request) -> Response<Bytes> {
        let id = request_id(request.received.unix_time_us, self.state.host.random());
        let head = request.check_head();
        let matched = match self.router.find(&request, &self.state) {
            // A file that is refused for the head of its request is journaled.
            RouteMatch::File(_) if head.is_err() => RouteMatch::None,
            matched => matched,
        };
        let (route, journaled) = (matched.pattern(), matched.journaled());
        let result = match head {
            Ok(()) => self.respond(&request, matched, &id).await,
            Err(problem) => Err(problem),
        };
        let response = result.unwrap_or_else(|problem| {
            if let Some(line) = problem.for_the_operator() {
                self.state.host.log_error(&line);
            }
            RouteResponse::problem(problem, &id, &request.path)
        });
        let mut response = response.into_http(&request, &id, &self.settings.cors_origins);

        let max_bytes = self.settings.journal_body_bytes;
        let response_bytes = match journaled {
            Journaled::No => return response.http,
            Journaled::Yes => max_bytes,
            Journaled::Excerpt => max_bytes.min(EXCERPT_BYTES),
        };
        let client = self.clients.hash(&request.headers, &self.state.store, &self.state.host).await;
        let finished_us = self.state.host.monotonic_us();
        let exchange = Exchange { id, request, response: &response, route, client, finished_us };
        let record = exchange.into_record(max_bytes, response_bytes);
        let destination = self.journal.keep(record, &self.state.store, &self.state.host).await;
        if destination == Destination::StandardError {
            let name = HeaderName::from_static("x-loupe-journal");
            response.http.headers_mut().insert(name, HeaderValue::from_static("stderr"));
        }
        response.http
    }

    async fn respond(&self, request: &Request, matched: RouteMatch<'_, D, H>, id: &str) -> Answer {
        match matched {
            RouteMatch::File(file) => Ok(file),
            RouteMatch::FileByOtherMethod => {
                check_method(&request.method, static_files::METHODS)?;
                Ok(RouteResponse::options(static_files::METHODS))
            }
            RouteMatch::Route(route, segment) => {
                check_method(&request.method, route.methods)?;
                if request.method == Method::OPTIONS {
                    return Ok(RouteResponse::options(route.methods));
                }
                route.access.check(request, &self.settings)?;
                request.body.check(self.settings.request_timeout)?;
                check_accept(request, route.media)?;
                (route.handler)(Call { state: &self.state, request, id, segment }).await
            }
            RouteMatch::None => Err(Problem::NoSuchRoute { path: request.path.clone() }),
        }
    }
}

/// How much of the responses that show the journal itself, or a model's blob, is recorded: the database has them anyway,
/// and whole ones would copy rows into new rows, again and again.
const EXCERPT_BYTES: usize = 2_048;

/// Checks that a route takes a method. HEAD goes with GET, and every route takes OPTIONS.
fn check_method(method: &Method, allowed: &'static [Method]) -> Result<(), Problem> {
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    if method == Method::OPTIONS || allowed.contains(wanted) {
        Ok(())
    } else {
        Err(Problem::MethodNotAllowed { method: method.clone(), allowed })
    }
}

/// A new UUIDv7.
fn request_id(unix_time_us: u64, random: [u8; 10]) -> String {
    uuid::Builder::from_unix_timestamp_millis(unix_time_us / 1000, &random).into_uuid().to_string()
}
