//! The Spin entry: the service as a component. What Spin brings is here, and nothing else.
//!
//! An instance is used for many requests, several at once, so the decoded champion and the open connection are
//! paid for once. Nothing on a request's path may panic: that would take the instance, and every request in
//! flight in it, along.

#![forbid(unsafe_code)]

use std::cell::OnceCell;
use std::rc::Rc;

use service::{App, Settings};
use spin_sdk::variables;
use spin_sdk::wasip3::exports::http::handler::Guest;
use spin_sdk::wasip3::http::types::{ErrorCode, Request, Response};

mod eager;
mod incoming;
mod machine;
mod sqlite;

use machine::Machine;
use sqlite::SpinSqlite;

struct Component;

spin_sdk::wasip3::http::service::export!(Component);

impl Guest for Component {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let app = app().await;
        let request = incoming::read(request).await;
        Ok(eager::send(app.handle(request).await).await)
    }
}

type SpinApp = App<SpinSqlite, Machine>;

thread_local! {
    /// The service of this instance.
    static APP: OnceCell<Rc<SpinApp>> = const { OnceCell::new() };
}

/// The service of this instance, made by its first request. Requests that come while it is made make one of
/// their own, of which the first one ready is kept.
async fn app() -> Rc<SpinApp> {
    if let Some(app) = APP.with(|cell| cell.get().cloned()) {
        return app;
    }
    let made = Rc::new(App::new(SpinSqlite::default(), Machine::default(), settings().await));
    made.start().await;
    APP.with(|cell| Rc::clone(cell.get_or_init(|| made)))
}

/// The settings from the variables of spin.toml. One that makes no sense is said once an instance and left at its
/// default: a service that answers is worth more than one that is right about its settings.
async fn settings() -> Settings {
    let sync = variable("journal_sync").await;
    let bodies = variable("journal_bodies").await;
    Settings::parse(&sync, &bodies).unwrap_or_else(|error| {
        eprintln!("{error}; the defaults are used");
        Settings::default()
    })
}

async fn variable(name: &str) -> String {
    variables::get(name).await.unwrap_or_default()
}
