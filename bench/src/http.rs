//! Measures how many requests the service answers per second and how soon, compared with the usual Python service.

mod servers;
mod load;
mod journal;
mod cold_start;

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

use self::cold_start::ColdStart;
use self::journal::{Journal, Tally};
use self::load::{Load, Turn};
use self::servers::{DELAYED, EDGE_HOST, FAST_API, GROUPED, SERVERS, SINGLE, Setup};
use crate::dataset::Dataset;
use crate::programs::{DATA, DataDir, cached, empty_folder};
use crate::report::{Goal, Report, Table};
use crate::request::{Request, Route};
use crate::rounds::{self, Contender, Series};

/// The name of a server, a route, and the number of connections.
type Key = (&'static str, Route, u16);

struct Measurements(Vec<(Key, Series<Load>)>);

pub(crate) fn measure(has_spin: bool, rounds: usize, turn: Duration) -> Result<Report> {
    let dataset = Dataset::read(DATA)?;
    let folder = cached("http");
    empty_folder(&folder)?;
    let seeded = DataDir::fresh(folder.join("seeded"), DATA)?;
    let setup = Setup { folder, seeded, has_spin };
    let script = setup.folder.join("load.lua");
    fs::write(&script, load::SCRIPT)?;
    for route in Route::ALL {
        let lines: String = route.requests(&dataset.stones).iter().map(Request::to_line).collect();
        fs::write(setup.folder.join(format!("{route:?}.tsv")), lines)?;
    }
    let mut running = Vec::new();
    for server in &SERVERS {
        if let Some(started) = server.start(&setup).context(server.name)? {
            eprintln!("{} has started", server.name);
            running.push((server, started));
        }
    }
    let mut turns: Vec<(Key, Turn)> = Vec::new();
    for (server, started) in &running {
        for (route, connections) in server.turns() {
            let order = Turn {
                address: started.server.address().to_owned(),
                script: script.clone(),
                requests: setup.folder.join(format!("{route:?}.tsv")),
                connections,
                duration: turn,
            };
            turns.push(((server.name, route, connections), order));
        }
    }
    // Those that are compared take their turns one after the other.
    turns.sort_by_key(|((_, route, connections), _)| (*connections, *route));
    let contenders = turns.iter().map(|((server, route, connections), order)| {
        let name = format!("{server}, {}, {connections} connections", route.name());
        Contender::new(name, |_| order.take())
    });
    let series = rounds::run(contenders.collect(), 1, rounds)?;
    let keys = turns.into_iter().map(|(key, _)| key);
    let measurements = Measurements(keys.zip(series).collect());
    let (mut memory, mut journals) = (Vec::new(), Vec::new());
    for (server, started) in running {
        memory.push((server.name, started.server.memory()?));
        let file = started.journal.clone();
        eprintln!("stopping {}", server.name);
        // A server writes its last rows before it stops.
        drop(started);
        if let Some(file) = file {
            let (tally, rows) = (measurements.tally(server.name), journal::rows(&file)?);
            journals.push(Journal { server: server.name, tally, rows });
        }
    }
    let (cold, journal) = ColdStart::measure(&setup, &dataset)?;
    journals.push(journal);
    // The journals are hundreds of megabytes by now.
    fs::remove_dir_all(&setup.folder)?;
    let about = format!(
        "edge-host with the component, HTTP on this machine, load by wrk on the same machine; medians of {rounds} interleaved rounds of {} s a turn; ratios are of the \
         same round. Percentiles are wrk's, which count the requests that waited behind a slow answer. Every answer but those of \
         `/livez` is committed to the journal first. FastAPI is what a Python team would write: uvicorn with two workers, XGBoost, \
         SQLite with one row per request",
        turn.as_secs()
    );
    let memory = Table::new(
        "memory",
        memory,
        &[
            ("server", "memory after the load", &|(server, _)| (*server).into()),
            ("processes", "processes", &|(_, used)| used.processes.into()),
            ("resident_bytes", "resident bytes", &|(_, used)| used.resident_bytes.into()),
            ("peak_bytes", "peak bytes", &|(_, used)| used.peak_bytes.into()),
        ],
    );
    let goals = Table::of_goals("in the same rounds", measurements.goals(&cold));
    let journals = journal::to_table(journals);
    Ok(Report::new(about, [measurements.figures(), goals, memory, cold.to_table(), journals]))
}

impl Measurements {
    fn get(&self, key: Key) -> Option<&Series<Load>> {
        self.0.iter().find(|(other, _)| *other == key).map(|(_, series)| series)
    }

    /// What the journal of a server must have, the warm-up included.
    fn tally(&self, server: &str) -> Tally {
        let mut tally = Tally::default();
        for ((name, route, connections), series) in &self.0 {
            if *name == server && route.is_journaled() {
                let turns = series.warm_ups.iter().chain(&series.turns);
                turns.for_each(|load| tally.add(load, *connections));
            }
        }
        tally
    }

    fn figures(&self) -> Table {
        let ratio = |series: &Series<Load>, own: &Key, other: Key| {
            let other = self.get(other).filter(|_| *own != other);
            other.map(|other| series.ratio(other, Load::per_second))
        };
        Table::new(
            "figures",
            &self.0,
            &[
                ("server", "server", &|((server, ..), _)| (*server).into()),
                ("route", "route", &|((_, route, _), _)| route.name().into()),
                ("connections", "connections", &|((.., connections), _)| (*connections).into()),
                ("per_second", "answers per second", &|(_, of)| of.median(Load::per_second).into()),
                ("p50_ms", "p50 ms", &|(_, of)| (of.median(|load| load.p50_us) / 1e3).into()),
                ("p99_ms", "p99 ms", &|(_, series)| p99_ms(series).into()),
                ("refusals", "not 2xx", &|(_, series)| sum(series, |load| load.refusals).into()),
                ("failures", "failed", &|(_, series)| sum(series, |load| load.failures).into()),
                ("turns_without_answers", "turns without answers", &|(_, series)| {
                    sum(series, |load| u64::from(load.answers == 0)).into()
                }),
                ("of_livez", "of `/livez`", &|(key, series)| {
                    ratio(series, key, (key.0, Route::Live, key.2)).into()
                }),
                ("times_fastapi", "times FastAPI", &|(key, series)| {
                    ratio(series, key, (FAST_API, key.1, key.2)).into()
                }),
            ],
        )
    }

    fn goals(&self, cold: &ColdStart) -> Vec<Goal> {
        use Route::{Live, Predict, Similar};
        let at_16 = |(server, route)| self.get((server, route, 16));
        let ratio = |name: &str, one, other, least| {
            let (one, other) = (at_16(one)?, at_16(other)?);
            let goal = Goal::at_least(name, one.ratio(other, Load::per_second), least);
            Some(goal.only_if(is_complete(one) && is_complete(other)))
        };
        let (live, price) = ((EDGE_HOST, Live), (EDGE_HOST, Predict));
        let (grouped, single) = ((GROUPED, Predict), (SINGLE, Predict));
        let p99 = at_16(price).map(|series| {
            let goal = Goal::at_most("predict, p99 at 16 connections, ms", p99_ms(series), 10.0);
            goal.only_if(is_complete(series))
        });
        let goals = [
            ratio("predict, of `/livez` at 16 connections", price, live, 0.6),
            ratio("similar, of `/livez` at 16 connections", (EDGE_HOST, Similar), live, 0.5),
            ratio("predict, times FastAPI at 16 connections", price, (FAST_API, Predict), 3.0),
            ratio("predict, without TCP_NODELAY / with it", (DELAYED, Predict), price, 0.85),
            ratio("`/livez`, without TCP_NODELAY / with it", (DELAYED, Live), live, 0.85),
            ratio("predict over sqld, in groups / one row per request", grouped, single, 4.0),
            p99,
            Some(Goal::at_most("cold start, ms", cold.instance_ms, 10.0)),
            Some(Goal::at_most("first price of a new server, ms", cold.server_ms, 10.0)),
        ];
        goals.into_iter().flatten().collect()
    }
}

fn p99_ms(series: &Series<Load>) -> f64 {
    series.median(|load| load.p99_us) / 1e3
}

fn sum(series: &Series<Load>, figure: impl Fn(&Load) -> u64) -> u64 {
    series.turns.iter().map(figure).sum()
}

/// Whether every request was answered, and well: a server that refuses is easily faster.
fn is_complete(series: &Series<Load>) -> bool {
    sum(series, |load| load.refusals + load.failures) == 0
        && series.turns.iter().all(|load| load.answers > 0)
}
