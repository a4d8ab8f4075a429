//! Measures the first answer of a server and of an instance, and what it waits for that later answers do not.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::journal;
use super::servers::Setup;
use crate::client::Client;
use crate::dataset::Dataset;
use crate::report::Table;
use crate::request::{Request, Route};
use crate::rounds::median;
use crate::server::Server;

/// An instance without work ends after a second.
const IDLE: Duration = Duration::from_millis(1_300);
/// How often a server is started, and how often it is left idle.
const STARTS: usize = 5;
const IDLES: usize = 15;

/// Medians in milliseconds.
pub(super) struct ColdStart {
    /// The first price of a new process, from when it listens.
    pub(super) server_ms: f64,
    /// The first price of an instance.
    pub(super) instance_ms: f64,
    /// Of that, the creation of the instance: how much longer `/livez` takes when it creates one.
    creation_ms: f64,
    /// A later price.
    later_ms: f64,
    /// Of callers that wait for every answer.
    pub(super) answers_and_rows: (u64, u64),
}

impl ColdStart {
    pub(super) fn measure(setup: &Setup, dataset: &Dataset) -> Result<ColdStart> {
        eprintln!("starting cold, {STARTS} servers, {IDLES} times idle");
        let prices = Route::Predict.requests(&dataset.stones);
        let live = Route::Live.requests(&dataset.stones);
        let data_dir = setup.seeded.copy(setup.folder.join("cold"))?;
        let ms = |took: Duration| 1e3 * took.as_secs_f64();
        let mut server_ms = Vec::new();
        let mut start = || -> Result<Server> {
            let server = Server::edge_host(&data_dir, &[])?;
            server_ms.push(ms(first(&server, &prices[0])?));
            Ok(server)
        };
        for _ in 1..STARTS {
            start()?;
        }
        let server = start()?;
        let (mut instance_ms, mut later_ms, mut creation_ms) = (Vec::new(), Vec::new(), Vec::new());
        let mut client = Client::connect(server.address())?;
        for _ in 0..IDLES {
            thread::sleep(IDLE);
            let cold = client.send(&live[0])?;
            let warm = median((0..5).map(|_| client.send(&live[0]).map_or(f64::NAN, ms)));
            creation_ms.push(ms(cold) - warm);
            thread::sleep(IDLE);
            instance_ms.push(ms(client.send(&prices[0])?));
            later_ms.push(median((0..5).map(|at| client.send(&prices[at]).map_or(f64::NAN, ms))));
        }
        Ok(ColdStart {
            server_ms: median(server_ms),
            instance_ms: median(instance_ms),
            creation_ms: median(creation_ms),
            later_ms: median(later_ms),
            answers_and_rows: journal::answers_and_rows(
                server.address(),
                &data_dir.database(),
                &prices,
            )?,
        })
    }

    pub(super) fn to_table(&self) -> Table {
        let model_ms = self.instance_ms - self.creation_ms - self.later_ms;
        let rows = [
            ("first price of a new server", self.server_ms),
            ("first price of an instance", self.instance_ms),
            ("of that: creating the instance", self.creation_ms),
            ("of that: opening the database, fetching and decoding the champion", model_ms),
            ("a later price", self.later_ms),
        ];
        let rows = rows.map(|(name, ms)| json!({ "name": name, "ms": ms }));
        Table::new("cold_start", &[("name", "cold start"), ("ms", "ms")], rows)
    }
}

fn first(server: &Server, price: &Request) -> Result<Duration> {
    let began = Instant::now();
    Client::connect(server.address())?.send(price)?;
    Ok(began.elapsed())
}
