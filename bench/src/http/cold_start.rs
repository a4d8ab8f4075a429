//! Measures the first answer of a server and of an instance, and what it waits for that later answers do not.

use std::thread;
use std::time::{Duration, Instant};

use acceptance::Connection;
use anyhow::Result;

use super::journal::{self, Journal};
use super::servers::Setup;
use crate::dataset::Dataset;
use crate::report::{Column, Table};
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
}

impl ColdStart {
    /// Measures; and has callers fill the journal of the last server.
    pub(super) fn measure(setup: &Setup, dataset: &Dataset) -> Result<(ColdStart, Journal)> {
        eprintln!("starting cold, {STARTS} servers, {IDLES} times idle");
        let prices = Route::Predict.requests(&dataset.stones);
        let live = &Route::Live.requests(&dataset.stones)[0];
        let data_dir = setup.seeded.copy(setup.folder.join("cold"))?;
        let ms = |took: Duration| 1e3 * took.as_secs_f64();
        let mut server_ms = Vec::new();
        let mut start = || -> Result<Server> {
            let server = Server::edge_host(&data_dir, &[])?;
            let began = Instant::now();
            prices[0].send(&mut Connection::open(server.address()))?;
            server_ms.push(ms(began.elapsed()));
            Ok(server)
        };
        (1..STARTS).try_for_each(|_| start().map(drop))?;
        let server = start()?;
        let (mut instance_ms, mut later_ms, mut creation_ms) = (Vec::new(), Vec::new(), Vec::new());
        let mut connection = Connection::open(server.address());
        let mut send = |request: &Request| request.send(&mut connection).map(ms);
        for _ in 0..IDLES {
            thread::sleep(IDLE);
            let cold = send(live)?;
            let warm = median((0..5).map(|_| send(live).unwrap_or(f64::NAN)));
            creation_ms.push(cold - warm);
            thread::sleep(IDLE);
            instance_ms.push(send(&prices[0])?);
            later_ms.push(median((0..5).map(|at| send(&prices[at]).unwrap_or(f64::NAN))));
        }
        let cold = ColdStart {
            server_ms: median(server_ms),
            instance_ms: median(instance_ms),
            creation_ms: median(creation_ms),
            later_ms: median(later_ms),
        };
        Ok((cold, journal::count(server.address(), &data_dir.database(), &prices)?))
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
        let columns: [Column<'_, (&str, f64)>; 2] =
            [("name", "cold start", &|row| row.0.into()), ("ms", "ms", &|row| row.1.into())];
        Table::new("cold_start", rows, &columns)
    }
}
