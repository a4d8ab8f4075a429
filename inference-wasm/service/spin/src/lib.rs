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

mod request;
mod response;
mod outgoing_body;
mod storage;
mod sqlite;
mod outbound;
mod wasi_host;

use storage::Storage;
use wasi_host::WasiHost;

struct Component;

spin_sdk::wasip3::http::service::export!(Component);

impl Guest for Component {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let app = app().await;
        let request = request::read(request, app.now(), app.request_timeout()).await;
        Ok(response::send(app.handle(request).await).await)
    }
}

type SpinApp = App<Storage, WasiHost>;

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
    let settings = settings().await;
    let (reader, writer) = Storage::pair(&settings);
    let made = Rc::new(App::new(reader, writer, WasiHost::default(), settings));
    APP.with(|cell| Rc::clone(cell.get_or_init(|| made)))
}

/// The settings from the variables of spin.toml; what is wrong with them is said once an instance.
async fn settings() -> Settings {
    let mut values = Vec::new();
    for name in Settings::VARIABLES {
        values.push((name, variables::get(name).await.unwrap_or_default()));
    }
    let (settings, wrong) = Settings::parse(&values);
    wrong.iter().for_each(|sentence| eprintln!("{sentence}"));
    settings
}
