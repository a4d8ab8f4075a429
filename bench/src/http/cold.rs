//! The first answer of an instance: what it waits for that later ones do not.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::contender::Site;
use super::journal;
use super::route::Route;
use crate::client::Client;
use crate::rounds::median;
use crate::server::Server;
use crate::table::Table;

/// An instance without work ends after a second.
const IDLE: Duration = Duration::from_millis(1_300);
/// How often a server is started, and how often it is left idle.
const STARTS: usize = 5;
const TIMES: usize = 15;

/// Milliseconds, medians.
pub(super) struct Cold {
    /// From `listening` to the first price: the process has just begun, too.
    pub(super) started_ms: f64,
    /// The price that an instance is made for.
    pub(super) first_ms: f64,
    /// Of that, an instance made: as much longer as `/livez` takes for its being made.
    pub(super) instance_ms: f64,
    /// The database opened and the champion fetched and decoded: the rest.
    pub(super) model_ms: f64,
    /// A price once all is there.
    pub(super) later_ms: f64,
    /// Answers heard to the last one, and rows that came.
    pub(super) exact: (u64, u64),
}

impl Cold {
    pub(super) fn take(site: &Site, table: &Table) -> Result<Cold> {
        eprintln!("starting cold, {STARTS} servers, {TIMES} times idle");
        let prices = Route::Predict.requests(&table.stones);
        let live = Route::Live.requests(&table.stones);
        let data_dir = site.seeded.copy(site.folder.join("cold"))?;
        let ms = |took: Duration| 1e3 * took.as_secs_f64();
        let mut started = Vec::new();
        for _ in 1..STARTS {
            let server = Server::edge_host(&data_dir, &[])?;
            started.push(first(&server, &prices[0])?);
        }
        let server = Server::edge_host(&data_dir, &[])?;
        started.push(first(&server, &prices[0])?);

        let (mut first_ms, mut later_ms, mut instance_ms) = (Vec::new(), Vec::new(), Vec::new());
        let mut client = Client::connect(server.address())?;
        for _ in 0..TIMES {
            thread::sleep(IDLE);
            let cold = client.ask(&live[0])?;
            let warm = median((0..5).map(|_| client.ask(&live[0]).map_or(f64::NAN, ms)));
            instance_ms.push(ms(cold) - warm);
            thread::sleep(IDLE);
            first_ms.push(ms(client.ask(&prices[0])?));
            later_ms.push(median((0..5).map(|at| client.ask(&prices[at]).map_or(f64::NAN, ms))));
        }
        let exact = journal::to_the_row(server.address(), &data_dir.database(), &prices)?;
        let [first_ms, instance_ms, later_ms] = [first_ms, instance_ms, later_ms].map(median);
        Ok(Cold {
            started_ms: median(started.into_iter().map(ms)),
            first_ms,
            instance_ms,
            model_ms: first_ms - instance_ms - later_ms,
            later_ms,
            exact,
        })
    }
}

fn first(server: &Server, price: &super::Request) -> Result<Duration> {
    let began = Instant::now();
    Client::connect(server.address())?.ask(price)?;
    Ok(began.elapsed())
}
